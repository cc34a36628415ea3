"""What the stories about programs for older systems have in common."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ImplicitVRLittleEndian

from public.seeds import Blocking, port_of
from pynetdicom import AE, Association, build_role, evt
from pynetdicom.sop_class import (
    BasicFilmSession,
    CTImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
    StorageCommitmentPushModel,
    Verification,
)

FIND = PatientRootQueryRetrieveInformationModelFind
GET = PatientRootQueryRetrieveInformationModelGet
MOVE = PatientRootQueryRetrieveInformationModelMove
# In this order they have the context IDs 1, 3, 5 …
SERVICES = (
    Verification,
    CTImageStorage,
    FIND,
    GET,
    MOVE,
    BasicFilmSession,
    StorageCommitmentPushModel,
)

Answers = list[tuple[int | None, Dataset | None]]


@contextmanager
def started(ae: Any) -> Iterator[int]:
    """Let an AE of 1.1 serve in a thread; yield its port."""
    ae.bind_addr = "127.0.0.1"
    with Blocking(ae, ae.start) as (server,):
        yield port_of(server)


def offer(ae: Any) -> Any:
    """Let an AE offer all services of these stories, storage in both roles."""
    for syntax in SERVICES:
        if syntax is CTImageStorage:
            ae.add_supported_context(syntax, ImplicitVRLittleEndian, True, True)
        else:
            ae.add_supported_context(syntax, ImplicitVRLittleEndian)
    return ae


def associate(
    port: int, handlers: Any = (), items: Any = (), title: str = "ASKING", called: str = "OLD"
) -> Association:
    """Return the association of somebody who asks, and takes images by C-GET."""
    ae = AE(title)
    for syntax in SERVICES:
        ae.add_requested_context(syntax, ImplicitVRLittleEndian)
    role = build_role(CTImageStorage, scu_role=True, scp_role=True)
    return ae.associate(
        "127.0.0.1", port, ae_title=called, ext_neg=[role, *items], evt_handlers=handlers
    )


@contextmanager
def asking(port: int, **options: Any) -> Iterator[Association]:
    """Yield an established association, and release it."""
    assoc = associate(port, **options)
    assert assoc.is_established
    yield assoc
    assoc.release()


def answers(results: Any) -> Answers:
    """Return the statuses of a query or retrieval, and what came with them."""
    return [(status.get("Status"), identifier) for status, identifier in results]


def statuses(results: Any) -> list[int | None]:
    return [status for status, _ in answers(results)]


def identifier(name: str = "*") -> Dataset:
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "PATIENT"
    dataset.PatientName = name
    return dataset


def image(name: str = "Old^Program", uid: str = "1.2.3.4") -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, uid
    dataset.PatientName = name
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return dataset


@contextmanager
def archive(answer: int | Callable[[evt.Event], int] = 0x0000) -> Iterator[int]:
    """Yield the port of a server to which images can be moved."""
    ae = AE("DEST")
    ae.add_supported_context(CTImageStorage)
    handler = answer if callable(answer) else lambda event: answer
    server = ae.start_server(
        ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, handler)]
    )
    yield port_of(server)
    server.shutdown()
