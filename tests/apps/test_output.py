"""What programs print: sizes, numbers, and how far they are."""

import argparse
import io
import logging
import sys

import pytest

from pynetdicom.apps import _output
from pynetdicom.apps._output import Bar, count_text, errors_held, progress, setup_logging, size_text

OPTIONS = argparse.Namespace(quiet=False, verbose=False, debug=False, log_level=None)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make standard error a terminal; in the test itself, for pytest changes it before each."""
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    return made


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 KB"),
        (525_312, "525.3 KB"),
        (2_300_000, "2.3 MB"),
        (5e12, "5000.0 GB"),
    ],
)
def test_sizes_are_said_as_people_say_them(size: float, text: str) -> None:
    assert size_text(size) == text


def test_one_is_not_many() -> None:
    assert (count_text(1, "file"), count_text(1200, "file")) == ("1 file", "1,200 files")


class Clock:
    """Tells the time that a test wants it to be."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(_output, "monotonic", made)
    return made


def advance(bar: Bar, clock: Clock, files: int) -> None:
    """Let a file of 1000 bytes be done each second."""
    for _ in range(files):
        clock.now += 1
        bar.advance(1000)


def work(clock: Clock, files: int, options: argparse.Namespace = OPTIONS) -> None:
    with progress(options, files, files * 1000) as bar:
        advance(bar, clock, files)


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    terminal = on_terminal(monkeypatch)

    work(clock, 20)

    assert "10 of 20 files" in terminal.getvalue()
    assert "10.0 KB (1.0 KB/s)" in terminal.getvalue()
    assert "20 of 20 files" in terminal.getvalue()


def test_lines_of_the_log_do_not_break_the_bar(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    terminal = on_terminal(monkeypatch)
    logger = setup_logging(OPTIONS, "test")

    with progress(OPTIONS, 20, 0) as bar:
        advance(bar, clock, 1)
        logger.error("one failed")
        advance(bar, clock, 1)

    assert "E: one failed\n" in terminal.getvalue()
    assert "2 of 20 files" in terminal.getvalue()


def test_a_bar_does_what_it_can_as_long_as_nobody_knows_the_total(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    terminal = on_terminal(monkeypatch)

    with progress(OPTIONS, what="object") as bar:
        advance(bar, clock, 7)
        unknown = terminal.getvalue()
        bar.reach(7, 30)
        advance(bar, clock, 1)

    assert "7 objects" in unknown
    assert "7 of " not in unknown
    assert "8 of 30 objects" in terminal.getvalue()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_without_a_bar_there_is_a_line_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    clock: Clock,
    is_terminal: bool,
) -> None:
    terminal = on_terminal(monkeypatch) if is_terminal else sys.stderr
    monkeypatch.setattr(_output, "find_spec", lambda name: None)

    work(clock, 12)

    printed = terminal.getvalue() if isinstance(terminal, Terminal) else capsys.readouterr().err
    assert printed.splitlines() == [
        "5 of 12 files, 5.0 KB (1.0 KB/s), 0:07 left",
        "10 of 12 files, 10.0 KB (1.0 KB/s), 0:02 left",
    ]


def test_a_peer_that_counts_alone_drives_the_lines(
    capsys: pytest.CaptureFixture[str], clock: Clock
) -> None:
    with progress(OPTIONS, what="object") as bar:
        clock.now += 10
        bar.reach(20, 15_020)

    assert capsys.readouterr().err == "20 of 15,020 objects, 2.0 objects/s, 2:05:00 left\n"


def test_what_is_over_in_a_moment_needs_no_progress(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    work(clock, 4)
    to_a_pipe = capsys.readouterr()
    terminal = on_terminal(monkeypatch)

    work(clock, 4)

    assert (to_a_pipe.err, terminal.getvalue()) == ("", "")


def test_quiet_programs_show_no_progress(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    terminal = on_terminal(monkeypatch)

    work(clock, 20, argparse.Namespace(quiet=True))

    assert terminal.getvalue() == ""


def test_errors_of_the_library_are_held_and_those_of_programs_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = setup_logging(OPTIONS, "test")

    with errors_held() as held:
        logging.getLogger("pynetdicom.acse").error("explained elsewhere")
        logging.getLogger("pynetdicom.acse").warning("of interest")
        own.error("the explanation")
    logging.getLogger("pynetdicom.acse").error("on its own")

    assert [record.getMessage() for record in held] == ["explained elsewhere"]
    assert capsys.readouterr().err == "W: of interest\nE: the explanation\nE: on its own\n"


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({}, ["W", "E", "C"]),
        ({"quiet": True}, []),
        ({"verbose": True}, ["I", "W", "E", "C"]),
        ({"debug": True}, ["D", "I", "W", "E", "C"]),
        ({"log_level": "critical"}, ["C"]),
        ({"log_level": "fatal"}, ["C"]),
        ({"log_level": "trace"}, ["D", "I", "W", "E", "C"]),
        ({"log_level": "error"}, ["E", "C"]),
        ({"log_level": "warn"}, ["W", "E", "C"]),
        ({"log_level": "info"}, ["I", "W", "E", "C"]),
        ({"log_level": "debug"}, ["D", "I", "W", "E", "C"]),
    ],
)
def test_options_choose_what_is_shown(
    capsys: pytest.CaptureFixture[str], options: dict[str, object], shown: list[str]
) -> None:
    logger = setup_logging(argparse.Namespace(**{**vars(OPTIONS), **options}), "test")

    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
        logger.log(level, "said")

    assert [line[0] for line in capsys.readouterr().err.splitlines()] == shown
