"""A table: in colours on a terminal where rich is installed, in plain text everywhere else."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from pynetdicom.apps._output import Tell, shorten

GOOD: Final = "yes"

_WIDEST: Final = 120  # characters of a line that is not for a terminal
_NARROWEST: Final = 8  # characters of a column
_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    heading: str
    may_be_cut: bool = False
    is_number: bool = False


def show_table(columns: Sequence[Column], lines: Sequence[Sequence[str]], tell: Tell) -> None:
    """Print a table; its last column says "yes" or what is wrong.

    Args:
        columns: What its columns are.
        lines: The cells of each line.
        tell: Prints a line.
    """
    if find_spec("rich") is not None and sys.stdout.isatty():
        _show_with_rich(columns, lines)
        return
    headings = [column.heading for column in columns]
    widths = _widths(columns, lines, _WIDEST)
    for line in [headings, *lines]:
        cells = [
            shorten(cell, width).rjust(width) if column.is_number else shorten(cell, width)
            for column, cell, width in zip(columns, line, widths, strict=True)
        ]
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        tell((" " * _GAP).join(padded).rstrip())


def _widths(columns: Sequence[Column], lines: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return the widths of the columns; those that may be cut share what the others leave."""
    cells = zip([column.heading for column in columns], *lines, strict=True)
    widths = [max(map(len, column)) for column in cells]
    cut = [number for number, column in enumerate(columns) if column.may_be_cut]
    left = room - _GAP * (len(columns) - 1) - sum(widths) + sum(widths[number] for number in cut)
    for done, number in enumerate(sorted(cut, key=lambda number: widths[number])):
        widths[number] = min(widths[number], max(left // (len(cut) - done), _NARROWEST))
        left -= widths[number]
    return widths


def _show_with_rich(columns: Sequence[Column], lines: Sequence[Sequence[str]]) -> None:
    from rich.console import Console  # noqa: PLC0415  # 0.1 s that only a table is worth
    from rich.markup import escape  # noqa: PLC0415  # the same
    from rich.table import Table  # noqa: PLC0415  # the same

    console = Console()
    table = Table(box=None, pad_edge=False)
    for column, width in zip(columns, _widths(columns, lines, console.width), strict=True):
        table.add_column(
            column.heading,
            justify="right" if column.is_number else "left",
            no_wrap=True,
            width=width,
        )
    for line in lines:
        colour = "green" if line[-1] == GOOD else "bold red"
        table.add_row(*map(escape, line[:-1]), f"[{colour}]{escape(line[-1])}")
    console.print(table)
