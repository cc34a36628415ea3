"""What stories about services say on either front."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ImplicitVRLittleEndian

from fronts.peer import Peer, acceptance, listening
from fronts.stage import PATIENCE, AsyncioFront, Front, Handlers
from pynetdicom import AE, Association, build_role, dsutils, evt
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.dimse_primitives import C_ECHO, C_FIND, DIMSEPrimitive
from pynetdicom.pdu import A_RELEASE_RP, A_RELEASE_RQ, P_DATA_TF
from pynetdicom.sop_class import (
    BasicFilmSession,
    CTImageStorage,
    MRImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
    StorageCommitmentPushModel,
    Verification,
)
from pynetdicom.testing import build

FIND = PatientRootQueryRetrieveInformationModelFind
GET = PatientRootQueryRetrieveInformationModelGet
MOVE = PatientRootQueryRetrieveInformationModelMove

# In this order they have the context IDs 1, 3, 5 …
SYNTAXES: list[UID] = [Verification, CTImageStorage, FIND, GET, MOVE, BasicFilmSession]
SYNTAXES += [StorageCommitmentPushModel]

_END = object()

Answers = list[tuple[int | None, Dataset | None]]


def archive(front: Front, title: str = "STORY") -> AE:
    """Return an AE that asks for and offers all services of these stories."""
    ae = front.ae(title)
    ae.requested_contexts = ae.supported_contexts = []
    for syntax in SYNTAXES:
        ae.add_requested_context(syntax, ImplicitVRLittleEndian)
        ae.add_supported_context(syntax, ImplicitVRLittleEndian, scu_role=True, scp_role=True)
    return ae


@contextmanager
def association(
    front: Front, handlers: Handlers, ours: Handlers | None = None
) -> Iterator[Association]:
    """Yield an association with a server that has these handlers; we have `ours`."""
    server = front.serve(archive(front, "SERVER"), handlers)
    yield associated(front, server.server_address, ours)


def associated(front: Front, address: Any, handlers: Handlers | None = None) -> Association:
    """Return an association in which both sides may ask for everything."""
    roles: list[Any] = [build_role(syntax, scu_role=True, scp_role=True) for syntax in SYNTAXES]
    assoc = front.associate(archive(front, "CLIENT"), address, handlers, ext_neg=roles)
    assert assoc.is_established
    return assoc


def responses(front: Front, stream: Any) -> Generator[tuple[Dataset, Dataset | None], None, None]:
    """Return the responses of a query or retrieval, whatever the front calls a stream."""
    if not isinstance(front, AsyncioFront):
        plain: Generator[tuple[Dataset, Dataset | None], None, None] = stream
        return plain
    return _from_loop(front, stream)


def _from_loop(front: AsyncioFront, stream: Any) -> Generator[Any, None, None]:
    try:
        while (item := front.call(anext, stream, _END)) is not _END:
            yield item
    finally:
        front.call(stream.aclose)


def statuses(front: Front, stream: Any) -> list[int | None]:
    """Return the statuses of all responses, `None` for an empty one."""
    return [status.get("Status") for status, _ in responses(front, stream)]


def in_front(front: Front, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call something of an association that a handler was given."""
    if isinstance(front, AsyncioFront):
        return front.call(function, *args, **kwargs)
    return function(*args, **kwargs)


class Signal:
    """Something that has happened, or is waited for."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def give(self, *ignored: object) -> None:
        self._event.set()

    def wait(self) -> None:
        assert self._event.wait(PATIENCE), "waited in vain"

    @property
    def is_given(self) -> bool:
        return self._event.is_set()


class Provider:
    """A peer that talks in messages, to somebody who has requested an association."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer

    def hear(self) -> Any:
        """Return the next message."""
        message = DIMSEMessage()
        while True:
            value = self.peer.hear()
            assert isinstance(value, P_DATA_TF), f"{value} instead of a message"
            if message.decode_msg(value.to_primitive()):
                return message.message_to_primitive()

    def say(self, message: DIMSEPrimitive, syntax: UID, dataset: Dataset | None = None) -> None:
        """Send a message by the context of an abstract syntax."""
        encoded = b"" if dataset is None else data(dataset)
        self.peer.say_message(message, 2 * SYNTAXES.index(syntax) + 1, encoded)

    def say_match(self, message_id: int, name: str) -> None:
        """Send a pending response to a C-FIND request."""
        self.say(respond(C_FIND, message_id, 0xFF00), FIND, patient(name))

    def say_found(self, message_id: int, status: int = 0x0000) -> None:
        """Send the final response to a C-FIND request."""
        self.say(respond(C_FIND, message_id, status), FIND)

    def say_here(self, message_id: int) -> None:
        """Send the response to a C-ECHO request."""
        self.say(respond(C_ECHO, message_id, 0x0000), Verification)

    def agree_to_release(self) -> None:
        """Wait for a release request, and answer it."""
        assert isinstance(self.peer.hear(), A_RELEASE_RQ)
        self.peer.say(A_RELEASE_RP())


@contextmanager
def playing(
    front: Front,
    script: Callable[[Provider], object],
    handlers: Handlers | None = None,
    network_timeout: float = 60,
) -> Iterator[Association]:
    """Yield an association with a peer that accepts it and plays `script`."""
    ae = archive(front, "CLIENT")
    ae.network_timeout = network_timeout

    def play(peer: Peer) -> None:
        peer.say(acceptance(peer.hear()))
        script(Provider(peer))

    with listening(play) as address:
        yield front.associate(ae, address, handlers)


def respond(kind: type[DIMSEPrimitive], message_id: int, status: int, **more: Any) -> Any:
    """Return a response."""
    return build(kind, MessageIDBeingRespondedTo=message_id, Status=status, **more)


def patient(name: str) -> Dataset:
    """Return an identifier."""
    identifier = Dataset()
    identifier.PatientName = name
    return identifier


def data(dataset: Dataset) -> bytes:
    """Return a data set as it travels in these stories."""
    return dsutils.encode(dataset, True, True) or b""


def image(uid: str, sop_class: UID = CTImageStorage) -> Dataset:
    """Return a small image."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, uid
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return dataset


OTHER_IMAGE = image("1.9", MRImageStorage)


def yields(*results: Any) -> evt.Handler:
    """Return a handler that yields these, and raises the exceptions among them."""

    def handle(event: evt.Event) -> Iterator[Any]:
        for result in results:
            if isinstance(result, Exception):
                raise result
            yield result

    return handle


def returns(result: Any) -> evt.Handler:
    """Return a handler that returns this."""
    return lambda event: result


def read(stream: BytesIO | None) -> Dataset | None:
    return None if stream is None else dsutils.decode(stream, True, True)
