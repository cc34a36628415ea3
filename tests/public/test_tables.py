"""The tables: the CSV files, the generated blocks and the dictionary of pydicom agree."""

import importlib.util
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.uid import UID

from pynetdicom import sop_class, status
from pynetdicom.status import StatusTable, code_to_category

ROOT = Path(__file__).resolve().parents[2]

# Newer than the dictionary of pydicom 3.0.
NEWER_THAN_PYDICOM = {
    "1.2.840.10008.5.1.4.1.1.9.100.1",
    "1.2.840.10008.5.1.4.1.1.9.100.2",
    "1.2.840.10008.5.1.4.1.1.66.7",
    "1.2.840.10008.5.1.4.1.1.66.8",
}
# Real-time video (PS3.22) travels by RTP, not by an association.
REAL_TIME = "1.2.840.10008.10."


def load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "generate_tables", ROOT / "tools" / "generate_tables.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generator = load_generator()
SOP_CLASSES = generator.read_table(ROOT / "tools" / "tables" / "sop_classes.csv").rows
STATUSES = generator.read_table(ROOT / "tools" / "tables" / "statuses.csv").rows
IN_PYDICOM = [row for row in SOP_CLASSES if row["uid"] in UID_dictionary]
TABLES = [name for name, value in vars(status).items() if isinstance(value, StatusTable)]


# The CSV files against the dictionary of pydicom


@pytest.mark.parametrize("row", IN_PYDICOM, ids=lambda row: row["keyword"])
def test_a_row_says_what_the_dictionary_of_pydicom_says(row: dict[str, str]) -> None:
    _, kind, _, retired, keyword = UID_dictionary[row["uid"]]

    assert (row["also_named"] or row["keyword"]) == keyword
    assert bool(row["retired"]) == bool(retired)
    assert bool(row["service_class"]) == (kind in ("SOP Class", "Meta SOP Class"))


def test_only_uids_newer_than_the_dictionary_are_missing_there() -> None:
    missing = {row["uid"] for row in SOP_CLASSES} - set(UID_dictionary)

    assert missing <= NEWER_THAN_PYDICOM


def test_every_live_sop_class_and_instance_of_the_standard_is_in_the_table() -> None:
    live = {
        uid
        for uid, (_, kind, other_standard, retired, _) in UID_dictionary.items()
        if kind in ("SOP Class", "Meta SOP Class", "Well-known SOP Instance")
        and not (other_standard or retired or uid.startswith(REAL_TIME))
    }

    assert live <= {row["uid"] for row in SOP_CLASSES}


# The generated blocks against the CSV files


@pytest.mark.parametrize("row", SOP_CLASSES, ids=lambda row: row["keyword"])
def test_a_row_became_what_the_module_knows(row: dict[str, str]) -> None:
    known = sop_class.uid_to_sop_class(row["uid"])
    named = getattr(sop_class, row["keyword"], known)

    assert named == row["uid"]
    assert known.service_class.__name__ == (row["service_class"] or "ServiceClass")
    assert row["operation"] in ("", *known.operations)
    assert hasattr(sop_class, row["keyword"]) != generator.is_nameless(row)


def test_the_blocks_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    result = generator.main(["--check"])

    assert capsys.readouterr().out == ""
    assert result == 0


@pytest.mark.parametrize("row", STATUSES, ids=lambda row: f"{row['table']}-{row['first']}")
def test_a_status_row_has_the_category_of_its_codes(row: dict[str, str]) -> None:
    first = int(row["first"] or "0", 16)
    last = int(row["last"] or "0", 16)

    categories = {code_to_category(first), code_to_category(last)}

    assert first <= last
    assert categories == {row["category"] or "Success"}


@pytest.mark.parametrize("name", TABLES)
def test_the_ranges_of_a_table_do_not_overlap(name: str) -> None:
    ranges = [row for row in getattr(status, name).rows if row[0] != row[1]]

    assert all(before[1] < after[0] for before, after in pairwise(ranges))


# The generator


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the generator reads and writes."""
    modules = tmp_path / "src" / "pynetdicom"
    modules.mkdir(parents=True)
    shutil.copytree(ROOT / "tools" / "tables", tmp_path / "tools" / "tables")
    shutil.copy(ROOT / "src" / "pynetdicom" / "status.py", modules)
    shutil.copy(ROOT / "src" / "pynetdicom" / "sop_class.py", modules)
    return tmp_path


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_a_changed_row_shows_as_a_difference(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statuses = project / "tools" / "tables" / "statuses.csv"
    edit(statuses, lambda text: text.replace("Processing failure,", "It did not work,"))

    result = generator.main(["--check"], root=project)

    shown = capsys.readouterr().out
    assert result == 1
    assert '-    (0x0110, 0x0110, STATUS_FAILURE, "Processing failure"),' in shown
    assert '+    (0x0110, 0x0110, STATUS_FAILURE, "It did not work"),' in shown


def test_checking_writes_nothing(project: Path) -> None:
    module = project / "src" / "pynetdicom" / "sop_class.py"
    edit(module, lambda text: text.replace("VOILUTBox = ", "VOIBox = "))
    before = module.read_text(encoding="utf-8")

    generator.main(["--check"], root=project)

    assert module.read_text(encoding="utf-8") == before


def test_generating_brings_a_module_up_to_date(project: Path) -> None:
    module = project / "src" / "pynetdicom" / "sop_class.py"
    right = module.read_text(encoding="utf-8")
    edit(module, lambda text: text.replace("VOILUTBox = ", "VOIBox = "))

    result = generator.main([], root=project)

    assert result == 0
    assert module.read_text(encoding="utf-8") == right


def test_a_new_edition_shows_in_the_marker(project: Path) -> None:
    statuses = project / "tools" / "tables" / "statuses.csv"
    edit(statuses, lambda text: text.replace("DICOM 2025b", "DICOM 2031a"))

    generator.main([], root=project)

    module = project / "src" / "pynetdicom" / "status.py"
    assert "# generated: begin statuses DICOM 2031a\n" in module.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        ("statuses.csv", "Standard: DICOM 2025b", "Standard", "does not name the edition"),
        ("statuses.csv", "Processing failure,", f"{'failure ' * 9},", "too long"),
        ("sop_classes.csv", "1.2.840.10008.1.1,", "1.2.840.10008.01,", "not valid"),
        ("sop_classes.csv", "1.2.840.10008.1.1,", "1.2.840.10008.5.1.1.1,", "not unique"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(
    project: Path, name: str, old: str, new: str, complaint: str
) -> None:
    edit(project / "tools" / "tables" / name, lambda text: text.replace(old, new))

    with pytest.raises(ValueError, match=complaint):
        generator.main([], root=project)


def test_a_module_without_its_block_is_refused(project: Path) -> None:
    module = project / "src" / "pynetdicom" / "status.py"
    edit(module, lambda text: text.replace("# generated: end", ""))

    with pytest.raises(ValueError, match="has no block statuses"):
        generator.main([], root=project)


def test_every_uid_of_the_table_is_valid() -> None:
    invalid = [row["uid"] for row in SOP_CLASSES if not UID(row["uid"]).is_valid]

    assert invalid == []
