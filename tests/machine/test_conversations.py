"""What two cores say to each other: establishing, data, release, collisions, aborts."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from machine.states import ABORT, P_DATA, RELEASE_RQ, associate_ac, associate_rq, side_in
from pynetdicom import pdu
from pynetdicom.dimse_messages import DataSource, MemorySink
from pynetdicom.dimse_primitives import C_ECHO, C_STORE, DIMSEPrimitive
from pynetdicom.exceptions import AbortReason, LocalProtocolError
from pynetdicom.fsm import State
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_P_ABORT, A_RELEASE
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import CTImageStorage, Verification
from pynetdicom.testing import Pair, Side, acceptance, build, pdus_in, rejection, request

AFFIRMATIVE = A_RELEASE("affirmative")
PIECES = pytest.mark.parametrize("piece", [0, 1, 7])


def echo(message_id: int = 1) -> C_ECHO:
    return build(C_ECHO, MessageID=message_id, AffectedSOPClassUID=Verification)


def store(data: bytes, message_id: int = 1) -> C_STORE:
    return build(
        C_STORE,
        MessageID=message_id,
        AffectedSOPClassUID=CTImageStorage,
        AffectedSOPInstanceUID="1.2.3",
        DataSet=BytesIO(data),
    )


def data_of(message: Any) -> bytes:
    """Return the data set of a received message."""
    assert isinstance(message, DIMSEPrimitive)
    assert message.data_set is not None
    return message.data_set.getvalue()


# Establishing.


@PIECES
def test_an_association_is_established(piece: int) -> None:
    pair = Pair(requestor_maximum_length=1000, acceptor_maximum_length=2000, piece=piece)

    indication = pair.propose(build_context(Verification))
    pair.acceptor.send(acceptance(indication, 2000))
    pair.carry()

    (confirmation,) = pair.requestor.take_events()
    assert isinstance(confirmation, A_ASSOCIATE)
    assert confirmation.result == 0
    assert indication.calling_ae_title == "REQUESTOR"
    assert pair.requestor.core.state is pair.acceptor.core.state is State.STA6
    assert pair.requestor.core.peer_maximum_length == 2000
    assert pair.acceptor.core.peer_maximum_length == 1000


def test_an_association_is_rejected_and_closed_by_the_requestor() -> None:
    pair = Pair()
    pair.propose()

    pair.acceptor.send(rejection(2, 3, 2))
    pair.carry()

    (confirmation,) = pair.requestor.take_events()
    assert isinstance(confirmation, A_ASSOCIATE)
    assert (confirmation.result, confirmation.result_source, confirmation.diagnostic) == (2, 3, 2)
    pair.requestor.assert_closed()
    assert pair.acceptor.core.state is State.STA1


def test_a_rejected_requestor_that_does_not_close_is_closed_by_artim() -> None:
    side = side_in(State.STA3, is_requestor=False)
    side.send(rejection())

    side.expire()

    side.assert_closed()


def test_a_peer_that_connects_and_says_nothing_is_closed_by_artim() -> None:
    side = side_in(State.STA2, is_requestor=False)

    side.expire()

    side.assert_closed()
    assert side.events == []


def test_a_requestor_that_gives_up_before_it_is_connected_sends_nothing() -> None:
    side = side_in(State.STA4, is_requestor=True)

    side.send(A_ABORT(0))

    side.assert_closed()
    assert side.sent == b""


def test_a_connection_that_cannot_be_made_is_a_providers_abort() -> None:
    side = side_in(State.STA4, is_requestor=True)

    side.receive_eof()

    assert side.take_events() == [A_P_ABORT(0)]
    side.assert_closed()


def test_a_peer_that_says_no_maximum_length_gets_no_limit() -> None:
    side = side_in(State.STA2, is_requestor=False)
    silent = pdu.A_ASSOCIATE_RQ()

    side.receive(silent.encode())
    side.send(acceptance(request()))

    assert side.core.peer_maximum_length == 0


def test_only_contexts_that_were_proposed_can_be_accepted() -> None:
    side = side_in(State.STA5, is_requestor=True)
    answer = bytearray(associate_ac())
    answer[answer.index(b"\x21\0\0\x19\x01") + 4] = 3  # context 1 was proposed

    side.receive(bytes(answer))
    side.take_events()
    side.receive(P_DATA[:10] + b"\x03" + P_DATA[11:])

    side.assert_aborted(AbortReason.INVALID_PARAMETER_VALUE)
    assert "context 3" in str(side.core.error)


# Data.


@PIECES
def test_a_request_and_its_response_cross_the_wire(piece: int) -> None:
    pair = Pair(piece=piece)
    pair.establish()

    pair.requestor.send(echo(7))
    pair.carry()
    (asked,) = pair.acceptor.take_events()
    pair.acceptor.send(build(C_ECHO, MessageIDBeingRespondedTo=7, Status=0))
    pair.carry()
    (answered,) = pair.requestor.take_events()

    assert isinstance(asked, C_ECHO)
    assert isinstance(answered, C_ECHO)
    assert (asked.MessageID, asked._context_id) == (7, 1)
    assert (answered.MessageIDBeingRespondedTo, answered.Status) == (7, 0)


@PIECES
@pytest.mark.parametrize("maximum_length", [0, 7, 100, 16382])
@pytest.mark.parametrize("length", [0, 1, 94, 95, 500])
def test_a_data_set_arrives_as_it_was_sent(piece: int, maximum_length: int, length: int) -> None:
    pair = Pair(acceptor_maximum_length=maximum_length, piece=piece)
    pair.establish(build_context(CTImageStorage))
    data = bytes(range(256)) * 2

    pair.requestor.send(store(data[:length]))
    pair.carry()

    (message,) = pair.acceptor.take_events()
    assert data_of(message) == data[:length]
    assert longest_data_pdu(pair.requestor) <= (maximum_length or 1 << 32)


def longest_data_pdu(side: Side) -> int:
    """Return the length of the longest P-DATA-TF that was sent, as the maximum length counts."""
    return max(sent.pdu_length for sent in side.pdus if isinstance(sent, pdu.P_DATA_TF))


def test_messages_on_several_contexts_come_one_after_the_other() -> None:
    pair = Pair(piece=5)
    pair.establish(build_context(Verification), build_context(CTImageStorage))

    pair.requestor.send(echo(1), 1)
    pair.requestor.send(store(b"pixels", 2), 3)
    pair.requestor.send(echo(3), 1)
    pair.carry()

    one, two, three = pair.acceptor.take_events()
    assert isinstance(one, C_ECHO)
    assert isinstance(three, C_ECHO)
    assert data_of(two) == b"pixels"


def test_the_peer_may_put_a_whole_message_into_one_pdu() -> None:
    side = side_in(State.STA6, is_requestor=False)
    two = b"\x04\0" + (2 * len(P_DATA[6:])).to_bytes(4, "big") + 2 * P_DATA[6:]

    side.receive(two)

    first, second = side.take_events()
    assert isinstance(first, C_ECHO)
    assert isinstance(second, C_ECHO)


@PIECES
def test_an_empty_last_fragment_ends_a_message(piece: int) -> None:
    side = side_in(State.STA6, is_requestor=False)
    begun = P_DATA[:11] + b"\x01" + P_DATA[12:]
    ended = b"\x04\0\0\0\0\x06" + b"\0\0\0\x02\x01\x03"

    side.receive(begun + ended, piece)

    assert [type(event) for event in side.take_events()] == [C_ECHO]


def test_several_fragments_of_one_message_may_share_a_pdu() -> None:
    side = side_in(State.STA6, is_requestor=False)
    command = P_DATA[12:]
    fragments = (
        (b"\0\0\0\x0c\x01\x01" + command[:10])
        + (b"\0\0\0\x02\x01\x01")
        + (len(command) - 8).to_bytes(4, "big")
        + b"\x01\x03"
        + command[10:]
    )

    side.receive(b"\x04\0" + len(fragments).to_bytes(4, "big") + fragments, 3)

    assert [type(event) for event in side.take_events()] == [C_ECHO]


def test_reserved_bits_of_the_control_header_are_not_tested() -> None:
    side = side_in(State.STA6, is_requestor=False)

    side.receive(P_DATA[:11] + b"\xff" + P_DATA[12:])

    assert [type(event) for event in side.take_events()] == [C_ECHO]


def test_a_data_set_that_becomes_shorter_while_it_is_sent_is_told() -> None:
    side = side_in(State.STA6, is_requestor=True)
    source = DataSource(100, lambda size: bytes(size)[:50])
    side.core.send(store(b""), 1, source)

    with pytest.raises(LocalProtocolError, match="shorter"):
        list(side.core.data_to_send())


# Release and its collisions.


@PIECES
def test_an_association_is_released_by_its_requestor(piece: int) -> None:
    pair = Pair(piece=piece)
    pair.establish()

    pair.requestor.send(A_RELEASE())
    pair.carry()
    asked = pair.acceptor.take_events()
    pair.acceptor.send(AFFIRMATIVE)
    pair.carry()

    assert asked == [A_RELEASE()]
    assert pair.requestor.take_events() == [AFFIRMATIVE]
    pair.requestor.assert_closed()
    assert pair.acceptor.core.state is State.STA1


def test_an_association_is_released_by_its_acceptor() -> None:
    pair = Pair()
    pair.establish()

    pair.acceptor.send(A_RELEASE())
    pair.carry()
    pair.requestor.send(AFFIRMATIVE)
    pair.carry()

    assert pair.acceptor.take_events() == [AFFIRMATIVE]
    pair.acceptor.assert_closed()
    assert pair.requestor.core.state is State.STA1


def test_both_sides_ask_for_the_release_at_once() -> None:
    pair = Pair()
    pair.establish()

    pair.requestor.send(A_RELEASE())
    pair.acceptor.send(A_RELEASE())
    pair.carry()
    assert (pair.requestor.core.state, pair.acceptor.core.state) == (State.STA9, State.STA10)
    assert pair.requestor.take_events() == pair.acceptor.take_events() == [A_RELEASE()]

    pair.requestor.send(AFFIRMATIVE)
    pair.carry()
    assert (pair.requestor.core.state, pair.acceptor.core.state) == (State.STA11, State.STA12)
    assert pair.acceptor.take_events() == [AFFIRMATIVE]

    pair.acceptor.send(AFFIRMATIVE)
    pair.carry()
    assert pair.requestor.take_events() == [AFFIRMATIVE]
    pair.requestor.assert_closed()
    assert pair.acceptor.core.state is State.STA1


def test_the_acceptor_waits_for_the_requestor_to_answer_first_in_a_collision() -> None:
    side = side_in(State.STA10, is_requestor=False)

    with pytest.raises(LocalProtocolError):
        side.send(AFFIRMATIVE)


def test_data_sent_while_releasing_is_refused_locally() -> None:
    side = side_in(State.STA7, is_requestor=True)

    with pytest.raises(LocalProtocolError, match="Evt9 is not possible in Sta7"):
        side.send(echo())

    assert side.core.state is State.STA7


def test_a_response_still_arrives_after_the_release_was_asked_for() -> None:
    pair = Pair()
    pair.establish()
    pair.requestor.send(A_RELEASE())

    pair.acceptor.send(build(C_ECHO, MessageIDBeingRespondedTo=1, Status=0))
    pair.carry()

    (answer,) = pair.requestor.take_events()
    assert isinstance(answer, C_ECHO)
    assert pair.requestor.core.state is State.STA7


def test_the_asked_side_may_still_answer_before_it_releases() -> None:
    pair = Pair()
    pair.establish()
    pair.requestor.send(A_RELEASE())
    pair.carry()

    pair.acceptor.send(build(C_ECHO, MessageIDBeingRespondedTo=1, Status=0))
    pair.acceptor.send(AFFIRMATIVE)
    pair.carry()

    answer, released = pair.requestor.take_events()
    assert isinstance(answer, C_ECHO)
    assert released == AFFIRMATIVE


def test_what_was_said_before_a_release_goes_out_before_it() -> None:
    side = side_in(State.STA6, is_requestor=True)
    side.core.send(store(b""), 1, DataSource.of(b"pixels"))

    side.send(A_RELEASE())

    command, data, release = pdus_in(side.take_bytes())
    assert data.presentation_data_value_items[0].data == b"\x02pixels"
    assert isinstance(release, pdu.A_RELEASE_RQ)
    assert isinstance(command, pdu.P_DATA_TF)


def test_what_was_answered_before_a_release_was_granted_goes_out_before_it() -> None:
    side = side_in(State.STA8, is_requestor=False)
    side.core.send(store(b""), 1, DataSource.of(b"pixels"))

    side.send(AFFIRMATIVE)

    _, data, release = pdus_in(side.take_bytes())
    assert data.presentation_data_value_items[0].data == b"\x02pixels"
    assert isinstance(release, pdu.A_RELEASE_RP)


# Aborts.


def test_an_abort_tells_the_peer_who_aborts() -> None:
    pair = Pair()
    pair.establish()

    pair.abort()

    assert pair.acceptor.take_events() == [A_ABORT(0)]
    pair.acceptor.assert_closed()
    assert pair.requestor.core.state is State.STA1
    assert not pair.requestor.core.artim_running


def test_a_provider_may_abort_with_a_reason() -> None:
    pair = Pair()
    pair.establish()

    pair.acceptor.send(A_P_ABORT(AbortReason.UNEXPECTED_PARAMETER))
    pair.carry()

    assert pair.requestor.take_events() == [A_P_ABORT(AbortReason.UNEXPECTED_PARAMETER)]


def test_an_abort_need_not_wait_for_the_end_of_a_message() -> None:
    side = side_in(State.STA6, is_requestor=True)
    source = DataSource(8_000_000, bytes)
    side.core.send(store(b""), 1, source)
    output = side.core.data_to_send()
    side.sent += b"".join(next(output))

    side.core.send(A_ABORT(0))
    side.sent += b"".join(b"".join(batch) for batch in output)

    *data, abort = pdus_in(side.take_bytes())
    assert abort == pdu.A_ABORT_RQ()
    assert len(data) < 100


LOSSES: dict[str, Callable[[Side], None]] = {
    "the connection is lost": lambda side: side.core.receive_eof(),
    "the user aborts": lambda side: side.core.send(A_ABORT(0)),
}


@pytest.mark.parametrize(("loss", "rest"), [*zip(LOSSES.values(), (b"", ABORT), strict=True)])
def test_what_happens_while_a_data_set_is_read_ends_it(
    loss: Callable[[Side], None], rest: bytes
) -> None:
    side = side_in(State.STA6, is_requestor=True)

    def read(size: int) -> bytes:
        loss(side)
        return bytes(size)

    side.core.send(store(b""), 1, DataSource(8_000_000, read))
    output = b"".join(b"".join(batch) for batch in side.core.data_to_send())

    assert output == rest


def test_a_lost_connection_is_a_providers_abort() -> None:
    side = side_in(State.STA6, is_requestor=True)

    side.receive_eof()

    assert side.take_events() == [A_P_ABORT(0)]
    side.assert_closed()


class RecordingSink(MemorySink):
    """A sink that tells what becomes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.is_discarded = False

    def discard(self) -> None:
        self.is_discarded = True
        super().discard()


