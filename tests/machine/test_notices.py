"""What a watcher is told, and in which order: bytes, PDU, transition, then the primitive."""

from typing import Any

import pytest

from machine.states import P_DATA, RELEASE_RQ, associate_rq, side_in
from pynetdicom import pdu
from pynetdicom.dimse_messages import DataSource
from pynetdicom.dimse_primitives import C_ECHO, C_STORE
from pynetdicom.fsm import State
from pynetdicom.pdu_primitives import A_ABORT, A_P_ABORT, A_RELEASE
from pynetdicom.testing import Side, acceptance, build, request
from pynetdicom.upper_layer import Notice

ALL = frozenset(
    {"EVT_DATA_RECV", "EVT_DATA_SENT", "EVT_PDU_RECV", "EVT_PDU_SENT", "EVT_FSM_TRANSITION"}
)
PIECES = pytest.mark.parametrize("piece", [0, 1, 13])


def watched(state: State, *names: str, with_data: bool = True, is_requestor: bool = False) -> Side:
    """Return a side in `state` that is watched, by default for all there is."""
    side = side_in(state, is_requestor=is_requestor)
    side.core.watch(frozenset(names) or ALL, with_data=with_data)
    return side


def names_of(side: Side) -> list[str]:
    """Return the events of a side by name."""
    return [
        event.name.removeprefix("EVT_") if isinstance(event, Notice) else type(event).__name__
        for event in side.events
    ]


def notices(side: Side, name: str) -> list[dict[str, Any]]:
    """Return what the notices of one name told."""
    return [e.attributes for e in side.events if isinstance(e, Notice) and e.name == name]


@PIECES
def test_a_received_pdu_is_told_as_bytes_then_as_pdu_then_what_came_of_it(piece: int) -> None:
    side = watched(State.STA2)
    wire = associate_rq()

    side.receive(wire, piece)

    assert names_of(side) == ["DATA_RECV", "PDU_RECV", "FSM_TRANSITION", "A_ASSOCIATE"]
    assert notices(side, "EVT_DATA_RECV") == [{"data": wire}]
    (told,) = notices(side, "EVT_PDU_RECV")
    assert isinstance(told["pdu"], pdu.A_ASSOCIATE_RQ)
    assert told["pdu"].encode() == wire


def test_a_transition_tells_its_four_sides() -> None:
    side = watched(State.STA2, "EVT_FSM_TRANSITION")

    side.receive(associate_rq())

    assert notices(side, "EVT_FSM_TRANSITION") == [
        {"action": "AE-6", "current_state": "Sta2", "fsm_event": "Evt6", "next_state": "Sta3"}
    ]


def test_a_transition_tells_where_it_went_in_the_end() -> None:
    side = watched(State.STA7, "EVT_FSM_TRANSITION")

    side.receive(RELEASE_RQ)

    (told,) = notices(side, "EVT_FSM_TRANSITION")
    assert (told["action"], told["next_state"]) == ("AR-8", "Sta10")


def test_a_sent_pdu_is_told_before_the_transition() -> None:
    side = watched(State.STA3)

    side.send(acceptance(request()))

    assert names_of(side) == ["DATA_SENT", "PDU_SENT", "FSM_TRANSITION"]
    assert notices(side, "EVT_DATA_SENT") == [{"data": side.take_bytes()}]
    (told,) = notices(side, "EVT_PDU_SENT")
    assert isinstance(told["pdu"], pdu.A_ASSOCIATE_AC)


@PIECES
def test_data_are_told_pdu_by_pdu_and_the_message_when_it_is_complete(piece: int) -> None:
    side = watched(State.STA6)
    begun = b"\x04\0\0\0\0\x0e" + b"\0\0\0\x0a\x01\x01" + P_DATA[12:20]
    rest = P_DATA[20:]
    ended = b"\x04\0" + (len(rest) + 6).to_bytes(4, "big") + (len(rest) + 2).to_bytes(4, "big")
    ended += b"\x01\x03" + rest

    side.receive(begun + ended, piece)

    each = ["DATA_RECV", "PDU_RECV", "FSM_TRANSITION"]
    assert names_of(side) == [*each, *each, "C_ECHO"]
    assert [told["data"] for told in notices(side, "EVT_DATA_RECV")] == [begun, ended]


def test_a_sent_message_is_told_like_every_pdu() -> None:
    side = watched(State.STA6)

    side.send(build(C_ECHO, MessageID=7, AffectedSOPClassUID="1.2.840.10008.1.1"))

    assert names_of(side) == ["DATA_SENT", "PDU_SENT", "FSM_TRANSITION"]
    assert notices(side, "EVT_DATA_SENT") == [{"data": P_DATA}]
    assert side.take_bytes() == P_DATA


