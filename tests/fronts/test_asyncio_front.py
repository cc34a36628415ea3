"""What only the asyncio front does: awaiting, cancelling, handlers of both colours."""

import asyncio
import contextvars
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from fronts.certificates import Certificates
from fronts.instances import ct_image
from fronts.peer import Peer, acceptance, association_request, listening
from fronts.stage import LOCALHOST, PATIENCE, Recorder
from pynetdicom import build_role, evt, pdu
from pynetdicom.asyncio import AE, Association, AssociationServer
from pynetdicom.asyncio.association import AssociationProtocol
from pynetdicom.pdu_primitives import ServiceParameter
from pynetdicom.sop_class import CTImageStorage, Verification


def entity(title: str = "STORY") -> AE:
    ae = AE(title)
    for syntax in (Verification, CTImageStorage):
        ae.add_requested_context(syntax)
        ae.add_supported_context(syntax)
    return ae


def play(story: Callable[[], Awaitable[None]]) -> None:
    async def within_reason() -> None:
        async with asyncio.timeout(PATIENCE):
            await story()

    asyncio.run(within_reason())


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that no event tells of; a story does not wait for ever."""
    while not is_so():  # noqa: ASYNC110  # nothing sets an event
        await asyncio.sleep(0)  # nothing sets an event


def address_of(server: AssociationServer) -> tuple[str, int]:
    host, port = server.server_address[:2]
    return host, port


Handlers = list[evt.EventHandlerType]


def test_associations_and_servers_can_be_entered() -> None:
    async def story() -> None:
        async with (
            entity() as ae,
            ae.start_server(LOCALHOST) as server,
            ae.associate(*server.server_address) as assoc,
        ):
            status = await assoc.send_c_echo()
            assert (status.Status, assoc.is_established) == (0x0000, True)
        assert (assoc.is_released, assoc.is_aborted) == (True, False)
        with pytest.raises(RuntimeError, match="does not listen"):
            assert server.server_address

    play(story)


def test_an_exception_in_the_block_aborts() -> None:
    async def story() -> None:
        async with entity() as ae, ae.start_server(LOCALHOST) as server:
            with pytest.raises(ZeroDivisionError):
                async with ae.associate(*server.server_address) as assoc:
                    raise ZeroDivisionError
            assert (assoc.is_released, assoc.is_aborted) == (False, True)

    play(story)


def test_they_can_be_awaited_too() -> None:
    async def story() -> None:
        ae = entity()
        server = await ae.start_server(LOCALHOST)
        assoc = await ae.associate(*server.server_address)
        assert assoc in ae.active_associations
        async with assoc as same:
            assert same is assoc
        assert assoc.is_released
        await server.shutdown()

    play(story)


def test_a_failure_to_enter_leaves_nothing_to_close() -> None:
    async def story() -> None:
        async with entity() as ae:
            ae.requested_contexts = []
            with pytest.raises(RuntimeError, match="No requested"):
                async with ae.associate("127.0.0.1", 104):
                    pytest.fail("it cannot be entered")

    play(story)


# Handlers.


def test_coroutine_functions_can_be_handlers_of_everything() -> None:
    told: list[str] = []

    async def note(event: evt.Event, *args: Any) -> int:
        await asyncio.sleep(0)
        told.append(event.event.name)
        return 0x0000

    async def story() -> None:
        events = (evt.EVT_C_ECHO, evt.EVT_C_STORE, evt.EVT_ESTABLISHED)
        handlers: Handlers = [(event, note, [1]) for event in events]
        async with (
            entity() as ae,
            ae.start_server(LOCALHOST, evt_handlers=handlers) as server,
            ae.associate(*server.server_address) as assoc,
        ):
            assert (await assoc.send_c_echo()).Status == 0x0000
            assert (await assoc.send_c_store(ct_image())).Status == 0x0000
        assert told == ["EVT_ESTABLISHED", "EVT_C_ECHO", "EVT_C_STORE"]

    play(story)


class _Callable:
    """An object whose call is a coroutine."""

    async def __call__(self, event: evt.Event) -> int:
        await asyncio.sleep(0)
        return 0x0117


def test_objects_whose_call_is_a_coroutine_can_be_handlers() -> None:
    async def story() -> None:
        async with (
            entity() as ae,
            ae.start_server(LOCALHOST, evt_handlers=[(evt.EVT_C_STORE, _Callable())]) as server,
            ae.associate(*server.server_address) as assoc,
        ):
            assert (await assoc.send_c_store(ct_image())).Status == 0x0117

    play(story)


def test_plain_handlers_that_are_asked_run_in_a_thread() -> None:
    threads: list[threading.Thread] = []

    def answer(event: evt.Event) -> int:
        threads.append(threading.current_thread())
        return 0x0000

    async def story() -> None:
        async with (
            entity() as ae,
            ae.start_server(LOCALHOST, evt_handlers=[(evt.EVT_C_ECHO, answer)]) as server,
            ae.associate(*server.server_address) as assoc,
        ):
            await assoc.send_c_echo()

    play(story)

    assert threads != []
    assert threading.current_thread() not in threads


def test_plain_handlers_that_are_told_run_in_the_loop() -> None:
    threads: list[threading.Thread] = []

    def note(event: evt.Event) -> None:
        threads.append(threading.current_thread())

    async def story() -> None:
        async with (
            entity() as ae,
            ae.start_server(LOCALHOST, evt_handlers=[(evt.EVT_ESTABLISHED, note)]) as server,
            ae.associate(*server.server_address),
        ):
            pass

    play(story)

    assert threads == [threading.current_thread()]


def test_what_a_coroutine_that_is_told_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(event: evt.Event) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("the coroutine fails")

    async def story() -> None:
        async with (
            entity() as ae,
            ae.start_server(LOCALHOST, evt_handlers=[(evt.EVT_ESTABLISHED, fail)]) as server,
            ae.associate(*server.server_address) as assoc,
        ):
            assert (await assoc.send_c_echo()).Status == 0x0000

    play(story)

    assert "Exception raised in user's 'evt.EVT_ESTABLISHED' event handler" in caplog.text
    assert "never retrieved" not in caplog.text


def test_a_handler_may_converse_on_its_association() -> None:
    async def answer(event: evt.Event) -> int:
        status = await event.assoc.send_c_echo(msg_id=2)
        return int(status.Status)

    async def echo(event: evt.Event) -> int:
        return 0x0000

    async def story() -> None:
        ae = entity()
        roles: list[ServiceParameter] = [build_role(Verification, True, True)]
        ae.add_supported_context(Verification, None, True, True)
        handlers: Handlers = [(evt.EVT_C_ECHO, echo)]
        async with (
            ae.start_server(LOCALHOST, evt_handlers=[(evt.EVT_C_STORE, answer)]) as server,
            ae.associate(*address_of(server), ext_neg=roles, evt_handlers=handlers) as assoc,
        ):
            assert (await assoc.send_c_store(ct_image())).Status == 0x0000

    play(story)


def test_handlers_run_in_the_context_of_the_server() -> None:
    colour = contextvars.ContextVar("colour", default="none")
    seen: list[str] = []

    def note(event: evt.Event) -> int:
        seen.append(colour.get())
        return 0x0000

    async def story() -> None:
        colour.set("green")
        async with (
            entity() as ae,
            ae.start_server(LOCALHOST, evt_handlers=[(evt.EVT_C_ECHO, note)]) as server,
            ae.associate(*server.server_address) as assoc,
        ):
            await assoc.send_c_echo()

    play(story)

    assert seen == ["green"]


# Cancelling.


def test_an_operation_that_is_cancelled_aborts_the_association() -> None:
    heard: list[pdu.PDU] = []

    def accepts_and_is_silent(peer: Peer) -> None:
        peer.say(acceptance(peer.hear()))
        heard.extend(peer.hear_the_end())

    async def story(address: Any) -> None:
        async with entity() as ae:
            assoc = await ae.associate(*address)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await assoc.send_c_echo()
            assert assoc.is_aborted
            assert ae.active_associations == []

    with listening(accepts_and_is_silent) as address:
        play(lambda: story(address))

    assert [type(value) for value in heard] == [pdu.P_DATA_TF, pdu.A_ABORT_RQ]


def test_an_association_request_that_is_cancelled_is_aborted() -> None:
    heard: list[pdu.PDU] = []

    async def story(address: Any) -> None:
        async with entity() as ae:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await ae.associate(*address)
            assert ae.active_associations == []

    with listening(lambda peer: heard.extend(peer.hear_the_end())) as address:
        play(lambda: story(address))

    assert [type(value) for value in heard] == [pdu.A_ASSOCIATE_RQ, pdu.A_ABORT_RQ]


def test_a_release_that_is_cancelled_aborts_the_association() -> None:
    heard: list[pdu.PDU] = []

    def accepts_and_is_silent(peer: Peer) -> None:
        peer.say(acceptance(peer.hear()))
        heard.extend(peer.hear_the_end())

    async def story(address: Any) -> None:
        async with entity() as ae:
            assoc = await ae.associate(*address)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await assoc.release()
            assert assoc.is_aborted
            assert ae.active_associations == []

    with listening(accepts_and_is_silent) as address:
        play(lambda: story(address))

    assert [type(value) for value in heard] == [pdu.A_RELEASE_RQ, pdu.A_ABORT_RQ]


def does_not_read(peer: Peer) -> None:
    peer.say(acceptance(peer.hear()))
    assert MAY_GO.wait(PATIENCE)


MAY_GO = threading.Event()


@pytest.fixture
def deaf_peer() -> Iterator[Any]:
    """The address of a peer that accepts an association and never reads again."""
    MAY_GO.clear()
    with listening(does_not_read, receive_buffer=4096) as address:
        yield address
        MAY_GO.set()


def test_a_message_that_is_cancelled_on_its_way_aborts_the_association(deaf_peer: Any) -> None:
    async def story() -> None:
        async with entity() as ae:
            assoc = await ae.associate(*deaf_peer)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await assoc.send_c_store(ct_image(size=16_000_000))
            assert assoc.is_aborted
            assert ae.active_associations == []
            MAY_GO.set()
        assert assoc._is_lost

    play(story)


def test_a_peer_that_never_reads_cannot_hold_up_the_end(
    deaf_peer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pynetdicom.asyncio.association._LINGER", 0.05)

    async def story() -> None:
        ae = entity()
        assoc = await ae.associate(*deaf_peer)
        sending = asyncio.create_task(assoc.send_c_store(ct_image(size=16_000_000)))
        await until(lambda: not assoc._may_write.is_set())
        await ae.shutdown()
        assert "Status" not in await sending
        assert assoc._is_lost

    play(story)


@pytest.mark.interop("openssl")
def test_a_tls_peer_that_does_not_say_goodbye_cannot_hold_up_the_end(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pynetdicom.asyncio.association._LINGER", 0.05)
    context = certificates.for_client()

    def associated_over_tls(address: Any) -> Peer:
        plain = socket.create_connection(address, PATIENCE)
        peer = Peer(context.wrap_socket(plain, server_hostname="127.0.0.1"))
        peer.say(association_request())
        peer.hear()
        return peer

    async def story() -> None:
        tls = certificates.for_server()
        async with entity() as ae, ae.start_server(LOCALHOST, ssl_context=tls) as server:
            peer = await asyncio.to_thread(associated_over_tls, server.server_address)
            (assoc,) = server.active_associations
            await server.shutdown()
            await until(lambda: assoc._is_lost)
            peer.close()

    play(story)


def test_the_end_gives_a_handler_a_moment() -> None:
    ended: list[bool] = []
    begun, may_answer = threading.Event(), threading.Event()

    def take_time(event: evt.Event) -> int:
        begun.set()
        assert may_answer.wait(PATIENCE)
        ended.append(True)
        return 0x0000

    async def story() -> None:
        handlers: Handlers = [(evt.EVT_C_ECHO, take_time)]
        async with (
            entity() as ae,
            ae.start_server(LOCALHOST, evt_handlers=handlers) as server,
            ae.associate(*address_of(server)) as assoc,
        ):
            echoing = asyncio.create_task(assoc.send_c_echo())
            await asyncio.to_thread(begun.wait, PATIENCE)
            asyncio.get_running_loop().call_later(0.05, may_answer.set)
            await server.shutdown()
            assert ended == [True]
            assert "Status" not in await echoing

    play(story)


def test_operations_of_several_tasks_follow_each_other() -> None:
    async def story() -> None:
        async with (
            entity() as ae,
            ae.start_server(LOCALHOST) as server,
            ae.associate(*server.server_address) as assoc,
        ):
            statuses = await asyncio.gather(*(assoc.send_c_echo(n) for n in range(20)))
            assert [status.Status for status in statuses] == [0x0000] * 20

    play(story)


# The server.


def test_a_server_serves_until_its_task_is_cancelled() -> None:
    async def story() -> None:
        async with entity() as ae, ae.start_server(LOCALHOST) as server:
            serving = asyncio.create_task(server.serve_forever())
            async with ae.associate(*server.server_address) as assoc:
                assert (await assoc.send_c_echo()).Status == 0x0000
            serving.cancel()
            await asyncio.wait([serving])
            assert serving.cancelled()
            with pytest.raises(RuntimeError, match="does not listen"):
                _ = server.server_address

    play(story)


def test_a_server_serves_until_it_is_shut_down() -> None:
    async def story() -> None:
        server = await entity().start_server(LOCALHOST)
        serving = asyncio.create_task(server.serve_forever())
        await asyncio.sleep(0)
        await server.shutdown()
        await serving

    play(story)


def test_a_server_that_does_not_listen_cannot_serve() -> None:
    async def story() -> None:
        server = await entity().start_server(LOCALHOST)
        await server.shutdown()
        await server.shutdown()
        assert server.active_associations == []

    play(story)


@pytest.mark.parametrize("turns", range(5))
def test_a_connection_that_comes_while_a_server_shuts_down_is_closed(turns: int) -> None:
    async def story() -> None:
        server = await entity().start_server(LOCALHOST)
        with socket.create_connection(server.server_address) as late:
            for _ in range(turns):
                await asyncio.sleep(0)
            await server.shutdown()
            late.setblocking(False)
            with suppress(ConnectionResetError):  # it was never accepted
                assert await asyncio.get_running_loop().sock_recv(late, 1) == b""

    play(story)


def test_a_server_that_was_awaited_can_be_entered() -> None:
    async def story() -> None:
        async with await entity().start_server(LOCALHOST) as server:
            assert server.server_address[1] > 0
        with pytest.raises(RuntimeError, match="does not listen"):
            _ = server.server_address

    play(story)


def test_a_server_that_never_listened_has_nothing_to_serve_or_end() -> None:
    async def story() -> None:
        server = AssociationServer(entity(), "TITLE", [], None)
        await server.serve_forever()
        await server.shutdown()

    play(story)


def test_an_error_of_ours_ends_the_association(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(self: Association) -> None:
        raise RuntimeError("a bug of ours")

    async def story() -> None:
        async with entity() as ae, ae.start_server(LOCALHOST) as server:
            assoc = await ae.associate(*address_of(server))
            monkeypatch.setattr(Association, "_serve", fail)
            other = await ae.associate(*address_of(server))
            await until(lambda: other.is_aborted)
            assert assoc.is_established

    play(story)

    assert "a bug of ours" in caplog.text


def test_a_plain_handler_may_abort_from_its_thread() -> None:
    ended = Recorder(evt.EVT_ABORTED)

    def abort(event: evt.Event) -> int:
        event.assoc.abort()
        return 0x0000

    async def story() -> None:
        async with (
            entity() as ae,
            ae.start_server(
                LOCALHOST, evt_handlers=[(evt.EVT_C_ECHO, abort), *ended.handlers]
            ) as server,
            ae.associate(*server.server_address) as assoc,
        ):
            assert "Status" not in await assoc.send_c_echo()
            assert assoc.is_aborted

    play(story)

    assert ended.names == ["ABORTED"]


def test_the_protocol_is_told_by_the_loop() -> None:
    async def story() -> None:
        assoc = Association(entity(), "requestor", evt.Handlers(allows_coroutines=True))
        protocol = AssociationProtocol(assoc, lambda assoc: True)

        assert len(protocol.get_buffer(-1)) > 0
        assert protocol.eof_received() is False
        protocol.pause_writing()
        assert not assoc._may_write.is_set()
        protocol.resume_writing()
        assert assoc._may_write.is_set()

    play(story)
