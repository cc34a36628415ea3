"""Many at once: associations, threads that share one, places that are few."""

import gc
import sys
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fronts.instances import ct_image
from fronts.stage import PATIENCE, Front, eventually, run_all
from pynetdicom import AE, AllStoragePresentationContexts, StoragePresentationContexts, evt
from pynetdicom.sop_class import CTImageStorage, Verification

pytestmark = pytest.mark.slow


@pytest.fixture
def hasty_switches() -> Iterator[None]:
    """Let threads take turns as often as possible, so that they meet in the narrowest places."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def client() -> AE:
    ae = AE("CLIENT")
    ae.add_requested_context(Verification)
    ae.add_requested_context(CTImageStorage)
    return ae


def address_of(server: Any) -> tuple[str, int]:
    host, port = server.server_address[:2]
    return host, port


def in_threads(count: int, function: Callable[[int], None]) -> None:
    run_all(*(lambda number=number: function(number) for number in range(count)))


def test_threads_share_an_association(front: Front) -> None:
    served: Counter[int] = Counter()

    def count(event: evt.Event) -> int:
        served[event.message_id] += 1
        return 0x0000

    server = front.serve(front.ae(), [(evt.EVT_C_ECHO, count)])
    assoc = client().associate(*address_of(server))

    def echo(number: int) -> None:
        for _ in range(50):
            assert assoc.send_c_echo(msg_id=number + 1).Status == 0x0000

    in_threads(8, echo)

    assoc.release()
    assert served == Counter(dict.fromkeys(range(1, 9), 50))


def test_threads_share_an_association_for_messages_of_all_sizes(front: Front) -> None:
    stored: Counter[int] = Counter()

    def store(event: evt.Event) -> int:
        stored[len(event.dataset.PixelData)] += 1
        return 0x0000

    server = front.serve(front.ae(), [(evt.EVT_C_STORE, store)])
    assoc = client().associate(*address_of(server))

    def send(number: int) -> None:
        for _ in range(5):
            assert assoc.send_c_store(ct_image(size=10 ** (number % 7))).Status == 0x0000
            assert assoc.send_c_echo().Status == 0x0000

    in_threads(8, send)

    assoc.release()
    assert stored == Counter({1: 0, 2: 10, 10: 5, 100: 5, 1000: 5, 10_000: 5, 100_000: 5, 10**6: 5})


def test_each_thread_has_its_own_association(front: Front) -> None:
    ae = front.ae()
    ae.maximum_associations = 100
    served: Counter[str] = Counter()
    lock = threading.Lock()

    def count(event: evt.Event) -> int:
        with lock:
            served[event.assoc.requestor.ae_title] += 1
        return 0x0000

    server = front.serve(ae, [(evt.EVT_C_ECHO, count)])

    def use(number: int) -> None:
        mine = client()
        mine.ae_title = f"CLIENT{number}"
        for _ in range(3):
            assoc = mine.associate(*address_of(server))
            assert all(assoc.send_c_echo().Status == 0x0000 for _ in range(5))
            assoc.release()
            assert assoc.is_released

    in_threads(16, use)

    assert served == Counter({f"CLIENT{number}": 15 for number in range(16)})
    assert eventually(lambda: not server.active_associations)


def test_no_more_associations_are_accepted_than_there_is_room_for(
    front: Front, hasty_switches: None
) -> None:
    ae = front.ae()
    ae.maximum_associations = 3
    ae.supported_contexts = AllStoragePresentationContexts
    server = front.serve(ae)
    together = threading.Barrier(12)
    associations: list[Any] = []

    def ask(number: int) -> None:
        del number
        mine = client()
        mine.requested_contexts = StoragePresentationContexts  # deciding on these takes a moment
        together.wait(PATIENCE)
        associations.append(mine.associate(*address_of(server)))

    in_threads(12, ask)

    outcomes = Counter((a.is_established, a.is_rejected) for a in associations)
    assert outcomes == Counter({(True, False): 3, (False, True): 9})
    for assoc in associations:
        assoc.release()


def test_a_handler_that_takes_its_time_keeps_nobody_waiting(front: Front) -> None:
    may_answer, waiting = threading.Event(), threading.Semaphore(0)

    def take_time(event: evt.Event) -> int:
        waiting.release()
        assert may_answer.wait(PATIENCE)
        return 0x0000

    server = front.serve(front.ae(), [(evt.EVT_C_STORE, take_time)])
    statuses: list[int] = []

    def store(number: int) -> None:
        del number
        assoc = client().associate(*address_of(server))
        statuses.append(assoc.send_c_store(ct_image()).Status)
        assoc.release()

    storing = threading.Thread(target=in_threads, args=(4, store))
    storing.start()
    assert all(waiting.acquire(timeout=PATIENCE) for _ in range(4))

    assoc = client().associate(*address_of(server))
    status = assoc.send_c_echo()
    assoc.release()

    assert status.Status == 0x0000
    assert statuses == []
    may_answer.set()
    storing.join(PATIENCE)
    assert statuses == [0x0000] * 4


def test_nothing_is_left_of_associations_that_have_ended(front: Front) -> None:
    theirs: list[weakref.ref[Any]] = []
    ended = threading.Semaphore(0)

    def remember(event: evt.Event) -> None:
        theirs.append(weakref.ref(event.assoc))

    def count(event: evt.Event) -> None:
        ended.release()

    server = front.serve(front.ae(), [(evt.EVT_ESTABLISHED, remember), (evt.EVT_CONN_CLOSE, count)])
    handlers: list[evt.EventHandlerType] = [(evt.EVT_ESTABLISHED, remember)]

    for _ in range(20):
        assoc = front.associate(front.ae(), server.server_address, handlers)
        assoc.send_c_echo()
        assoc.release()
    del assoc
    assert all(ended.acquire(timeout=PATIENCE) for _ in range(20))

    assert len(theirs) == 40
    assert eventually(lambda: not _alive(theirs))


def _alive(those: list[weakref.ref[Any]]) -> list[Any]:
    gc.collect()
    return [ref() for ref in those if ref() is not None]
