"""C-ECHO: are you there? (PS3.7 9.1.5, PS3.4 A)."""

import logging

from pydicom import Dataset

from pynetdicom.dimse_primitives import C_ECHO
from pynetdicom.events import EVT_C_ECHO
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import ServiceClass
from pynetdicom.services.exchange import Exchange, context_for, response_to, status_of
from pynetdicom.services.outcome import set_status
from pynetdicom.sop_class import Verification

LOGGER = logging.getLogger(__name__)


async def send_c_echo(exchange: Exchange, msg_id: int = 1) -> Dataset:
    """Ask the peer whether it is there (C-ECHO, PS3.7 9.1.5).

    Args:
        msg_id: The message ID, from 0 to 65535.

    Returns:
        The status, 0x0000 for success; an empty Dataset when no valid response came, because the
        peer took too long or the association ended.

    Raises:
        RuntimeError: The association is not established.
        ValueError: No presentation context for Verification was accepted.
    """
    context = context_for(exchange, Verification)
    request = C_ECHO()
    request.MessageID = msg_id
    vars(request)["AffectedSOPClassUID"] = Verification
    LOGGER.info("Sending Echo Request: MsgID %s", msg_id)
    return status_of(await exchange.request(request, context._context_id or 0))


async def serve_c_echo(
    exchange: Exchange,
    request: C_ECHO,
    context: PresentationContext,
    service: type[ServiceClass],
) -> None:
    """Answer a C-ECHO request; whatever the handler does wrong, the peer learns we are here."""
    response = response_to(request)
    try:
        set_status(response, await exchange.call(EVT_C_ECHO, request, context), service)
    except Exception:
        LOGGER.exception("Exception in the handler bound to 'evt.EVT_C_ECHO'; 0x0000 is returned")
        response.Status = 0x0000
    if response.Status in (0xC001, 0xC002):
        response.Status = 0x0000
    await exchange.send(response, request._context_id or 0)
