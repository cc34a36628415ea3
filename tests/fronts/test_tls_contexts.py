"""TLS contexts that do not fit: nothing is raised, the log says why, and nothing is left open."""

import ssl

import pytest

from fronts.certificates import Certificates
from fronts.stage import Front

pytestmark = pytest.mark.interop("openssl")


def test_a_context_that_wants_a_host_name_gets_one(
    front: Front, certificates: Certificates
) -> None:
    server = front.serve(front.ae(), ssl_context=certificates.for_server())

    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(), "127.0.0.1")
    )

    assert assoc.is_established


def test_a_context_that_wants_a_host_name_and_gets_none(
    front: Front, certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    server = front.serve(front.ae(), ssl_context=certificates.for_server())

    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(), None)
    )

    assert (assoc.is_established, assoc.is_aborted) == (False, True)
    assert "server_hostname" in caplog.text


def test_a_context_that_is_for_servers(
    front: Front, certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    server = front.serve(front.ae(), ssl_context=certificates.for_server())

    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_server(), None)
    )

    assert (assoc.is_established, assoc.is_aborted) == (False, True)
    assert "PROTOCOL_TLS_SERVER" in caplog.text


def test_a_certificate_of_another_host(
    front: Front, certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    server = front.serve(front.ae(), ssl_context=certificates.for_server())

    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(), "pacs.example")
    )

    assert (assoc.is_established, assoc.is_aborted) == (False, True)
    assert "Hostname mismatch" in caplog.text


def test_a_context_that_wants_no_host_name_needs_none(
    front: Front, certificates: Certificates
) -> None:
    server = front.serve(front.ae(), ssl_context=certificates.for_server())
    context = certificates.for_client()
    context.check_hostname, context.verify_mode = False, ssl.CERT_REQUIRED

    assoc = front.associate(front.ae(), server.server_address, tls_args=(context, None))

    assert assoc.is_established
