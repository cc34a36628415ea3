"""References to the standard lead to where it is published."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("sphinx", reason="the documentation's tools are not installed")

EXTENSION = Path(__file__).resolve().parents[2] / "docs/_ext/dicom_standard.py"


@pytest.fixture(scope="module")
def standard() -> ModuleType:
    specification = importlib.util.spec_from_file_location("dicom_standard", EXTENSION)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "reference", "page"),
    [
        ("Release (A-RELEASE, PS3.8 7.2).", "PS3.8 7.2", "chtml/part08/sect_7.2.html"),
        ("See PS3.8 9.3.2.2.1, too", "PS3.8 9.3.2.2.1", "chtml/part08/sect_9.3.2.2.1.html"),
        ("(PS3.7 D.3.3.7)", "PS3.7 D.3.3.7", "chtml/part07/sect_D.3.3.7.html"),
        ("as in PS3.7 Table C-1.", "PS3.7 Table C-1", "html/part07.html#table_C-1"),
        ("PS3.8 Table 9-10", "PS3.8 Table 9-10", "html/part08.html#table_9-10"),
        ("PS3.4 Table C.4-1", "PS3.4 Table C.4-1", "html/part04.html#table_C.4-1"),
        ("Fragments (PS3.8 Annex E).", "PS3.8 Annex E", "chtml/part08/chapter_E.html"),
        ("UPS (PS3.4 CC)", "PS3.4 CC", "chtml/part04/chapter_CC.html"),
        ("PS3.8 9: the protocol", "PS3.8 9", "chtml/part08/chapter_9.html"),
        ("PS3.15", "PS3.15", "chtml/part15/ps3.15.html"),
        ("PS3.8 A-ABORT", "PS3.8", "chtml/part08/ps3.8.html"),
    ],
)
def test_a_reference_becomes_a_link(
    standard: ModuleType, text: str, reference: str, page: str
) -> None:
    links = [node for node in standard.linked(text) if "refuri" in getattr(node, "attributes", {})]

    assert [(link.astext(), link["refuri"]) for link in links] == [
        (reference, f"{standard.PUBLISHED}/{page}")
    ]


def test_what_is_around_a_reference_stays(standard: ModuleType) -> None:
    text = "From PS3.8 7.2 to PS3.7 Table C-1, and no further."

    assert "".join(node.astext() for node in standard.linked(text)) == text
