"""Handlers to bind: for logging, and as documentation of what each event wants.

A handler is called with an `Event`, and behind it whatever was bound with it. Every event has
`assoc`, `event` and `timestamp`; those of DIMSE requests also have `request` (the primitive),
`context` (context ID, abstract and transfer syntax) and `message_id`. The functions named
``doc_handle_…`` do nothing: each describes the handler of one kind of event.

Where a status is returned, it is a number, or a `Dataset` with Status (0000,0900) and what else the
response may hold, such as ErrorComment. A `Dataset` without Status is answered with 0xC001,
anything else with 0xC002; a status that the service does not define is sent as it is, with a
warning in the log. What a handler raises is logged, and the peer is told of a failure.
"""

import logging
from collections.abc import Iterator
from typing import Any, Final

from pynetdicom import events as evt
from pynetdicom._log import LOGGER, bar, log_lines
from pynetdicom._log import standard_dimse_recv_handler as standard_dimse_recv_handler
from pynetdicom._log import standard_dimse_sent_handler as standard_dimse_sent_handler
from pynetdicom._log import standard_pdu_recv_handler as standard_pdu_recv_handler
from pynetdicom._log import standard_pdu_sent_handler as standard_pdu_sent_handler
from pynetdicom._pdu_text import ITEM_NAMES, PDU_NAMES, name_of
from pynetdicom.utils import pretty_bytes

# For logging.


def debug_fsm(event: evt.Event) -> None:
    """Log a step of the state machine, at DEBUG (PS3.8 Table 9-10).

    Args:
        event: An EVT_FSM_TRANSITION. The line says which side it is (R or A), the state, what
            happened, the action and the next state: "R: Sta6 + Evt9 -> DT-1 -> Sta6".
    """
    side = "R" if event.assoc.is_requestor else "A"
    step = f"{event.current_state} + {event.fsm_event} -> {event.action} -> {event.next_state}"
    log_lines(logging.DEBUG, [f"{side}: {step}"])


def debug_data(
    event: evt.Event,
    pdu_type: int | None = None,
    print_raw: bool = True,
    print_summary: bool = False,
) -> None:
    """Log a PDU as it is on the wire, at DEBUG; with everything in it, passwords and patients too.

    Args:
        event: An EVT_DATA_RECV or EVT_DATA_SENT.
        pdu_type: The type of the PDUs to log, such as 0x01; ``None`` logs all.
        print_raw: Whether to log the bytes.
        print_summary: Whether to log which items there are, and where.
    """
    data = event.data
    if not LOGGER.isEnabledFor(logging.DEBUG) or (pdu_type and pdu_type not in data[:1]):
        return
    lines = []
    if print_raw:
        hexadecimal = pretty_bytes(data, " ", " ", items_per_line=25, max_size=None)
        lines += [bar("DEBUG - ENCODED PDU"), *hexadecimal, bar("END ENCODED PDU")]
    if print_summary:
        width = len(str(len(data)))
        items = [f" {offset:>{width}}: {text}" for offset, text in _summary(data)]
        lines += [bar("DEBUG - PDU SUMMARY"), *items, bar("END PDU SUMMARY")]
    log_lines(logging.DEBUG, lines)


# How many bytes of an item are before its sub-items.
_BEFORE_SUB_ITEMS = {0x20: 4, 0x21: 4, 0x50: 0}
# How many bytes of an association request or its answer are before its items (PS3.8 9.3.2).
_FIXED_PART: Final = 74


def _summary(data: bytes) -> Iterator[tuple[int, str]]:
    """Yield where each part of a PDU begins, and what it is."""
    kind = data[0] if data else 0
    detail = ""
    result, source, reason = data[7:10].ljust(3, b"\0")
    if kind == 0x03:
        detail = f" - Result {result}, Source {source}, Reason {reason}"
    elif kind == 0x07:
        detail = f" - Source {source}, Reason {reason}"
    length = int.from_bytes(data[2:6], "big")
    yield 0, f"0x{kind:02X} - {PDU_NAMES.get(kind, 'Unknown')} ({length} bytes){detail}"
    if kind == 0x04:
        yield from _fragments(data)
    elif kind in (0x01, 0x02):
        yield from _items(data, _FIXED_PART, len(data))