def side_with_half_a_data_set() -> tuple[Side, RecordingSink]:
    """Return an established acceptor that has got the first half of a message, and its sink."""
    pair, sink = Pair(), RecordingSink()
    pair.acceptor = Side(is_requestor=False, open_sink=lambda _primitive, _context_id: sink)
    pair.establish(build_context(CTImageStorage))
    pair.requestor.send(store(b"pixels"))
    pair.acceptor.receive(pair.requestor.take_bytes()[:-3], 20)
    assert sink.getvalue() == b"pix"
    return pair.acceptor, sink


ENDS: dict[str, Any] = {
    "the user aborts": lambda side: side.send(A_ABORT(0)),
    "the peer aborts": lambda side: side.receive(b"xel\x07\0\0\0\0\x04\0\0\0\0"),
    "the peer breaks the protocol": lambda side: side.receive(b"xel\x01\0\0\0\0\0"),
    "the connection is lost": lambda side: side.receive_eof(),
}


@pytest.mark.parametrize("end", ["the user aborts", "the connection is lost"])
def test_half_a_data_set_is_discarded_when(end: str) -> None:
    side, sink = side_with_half_a_data_set()

    ENDS[end](side)

    assert sink.is_discarded


@pytest.mark.parametrize("end", ENDS)
def test_a_data_set_that_was_complete_is_not_discarded_when(end: str) -> None:
    side, sink = side_with_half_a_data_set()
    side.receive(b"els")

    ENDS[end](side)

    assert not sink.is_discarded
    assert data_of(side.events[0]) == b"pixels"


