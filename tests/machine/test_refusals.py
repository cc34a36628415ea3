"""What a peer does wrong, and how it is answered: at the earliest byte, and with the reason."""

from collections.abc import Callable

import pytest

from machine.states import (
    ECHO_COMMAND,
    P_DATA,
    WAYS,
    associate_ac,
    associate_rq,
    side_in,
    sta2,
    sta6,
)
from pynetdicom.dimse_messages import MemorySink
from pynetdicom.exceptions import AbortReason
from pynetdicom.fsm import State
from pynetdicom.pdu import A_ASSOCIATE_AC
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.testing import Side, acceptance, build, pdus_in, request

PIECES = pytest.mark.parametrize("piece", [0, 1])

INVALID = AbortReason.INVALID_PARAMETER_VALUE
UNEXPECTED = AbortReason.UNEXPECTED_PDU

# Where an association can be that is neither before its request nor behind its end.
IN_BETWEEN = [
    (state, is_requestor)
    for is_requestor, ways in WAYS.items()
    for state in ways
    if state not in (State.STA1, State.STA2, State.STA4, State.STA13)
]


def data(control: int, fragment: bytes, context_id: int = 1) -> bytes:
    """Return a P-DATA-TF PDU of one fragment."""
    value = bytes([context_id, control]) + fragment
    pdv = len(value).to_bytes(4, "big") + value
    return b"\x04\0" + len(pdv).to_bytes(4, "big") + pdv


def element(number: int, value: bytes) -> bytes:
    """Return an element of the command set."""
    return b"\0\0" + number.to_bytes(2, "little") + len(value).to_bytes(4, "little") + value


COMMAND_FIELD = element(0x0100, b"\x30\0")
MESSAGE_ID = element(0x0110, b"\x07\0")
RESPONDS_TO = element(0x0120, b"\x07\0")
NO_DATA_SET = element(0x0800, b"\x01\x01")
WITH_DATA_SET = element(0x0800, b"\x00\0")
STORE_COMMAND = element(0x0100, b"\x01\0") + MESSAGE_ID + WITH_DATA_SET


# Judged by the first six bytes.


@pytest.mark.parametrize(
    "header",
    [
        b"\x00\0\0\0\0\x04",
        b"\x08\0\0\0\0\x04",
        b"\xff\0\xff\xff\xff\xff",
        b"GET / ",
        b"\x16\x03\x01\x02\x00\x01",  # a TLS ClientHello
        b"SSH-2.",
        b"\x0bMSH|^",  # an HL7 message
    ],
)
@pytest.mark.parametrize(("state", "is_requestor"), IN_BETWEEN)
def test_a_pdu_type_nobody_knows_is_refused_by_its_header(
    state: State, is_requestor: bool, header: bytes
) -> None:
    side = side_in(state, is_requestor=is_requestor)

    side.receive(header)

    side.assert_aborted(AbortReason.UNRECOGNIZED_PDU)


@pytest.mark.parametrize("announced", [b"\0\0\0\x44", b"\0\x10\0\0", b"\xff\xff\xff\xff"])
@pytest.mark.parametrize(
    ("state", "is_requestor"), [cell for cell in IN_BETWEEN if cell[0] is not State.STA5]
)
@pytest.mark.parametrize("kind", [0x01, 0x02])
def test_an_associate_pdu_that_cannot_be_here_is_refused_by_its_header(
    kind: int, state: State, is_requestor: bool, announced: bytes
) -> None:
    side = side_in(state, is_requestor=is_requestor)

    side.receive(bytes([kind, 0]) + announced)

    side.assert_aborted(UNEXPECTED)


@pytest.mark.parametrize("kind", [0x02, 0x03, 0x04, 0x05, 0x06])
@pytest.mark.parametrize("announced", [b"\0\0\0\x04", b"\xff\xff\xff\xff"])
def test_what_is_no_request_is_refused_by_its_header_before_an_association(
    kind: int, announced: bytes
) -> None:
    side = sta2()

    side.receive(bytes([kind, 0]) + announced)

    side.assert_refused()
    assert "Sta2" in str(side.core.error)


@pytest.mark.parametrize(
    "header",
    [
        b"\x01\0\0\x10\0\x01",
        b"\x01\0\xff\xff\xff\xff",
        b"\x07\0\0\0\0\x05",
        b"\x07\0\0\0\0\0",
        b"\x07\0\xff\xff\xff\xff",
        b"GET / ",
    ],
)
@PIECES
def test_an_impossible_length_is_refused_by_its_header_before_an_association(
    piece: int, header: bytes
) -> None:
    side = sta2()

    side.receive(header, piece)

    side.assert_refused()


