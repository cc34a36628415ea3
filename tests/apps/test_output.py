"""What programs print: sizes, numbers, and how far they are."""

import argparse
import io
import logging
import sys

import pytest

from pynetdicom.apps import _output
from pynetdicom.apps._output import count_text, errors_held, progress, setup_logging, size_text

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


def work(files: int, options: argparse.Namespace = OPTIONS) -> None:
    with progress(options, files, files * 1000) as bar:
        for _ in range(files):
            bar.advance(1000)


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)

    work(20)

    assert "20 of 20 files" in terminal.getvalue()
    assert "20.0/20.0 kB" in terminal.getvalue()


def test_lines_of_the_log_do_not_break_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    logger = setup_logging(OPTIONS, "test")

    with progress(OPTIONS, 20, 0) as bar:
        logger.error("one failed")
        bar.advance(0)

    assert "E: one failed\n" in terminal.getvalue()


def test_without_rich_a_terminal_gets_a_line_for_each_tenth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(_output, "find_spec", lambda name: None)

    work(1200)

    lines = terminal.getvalue().splitlines()
    assert len(lines) == 10
    assert (lines[0], lines[-1]) == (" 10 % (120 of 1,200)", "100 % (1,200 of 1,200)")


def test_a_few_files_need_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)

    work(4)

    assert terminal.getvalue() == ""


def test_quiet_programs_show_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)

    work(20, argparse.Namespace(quiet=True))

    assert terminal.getvalue() == ""


def test_a_pipe_gets_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    work(20)

    assert capsys.readouterr() == ("", "")


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