def _fragments(data: bytes) -> Iterator[tuple[int, str]]:
    offset = 6
    while offset + 5 <= len(data):
        length = int.from_bytes(data[offset : offset + 4], "big")
        yield offset, f"       PDV - context ID {data[offset + 4]}, length {length}"
        offset += 4 + length


def _items(data: bytes, offset: int, end: int) -> Iterator[tuple[int, str]]:
    while offset + 4 <= min(end, len(data)):
        kind, begin = data[offset], offset + 4
        length = int.from_bytes(data[offset + 2 : begin], "big")
        name = ITEM_NAMES.get(kind, "Unknown")
        detail = _detail(kind, data[begin : begin + length])
        yield offset, f"0x{kind:02X} - {name} ({length} bytes){detail}"
        if kind in _BEFORE_SUB_ITEMS:
            yield from _items(data, begin + _BEFORE_SUB_ITEMS[kind], begin + length)
        offset = begin + length


def _detail(kind: int, body: bytes) -> str:
    match kind:
        case 0x20:
            return f" - {int.from_bytes(body[:1], 'big')}"
        case 0x30 | 0x40:
            return f" - {_uid_name(body)}"
        case 0x54:
            scu, scp = (list(body) or [0, 0])[-2:]
            return f" - {_uid_name(body[2:-2])}, SCU {scu}, SCP {scp}"
    return ""


def _uid_name(field: bytes) -> str:
    return name_of(field.decode("ascii", "backslashreplace").rstrip("\0"))


# Documentation: DIMSE-C.


def doc_handle_echo(event: evt.Event, *args: Any) -> Any:
    """Answer a C-ECHO request: EVT_C_ECHO (PS3.7 9.1.5, PS3.4 Annex A).

    Not binding a handler answers 0x0000. So does one that raises something or returns no status:
    whoever asks learns that we are here.

    Args:
        event: Has nothing of its own.
        *args: What was bound with the handler.

    Returns:
        int | Dataset: The status, 0x0000 for success.
    """


def doc_handle_store(event: evt.Event, *args: Any) -> Any:
    """Keep an instance: EVT_C_STORE (PS3.7 9.1.1, PS3.4 Annex B).

    Args:
        event: `dataset` is the instance, decoded when first asked for, `file_meta` its file meta
            information; ``encoded_dataset()`` returns it as it came, as the bytes of a file. With
            the AE's ``receive_into_files`` it is in the file `dataset_path`, which is removed
            when the handler returns, unless it was moved.
        *args: What was bound with the handler.

    Returns:
        int | Dataset: The status. 0x0000: it is kept; warnings: 0xB000 with changed values, 0xB006
        with elements left out, 0xB007 although it does not match its SOP class; failures: 0xA700 to
        0xA7FF out of resources, 0xA900 to 0xA9FF it does not match its SOP class, 0xC000 to 0xCFFF
        it cannot be understood. Raising something answers 0xC211.
    """


def doc_handle_find(event: evt.Event, *args: Any) -> Any:
    """Yield what matches a query: EVT_C_FIND (PS3.7 9.1.2, PS3.4 C.4.1).

    A generator, or anything else that can be iterated over; ``None`` stands for no matches. Success
    is answered when it ends. Serves also worklists (PS3.4 Annex K), relevant patient information
    (Annex Q, where one match at most is answered), substance administration (Annex V) and
    unified procedure steps (Annex CC).

    Args:
        event: `identifier` is the query; `is_cancelled` is true once for each C-CANCEL.
        *args: What was bound with the handler.

    Yields:
        tuple[int | Dataset, Dataset | None]: Pairs of status and identifier, (0xFF00, `Dataset`)
        for a match, (0xFF01, `Dataset`) if optional keys are not supported for matching. One of
        these ends it: (0xFE00, ``None``) after a C-CANCEL, or a failure and ``None``, 0xA700 out of
        resources, 0xA900 identifier does not match SOP class, 0xC000 to 0xCFFF unable to process. A
        warning does not end it. Raising something answers 0xC311, an identifier that cannot be
        encoded 0xC312.
    """


