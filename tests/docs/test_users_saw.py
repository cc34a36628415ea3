"""The page of what users saw is made of the stories that show what happens now.

    PYTHONPATH=src:tests python tests/docs/test_users_saw.py      writes the page anew

A story of `tests/fronts/test_users_saw_*.py` is named after what users saw; its docstring begins
with the numbers of the threads, and says what happens here. What is told elsewhere is in a table.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STORIES = sorted((ROOT / "tests/fronts").glob("test_users_saw_*.py"))
PAGE = ROOT / "docs/explanation/what-users-saw.md"

BEGIN, END = "<!-- stories: begin -->\n", "<!-- stories: end -->\n"

# Threads, what users saw, what happens here, and the story that tells it.
ELSEWHERE = (
    (
        "#1092, #823",
        "A UID from the network is a path, and a file is written outside the folder",
        "`storescp` makes names of letters, digits and dots alone",
        "tests/apps/test_storescp.py::test_a_uid_is_never_a_path",
    ),
    (
        "#1092",
        "The same in the archive, where success was answered",
        "`qrscp` refuses what is no UID",
        "tests/apps/test_qrscp.py::test_a_uid_is_never_a_path",
    ),
    (
        "#978, #980, #432",
        "A folder with many classes and encodings does not fit into one request",
        "`storescu` sends it over several associations",
        "tests/apps/test_storescu.py::test_more_contexts_than_fit_go_over_several_associations",
    ),
    (
        "#1005",
        "Handlers cannot see the certificate of a client",
        "They can, by the socket of the association",
        "tests/fronts/test_tls.py::test_handlers_see_the_certificate_of_a_client",
    ),
    (
        "#329",
        "A server that has no room for another connection stops",
        "It waits, and accepts again when there is room",
        "tests/fronts/test_blocking_servers.py::test_a_server_accepts_again_when_there_is_room",
    ),
    (
        "#187, #204, #538, #721",
        "Bytes that nobody expects end a thread with an exception",
        "Any bytes in any state end in a legal state; the peer is told why",
        "tests/machine/test_any_bytes.py::test_any_bytes_in_any_state_end_in_a_legal_state",
    ),
    (
        "#771",
        "A slow handler's association is ended by its own network timeout",
        "The time that a handler takes is no silence of the peer",
        "tests/fronts/test_timeouts.py::test_the_time_of_a_handler_is_not_the_silence_of_the_peer",
    ),
)

TITLES = {
    "data": "What happened to data",
    "hangs": "What hung, leaked or ended",
    "refusals": "What was refused",
    "retrievals": "Queries, retrievals, reports",
    "slowness": "What was slow",
}

# How words are written that a function's name cannot have.
SPELLINGS = {
    "c get": "C-GET",
    "c move": "C-MOVE",
    "c find": "C-FIND",
    "dcmtk": "DCMTK",
    "dimse": "DIMSE",
    "implicit": "Implicit",
    "explicit vr": "Explicit VR",
    "ipv6": "IPv6",
    "mr slices": "MR slices",
    "peers flags": "peer's flags",
    "each others way": "each other's way",
    "originators": "originator's",
    "pdu": "PDU",
    "tls 1 3": "TLS 1.3",
    "tls": "TLS",
    "windows": "Windows",
}


@dataclass(frozen=True)
class Row:
    """A line of the page."""

    threads: str
    saw: str
    here: str
    story: str

    def __str__(self) -> str:
        return f"| {self.saw} | {self.here} | {self.threads} | `{self.story}` |"


def rows_of(path: Path) -> Iterator[Row]:
    """Yield a row for each story of a file."""
    for function in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
            threads, _, here = (ast.get_docstring(function) or "").partition(": ")
            yield Row(threads, spelt(function.name), upper_first(here).rstrip("."), function.name)


def spelt(name: str) -> str:
    """Return "A query that hangs" for "test_a_query_that_hangs"."""
    words = name.removeprefix("test_").replace("_", " ")
    for plain, proper in SPELLINGS.items():
        words = re.sub(rf"\b{plain}\b", proper, words)
    return upper_first(words)


def upper_first(text: str) -> str:
    return text[:1].upper() + " ".join(text[1:].splitlines())


def written() -> str:
    """Return the part of the page that is made of stories."""
    parts = []
    for path in STORIES:
        kind = path.stem.removeprefix("test_users_saw_")
        where = f"In `{path.relative_to(ROOT).as_posix()}`:"
        parts.append(f"## {TITLES[kind]}\n\n{where}\n\n{table(rows_of(path))}")
    parts.append(f"## Told elsewhere\n\n{table(Row(*row) for row in ELSEWHERE)}")
    return "\n\n".join(parts) + "\n"


def table(rows: Iterator[Row]) -> str:
    head = "| What users saw | Here | Threads | Story |\n| --- | --- | --- | --- |"
    return "\n".join([head, *map(str, rows)])


def updated(page: str) -> str:
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:begin]}\n{written()}\n{page[end:]}"


def test_the_page_has_the_stories_as_they_are() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert updated(page) == page, "write it anew: see the head of tests/docs/test_users_saw.py"


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_names_its_threads_and_says_what_happens(path: Path) -> None:
    rows = list(rows_of(path))

    assert rows
    assert [row.story for row in rows if not re.search(r"#\d+$", row.threads)] == []
    assert [row.story for row in rows if not row.here] == []


@pytest.mark.parametrize("row", ELSEWHERE, ids=lambda row: str(row[0]))
def test_a_story_that_is_told_elsewhere_is_there(row: tuple[str, str, str, str]) -> None:
    path, _, name = row[3].partition("::")

    assert f"\ndef {name}(" in (ROOT / path).read_text(encoding="utf-8")


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