def test_a_sent_data_set_is_told_while_it_is_written() -> None:
    side = watched(State.STA6)

    side.core.send(build(C_STORE, MessageID=1), 1, DataSource.of(b"pixels"))
    before = side.core.events_received()
    batches = list(side.core.data_to_send())
    side.events += side.core.events_received()

    assert [notice.name for notice in before if isinstance(notice, Notice)] == [
        "EVT_FSM_TRANSITION"
    ]
    assert names_of(side) == ["DATA_SENT", "PDU_SENT"] * 2
    written = b"".join(buffer for batch in batches for buffer in batch)
    assert b"".join(told["data"] for told in notices(side, "EVT_DATA_SENT")) == written


def test_data_are_not_told_to_those_who_do_not_want_them() -> None:
    side = watched(State.STA6, with_data=False)

    side.receive(P_DATA)
    side.send(build(C_ECHO, MessageIDBeingRespondedTo=7, Status=0))

    assert names_of(side) == ["C_ECHO", "FSM_TRANSITION"]


def test_transitions_of_data_are_told_only_with_data() -> None:
    side = watched(State.STA6, "EVT_FSM_TRANSITION", with_data=True)

    side.receive(P_DATA)

    assert names_of(side) == ["FSM_TRANSITION", "C_ECHO"]
    (told,) = notices(side, "EVT_FSM_TRANSITION")
    assert (told["action"], told["current_state"]) == ("DT-2", "Sta6")


def test_nobody_is_told_anything_when_nobody_watches() -> None:
    side = watched(State.STA6)
    side.core.watch(frozenset(), with_data=True)

    side.receive(P_DATA)

    assert names_of(side) == ["C_ECHO"]


@pytest.mark.parametrize("name", ["EVT_DATA_RECV", "EVT_PDU_RECV"])
def test_only_what_was_asked_for_is_told(name: str) -> None:
    side = watched(State.STA6, name)

    side.receive(P_DATA + RELEASE_RQ)

    assert [name for name in names_of(side) if name.isupper() and "EVT_" + name in ALL] == [
        name.removeprefix("EVT_")
    ] * 2


@PIECES
def test_a_pdu_that_cannot_be_decoded_is_told_as_bytes(piece: int) -> None:
    side = watched(State.STA2)
    broken = b"\x01\0\0\0\0\x04what"

    side.receive(broken, piece)

    assert names_of(side) == ["DATA_RECV", "DATA_SENT", "PDU_SENT", "FSM_TRANSITION"]
    assert notices(side, "EVT_DATA_RECV") == [{"data": broken}]
    (told,) = notices(side, "EVT_FSM_TRANSITION")
    assert (told["action"], told["fsm_event"]) == ("AA-1", "Evt19")


@PIECES
def test_data_that_cannot_be_decoded_are_told_as_bytes(piece: int) -> None:
    side = watched(State.STA6)
    broken = b"\x04\0\0\0\0\x06\0\0\0\x03\x01\x03"

    side.receive(broken, piece)

    assert notices(side, "EVT_DATA_RECV") == [{"data": broken}]
    assert names_of(side)[-2:] == ["FSM_TRANSITION", "A_P_ABORT"]


@PIECES
def test_ignored_data_are_told_too(piece: int) -> None:
    side = watched(State.STA13)

    side.receive(P_DATA, piece)

    assert names_of(side) == ["DATA_RECV", "PDU_RECV", "FSM_TRANSITION"]
    (told,) = notices(side, "EVT_FSM_TRANSITION")
    assert told["action"] == "AA-6"


def test_a_refused_pdu_is_told_by_its_transition() -> None:
    side = watched(State.STA6)

    side.receive(associate_rq()[:6])

    assert names_of(side) == ["DATA_SENT", "PDU_SENT", "FSM_TRANSITION", "A_P_ABORT"]
    assert side.events[-1] == A_P_ABORT(2)


def test_a_closed_association_is_told_by_its_transitions() -> None:
    side = watched(State.STA6, is_requestor=True)

    side.send(A_RELEASE())
    side.receive_eof()

    assert names_of(side)[-2:] == ["FSM_TRANSITION", "A_P_ABORT"]
    assert [told["next_state"] for told in notices(side, "EVT_FSM_TRANSITION")] == ["Sta7", "Sta1"]


def test_what_was_not_possible_is_not_told() -> None:
    side = watched(State.STA6)

    with pytest.raises(ValueError, match="source"):
        side.send(A_ABORT())

    assert side.core.events_received() == []


def test_watching_from_the_middle_of_a_pdu_begins_with_the_next() -> None:
    side = side_in(State.STA6, is_requestor=False)
    side.receive(P_DATA[:40])

    side.core.watch(ALL, with_data=True)
    side.receive(P_DATA[40:] + P_DATA)

    assert names_of(side) == ["C_ECHO", "DATA_RECV", "PDU_RECV", "FSM_TRANSITION", "C_ECHO"]