def doc_handle_c_get(event: evt.Event, *args: Any) -> Any:
    """Yield the instances to send back: EVT_C_GET (PS3.7 9.1.3, PS3.4 C.4.3).

    A generator or another iterator. Each instance is sent by a C-STORE on the same association;
    the responses with their counts are made for it.

    Args:
        event: `identifier` says what is wanted; `is_cancelled` is true once for each C-CANCEL.
        *args: What was bound with the handler.

    Yields:
        int | tuple[int | Dataset, Dataset | None]: First how many instances there will be, at most
        65535. Then pairs of status and data set, (0xFF00, `Dataset`) for each. To end before:
        (0xFE00, `Dataset`) after a C-CANCEL, or a failure, 0xA701 or 0xA702 out of resources,
        0xA900 identifier does not match SOP class, 0xC000 to 0xCFFF unable to process, with a
        `Dataset` that has FailedSOPInstanceUIDList, or with ``None``. At the end 0x0000 is answered
        if all were kept, 0xB000 if some were not, 0xA702 if none was. Raising something answers
        0xC411, a bad number 0xC413 or 0xC416.
    """


def doc_handle_move(event: evt.Event, *args: Any) -> Any:
    """Yield where to, and the instances to send there: EVT_C_MOVE (PS3.7 9.1.4, PS3.4 C.4.2).

    A generator or another iterator. The instances go by an association of their own, which is
    made and ended for it.

    Args:
        event: `identifier` says what is wanted, `move_destination` the AE title of the peer that
            shall have it; `is_cancelled` is true once for each C-CANCEL.
        *args: What was bound with the handler.

    Yields:
        tuple | int: First the destination, (address, port), or (address, port, `dict`) with
        arguments of ``AE.associate``; (``None``, ``None``) if it is not known, which is answered
        with 0xA801. Destinations are configuration: know them by their titles, and no others. Then,
        as in `doc_handle_c_get`, the number of instances and pairs of status and data set. Raising
        something answers 0xC511, a bad number 0xC513 or 0xC516, yielding nothing 0xC514, a bad
        destination 0xC515.
    """


# Documentation: DIMSE-N. The general statuses are those of PS3.7 Annex C.


def doc_handle_action(event: evt.Event, *args: Any) -> Any:
    """Do something with an instance: EVT_N_ACTION (PS3.7 10.1.4).

    Args:
        event: `action_type` says what, `action_information` the particulars;
            ``request.RequestedSOPInstanceUID`` says with which instance.
        *args: What was bound with the handler.

    Returns:
        tuple[int | Dataset, Dataset | None]: The status and the action reply, a `Dataset` or
        ``None``; the reply goes out with success and warnings. Failures: 0x0110 processing failure,
        0x0112 no such instance, 0x0114 no such argument, 0x0115 invalid argument, 0x0119 instance
        is of another class, 0x0123 no such action, 0x0124 not authorised, 0x0213 out of resources,
        and those of the service. Raising something answers 0x0110.
    """


def doc_handle_create(event: evt.Event, *args: Any) -> Any:
    """Make an instance: EVT_N_CREATE (PS3.7 10.1.5).

    Args:
        event: `attribute_list` has the attributes; ``request.AffectedSOPInstanceUID`` names the
            instance, ``None`` leaves that to the handler.
        *args: What was bound with the handler.

    Returns:
        tuple[int | Dataset, Dataset | None]: The status and the attribute list, a `Dataset` with
        the attributes as they were set, or ``None``; it goes out with success and warnings. If the
        request names no instance, the attribute list has to: the handler puts its
        AffectedSOPInstanceUID there. Warnings: 0x0107 attribute list error, 0x0116 value out of
        range. Failures: 0x0105 no such attribute, 0x0106 invalid value, 0x0110 processing failure,
        0x0111 instance exists, 0x0117 invalid UID, 0x0120 missing attribute, 0x0121 missing value,
        0x0213 out of resources, and those of the service. Raising something answers 0x0110.
    """


