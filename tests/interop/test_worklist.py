"""Modality worklists: we ask the servers of other projects, and DCMTK's SCU asks us (PS3.4 K)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from interop import dcmtk_archives, orthanc_archive, studies
from interop.clerk import Clerk
from interop.conversations import Answer, Conversation, data, find
from interop.front import SUCCESS, Front
from interop.studies import PENDING
from pynetdicom import build_context
from pynetdicom.sop_class import ModalityWorklistInformationFind

pytestmark = [pytest.mark.interop, pytest.mark.slow]

CONTEXTS = [build_context(ModalityWorklistInformationFind)]
# Worklist files are of no SOP class; this is what DCMTK's programs write into them.
WORKLIST_FILE = UID("1.2.276.0.7230010.3.1.0.1")


def item(number: int, name: str, modality: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = WORKLIST_FILE
    meta.MediaStorageSOPInstanceUID = UID(f"{studies.ROOT}.8.{number}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    step = data(
        Modality=modality,
        ScheduledStationAETitle="SCANNER",
        ScheduledProcedureStepStartDate="20250101",
        ScheduledProcedureStepStartTime="101112",
        ScheduledPerformingPhysicianName="SALIERI^ANTONIO",
        ScheduledProcedureStepDescription="HEAD",
        ScheduledProcedureStepID=f"STEP{number}",
    )
    attributes = data(
        SpecificCharacterSet="ISO_IR 100",
        AccessionNumber=f"ACC{number}",
        PatientName=name,
        PatientID=f"ID{number}",
        PatientBirthDate="16850223",
        PatientSex="M",
        StudyInstanceUID=f"{studies.ROOT}.{number}",
        RequestedProcedureID=f"RP{number}",
        RequestedProcedureDescription="HEAD",
        ScheduledProcedureStepSequence=[step],
    )
    return FileDataset("", attributes, file_meta=meta, preamble=bytes(128), is_implicit_VR=False)


ITEMS = [
    item(1, "Händel^Georg Friedrich", "MR"),
    item(2, "Vivaldi^Antonio", "CT"),
    item(3, "Corelli^Arcangelo", "MR"),
]

RESONANCES = data(
    SpecificCharacterSet="ISO_IR 100",
    AccessionNumber="",
    PatientName="",
    PatientID="",
    ScheduledProcedureStepSequence=[
        data(Modality="MR", ScheduledStationAETitle="", ScheduledProcedureStepID="")
    ],
)


def expected(source: Dataset) -> Dataset:
    """Return what the query for magnetic resonances must be told of an item."""
    (step,) = source.ScheduledProcedureStepSequence
    return data(
        SpecificCharacterSet="ISO_IR 100",
        AccessionNumber=source.AccessionNumber,
        PatientName=source.PatientName,
        PatientID=source.PatientID,
        ScheduledProcedureStepSequence=[
            data(
                Modality="MR",
                ScheduledStationAETitle="SCANNER",
                ScheduledProcedureStepID=step.ScheduledProcedureStepID,
            )
        ],
    )


EXPECTED = [expected(ITEMS[0]), expected(ITEMS[2])]


@pytest.fixture(scope="module")
def wlmscpfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("wlmscpfs")
    with dcmtk_archives.wlmscpfs(folder, ITEMS, "--keep-char-set") as port:
        yield port


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with orthanc_archive.orthanc_worklists(tmp_path_factory.mktemp("orthanc"), ITEMS) as port:
        yield port


@pytest.mark.parametrize("server", ["wlmscpfs", "orthanc"])
def test_a_server_tells_us_what_is_scheduled(
    front: Front, server: str, request: pytest.FixtureRequest
) -> None:
    port: int = request.getfixturevalue(server)

    with front.associate(port, CONTEXTS, ae_title=dcmtk_archives.TITLE) as scu:
        replies = list(scu.send_c_find(RESONANCES, ModalityWorklistInformationFind))

    assert [status.Status for status, _ in replies] == [PENDING, PENDING, SUCCESS]
    assert in_order(match for _, match in replies[:-1] if match) == EXPECTED


def test_findscu_is_told_by_us_what_is_scheduled(front: Front, tmp_path: Path) -> None:
    model = ModalityWorklistInformationFind
    answers = [Answer(PENDING, match) for match in EXPECTED]
    clerk = Clerk(Conversation("worklist", [model], [find(model, RESONANCES, *answers)]))

    with front.accept(CONTEXTS, clerk.handlers) as scp:
        found, output = dcmtk_archives.findscu(
            scp.port, tmp_path, "--worklist", *dcmtk_archives.keys(RESONANCES)
        )

    assert [each.data_set for each in clerk.heard] == [RESONANCES]
    assert found == EXPECTED
    assert "Received Final Find Response (Success)" in output


def in_order(matches: Iterator[Dataset]) -> list[Dataset]:
    return sorted(matches, key=lambda match: str(match.PatientID))
