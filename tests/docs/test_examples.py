"""The programs shown in README and documentation run, and print what the page says.

A page marks its code with remarks that readers do not see, each right above a fenced block:
`<!-- program: client.py -->` is run to its end, `<!-- program: server.py, listens -->` is kept
running until the page ends or starts another one; `, old` behind that allows warnings.
`<!-- prints: client.py -->` is the output.
`<!-- console: openssl -->` runs commands that need a program; without it, the page is skipped.
"""

import ast
import contextlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
DEADLINE = 60.0
# The ports that pages use; each run takes free ones instead.
PORTS = ("11112", "11113")

MARK = re.compile(
    r"^<!-- (?P<kind>program|prints|console): (?P<name>[\w.]+)"
    r"(?P<listens>, listens)?(?P<old>, old)? -->\n"
    r"```\w+\n(?P<block>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass
class Stage:
    """The folder and the ports in which the programs of one page meet."""

    folder: Path
    ports: dict[str, int]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def play(self, page: str) -> None:
        """Run the marked programs of a page in order, and compare what they print."""
        for mark in MARK.finditer(page):
            block = re.sub("|".join(PORTS), lambda port: str(self.ports[port[0]]), mark["block"])
            if mark["kind"] == "prints":
                assert self.output_of(mark["name"]) == block
            elif mark["kind"] == "console":
                self.enter(mark["name"], block)
            elif mark["listens"]:
                self.serve(mark["name"], block, "default" if mark["old"] else "error")
            else:
                self.run(mark["name"], block, "default" if mark["old"] else "error")

    def enter(self, tool: str, commands: str) -> None:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
        for command in commands.replace("\\\n", " ").splitlines():
            words = shlex.split(command.removeprefix("$ "))
            subprocess.run(
                words, cwd=self.folder, check=True, capture_output=True, timeout=DEADLINE
            )

    def run(self, name: str, code: str, warnings: str) -> None:
        status = self.start(name, code, warnings).wait(DEADLINE)
        assert status == 0, self.output_of(name)

    def serve(self, name: str, code: str, warnings: str) -> None:
        self.end_all()
        server = self.start(name, code, warnings)
        deadline = time.monotonic() + DEADLINE
        while not answers(self.ports[PORTS[0]]):
            # Waits for its end, which would be a failure, and looks again before long.
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(0.02)
                pytest.fail(self.output_of(name))
            assert time.monotonic() < deadline, f"{name} does not listen"

    def start(self, name: str, code: str, warnings: str) -> subprocess.Popen[bytes]:
        program = self.folder / name
        program.write_text(code, encoding="utf-8")
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": warnings,
        }
        with program.with_suffix(".out").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, name],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.running.append(process)
        return process

    def output_of(self, name: str) -> str:
        return (self.folder / name).with_suffix(".out").read_text(encoding="utf-8")

    def end_all(self) -> None:
        while self.running:
            process = self.running.pop()
            process.kill()
            process.wait(DEADLINE)


def answers(port: int) -> bool:
    with contextlib.suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=DEADLINE).close()
        return True
    return False


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, {port: free_port() for port in PORTS})
    yield stage
    stage.end_all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if MARK.search(page.read_text(encoding="utf-8"))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_the_programs_of_a_page_run_and_print_what_it_says(stage: Stage, page: Path) -> None:
    stage.play(page.read_text(encoding="utf-8"))


def page_with(code: str, printed: str) -> str:
    return (
        f"<!-- program: told.py -->\n```python\n{code}\n```\n\n"
        f"<!-- prints: told.py -->\n```text\n{printed}\n```\n"
    )


@pytest.mark.slow
def test_a_page_that_tells_the_truth_passes(stage: Stage) -> None:
    stage.play(page_with("print(1 + 1)", "2"))


@pytest.mark.slow
@pytest.mark.parametrize(("code", "printed"), [("print(1 + 1)", "3"), ("1 / 0", "")])
def test_a_page_that_does_not_tell_the_truth_fails(stage: Stage, code: str, printed: str) -> None:
    with pytest.raises(AssertionError):
        stage.play(page_with(code, printed))


@pytest.mark.slow
def test_a_server_that_ends_early_fails_its_page(stage: Stage) -> None:
    page = "<!-- program: server.py, listens -->\n```python\nprint('gone')\n```\n"

    with pytest.raises(pytest.fail.Exception, match="gone"):
        stage.play(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_mark_of_a_page_is_understood(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    marks = re.findall(r"^<!-- (?:program|prints|console)\b", text, re.MULTILINE)
    assert len(MARK.findall(text)) == len(marks)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_imports_is_there(page: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)

    nodes = [node for block in blocks for node in ast.walk(ast.parse(block))]
    imported = [
        (node.module, alias.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pynetdicom")
        for alias in node.names
    ]
    assert [pair for pair in imported if not is_there(*pair)] == []


def is_there(module: str, name: str) -> bool:
    return hasattr(import_module(module), name) or find_spec(f"{module}.{name}") is not None
