"""The DIMSE services: each file holds both sides of one, as coroutines that both fronts run.

`serve` finds the conversation for a request. A conversation asks nothing of an association but what
`Exchange` offers.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from pydicom.uid import UID

from pynetdicom._options import Options
from pynetdicom.dimse_primitives import (
    C_ECHO,
    C_FIND,
    C_GET,
    C_MOVE,
    C_STORE,
    DIMSEPrimitive,
)
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import ServiceClass, StorageServiceClass
from pynetdicom.services.echo import serve_c_echo
from pynetdicom.services.exchange import Exchange, response_to
from pynetdicom.services.find import serve_c_find
from pynetdicom.services.normalized import OPERATIONS, serve_n
from pynetdicom.services.retrieve import serve_c_get, serve_c_move
from pynetdicom.services.store import serve_c_store
from pynetdicom.sop_class import uid_to_service_class

LOGGER = logging.getLogger(__name__)

_UNRESTRICTED_STORAGE = Options.unrestricted_storage

MISSING_ATTRIBUTE = 0x0120  # PS3.7 C.5.11; no request stays without an answer

Conversation = Callable[[Exchange, Any, PresentationContext, type[ServiceClass]], Awaitable[None]]

CONVERSATIONS: dict[type[DIMSEPrimitive], Conversation] = {
    C_ECHO: serve_c_echo,
    C_STORE: serve_c_store,
    C_FIND: serve_c_find,
    C_GET: serve_c_get,
    C_MOVE: serve_c_move,
    **dict.fromkeys(OPERATIONS, serve_n),
}


async def serve(exchange: Exchange, request: DIMSEPrimitive) -> None:
    """Serve a request, or abort the association when nothing here can."""
    context = exchange.accepted_context(request._context_id or 0)
    if context is None:
        LOGGER.error("A %s came by a context that is not accepted", request.msg_type)
        exchange.abort()
        return
    service = _service_class(exchange, request)
    conversation = CONVERSATIONS.get(type(request))
    if conversation is None or request.msg_type not in service.operations:
        LOGGER.error(
            "No service for %s of '%s': if the SOP class is known to you, register_uid() tells us",
            request.msg_type,
            _sop_class(request).name,
        )
        exchange.abort()
        return
    missing = request.missing_keywords
    if missing:
        LOGGER.error("A %s request lacks %s", request.msg_type, ", ".join(missing))
        response = response_to(request)
        response.Status = MISSING_ATTRIBUTE
        await exchange.send(response, request._context_id or 0)
        return
    await conversation(exchange, request, context, service)


def _sop_class(request: DIMSEPrimitive) -> UID:
    value_of = vars(request).get
    uid: UID | None = value_of("AffectedSOPClassUID") or value_of("RequestedSOPClassUID")
    return UID("") if uid is None else uid


def _service_class(exchange: Exchange, request: DIMSEPrimitive) -> type[ServiceClass]:
    """Return the service class of the message's SOP class, which decides, not the context's."""
    if isinstance(request, C_STORE) and exchange.option(_UNRESTRICTED_STORAGE):
        return StorageServiceClass
    uid = _sop_class(request)
    return uid_to_service_class(exchange.common_extended.get(uid, (uid,))[0])
