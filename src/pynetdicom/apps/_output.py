"""What programs print: results to standard output, log and progress to standard error."""

import argparse
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from io import TextIOWrapper
from math import inf
from time import monotonic
from typing import Any, TextIO

PACKAGE = "pynetdicom"

Tell = Callable[[str], None]

_LEVELS = {
    "critical": logging.CRITICAL,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    # As findscu of older versions called them.
    "fatal": logging.CRITICAL,
    "trace": logging.DEBUG,
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
    if isinstance(sys.stdout, TextIOWrapper):  # names may have letters that it has not
        sys.stdout.reconfigure(errors="replace")
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


_ENOUGH_FOR_A_BAR = 5
_SECONDS_BETWEEN_UPDATES = 0.1  # of a bar: people do not see more
_SECONDS_BETWEEN_LINES = 5.0


@dataclass(slots=True)
class Bar:
    """How far the work is, shown now and then.

    Attributes:
        what: What is counted, such as "file".
        total: How many there are, ``None`` as long as that is not known.
        total_size: How many bytes they have, ``None`` if that is not known.
        show: Shows it.
        interval: The seconds between two showings.
    """

    what: str
    total: int | None
    total_size: int | None
    show: Callable[["Bar"], None]
    interval: float
    done: int = 0
    size: int = 0
    began: float = 0.0
    _next: float = 0.0

    def __post_init__(self) -> None:
        self.began = monotonic()
        self._next = self.began + self.interval

    def advance(self, size: int = 0) -> None:
        """One more of so many bytes is done."""
        self.done += 1
        self.size += size
        self._show_when_due()

    def reach(self, done: int, total: int) -> None:
        """So many of so many are done, as the peer counts."""
        self.done = max(self.done, done)
        self.total = total
        self._show_when_due()

    def _show_when_due(self) -> None:
        if monotonic() >= self._next:
            self._next = monotonic() + self.interval
            self.show(self)

    @property
    def count(self) -> str:
        """How many are done."""
        if self.total is None:
            return count_text(self.done, self.what)
        return f"{self.done:,} of {count_text(self.total, self.what)}"

    @property
    def rate(self) -> str:
        """How much was done, and how fast."""
        elapsed = max(monotonic() - self.began, 1e-3)
        if not self.size:
            rate = self.done / elapsed
            return f"{rate:,.{0 if rate >= 100 else 1}f} {self.what}s/s"
        return f"{size_text(self.size)} ({size_text(self.size / elapsed)}/s)"

    @property
    def part(self) -> float | None:
        """Which part is done, from 0 to 1; ``None`` if that is not known."""
        done, total = (self.size, self.total_size) if self.total_size else (self.done, self.total)
        return min(done / total, 1.0) if total else None


@contextmanager
def progress(
    args: argparse.Namespace, total: int | None = None, size: int | None = None, what: str = "file"
) -> Iterator[Bar]:
    """Show how far the work is: by a bar on a terminal, by a line now and then elsewhere.

    Args:
        args: The options.
        total: How many there are, ``None`` if that turns out later.
        size: How many bytes they have, ``None`` if that is not known.
        what: What they are.
    """
    if args.quiet:
        yield Bar(what, total, size, lambda bar: None, inf)
    elif find_spec("rich") is None or not sys.stderr.isatty():
        yield Bar(what, total, size, _show_line, _SECONDS_BETWEEN_LINES)
    else:
        drawing = _RichBar()
        bar = Bar(what, total, size, drawing.show, _SECONDS_BETWEEN_UPDATES)
        try:
            yield bar
        finally:
            drawing.end(bar)


def _show_line(bar: Bar) -> None:
    left = ""
    if bar.part:
        elapsed = monotonic() - bar.began
        left = f", {_duration(elapsed / bar.part - elapsed)} left"
    print(f"{bar.count}, {bar.rate}{left}", file=sys.stderr)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class _RichBar:
    """A bar on a terminal, from when there is enough to do."""

    def __init__(self) -> None:
        self._drawn: Any = None
        self._task: Any = None

    def show(self, bar: Bar) -> None:
        if self._drawn is None:
            if max(bar.done, bar.total or 0) < _ENOUGH_FOR_A_BAR:
                return
            self._begin()
        # A bar of nothing would be one that never ends; one without total moves to and fro.
        self._drawn.update(
            self._task,
            completed=bar.part or 0.0,
            total=None if bar.part is None else 1.0,
            count=bar.count,
            rate=bar.rate,
            refresh=True,
        )

    def end(self, bar: Bar) -> None:
        """Show the end, and take the bar away."""
        if self._drawn is not None:
            self.show(bar)
            self._drawn.stop()

    def _begin(self) -> None:
        from rich import progress as rich  # noqa: PLC0415  # 0.1 s that only a bar is worth
        from rich.console import Console  # noqa: PLC0415  # the same

        columns = (
            rich.TextColumn("{task.fields[count]}"),
            rich.BarColumn(),
            rich.TextColumn("{task.fields[rate]}"),
            rich.TimeRemainingColumn(),
        )
        console = Console(stderr=True)
        self._drawn = rich.Progress(*columns, console=console, transient=True, auto_refresh=False)
        self._task = self._drawn.add_task("", total=None, count="", rate="")
        self._drawn.start()