def test_a_request_may_have_a_mebibyte() -> None:
    side = sta2()

    side.receive(b"\x01\0\0\x10\0\0")

    assert side.core.state is State.STA2
    assert side.core.is_mid_pdu


@pytest.mark.parametrize(
    "header",
    [
        b"\x02\0\0\x10\0\x01",
        b"\x02\0\xff\xff\xff\xff",
        b"\x03\0\0\0\0\x05",
        b"\x03\0\xff\xff\xff\xff",
    ],
)
def test_an_answer_of_impossible_length_is_refused_by_its_header(header: bytes) -> None:
    side = side_in(State.STA5, is_requestor=True)

    side.receive(header)

    side.assert_aborted(INVALID)


@pytest.mark.parametrize("is_requestor", [True, False])
@pytest.mark.parametrize(
    "header",
    [
        b"\x04\0\0\0\0\x05",  # less than one fragment needs
        b"\x04\0\0\0\0\0",
        b"\x04\0\0\x02\0\x01",  # more than 128 KiB
        b"\x04\0\xff\xff\xff\xff",
        b"\x05\0\0\0\0\x05",
        b"\x05\0\xff\xff\xff\xff",
        b"\x07\0\0\0\0\x03",
    ],
)
@PIECES
def test_a_pdu_of_impossible_length_is_refused_by_its_header(
    piece: int, header: bytes, is_requestor: bool
) -> None:
    side = side_in(State.STA6, is_requestor=is_requestor)

    side.receive(header, piece)

    side.assert_aborted(INVALID)


def test_a_release_answer_of_impossible_length_is_refused_by_its_header() -> None:
    side = side_in(State.STA7, is_requestor=True)

    side.receive(b"\x06\0\xff\xff\xff\xff")

    side.assert_aborted(INVALID)


@pytest.mark.parametrize(("announced", "length"), [(0, 0x1000000), (0x30000, 0x30000)])
def test_who_announces_more_gets_more(announced: int, length: int) -> None:
    side = side_in(State.STA3, is_requestor=False)
    side.send(acceptance(request(), maximum_length=announced))

    side.receive(b"\x04\0" + length.to_bytes(4, "big"))

    assert side.core.state is State.STA6


def test_a_pdu_longer_than_announced_is_tolerated_to_a_point() -> None:
    side = side_in(State.STA6, is_requestor=False)
    fragments = 1000 * P_DATA[6:]

    side.receive(b"\x04\0" + len(fragments).to_bytes(4, "big") + fragments)

    assert len(fragments) > 16382
    assert len(side.events) == 1000


# What follows a refusal.


def test_nothing_is_listened_to_after_a_refusal() -> None:
    side = side_in(State.STA6, is_requestor=False)

    side.receive(b"GET / HTTP/1.1\r\n\r\n" + P_DATA + P_DATA)
    side.receive(P_DATA)

    side.assert_aborted(AbortReason.UNRECOGNIZED_PDU)
    assert len(side.events) == 1


@pytest.mark.parametrize("end", [lambda side: side.expire(), lambda side: side.receive_eof()])
def test_a_refused_peer_is_let_go_by_artim_or_by_its_close(end: Callable[[Side], None]) -> None:
    side = side_in(State.STA6, is_requestor=False)
    side.receive(b"GET / ")

    end(side)

    assert side.core.state is State.STA1
    assert not side.core.artim_running


def test_a_refusal_keeps_the_reason_but_not_the_bytes() -> None:
    side = side_in(State.STA5, is_requestor=True)
    answer = A_ASSOCIATE_AC()
    answer.from_primitive(acceptance(request()))
    broken = answer.encode().replace(b"1.2.840.10008.3", b"1.2.840.10008.\xff")

    side.receive(broken)

    side.assert_aborted(INVALID)
    assert "ApplicationContextItem" in str(side.core.error)
    assert side.core.error is not None
    assert side.core.error.__traceback__ is None
    assert side.core.error.__cause__ is None


def test_a_refusal_behind_an_abort_of_ours_is_an_abort_without_a_word_to_the_user() -> None:
    side = side_in(State.STA13, is_requestor=False)

    side.receive(b"GET / ")

    (abort,) = pdus_in(side.take_bytes())
    assert (abort.source, abort.reason_diagnostic) == (2, AbortReason.UNRECOGNIZED_PDU)
    assert side.events == []


# Association requests and their answers.