def doc_handle_delete(event: evt.Event, *args: Any) -> Any:
    """Delete an instance: EVT_N_DELETE (PS3.7 10.1.6).

    Args:
        event: ``request.RequestedSOPInstanceUID`` says which.
        *args: What was bound with the handler.

    Returns:
        int | Dataset: The status, 0x0000 for success. Failures: 0x0110 processing failure, 0x0112
        no such instance, 0x0119 instance is of another class, 0x0124 not authorised, 0x0213 out of
        resources. Raising something answers 0x0110.
    """


def doc_handle_event_report(event: evt.Event, *args: Any) -> Any:
    """Take note of what happened to an instance: EVT_N_EVENT_REPORT (PS3.7 10.1.1).

    Bind it also where you are the requestor, if the service's SCP reports by the same association.

    Args:
        event: `event_type` says what, `event_information` the particulars;
            ``request.AffectedSOPInstanceUID`` says to which instance.
        *args: What was bound with the handler.

    Returns:
        tuple[int | Dataset, Dataset | None]: The status and the event reply, a `Dataset` or
        ``None``; the reply goes out with success and warnings. Failures: 0x0110 processing failure,
        0x0112 no such instance, 0x0113 no such event type, 0x0114 no such argument, 0x0115 invalid
        argument, 0x0119 instance is of another class, 0x0213 out of resources. Raising something
        answers 0x0110.
    """


def doc_handle_n_get(event: evt.Event, *args: Any) -> Any:
    """Tell the attributes of an instance: EVT_N_GET (PS3.7 10.1.2).

    Args:
        event: `attribute_identifiers` has the tags that are asked for, none if all are;
            ``request.RequestedSOPInstanceUID`` says of which instance.
        *args: What was bound with the handler.

    Returns:
        tuple[int | Dataset, Dataset | None]: The status and the attribute list, a `Dataset` or
        ``None``; it goes out with success and warnings. Warning: 0x0107 not all attributes are
        known. Failures: 0x0110 processing failure, 0x0112 no such instance, 0x0119 instance is of
        another class, 0x0124 not authorised, 0x0213 out of resources. Raising something answers
        0x0110.
    """


def doc_handle_set(event: evt.Event, *args: Any) -> Any:
    """Change attributes of an instance: EVT_N_SET (PS3.7 10.1.3).

    Args:
        event: `modification_list` has the new values; ``request.RequestedSOPInstanceUID`` says of
            which instance.
        *args: What was bound with the handler.

    Returns:
        tuple[int | Dataset, Dataset | None]: The status and the attribute list, a `Dataset` with
        what was changed, or ``None``; it goes out with success and warnings. Warnings: 0x0107
        attribute list error, 0x0116 value out of range. Failures: 0x0105 no such attribute, 0x0106
        invalid value, 0x0110 processing failure, 0x0112 no such instance, 0x0119 instance is of
        another class, 0x0121 missing value, 0x0124 not authorised, 0x0213 out of resources. Raising
        something answers 0x0110.
    """


# Documentation: negotiation, where we are the acceptor.


def doc_handle_async(event: evt.Event, *args: Any) -> Any:
    """Learn of a proposed asynchronous operations window: EVT_ASYNC_OPS (PS3.7 D.3.3.3).

    Operations are never asynchronous here. With a handler, a window of (1, 1) is answered; without
    one, nothing is, which means the same.

    Args:
        event: `nr_invoked` and `nr_performed` (`invoked` and `performed` are the same) say how many
            operations the requestor wants to have open at once; 0 means any number. There is no
            `request`.
        *args: What was bound with the handler.

    Returns:
        tuple[int, int]: Two numbers, which are not used.
    """


def doc_handle_sop_common(event: evt.Event, *args: Any) -> Any:
    """Accept to which service SOP classes belong: EVT_SOP_COMMON (PS3.7 D.3.3.6).

    Without a handler none is accepted; neither is, if it raises something.

    Args:
        event: `items` has the proposals, by SOP class UID. There is no `request`.
        *args: What was bound with the handler.

    Returns:
        dict[UID, SOPClassCommonExtendedNegotiation]: Those that are accepted; requests for their
        SOP classes are served as the service class they name.
    """


