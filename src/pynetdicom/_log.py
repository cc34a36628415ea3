"""The log of PDUs and DIMSE messages: four handlers, and as tables what they say.

The handlers are bound to every association unless ``LOG_HANDLER_LEVEL`` is "none". A message shows
those of the fields below which it has. At INFO no line names a patient: identifiers are shown at
DEBUG, if at all. Who a user claims to be is never shown, only how long the claim is.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any, Final

from pynetdicom import events as evt
from pynetdicom._options import Options
from pynetdicom._pdu_text import LOG_TITLES, PDU_NAMES, describe, name_of
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.dsutils import decode, pretty_dataset
from pynetdicom.sop_class import CTImageStorage, MRImageStorage
from pynetdicom.status import code_to_category
from pynetdicom.utils import escaped

# Not this module's name: programs know these lines by the name of the module that exports them.
LOGGER = logging.getLogger("pynetdicom._handlers")

_DIRECTIONS: Final = {True: "INCOMING", False: "OUTGOING"}
_NO_DATA_SET: Final = 0x0101  # Command Data Set Type (PS3.7 E.1)

Lines = list[str]
Show = Callable[[Any], object]
Field = tuple[str, str, Show]  # label, attribute, how the value is written


def standard_dimse_recv_handler(event: evt.Event) -> Lines:
    """Log the message of an EVT_DIMSE_RECV; return the lines that were logged."""
    return _log_message(event, is_incoming=True)


def standard_dimse_sent_handler(event: evt.Event) -> Lines:
    """Log the message of an EVT_DIMSE_SENT; return the lines that were logged."""
    return _log_message(event, is_incoming=False)


def standard_pdu_recv_handler(event: evt.Event) -> Lines:
    """Log the PDU of an EVT_PDU_RECV; return the lines that were logged."""
    return _log_pdu(event, is_incoming=True)


def standard_pdu_sent_handler(event: evt.Event) -> Lines:
    """Log the PDU of an EVT_PDU_SENT; return the lines that were logged."""
    return _log_pdu(event, is_incoming=False)


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


def log_lines(level: int, lines: Iterable[str]) -> Lines:
    """Log each line, what control characters peers put into it escaped; return them so."""
    logged = [escaped(line) for line in lines]
    for line in logged:
        LOGGER.log(level, "%s", line)
    return logged


def bar(title: str) -> str:
    """Return the line above or below a block."""
    return f"{f' {title} ':=^76}"


# Messages.


def _status(code: int) -> str:
    return f"0x{code:04X} - {code_to_category(code)}"


_FIELDS: tuple[Field, ...] = (
    ("Message ID", "MessageID", str),
    ("Message ID Being Responded To", "MessageIDBeingRespondedTo", str),
    ("Requested SOP Class UID", "RequestedSOPClassUID", name_of),
    ("Requested SOP Instance UID", "RequestedSOPInstanceUID", str),
    ("Affected SOP Class UID", "AffectedSOPClassUID", name_of),
    ("Affected SOP Instance UID", "AffectedSOPInstanceUID", str),
    ("Event Type ID", "EventTypeID", str),
    ("Action Type ID", "ActionTypeID", str),
    ("Move Originator", "MoveOriginatorApplicationEntityTitle", str),
    ("Move Destination", "MoveDestination", str),
    (
        "Attribute Identifier List",
        "AttributeIdentifierList",
        lambda tags: f"({len(tags)} Attribute Tag(s))",
    ),
    ("Remaining Sub-operations", "NumberOfRemainingSuboperations", str),
    ("Completed Sub-operations", "NumberOfCompletedSuboperations", str),
    ("Failed Sub-operations", "NumberOfFailedSuboperations", str),
    ("Warning Sub-operations", "NumberOfWarningSuboperations", str),
)
_REQUEST_FIELDS: tuple[Field, ...] = (
    ("Priority", "Priority", {0: "Medium", 1: "High", 2: "Low"}.get),
)
_RESPONSE_FIELDS: tuple[Field, ...] = (
    ("Status", "Status", _status),
    ("Offending Element", "OffendingElement", lambda tags: ", ".join(map(str, tags))),
    ("Error Comment", "ErrorComment", str),
    ("Error ID", "ErrorID", str),
)

# What is worth a line at INFO; what else is, the conversations know best.
_ANNOUNCEMENTS: Mapping[tuple[bool, str], str] = {
    (True, "C_ECHO_RQ"): "Received Echo Request (MsgID {MessageID})",
    (True, "C_ECHO_RSP"): "Received Echo Response (Status: {status})",
    (True, "C_STORE_RQ"): "Received Store Request",
    (True, "C_STORE_RSP"): "Received Store Response (Status: {status})",
    (True, "N_GET_RSP"): "Received Get Response",
    (False, "C_STORE_RQ"): "Sending Store Request: MsgID {MessageID}{modality}",
}
_MODALITIES: Mapping[str, str] = {CTImageStorage: ", (CT)", MRImageStorage: ", (MR)"}

# The lines above an identifier, by (is incoming, is response).
_IDENTIFIER_HEADS: Mapping[tuple[bool, bool], tuple[str, ...]] = {
    (False, False): ("", "# Request Identifier"),
    (True, False): ("{verb} SCP Request Identifier:", "", "# DICOM Dataset"),
    (False, True): ("{verb} SCP Response Identifier:", "", "# DICOM Dataset"),
    (True, True): ("", "# Response Identifier"),
}


def _log_message(event: evt.Event, *, is_incoming: bool) -> Lines:
    if not is_wanted():
        return []
    message = event.message
    primitive = message.message_to_primitive()
    lines: Lines = []
    announcement = _ANNOUNCEMENTS.get((is_incoming, type(message).__name__))
    if announcement is not None:
        lines += log_lines(logging.INFO, [_announce(announcement, primitive)])
    if LOGGER.isEnabledFor(logging.DEBUG):
        lines += log_lines(logging.DEBUG, _message_block(message, primitive, is_incoming))
        lines += log_lines(logging.DEBUG, _identifier(event, primitive, is_incoming))
    return lines


def _announce(announcement: str, primitive: DIMSEPrimitive) -> str:
    modality = _MODALITIES.get(getattr(primitive, "AffectedSOPClassUID", None) or "", "")
    status = "" if primitive.Status is None else _status(primitive.Status)
    return announcement.format(MessageID=primitive.MessageID, status=status, modality=modality)


def _message_block(message: DIMSEMessage, primitive: DIMSEPrimitive, is_incoming: bool) -> Lines:
    name, _, direction = type(message).__name__.rpartition("_")
    return [
        bar(f"{_DIRECTIONS[is_incoming]} DIMSE MESSAGE"),
        _line("Message Type", f"{name.replace('_', '-')} {direction}"),
        _line("Presentation Context ID", message.context_id),
        *_fields(primitive, _FIELDS),
        *_data_set(message, primitive),
        *_fields(primitive, _RESPONSE_FIELDS if primitive.is_response else _REQUEST_FIELDS),
        bar("END DIMSE MESSAGE"),
    ]


def _line(label: str, value: object) -> str:
    return f"{label:<30}: {value}"


def _fields(subject: object, fields: Iterable[Field]) -> Lines:
    """Return the fields that have a value."""
    values = ((label, getattr(subject, name, None), show) for label, name, show in fields)
    return [_line(label, show(value)) for label, value, show in values if value is not None]


def _data_set(message: DIMSEMessage, primitive: DIMSEPrimitive) -> Lines:
    """Return whether there is a data set, if the message can have one."""
    if primitive.data_keyword is None:
        return []
    label = re.sub("(?<=[a-z])(?=[A-Z])", " ", primitive.data_keyword)
    # Not whether there are bytes here: the data set may be read from a file, or be in one.
    has_data_set = message.command_set.CommandDataSetType != _NO_DATA_SET
    return [_line(label, "Present" if has_data_set else "None")]


def _identifier(event: evt.Event, primitive: DIMSEPrimitive, is_incoming: bool) -> Lines:
    """Return the identifier of a C-FIND, C-GET or C-MOVE, unless the switch for it is off."""
    is_response = primitive.is_response
    option = Options.log_response_identifiers if is_response else Options.log_request_identifiers
    if not option.of(event.assoc.ae) or primitive.data_keyword != "Identifier":
        return []
    data = event.message.data_set.getvalue()
    if not data:
        return []
    verb = primitive.msg_type.removeprefix("C-").capitalize()
    head = [line.format(verb=verb) for line in _IDENTIFIER_HEADS[is_incoming, is_response]]
    return [*head, *_decoded(data, event), ""]


def _decoded(data: bytes, event: evt.Event) -> Lines:
    contexts = event.assoc.accepted_contexts
    try:
        context = next(c for c in contexts if c.context_id == event.message.context_id)
        syntax = context.transfer_syntax[0]
        dataset = decode(
            BytesIO(data),
            syntax.is_implicit_VR,
            syntax.is_little_endian,
            syntax.is_deflated,
            maximum_length=Options.maximum_data_set_length.of(event.assoc.ae),
        )
        return pretty_dataset(dataset)
    except Exception as error:  # whatever pydicom raises about a peer's bytes
        return [f"(cannot be decoded: {type(error).__name__})"]


# PDUs.


def _log_pdu(event: evt.Event, *, is_incoming: bool) -> Lines:
    title = LOG_TITLES.get(event.pdu.pdu_type)
    if title is None or not LOGGER.isEnabledFor(logging.DEBUG):
        return []
    name = f"{PDU_NAMES[event.pdu.pdu_type]} PDU"
    request = event.assoc.requestor.primitive
    contexts = [] if request is None else request.presentation_context_definition_list
    proposed = {context.context_id: context.abstract_syntax for context in contexts}
    lines = [
        title,
        bar(f"{_DIRECTIONS[is_incoming]} {name}"),
        *describe(event.pdu, is_incoming, proposed),
        bar(f"END {name}"),
    ]
    return log_lines(logging.DEBUG, lines)
