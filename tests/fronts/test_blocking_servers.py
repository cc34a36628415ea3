"""Servers of the blocking front: their threads, their classes, and `block=True`."""

import errno
import os
import signal
import socket
import socketserver
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from fronts.peer import Peer, association_request, echo_request
from fronts.stage import LOCALHOST, PATIENCE, BlockingFront, Recorder, eventually, on_stage
from pynetdicom import Association, evt, pdu
from pynetdicom.transport import AssociationServer, RequestHandler, ThreadedAssociationServer


@pytest.fixture
def front() -> Iterator[BlockingFront]:
    with on_stage("blocking") as chosen:
        assert isinstance(chosen, BlockingFront)
        yield chosen


def server_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("AcceptorServer@")]


def test_a_server_runs_in_a_daemon_thread_of_its_own(front: BlockingFront) -> None:
    server = front.serve(front.ae())

    assert isinstance(server, ThreadedAssociationServer)
    assert [thread.daemon for thread in server_threads()] == [True]
    assert isinstance(server.socket, socket.socket)
    assert server.ssl_context is None


def test_a_server_can_be_entered_and_ends_with_the_block(front: BlockingFront) -> None:
    with front.serve(front.ae()) as server:
        assoc = front.associate(front.ae(), server.server_address)
        assert assoc.is_established

    assert eventually(lambda: assoc.is_aborted)
    assert eventually(lambda: server_threads() == [])


def test_a_server_that_is_only_closed_ends_too(front: BlockingFront) -> None:
    server = front.serve(front.ae())

    server.server_close()

    assert eventually(lambda: server_threads() == [])


def test_a_server_can_be_shut_down_the_moment_it_was_started(front: BlockingFront) -> None:
    servers = [front.serve(front.ae()) for _ in range(20)]

    for server in servers:
        server.shutdown()

    assert server_threads() == []


def test_a_server_that_was_made_serves_when_it_is_told_to(front: BlockingFront) -> None:
    server = front.ae().make_server(LOCALHOST)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()

    assoc = front.associate(front.ae(), server.server_address)

    assert type(server) is AssociationServer
    assert assoc.is_established
    server.shutdown()
    serving.join(PATIENCE)
    assert not serving.is_alive()


def test_a_server_that_never_served_can_be_closed(front: BlockingFront) -> None:
    server = front.ae().make_server(LOCALHOST)

    server.shutdown()

    server.serve_forever()
    assert server.active_associations == []


class _Association(Association):
    pass


class _RequestHandler(RequestHandler):
    def _create_association(self) -> Association:
        assert self.remote[0] == self.local[0] == "127.0.0.1"
        assoc = super()._create_association()
        assoc.__class__ = _Association
        return assoc


class _Server(AssociationServer):
    def __init__(self, *args: Any, colour: str, **kwargs: Any) -> None:
        self.colour = colour
        super().__init__(*args, **kwargs)


def test_a_server_may_be_of_another_class_and_make_other_associations(
    front: BlockingFront,
) -> None:
    server = front.ae().make_server(
        LOCALHOST, server_class=_Server, colour="green", request_handler=_RequestHandler
    )
    serving = threading.Thread(target=server.serve_forever)
    serving.start()

    front.associate(front.ae(), server.server_address)

    assert isinstance(server, _Server)
    assert server.colour == "green"
    assert [type(assoc) for assoc in server.active_associations] == [_Association]
    server.shutdown()
    serving.join(PATIENCE)


class _FailingRequestHandler(RequestHandler):
    def handle(self) -> None:
        raise RuntimeError("no association for you")


def test_a_connection_without_an_association_is_closed_and_others_go_on(
    front: BlockingFront, caplog: pytest.LogCaptureFixture
) -> None:
    server = front.ae().make_server(LOCALHOST, request_handler=_FailingRequestHandler)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()

    with Peer.at(server.server_address) as peer:
        assert peer.hear() is None
    server.RequestHandlerClass = RequestHandler
    assoc = front.associate(front.ae(), server.server_address)

    assert assoc.is_established
    assert "No association could be made of a connection" in caplog.text
    server.shutdown()
    serving.join(PATIENCE)


# A server that blocks.


