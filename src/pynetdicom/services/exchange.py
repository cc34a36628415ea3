"""What a conversation may ask of an association: all of it, and nothing else.

Each front has its own `Exchange`. The blocking one does its waiting inside and never suspends, so
that a conversation runs to its end when it is stepped once (see `_blocking`).
"""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager
from io import BytesIO
from typing import Any, Protocol, TypeVar

from pydicom import DataElement, Dataset
from pydicom.uid import UID

from pynetdicom import dsutils
from pynetdicom._options import Option, Options
from pynetdicom.dimse_messages import DataSource
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.events import InterventionEvent
from pynetdicom.exceptions import NoAcceptedContextError
from pynetdicom.presentation import PresentationContext
from pynetdicom.status import code_to_status

LOGGER = logging.getLogger(__name__)

T = TypeVar("T")


class Exchange(Protocol):
    """An association as its services see it."""

    @property
    def is_established(self) -> bool:
        """Whether messages can be exchanged."""

    @property
    def common_extended(self) -> Mapping[UID, tuple[UID, list[UID]]]:
        """SOP classes which were negotiated to belong to other service classes."""

    def accepted_context(self, context_id: int) -> PresentationContext | None:
        """Return an accepted presentation context by its ID."""

    def contexts_for(self, abstract_syntax: str) -> list[PresentationContext] | None:
        """Return the accepted presentation contexts of an abstract syntax, ``None`` for none."""

    async def send(
        self, message: DIMSEPrimitive, context_id: int, source: DataSource | None = None
    ) -> None:
        """Send a message; quietly nothing when the association has ended."""

    async def request(
        self, message: DIMSEPrimitive, context_id: int, source: DataSource | None = None
    ) -> DIMSEPrimitive | None:
        """Send a request and return its one response.

        Returns:
            ``None`` when none comes: the association has ended, or was aborted for it.
        """

    async def begin(
        self,
        message: DIMSEPrimitive,
        context_id: int,
        source: DataSource | None = None,
        *,
        takes_stores: bool = False,
    ) -> None:
        """Send a request that has several responses; `finish` must follow.

        Args:
            message: The request.
            context_id: Its presentation context.
            source: Its data set.
            takes_stores: Whether C-STORE requests that come meanwhile belong to it.
        """

    async def receive(self, message: DIMSEPrimitive) -> DIMSEPrimitive | None:
        """Return what came next for a request that was begun.

        Returns:
            ``None`` when nothing comes: the association has ended, or was aborted for it.
        """

    def finish(self, message: DIMSEPrimitive, *, is_complete: bool) -> None:
        """End a request that was begun; late responses to an incomplete one are dropped."""

    def results(
        self, event: InterventionEvent, request: DIMSEPrimitive, context: PresentationContext
    ) -> AsyncGenerator[Any, None]:
        """Yield what the handler of `event` yields about a request."""

    def open(
        self, address: str, port: int, request: Any, options: dict[str, Any]
    ) -> "AbstractAsyncContextManager[Exchange | None]":
        """Enter another association, to the destination of a C-MOVE.

        Args:
            address: Where the destination is.
            port: Its TCP port.
            request: The C-MOVE request, which names it.
            options: Further arguments of `AE.associate`.

        Returns:
            Its exchange, ``None`` if it could not be established.

        Raises:
            RuntimeError, TypeError, ValueError: It could not even be tried.
        """

    def poll(self) -> bool:
        """Look at what the peer has sent; return whether the association is still established."""

    @property
    def ae_title(self) -> str:
        """Our AE title."""

    def option(self, option: Option[T]) -> T:
        """Return what an option is for our AE."""

    async def call(
        self, event: InterventionEvent, request: DIMSEPrimitive, context: PresentationContext
    ) -> Any:
        """Return what the handler of `event` returns about a request."""

    def abort(self) -> None:
        """Abort the association as its user."""


def check_established(exchange: Exchange) -> None:
    """Make sure that messages can be exchanged.

    Raises:
        RuntimeError: They cannot.
    """
    if not exchange.is_established:
        raise RuntimeError("The association with a peer SCP must be established before sending")


def context_for(exchange: Exchange, abstract_syntax: UID) -> PresentationContext:
    """Return the first accepted context of `abstract_syntax` in which we may be SCU.

    Raises:
        RuntimeError: The association is not established.
        NoAcceptedContextError: There is none.
    """
    if exchange.is_established:
        for context in exchange.contexts_for(abstract_syntax) or ():
            if context._as_scu:
                return context
    check_established(exchange)
    raise NoAcceptedContextError(
        f"No presentation context for '{abstract_syntax.name}' has been accepted by the peer "
        "with the SCU role for us"
    )


async def begun(stream: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Return a stream of responses that has taken its first step, which yields nothing of use.

    An async generator that was never stepped does nothing at its end; one that was ends its
    operation even when nobody takes a single response.
    """
    await anext(stream)
    return stream


def status_of(response: DIMSEPrimitive | None) -> Dataset:
    """Return the status of a response with all that comes with it, empty when none came."""
    if response is None:
        return Dataset()
    status = code_to_status(response.Status or 0)
    attributes = vars(response)
    for keyword in response.STATUS_OPTIONAL_KEYWORDS:
        value = attributes.get(keyword)
        if value is not None:
            element = response.by_keyword[keyword]
            if isinstance(value, list) and len(value) == 1:
                (value,) = value  # as pydicom has it
            # Made like this an element costs a third of what `setattr` would.
            status[element.number] = DataElement(
                element.number, element.vr, value, already_converted=True
            )
    return status


def encoded(dataset: Any, context: PresentationContext) -> DataSource:
    """Return a data set encoded as its context wants it.

    Raises:
        ValueError: It is none, or cannot be encoded.
    """
    data = None
    if isinstance(dataset, Dataset):
        data = dsutils.encode(dataset, *dsutils.encoding_of(context.transfer_syntax[0]))
    if data is None:
        raise ValueError("Failed to encode the supplied data set")
    return DataSource.of(data)


def decoded(
    exchange: Exchange, stream: BytesIO | None, context: PresentationContext
) -> Dataset | None:
    """Return the data set in `stream`, ``None`` if there is none or it cannot be decoded."""
    if stream is None:
        return None
    try:
        return dsutils.decode(
            stream,
            *dsutils.encoding_of(context.transfer_syntax[0]),
            maximum_length=exchange.option(Options.maximum_data_set_length),
        )
    except Exception:  # whatever pydicom raises about the bytes
        LOGGER.exception("Unable to decode the data set that was received")
        return None


def response_to(request: DIMSEPrimitive) -> Any:
    """Return the response to `request`, with what it repeats of it."""
    response = type(request)()
    attributes = vars(response)
    attributes["MessageIDBeingRespondedTo"] = request.MessageID
    for keyword in ("AffectedSOPClassUID", "AffectedSOPInstanceUID"):
        if keyword in vars(request):
            attributes[keyword] = vars(request)[keyword]
    return response