@pytest.mark.parametrize(
    ("what", "by"),
    [
        (b"\x20\0\0\x76\x01", b"\x20\0\0\x76\x02"),  # an even context ID
        (b"\x20\0\0\x76\x01", b"\x20\0\xff\x76\x01"),  # an item longer than the PDU
        (b"\x30\0\0\x11", b"\x31\0\0\x11"),  # no abstract syntax
        (b"\x51\0\0\x04", b"\x51\0\0\x03"),  # a maximum length of three bytes
    ],
)
@PIECES
def test_a_broken_request_is_refused(piece: int, what: bytes, by: bytes) -> None:
    side = sta2()
    broken = associate_rq().replace(what, by)
    assert broken != associate_rq()

    side.receive(broken, piece)

    side.assert_refused()


def test_a_request_without_items_is_for_the_application_to_judge() -> None:
    side = sta2()

    side.receive(b"\x01\0\0\0\0\x44\0\x01\0\0" + bytes(64))

    assert side.core.state is State.STA3
    assert len(side.events) == 1


def test_a_rejected_context_may_come_without_transfer_syntax() -> None:
    side = side_in(State.STA5, is_requestor=True)
    answer = A_ASSOCIATE_AC()
    rejected = build(PresentationContext, context_id=1, result=3)
    answer.from_primitive(acceptance(request()))
    answer.variable_items[1] = type(answer.presentation_context[0])(rejected)

    side.receive(answer.encode())

    assert side.core.state is State.STA6


def test_an_accepted_context_may_not() -> None:
    side = side_in(State.STA5, is_requestor=True)
    accepted = b"\x21\0\0\x19\x01\0\0\0\x40\0\0\x11"
    answer = associate_ac()

    side.receive(answer.replace(accepted, accepted[:-4] + b"\x41\0\0\x11"))

    side.assert_aborted(INVALID)


# Fragments.


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\0\0\0\0\x01\x03", "0 bytes"),  # a fragment without its two bytes of header
        (b"\0\0\0\x01\x01\x03", "1 bytes"),
        (b"\0\0\0\x03\x01\x03", "3 bytes"),  # a fragment longer than the PDU
        (b"\xff\xff\xff\xff\x01\x03", "4294967295 bytes"),
        (b"\0\0\0\x02\x01\x01?", "Stray bytes"),
        (b"\0\0\0\x02\x01\x01\0\0\0\x02\x01", "Stray bytes"),
    ],
)
@PIECES
def test_a_fragment_that_does_not_fit_is_refused(piece: int, body: bytes, why: str) -> None:
    side = sta6(is_requestor=False)

    side.receive(b"\x04\0" + len(body).to_bytes(4, "big") + body, piece)

    side.assert_aborted(INVALID)
    assert why in str(side.core.error)


@PIECES
@pytest.mark.parametrize("context_id", [0, 3, 255])
def test_a_message_on_a_context_that_was_not_accepted_is_refused(
    piece: int, context_id: int
) -> None:
    side = sta6(is_requestor=False)

    side.receive(data(3, ECHO_COMMAND, context_id), piece)

    side.assert_aborted(INVALID)
    assert f"context {context_id} was not accepted" in str(side.core.error)


def established(
    contexts: int = 2, maximum_data_set_length: int = 1000, sink: MemorySink | None = None
) -> Side:
    """Return an acceptor with some accepted contexts, in state 6."""
    side = Side(
        is_requestor=False,
        maximum_data_set_length=maximum_data_set_length,
        open_sink=lambda _primitive, _context_id: sink or MemorySink(),
    )
    proposed = request(*(build_context(f"1.2.{number}") for number in range(contexts)))
    side.connect()
    side.receive(associate_rq(proposed))
    side.send(acceptance(proposed))
    side.take_events()
    return side


BETWEEN_MESSAGES = {
    "a data set without a command": data(2, b"pixels"),
    "a second command inside a data set": data(3, STORE_COMMAND) + data(1, ECHO_COMMAND),
    "a second last command inside a data set": data(3, STORE_COMMAND) + data(3, ECHO_COMMAND),
    "a data set inside a command": data(1, STORE_COMMAND[:20]) + data(2, b"pixels"),
    "another context inside a data set": data(3, STORE_COMMAND) + data(2, b"pixels", 3),
    "a data set that was not announced": data(3, ECHO_COMMAND) + data(2, b"pixels"),
}


@pytest.mark.parametrize("wire", BETWEEN_MESSAGES.values(), ids=BETWEEN_MESSAGES)
@PIECES
def test_fragments_out_of_order_are_refused(piece: int, wire: bytes) -> None:
    side = established()

    side.receive(wire, piece)

    side.assert_aborted(AbortReason.UNEXPECTED_PARAMETER)


