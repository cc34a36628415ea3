"""C-FIND over a connection: streams of responses, left early, cancelled, or cut off."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from pydicom.uid import ImplicitVRLittleEndian

from fronts.peer import Peer, abort, echo_request
from fronts.services import (
    FIND,
    GET,
    Provider,
    Signal,
    archive,
    association,
    data,
    in_front,
    patient,
    playing,
    respond,
    responses,
    statuses,
    yields,
)
from fronts.stage import PATIENCE, Front, Recorder
from pynetdicom import asyncio as awaiting
from pynetdicom import build_context, evt
from pynetdicom.dimse_primitives import C_CANCEL, C_FIND, C_GET
from pynetdicom.exceptions import LocalProtocolError
from pynetdicom.pdu import A_RELEASE_RP, A_RELEASE_RQ
from pynetdicom.sop_class import Verification

QUERY = patient("*")
A, B = (0xFF00, patient("A")), (0xFF00, patient("B"))


def endless(event: evt.Event) -> Iterator[Any]:
    """Find matches until that is cancelled."""
    while not event.is_cancelled:
        yield A
    yield 0xFE00, None


def test_matches_come_in_order_and_then_comes_the_end(front: Front) -> None:
    with association(front, [(evt.EVT_C_FIND, yields(A, B))]) as assoc:
        stream = assoc.send_c_find(QUERY, FIND)

        answers = [(status.Status, found) for status, found in responses(front, stream)]

    assert answers == [A, B, (0x0000, None)]


def test_many_matches_come_all(front: Front) -> None:
    with association(front, [(evt.EVT_C_FIND, yields(*[A] * 500))]) as assoc:
        found = statuses(front, assoc.send_c_find(QUERY, FIND))

    assert found == [0xFF00] * 500 + [0x0000]


def test_a_handler_that_fails_leaves_the_association_usable(front: Front) -> None:
    with association(front, [(evt.EVT_C_FIND, yields(A, KeyError("B")))]) as assoc:
        found = statuses(front, assoc.send_c_find(QUERY, FIND))

        assert found == [0xFF00, 0xC311]
        assert assoc.send_c_echo().Status == 0x0000


# Leaving early.


def test_whoever_leaves_early_can_go_on_with_the_same_message_id(front: Front) -> None:
    stopped = Signal()

    def handle(event: evt.Event) -> Iterator[Any]:
        try:
            yield from endless(event)
        finally:
            stopped.give()

    with association(front, [(evt.EVT_C_FIND, handle)]) as assoc:
        for status, _ in responses(front, assoc.send_c_find(QUERY, FIND)):
            assert status.Status == 0xFF00
            break

        assert assoc.send_c_echo().Status == 0x0000
        stopped.wait()
        assert statuses(front, assoc.send_c_get(QUERY, GET)) == [0xC411]
        assert assoc.is_established


def test_whoever_leaves_early_again_and_again_can_go_on(front: Front) -> None:
    with association(front, [(evt.EVT_C_FIND, endless)]) as assoc:
        for _ in range(5):
            stream = responses(front, assoc.send_c_find(QUERY, FIND))
            next(stream)
            stream.close()

        assert assoc.send_c_echo().Status == 0x0000


def test_whoever_takes_no_response_at_all_can_go_on(front: Front) -> None:
    with association(front, [(evt.EVT_C_FIND, endless)]) as assoc:
        assoc.send_c_find(QUERY, FIND)

        assert assoc.send_c_echo().Status == 0x0000


def test_whoever_leaves_early_cancels(front: Front) -> None:
    heard = []

    def script(peer: Provider) -> None:
        peer.hear()
        peer.say_match(1, "A")
        heard.append(peer.hear())
        peer.say_found(1, 0xFE00)
        peer.agree_to_release()

    with playing(front, script) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND))
        next(stream)
        stream.close()
        assoc.release()

    assert [(type(m), m.MessageIDBeingRespondedTo) for m in heard] == [(C_CANCEL, 1)]


def test_responses_that_come_late_are_dropped(front: Front) -> None:
    def script(peer: Provider) -> None:
        peer.hear()
        peer.say_match(1, "A")
        peer.hear()  # the cancel, which crosses more matches
        peer.say_match(1, "B")
        peer.say_found(1)
        peer.hear()
        peer.say_match(1, "C")
        peer.say_found(1)
        peer.agree_to_release()

    with playing(front, script) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND))
        next(stream)
        stream.close()

        stream = responses(front, assoc.send_c_find(QUERY, FIND))
        answers = [(status.Status, found) for status, found in stream]
        assoc.release()

    assert answers == [(0xFF00, patient("C")), (0x0000, None)]


# Cancelling.


def test_a_cancel_reaches_a_handler_that_is_busy(front: Front) -> None:
    with association(front, [(evt.EVT_C_FIND, endless)]) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND, msg_id=7))
        next(stream)
        assoc.send_c_cancel(7, query_model=FIND)

        *pending, final = [status.Status for status, _ in stream]

    assert set(pending) <= {0xFF00}
    assert final == 0xFE00


def test_a_cancel_reaches_a_handler_that_says_nothing_yet(front: Front) -> None:
    working = Signal()

    def handle(event: evt.Event) -> Iterator[Any]:
        working.give()
        while not event.is_cancelled:
            pass
        yield 0xFE00, None

    def cancel() -> None:
        working.wait()
        assoc.send_c_cancel(1, query_model=FIND)

    with association(front, [(evt.EVT_C_FIND, handle)]) as assoc:
        canceller = threading.Thread(target=cancel)
        canceller.start()
        found = statuses(front, assoc.send_c_find(QUERY, FIND))
        canceller.join()

    assert found == [0xFE00]


def test_a_cancel_of_another_message_is_not_for_the_handler(front: Front) -> None:
    seen: list[bool] = []
    cancelled = Signal()

    def handle(event: evt.Event) -> Iterator[Any]:
        yield A
        cancelled.wait()
        seen.append(event.is_cancelled)

    cancels = Recorder(evt.EVT_DIMSE_RECV)
    with association(front, [(evt.EVT_C_FIND, handle), *cancels.handlers]) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND))
        next(stream)
        assoc.send_c_cancel(2, query_model=FIND)
        cancelled.give()
        rest = [status.Status for status, _ in stream]

    assert (seen, rest) == ([False], [0x0000])


def test_a_cancel_that_comes_too_late_is_no_news_to_the_next_query(front: Front) -> None:
    seen: list[bool] = []

    def handle(event: evt.Event) -> list[Any]:
        seen.append(event.is_cancelled)
        return [A]

    with association(front, [(evt.EVT_C_FIND, handle)]) as assoc:
        assert statuses(front, assoc.send_c_find(QUERY, FIND)) == [0xFF00, 0x0000]
        assoc.send_c_cancel(1, query_model=FIND)
        assert statuses(front, assoc.send_c_find(QUERY, FIND)) == [0xFF00, 0x0000]

    assert seen == [False, False]


# Cut off.


def test_an_abort_in_mid_stream_ends_it(front: Front) -> None:
    def script(peer: Provider) -> None:
        peer.hear()
        peer.say_match(1, "A")
        peer.peer.say(abort(0))
        peer.peer.hear_the_end()

    with playing(front, script) as assoc:
        found = statuses(front, assoc.send_c_find(QUERY, FIND))

    assert found == [0xFF00, None]
    assert (assoc.is_aborted, assoc.is_established) == (True, False)


def test_a_release_in_mid_stream_ends_it(front: Front) -> None:
    answers = []

    def script(peer: Provider) -> None:
        peer.hear()
        peer.say_match(1, "A")
        peer.peer.say(A_RELEASE_RQ())
        answers.append(peer.peer.hear())

    with playing(front, script) as assoc:
        found = statuses(front, assoc.send_c_find(QUERY, FIND))

    assert found == [0xFF00, None]
    assert (assoc.is_released, assoc.is_aborted) == (True, False)
    assert isinstance(answers[0], A_RELEASE_RP)


def test_a_lost_connection_in_mid_stream_ends_it(front: Front) -> None:
    def script(peer: Provider) -> None:
        peer.hear()
        peer.say_match(1, "A")

    with playing(front, script) as assoc:
        found = statuses(front, assoc.send_c_find(QUERY, FIND))

    assert found == [0xFF00, None]
    assert assoc.is_aborted


def test_what_came_before_an_abort_can_still_be_read(front: Front) -> None:
    aborted = Recorder(evt.EVT_ABORTED)

    def script(peer: Provider) -> None:
        peer.hear()
        for name in "ABC":
            peer.say_match(1, name)
        peer.peer.say(abort(0))
        peer.peer.hear_the_end()

    with playing(front, script, aborted.handlers) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND))
        next(stream)
        aborted.wait_for(evt.EVT_ABORTED)
        rest = [status.get("Status") for status, _ in stream]

    assert rest == [0xFF00, 0xFF00, None]


def test_whoever_aborts_in_mid_stream_ends_it(front: Front) -> None:
    with association(front, [(evt.EVT_C_FIND, endless)]) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND))
        next(stream)
        assoc.abort()
        *_, last = [status.get("Status") for status, _ in stream]

    assert last is None
    assert assoc.is_aborted


def test_the_handler_ends_when_its_peer_has_gone(front: Front) -> None:
    ended = Signal()

    def handle(event: evt.Event) -> Iterator[Any]:
        try:
            while True:
                yield A
        finally:
            ended.give()

    with association(front, [(evt.EVT_C_FIND, handle)]) as assoc:
        next(responses(front, assoc.send_c_find(QUERY, FIND)))
        assoc.abort()

        ended.wait()


def asks_without_reading(front: Front, handler: evt.Handler) -> Peer:
    """Return a peer that has asked for matches and reads none of them."""
    server = front.serve(archive(front, "SERVER"), [(evt.EVT_C_FIND, handler)])
    peer = Peer.associated(
        server.server_address,
        contexts=[build_context(FIND, ImplicitVRLittleEndian), build_context(Verification)],
    )
    request = C_FIND()
    request.MessageID, request.AffectedSOPClassUID = 1, FIND
    peer.say_message(request, 1, data(QUERY))
    return peer


def test_an_abort_is_heard_while_its_peer_reads_nothing(front: Front) -> None:
    ended = Signal()
    long = patient("A")
    long.TextValue = "x" * 100_000

    def handle(event: evt.Event) -> Iterator[Any]:
        try:
            while True:
                yield 0xFF00, long
        finally:
            ended.give()

    with asks_without_reading(front, handle) as peer:
        peer.say(abort(0))

        ended.wait()


def test_requests_are_heard_while_their_peer_reads_nothing(front: Front) -> None:
    """They wait in order, and what was being written comes whole."""
    long = patient("A")
    long.TextValue = "x" * 1_000_000

    with asks_without_reading(front, yields(*[(0xFF00, long)] * 20)) as peer:
        for number in range(2, 32):
            peer.say_message(echo_request(number), 3)
        messages = [Provider(peer).hear() for _ in range(20 + 1 + 30)]

    numbers = [message.MessageIDBeingRespondedTo for message in messages]
    assert numbers == [1] * 21 + list(range(2, 32))


# Patience.


def test_a_peer_that_falls_silent_in_mid_stream_is_given_up(front: Front) -> None:
    heard: list[Any] = []

    def script(peer: Provider) -> None:
        peer.hear()
        peer.say_match(1, "A")
        heard.append(peer.peer.hear())

    with playing(front, script) as assoc:
        assoc.dimse_timeout = 0.05
        found = statuses(front, assoc.send_c_find(QUERY, FIND))

    assert found == [0xFF00, None]
    assert assoc.is_aborted
    assert [(value.source, value.reason_diagnostic) for value in heard] == [(0, 0)]


@pytest.mark.slow
def test_a_peer_that_keeps_answering_is_waited_for(front: Front) -> None:
    """All of it takes longer than the timeout, each answer does not."""
    pause = threading.Event()

    def script(peer: Provider) -> None:
        peer.hear()
        for name in "ABCD":
            pause.wait(0.3)
            peer.say_match(1, name)
        peer.say_found(1)
        peer.agree_to_release()

    with playing(front, script) as assoc:
        assoc.dimse_timeout = 1
        found = statuses(front, assoc.send_c_find(QUERY, FIND))
        assoc.release()

    assert found == [0xFF00] * 4 + [0x0000]


@pytest.mark.slow
def test_a_peer_that_thinks_is_waited_for_longer_than_one_that_is_idle(front: Front) -> None:
    """An operation has its own timeout; that of the network is for associations at rest."""
    pause = threading.Event()

    def script(peer: Provider) -> None:
        peer.hear()
        pause.wait(0.5)
        peer.say_found(1)
        peer.agree_to_release()

    with playing(front, script, network_timeout=0.2) as assoc:
        found = statuses(front, assoc.send_c_find(QUERY, FIND))
        assoc.release()

    assert found == [0x0000]
    assert assoc.is_released


@pytest.mark.slow
def test_whoever_thinks_about_a_match_keeps_the_association(front: Front) -> None:
    pause = threading.Event()

    def script(peer: Provider) -> None:
        peer.hear()
        peer.say_match(1, "A")
        peer.say_found(1)
        peer.agree_to_release()

    with playing(front, script, network_timeout=0.2) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND))
        next(stream)
        pause.wait(0.5)
        rest = [status.get("Status") for status, _ in stream]
        assoc.release()

    assert rest == [0x0000]
    assert assoc.is_released


# Who is answered.


def test_responses_find_their_requests_by_message_id(front: Front) -> None:
    def script(peer: Provider) -> None:
        peer.hear()
        peer.hear()
        peer.say_match(2, "B")
        peer.say_match(1, "A")
        peer.say_found(2, 0xA700)
        peer.say_found(1)
        peer.agree_to_release()

    with playing(front, script) as assoc:
        one = responses(front, assoc.send_c_find(QUERY, FIND, msg_id=1))
        other = responses(front, assoc.send_c_find(QUERY, FIND, msg_id=2))
        first, second = _both(one, other)
        assoc.release()

    assert first == [(0xFF00, "A"), (0x0000, "")]
    assert second == [(0xFF00, "B"), (0xA700, "")]


def _both(one: Iterator[Any], other: Iterator[Any]) -> tuple[list[Any], list[Any]]:
    """Return both streams' answers, each taken in a thread: both requests must be on their way."""
    taken: dict[int, list[Any]] = {}

    def take(number: int, stream: Iterator[Any]) -> None:
        taken[number] = [
            (status.Status, "" if found is None else str(found.PatientName))
            for status, found in stream
        ]

    threads = [threading.Thread(target=take, args=args) for args in ((1, one), (2, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken[1], taken[2]


def test_a_response_to_a_message_that_nobody_sent_is_ignored(front: Front) -> None:
    def script(peer: Provider) -> None:
        peer.hear()
        peer.say_match(9, "Z")
        peer.say_here(8)
        peer.say_match(3, "A")
        peer.say_found(9, 0xA700)
        peer.say_found(3)
        peer.agree_to_release()

    with playing(front, script) as assoc:
        found = statuses(front, assoc.send_c_find(QUERY, FIND, msg_id=3))
        assoc.release()

    assert found == [0xFF00, 0x0000]


def test_a_response_of_another_kind_aborts(front: Front) -> None:
    heard: list[Any] = []

    def script(peer: Provider) -> None:
        peer.hear()
        peer.say(respond(C_GET, 1, 0xFF00), FIND)
        heard.append(peer.peer.hear())

    with playing(front, script) as assoc:
        found = statuses(front, assoc.send_c_find(QUERY, FIND))

    assert (found, assoc.is_aborted) == ([None], True)
    assert [value.source for value in heard] == [0]


def test_a_message_id_that_is_in_use_is_refused(front: Front) -> None:
    with association(front, [(evt.EVT_C_FIND, endless)]) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND, msg_id=5))
        next(stream)

        with pytest.raises(LocalProtocolError, match="Message ID 5 is in use"):
            statuses(front, assoc.send_c_find(QUERY, FIND, msg_id=5))

        stream.close()
        assert assoc.send_c_echo(msg_id=5).Status == 0x0000


@pytest.mark.parametrize("identifier", [None, "PATIENT"])
def test_what_cannot_be_asked_leaves_the_association_usable(front: Front, identifier: Any) -> None:
    with association(front, []) as assoc:
        with pytest.raises(ValueError, match="Failed to encode"):
            statuses(front, assoc.send_c_find(identifier, FIND))

        assert assoc.send_c_echo().Status == 0x0000


def test_a_handler_may_ask_its_own_requestor(front: Front) -> None:
    echoes: list[int] = []

    def handle(event: evt.Event) -> Iterator[Any]:
        yield A
        echoes.append(in_front(front, event.assoc.send_c_echo).Status)
        yield B

    with association(front, [(evt.EVT_C_FIND, handle)]) as assoc:
        found = statuses(front, assoc.send_c_find(QUERY, FIND))

    assert found == [0xFF00, 0xFF00, 0x0000]
    assert echoes == [0x0000]


# What only coroutines can do.


async def endless_coroutine(event: evt.Event) -> AsyncIterator[Any]:
    """Find matches until that is cancelled, and never wait for anything."""
    while not event.is_cancelled:
        yield A
    yield 0xFE00, None


Story = Callable[[awaiting.Association], Awaitable[Any]]


def in_loop(story: Story, handler: evt.Handler) -> Any:
    """Return what a story returns that is played in a loop, with a server whose C-FIND this is."""

    async def play() -> Any:
        async with awaiting.AE("SERVER") as server, awaiting.AE("CLIENT") as client:
            for syntax in (FIND, Verification):
                server.add_supported_context(syntax)
                client.add_requested_context(syntax)
            listener = await server.start_server(
                ("127.0.0.1", 0), evt_handlers=[(evt.EVT_C_FIND, handler)]
            )
            host, port = listener.server_address[:2]
            async with client.associate(host, port) as assoc, asyncio.timeout(PATIENCE):
                return await story(assoc)

    return asyncio.run(play())


def test_a_coroutine_that_never_waits_sees_the_cancel() -> None:
    async def story(assoc: awaiting.Association) -> list[int]:
        found: list[int] = []
        async for status, _ in assoc.send_c_find(QUERY, FIND):
            if not found:
                await assoc.send_c_cancel(1, query_model=FIND)
            found.append(status.Status)
        return found

    found = in_loop(story, endless_coroutine)

    assert found[-1] == 0xFE00
    assert len(found) < 100


def test_a_loop_over_responses_may_be_left() -> None:
    async def story(assoc: awaiting.Association) -> int:
        async for _ in assoc.send_c_find(QUERY, FIND):
            break
        status = await assoc.send_c_echo(msg_id=2)
        return int(status.Status)

    assert in_loop(story, endless_coroutine) == 0x0000


def test_a_task_that_is_cancelled_in_mid_stream_aborts() -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    async def hesitate(event: evt.Event) -> AsyncIterator[Any]:
        yield A
        await over.wait()

    async def ask(assoc: awaiting.Association) -> None:
        async for _ in assoc.send_c_find(QUERY, FIND):
            begun.set()

    async def story(assoc: awaiting.Association) -> bool:
        task = asyncio.create_task(ask(assoc))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        over.set()
        return assoc.is_aborted

    assert in_loop(story, hesitate) is True


def test_a_coroutine_may_return_what_it_found() -> None:
    async def found(event: evt.Event) -> list[Any]:
        await asyncio.sleep(0)
        return [A]

    async def story(assoc: awaiting.Association) -> list[int]:
        return [status.Status async for status, _ in assoc.send_c_find(QUERY, FIND)]

    assert in_loop(story, found) == [0xFF00, 0x0000]
