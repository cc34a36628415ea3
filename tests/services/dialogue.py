"""A fake of what services see of an association: we say, the peer says.

`ScriptedExchange` is given beforehand what the peer will say, and keeps what we said. Behind its
last line the peer is silent, as one is that has aborted.
"""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeVar

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ImplicitVRLittleEndian

from pynetdicom import dsutils, evt
from pynetdicom._blocking import iterate, run
from pynetdicom._options import Option
from pynetdicom.dimse_messages import DataSource
from pynetdicom.dimse_primitives import C_CANCEL, C_STORE, DIMSEPrimitive
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.services import serve
from pynetdicom.services.exchange import Exchange
from pynetdicom.sop_class import CTImageStorage
from pynetdicom.testing import build

Handler = Callable[..., Any]

T = TypeVar("T")


def accepted(
    *syntaxes: str, transfer_syntax: UID = ImplicitVRLittleEndian, roles: str = "both"
) -> list[PresentationContext]:
    """Return accepted contexts, numbered 1, 3, 5 …, in which we have `roles`: scu, scp or both."""
    contexts = []
    for position, syntax in enumerate(syntaxes):
        context = build_context(syntax, transfer_syntax)
        context.context_id = 2 * position + 1
        context.result = 0
        context._as_scu, context._as_scp = roles != "scp", roles != "scu"
        contexts.append(context)
    return contexts


@dataclass(frozen=True)
class Said:
    """A message that we sent."""

    message: Any
    context_id: int
    data: bytes | None

    @property
    def kind(self) -> str:
        return f"{self.message.msg_type}{'-RSP' if self.message.is_response else ''}"

    @property
    def data_set(self) -> Dataset | None:
        return None if self.data is None else dsutils.decode(BytesIO(self.data), True, True)


@dataclass
class ScriptedExchange:
    """An association whose peer says what was written down.

    Attributes:
        accepted_contexts: The accepted presentation contexts.
        peer: What the peer will say.
        handlers: The handlers of events.
        destination: Whom a C-MOVE reaches, `None` if it reaches nobody.
        said: What we said.
        opened: Where C-MOVEs went: address, port and options.
        finished: The requests that are over, and whether they had their final response.
        lasts: How often we may look at the peer before it is gone, `None` for ever.
    """

    accepted_contexts: list[PresentationContext] = field(default_factory=list)
    peer: deque[Any] = field(default_factory=deque)
    handlers: dict[evt.EventType, Handler] = field(default_factory=dict)
    destination: "ScriptedExchange | None" = None
    said: list[Said] = field(default_factory=list)
    opened: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    finished: list[tuple[str, bool]] = field(default_factory=list)
    common_extended: Mapping[UID, tuple[UID, list[UID]]] = field(default_factory=dict)
    ae_title: str = "OURS"
    is_established: bool = True
    is_aborted: bool = False
    takes_stores: bool = False
    lasts: int | None = None
    open_fault: Exception | None = None

    # What tests look at.

    @property
    def messages(self) -> list[Any]:
        return [said.message for said in self.said]

    @property
    def kinds(self) -> list[str]:
        return [said.kind for said in self.said]

    @property
    def statuses(self) -> list[int]:
        """Those of our responses."""
        return [said.message.Status for said in self.said if said.message.is_response]

    # What services ask of it.

    def option(self, option: Option[T]) -> T:
        return option.of(self)  # nothing is set here: the switches hold

    def accepted_context(self, context_id: int) -> PresentationContext | None:
        found = (c for c in self.accepted_contexts if c.context_id == context_id)
        return next(found, None)

    def contexts_for(self, abstract_syntax: str) -> list[PresentationContext]:
        return [c for c in self.accepted_contexts if c.abstract_syntax == abstract_syntax]

    async def send(
        self, message: DIMSEPrimitive, context_id: int, source: DataSource | None = None
    ) -> None:
        data = None if source is None else bytes(source.read(source.length))
        self.said.append(Said(message, context_id, data))

    async def request(
        self, message: DIMSEPrimitive, context_id: int, source: DataSource | None = None
    ) -> DIMSEPrimitive | None:
        await self.send(message, context_id, source)
        return await self.receive(message)

    async def begin(
        self,
        message: DIMSEPrimitive,
        context_id: int,
        source: DataSource | None = None,
        *,
        takes_stores: bool = False,
    ) -> None:
        self.takes_stores = takes_stores
        await self.send(message, context_id, source)

    async def receive(self, message: DIMSEPrimitive) -> DIMSEPrimitive | None:
        if self.peer:
            said: DIMSEPrimitive | None = self.peer.popleft()
            return said
        self.is_established = False
        return None

    def finish(self, message: DIMSEPrimitive, *, is_complete: bool) -> None:
        self.finished.append((message.msg_type, is_complete))

    async def call(
        self, event: evt.InterventionEvent, request: DIMSEPrimitive, context: PresentationContext
    ) -> Any:
        handler = self.handlers.get(event, evt.get_default_handler(event))
        attributes = {"request": request, "context": context.as_tuple}
        return handler(evt.Event(self, event, attributes))

    async def results(
        self, event: evt.InterventionEvent, request: DIMSEPrimitive, context: PresentationContext
    ) -> AsyncGenerator[Any, None]:
        for result in await self.call(event, request, context) or ():
            yield result

    @asynccontextmanager
    async def open(
        self, address: str, port: int, request: Any, options: dict[str, Any]
    ) -> AsyncIterator[Exchange | None]:
        if self.open_fault is not None:
            raise self.open_fault
        self.opened.append((address, port, options))
        yield self.destination

    def poll(self) -> bool:
        if self.lasts is not None:
            self.lasts -= 1
            self.is_established = self.lasts >= 0
        return self.is_established

    def abort(self) -> None:
        self.is_aborted, self.is_established = True, False

    def _take_cancel(self, message_id: int) -> bool:
        """Return whether the peer's next words are a C-CANCEL, for `event.is_cancelled`."""
        cancel = build(C_CANCEL, MessageIDBeingRespondedTo=message_id)
        if not self.peer or self.peer[0] != cancel:
            return False
        self.peer.popleft()
        return True


