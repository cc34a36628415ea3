"""C-FIND: which of these have you? (PS3.7 9.1.2, PS3.4 C.4.1).

The SCU sends an identifier and gets matches as pending responses, then a final one; it may
cancel.
The SCP asks its handler for (status, identifier) pairs, sends each, and ends with success.
Worklist, repository, protocol and the other queries differ in nothing but their SOP classes; a
relevant patient query has one match at the most.
"""

import logging
from collections.abc import AsyncGenerator
from typing import Any

from pydicom import Dataset
from pydicom.uid import UID

from pynetdicom.dimse_messages import DataSource
from pynetdicom.dimse_primitives import C_FIND, DIMSEPrimitive
from pynetdicom.events import EVT_C_FIND
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import RelevantPatientInformationQueryServiceClass, ServiceClass
from pynetdicom.services.cancel import send_c_cancel
from pynetdicom.services.exchange import (
    Exchange,
    begun,
    context_for,
    decoded,
    encoded,
    response_to,
    status_of,
)
from pynetdicom.services.outcome import set_status
from pynetdicom.sop_class import RepositoryQuery
from pynetdicom.status import STATUS_PENDING, STATUS_WARNING, code_to_category

LOGGER = logging.getLogger(__name__)

HANDLER_FAILED = 0xC311
IDENTIFIER_NOT_ENCODABLE = 0xC312
LIMIT_REACHED = 0xB001

# A status, and the identifier that came with it.
Match = tuple[Dataset, Dataset | None]


async def send_c_find(
    exchange: Exchange,
    dataset: Dataset,
    query_model: str | UID,
    msg_id: int = 1,
    priority: int = 2,
) -> AsyncGenerator[Match, None]:
    """Ask the peer for matches (C-FIND, PS3.7 9.1.2).

    The request leaves when this is called. Leaving the responses early cancels the query.

    Args:
        dataset: The identifier: what to match and what to return.
        query_model: The SOP class of the query.
        msg_id: The message ID, from 0 to 65535.
        priority: 0 medium, 1 high, 2 low.

    Returns:
        Pairs of status and identifier: pending with a match each (``None`` if it cannot be
        decoded), then the final status with ``None``. An empty status ends them when no valid
        response came, because the peer took too long or the association ended.

    Raises:
        RuntimeError: The association is not established.
        ValueError: No presentation context was accepted, or the identifier cannot be encoded.
    """
    context = context_for(exchange, UID(query_model))
    request = C_FIND()
    request.MessageID = msg_id
    request.AffectedSOPClassUID = query_model
    request.Priority = priority
    source = encoded(dataset, context)
    LOGGER.info("Sending Find Request: MsgID %s", msg_id)
    await exchange.begin(request, context.context_id or 0, source)
    return await begun(_matches(exchange, request, context))


async def _matches(
    exchange: Exchange, request: C_FIND, context: PresentationContext
) -> AsyncGenerator[Match, None]:
    is_final, number = False, 0
    try:
        yield Dataset(), None  # see `begun`
        while not is_final:
            response = await exchange.receive(request)
            if not isinstance(response, C_FIND):
                is_final = True
                yield Dataset(), None
                return
            is_final = not (is_pending(response) or _goes_on(response, context))
            number += 1
            log_response("Find", response, number, is_final=is_final)
            identifier = None if is_final else decoded(exchange, response.Identifier, context)
            yield status_of(response), identifier
    finally:
        exchange.finish(request, is_complete=is_final)
        if not is_final and exchange.is_established:
            await send_c_cancel(exchange, request.MessageID or 0, context.context_id)


def log_response(service: str, response: DIMSEPrimitive, number: int, *, is_final: bool) -> None:
    """Log a response to a request of ours."""
    status = response.Status or 0
    what = f"{service} SCP Result:" if is_final else f"{service} SCP Response: {number} -"
    LOGGER.info("%s 0x%04X (%s)", what, status, code_to_category(status))


def is_pending(response: DIMSEPrimitive) -> bool:
    """Return whether more responses follow this one."""
    return response.Status in (0xFF00, 0xFF01)


def _goes_on(response: C_FIND, context: PresentationContext) -> bool:
    """Return whether this is a repository query's warning, which comes in mid-stream.

    To all other queries B001 is a final status, if a peer sends it (PS3.4 C.6.4.1.3).
    """
    return response.Status == LIMIT_REACHED and context.abstract_syntax == RepositoryQuery


async def serve_c_find(
    exchange: Exchange,
    request: C_FIND,
    context: PresentationContext,
    service: type[ServiceClass],
) -> None:
    """Have a C-FIND request handled, and send what the handler yields."""
    has_one_match = issubclass(service, RelevantPatientInformationQueryServiceClass)
    results = exchange.results(EVT_C_FIND, request, context)
    try:
        async for status, identifier in results:
            is_final = await _send_match(exchange, request, context, service, status, identifier)
            if is_final or not exchange.is_established:
                return
            if has_one_match:
                break
    except Exception:
        LOGGER.exception("Exception in handler bound to 'evt.EVT_C_FIND'")
        await _send_final(exchange, request, HANDLER_FAILED)
        return
    finally:
        await results.aclose()
    await _send_final(exchange, request, 0x0000)


async def _send_final(exchange: Exchange, request: C_FIND, status: int) -> None:
    response = response_to(request)
    response.Status = status
    await exchange.send(response, request._context_id or 0)


async def _send_match(
    exchange: Exchange,
    request: C_FIND,
    context: PresentationContext,
    service: type[ServiceClass],
    status: Any,
    identifier: Dataset | None,
) -> bool:
    """Send what the handler yielded; return whether it was its last word."""
    response = response_to(request)
    set_status(response, status, service)
    category = code_to_category(response.Status)
    source: DataSource | None = None
    if category == STATUS_PENDING:
        try:
            source = encoded(identifier, context)
        except ValueError:
            response.Status = IDENTIFIER_NOT_ENCODABLE
            category = ""
    await exchange.send(response, request._context_id or 0, source)
    return category not in (STATUS_PENDING, STATUS_WARNING)
