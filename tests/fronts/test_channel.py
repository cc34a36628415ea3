"""Addresses, and the transport connection under a blocking association."""

import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from fronts.certificates import Certificates
from fronts.stage import PATIENCE
from pynetdicom._waiting import KernelReader
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.transport import T_CONNECT, AddressInformation, AssociationSocket

# Addresses.


@pytest.mark.parametrize(
    ("address", "family", "as_tuple"),
    [
        ("127.0.0.1", socket.AF_INET, ("127.0.0.1", 104)),
        ("0.0.0.0", socket.AF_INET, ("0.0.0.0", 104)),
        ("::1", socket.AF_INET6, ("::1", 104, 1, 2)),
        ("fe80::1%lo", socket.AF_INET6, ("fe80::1%lo", 104, 1, 2)),
        ("nobody.invalid", socket.AF_INET, ("nobody.invalid", 104)),
    ],
)
def test_an_address_knows_its_family(
    address: str, family: socket.AddressFamily, as_tuple: tuple[Any, ...]
) -> None:
    info = AddressInformation(address, 104, 1, 2)

    assert info.address_family == family
    assert (info.is_ipv4, info.is_ipv6) == (
        family == socket.AF_INET,
        family == socket.AF_INET6,
    )
    assert (info.address, info.as_tuple) == (address, as_tuple)


def test_a_host_name_is_resolved_to_ipv4_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*args: Any, **kwargs: Any) -> list[Any]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::2", 104, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", 104)),
        ]

    info = AddressInformation("127.0.0.1", 104)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    info.address = "somewhere.example"

    assert info.as_tuple == ("127.0.0.2", 104)


def test_addresses_come_as_sockets_and_users_give_them() -> None:
    assert AddressInformation.from_tuple(("127.0.0.1", 104)).as_tuple == ("127.0.0.1", 104)
    assert AddressInformation.from_tuple(("::1", 104, 3, 4)).as_tuple == ("::1", 104, 3, 4)
    assert AddressInformation.from_addr_port("127.0.0.1", 4).as_tuple == ("127.0.0.1", 4)
    assert AddressInformation.from_addr_port(("::1", 5, 6), 4).as_tuple == ("::1", 4, 5, 6)


# Connecting.


def connect_to(address: tuple[Any, ...]) -> T_CONNECT:
    request = A_ASSOCIATE()
    request.called_presentation_address = AddressInformation.from_tuple(address)
    return T_CONNECT(request)


def test_a_connection_is_made_for_an_association_request() -> None:
    with pytest.raises(TypeError, match="A_ASSOCIATE"):
        T_CONNECT("127.0.0.1")  # type: ignore[arg-type]  # the point


def test_a_connection_has_an_outcome_once_it_was_tried() -> None:
    connect = connect_to(("127.0.0.1", 104))

    with pytest.raises(ValueError, match="not been attempted"):
        _ = connect.result
    with pytest.raises(ValueError, match="Evt2"):
        connect.result = "Evt3"
    connect.result = "Evt2"
    assert connect.result == "Evt2"
    assert connect.address == ("127.0.0.1", 104)


@pytest.fixture(params=["the kernel keeps the time", "we do"])
def pair(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[AssociationSocket, socket.socket]]:
    """A connection and its other end."""
    if request.param == "we do":
        monkeypatch.setattr(KernelReader, "is_possible", False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = AssociationSocket("assoc")
        connect = connect_to(listener.getsockname())
        ours.connect(connect, PATIENCE)
        assert connect.result == "Evt2"
        theirs, _ = listener.accept()
        with theirs:
            theirs.settimeout(PATIENCE)
            yield ours, theirs
        ours.close()


Pair = tuple[AssociationSocket, socket.socket]


def test_a_connection_that_cannot_be_made_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    connect, ours = connect_to(address), AssociationSocket(None)

    with pytest.raises(ConnectionRefusedError):
        ours.connect(connect)

    assert connect.result == "Evt17"
    assert (ours.socket, ours.ready) == (None, False)


def test_what_is_sent_arrives(pair: Pair) -> None:
    ours, theirs = pair

    ours.send(b"hello")
    ours.send_batch([b"to", memoryview(b" the "), bytearray(b"world")], PATIENCE)

    assert theirs.recv(5) == b"hello"
    assert theirs.recv(12) == b"to the world"


def test_what_comes_can_be_read(pair: Pair) -> None:
    ours, theirs = pair
    assert not ours.ready

    theirs.sendall(b"hello")

    assert ours.recv(3) == b"hel"
    assert ours.ready
    assert ours.recv(100) == b"lo"


def test_reading_ends_at_the_deadline(pair: Pair) -> None:
    ours, _ = pair

    with pytest.raises(TimeoutError, match="sent nothing"):
        ours.receive_into(memoryview(bytearray(10)), monotonic() + 0.01)


def test_the_end_of_a_connection_is_read_as_nothing(pair: Pair) -> None:
    ours, theirs = pair
    theirs.close()

    assert ours.recv(10) == b""
    assert ours.recv(10) == b""


@pytest.mark.parametrize("patience", [0.0, 0.001, 0.03])
def test_a_wait_ends_when_nothing_comes_in_time(pair: Pair, patience: float) -> None:
    ours, theirs = pair
    room = memoryview(bytearray(10))
    theirs.sendall(b"before")
    ours.receive_into(room, monotonic() + PATIENCE)
    deadline = monotonic() + patience

    with pytest.raises(TimeoutError):
        ours.receive_into(room, deadline)

    assert monotonic() >= deadline
    theirs.sendall(b"behind")
    assert ours.receive_into(room, None) == 6


def test_the_kernel_is_told_anew_only_when_that_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bytes] = []
    ours, theirs = socket.socketpair()

    class Told(socket.socket):
        def setsockopt(self, *args: Any) -> None:
            told.append(args[-1])

    room = memoryview(bytearray(1))
    with Told(fileno=ours.detach()) as listening, theirs:
        reader = KernelReader(listening)
        for seconds in (30.0, 30.0, 29.0, 20.0, None, None, 60.0):
            theirs.sendall(b"x")
            reader.read_into(room, None if seconds is None else monotonic() + seconds)

    assert [round(_seconds(value)) for value in told] == [27, 18, 0, 54]


