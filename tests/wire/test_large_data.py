"""Large data sets in memory: in other pages, but the same to whoever looks."""

from contextlib import suppress
from io import BytesIO

import pytest
from pydicom.uid import ExplicitVRLittleEndian

from pynetdicom import _large_data, command_set, dimse_messages
from pynetdicom._large_data import LARGE, LargeData
from pynetdicom.dimse_messages import COMMAND, LAST, Assembler, LargeSink, open_memory_sink
from pynetdicom.dimse_primitives import C_STORE, DIMSEPrimitive
from pynetdicom.events import EVT_C_STORE, Event
from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.presentation import build_context
from pynetdicom.testing import build

FRAGMENT = bytes(range(256)) * 1024
TOTAL = 3 * LARGE + 5


def begun(limit: int, begin: bytes) -> Assembler:
    """Return an assembler to which the command and the begin of the data set have come."""
    request = build(C_STORE, MessageID=1, AffectedSOPClassUID="1.2", AffectedSOPInstanceUID="1.3")
    assembler = Assembler(open_memory_sink, limit)
    assembler.add(1, COMMAND | LAST, command_set.encode(request, True))
    assembler.add(1, 0, begin)
    return assembler


def received() -> DIMSEPrimitive:
    """Return a request with a large data set."""
    assembler = begun(TOTAL, b"")
    whole, rest = divmod(TOTAL - 1, len(FRAGMENT))
    for _ in range(whole):
        assembler.add(1, 0, FRAGMENT)
    assembler.add(1, 0, FRAGMENT[:rest])
    request = assembler.add(1, LAST, b"!")
    assert request is not None
    return request


@pytest.fixture(params=["huge pages", "usual pages", "a stream"])
def memory(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "usual pages":
        monkeypatch.setattr(_large_data, "_HUGE_PAGES", None)
    if request.param == "a stream":
        monkeypatch.setattr(dimse_messages, "IS_WORTH_IT", False)
    return str(request.param)


@pytest.mark.slow
@pytest.mark.usefixtures("memory")
def test_a_large_data_set_is_whole() -> None:
    request = received()

    stream = request.data_set

    assert isinstance(stream, BytesIO)
    content = stream.getbuffer()
    assert len(content) == TOTAL
    assert content[: len(FRAGMENT)] == content[LARGE : LARGE + len(FRAGMENT)] == FRAGMENT
    assert bytes(content[-1:]) == b"!"
    assert request.data_set is stream
    assert not request.missing_keywords


@pytest.mark.slow
def test_nobody_who_does_not_look_needs_a_copy() -> None:
    request = received()

    assert request.is_valid_request
    assert not isinstance(vars(request)["DataSet"], BytesIO)
    assert len(vars(request)["DataSet"]) == TOTAL


def test_a_large_data_set_that_breaks_off_is_forgotten() -> None:
    assembler = begun(TOTAL, bytes(LARGE))
    assembler.add(1, 0, b"more")

    assembler.discard()

    assert not assembler.is_busy


@pytest.mark.usefixtures("memory")
def test_a_large_data_set_has_its_limit() -> None:
    assembler = begun(LARGE + 1, bytes(LARGE))
    assembler.add(1, 0, b"1")

    with pytest.raises(RemoteProtocolError, match="exceeds"):
        assembler.add(1, 0, b"2")


class _Full:
    """Memory that cannot become larger."""

    def __len__(self) -> int:
        return 8

    def resize(self, size: int) -> None:
        raise OSError


def test_what_does_not_fit_into_memory_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    data = LargeData(b"begin")
    data.discard()
    monkeypatch.setattr(data, "_memory", _Full())

    with pytest.raises(MemoryError, match="no memory for a data set of 16 bytes"):
        data.write(b"more")


HEADER = bytes.fromhex("10002000") + b"LO" + bytes.fromhex("0200") + b"1 "
PIXELS = FRAGMENT * (2 * LARGE // len(FRAGMENT)) + b"end!"
BEHIND = bytes.fromhex("fcfffcff") + b"OB" + bytes(2) + bytes.fromhex("02000000") + b"\0\0"


def pixel_data(length: int) -> bytes:
    return bytes.fromhex("e07f1000") + b"OW" + bytes(2) + length.to_bytes(4, "little")


def event_with(data: bytes) -> Event:
    """Return the event of a request with these bytes in memory of their own."""
    large = LargeSink(data)
    request = build(C_STORE, MessageID=1, AffectedSOPClassUID="1.2", AffectedSOPInstanceUID="1.3")
    large.deliver(request)
    context = build_context("1.2", ExplicitVRLittleEndian)
    context.context_id = 1
    return Event(None, EVT_C_STORE, {"request": request, "context": context.as_tuple})


@pytest.mark.slow
def test_pixels_are_there_once_when_the_data_set_was_looked_at() -> None:
    data = HEADER + pixel_data(len(PIXELS)) + PIXELS + BEHIND
    event = event_with(data)

    dataset = event.dataset

    assert dataset.PatientID == "1"
    assert dataset.PixelData == PIXELS
    assert dataset[0xFFFCFFFC].value == b"\0\0"
    assert any(piece is dataset.PixelData for piece in vars(event.request)["DataSet"])


@pytest.mark.slow
def test_what_came_can_still_be_had_when_the_data_set_was_looked_at() -> None:
    data = HEADER + pixel_data(len(PIXELS)) + PIXELS + BEHIND
    event = event_with(data)
    assert event.dataset.PatientID == "1"

    assert event.encoded_dataset(include_meta=False) == data
    assert event.request.DataSet.getvalue() == data
    assert event.request.DataSet is event.request.DataSet
    assert event.request.is_valid_request


@pytest.mark.slow
def test_pixels_are_copied_while_somebody_looks_at_what_came() -> None:
    data = HEADER + pixel_data(len(PIXELS)) + PIXELS
    event = event_with(data)

    with memoryview(event.request._encoded) as view:
        assert event.dataset.PixelData == PIXELS

        assert view == data


@pytest.mark.slow
def test_nothing_is_lost_of_a_data_set_that_is_not_simple() -> None:
    odd = HEADER + pixel_data(len(PIXELS)) + PIXELS + b"\xfe\xff\x00\xe0" + bytes(4)
    event = event_with(odd)

    with suppress(Exception):  # what pydicom makes of it is its business
        assert event.dataset

    assert event.encoded_dataset(include_meta=False) == odd
