"""Peers that mean no good, or are broken: others are served meanwhile, and nothing of them is left.

Whatever a peer does, its connection is ended by the server within a timeout, and then threads,
descriptors and memory are what they were.
"""

import gc
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fronts.certificates import Certificates
from fronts.peer import Peer, association_request, echo_request, encoded, store_request
from fronts.stage import Front, eventually, has_small_buffers
from pynetdicom import evt, pdu

TIMEOUT = 0.2
MEMORY = 48 * 1024 * 1024  # what may be left over, in bytes: allocators keep what they had

Address = tuple[Any, ...]
Hostility = Callable[[Address], list[Peer]]


def is_served(peer: Peer) -> bool:
    peer.say(association_request())
    answer = peer.hear()
    peer.say_message(echo_request(), 1)
    echo = peer.hear()
    peer.say(pdu.A_RELEASE_RQ())
    goodbye = peer.hear()
    peer.close()
    return (
        isinstance(answer, pdu.A_ASSOCIATE_AC)
        and isinstance(echo, pdu.P_DATA_TF)
        and isinstance(goodbye, pdu.A_RELEASE_RP)
    )


# What hostile peers do; each leaves its connections open if it can.


def says_three_bytes_and_waits(address: Address) -> list[Peer]:
    peer = Peer.at(address)
    peer.say(b"\x01\x00\x00")
    return [peer]


def says_three_bytes_of_a_pdu_and_waits(address: Address) -> list[Peer]:
    peer = Peer.associated(address)
    peer.say(b"\x04\x00\x00")
    return [peer]


def says_nothing(address: Address) -> list[Peer]:
    return [Peer.at(address)]


def says_nothing_any_more(address: Address) -> list[Peer]:
    return [Peer.associated(address)]


def announces_an_association_request_of_4_gigabytes(address: Address) -> list[Peer]:
    peer = Peer.at(address)
    peer.say(b"\x01\x00\xff\xff\xff\xff" + bytes(1000))
    return [peer]


def announces_data_of_4_gigabytes(address: Address) -> list[Peer]:
    peer = Peer.associated(address)
    peer.say(b"\x04\x00\xff\xff\xff\xff" + bytes(1000))
    return [peer]


def speaks_http(address: Address) -> list[Peer]:
    peer = Peer.at(address)
    peer.say(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return [peer]


def hangs_up_in_the_middle_of_a_pdu(address: Address) -> list[Peer]:
    peer = Peer.associated(address)
    peer.say(b"\x04\x00\x00\x00\x10\x00\x00\x00\x0f")
    peer.close()
    return []


def resets_the_connection(address: Address) -> list[Peer]:
    Peer.associated(address).reset()
    return []


def hangs_up_in_the_middle_of_a_data_set(address: Address) -> list[Peer]:
    peer = _in_the_middle_of_a_data_set(address)
    peer.close()
    return []


def stops_in_the_middle_of_a_data_set(address: Address) -> list[Peer]:
    return [_in_the_middle_of_a_data_set(address)]


def _in_the_middle_of_a_data_set(address: Address) -> Peer:
    peer = Peer.associated(address)
    message = b"".join(encoded(store_request(), 3, bytes(10_000)))
    peer.say(message[:-2_000])
    return peer


def says_garbage_after_the_release(address: Address) -> list[Peer]:
    peer = Peer.associated(address)
    peer.say(pdu.A_RELEASE_RQ(), bytes(range(256)) * 4)
    return [peer]


def sends_command_fragments_without_end(address: Address) -> list[Peer]:
    peer = Peer.associated(address)
    value = pdu.P_DATA_TF()
    value.decode(b"\x04\x00\x00\x00\x10\x06\x00\x00\x10\x02\x01\x01" + bytes(0x1000))
    _say_until_refused(peer, value.encode())
    return [peer]


def sends_requests_and_never_reads(address: Address) -> list[Peer]:
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.connect(address[:2])
    peer = Peer(plain)
    peer.say(association_request())
    peer.hear()
    message = b"".join(encoded(echo_request(), 1))
    _say_until_refused(peer, message * 100)
    return [peer]


def _say_until_refused(peer: Peer, what: bytes) -> None:
    """Repeat something until the other side takes no more of it, for whatever reason."""
    peer.socket.settimeout(TIMEOUT)
    try:
        for _ in range(5_000):
            peer.socket.sendall(what)
    except OSError:
        pass


def probes_the_port(address: Address) -> list[Peer]:
    for _ in range(50):
        Peer.at(address).close()
    return []


HOSTILITIES: list[Hostility] = [
    says_three_bytes_and_waits,
    says_three_bytes_of_a_pdu_and_waits,
    says_nothing,
    says_nothing_any_more,
    announces_an_association_request_of_4_gigabytes,
    announces_data_of_4_gigabytes,
    speaks_http,
    hangs_up_in_the_middle_of_a_pdu,
    resets_the_connection,
    hangs_up_in_the_middle_of_a_data_set,
    stops_in_the_middle_of_a_data_set,
    says_garbage_after_the_release,
    sends_command_fragments_without_end,
    sends_requests_and_never_reads,
    probes_the_port,
]


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def memory() -> int:
    """Return the resident memory of this process, in bytes."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE")


@pytest.fixture
def hurried(front: Front) -> Front:
    """A front where nothing stays: what a story leaves of threads, files and memory fails it."""
    gc.collect()
    return front


def hurried_server(front: Front, **options: Any) -> Any:
    ae = front.ae()
    ae.acse_timeout = ae.network_timeout = TIMEOUT
    return front.serve(ae, [(evt.EVT_CONN_OPEN, has_small_buffers)], **options)


@pytest.mark.parametrize("hostility", HOSTILITIES, ids=lambda h: h.__name__)
@pytest.mark.slow
def test_a_hostile_peer_harms_nobody_else_and_leaves_nothing(
    hurried: Front, hostility: Hostility
) -> None:
    server = hurried_server(hurried)
    assert is_served(Peer.at(server.server_address))
    assert eventually(lambda: not server.active_associations)
    threads, files, before = threading.active_count(), open_files(), memory()

    hostile = hostility(server.server_address)

    assert is_served(Peer.at(server.server_address))
    assert eventually(lambda: not server.active_associations)
    for peer in hostile:
        peer.close()
    assert eventually(lambda: threading.active_count() <= threads)
    assert eventually(lambda: open_files() <= files)
    assert memory() - before < MEMORY


@pytest.mark.interop("openssl")
@pytest.mark.slow
def test_a_peer_that_does_not_finish_its_handshake_harms_nobody_else(
    hurried: Front, certificates: Certificates
) -> None:
    server = hurried_server(hurried, ssl_context=certificates.for_server())
    client = certificates.for_client()
    assert is_served(_over_tls(server, client))
    assert eventually(lambda: not server.active_associations)
    threads, files = threading.active_count(), open_files()

    silent, chatty = Peer.at(server.server_address), Peer.at(server.server_address)
    chatty.say(b"\x16\x03\x01\x02\x00\x01")

    assert is_served(_over_tls(server, client))
    assert silent.hear() is None
    assert chatty.hear() is None
    silent.close()
    chatty.close()
    assert eventually(lambda: not server.active_associations)
    assert eventually(lambda: threading.active_count() <= threads)
    assert eventually(lambda: open_files() <= files)


def _over_tls(server: Any, context: Any) -> Peer:
    plain = socket.create_connection(server.server_address[:2])
    return Peer(context.wrap_socket(plain, server_hostname="127.0.0.1"))
