"""Several threads, associations and operations at the same time."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

from fronts.services import (
    FIND,
    Provider,
    Signal,
    archive,
    associated,
    association,
    in_front,
    patient,
    playing,
    responses,
    statuses,
    yields,
)
from fronts.stage import PATIENCE, Front, Recorder
from pynetdicom import evt
from pynetdicom.pdu import A_ABORT_RQ

QUERY = patient("*")
A = (0xFF00, patient("A"))


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Return what calls return that are made in threads of their own, or what they raise."""
    results: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def play(number: int, call: Callable[[], Any]) -> None:
        start.wait(PATIENCE)
        try:
            results[number] = call()
        except Exception as fault:
            results[number] = fault

    threads = [threading.Thread(target=play, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return results


def test_threads_take_turns_on_one_association(front: Front) -> None:
    with association(front, []) as assoc:

        def echo_often() -> list[int]:
            return [assoc.send_c_echo().Status for _ in range(25)]

        results = at_once(*[echo_often] * 8)

        assert results == [[0x0000] * 25] * 8
        assert assoc.is_established


def test_one_thread_asks_while_another_reads_its_matches(front: Front) -> None:
    with association(front, [(evt.EVT_C_FIND, yields(*[A] * 50))]) as assoc:
        query, echo = at_once(
            lambda: statuses(front, assoc.send_c_find(QUERY, FIND, msg_id=1)),
            lambda: assoc.send_c_echo(msg_id=2).Status,
        )

    assert query == [0xFF00] * 50 + [0x0000]
    assert echo == 0x0000


def test_two_threads_read_their_matches(front: Front) -> None:
    with association(front, [(evt.EVT_C_FIND, yields(*[A] * 50))]) as assoc:
        queries = [
            lambda number=number: statuses(front, assoc.send_c_find(QUERY, FIND, msg_id=number))
            for number in (1, 2, 3)
        ]

        assert at_once(*queries) == [[0xFF00] * 50 + [0x0000]] * 3


def test_a_thread_aborts_what_another_waits_for(front: Front) -> None:
    asked, heard = Signal(), []

    def script(peer: Provider) -> None:
        peer.hear()
        asked.give()
        heard.append(type(peer.peer.hear()))

    with playing(front, script) as assoc:

        def abort() -> None:
            asked.wait()
            assoc.abort()

        status, _ = at_once(assoc.send_c_echo, abort)

    assert "Status" not in status
    assert assoc.is_aborted
    assert heard == [A_ABORT_RQ]


def test_a_release_waits_for_what_another_thread_has_begun(front: Front) -> None:
    asked = Signal()

    def script(peer: Provider) -> None:
        peer.hear()
        asked.give()
        released.wait()
        peer.say_here(1)
        peer.agree_to_release()

    released = Signal()
    with playing(front, script) as assoc:

        def release() -> None:
            asked.wait()
            released.give()
            assoc.release()

        status, _ = at_once(assoc.send_c_echo, release)

    assert status.Status == 0x0000
    assert assoc.is_released


def test_a_server_serves_another_association_while_a_handler_is_busy(front: Front) -> None:
    busy, over = Signal(), Signal()

    def handle(event: evt.Event) -> int:
        if event.message_id == 99:
            busy.give()
            over.wait()
        return 0x0000

    server = front.serve(archive(front, "SERVER"), [(evt.EVT_C_ECHO, handle)])
    one = associated(front, server.server_address)
    other = associated(front, server.server_address)

    def echo() -> int:
        busy.wait()
        try:
            return int(other.send_c_echo().Status)
        finally:
            over.give()

    first, second = at_once(lambda: one.send_c_echo(99).Status, echo)

    assert (first, second) == (0x0000, 0x0000)


def test_many_associations_of_one_ae_live_at_once(front: Front) -> None:
    ae = archive(front, "SERVER")
    ae.maximum_associations = 20
    server = front.serve(ae)
    client = archive(front, "CLIENT")
    associations = [front.associate(client, server.server_address) for _ in range(15)]

    echoes = at_once(*[assoc.send_c_echo for assoc in associations])

    assert [status.Status for status in echoes] == [0x0000] * 15
    assert len(client.active_associations) == 15


def test_both_sides_ask_each_other_at_once(front: Front) -> None:
    seen = Recorder(evt.EVT_ESTABLISHED)
    with association(front, seen.handlers) as assoc:
        other = seen.wait_for(evt.EVT_ESTABLISHED).assoc

        ours, theirs = at_once(
            lambda: [assoc.send_c_echo().Status for _ in range(20)],
            lambda: [in_front(front, other.send_c_echo).Status for _ in range(20)],
        )

    assert ours == theirs == [0x0000] * 20


def test_a_message_is_never_cut_by_another(front: Front) -> None:
    """A handler's responses go out while another thread asks."""
    large = patient("B" * 60)
    large.add_new(0x00091001, "OB", bytes(100_000))

    def handle(event: evt.Event) -> Iterator[Any]:
        for _ in range(10):
            yield 0xFF00, large

    with association(front, [(evt.EVT_C_FIND, handle)]) as assoc:
        query, echoes = at_once(
            lambda: [
                len(found[0x00091001].value) if found else 0
                for _, found in responses(front, assoc.send_c_find(QUERY, FIND))
            ],
            lambda: [assoc.send_c_echo(msg_id=2).Status for _ in range(20)],
        )

    assert query == [100_000] * 10 + [0]
    assert echoes == [0x0000] * 20
