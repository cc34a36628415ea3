"""A running `qrscp`, and what tests ask of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydicom import Dataset
from pydicom.dataset import FileDataset

from apps.objects import an_object, elements
from apps.stage import (
    LOOPBACK,
    Server,
    serving,
)
from pynetdicom import AE, Association, build_context, build_role, evt
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation
from pynetdicom.sop_class import (
    CTImageStorage,
    ModalityWorklistInformationFind,
    MRImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
    PatientStudyOnlyQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    UnifiedProcedureStepPull,
    Verification,
)

FIND = StudyRootQueryRetrieveInformationModelFind
GET = StudyRootQueryRetrieveInformationModelGet
MOVE = StudyRootQueryRetrieveInformationModelMove
MODELS = [
    FIND,
    GET,
    MOVE,
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
    PatientStudyOnlyQueryRetrieveInformationModelFind,
    ModalityWorklistInformationFind,
    UnifiedProcedureStepPull,
    Verification,
]
STUDY = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": "1"}
STORAGE = [CTImageStorage, MRImageStorage]


def places(folder: Path) -> list[object]:
    """Return the options that keep everything in a folder."""
    return ["--instance-location", folder / "objects", "--database-location", folder / "index"]


@contextmanager
def archive(folder: Path, *options: object, **wrapper: Any) -> Iterator[Server]:
    with serving("qrscp", *places(folder), *options, **wrapper) as server:
        yield server


def relational(*models: str) -> list[Any]:
    """Return the negotiation of relational behaviour (PS3.4 C.5.1.1)."""
    items = []
    for model in models:
        item = SOPClassExtendedNegotiation()
        item.sop_class_uid = model
        item.service_class_application_information = b"\1\1\1"
        items.append(item)
    return items


@contextmanager
def talking(
    server: Server, *extended: Any, on_store: Any = lambda event: 0x0000
) -> Iterator[Association]:
    """Associate with the archive as somebody who asks and is given."""
    contexts = [build_context(uid) for uid in (*MODELS, *STORAGE)]
    roles = [build_role(uid, scu_role=True, scp_role=True) for uid in STORAGE]
    assoc = AE("VIEWER").associate(
        LOOPBACK,
        server.port,
        contexts,
        ext_neg=[*roles, *extended],
        evt_handlers=[(evt.EVT_C_STORE, on_store)],
    )
    assert assoc.is_established
    try:
        yield assoc
    finally:
        if assoc.is_established:
            assoc.release()


def send(server: Server, *objects: Dataset | Path) -> list[int]:
    """Store over an association, and return the statuses."""
    with talking(server) as assoc:
        return [int(assoc.send_c_store(each).Status) for each in objects]


def ask(
    assoc: Association, level: str, model: str = FIND, **keys: Any
) -> tuple[list[Dataset], Dataset]:
    """Return the matches of a query and the final status."""
    identifier = elements(QueryRetrieveLevel=level, **keys)
    *pending, (final, nothing) = assoc.send_c_find(identifier, model)
    assert nothing is None
    return [match for _, match in pending if match is not None], final


def statuses(assoc: Association, level: str, **keys: Any) -> list[int]:
    identifier = elements(QueryRetrieveLevel=level, **keys)
    return [int(status.Status) for status, _ in assoc.send_c_find(identifier, FIND)]


def final_of(responses: Any) -> tuple[Dataset, Dataset | None]:
    """Return the final response of a retrieval."""
    *_, final = responses
    status, identifier = final
    return status, identifier


def counts(status: Dataset) -> dict[str, int]:
    names = ("Completed", "Failed", "Warning")
    return {name: status.get(f"NumberOf{name}Suboperations", 0) for name in names}


def study_of_three() -> list[FileDataset]:
    return [
        an_object("1.1.1", InstanceNumber=1),
        an_object("1.1.2", InstanceNumber=2),
        an_object("1.2.1", SeriesInstanceUID="1.2", Modality="OT"),
    ]


def kept_in(got: dict[str, bytes]) -> evt.Handler:
    """Return a handler that keeps the data sets it is sent, by their UIDs."""

    def keep(event: evt.Event) -> int:
        got[str(event.request.AffectedSOPInstanceUID)] = event.encoded_dataset(include_meta=False)
        return 0x0000

    return keep
