"""The log of PDUs and messages: the four handlers that are bound to every association."""

import logging

from pynetdicom import events as evt

LOGGER = logging.getLogger(__name__)


def standard_pdu_recv_handler(event: evt.Event) -> None:
    """Log a PDU that was received."""
    LOGGER.debug("Received %s", type(event.pdu).__name__)


def standard_pdu_sent_handler(event: evt.Event) -> None:
    """Log a PDU that is sent."""
    LOGGER.debug("Sending %s", type(event.pdu).__name__)


def standard_dimse_recv_handler(event: evt.Event) -> None:
    """Log a message that was received."""
    LOGGER.info("Received %s", type(event.message).__name__)


def standard_dimse_sent_handler(event: evt.Event) -> None:
    """Log a message that is sent."""
    LOGGER.info("Sending %s", type(event.message).__name__)


STANDARD_HANDLERS: list[evt.EventHandlerType] = [
    (evt.EVT_DIMSE_RECV, standard_dimse_recv_handler),
    (evt.EVT_DIMSE_SENT, standard_dimse_sent_handler),
    (evt.EVT_PDU_RECV, standard_pdu_recv_handler),
    (evt.EVT_PDU_SENT, standard_pdu_sent_handler),
]

STANDARD = frozenset(binding[1] for binding in STANDARD_HANDLERS)


def is_wanted() -> bool:
    """Return whether anybody reads the log; asked once for each association."""
    return LOGGER.isEnabledFor(logging.INFO)
