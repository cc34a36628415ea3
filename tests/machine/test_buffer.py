"""Where received bytes wait: little memory, no copy of a copy, and no work twice."""

from io import BytesIO

import pytest

from machine.states import P_DATA, associate_rq, side_in
from pynetdicom._receive_buffer import ReceiveBuffer
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.fsm import State
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import CTImageStorage
from pynetdicom.testing import Pair, Side, acceptance, build, request
from pynetdicom.upper_layer import UpperLayer

SMALLEST, LARGEST = 0x4000, 0x40000


def fill(side: Side, data: bytes) -> int:
    """Put as much of `data` into the core's buffer as fits, as a socket would; return how much."""
    space = side.core.receive_buffer()
    count = min(len(space), len(data))
    space[:count] = data[:count]
    side.core.bytes_received(count)
    side.events += side.core.events_received()
    return count


def pour(side: Side, data: bytes) -> list[int]:
    """Put all of `data` in, one buffer after the other; return how much each took."""
    counts = []
    while data:
        counts.append(fill(side, data))
        data = data[counts[-1] :]
    return counts


def large_message(length: int) -> bytes:
    """Return a C-STORE request with a data set of this length, in PDUs of 128 KiB."""
    pair = Pair(acceptor_maximum_length=0x20000)
    pair.establish(build_context(CTImageStorage))
    pair.requestor.take_bytes()
    pair.requestor.send(
        build(
            C_STORE,
            MessageID=1,
            AffectedSOPClassUID=CTImageStorage,
            AffectedSOPInstanceUID="1.2",
            DataSet=BytesIO(bytes(length)),
        )
    )
    return pair.requestor.take_bytes()


def test_an_idle_association_has_a_small_buffer() -> None:
    side = side_in(State.STA6, is_requestor=False)

    assert len(side.core.receive_buffer()) == SMALLEST


def test_the_buffer_doubles_while_reads_fill_it_up_to_a_limit() -> None:
    side = side_in(State.STA6, is_requestor=False)

    counts = pour(side, large_message(2_000_000))

    assert counts[:6] == [SMALLEST, 2 * SMALLEST, 4 * SMALLEST, 8 * SMALLEST, LARGEST, LARGEST]
    assert max(counts) == LARGEST
    (message,) = side.events
    assert isinstance(message, C_STORE)
    assert message.DataSet is not None
    assert len(message.DataSet.getvalue()) == 2_000_000


def test_the_buffer_stays_small_while_reads_do_not_fill_it() -> None:
    side = side_in(State.STA6, is_requestor=False)

    pour(side, P_DATA)
    pour(side, P_DATA)

    assert len(side.core.receive_buffer()) == SMALLEST


def test_a_pdu_longer_than_the_buffer_is_taken_as_it_comes() -> None:
    side = side_in(State.STA6, is_requestor=False)
    message = large_message(100_000)

    counts = [fill(side, message[begin : begin + 1000]) for begin in range(0, len(message), 1000)]

    assert sum(counts) == len(message)
    assert len(side.core.receive_buffer()) == SMALLEST
    assert [type(event) for event in side.events] == [C_STORE]


def test_the_rest_of_a_pdu_waits_at_the_front_of_the_buffer() -> None:
    side = side_in(State.STA6, is_requestor=False)

    fill(side, P_DATA + P_DATA[:5])
    assert len(side.core.receive_buffer()) == SMALLEST - 5
    fill(side, P_DATA[5:])

    assert len(side.events) == 2


def test_a_long_request_gets_the_room_it_needs_and_gives_it_back() -> None:
    side = side_in(State.STA2, is_requestor=False)

    pour(side, LONG_REQUEST)

    assert side.core.state is State.STA3
    assert len(side.core.receive_buffer()) == LARGEST


def test_room_is_only_made_for_what_has_arrived() -> None:
    side = side_in(State.STA2, is_requestor=False)

    pour(side, associate_rq()[:2] + (0x100000).to_bytes(4, "big") + bytes(0x3000))

    assert len(side.core.receive_buffer()) == 2 * SMALLEST - 0x3006


class CountingBuffer(ReceiveBuffer):
    """A buffer that counts how many bytes it has moved."""

    moved = 0

    def _move(self, size: int) -> None:
        self.moved += self.end - self.start
        super()._move(size)


LONG_REQUEST = (
    associate_rq()[:2]
    + (len(associate_rq()) - 6 + 15 * 0xFFFF).to_bytes(4, "big")
    + associate_rq()[6:]
    + 15 * (b"\x7f\0\xff\xfb" + bytes(0xFFFB))
)


@pytest.mark.slow
@pytest.mark.parametrize("is_watched", [False, True])
@pytest.mark.parametrize("piece", [61, 1460, 100_000])
def test_no_byte_is_moved_more_than_twice(piece: int, is_watched: bool) -> None:
    side, buffer = side_in(State.STA2, is_requestor=False), CountingBuffer()
    side.core._in = buffer
    side.core.watch(frozenset({"EVT_PDU_RECV"} if is_watched else ()), with_data=True)
    data = large_message(1_000_000)

    for position in range(0, len(LONG_REQUEST), piece):
        side.core.receive_data(LONG_REQUEST[position : position + piece])
    side.send(acceptance(request(build_context(CTImageStorage))))
    for position in range(0, len(data), piece):
        side.core.receive_data(data[position : position + piece])

    assert [type(event) for event in side.core.events_received()].count(C_STORE) == 1
    assert 0 < buffer.moved <= 2 * (len(LONG_REQUEST) + len(data))


@pytest.mark.parametrize("is_watched", [False, True])
def test_what_comes_before_the_connection_is_not_kept(is_watched: bool) -> None:
    core = UpperLayer(is_requestor=True, maximum_data_set_length=1)
    core.watch(frozenset({"EVT_DATA_RECV"} if is_watched else ()), with_data=True)

    core.receive_data(P_DATA)

    assert core.events_received() == []
    assert len(core.receive_buffer()) == SMALLEST


def test_what_comes_after_an_abort_is_not_kept() -> None:
    side = side_in(State.STA6, is_requestor=False)

    pour(side, b"GET / HTTP/1.1\r\n")
    pour(side, bytes(1000))

    assert len(side.core.receive_buffer()) == SMALLEST


@pytest.mark.parametrize(
    ("received", "is_mid_pdu"),
    [
        (b"", False),
        (P_DATA[:1], True),
        (P_DATA[:20], True),
        (P_DATA[:-1], True),
        (P_DATA, False),
        (P_DATA + P_DATA[:3], True),
        (b"GET / HTTP/1.1\r\n", False),
    ],
)
def test_a_pdu_that_has_begun_and_not_ended_can_be_seen(received: bytes, is_mid_pdu: bool) -> None:
    side = side_in(State.STA6, is_requestor=False)

    side.receive(received)

    assert side.core.is_mid_pdu is is_mid_pdu


def test_output_that_waits_can_be_seen() -> None:
    side = side_in(State.STA3, is_requestor=False)
    assert not side.core.output

    side.core.receive_data(b"?" * 6)

    assert side.core.output
    assert b"".join(next(side.core.data_to_send())) == b"\x07\0\0\0\0\x04\0\0\x02\x01"
    assert not side.core.output
