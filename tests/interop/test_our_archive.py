"""The programs of other projects query and retrieve from an archive of ours (PS3.4 C)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from interop import dcmjs, dcmtk_archives, orthanc_archive, peer_scripts, pynetdicom3, studies
from interop.conversations import Dialogue, Heard, data
from interop.front import OUR_TITLE, SUCCESS, Front
from interop.orthanc_archive import OrthancArchive
from interop.peer_scripts import Asked
from interop.processes import Command
from interop.studies import CANCELLED, PENDING, WHOLE_STUDY, Archive, Keeper, counters, query
from ports import free_port
from pynetdicom import evt
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

pytestmark = [pytest.mark.interop, pytest.mark.slow]

STUDIES = query("STUDY", PatientName="VIV*", StudyInstanceUID="", StudyDate="", AccessionNumber="")
NO_STUDY = query("STUDY", StudyInstanceUID="1.2.3")
EXPECTED = studies.selected(WHOLE_STUDY)
# What movescu calls itself, as whom it wants to receive.
MOVESCU = "MOVESCU"
# How it ends when the final status is one of failure.
MOVE_FAILED = 69

HANDLER_FAILED = 0xC411
# That of a service (tcpmux) which nobody runs.
UNUSED_PORT = 1

ROLES = [(uid, True, True) for uid in studies.STORAGE_CLASSES]
# Both ask over one association for all they ask.
CONTEXTS = [
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    *studies.STORAGE_CLASSES,
]


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancArchive]:
    with orthanc_archive.orthanc_archive(tmp_path_factory.mktemp("orthanc")) as running:
        yield running
        running.forget()


@pytest.mark.parametrize(
    ("model", "identifier"),
    [
        pytest.param("--study", STUDIES, id="two studies"),
        pytest.param("--study", NO_STUDY, id="no study"),
        pytest.param(
            "--patient", query("PATIENT", PatientID="A?-*", PatientName=""), id="two patients"
        ),
    ],
)
def test_findscu_finds(
    front: Front, archive: Archive, model: str, identifier: Dataset, tmp_path: Path
) -> None:
    keys = dcmtk_archives.keys(identifier)

    with front.accept(archive.contexts, archive.handlers) as scp:
        found, output = dcmtk_archives.findscu(scp.port, tmp_path, model, *keys)

    assert archive.seen == [identifier]
    assert studies.asked(found, identifier) == studies.answers(identifier)
    assert "Received Final Find Response (Success)" in output


def test_findscu_is_told_that_its_query_was_cancelled(front: Front, tmp_path: Path) -> None:
    archive, keys = Archive(is_endless=True), dcmtk_archives.keys(STUDIES)

    with front.accept(archive.contexts, archive.handlers) as scp:
        found, output = dcmtk_archives.findscu(
            scp.port, tmp_path, "--study", "--cancel", "2", *keys
        )

    assert archive.noticed.is_set()
    assert 2 <= len(found) < archive.LIMIT
    assert "Received Final Find Response (Cancel" in output


def test_getscu_gets_a_study(front: Front, archive: Archive, tmp_path: Path) -> None:
    keys = dcmtk_archives.keys(WHOLE_STUDY)

    with front.accept(archive.contexts, archive.handlers) as scp:
        got, output = dcmtk_archives.getscu(scp.port, tmp_path, "--study", *keys)

    assert studies.in_order(got) == EXPECTED
    assert dcmtk_archives.final_counters(output) == {
        "Remaining": "none",
        "Completed": "3",
        "Failed": "0",
        "Warning": "0",
    }
    assert "0x0000: Success" in output


def test_getscu_gets_nothing(front: Front, archive: Archive, tmp_path: Path) -> None:
    keys = dcmtk_archives.keys(NO_STUDY)

    with front.accept(archive.contexts, archive.handlers) as scp:
        got, output = dcmtk_archives.getscu(scp.port, tmp_path, "--study", *keys)

    assert got == []
    assert dcmtk_archives.final_counters(output)["Completed"] == "0"
    assert "0x0000: Success" in output


def test_movescu_has_a_study_moved_to_itself(
    front: Front, archive: Archive, tmp_path: Path
) -> None:
    port, keys = free_port(), dcmtk_archives.keys(WHOLE_STUDY)
    archive.destinations[MOVESCU] = port

    with front.accept(archive.contexts, archive.handlers) as scp:
        got, output = dcmtk_archives.movescu(scp.port, tmp_path, port, "--study", *keys)

    assert studies.in_order(got) == EXPECTED
    assert dcmtk_archives.final_counters(output)["Completed"] == "3"
    assert "0x0000: Success" in output


@pytest.mark.parametrize("destinations", [{}, {"NOBODY": UNUSED_PORT}], ids=["unknown", "silent"])
def test_movescu_is_told_that_the_destination_is_not_there(
    front: Front, tmp_path: Path, destinations: dict[str, int]
) -> None:
    archive, keys = Archive(destinations), dcmtk_archives.keys(WHOLE_STUDY)

    with front.accept(archive.contexts, archive.handlers) as scp:
        options = ["--study", "--move", "NOBODY", *keys]
        got, output = dcmtk_archives.movescu(
            scp.port, tmp_path, free_port(), *options, expected=MOVE_FAILED
        )

    assert got == []
    assert "0xa801: Refused: Move Destination unknown" in output


def test_movescu_is_told_that_its_retrieval_was_cancelled(front: Front, tmp_path: Path) -> None:
    archive, port = Archive(is_endless=True), free_port()
    archive.destinations[MOVESCU] = port
    keys = dcmtk_archives.keys(WHOLE_STUDY)

    with front.accept(archive.contexts, archive.handlers) as scp:
        _, output = dcmtk_archives.movescu(
            scp.port, tmp_path, port, "--study", "--cancel", "2", *keys
        )

    assert archive.noticed.is_set()
    numbers = {name: int(n) for name, n in dcmtk_archives.final_counters(output).items()}
    assert numbers["Completed"] >= 2
    assert numbers["Completed"] + numbers["Remaining"] == archive.announced
    assert "0xfe00: Cancel" in output


def test_orthanc_queries_us_and_has_it_all_moved_to_itself(
    front: Front, archive: Archive, orthanc: OrthancArchive
) -> None:
    orthanc.forget()
    archive.destinations[orthanc_archive.TITLE] = orthanc.port

    with front.accept(archive.contexts, archive.handlers) as scp:
        orthanc.know(OUR_TITLE, scp.port)
        path, found = orthanc.query(STUDIES)
        orthanc.retrieve(path)

    uids = [answer["StudyInstanceUID"] for answer in studies.answers(STUDIES)]
    assert sorted(match["StudyInstanceUID"] for match in found) == uids
    assert orthanc.sop_instances() == [
        instance.SOPInstanceUID for instance in studies.selected(query("STUDY", PatientID="AV-1"))
    ]


@pytest.fixture(params=["pynetdicom", "dcmjs"])
def script(request: pytest.FixtureRequest) -> Command:
    if request.param == "dcmjs":
        return dcmjs.script("dcmjs_asks.js")
    return pynetdicom3.script("pynetdicom_asks.py")


def asking(operation: str, model: str, identifier: Dataset, **more: Any) -> Dialogue:
    return Dialogue(Heard(operation, model, data_set=identifier), **more)


def statuses(asked: Asked) -> list[list[int | None]]:
    return [[told.status for told in answers] for answers in asked.told]


def assert_completed(final: Dataset, number: int) -> None:
    numbers = counters(final)
    # dcmjs-dimse repeats what the response before it said.
    numbers.pop("Remaining", None)
    assert numbers == {"Completed": number, "Failed": 0, "Warning": 0}


def test_a_peer_finds_studies(front: Front, archive: Archive, script: Command) -> None:
    question = asking("C-FIND", StudyRootQueryRetrieveInformationModelFind, STUDIES)

    with front.accept(archive.contexts, archive.handlers) as scp:
        asked = peer_scripts.ask(script, scp.port, CONTEXTS, [question])

    assert statuses(asked) == [[PENDING, PENDING, SUCCESS]]
    found = [told.data_set for told in asked.told[0][:-1]]
    assert studies.asked(found, STUDIES) == studies.answers(STUDIES)


def test_a_peer_gets_a_study(front: Front, archive: Archive, script: Command) -> None:
    question = asking("C-GET", StudyRootQueryRetrieveInformationModelGet, WHOLE_STUDY)

    with front.accept(archive.contexts, archive.handlers) as scp:
        asked = peer_scripts.ask(script, scp.port, CONTEXTS, [question], roles=ROLES)

    assert statuses(asked) == [[*[PENDING] * 3, SUCCESS]]
    assert_completed(asked.details[0][-1], 3)
    assert studies.described(studies.once(asked.stored)) == studies.described(EXPECTED)


def test_a_peer_has_a_study_moved_to_us(front: Front, archive: Archive, script: Command) -> None:
    model, keeper = StudyRootQueryRetrieveInformationModelMove, Keeper()
    question = asking("C-MOVE", model, WHOLE_STUDY, destination="ELSEWHERE")

    with (
        front.accept(archive.contexts, archive.handlers) as scp,
        front.accept(studies.STORAGE, keeper.handlers) as elsewhere,
    ):
        archive.destinations["ELSEWHERE"] = elsewhere.port
        asked = peer_scripts.ask(script, scp.port, CONTEXTS, [question])

    assert statuses(asked) == [[*[PENDING] * 3, SUCCESS]]
    assert_completed(asked.details[0][-1], 3)
    assert studies.in_order(studies.once(keeper.instances)) == EXPECTED


def test_a_peer_is_told_that_its_query_was_cancelled(front: Front, script: Command) -> None:
    model, archive = StudyRootQueryRetrieveInformationModelFind, Archive(is_endless=True)
    question = asking("C-FIND", model, STUDIES, cancel_after=2)

    with front.accept(archive.contexts, archive.handlers) as scp:
        asked = peer_scripts.ask(script, scp.port, CONTEXTS, [question])

    assert archive.noticed.is_set()
    assert statuses(asked)[0][-1] == CANCELLED


def test_pynetdicom_3_is_told_what_it_refused(front: Front, archive: Archive) -> None:
    refused, script = EXPECTED[0].SOPInstanceUID, pynetdicom3.script("pynetdicom_asks.py")
    question = asking("C-GET", StudyRootQueryRetrieveInformationModelGet, WHOLE_STUDY)

    with front.accept(archive.contexts, archive.handlers) as scp:
        asked = peer_scripts.ask(
            script, scp.port, CONTEXTS, [question], roles=ROLES, refuses=[refused]
        )

    final, details = asked.told[0][-1], asked.details[0][-1]
    assert (final.status, final.data_set) == (0xB000, data(FailedSOPInstanceUIDList=refused))
    assert counters(details) == {"Completed": 2, "Failed": 1, "Warning": 0}
    assert studies.described(studies.once(asked.stored)) == studies.described(EXPECTED[1:])


def test_pynetdicom_3_is_told_what_failed_before_it_cancelled(front: Front) -> None:
    refused, archive = EXPECTED[0].SOPInstanceUID, Archive(is_endless=True)
    script, model = pynetdicom3.script("pynetdicom_asks.py"), CONTEXTS[1]
    question = asking("C-GET", model, WHOLE_STUDY, cancel_after=1)

    with front.accept(archive.contexts, archive.handlers) as scp:
        asked = peer_scripts.ask(
            script, scp.port, CONTEXTS, [question], roles=ROLES, refuses=[refused]
        )

    final, details = asked.told[0][-1], asked.details[0][-1]
    assert final.status == CANCELLED
    assert final.data_set is not None
    failed = final.data_set["FailedSOPInstanceUIDList"]
    assert set([failed.value] if failed.VM == 1 else failed.value) == {refused}
    assert counters(details)["Failed"] == failed.VM


@pytest.mark.parametrize(("yielded", "expected"), [(0, {}), (2, {"Completed": 1, "Failed": 2})])
def test_pynetdicom_3_is_told_how_far_we_came_until_our_handler_failed(
    front: Front, archive: Archive, yielded: int, expected: dict[str, int]
) -> None:
    script, model = pynetdicom3.script("pynetdicom_asks.py"), CONTEXTS[1]

    def get(event: evt.Event) -> Iterator[Any]:
        yield from islice(archive.get(event), yielded)
        raise ValueError("no such study")

    with front.accept(archive.contexts, [(evt.EVT_C_GET, get)]) as scp:
        asked = peer_scripts.ask(
            script, scp.port, CONTEXTS, [asking("C-GET", model, WHOLE_STUDY)], roles=ROLES
        )

    final, numbers = asked.told[0][-1], counters(asked.details[0][-1])
    assert final.status == HANDLER_FAILED
    assert {name: number for name, number in numbers.items() if number} == expected
