"""The reference has every public name in its place, and no others."""

import re
from collections.abc import Iterator
from pathlib import Path

import pynetdicom
from pynetdicom import evt
from pynetdicom.__main__ import PROGRAMS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/pynetdicom"
REFERENCE = ROOT / "docs/reference"

# Programs have a page of their own, which tells how to start them.
WITH_A_PAGE = ("__main__", "apps")
# Private in name, public by documentation.
DOCUMENTED = ("_config", "_handlers")


def modules() -> Iterator[str]:
    for path in PACKAGE.rglob("*.py"):
        first, *_ = names = path.relative_to(PACKAGE).with_suffix("").parts
        is_private = any(name.startswith("_") for name in names if name != "__init__")
        if first in DOCUMENTED or not (is_private or first in (*WITH_A_PAGE, "__init__")):
            yield ".".join(("pynetdicom", *names)).removesuffix(".__init__")


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def test_every_public_module_is_in_the_reference() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md"))

    assert sorted(re.findall(r"automodule:: (\S+)", pages)) == sorted(modules())


def test_every_name_at_the_top_is_in_the_reference() -> None:
    told = re.findall(r"^\| `(\w+)`", page("top-level"), re.MULTILINE)

    lists = [name for name in pynetdicom.__all__ if name.endswith("PresentationContexts")]
    assert sorted(told) == sorted({*pynetdicom.__all__, "Association"} - {*lists})


def test_every_event_is_in_the_reference() -> None:
    told = re.findall(r"^\| `(EVT_\w+)`", page("events"), re.MULTILINE)

    assert sorted(told) == sorted(name for name in vars(evt) if name.startswith("EVT_"))


def test_what_an_event_is_said_to_have_it_has() -> None:
    # What is behind a colon explains an attribute.
    cells = re.findall(r"^\| `EVT_\w+` \|[^|]*\|([^|:]*)", page("events"), re.MULTILINE)

    told = {name for cell in cells for name in re.findall(r"`(\w+)", cell)}
    assert told
    assert told <= {*vars(evt.Event), *evt.Event.__annotations__}


def test_the_links_of_the_readme_lead_to_files() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", readme())

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_names_programs_that_are_there() -> None:
    named = re.findall(r"`(\w+sc[up])`", readme())

    assert named
    assert [name for name in named if name not in PROGRAMS] == []
