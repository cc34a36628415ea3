"""C-GET and C-MOVE: give me these, or give them to somebody (PS3.7 9.1.3 and 9.1.4, PS3.4 C.4).

Both make the SCP store instances, one sub-operation each: C-GET on the same association, C-MOVE on
one that it opens to the destination. `_Retrieval` is the loop of both; `SubOperations` counts, and
knows what the responses say.
"""

import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, Final

from pydicom import Dataset, dcmread
from pydicom.uid import UID

from pynetdicom import dsutils
from pynetdicom.dimse_primitives import C_GET, C_MOVE, C_STORE
from pynetdicom.events import EVT_C_GET, EVT_C_MOVE
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import ServiceClass, StorageServiceClass
from pynetdicom.services.bulk import without_bulk_data
from pynetdicom.services.exchange import (
    Exchange,
    begun,
    context_for,
    decoded,
    encoded,
    response_to,
    status_of,
)
from pynetdicom.services.find import Match, is_pending, log_response
from pynetdicom.services.outcome import set_status
from pynetdicom.services.store import send_c_store, serve_c_store
from pynetdicom.sop_class import CompositeInstanceRetrieveWithoutBulkDataGet
from pynetdicom.status import (
    STATUS_CANCEL,
    STATUS_FAILURE,
    STATUS_PENDING,
    STATUS_SUCCESS,
    STATUS_WARNING,
    code_to_category,
)

LOGGER = logging.getLogger(__name__)

SUCCESS = 0x0000
DESTINATION_UNKNOWN = 0xA801
ALL_FAILED = 0xA702
SOME_FAILED = 0xB000
MAXIMUM_COUNT = 0xFFFF

_NOTHING: Final = object()


async def send_c_get(
    exchange: Exchange,
    dataset: Dataset,
    query_model: str | UID,
    msg_id: int = 1,
    priority: int = 2,
) -> AsyncGenerator[Match, None]:
    """Have instances sent over this association (C-GET, PS3.7 9.1.3).

    They come as C-STORE requests to the handler of EVT_C_STORE, so their presentation contexts must
    have been negotiated with the SCP role for us.

    Args:
        dataset: The identifier: which instances.
        query_model: The SOP class of the retrieval.
        msg_id: The message ID, from 0 to 65535.
        priority: 0 medium, 1 high, 2 low.

    Returns:
        Pairs of status and identifier: pending with the numbers of sub-operations and ``None``,
        then the final status: with ``None`` if it is success, otherwise with what the peer sent,
        the list of failed instances, or with an empty Dataset if it sent none. An empty status
        ends them when no valid response came.

    Raises:
        RuntimeError: The association is not established.
        ValueError: No presentation context was accepted, or the identifier cannot be encoded.
    """
    request = C_GET()
    LOGGER.info("Sending Get Request: MsgID %s", msg_id)
    return await _send(exchange, request, dataset, query_model, msg_id, priority)


async def send_c_move(  # the documented signature
    exchange: Exchange,
    dataset: Dataset,
    move_aet: str,
    query_model: str | UID,
    msg_id: int = 1,
    priority: int = 2,
) -> AsyncGenerator[Match, None]:
    """Have instances sent to somebody (C-MOVE, PS3.7 9.1.4).

    Args:
        dataset: The identifier: which instances.
        move_aet: The AE title of the destination, which the peer must know.
        query_model: The SOP class of the retrieval.
        msg_id: The message ID, from 0 to 65535.
        priority: 0 medium, 1 high, 2 low.

    Returns:
        As `send_c_get`.

    Raises:
        RuntimeError: The association is not established.
        ValueError: No presentation context was accepted, the identifier cannot be encoded, or
            `move_aet` is no AE title.
    """
    request = C_MOVE()
    request.MoveDestination = move_aet
    LOGGER.info("Sending Move Request: MsgID %s", msg_id)
    return await _send(exchange, request, dataset, query_model, msg_id, priority)


async def _send(  # what both requests have
    exchange: Exchange,
    request: C_GET,
    dataset: Dataset,
    query_model: str | UID,
    msg_id: int,
    priority: int,
) -> AsyncGenerator[Match, None]:
    context = context_for(exchange, UID(query_model))
    request.MessageID = msg_id
    request.AffectedSOPClassUID = query_model
    request.Priority = priority
    source = encoded(dataset, context)
    is_get = not isinstance(request, C_MOVE)
    await exchange.begin(request, context.context_id or 0, source, takes_stores=is_get)
    return await begun(_progress(exchange, request, context))


