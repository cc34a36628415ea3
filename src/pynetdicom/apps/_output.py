"""What programs print: results to standard output, log and progress to standard error."""

import argparse
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from time import monotonic
from typing import Any, Protocol, TextIO

PACKAGE = "pynetdicom"

Tell = Callable[[str], None]

_LEVELS = {
    "critical": logging.CRITICAL,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}
_NOTHING = logging.CRITICAL + 1
# What tells of each message: a program tells of each file, and more is for debugging.
_DETAILED = ("_handlers", "services")


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the time: a progress bar takes its place for a while."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(logging.Formatter("%(levelname).1s: %(message)s"))

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # an attribute there, looked up here
        """Standard error."""
        return sys.stderr


def setup_logging(args: argparse.Namespace, app_name: str) -> logging.Logger:
    """Show the log of the package as the options want it, and return the program's own logger.

    Args:
        args: Has `quiet`, `verbose`, `debug` and `log_level`, of which one may be set.
        app_name: The program.
    """
    logger = logging.getLogger(PACKAGE)
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
    logger.addHandler(_StandardError())
    logger.setLevel(_level(args))
    for name in _DETAILED:
        detail = logging.NOTSET if logger.level <= logging.DEBUG else logging.WARNING
        logging.getLogger(f"{PACKAGE}.{name}").setLevel(detail)
    return logging.getLogger(f"{PACKAGE}.apps.{app_name}")


def _level(args: argparse.Namespace) -> int:
    if args.quiet:
        return _NOTHING
    if args.verbose:
        return logging.INFO
    if args.debug:
        return logging.DEBUG
    return _LEVELS[args.log_level or "warn"]


@contextmanager
def errors_held() -> Iterator[list[logging.LogRecord]]:
    """Collect the errors that the library logs, and do not show them: the program explains them.

    When everything is to be shown, they are.
    """
    logger = logging.getLogger(PACKAGE)
    held: list[logging.LogRecord] = []

    def is_shown(record: logging.LogRecord) -> bool:
        if record.levelno < logging.ERROR or record.name.startswith(f"{PACKAGE}.apps."):
            return True
        held.append(record)
        return logger.level <= logging.DEBUG

    handlers = list(logger.handlers)
    for handler in handlers:
        handler.addFilter(is_shown)
    try:
        yield held
    finally:
        for handler in handlers:
            handler.removeFilter(is_shown)


def make_tell(args: argparse.Namespace) -> Tell:
    """Return what prints results, to standard output unless all is to be quiet."""
    return _silent if args.quiet else _print


def _silent(line: str) -> None:
    del line


def _print(line: str) -> None:
    print(line, flush=True)


def size_text(size: float) -> str:
    """Return a number of bytes as people say it."""
    if size < 1000:
        return f"{size:.0f} bytes"
    for unit in ("KB", "MB"):
        size /= 1000
        if size < 1000:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} GB"


def count_text(number: int, what: str) -> str:
    """Return a number of things: "1 file", "2 files"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def plain(text: object) -> str:
    """Return text of a peer or a file, without what a terminal would obey or take for a line."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def shorten(text: str, width: int) -> str:
    """Return text that is at most `width` characters long."""
    return text if len(text) <= width else f"{text[: width - 3]}..."


class Bar(Protocol):
    """Shows how far the work is."""

    def advance(self, size: int) -> None:
        """One more file of so many bytes is done."""


_ENOUGH_FOR_A_BAR = 5
_SECONDS_BETWEEN_UPDATES = 0.1


@contextmanager
def progress(args: argparse.Namespace, files: int, size: int) -> Iterator[Bar]:
    """Show how far the work is, if there is a terminal and enough to do.

    Args:
        args: The options.
        files: How many files there are to send.
        size: How many bytes they have.
    """
    if args.quiet or files < _ENOUGH_FOR_A_BAR or not sys.stderr.isatty():
        yield _NoBar()
    elif find_spec("rich") is None:
        yield _Lines(files)
    else:
        with _rich_bar(files, size) as bar:
            yield bar


class _NoBar:
    def advance(self, size: int) -> None:
        del size


class _Lines:
    """A line for each tenth of the work."""

    def __init__(self, files: int) -> None:
        self._files = files
        self._done = self._tenths = 0

    def advance(self, size: int) -> None:
        del size
        self._done += 1
        tenths = self._done * 10 // self._files
        if tenths > self._tenths:
            self._tenths = tenths
            print(f"{tenths * 10:3d} % ({self._done:,} of {self._files:,})", file=sys.stderr)


class _RichBar:
    """A bar that is not redrawn more often than people can see."""

    def __init__(self, bar: Any, task: Any) -> None:
        self._bar, self._task = bar, task
        self._done = self._size = 0
        self._next = monotonic()

    def advance(self, size: int) -> None:
        self._done += 1
        self._size += size
        if monotonic() >= self._next:
            self._next = monotonic() + _SECONDS_BETWEEN_UPDATES
            self.show()

    def show(self) -> None:
        self._bar.update(self._task, completed=self._size, files=self._done)


@contextmanager
def _rich_bar(files: int, size: int) -> Iterator[_RichBar]:
    from rich import progress as rich  # noqa: PLC0415  # 0.1 s that only a bar is worth
    from rich.console import Console  # noqa: PLC0415  # the same

    columns = (
        rich.TextColumn("{task.fields[files]:,} of {task.fields[total_files]:,} files"),
        rich.BarColumn(),
        rich.DownloadColumn(),
        rich.TransferSpeedColumn(),
        rich.TimeRemainingColumn(),
    )
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        # A bar of nothing would be one that never ends.
        task = bar.add_task("", total=max(size, 1), files=0, total_files=files)
        shown = _RichBar(bar, task)
        yield shown
        shown.show()
