"""Associations over TLS (PS3.15 B): both sides, certificates, and handshakes that fail."""

import ssl
from typing import Any

import pytest

from fronts.certificates import Certificates
from fronts.instances import ct_image
from fronts.peer import Peer, listening
from fronts.stage import Front, Recorder
from pynetdicom import evt

pytestmark = pytest.mark.interop("openssl")

HOST = "127.0.0.1"


def test_an_association_over_tls(front: Front, certificates: Certificates) -> None:
    context = certificates.for_server()
    server = front.serve(front.ae(), ssl_context=context)
    assert server.ssl_context is context

    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(), HOST)
    )

    assert assoc.is_established
    assert assoc.send_c_echo().Status == 0x0000
    assoc.release()
    assert assoc.is_released


def test_large_data_sets_travel_both_ways_over_tls(
    front: Front, certificates: Certificates
) -> None:
    stored: list[int] = []

    def store(event: evt.Event) -> int:
        stored.append(len(event.dataset.PixelData))
        return 0x0000

    server = front.serve(
        front.ae(), [(evt.EVT_C_STORE, store)], ssl_context=certificates.for_server()
    )
    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(), HOST)
    )

    statuses = [assoc.send_c_store(ct_image(size=size)).Status for size in (10, 5_000_000, 10)]

    assert statuses == [0x0000] * 3
    assert stored == [10, 5_000_000, 10]


def test_handlers_see_the_certificate_of_a_client(front: Front, certificates: Certificates) -> None:
    subjects: list[Any] = []

    def look(event: evt.Event) -> None:
        transport = event.assoc.dul.socket
        sock = getattr(transport, "socket", None) or transport.get_extra_info("ssl_object")
        subjects.append(sock.getpeercert()["subject"])

    server = front.serve(
        front.ae(),
        [(evt.EVT_ESTABLISHED, look)],
        ssl_context=certificates.for_server(wants_client=True),
    )

    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(with_own=True), HOST)
    )

    assert assoc.is_established
    assert subjects == [((("commonName", "client of a story"),),)]


def test_a_client_without_a_certificate_is_not_let_in(
    front: Front, certificates: Certificates
) -> None:
    seen = Recorder(evt.EVT_REQUESTED, evt.EVT_CONN_OPEN)
    server = front.serve(
        front.ae(), seen.handlers, ssl_context=certificates.for_server(wants_client=True)
    )

    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(), HOST)
    )

    assert (assoc.is_aborted, assoc.is_established) == (True, False)
    assert seen.events == []


def test_a_server_that_nobody_vouches_for_is_not_talked_to(
    front: Front, certificates: Certificates
) -> None:
    server = front.serve(front.ae(), ssl_context=certificates.for_server())
    seen = Recorder(evt.EVT_CONN_OPEN, evt.EVT_ABORTED, evt.EVT_CONN_CLOSE)

    assoc = front.associate(
        front.ae(),
        server.server_address,
        seen.handlers,
        tls_args=(ssl.create_default_context(), HOST),
    )

    assert (assoc.is_aborted, assoc.is_established) == (True, False)
    assert seen.names == ["ABORTED"]


def test_a_certificate_for_another_host_is_refused(
    front: Front, certificates: Certificates
) -> None:
    server = front.serve(front.ae(), ssl_context=certificates.for_server())

    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(), "elsewhere")
    )

    assert assoc.is_aborted


def test_without_a_host_name_it_is_not_compared(front: Front, certificates: Certificates) -> None:
    server = front.serve(front.ae(), ssl_context=certificates.for_server())
    context = certificates.for_client()
    context.check_hostname = False

    assoc = front.associate(front.ae(), server.server_address, tls_args=(context, None))

    assert assoc.is_established


def test_whoever_does_not_speak_tls_to_a_tls_server_is_hung_up_on(
    front: Front, certificates: Certificates
) -> None:
    server = front.serve(front.ae(), ssl_context=certificates.for_server())

    assoc = front.associate(front.ae(), server.server_address)

    assert (assoc.is_aborted, assoc.is_established) == (True, False)


def test_whoever_speaks_tls_to_a_plain_server_is_hung_up_on(
    front: Front, certificates: Certificates
) -> None:
    server = front.serve(front.ae())

    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(), HOST)
    )

    assert (assoc.is_aborted, assoc.is_established) == (True, False)


def test_a_handshake_takes_no_longer_than_the_connection_timeout(
    front: Front, certificates: Certificates
) -> None:
    ae = front.ae()
    ae.connection_timeout = 0.1

    def is_silent(peer: Peer) -> None:
        while peer.socket.recv(4096):
            pass

    with listening(is_silent) as address:
        assoc = front.associate(ae, address, tls_args=(certificates.for_client(), HOST))

    assert (assoc.is_aborted, assoc.is_established) == (True, False)


def test_a_handshake_of_a_client_takes_no_longer_than_the_acse_timeout(
    front: Front, certificates: Certificates
) -> None:
    ae = front.ae()
    ae.acse_timeout = 0.1
    server = front.serve(ae, ssl_context=certificates.for_server())

    with Peer.at(server.server_address) as peer:
        assert peer.hear() is None


def test_servers_without_an_acse_timeout_shake_hands_too(
    front: Front, certificates: Certificates
) -> None:
    ae = front.ae()
    ae.acse_timeout = None
    server = front.serve(ae, ssl_context=certificates.for_server())

    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(), HOST)
    )

    assert assoc.is_established


@pytest.mark.parametrize("ending", ["release", "abort", "kill"])
def test_tls_associations_end_like_others(
    front: Front, certificates: Certificates, ending: str
) -> None:
    ended = Recorder(evt.EVT_RELEASED, evt.EVT_ABORTED, evt.EVT_CONN_CLOSE)
    server = front.serve(front.ae(), ended.handlers, ssl_context=certificates.for_server())
    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(), HOST)
    )

    getattr(assoc, ending)()

    ended.wait_for(evt.EVT_CONN_CLOSE)
    assert ended.names == ["RELEASED" if ending == "release" else "ABORTED", "CONN_CLOSE"]