@PIECES
def test_a_context_that_changes_inside_a_command_is_refused(piece: int) -> None:
    side = established()

    side.receive(data(1, ECHO_COMMAND[:20]) + data(3, ECHO_COMMAND[20:], 3), piece)

    side.assert_aborted(INVALID)
    assert "changes to 3 within" in str(side.core.error)


# Endless input.


@PIECES
def test_a_command_set_has_at_most_64_kibibytes(piece: int) -> None:
    side = established()
    endless = data(1, element(0x0902, b"?" * 0x8000))
    assert 0x8000 < len(endless) < 0x10000

    side.receive(endless, piece * 1000)
    assert side.core.state is State.STA6
    side.receive(endless, piece * 1000)

    side.assert_aborted(INVALID)
    assert "exceeds 65536 bytes" in str(side.core.error)


@PIECES
def test_a_data_set_has_at_most_the_length_that_is_configured(piece: int) -> None:
    sink = MemorySink()
    side = established(maximum_data_set_length=1000, sink=sink)

    side.receive(data(3, STORE_COMMAND) + data(0, bytes(500)) + data(0, bytes(500)), piece)
    assert side.core.state is State.STA6
    side.receive(data(2, b"?"), piece)

    side.assert_aborted(INVALID)
    assert "exceeds 1000 bytes" in str(side.core.error)
    assert sink.closed


def test_a_data_set_may_have_just_this_length() -> None:
    side = established(maximum_data_set_length=1000)

    side.receive(data(3, STORE_COMMAND) + data(2, bytes(1000)) + data(3, STORE_COMMAND))
    side.receive(data(2, bytes(1000)))

    assert len(side.events) == 2


def test_empty_fragments_without_end_need_no_memory() -> None:
    side = established()
    side.receive(data(3, STORE_COMMAND))

    side.receive(data(0, b"") * 10_000)

    assert side.core.state is State.STA6
    assert len(side.core.receive_buffer()) <= 0x40000


# Command sets.

BROKEN_COMMANDS = {
    "nothing": b"",
    "no command field": MESSAGE_ID + NO_DATA_SET,
    "an unknown command field": element(0x0100, b"\x31\0") + MESSAGE_ID + NO_DATA_SET,
    "a response to a cancel": element(0x0100, b"\xff\x8f") + RESPONDS_TO + NO_DATA_SET,
    "a command field of one byte": element(0x0100, b"\x30") + MESSAGE_ID + NO_DATA_SET,
    "a command field of four bytes": element(0x0100, b"\x30\0\0\0") + MESSAGE_ID + NO_DATA_SET,
    "no data set type": COMMAND_FIELD + MESSAGE_ID,
    "an empty data set type": COMMAND_FIELD + MESSAGE_ID + element(0x0800, b""),
    "no message ID": COMMAND_FIELD + NO_DATA_SET,
    "an empty message ID": COMMAND_FIELD + NO_DATA_SET + element(0x0110, b""),
    "a message ID of four bytes": COMMAND_FIELD + NO_DATA_SET + element(0x0110, bytes(4)),
    "a response to nothing": element(0x0100, b"\x30\x80") + NO_DATA_SET + element(0x0900, b"\0\0"),
    "a response without status": element(0x0100, b"\x30\x80") + RESPONDS_TO + NO_DATA_SET,
    "a cancel of nothing": element(0x0100, b"\xff\x0f") + MESSAGE_ID + NO_DATA_SET,
    "another group": COMMAND_FIELD + MESSAGE_ID + NO_DATA_SET + b"\x08\0\x18\0\0\0\0\0",
    "half an element": COMMAND_FIELD + MESSAGE_ID + NO_DATA_SET + b"\0\0\x02\0\x02\0\0",
    "an element that is cut short": COMMAND_FIELD + NO_DATA_SET + MESSAGE_ID[:-1],
    "an element of 4 GB": COMMAND_FIELD + b"\0\0\x02\0\xff\xff\xff\xff",
    "a UID of 65 characters": COMMAND_FIELD + MESSAGE_ID + NO_DATA_SET + element(0x0002, b"1" * 65),
    "tags of three bytes": element(0x0100, b"\x10\x01")
    + MESSAGE_ID
    + NO_DATA_SET
    + element(0x1005, bytes(3)),
}


@pytest.mark.parametrize("command", BROKEN_COMMANDS.values(), ids=BROKEN_COMMANDS)
@PIECES
def test_a_broken_command_set_is_refused(piece: int, command: bytes) -> None:
    side = established()

    side.receive(data(3, command), piece)

    side.assert_aborted(INVALID)