def test_a_blocking_server_ends_when_it_is_interrupted(front: BlockingFront) -> None:
    ae, heard = front.ae(), []

    def use_and_interrupt() -> None:
        assert eventually(lambda: ae._servers)
        (server,) = ae._servers
        with Peer.at(server.server_address) as peer:
            peer.say(association_request())
            heard.append(peer.hear())
            os.kill(os.getpid(), signal.SIGINT)
            heard.append(peer.hear())
        ae.shutdown()  # should it not have heard

    user = threading.Thread(target=use_and_interrupt)
    user.start()
    outcome = ae.start_server(LOCALHOST)
    user.join(PATIENCE)

    assert outcome is None
    assert [type(value) for value in heard] == [pdu.A_ASSOCIATE_AC, pdu.A_ABORT_RQ]
    assert ae._servers == set()


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="needs a signal of the user's own")
def test_a_blocking_server_goes_on_after_a_signal_that_has_a_handler(front: BlockingFront) -> None:
    ae, came = front.ae(), threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: came.set())

    def signal_and_shut_down() -> None:
        assert eventually(lambda: ae._servers)
        (server,) = ae._servers
        os.kill(os.getpid(), signal.SIGUSR1)
        assert came.wait(PATIENCE)
        heard.append(front.associate(front.ae(), server.server_address).is_established)
        ae.shutdown()

    heard: list[bool] = []
    user = threading.Thread(target=signal_and_shut_down)
    user.start()
    try:
        ae.start_server(LOCALHOST)
    finally:
        signal.signal(signal.SIGUSR1, before)
    user.join(PATIENCE)

    assert heard == [True]


def test_a_blocking_server_ends_when_its_ae_is_shut_down(front: BlockingFront) -> None:
    ae, ended = front.ae(), Recorder(evt.EVT_ABORTED)

    def use_and_shut_down() -> None:
        assert eventually(lambda: ae._servers)
        (server,) = ae._servers
        front.associate(front.ae(), server.server_address, ended.handlers)
        ae.shutdown()

    user = threading.Thread(target=use_and_shut_down)
    user.start()
    ae.start_server(LOCALHOST, block=True)
    user.join(PATIENCE)

    ended.wait_for(evt.EVT_ABORTED)
    assert not user.is_alive()


def test_a_handler_may_shut_down_its_server(front: BlockingFront) -> None:
    ae, server = front.ae(), None

    def shut_down(event: evt.Event) -> int:
        event.assoc.ae.shutdown()
        return 0x0000

    server = front.serve(ae, [(evt.EVT_C_ECHO, shut_down)])
    assoc = front.associate(front.ae(), server.server_address)

    status = assoc.send_c_echo()

    assert "Status" not in status
    assert eventually(lambda: server_threads() == [])


def test_a_server_without_room_for_a_connection_waits_before_the_next_attempt(
    front: BlockingFront, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    attempts: list[int] = []

    def fail(self: socketserver.TCPServer) -> Any:
        attempts.append(1)
        raise OSError(errno.EMFILE, "Too many open files")

    server = front.serve(front.ae())
    monkeypatch.setattr(socketserver.TCPServer, "get_request", fail)

    with Peer.at(server.server_address):
        assert eventually(lambda: attempts)
        server.shutdown()

    assert len(attempts) == 1
    assert "No connection can be accepted" in caplog.text


def test_a_server_accepts_again_when_there_is_room(
    front: BlockingFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, failures = socketserver.TCPServer.get_request, [errno.EMFILE, errno.ECONNABORTED]

    def fail_at_first(self: socketserver.TCPServer) -> Any:
        if failures:
            raise OSError(failures.pop(0), "not now")
        return accept(self)

    monkeypatch.setattr("pynetdicom._listener._PAUSE", 0.01)
    monkeypatch.setattr(socketserver.TCPServer, "get_request", fail_at_first)
    server = front.serve(front.ae())

    assert front.associate(front.ae(), server.server_address).is_established


@pytest.mark.slow
def test_handlers_that_take_their_time_hold_up_a_shutdown_but_once(front: BlockingFront) -> None:
    may_answer, waiting = threading.Event(), threading.Semaphore(0)

    def take_time(event: evt.Event) -> int:
        waiting.release()
        assert may_answer.wait(PATIENCE)
        return 0x0000

    ae = front.ae()
    ae.maximum_associations = 30
    server = front.serve(ae, [(evt.EVT_C_ECHO, take_time)])
    peers = [Peer.associated(server.server_address) for _ in range(30)]
    for peer in peers:
        peer.say_message(echo_request(), 1)
    assert all(waiting.acquire(timeout=PATIENCE) for _ in peers)

    begun = monotonic()
    server.shutdown()
    took = monotonic() - begun

    may_answer.set()
    for peer in peers:
        peer.close()
    assert took < 0.1 * len(peers)
