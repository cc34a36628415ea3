"""The archive that comes with the library, with the programs of other projects (PS3.4 B and C)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from interop import dcmjs, dcmtk_archives, orthanc_archive, peer_scripts, pynetdicom3, studies
from interop.conversations import Dialogue, Heard, data
from interop.front import LOOPBACK, SUCCESS
from interop.orthanc_archive import OrthancArchive
from interop.processes import Command, program, run, running
from interop.studies import PENDING, ROOT, WHOLE_STUDY, counters, query
from ports import free_port
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

pytestmark = [pytest.mark.interop, pytest.mark.slow]

TITLE = "QRSCP"
EXPECTED = studies.selected(WHOLE_STUDY)
STUDIES = query("STUDY", PatientName="viv*", StudyInstanceUID="", StudyDate="", AccessionNumber="")
NOT_UNDERSTOOD = 0xA900
SOME_FAILED = 0xB000
MOVE_FAILED = 69

ROLES = [(uid, True, True) for uid in studies.STORAGE_CLASSES]
CONTEXTS = [
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    *studies.STORAGE_CLASSES,
]
SERIES = query(
    "SERIES", StudyInstanceUID=f"{ROOT}.1", SeriesInstanceUID="", Modality="", SeriesNumber=""
)
IMAGES = query(
    "IMAGE",
    StudyInstanceUID=f"{ROOT}.1",
    SeriesInstanceUID=f"{ROOT}.1.1",
    SOPInstanceUID="",
    InstanceNumber="",
)


@dataclass(frozen=True, slots=True)
class OurArchive:
    """A running archive: where it listens, and where its objects are."""

    port: int
    objects: Path


@contextmanager
def qrscp(folder: Path, **destinations: int) -> Iterator[OurArchive]:
    """Run an archive that may move objects to these ports, by AE title, while the block lasts."""
    ours, configuration = OurArchive(free_port(), folder / "objects"), folder / "archive.ini"
    sections = [
        f"[{title}]\naddress = {LOOPBACK}\nport = {port}\n" for title, port in destinations.items()
    ]
    configuration.write_text("\n".join(sections))
    command: Command = [sys.executable, "-m", "pynetdicom", "qrscp", "-c", configuration]
    places: Command = ["--instance-location", ours.objects, "--database-location", folder / "index"]
    address: Command = ["-ba", LOOPBACK, "--port", str(ours.port)]
    with running([*command, *places, *address], ours.port, folder / "log"):
        yield ours


def fill(archive: OurArchive, folder: Path) -> None:
    """Have DCMTK's storescu store the studies."""
    sources = folder / "sources"
    sources.mkdir()
    run([program("storescu", "DCMTK"), LOOPBACK, str(archive.port), *studies.files(sources)])


@pytest.fixture(scope="module")
def receiver_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def archive(
    tmp_path_factory: pytest.TempPathFactory, receiver_port: int, orthanc: OrthancArchive
) -> Iterator[OurArchive]:
    """An archive with the studies; MOVESCU and Orthanc are destinations."""
    folder = tmp_path_factory.mktemp("qrscp")
    known = {"MOVESCU": receiver_port, orthanc_archive.TITLE: orthanc.port}
    with qrscp(folder, **known) as running_archive:
        fill(running_archive, folder)
        yield running_archive


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancArchive]:
    with orthanc_archive.orthanc_archive(tmp_path_factory.mktemp("orthanc")) as peer:
        yield peer
        peer.forget()


PATIENTS = query("PATIENT", PatientID="A?-*", PatientName="")
PATIENT_ROOT_STUDIES = query("STUDY", PatientID="AV-1", StudyInstanceUID="", StudyDate="")


@pytest.mark.parametrize(
    ("model", "identifier", "expected"),
    [
        pytest.param("--study", STUDIES, query("STUDY", PatientID="AV-1"), id="names"),
        pytest.param("--study", SERIES, SERIES, id="series"),
        pytest.param("--study", IMAGES, IMAGES, id="images"),
        pytest.param("--patient", PATIENTS, PATIENTS, id="patients"),
        pytest.param("--patient", PATIENT_ROOT_STUDIES, PATIENT_ROOT_STUDIES, id="of a patient"),
        pytest.param("--psonly", PATIENTS, PATIENTS, id="patients in the retired model"),
        pytest.param(
            "--study",
            query("STUDY", StudyDate="20250102-20250103", StudyInstanceUID=""),
            query("STUDY", StudyDate=["20250102", "20250103"]),
            id="a range",
        ),
    ],
)
def test_findscu_finds(
    archive: OurArchive, model: str, identifier: Dataset, expected: Dataset, tmp_path: Path
) -> None:
    keys = dcmtk_archives.keys(identifier)

    found, output = dcmtk_archives.findscu(archive.port, tmp_path, model, *keys)

    wanted = [studies.answer(identifier, match) for match in studies.matches(expected)]
    asked = [element.keyword for element in identifier if element.keyword != "SeriesNumber"]
    assert described(found, asked) == described(wanted, asked)
    assert all(match.RetrieveAETitle == TITLE for match in found)
    assert "Received Final Find Response (Success)" in output


