"""What users of earlier versions saw when they sent much: told by facts, since times vary.

Each story is named after what was seen, and begins with the numbers of the threads. The page
`docs/explanation/what-users-saw.md` has them all.
"""

import asyncio
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import ExplicitVRLittleEndian

from fronts.instances import ct_image
from fronts.services import FIND, association, patient, statuses
from fronts.stage import PATIENCE, Front, Recorder, run_all
from pynetdicom import Association, _config, build_context, dimse_messages, evt
from pynetdicom import asyncio as awaiting
from pynetdicom.pdu import PDU
from pynetdicom.sop_class import CTImageStorage
from pynetdicom.upper_layer import UpperLayer

MEGABYTE = 2**20


def keep(event: evt.Event) -> int:
    return 0x0000


def storing(front: Front, handler: evt.Handler = keep, senders: int = 1) -> list[Association]:
    """Return associations with one server that stores."""
    ae = front.ae()
    ae.maximum_pdu_size, ae.maximum_associations = 131_072, senders
    server = front.serve(ae, [(evt.EVT_C_STORE, handler)])
    return [front.associate(front.ae(), server.server_address) for _ in range(senders)]


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes the requestor's side hands to the system at a time."""
    lengths: list[int] = []
    next_batch = UpperLayer.next_batch

    def note(self: UpperLayer) -> Any:
        batch = next_batch(self)
        if batch is not None and self._is_requestor:
            lengths.append(sum(map(len, batch)))
        return batch

    monkeypatch.setattr(UpperLayer, "next_batch", note)
    return lengths


def test_one_large_ultrasound_takes_35_times_as_long_as_with_dcmtk(
    front: Front, writes: list[int]
) -> None:
    """#650: it is written a megabyte at a time, without waits in between."""
    (assoc,) = storing(front)
    writes.clear()

    status = assoc.send_c_store(ct_image(size=8 * MEGABYTE))

    assert status.Status == 0x0000
    assert sum(writes) > 8 * MEGABYTE
    assert len(writes) <= 9


def test_a_thousand_small_instances_take_six_times_as_long_as_with_dcmtk(
    front: Front, writes: list[int]
) -> None:
    """#639: each message is one write."""
    (assoc,) = storing(front)
    writes.clear()

    found = [assoc.send_c_store(ct_image(), msg_id=number).Status for number in range(1, 21)]

    assert found == [0x0000] * 20
    assert len(writes) == 20


def test_675_mr_slices_take_34_seconds(front: Front) -> None:
    """#701: what is small does not wait until the peer acknowledges what was sent before."""
    opened = Recorder(evt.EVT_CONN_OPEN)
    server = front.serve(front.ae(), opened.handlers)

    front.associate(front.ae(), server.server_address, opened.handlers)

    for event in (opened.wait_for(evt.EVT_CONN_OPEN), opened.wait_for(evt.EVT_CONN_OPEN, 2)):
        transport = event.assoc._transport
        sock = getattr(transport, "socket", None) or transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_throughput_collapses_when_several_senders_push_at_once(front: Front) -> None:
    """#917: no thread polls, so none takes the others' time."""
    seen: list[str] = []

    def note(event: evt.Event) -> int:
        seen.append(event.request.MessageID)
        return 0x0000

    senders = storing(front, note, senders=4)

    def push(assoc: Association) -> None:
        for number in range(1, 21):
            assert assoc.send_c_store(ct_image(), msg_id=number).Status == 0x0000

    run_all(*(partial(push, assoc) for assoc in senders))

    assert sorted(seen) == sorted([*range(1, 21)] * 4)


def test_four_modalities_that_send_are_served_one_after_the_other(front: Front) -> None:
    """#367: a handler that takes its time holds up nobody but its peer."""
    all_are_there = threading.Barrier(4)

    def meet(event: evt.Event) -> int:
        all_are_there.wait(PATIENCE)
        return 0x0000

    modalities = storing(front, meet, senders=4)
    found: list[int] = []

    def push(assoc: Association) -> None:
        found.append(assoc.send_c_store(ct_image()).Status)

    run_all(*(partial(push, assoc) for assoc in modalities))

    assert found == [0x0000] * 4


