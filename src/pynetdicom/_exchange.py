"""An association as its services see it."""

import functools
import inspect
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from pydicom.uid import UID

from pynetdicom import events as evt
from pynetdicom._association import BaseAssociation
from pynetdicom._options import Option
from pynetdicom.dimse_messages import DataSource, message_of
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.exceptions import LocalProtocolError
from pynetdicom.fsm import State
from pynetdicom.pdu_primitives import A_ABORT
from pynetdicom.presentation import PresentationContext

LOGGER = logging.getLogger("pynetdicom.association")

T = TypeVar("T")


class AssociationExchange:
    """An association as its services see it: an `Exchange`.

    Args:
        assoc: The association.
    """

    def __init__(self, assoc: BaseAssociation) -> None:
        self._assoc = assoc
        # Two methods that only look something up.
        self.accepted_context = assoc._accepted_by_id.get
        self.contexts_for = assoc._accepted_by_syntax.get

    @property
    def is_established(self) -> bool:
        """Whether messages can be exchanged."""
        return self._assoc.is_established

    @property
    def common_extended(self) -> Mapping[UID, tuple[UID, list[UID]]]:
        """SOP classes which were negotiated to belong to other service classes."""
        return self._assoc.acceptor._common_extended

    async def send(
        self, message: DIMSEPrimitive, context_id: int, source: DataSource | None = None
    ) -> None:
        """Send a message; quietly nothing when the association has ended."""
        assoc = self._assoc
        vars(message)["_context_id"] = context_id
        if evt.EVT_DIMSE_SENT in assoc._wanted:
            assoc._tell(evt.EVT_DIMSE_SENT, message=message_of(message, source))
        try:
            await assoc._transmit(message, context_id, source)
        except LocalProtocolError:
            if not assoc._is_over and assoc._core.state is State.STA6:
                raise
            LOGGER.info("The association ended before the %s was sent", message.msg_type)

    async def request(
        self, message: DIMSEPrimitive, context_id: int, source: DataSource | None = None
    ) -> DIMSEPrimitive | None:
        """Send a request and return its one response, ``None`` if none comes."""
        await self.begin(message, context_id, source)
        try:
            return await self.receive(message)
        finally:
            self.finish(message, is_complete=True)

    async def begin(
        self,
        message: DIMSEPrimitive,
        context_id: int,
        source: DataSource | None = None,
        *,
        takes_stores: bool = False,
    ) -> None:
        """Send a request that has several responses; `finish` must follow."""
        assoc = self._assoc
        message_id = message.MessageID or 0
        if message_id in assoc._responses:
            raise LocalProtocolError(
                f"Message ID {message_id} is in use by an operation that is under way: "
                "give this one another 'msg_id'"
            )
        if message_id in assoc._abandoned:
            await assoc._await(lambda: message_id not in assoc._abandoned, assoc.dimse_timeout)
        box: deque[DIMSEPrimitive] = deque()
        assoc._responses[message_id] = box
        if takes_stores:
            assoc._stores = box
        try:
            await self.send(message, context_id, source)
        except BaseException:
            self.finish(message, is_complete=True)
            raise

    async def receive(self, message: DIMSEPrimitive) -> DIMSEPrimitive | None:
        """Return what came next for a request that was begun, ``None`` if nothing comes."""
        assoc = self._assoc
        box = assoc._responses[message.MessageID or 0]
        while not await assoc._await(lambda: box or assoc._is_over, assoc._dimse_timeout):
            if not assoc._is_receiving():
                break  # silence; a message that takes its time is none
        if box:
            received = box.popleft()
            assoc._taken()
            if type(received) is type(message) or not received.is_response:
                return received
            what = f"Received a {received.msg_type} response to a {message.msg_type} request"
        else:
            what = "DIMSE timeout reached while waiting for message response"
        if not assoc._is_over:
            LOGGER.error("%s", what)
            assoc.acse.abort(A_ABORT(0))
        return None

    def finish(self, message: DIMSEPrimitive, *, is_complete: bool) -> None:
        """End a request that was begun; late responses to an incomplete one are dropped."""
        assoc = self._assoc
        message_id = message.MessageID or 0
        box = assoc._responses.pop(message_id, None)
        if box is not None and box is assoc._stores:
            assoc._stores = None
            assoc._requests += [late for late in box if not late.is_response]
            assoc._wake()
        if not is_complete and not assoc._is_over:
            assoc._abandoned.add(message_id)
            assoc._taken()
            assoc._wake()
            for late in box or ():
                if late.is_response:
                    assoc._drop_late(late)

    async def results(
        self, event: evt.InterventionEvent, request: DIMSEPrimitive, context: PresentationContext
    ) -> AsyncGenerator[Any, None]:
        """Yield what the handler of `event` yields about a request."""
        returned = await self.call(event, request, context)
        if returned is None:
            return
        async for result in self._assoc._iterate(returned):
            yield result

    @asynccontextmanager
    async def open(
        self, address: str, port: int, request: Any, options: dict[str, Any]
    ) -> AsyncGenerator["AssociationExchange | None", None]:
        """Enter another association, to the destination of a C-MOVE."""
        options.setdefault("ae_title", request.MoveDestination)
        other = await self._assoc._associate(address, port, options)
        try:
            yield other._exchange if other.is_established else None
        finally:
            await self._assoc._release_other(other)

    def poll(self) -> bool:
        """Look at what the peer has sent; return whether the association is still established."""
        self._assoc._read_what_is_there()
        return self._assoc.is_established

    @property
    def ae_title(self) -> str:
        """Our AE title."""
        return str(self._assoc.ae._ae_title)

    def option(self, option: Option[T]) -> T:
        """Return what an option is for our AE."""
        return option.of(self._assoc._ae)

    async def call(
        self, event: evt.InterventionEvent, request: DIMSEPrimitive, context: PresentationContext
    ) -> Any:
        """Return what the handler of `event` returns about a request."""
        return await self._assoc._call(event, request=request, context=context.as_tuple)

    def abort(self) -> None:
        """Abort the association as its user."""
        self._assoc.acse.abort(A_ABORT(0))


def looks_like(method: Callable[..., Any], conversation: Callable[..., Any]) -> None:
    """Give a method the name, docstring and signature of its conversation, less the exchange."""
    functools.update_wrapper(method, conversation)
    signature = inspect.signature(conversation)
    _, *parameters = signature.parameters.values()
    first = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    vars(method)["__signature__"] = signature.replace(parameters=[first, *parameters])
