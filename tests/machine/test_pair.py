"""The fakes themselves: what they say when a test's expectation does not hold."""

from collections.abc import Callable

import pytest

from machine.states import P_DATA, side_in
from pynetdicom.dimse_primitives import C_ECHO
from pynetdicom.exceptions import AbortReason
from pynetdicom.fsm import State
from pynetdicom.pdu_primitives import A_RELEASE
from pynetdicom.testing import Pair, Side, build, pdus_in


def test_a_handlers_author_needs_few_lines() -> None:
    pair = Pair()
    pair.establish()

    pair.requestor.send(build(C_ECHO, MessageID=1, AffectedSOPClassUID="1.2.840.10008.1.1"))
    pair.carry()

    (request,) = pair.acceptor.take_events()
    assert isinstance(request, C_ECHO)
    pair.release()
    assert pair.acceptor.take_events() == [A_RELEASE()]


def test_nothing_is_sent_until_it_is_carried() -> None:
    pair = Pair()
    pair.establish()

    pair.requestor.send(A_RELEASE())
    before = pair.acceptor.core.state
    pair.carry()

    assert before is State.STA6
    assert pair.acceptor.core.state is State.STA8


def test_a_hangup_is_carried_once() -> None:
    side = side_in(State.STA6, is_requestor=True)
    side.receive_eof()

    assert side.take_hangup()
    assert not side.take_hangup()


def test_what_was_sent_can_be_seen_as_pdus() -> None:
    side = side_in(State.STA6, is_requestor=True)

    side.send(A_RELEASE())

    assert pdus_in(side.take_bytes()) == side.pdus[-1:]
    assert side.take_bytes() == b""


class DeafSide(Side):
    """A side whose wire is cut."""

    def receive(self, data: bytes, piece: int = 0) -> None:
        del data, piece


Check = Callable[[Side], None]

UNMET: list[tuple[State, Check, str]] = [
    (State.STA6, lambda side: side.assert_aborted(), "is not the last of"),
    (State.STA6, lambda side: side.assert_refused(), "alone"),
    (State.STA6, lambda side: side.assert_waits_for_close(), "instead of Sta13"),
    (State.STA6, lambda side: side.assert_closed(), "instead of Sta1"),
    (State.STA1, lambda side: side.assert_closed(), "to stay open"),
]


@pytest.mark.parametrize(("state", "check", "why"), UNMET)
def test_an_expectation_that_does_not_hold_says_what_is(
    state: State, check: Check, why: str
) -> None:
    side = side_in(state, is_requestor=True)

    with pytest.raises(AssertionError, match=why):
        check(side)


def test_an_abort_for_another_reason_is_not_the_one_expected() -> None:
    side = side_in(State.STA6, is_requestor=True)
    side.receive(b"GET / ")

    side.assert_aborted(AbortReason.UNRECOGNIZED_PDU)
    with pytest.raises(AssertionError, match="is not the last of"):
        side.assert_aborted(AbortReason.UNEXPECTED_PDU)


def test_a_proposal_that_does_not_arrive_is_told() -> None:
    pair = Pair()
    pair.acceptor = DeafSide(is_requestor=False)

    with pytest.raises(AssertionError, match="instead of an A-ASSOCIATE indication"):
        pair.propose()


def test_bytes_may_arrive_in_pieces() -> None:
    side = side_in(State.STA6, is_requestor=False)

    side.receive(P_DATA, 3)
    side.receive(b"")

    assert len(side.events) == 1