def described(found: list[Dataset], keywords: list[str]) -> list[list[str]]:
    return sorted([str(match[keyword].value).strip() for keyword in keywords] for match in found)


def test_findscu_is_told_what_is_counted(archive: OurArchive, tmp_path: Path) -> None:
    identifier = query(
        "STUDY",
        StudyInstanceUID=f"{ROOT}.1",
        ModalitiesInStudy="",
        NumberOfStudyRelatedSeries="",
        NumberOfStudyRelatedInstances="",
    )

    keys = dcmtk_archives.keys(identifier)
    (match,), _ = dcmtk_archives.findscu(archive.port, tmp_path, "--study", *keys)

    assert list(match.ModalitiesInStudy) == ["CT", "MR"]
    assert (match.NumberOfStudyRelatedSeries, match.NumberOfStudyRelatedInstances) == (2, 3)


def test_findscu_finds_a_list_of_studies(archive: OurArchive, tmp_path: Path) -> None:
    keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={ROOT}.1\\{ROOT}.3"]

    found, _ = dcmtk_archives.findscu(archive.port, tmp_path, "--study", *keys)

    assert sorted(match.StudyInstanceUID for match in found) == [f"{ROOT}.1", f"{ROOT}.3"]


def test_findscu_is_told_what_is_missing(archive: OurArchive, tmp_path: Path) -> None:
    keys = ["-d", *dcmtk_archives.keys(query("SERIES", Modality="CT"))]

    found, output = dcmtk_archives.findscu(archive.port, tmp_path, "--study", *keys)

    assert found == []
    assert "StudyInstanceUID is missing" in output


@pytest.mark.parametrize(
    ("model", "identifier"),
    [
        ("--patient", query("PATIENT", PatientID="AV-1")),
        ("--study", WHOLE_STUDY),
        (
            "--study",
            query("SERIES", StudyInstanceUID=f"{ROOT}.1", SeriesInstanceUID=f"{ROOT}.1.2"),
        ),
        (
            "--study",
            query(
                "IMAGE",
                StudyInstanceUID=f"{ROOT}.1",
                SeriesInstanceUID=f"{ROOT}.1.1",
                SOPInstanceUID=f"{ROOT}.1.1.2",
            ),
        ),
        ("--study", query("STUDY", StudyInstanceUID="1.2.3")),
    ],
)
def test_getscu_gets(archive: OurArchive, model: str, identifier: Dataset, tmp_path: Path) -> None:
    keys = dcmtk_archives.keys(identifier)

    got, output = dcmtk_archives.getscu(archive.port, tmp_path, model, *keys)

    expected = studies.selected(identifier)
    assert studies.in_order(got) == studies.in_order(expected)
    assert dcmtk_archives.final_counters(output) == {
        "Remaining": "none",
        "Completed": str(len(expected)),
        "Failed": "0",
        "Warning": "0",
    }
    assert "0x0000: Success" in output


def test_movescu_has_a_study_moved_to_itself(
    archive: OurArchive, receiver_port: int, tmp_path: Path
) -> None:
    keys = dcmtk_archives.keys(WHOLE_STUDY)

    got, output = dcmtk_archives.movescu(archive.port, tmp_path, receiver_port, "--study", *keys)

    assert studies.in_order(got) == EXPECTED
    assert dcmtk_archives.final_counters(output)["Completed"] == "3"


def test_movescu_is_told_that_the_destination_is_not_configured(
    archive: OurArchive, tmp_path: Path
) -> None:
    options = ["--study", "--move", "NOBODY", *dcmtk_archives.keys(WHOLE_STUDY)]

    got, output = dcmtk_archives.movescu(
        archive.port, tmp_path, free_port(), *options, expected=MOVE_FAILED
    )

    assert got == []
    assert "0xa801: Refused: Move Destination unknown" in output


