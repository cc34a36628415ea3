"""A table: in colours on a terminal where rich is installed, in plain text everywhere else."""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final, Literal
from unicodedata import combining, east_asian_width

from pynetdicom.apps._output import Tell

GOOD: Final = "yes"

_WIDEST: Final = 120  # characters of a line that is not for a terminal
_NARROWEST: Final = 8  # characters of a column
_GAP: Final = 2
_CUT: Final = "..."


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        heading: What stands above it.
        may_be_cut: Whether its cells are of use when they are not whole.
        is_number: Whether its cells are numbers.
        is_verdict: Whether its cells say "yes" or what is wrong.
    """

    heading: str
    may_be_cut: bool = False
    is_number: bool = False
    is_verdict: bool = False


def show_table(columns: Sequence[Column], lines: Sequence[Sequence[str]], tell: Tell) -> None:
    """Print a table.

    Args:
        columns: What its columns are.
        lines: The cells of each line.
        tell: Prints a line.
    """
    widths = _widths(columns, lines, _room())
    if find_spec("rich") is not None and sys.stdout.isatty():
        _show_with_rich(columns, lines, widths)
        return
    headings = [column.heading for column in columns]
    for line in [headings, *lines]:
        cells = (
            _padded(_cut(cell, width), width, is_right=column.is_number)
            for column, cell, width in zip(columns, line, widths, strict=True)
        )
        tell((" " * _GAP).join(cells).rstrip())


def has_room(columns: Sequence[Column], lines: Sequence[Sequence[str]]) -> bool:
    """Return whether a table is no wider than what it is shown on, with its headings whole."""
    widths = _widths(columns, lines, _room())
    are_whole = all(
        width >= len(column.heading) for width, column in zip(widths, columns, strict=True)
    )
    return are_whole and sum(widths) + _GAP * (len(widths) - 1) <= _room()


def _room() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDEST


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for each letter of East Asia."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(c) in "WF" else not combining(c) for c in text)


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    while _width(text) > width - len(_CUT):
        text = text[:-1]
    return text + _CUT


def _padded(text: str, width: int, *, is_right: bool) -> str:
    padding = " " * (width - _width(text))
    return padding + text if is_right else text + padding


def _widths(columns: Sequence[Column], lines: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return the widths of the columns; those that may be cut share what the others leave."""
    cells = zip([column.heading for column in columns], *lines, strict=True)
    widths = [max(map(_width, column)) for column in cells]
    cut = [number for number, column in enumerate(columns) if column.may_be_cut]
    left = room - _GAP * (len(columns) - 1) - sum(widths) + sum(widths[number] for number in cut)
    for done, number in enumerate(sorted(cut, key=lambda number: widths[number])):
        widths[number] = min(widths[number], max(left // (len(cut) - done), _NARROWEST))
        left -= widths[number]
    return widths


def _show_with_rich(
    columns: Sequence[Column], lines: Sequence[Sequence[str]], widths: Sequence[int]
) -> None:
    from rich.console import Console  # noqa: PLC0415  # 0.1 s that only a table is worth
    from rich.table import Table  # noqa: PLC0415  # the same
    from rich.text import Text  # noqa: PLC0415  # the same

    console = Console()
    table = Table(box=None, pad_edge=False)
    for column, width in zip(columns, widths, strict=True):
        justify: Literal["left", "right"] = "right" if column.is_number else "left"
        table.add_column(column.heading, justify=justify, no_wrap=True, width=width)
    for line in lines:
        table.add_row(
            *(
                Text(_cut(cell, width), style=_style(column, cell))
                for column, cell, width in zip(columns, line, widths, strict=True)
            )
        )
    console.print(table)


def _style(column: Column, cell: str) -> str:
    if not column.is_verdict:
        return ""
    return "green" if cell == GOOD else "bold red"