def test_half_a_data_set_is_discarded_when_the_peer_releases_and_goes() -> None:
    pair, sink = Pair(), RecordingSink()
    pair.acceptor = Side(is_requestor=False, open_sink=lambda _primitive, _context_id: sink)
    pair.establish(build_context(CTImageStorage))
    pair.requestor.send(store(b"pixels"))
    command_only = bytes(pair.requestor.take_bytes()[: -len(b"pixels") - 12])

    pair.acceptor.receive(command_only + RELEASE_RQ)
    pair.acceptor.send(AFFIRMATIVE)
    pair.acceptor.receive_eof()

    assert pair.acceptor.core.state is State.STA1
    assert sink.is_discarded


@PIECES
def test_what_comes_after_the_users_abort_is_ignored(piece: int) -> None:
    side = side_in(State.STA13, is_requestor=True)

    side.receive(P_DATA + associate_ac() + RELEASE_RQ + P_DATA, piece)

    assert side.events == []
    assert side.take_bytes() == b""
    side.assert_waits_for_close()


def test_an_abort_in_the_middle_of_a_pdu_ignores_the_rest_of_it() -> None:
    side, _ = side_with_half_a_data_set()
    side.send(A_ABORT(0))
    side.take_bytes()

    side.receive(b"els" + P_DATA + b"\x07\0\0\0\0\x04\0\0\0\0")

    assert side.events == []
    side.assert_closed()


