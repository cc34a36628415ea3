"""What holds for every test: it leaves nothing behind, and says which peers it needs.

A test fails when a thread, an open file, a socket or an asyncio task outlives it. Exceptions in
threads and destructors fail it too: pytest turns them into warnings, and warnings are errors here.
"""

import asyncio
import gc
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What is on its way out when a test ends gets this long to go; nothing waits for it in vain.
PATIENCE = 5.0
SLOW = 0.25
OPEN_FILES = Path("/proc/self/fd")

# peer: a program or file that shows it is here, and how to get it.
PEERS = {
    "dcmtk": ("dcmdump", "apt-get install dcmtk"),
    "orthanc": ("Orthanc", "apt-get install orthanc"),
    "openssl": ("openssl", "apt-get install openssl"),
    "pynetdicom-3.0.4": (".peers/pynetdicom-3.0.4/installed.txt", "python3 dev.py setup"),
    "pynetdicom-1.1.0": (".peers/pynetdicom-1.1.0/installed.txt", "python3 dev.py setup"),
    "pynetdicom2-0.9.7": (".peers/pynetdicom2-0.9.7/installed.txt", "python3 dev.py setup"),
    "dcmjs-dimse": (".peers/dcmjs/installed.txt", "apt-get install npm, python3 dev.py setup"),
}


@pytest.fixture(autouse=True)
def nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail the test that leaves a thread, an asyncio task, a file or a socket open."""
    threads, files = set(threading.enumerate()), _open_files()
    tasks = _record_tasks_left_by_loops(monkeypatch)
    yield
    assert _alive_after_joining(set(threading.enumerate()) - threads) == []
    assert tasks == []
    assert _left_open(files) == []


def _alive_after_joining(threads: set[threading.Thread]) -> list[str]:
    deadline = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread.name for thread in threads if thread.is_alive()]


def _record_tasks_left_by_loops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that fills when a loop is closed: `asyncio.run` cancels them without a word."""
    left: list[str] = []
    close = asyncio.Runner.close

    def close_and_tell(runner: asyncio.Runner) -> None:
        left.extend(_unfinished_tasks(runner.get_loop()))
        close(runner)

    monkeypatch.setattr(asyncio.Runner, "close", close_and_tell)
    return left


def _unfinished_tasks(loop: asyncio.AbstractEventLoop) -> list[str]:
    tasks = asyncio.all_tasks(loop)
    if not tasks:
        return []
    _, pending = loop.run_until_complete(asyncio.wait(tasks, timeout=PATIENCE))
    return [repr(task) for task in pending]


def _open_files() -> dict[str, str]:
    """Return what each descriptor stands for, where the system tells (Linux)."""
    if not OPEN_FILES.exists():
        gc.collect()  # elsewhere a lost file or socket shows as a ResourceWarning when collected
        return {}
    links = {name: OPEN_FILES / name for name in os.listdir(OPEN_FILES)}
    # The descriptor that listed the folder is gone by now.
    return {name: os.readlink(link) for name, link in links.items() if link.is_symlink()}


def _left_open(before: dict[str, str]) -> list[str]:
    if _open_files().items() <= before.items():
        return []
    gc.collect()  # a cycle may hold what nobody uses; its ResourceWarning tells where it was opened
    return sorted(target for name, target in _open_files().items() - before.items())


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that names a peer which is not installed: `@pytest.mark.interop("dcmtk")`."""
    for mark in item.iter_markers("interop"):
        for peer in mark.args:
            if not _is_here(PEERS[peer][0]):
                pytest.skip(f"peer missing: {peer}")


def _is_here(name: str) -> bool:
    on_path = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    return bool(on_path) or (ROOT / name).exists()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run in which no test passed has shown nothing, so it is no success."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None or session.config.option.collectonly:
        return
    if exitstatus == pytest.ExitCode.OK and not terminal.stats.get("passed"):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report the peers that were missing, and the slow tests that do not say they are."""
    _report_interop(terminalreporter)
    _report_slow(terminalreporter)


def _report_interop(terminal: pytest.TerminalReporter) -> None:
    skipped = [
        report
        for report in terminal.stats.get("skipped", ())
        if "interop" in getattr(report, "keywords", ())  # a module that was not collected has none
    ]
    ran = [report for report in _called(terminal) if "interop" in report.keywords]
    if not (ran or skipped):
        return
    reasons = (str(report.longrepr[2]) for report in skipped)
    peers = Counter(reason.partition("peer missing: ")[2].partition(" (")[0] for reason in reasons)
    missing = f" (peer missing: {', '.join(sorted(filter(None, peers)))})" if skipped else ""
    terminal.section("interoperability")
    terminal.line(f"interop: {len(ran)} ran, {len(skipped)} skipped{missing}")
    for peer, (_, how_to_get) in PEERS.items():
        if peer in {name.lower().replace(" ", "-") for name in peers}:
            terminal.line(f"  {peer}: {how_to_get}")


def _report_slow(terminal: pytest.TerminalReporter) -> None:
    reports = [report for report in _called(terminal) if "slow" not in report.keywords]
    slow = sorted((report for report in reports if report.duration > SLOW), key=_duration)
    if slow:
        terminal.section(f"not marked slow, but over {SLOW} s")
    for report in reversed(slow[-10:]):
        terminal.line(f"{report.duration:6.2f} s  {report.nodeid}")


def _called(terminal: pytest.TerminalReporter) -> list[pytest.TestReport]:
    outcomes = [report for name in ("passed", "failed") for report in terminal.stats.get(name, ())]
    return [report for report in outcomes if report.when == "call"]


def _duration(report: pytest.TestReport) -> float:
    return report.duration