def test_getscu_is_told_which_file_is_missing(tmp_path: Path) -> None:
    (tmp_path / "got").mkdir()
    keys = dcmtk_archives.keys(WHOLE_STUDY)

    with qrscp(tmp_path) as archive:
        fill(archive, tmp_path)
        next(archive.objects.glob(f"CT.{ROOT}.1.1.1.*")).unlink()
        got, output = dcmtk_archives.getscu(archive.port, tmp_path / "got", "--study", *keys)

    assert studies.in_order(got) == EXPECTED[1:]
    assert dcmtk_archives.final_counters(output)["Failed"] == "1"
    # This one does not read the list of what failed; the other peers' tests do.
    assert "0xb000: Warning: Sub-operations complete" in output
    log = (tmp_path / "log").read_text()
    assert f"E: {ROOT}.1.1.1 cannot be sent: its file is missing or damaged\n" in log
    assert "Traceback" not in log


def test_orthanc_queries_and_has_it_all_moved_to_itself(
    archive: OurArchive, orthanc: OrthancArchive
) -> None:
    orthanc.forget()
    orthanc.know(TITLE, archive.port)

    path, found = orthanc.query(STUDIES)
    orthanc.retrieve(path)

    assert sorted(match["StudyInstanceUID"] for match in found) == [f"{ROOT}.1", f"{ROOT}.2"]
    assert orthanc.sop_instances() == [
        instance.SOPInstanceUID for instance in studies.selected(query("STUDY", PatientID="AV-1"))
    ]


def test_orthanc_stores_what_others_get(orthanc: OrthancArchive, tmp_path: Path) -> None:
    (tmp_path / "got").mkdir()
    orthanc.forget()
    orthanc.hold(studies.instances())

    with qrscp(tmp_path) as archive:
        orthanc.echo_to(archive.port)
        orthanc.send_to(archive.port)
        keys = dcmtk_archives.keys(WHOLE_STUDY)
        got, _ = dcmtk_archives.getscu(archive.port, tmp_path / "got", "--study", *keys)

    assert studies.in_order(got) == EXPECTED


@pytest.fixture(params=["pynetdicom", "dcmjs"])
def script(request: pytest.FixtureRequest) -> Command:
    if request.param == "dcmjs":
        return dcmjs.script("dcmjs_asks.js")
    return pynetdicom3.script("pynetdicom_asks.py")


def asking(operation: str, model: str, identifier: Dataset, **more: Any) -> Dialogue:
    return Dialogue(Heard(operation, model, data_set=identifier), **more)


def test_other_libraries_find_and_get(archive: OurArchive, script: Command) -> None:
    find, get, *_ = CONTEXTS
    questions = [
        asking("C-FIND", find, STUDIES),
        asking("C-GET", get, WHOLE_STUDY),
        asking("C-GET", get, query("STUDY")),
    ]

    asked = peer_scripts.ask(script, archive.port, CONTEXTS, questions, roles=ROLES)

    found, got, refused = [[told.status for told in answers] for answers in asked.told]
    assert found == [PENDING, PENDING, SUCCESS]
    assert got == [PENDING, PENDING, PENDING, SUCCESS]
    assert refused == [NOT_UNDERSTOOD]
    assert counters(asked.details[1][-1])["Completed"] == 3
    assert studies.described(studies.once(asked.stored)) == studies.described(EXPECTED)


def test_other_libraries_have_a_study_moved_to_orthanc(
    archive: OurArchive, orthanc: OrthancArchive, script: Command
) -> None:
    orthanc.forget()
    question = asking("C-MOVE", CONTEXTS[2], WHOLE_STUDY, destination=orthanc_archive.TITLE)

    asked = peer_scripts.ask(script, archive.port, CONTEXTS, [question])

    assert [told.status for told in asked.told[0]] == [*[PENDING] * 3, SUCCESS]
    assert orthanc.sop_instances() == [instance.SOPInstanceUID for instance in EXPECTED]


def test_pynetdicom_3_is_told_which_file_is_missing(tmp_path: Path) -> None:
    script, get = pynetdicom3.script("pynetdicom_asks.py"), CONTEXTS[1]

    with qrscp(tmp_path) as archive:
        fill(archive, tmp_path)
        next(archive.objects.glob(f"CT.{ROOT}.1.1.1.*")).write_bytes(b"")
        question = asking("C-GET", get, WHOLE_STUDY)
        asked = peer_scripts.ask(script, archive.port, CONTEXTS, [question], roles=ROLES)

    final, details = asked.told[0][-1], asked.details[0][-1]
    missing = data(FailedSOPInstanceUIDList=f"{ROOT}.1.1.1")
    assert (final.status, final.data_set) == (SOME_FAILED, missing)
    assert counters(details) == {"Completed": 2, "Failed": 1, "Warning": 0}