def doc_handle_sop_extended(event: evt.Event, *args: Any) -> Any:
    """Answer application information about SOP classes: EVT_SOP_EXTENDED (PS3.7 D.3.3.5).

    Without a handler nothing is answered; neither is, if it raises something.

    Args:
        event: `app_info` has the requestor's information, as bytes by SOP class UID. There is no
            `request`.
        *args: What was bound with the handler.

    Returns:
        dict[UID, bytes] | None: The answers, ``None`` for none.
    """


def doc_handle_userid(event: evt.Event, *args: Any) -> Any:
    """Check who the user claims to be: EVT_USER_ID (PS3.7 D.3.3.7).

    Without a handler everybody is let in. A handler that raises something keeps the user out.

    Args:
        event: `user_id_type` is 1 user name, 2 user name and passcode, 3 Kerberos service ticket,
            4 SAML assertion, 5 JSON web token; `primary_field` has the name, ticket, assertion or
            token, `secondary_field` the passcode or ``None``, both as bytes. There is no `request`.
        *args: What was bound with the handler.

    Returns:
        tuple[bool, bytes | None]: Whether the user is let in, and the server's response, which is
        sent for types 3 to 5 if the requestor asked for it. False rejects the association.
    """


# Documentation: notifications. What their handlers return is ignored, what they raise is logged;
# they are called in the association's thread, so they should be quick.


def doc_handle_acse(event: evt.Event, *args: Any) -> None:
    """Learn of the primitives of association control: EVT_ACSE_RECV, EVT_ACSE_SENT (PS3.8 7).

    Args:
        event: `primitive` is an A_ASSOCIATE, A_RELEASE, A_ABORT or A_P_ABORT.
        *args: What was bound with the handler.
    """


def doc_handle_assoc(event: evt.Event, *args: Any) -> None:
    """Learn what becomes of an association (PS3.8 7.1 to 7.4).

    For EVT_REQUESTED, EVT_ACCEPTED, EVT_ESTABLISHED, EVT_REJECTED, EVT_RELEASED and EVT_ABORTED. In
    an acceptor's EVT_REQUESTED, ``event.assoc.acse.send_reject()`` or ``event.assoc.abort()`` turns
    the requestor away.

    Args:
        event: Has nothing of its own.
        *args: What was bound with the handler.
    """


def doc_handle_data(event: evt.Event, *args: Any) -> None:
    """Learn of PDUs as bytes: EVT_DATA_RECV before, EVT_DATA_SENT after coding (PS3.8 9.3).

    Args:
        event: `data` is one whole PDU.
        *args: What was bound with the handler.
    """


def doc_handle_dimse(event: evt.Event, *args: Any) -> None:
    """Learn of messages: EVT_DIMSE_RECV, EVT_DIMSE_SENT (PS3.7 6.3).

    Args:
        event: `message` is one of `dimse_messages`, complete, with `command_set`, `data_set` and
            `context_id`.
        *args: What was bound with the handler.
    """


def doc_handle_fsm(event: evt.Event, *args: Any) -> None:
    """Learn of the steps of the state machine: EVT_FSM_TRANSITION (PS3.8 Table 9-10).

    Args:
        event: `current_state` ("Sta6"), `fsm_event` ("Evt9"), `action` ("DT-1") and `next_state`.
        *args: What was bound with the handler.
    """


def doc_handle_pdu(event: evt.Event, *args: Any) -> None:
    """Learn of PDUs as objects: EVT_PDU_RECV, EVT_PDU_SENT (PS3.8 9.3).

    Args:
        event: `pdu` is one of the classes of `pynetdicom.pdu`.
        *args: What was bound with the handler.
    """


def doc_handle_transport(event: evt.Event, *args: Any) -> None:
    """Learn that a connection was opened or closed: EVT_CONN_OPEN, EVT_CONN_CLOSE (PS3.8 9.1).

    Args:
        event: `address` is the peer's: (address, port), two values more with IPv6.
        *args: What was bound with the handler.
    """