async def _progress(
    exchange: Exchange, request: C_GET, context: PresentationContext
) -> AsyncGenerator[Match, None]:
    is_final, number = False, 0
    service = request.msg_type[2:].capitalize()
    try:
        yield Dataset(), None  # see `begun`
        while not is_final:
            message = await exchange.receive(request)
            if isinstance(message, C_STORE):
                await _store_here(exchange, message)
            elif not isinstance(message, C_GET):
                is_final = True
                yield Dataset(), None
            else:
                is_final = not is_pending(message)
                number += 1
                log_response(service, message, number, is_final=is_final)
                _log_counts(message)
                identifier = _failed_list(exchange, message, context) if is_final else None
                yield status_of(message), identifier
    finally:
        exchange.finish(request, is_complete=is_final)


def _failed_list(
    exchange: Exchange, response: C_GET, context: PresentationContext
) -> Dataset | None:
    """Return the identifier of a final response; one without success always has one to look at."""
    if response.Identifier is None:
        return None if response.Status == SUCCESS else Dataset()
    return decoded(exchange, response.Identifier, context)


def _log_counts(response: C_GET) -> None:
    LOGGER.info(
        "Sub-Operations Remaining: %s, Completed: %s, Failed: %s, Warning: %s",
        response.NumberOfRemainingSuboperations or 0,
        response.NumberOfCompletedSuboperations or 0,
        response.NumberOfFailedSuboperations or 0,
        response.NumberOfWarningSuboperations or 0,
    )


async def _store_here(exchange: Exchange, request: C_STORE) -> None:
    context = exchange.accepted_context(request._context_id or 0)
    if context is None:
        exchange.abort()
    else:
        await serve_c_store(exchange, request, context, StorageServiceClass)


@dataclass(frozen=True, slots=True)
class _Failures:
    """The statuses of what a handler can do wrong."""

    raised: int
    bad_count: int
    nothing_yielded: int
    bad_destination: int
    count_too_large: int


_GET_FAILURES = _Failures(0xC411, 0xC413, 0xC413, 0xC413, 0xC416)
_MOVE_FAILURES = _Failures(0xC511, 0xC513, 0xC514, 0xC515, 0xC516)


