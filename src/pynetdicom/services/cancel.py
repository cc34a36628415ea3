"""C-CANCEL: stop that (PS3.7 9.3.2.3). It has no response of its own."""

import logging

from pydicom.uid import UID

from pynetdicom.dimse_primitives import C_CANCEL
from pynetdicom.services.exchange import Exchange, check_established, context_for

LOGGER = logging.getLogger(__name__)


async def send_c_cancel(
    exchange: Exchange,
    msg_id: int,
    context_id: int | None = None,
    query_model: str | UID | None = None,
) -> None:
    """Ask the peer to stop a C-FIND, C-GET or C-MOVE (C-CANCEL, PS3.7 9.3.2.3).

    The operation goes on until its final response, which says whether it was cancelled.

    Args:
        msg_id: The message ID of the operation.
        context_id: The presentation context it goes by.
        query_model: Its SOP class, by which the context is found when `context_id` is ``None``.

    Raises:
        RuntimeError: The association is not established.
        ValueError: Neither `context_id` nor `query_model` is given, or no context fits.
    """
    check_established(exchange)
    if context_id is None:
        if query_model is None:
            raise ValueError("'send_c_cancel' requires either the 'context_id' or 'query_model'")
        context_id = context_for(exchange, UID(query_model)).context_id
    request = C_CANCEL()
    request.MessageIDBeingRespondedTo = msg_id
    LOGGER.info("Sending C-CANCEL request")
    await exchange.send(request, context_id or 0)