def _seconds(timeval: bytes) -> float:
    seconds, fraction = struct.unpack("@ll", timeval)
    return float(seconds) + float(fraction) / 1e6


def test_shutting_ends_a_wait_in_another_thread(pair: Pair) -> None:
    ours, _ = pair
    got: list[bytearray] = []
    reading = threading.Thread(target=lambda: got.append(ours.recv(10)))
    reading.start()

    ours.shutdown()

    reading.join(PATIENCE)
    assert got == [b""]


def test_a_closed_connection_reads_nothing_and_cannot_write(pair: Pair) -> None:
    ours, _ = pair
    ours.close()
    ours.close()
    ours.shutdown()

    assert ours.recv(10) == b""
    with pytest.raises(ConnectionError):
        ours.send(b"hello")


def test_writing_to_a_peer_that_does_not_read_ends_at_the_deadline(pair: Pair) -> None:
    ours, _ = pair

    with pytest.raises(TimeoutError, match="did not read"):
        ours.send_batch([bytes(1 << 20)] * 64, 0.01)


def test_much_is_written_while_the_peer_reads(pair: Pair) -> None:
    ours, theirs = pair
    batch = [bytes([number]) * 100_000 for number in range(100)]
    writing = threading.Thread(target=ours.send_batch, args=(batch, PATIENCE))
    writing.start()

    read = read_exactly(theirs, 10_000_000)
    writing.join(PATIENCE)

    assert read == b"".join(batch)


def read_exactly(sock: socket.socket, count: int) -> bytes:
    read = bytearray()
    while len(read) < count:
        read += sock.recv(1 << 20)
    return bytes(read)


def test_a_connection_describes_itself(pair: Pair) -> None:
    ours, theirs = pair

    assert ours.assoc == "assoc"
    assert ours.get_local_addr() == "127.0.0.1"
    assert str(theirs.getsockname()[1]) in str(ours)
    assert AssociationSocket(None).get_local_addr() == "127.0.0.1"
    assert str(AssociationSocket(None)) == "None"


def test_a_connection_can_be_made_from_an_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = AssociationSocket(None, address=AddressInformation("127.0.0.1", 0))
        ours.connect(connect_to(listener.getsockname()))
        theirs, address = listener.accept()

        assert address[0] == "127.0.0.1"
        theirs.close()
        ours.close()


def test_a_connection_that_was_not_made_has_no_handshake() -> None:
    ours = AssociationSocket(None)

    ours.start_tls(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), None)

    assert ours.socket is None


# Where systems differ.


class _NoScatter(socket.socket):
    """A socket that takes one buffer at a time, as Windows' do."""

    sendmsg = property()


def test_systems_without_poll_and_scattered_writes_do_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(select, "poll")
    monkeypatch.setattr(KernelReader, "is_possible", False)
    plain, theirs = socket.socketpair()
    ours = AssociationSocket(None, _NoScatter(fileno=plain.detach()))
    theirs.settimeout(PATIENCE)

    with theirs:
        assert not ours.ready
        ours.send_batch([b"hello ", b"world"], PATIENCE)
        assert theirs.recv(11) == b"hello world"
        with pytest.raises(TimeoutError, match="did not read"):
            ours.send_batch([bytes(1 << 20)] * 16, 0.01)
        theirs.sendall(b"answer")
        assert ours.recv(6) == b"answer"
    ours.close()


@pytest.mark.interop("openssl")
def test_bytes_that_tls_has_decrypted_are_ready(certificates: Certificates) -> None:
    plain, theirs = socket.socketpair()
    ours = AssociationSocket(None, plain)
    server = certificates.for_server()
    shaking = threading.Thread(target=ours.start_tls, args=(server, monotonic() + PATIENCE))
    shaking.start()
    client = certificates.for_client().wrap_socket(theirs, server_hostname="127.0.0.1")
    shaking.join(PATIENCE)

    with client:
        client.sendall(b"one record")

        assert ours.recv(3) == b"one"
        assert ours.ready
        assert ours.recv(100) == b" record"
        assert not ours.ready
    ours.close()