class BadHandlerError(Exception):
    """A handler yielded what it must not.

    Args:
        status: What the peer is told.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class SubOperations:
    """Counts sub-operations (PS3.7 C.3: remaining, completed, failed, warning).

    Attributes:
        failed_uids: Which instances failed.
    """

    remaining: int
    completed: int = 0
    failed: int = 0
    warning: int = 0
    failed_uids: list[str] = field(default_factory=list)

    def count(self, status: int | None) -> bool:
        """Count one that ended with `status`, ``None`` if it could not be done.

        Returns:
            False if it failed.
        """
        self.remaining = max(0, self.remaining - 1)
        category = "" if status is None else code_to_category(status)
        if category == STATUS_SUCCESS:
            self.completed += 1
        elif category == STATUS_WARNING:
            self.warning += 1
        else:
            self.failed += 1
            return False
        return True

    def fail_rest(self) -> None:
        """Count all that remain as failed."""
        self.failed += self.remaining
        self.remaining = 0

    @property
    def status(self) -> int:
        """The final status they add up to (PS3.4 C.4.2.1.5, C.4.3.1.4)."""
        if self.failed and not (self.completed or self.warning):
            return ALL_FAILED
        return SOME_FAILED if self.failed or self.warning else SUCCESS

    def put_into(self, response: C_GET, *, with_remaining: bool) -> None:
        """Put the numbers into a response; only a pending or cancelled one has some remaining."""
        response.NumberOfRemainingSuboperations = self.remaining if with_remaining else None
        response.NumberOfCompletedSuboperations = self.completed
        response.NumberOfFailedSuboperations = self.failed
        response.NumberOfWarningSuboperations = self.warning

    @property
    def failed_list(self) -> Dataset | None:
        """The identifier of a final response, ``None`` if nothing failed."""
        if not self.failed:
            return None
        identifier = Dataset()
        identifier.FailedSOPInstanceUIDList = self.failed_uids
        return identifier


async def serve_c_get(
    exchange: Exchange,
    request: C_GET,
    context: PresentationContext,
    service: type[ServiceClass],
) -> None:
    """Have a C-GET request handled, and store what the handler yields over this association."""
    results = exchange.results(EVT_C_GET, request, context)
    job = _Retrieval(exchange, request, context, service, _GET_FAILURES)
    await job.run(results, job.get)


async def serve_c_move(
    exchange: Exchange,
    request: C_MOVE,
    context: PresentationContext,
    service: type[ServiceClass],
) -> None:
    """Have a C-MOVE request handled, and store what the handler yields at the destination."""
    results = exchange.results(EVT_C_MOVE, request, context)
    job = _Retrieval(exchange, request, context, service, _MOVE_FAILURES)
    await job.run(results, job.move)


class _Retrieval:
    """A C-GET or C-MOVE request that is being served."""

    def __init__(
        self,
        exchange: Exchange,
        request: C_GET,
        context: PresentationContext,
        service: type[ServiceClass],
        failures: _Failures,
    ) -> None:
        self._exchange = exchange
        self._request = request
        self._context = context
        self._service = service
        self._failures = failures
        self._operations: SubOperations | None = None  # none before the handler said how many
        self._without_bulk = context.abstract_syntax == CompositeInstanceRetrieveWithoutBulkDataGet

    async def run(self, results: AsyncGenerator[Any, None], serve: Any) -> None:
        """Serve, and answer whatever goes wrong."""
        try:
            await serve(results)
        except BadHandlerError as error:
            LOGGER.error("The handler of '%s' %s", self._request.msg_type, error)
            await self._end(error.status)
        except Exception:
            name = self._request.msg_type.replace("-", "_")
            LOGGER.exception("Exception in handler bound to 'evt.EVT_%s'", name)
            await self._give_up()
        finally:
            await results.aclose()

    async def get(self, results: AsyncGenerator[Any, None]) -> None:
        """Store over this association."""
        operations = await self._operations_of(results)
        if operations is not None:
            await self._store_all(self._exchange, results, operations, None, None)

    async def move(self, results: AsyncGenerator[Any, None]) -> None:
        """Store at the destination the handler yields first."""
        address, port, options = await self._destination(results)
        if address is None or port is None:
            LOGGER.error("Unknown Move Destination")
            await self._end(DESTINATION_UNKNOWN)
            return
        operations = await self._operations_of(results)
        if operations is None:
            return
        async with AsyncExitStack() as stack:
            other = await self._open(stack, address, port, options)
            if other is None:
                await self._end(DESTINATION_UNKNOWN)
                return
            title, message_id = self._exchange.ae_title, self._request.MessageID
            await self._store_all(other, results, operations, title, message_id)

    async def _destination(self, results: AsyncGenerator[Any, None]) -> tuple[Any, Any, Any]:
        destination: Any = await anext(results, _NOTHING)
        if destination is _NOTHING:
            raise BadHandlerError(self._failures.nothing_yielded, "yielded nothing")
        try:
            address, port, *options = destination
            return address, port, dict(options[0]) if options else {}
        except (TypeError, ValueError):
            message = f"yielded {destination!r} as destination"
            raise BadHandlerError(self._failures.bad_destination, message) from None

    async def _operations_of(self, results: AsyncGenerator[Any, None]) -> SubOperations | None:
        """Return what the handler announces; if that is nothing, say so and return ``None``."""
        announced = await anext(results, None)
        if isinstance(announced, tuple) and isinstance(announced[0], (int, Dataset)):
            await self._refuse(announced[0])
            return None
        operations = SubOperations(self._count(announced))
        if operations.remaining:
            self._operations = operations
            return operations
        await self._finish(operations, SUCCESS, None)
        return None

    async def _refuse(self, status: int | Dataset) -> None:
        """End with a failure that the handler yielded instead of a number."""
        response = response_to(self._request)
        set_status(response, status, self._service)
        if code_to_category(response.Status or 0) != STATUS_FAILURE:
            message = f"yielded status 0x{response.Status:04X} instead of a number"
            raise BadHandlerError(self._failures.bad_count, message)
        await self._exchange.send(response, self._request._context_id or 0)

    def _count(self, announced: Any) -> int:
        try:
            count = int(announced)
        except (TypeError, ValueError):
            count = -1
        if count > MAXIMUM_COUNT:
            message = f"yielded {count} sub-operations, which are more than {MAXIMUM_COUNT}"
            raise BadHandlerError(self._failures.count_too_large, message)
        if count < 0:
            message = f"yielded {announced!r} as the number of sub-operations"
            raise BadHandlerError(self._failures.bad_count, message)
        return count

    async def _open(
        self, stack: AsyncExitStack, address: str, port: int, options: dict[str, Any]
    ) -> Exchange | None:
        """Associate with the destination until the stack is left."""
        opening = self._exchange.open(address, port, self._request, options)
        try:
            return await stack.enter_async_context(opening)
        except (RuntimeError, TypeError, ValueError) as error:
            message = f"yielded a destination that cannot be one: {error}"
            raise BadHandlerError(self._failures.bad_destination, message) from error

    async def _store_all(
        self,
        where: Exchange,
        results: AsyncGenerator[Any, None],
        operations: SubOperations,
        originator_aet: str | None,
        originator_id: int | None,
    ) -> None:
        number = 0
        async for status, instance in results:
            response = response_to(self._request)
            set_status(response, status, self._service)
            if code_to_category(response.Status) != STATUS_PENDING:
                await self._last_word(response, operations, instance)
                return
            if instance is None:
                continue
            if not operations.remaining:
                LOGGER.warning("The handler yields more instances than it announced")
                continue
            number += 1
            message_id = ((self._request.MessageID or 0) + number) % 0x10000
            await self._store(
                where, instance, operations, message_id, originator_aet, originator_id
            )
            if not self._exchange.poll():
                return  # the peer has gone: nobody is there to be told
            await self._pending(response, operations)
        operations.fail_rest()
        await self._finish(operations, operations.status, operations.failed_list)

    async def _store(  # what C-STORE needs
        self,
        where: Exchange,
        instance: Any,
        operations: SubOperations,
        message_id: int,
        originator_aet: str | None,
        originator_id: int | None,
    ) -> None:
        code: int | None = None
        try:
            if not isinstance(instance, (Dataset, str, PathLike)):
                raise TypeError(f"{instance!r} is no data set")
            if self._without_bulk:
                instance = without_bulk_data(
                    instance if isinstance(instance, Dataset) else dcmread(instance)
                )
            status = await send_c_store(
                where, instance, message_id, self._request.Priority, originator_aet, originator_id
            )
            code = status.get("Status")
        except (AttributeError, OSError, ValueError) as error:  # says what is wrong with it
            is_detailed = LOGGER.isEnabledFor(logging.DEBUG)
            LOGGER.error("C-STORE sub-operation failed: %s", error, exc_info=is_detailed)
        except Exception:
            LOGGER.exception("C-STORE sub-operation failed.")
        if not operations.count(code):
            operations.failed_uids += _instance_uids(instance)

    async def _pending(self, response: C_GET, operations: SubOperations) -> None:
        operations.put_into(response, with_remaining=True)
        await self._exchange.send(response, self._request._context_id or 0)

    async def _last_word(
        self, response: C_GET, operations: SubOperations, identifier: Dataset | None
    ) -> None:
        """End with the status the handler yielded."""
        status = response.Status or 0
        category = code_to_category(status)
        if category == STATUS_SUCCESS:
            status = SOME_FAILED if operations.failed or operations.warning else SUCCESS
            identifier = operations.failed_list if status else None
        else:
            if category != STATUS_CANCEL:
                operations.fail_rest()
            identifier = identifier if isinstance(identifier, Dataset) else operations.failed_list
        await self._finish(operations, status, identifier, response)

    async def _finish(
        self,
        operations: SubOperations,
        status: int,
        identifier: Dataset | None,
        response: C_GET | None = None,
    ) -> None:
        response = response or response_to(self._request)
        response.Status = status
        operations.put_into(response, with_remaining=code_to_category(status) == STATUS_CANCEL)
        source = None
        if identifier is not None and status != SUCCESS:
            try:
                source = encoded(identifier, self._context)
            except ValueError:
                LOGGER.error("The list of failed instances cannot be encoded")
        await self._exchange.send(response, self._request._context_id or 0, source)

    async def _give_up(self) -> None:
        """End because the handler raised an exception."""
        operations = self._operations
        if operations is None:
            await self._end(self._failures.raised)
            return
        operations.fail_rest()
        await self._finish(operations, self._failures.raised, operations.failed_list)

    async def _end(self, status: int) -> None:
        response = response_to(self._request)
        response.Status = status
        await self._exchange.send(response, self._request._context_id or 0)


def _instance_uids(instance: Any) -> list[str]:
    """Return what the list of failed instances calls one: nothing if that cannot be found out."""
    try:
        if isinstance(instance, Dataset):
            return [str(instance.SOPInstanceUID)]
        with Path(instance).open("rb") as file:
            return [str(dsutils.read_header(file).sop_instance_uid)]
    except Exception:  # it has failed once, for whatever reason
        return []
