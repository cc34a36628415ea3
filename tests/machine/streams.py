"""Hypothesis strategies for what a peer may send: right, nearly right, and anything at all."""

from io import BytesIO
from typing import Any

from hypothesis import strategies as st

from machine.states import P_DATA, RELEASE_RP, RELEASE_RQ, WAYS, associate_ac, associate_rq
from pynetdicom.dimse_messages import DataSource, batches
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.testing import Side
from pynetdicom.upper_layer import Notice
from wire import strategies

ALL_NOTICES = frozenset(
    {"EVT_DATA_RECV", "EVT_DATA_SENT", "EVT_PDU_RECV", "EVT_PDU_SENT", "EVT_FSM_TRANSITION"}
)

# Every state there is, in every role that can be in it.
places = st.sampled_from(
    [(state, is_requestor) for is_requestor, ways in WAYS.items() for state in ways]
)


def in_fragments(primitive: DIMSEPrimitive, maximum_length: int, context_id: int = 1) -> bytes:
    """Return a message as it goes on the wire."""
    data = primitive.data_set
    source = None if data is None else DataSource.of(data.getvalue())
    cut = batches(primitive, context_id, maximum_length, source)
    return b"".join(buffer for batch in cut for buffer in batch)


messages = st.builds(in_fragments, strategies.primitives(), st.sampled_from([0, 9, 30, 200, 16382]))
usual = st.sampled_from([P_DATA, RELEASE_RQ, RELEASE_RP, associate_rq(), associate_ac()])
valid_pdus = st.one_of(usual, messages, strategies.pdus.map(lambda pdu: pdu.encode()))


@st.composite
def mutated(draw: st.DrawFn, wire: st.SearchStrategy[bytes]) -> bytes:
    """Draw bytes that are nearly what they were: some changed, lost, doubled or put in."""
    data = bytearray(draw(wire))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        end = at + draw(st.integers(0, 8))
        data[at:end] = draw(
            st.one_of(
                st.binary(max_size=4),
                st.just(bytes(data[at:end]) * 2),
                st.sampled_from([b"", b"\0", b"\xff\xff\xff\xff", b"\0\0\0\x06", b"\x04\0"]),
            )
        )
    return bytes(data)


streams = st.one_of(
    st.binary(max_size=200),
    st.lists(valid_pdus, max_size=4).map(b"".join),
    mutated(st.lists(valid_pdus, max_size=4).map(b"".join)),
)


@st.composite
def in_pieces(draw: st.DrawFn, wire: st.SearchStrategy[bytes]) -> list[bytes]:
    """Draw bytes, cut anywhere."""
    data = draw(wire)
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def told(side: Side) -> list[Any]:
    """Return the events of a side so that they can be compared, data sets by their bytes."""
    return [_comparable(event) for event in side.events]


def _comparable(event: Any) -> Any:
    if isinstance(event, Notice):
        return event.name, event.attributes
    if not isinstance(event, DIMSEPrimitive):
        return event
    pairs = vars(event).items()
    return type(event), {
        name: value.getvalue() if isinstance(value, BytesIO) else value for name, value in pairs
    }
