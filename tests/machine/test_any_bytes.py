"""Whatever comes, in whatever state: events or an abort, never an exception, and in linear time."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine.states import side_in
from machine.streams import ALL_NOTICES, in_fragments, in_pieces, mutated, places, streams, told
from pynetdicom.dimse_messages import COMMAND, LAST
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.exceptions import LocalProtocolError, RemoteProtocolError
from pynetdicom.fsm import State
from pynetdicom.pdu_primitives import A_ABORT, A_P_ABORT, A_RELEASE
from pynetdicom.testing import Pair, Side, acceptance, pdus_in, rejection, request
from wire import strategies

pytestmark = pytest.mark.slow

Place = tuple[State, bool]


def watched_side_in(place: Place, is_watched: bool) -> Side:
    side = side_in(place[0], is_requestor=place[1])
    side.core.watch(ALL_NOTICES if is_watched else frozenset(), with_data=True)
    return side


def assert_legal(side: Side) -> None:
    """Check what is true of an association whatever has happened to it."""
    core = side.core
    assert core.artim_running == (core.state in (State.STA2, State.STA13))
    assert core.close_wanted <= (core.state is State.STA1)
    assert core.error is None or isinstance(core.error, RemoteProtocolError)
    assert len(core.receive_buffer()) > 0
    assert pdus_in(side.sent) is not None


@given(places, in_pieces(streams), st.booleans())
def test_any_bytes_in_any_state_end_in_a_legal_state(
    place: Place, pieces: list[bytes], is_watched: bool
) -> None:
    side = watched_side_in(place, is_watched)

    for piece in pieces:
        side.receive(piece)
        assert_legal(side)
    side.receive_eof()

    assert_legal(side)
    assert side.core.state is State.STA1


@given(places, in_pieces(streams), st.booleans())
def test_any_split_of_the_bytes_gives_the_same_events(
    place: Place, pieces: list[bytes], is_watched: bool
) -> None:
    at_once, in_parts, byte_by_byte = (watched_side_in(place, is_watched) for _ in range(3))

    at_once.receive(b"".join(pieces))
    for piece in pieces:
        in_parts.receive(piece)
    byte_by_byte.receive(b"".join(pieces), 1)

    assert told(at_once) == told(in_parts) == told(byte_by_byte)
    assert at_once.sent == in_parts.sent == byte_by_byte.sent
    assert at_once.core.state is in_parts.core.state is byte_by_byte.core.state
    assert str(at_once.core.error) == str(in_parts.core.error) == str(byte_by_byte.core.error)


@given(
    st.lists(strategies.primitives(), max_size=3), st.integers(7, 400), st.sampled_from([0, 1, 11])
)
def test_messages_arrive_whatever_their_fragments(
    sent: list[DIMSEPrimitive], maximum_length: int, piece: int
) -> None:
    side = side_in(State.STA6, is_requestor=False)
    wire = b"".join(in_fragments(primitive, maximum_length) for primitive in sent)

    side.receive(wire, piece)

    received = [event for event in side.events if isinstance(event, DIMSEPrimitive)]
    assert [_content(message) for message in received] == [_content(message) for message in sent]
    assert all(pdu.pdu_length <= maximum_length for pdu in pdus_in(wire))


def _content(message: DIMSEPrimitive) -> Any:
    names = (element.name for element in message.elements)
    data = message.data_set
    return (
        type(message),
        {name: getattr(message, name) for name in names},
        None if data is None else data.getvalue(),
    )


@given(strategies.primitives(), st.integers(0, 300))
def test_fragments_are_marked_as_the_standard_says(
    primitive: DIMSEPrimitive, maximum_length: int
) -> None:
    pdus = pdus_in(in_fragments(primitive, maximum_length))

    controls = [pdu.presentation_data_value_items[0].data[0] for pdu in pdus]
    commands = [control for control in controls if control & COMMAND]
    data = controls[len(commands) :]

    assert all(len(pdu.presentation_data_value_items) == 1 for pdu in pdus)
    assert commands == [COMMAND] * (len(commands) - 1) + [COMMAND | LAST]
    assert data == ([0] * (len(data) - 1) + [LAST] if data else [])
    assert bool(data) == (primitive.data_set is not None)


# Two cores talk, their users do what they like, and the wire mangles what they say.

user_wishes: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [
            A_RELEASE(),
            A_RELEASE("affirmative"),
            A_ABORT(0),
            A_P_ABORT(2),
            request(),
            acceptance(request()),
            rejection(),
        ]
    ),
    strategies.primitives(),
)
steps = st.lists(
    st.tuples(
        st.booleans(),  # whose turn it is
        st.sampled_from(["send", "send", "carry", "carry", "carry", "lose", "expire", "connect"]),
        user_wishes,
        st.integers(0, 50),  # in pieces of so many bytes, mangled if odd
    ),
    max_size=12,
)


def take_step(step: Any, pair: Pair, draw: st.DataObject) -> None:
    requestors_turn, what, primitive, share = step
    one, other = pair.requestor, pair.acceptor
    side, peer = (one, other) if requestors_turn else (other, one)
    match what:
        case "send":
            side.send(primitive)
        case "connect":
            side.connect()
        case "lose":
            side.receive_eof()
        case "expire":
            side.expire()
        case _:
            wire = st.just(side.take_bytes())
            peer.receive(draw.draw(mutated(wire) if share % 2 else wire), share)


@given(steps, st.booleans(), st.data())
def test_a_dialogue_of_mutated_pdus_ends_in_legal_states(
    script: list[Any], is_established: bool, draw: st.DataObject
) -> None:
    pair = Pair()
    if is_established:
        pair.establish()

    for step in script:
        with suppress(LocalProtocolError):  # a wish that the state does not allow
            take_step(step, pair, draw)
        assert_legal(pair.requestor)
        assert_legal(pair.acceptor)
