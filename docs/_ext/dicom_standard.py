"""Turns references to the standard, such as "PS3.8 9.3.2" and "PS3.7 Table C-1", into links.

Docstrings and pages name clauses in this one form and carry no addresses; this file alone knows
where the standard is published.
"""

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

PUBLISHED = "https://dicom.nema.org/medical/dicom/current/output"

REFERENCE = re.compile(
    r"""\bPS3\.(?P<part>\d{1,2})
        (?:\s+(?:
            Table\s+(?P<table>[A-Z0-9]+(?:\.\d+)*(?:-\d+)?[a-z]?)
          | Annex\s+(?P<annex>[A-Z]{1,3})\b
          | (?P<clause>(?:[A-Z]{1,3}|\d+)(?:\.\d+)+)
          | (?P<chapter>\d{1,2}|[A-Z]{1,2})(?![\w.-])
        ))?""",
    re.VERBOSE,
)


def address_of(reference: re.Match[str]) -> str:
    """Return where a referenced clause, table, annex or part is published."""
    part = f"part{int(reference['part']):02d}"
    if reference["table"]:
        # Tables have anchors, but which page of a split part has them only the page knows.
        return f"{PUBLISHED}/html/{part}.html#table_{reference['table']}"
    if reference["clause"]:
        return f"{PUBLISHED}/chtml/{part}/sect_{reference['clause']}.html"
    chapter = reference["annex"] or reference["chapter"]
    page = f"chapter_{chapter}" if chapter else "ps3." + reference["part"]
    return f"{PUBLISHED}/chtml/{part}/{page}.html"


def linked(text: str) -> Iterator[nodes.Node]:
    """Yield the text as nodes, its references as links."""
    end = 0
    for reference in REFERENCE.finditer(text):
        yield nodes.Text(text[end : reference.start()])
        address = address_of(reference)
        yield nodes.reference("", reference[0], refuri=address, internal=False)
        end = reference.end()
    yield nodes.Text(text[end:])


class LinkStandard(SphinxPostTransform):
    """Links each reference to the standard that is not inside a link or code already."""

    default_priority = 500

    def run(self, **_: object) -> None:
        """Replace the texts that contain references."""
        for text in list(self.document.findall(nodes.Text)):
            inside = (nodes.reference, nodes.literal, nodes.literal_block, nodes.raw, nodes.title)
            parent = text.parent
            while parent is not None and not isinstance(parent, inside):
                parent = parent.parent
            if parent is None and REFERENCE.search(text):
                text.parent.replace(text, list(linked(text)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_post_transform(LinkStandard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