def test_a_request_that_comes_after_the_users_abort_is_aborted_again() -> None:
    side = side_in(State.STA13, is_requestor=False)

    side.receive(associate_rq())

    (abort,) = pdus_in(side.take_bytes())
    assert (abort.source, abort.reason_diagnostic) == (2, AbortReason.UNEXPECTED_PDU)
    side.assert_waits_for_close()


@pytest.mark.parametrize("state", [State.STA2, State.STA4, State.STA6, State.STA13])
def test_an_association_that_is_over_does_not_begin_again(state: State) -> None:
    side = side_in(state, is_requestor=state is State.STA4)
    side.receive_eof()
    before = side.core.close_wanted

    with pytest.raises(LocalProtocolError):
        side.connect()
    with pytest.raises(LocalProtocolError):
        side.send(request())
    side.receive_eof()

    assert side.core.state is State.STA1
    assert side.core.close_wanted is before


# What goes wrong on our own side leaves everything as it was.


def test_a_request_that_cannot_be_encoded_is_not_begun() -> None:
    side = Side(is_requestor=True)
    incomplete = request()
    incomplete.presentation_context_definition_list[0].context_id = None

    with pytest.raises(TypeError):
        side.send(incomplete)

    assert side.core.state is State.STA1


def test_an_acceptance_that_cannot_be_encoded_changes_nothing() -> None:
    side = side_in(State.STA3, is_requestor=False)
    incomplete = acceptance(request())
    incomplete.presentation_context_definition_results_list[0].result = None

    with pytest.raises(TypeError):
        side.send(incomplete)

    assert side.core.state is State.STA3
    assert side.take_bytes() == b""


def test_a_rejection_without_a_reason_changes_nothing() -> None:
    side = side_in(State.STA3, is_requestor=False)

    with pytest.raises(TypeError):
        side.send(build(A_ASSOCIATE, result=1))

    assert side.core.state is State.STA3
    assert not side.core.artim_running


def test_an_abort_without_a_source_changes_nothing() -> None:
    side, sink = side_with_half_a_data_set()

    with pytest.raises(ValueError, match="source"):
        side.send(A_ABORT())
    side.receive(b"els")

    assert not sink.is_discarded
    assert data_of(side.events[0]) == b"pixels"