def talk(*contexts: str, peer: list[Any] | None = None, **details: Any) -> ScriptedExchange:
    """Return an exchange with these contexts, and a peer that will say this."""
    return ScriptedExchange(accepted(*contexts), deque(peer or ()), **details)


def all_of(conversation: Any) -> list[tuple[Dataset, Dataset | None]]:
    """Return everything a conversation with several responses yields."""
    return list(iterate(run(conversation)))


def serve_one(exchange: ScriptedExchange, request: DIMSEPrimitive, context_id: int = 1) -> None:
    """Serve a request that came by a context."""
    request._context_id = context_id
    run(serve(exchange, request))


def respond(kind: type[DIMSEPrimitive], status: int, **parameters: Any) -> Any:
    """Return a response to message 1."""
    return build(kind, MessageIDBeingRespondedTo=1, Status=status, **parameters)


def encoded(dataset: Dataset) -> BytesIO:
    """Return a data set as it travels in Implicit VR Little Endian."""
    return BytesIO(dsutils.encode(dataset, True, True) or b"")


def stored(status: int = 0x0000) -> C_STORE:
    """Return the response to a C-STORE request."""
    return build(C_STORE, MessageIDBeingRespondedTo=1, Status=status)


def patient(name: str) -> Dataset:
    """Return an identifier."""
    identifier = Dataset()
    identifier.PatientName = name
    return identifier


def image(uid: str = "1.2.3.4") -> Dataset:
    """Return a small CT image."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, uid
    dataset.PatientName = "Story^Teller"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return dataset


def yields(*results: Any) -> Handler:
    """Return a handler that yields these, and raises the exceptions among them."""

    def handle(event: evt.Event) -> Iterator[Any]:
        for result in results:
            if isinstance(result, Exception):
                raise result
            yield result

    return handle


def raises(event: evt.Event) -> Any:
    """A handler that fails."""
    raise ValueError("not today")
