"""Before there is an association: hosts with several addresses, peers that ask for nothing."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from fronts.certificates import Certificates
from fronts.peer import Peer, association_request
from fronts.stage import FRONTS, Front, Recorder, eventually, on_stage
from pynetdicom import AE, _entity, evt, pdu

LIMIT = 3


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of the host "somewhere.example", to be filled in."""
    found: list[str] = []
    resolve = socket.getaddrinfo

    def look_up(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host != "somewhere.example":
            return resolve(host, port, *args, **options)
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, 1, 6, "", (address, port))
            for address in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return found


@pytest.mark.parametrize("others", [["127.0.0.2"], ["::1", "127.0.0.2"]])
def test_the_next_address_of_a_host_is_tried(
    front: Front, addresses: list[str], others: list[str]
) -> None:
    server, opened = front.serve(front.ae()), Recorder(evt.EVT_CONN_OPEN)
    addresses += [*others, "127.0.0.1"]

    assoc = front.associate(
        front.ae(), ("somewhere.example", server.server_address[1]), opened.handlers
    )

    assert assoc.is_established
    assert assoc.remote["address"] == "127.0.0.1"
    assert [event.address for event in opened.events] == [server.server_address]


def test_an_address_of_ipv6_is_tried_when_that_of_ipv4_does_not_answer(
    front: Front, addresses: list[str]
) -> None:
    server = front.serve(front.ae(), address=("::1", 0))
    addresses += ["::1", "127.0.0.1"]

    assoc = front.associate(front.ae(), ("somewhere.example", server.server_address[1]))

    assert assoc.is_established
    assert assoc.remote["address"] == "::1"


def test_a_host_none_of_whose_addresses_answers_cannot_be_reached(
    front: Front, addresses: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    addresses += ["127.0.0.2", "127.0.0.3"]
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        port = elsewhere.getsockname()[1]

        assoc = front.associate(front.ae(), ("somewhere.example", port))

    assert assoc.is_aborted
    assert caplog.text.count("TCP Initialisation Error") == 1


def small(front: Front) -> AE:
    """Return an AE that allows no more associations than connections without one."""
    ae = front.ae()
    ae.maximum_associations = LIMIT
    return ae


@pytest.fixture
def silent(front: Front, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, list[Peer]]]:
    """A server that lets three connections wait, and two that came before the last three."""
    monkeypatch.setattr(_entity, "_MAXIMUM_WAITING", LIMIT)
    opened = Recorder(evt.EVT_CONN_OPEN)
    server = front.serve(small(front), opened.handlers)
    with ExitStack() as stack:
        peers = []
        for number in range(LIMIT + 2):
            peers.append(stack.enter_context(Peer.at(server.server_address)))
            opened.wait_for(evt.EVT_CONN_OPEN, number + 1)
        yield server.server_address, peers


Silent = tuple[Any, list[Peer]]


def test_the_oldest_connections_that_ask_for_nothing_are_closed(silent: Silent) -> None:
    _, (*old, one, other, last) = silent

    assert [peer.hear() for peer in old] == [None, None]
    for peer in (one, other, last):
        peer.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            peer.socket.recv(1)


def test_the_oldest_handshakes_that_go_nowhere_are_ended(
    monkeypatch: pytest.MonkeyPatch, certificates: Certificates
) -> None:
    monkeypatch.setattr(_entity, "_MAXIMUM_WAITING", LIMIT)
    with on_stage("blocking") as front, ExitStack() as stack:
        server = front.serve(small(front), ssl_context=certificates.for_server())
        peers = []
        for _ in range(LIMIT):
            peers.append(stack.enter_context(Peer.at(server.server_address)))
            assert eventually(lambda: len(server.active_associations) == len(peers))
        stack.enter_context(Peer.at(server.server_address))

        assert peers[0].hear() is None
        peers[1].socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            peers[1].socket.recv(1)


def test_connections_that_ask_for_nothing_keep_nobody_out(front: Front, silent: Silent) -> None:
    address, _ = silent

    established = [front.associate(front.ae(), address) for _ in range(LIMIT)]

    assert all(assoc.is_established for assoc in established)
    assert all(assoc.send_c_echo().Status == 0x0000 for assoc in established)


def test_those_with_an_association_do_not_count(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_entity, "_MAXIMUM_WAITING", LIMIT)
    server = front.serve(small(front))
    established = [front.associate(front.ae(), server.server_address) for _ in range(LIMIT)]

    with Peer.at(server.server_address) as silent_one:
        assert eventually(lambda: len(server.active_associations) == LIMIT + 1)
        assert all(assoc.send_c_echo().Status == 0x0000 for assoc in established)
        silent_one.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent_one.socket.recv(1)


@pytest.fixture
def crowded() -> Iterator[None]:
    """A process whose next descriptors are above 1023, the most that `select()` can take."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= hard < 2048:
        pytest.skip("the system does not allow so many descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(1024)]
    yield
    for descriptor in taken:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("name", FRONTS)
def test_descriptors_may_have_any_number(name: str) -> None:
    opened = Recorder(evt.EVT_CONN_OPEN)
    with on_stage(name) as front:
        server = front.serve(small(front), opened.handlers)

        assoc = front.associate(front.ae(), server.server_address, opened.handlers)

        for event in opened.events:
            transport = event.assoc._transport
            sock = getattr(transport, "socket", None) or transport.get_extra_info("socket")
            assert sock.fileno() > 1023
        assert assoc.send_c_echo().Status == 0x0000
        assoc.release()
        assert assoc.is_released


def test_as_many_as_may_have_an_association_may_come_at_once(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_entity, "_MAXIMUM_WAITING", 1)
    server = front.serve(small(front))

    with ExitStack() as stack:
        peers = [stack.enter_context(Peer.at(server.server_address)) for _ in range(LIMIT)]
        for peer in peers:
            peer.say(association_request())

        assert all(isinstance(peer.hear(), pdu.A_ASSOCIATE_AC) for peer in peers)