def test_every_wait_takes_15_milliseconds_on_windows(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """#684, #620, #531, #60: nothing polls, so the resolution of a timer does not matter."""

    def sleep(seconds: float) -> None:
        raise AssertionError(f"somebody slept for {seconds} s")

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(_config, "WINDOWS_TIMER_RESOLUTION", None)
    (assoc,) = storing(front)

    assert assoc.send_c_echo().Status == 0x0000
    assert assoc.send_c_store(ct_image(size=MEGABYTE)).Status == 0x0000
    assoc.release()
    assert assoc.is_released


def test_a_new_version_is_slower_than_the_old_one(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """#59, #120, #317: nothing is built for handlers and logs that nobody has."""
    built: list[str] = []

    def note(self: object, *args: object) -> None:
        built.append(type(self).__name__)

    (assoc,) = storing(front)
    monkeypatch.setattr(dimse_messages.DIMSEMessage, "__init__", note)
    monkeypatch.setattr(PDU, "__init__", note, raising=False)

    assert assoc.send_c_echo().Status == 0x0000
    assert assoc.send_c_store(ct_image()).Status == 0x0000

    assert built == []


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    """Make sure that what is done takes no more memory."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < megabytes * MEGABYTE


@pytest.mark.slow
def test_a_large_instance_is_in_memory_several_times(front: Front, tmp_path: Path) -> None:
    """#517: from file to file, no more than pieces of it are in memory on either side."""
    path = tmp_path / "large.dcm"
    ct_image(ExplicitVRLittleEndian, 32 * MEGABYTE).save_as(path, enforce_file_format=True)
    lengths: list[int] = []

    def measure(event: evt.Event) -> int:
        lengths.append(event.dataset_path.stat().st_size)
        return 0x0000

    ae = front.ae()
    ae.receive_into_files = True
    server = front.serve(ae, [(evt.EVT_C_STORE, measure)])
    contexts = [build_context(CTImageStorage, ExplicitVRLittleEndian)]
    assoc = front.associate(front.ae(), server.server_address, contexts=contexts)

    with at_most(megabytes=8):
        status = assoc.send_c_store(path)

    assert status.Status == 0x0000
    assert lengths[0] > 32 * MEGABYTE


def test_there_is_no_asynchronous_interface() -> None:
    """#527, #642, #668: one loop serves many associations, without a thread for each."""

    async def story() -> list[int]:
        ae = awaiting.AE()
        ae.maximum_associations = 20
        for add in (ae.add_supported_context, ae.add_requested_context):
            add("1.2.840.10008.1.1")
        async with ae, ae.start_server(("127.0.0.1", 0)) as server:
            assocs = [await ae.associate(*server.server_address) for _ in range(20)]
            replies = await asyncio.gather(*(assoc.send_c_echo() for assoc in assocs))
            assert threading.active_count() < before + 10  # some resolve host names
            return [status.Status for status in replies]

    before = threading.active_count()

    assert asyncio.run(story()) == [0x0000] * 20


def test_a_query_with_many_matches_is_slow(front: Front) -> None:
    """#666: the peer need not wait for us between two matches."""

    def endless(event: evt.Event) -> Iterator[Any]:
        for number in range(500):
            yield 0xFF00, patient(f"P{number}")

    with association(front, [(evt.EVT_C_FIND, endless)]) as assoc:
        found = statuses(front, assoc.send_c_find(patient("*"), FIND))

    assert found == [0xFF00] * 500 + [0x0000]


def test_an_association_with_120_contexts_takes_long(front: Front) -> None:
    """#693: a request with all of them is one PDU, written and answered at once."""
    ae = front.ae()
    contexts = [build_context(f"1.2.840.99.{number}") for number in range(120)]
    ae.supported_contexts = contexts
    server = front.serve(ae)

    assoc = front.associate(front.ae(), server.server_address, contexts=contexts)

    assert len(assoc.accepted_contexts) == 120
