"""Directives that show the tables of `tools/tables` and the lists of presentation contexts.

The same files generate the tables in the code, so code and documentation cannot differ.
`{dicom-table}` shows a file, split by one of its columns or only one part of it;
`{context-lists}` shows what the package offers to be proposed and accepted.
"""

import csv
from collections.abc import Callable
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import pynetdicom
from pynetdicom.sop_class import uid_to_service_class

TABLES = Path(__file__).resolve().parents[2] / "tools/tables"

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    """Return the rows of a table; lines that begin with # are remarks for its readers."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    for row in rows:
        if row.get("first"):
            last = "" if row["first"] == row["last"] else f"–0x{row['last']}"
            row["code"] = f"0x{row['first']}{last}"
    return rows


class DicomTable(SphinxDirective):
    """Show `columns` of a file, split by the values of a column.

    Each value gets a section, unless `only` names one: then its table stands alone.
    """

    required_arguments = 1
    option_spec = {  # noqa: RUF012  # docutils declares it as a plain attribute
        "columns": directives.unchanged_required,
        "split": directives.unchanged_required,
        "only": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the sections, or the one table."""
        path = TABLES / self.arguments[0]
        self.env.note_dependency(str(path))
        columns, split = self.options["columns"].split(), self.options["split"]
        groups: dict[str, list[Row]] = {}
        for row in rows_of(path):
            groups.setdefault(row[split] or "Others", []).append(row)
        only = self.options.get("only")
        if only is None:
            return [section(name, columns, rows) for name, rows in groups.items()]
        if only not in groups:
            raise self.error(f"{path.name} has no rows for {only!r}")
        return [table(columns, groups[only])]


class ContextLists(SphinxDirective):
    """Show the lists of presentation contexts: name, number of contexts, service class."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        rows = []
        for name in sorted(pynetdicom.__all__):
            if name.endswith("PresentationContexts"):
                contexts = getattr(pynetdicom, name)
                # A list is of one family; a retired class of it is known by UID alone.
                service = uid_to_service_class(contexts[0].abstract_syntax)
                purpose = service.name if service.operations else "no messages: files on media"
                rows.append({"name": name, "contexts": str(len(contexts)), "for": purpose})
        return [table(["name", "contexts", "for"], rows)]


def section(name: str, columns: list[str], rows: list[Row]) -> nodes.section:
    """Return a section with a table."""
    title = nodes.title("", name)
    return nodes.section("", title, table(columns, rows), ids=[nodes.make_id(name)])


def table(columns: list[str], rows: list[Row]) -> nodes.Node:
    """Return a table, or a sentence where there is nothing to be shown."""
    shown = [row for row in rows if any(row.get(column) for column in columns[:1])]
    if not shown:
        return nodes.paragraph("", "There are none besides the general ones.")
    group = nodes.tgroup("", cols=len(columns))
    group += [nodes.colspec(colwidth=1) for _ in columns]
    group += nodes.thead("", table_row([name.replace("_", " ") for name in columns], nodes.Text))
    cells = ([row[column] for column in columns] for row in shown)
    group += nodes.tbody("", *(table_row(row, cell_content) for row in cells))
    return nodes.table("", group)


def table_row(cells: list[str], content: Callable[[str], nodes.Node]) -> nodes.row:
    """Return a row of a table."""
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", content(c))) for c in cells))


def cell_content(cell: str) -> nodes.Node:
    """Return words as text, names and numbers as code."""
    is_code = bool(cell) and " " not in cell
    return nodes.literal(cell, cell) if is_code else nodes.Text(cell)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_directive("dicom-table", DicomTable)
    app.add_directive("context-lists", ContextLists)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
