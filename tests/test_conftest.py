"""The rules of `conftest.py` are rules only if breaking them fails: here each one is broken."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parent / "conftest.py"
CONFIGURATION = "[pytest]\nfilterwarnings = error\nmarkers =\n    interop\n    slow\n"

STORIES = """
import asyncio, os, socket, threading
import pytest

never = threading.Event()

def test_thread_left():
    threading.Thread(target=never.wait, name="left over", daemon=True).start()

def test_thread_that_ends_in_time():
    threading.Thread(target=never.wait, args=(0.01,)).start()

def test_exception_in_thread():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()

kept = []
def test_socket_left_open():
    kept.append(socket.socket())

def test_socket_forgotten():
    socket.socket()

def test_task_left():
    async def main():
        kept.append(asyncio.create_task(asyncio.Event().wait()))
    asyncio.run(main())

def test_task_that_ends_in_time():
    async def main():
        kept.append(asyncio.create_task(asyncio.sleep(0)))
    asyncio.run(main())

def test_warning():
    import warnings
    warnings.warn("careful")

@pytest.mark.interop("nobody")
def test_peer_missing():
    raise AssertionError

@pytest.mark.interop("python")
def test_peer_present():
    assert kept
"""


def run_pytest(folder: Path, stories: str) -> subprocess.CompletedProcess[str]:
    """Run made-up tests under the project's conftest, with little patience and two peers."""
    peers = f'PEERS = {{"nobody": ("no-such-program", ""), "python": ({sys.executable!r}, "")}}'
    conftest = CONFTEST.read_text().replace("PATIENCE = 5.0", "PATIENCE = 0.2")
    conftest = re.sub(r"^PEERS = \{.*?^\}", peers.replace("\\", r"\\"), conftest, flags=re.M | re.S)
    (folder / "conftest.py").write_text(conftest)
    (folder / "pytest.ini").write_text(CONFIGURATION)
    (folder / "test_stories.py").write_text(stories)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    return run_pytest(tmp_path_factory.mktemp("stories"), STORIES).stdout


@pytest.mark.parametrize(
    "story", ["thread_left", "socket_left_open", "task_left", "exception_in_thread", "warning"]
)
def test_a_test_that_leaves_something_behind_does_not_pass(report: str, story: str) -> None:
    assert re.search(rf"^(FAILED|ERROR) .*test_{story}\b", report, re.M)


def test_a_socket_that_is_forgotten_fails_through_its_warning(report: str) -> None:
    assert re.search(r"^(FAILED|ERROR) .*test_socket_forgotten", report, re.M)


@pytest.mark.parametrize("story", ["thread_that_ends_in_time", "task_that_ends_in_time"])
def test_what_ends_in_time_is_waited_for(report: str, story: str) -> None:
    assert re.search(rf"^PASSED .*test_{story}$", report, re.M)
    assert not re.search(rf"^ERROR .*test_{story}\b", report, re.M)


def test_the_summary_names_missing_peers(report: str) -> None:
    assert "interop: 1 ran, 1 skipped (peer missing: nobody)" in report


def test_a_run_in_which_every_test_is_skipped_is_no_success(tmp_path: Path) -> None:
    finished = run_pytest(tmp_path, "import pytest\ndef test_nothing(): pytest.skip('why not')\n")

    assert finished.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
