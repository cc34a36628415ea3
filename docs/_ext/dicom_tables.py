"""The directive `{dicom-table}`: shows a file of `tools/tables`, split by one of its columns.

The same files generate the tables in the code, so code and documentation cannot differ.
"""

import csv
from collections.abc import Callable
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

TABLES = Path(__file__).resolve().parents[2] / "tools/tables"

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    """Return the rows of a table; lines that begin with # are remarks for its readers."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


class DicomTable(SphinxDirective):
    """Show `columns` of a file, as one section with a table for each value of `split`."""

    required_arguments = 1
    option_spec = {  # noqa: RUF012  # docutils declares it as a plain attribute
        "columns": directives.unchanged_required,
        "split": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        path = TABLES / self.arguments[0]
        self.env.note_dependency(str(path))
        columns, split = self.options["columns"].split(), self.options["split"]
        groups: dict[str, list[Row]] = {}
        for row in rows_of(path):
            groups.setdefault(row[split] or "Others", []).append(row)
        return [section(name, columns, rows) for name, rows in groups.items()]


def section(name: str, columns: list[str], rows: list[Row]) -> nodes.section:
    """Return a section with a table."""
    title = nodes.title("", name)
    group = nodes.tgroup("", cols=len(columns))
    group += [nodes.colspec(colwidth=1) for _ in columns]
    group += nodes.thead("", table_row([name.replace("_", " ") for name in columns], nodes.Text))
    shown = [row for row in rows if any(row[column] for column in columns)]
    group += nodes.tbody(
        "", *(table_row([row[column] for column in columns], cell_content) for row in shown)
    )
    return nodes.section("", title, nodes.table("", group), ids=[nodes.make_id(name)])


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
    return {"parallel_read_safe": True, "parallel_write_safe": True}
