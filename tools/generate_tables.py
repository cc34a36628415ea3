"""Write the generated blocks of `status.py` and `sop_class.py` from `tools/tables/*.csv`.

The CSV files are the source of truth; their first line names the edition of the standard. A block
stands between `# generated: begin <table> <edition>` and `# generated: end`.

    python tools/generate_tables.py           rewrite the blocks
    python tools/generate_tables.py --check   exit with 1 and a diff if a block is out of date
"""

import argparse
import csv
import difflib
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pydicom.config import IGNORE
from pydicom.uid import UID

ROOT = Path(__file__).resolve().parent.parent
LINE_LENGTH = 100

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: the edition of the standard that it follows, and its rows."""

    edition: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Block:
    """A generated part of a module."""

    table: str
    module: str
    render: Callable[[list[Row]], Iterable[str]]


def read_table(path: Path) -> Table:
    """Read a CSV file whose first lines are comments, the first with the edition.

    Raises:
        ValueError: If no edition is named.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    edition = re.search(r"Standard: (DICOM \d{4}[a-z])", lines[0])
    if edition is None:
        raise ValueError(f"{path.name}: the first line does not name the edition of the standard")

    return Table(edition[1], list(csv.DictReader(ln for ln in lines if not ln.startswith("#"))))


def render_statuses(rows: list[Row]) -> Iterator[str]:
    """Give the lines of the status tables, the general one first."""
    for table, group in groupby(rows, key=lambda row: row["table"]):
        entries = list(group)
        yield ""
        yield f"# {', '.join(sorted({row['section'] for row in entries}))}"
        if not entries[0]["first"]:
            yield f"{table} = GENERAL_STATUS"
            continue

        yield f"{table} = StatusTable("
        yield from (f"    {_status_row(row)}," for row in entries)
        if table != "GENERAL_STATUS":
            yield "    base=GENERAL_STATUS,"
        yield ")"


def _status_row(row: Row) -> str:
    category = f"STATUS_{row['category'].upper()}"
    return f'(0x{row["first"]}, 0x{row["last"]}, {category}, "{row["meaning"]}")'


def render_sop_classes(rows: list[Row]) -> Iterator[str]:
    """Give the lines of the SOP classes, retired ones, other names, instances and storage list."""
    classes = [row for row in rows if row["service_class"] and not is_nameless(row)]
    for (service_class, section), group in groupby(
        classes, key=lambda row: (row["service_class"], row["section"])
    ):
        yield ""
        yield f"# {service_class} ({section})"
        for row in group:
            yield from _broken(f"{row['keyword']}: SOPClass = SOPClass", _arguments(row), "")

    yield from ("", "# The keywords of PS3.6 where the names above differ from them.")
    for row in rows:
        if row["also_named"]:
            yield from _other_name(row)

    yield from ("", "# Well-known SOP instances (PS3.6 Annex A).")
    for row in rows:
        if not row["service_class"]:
            yield f'{row["keyword"]}: UID = UID("{row["uid"]}")'

    yield from _render_retired(rows)
    yield from _render_storage_list(rows)


def is_nameless(row: Row) -> bool:
    """Whether a SOP class is known by its UID only: a retired storage class."""
    return row["service_class"] == "StorageServiceClass" and row["retired"] == "retired"


def _arguments(row: Row) -> str:
    operation = f', "{row["operation"]}"' if row["operation"] else ""
    return f'"{row["uid"]}", {row["service_class"]}{operation}'


def _broken(opening: str, arguments: str, closing: str, indent: str = "") -> Iterator[str]:
    # The way `ruff format` breaks a line that is too long.
    line = f"{indent}{opening}({arguments}){closing}"
    if len(line) <= LINE_LENGTH:
        yield line
    else:
        yield from (f"{indent}{opening}(", f"{indent}    {arguments}", f"{indent}){closing}")


def _other_name(row: Row) -> Iterator[str]:
    line = f"{row['also_named']}: SOPClass = {row['keyword']}"
    if len(line) <= LINE_LENGTH:
        yield line
    else:
        yield from _broken(f"{row['also_named']}: SOPClass = ", row["keyword"], "")


def _render_retired(rows: list[Row]) -> Iterator[str]:
    yield from ("", "# Retired storage classes, which old archives still send (PS3.6 Annex A).")
    yield "_RETIRED_STORAGE_CLASSES = {"
    for row in rows:
        if is_nameless(row):
            yield from _broken(f'"{row["keyword"]}": SOPClass', _arguments(row), ",", "    ")
    yield "}"


def _render_storage_list(rows: list[Row]) -> Iterator[str]:
    yield from ("", "# What StoragePresentationContexts offers, in the order of the UIDs.")
    yield "_STORAGE_PRESENTATION_UIDS = ("
    for row in sorted(rows, key=lambda row: row["uid"]):
        keyword = row["keyword"]
        if row["storage_list"]:
            lookup = f'_RETIRED_STORAGE_CLASSES["{keyword}"]'
            yield f"    {lookup if is_nameless(row) else keyword},"
    yield ")"


BLOCKS = (
    Block("statuses", "status.py", render_statuses),
    Block("sop_classes", "sop_class.py", render_sop_classes),
)


def check_rows(rows: list[Row]) -> None:
    """Refuse SOP classes with a UID that is not valid or is there twice.

    Raises:
        ValueError: With the UID in question.
    """
    seen = set()
    for row in rows:
        uid = UID(row["uid"], IGNORE)
        if not uid.is_valid or uid in seen:
            raise ValueError(f"{row['keyword']}: the UID {uid!r} is not valid or not unique")
        seen.add(uid)


def updated(source: str, block: Block, table: Table) -> str:
    """Return the source text of a module with its block written anew.

    Raises:
        ValueError: If the module has no such block, or a line is too long.
    """
    lines = [f"# generated: begin {block.table} {table.edition}", *block.render(table.rows)]
    too_long = [line for line in lines if len(line) > LINE_LENGTH]
    if too_long:
        raise ValueError(f"too long for a line: {too_long[0]}")

    old = re.compile(rf"^# generated: begin {block.table}\b.*?(?=^# generated: end$)", re.M | re.S)
    if not old.search(source):
        raise ValueError(f"{block.module} has no block {block.table}")
    return old.sub(lambda _: "\n".join(lines) + "\n", source, count=1)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write the blocks or, with `--check`, show how they differ; return the exit status."""
    parser = argparse.ArgumentParser(description="Write the tables in the package from CSV files.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if out of date")
    check = parser.parse_args(arguments).check

    differences = 0
    for block in BLOCKS:
        table = read_table(root / "tools" / "tables" / f"{block.table}.csv")
        if block.table == "sop_classes":
            check_rows(table.rows)
        path = root / "src" / "pynetdicom" / block.module
        old = path.read_text(encoding="utf-8")
        new = updated(old, block, table)
        differences += new != old
        if check:
            sys.stdout.writelines(difference(old, new, path.name))
        else:
            path.write_text(new, encoding="utf-8")
    return 1 if check and differences else 0


def difference(old: str, new: str, name: str) -> Iterator[str]:
    """Give the lines of a diff from the module to what the tables say."""
    return difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        f"{name} (out of date)",
        f"{name} (by the tables)",
    )


if __name__ == "__main__":
    sys.exit(main())
