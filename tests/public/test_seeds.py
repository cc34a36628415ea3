"""The programs about associations from which users have learnt pynetdicom 3 and 1.5."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from public.seeds import EXTRA, Dialect, Seen, echo, port_of, roles, user
from public.seeds import dialect as dialect
from public.seeds import logging_as_before as logging_as_before
from public.seeds import peer as peer
from pynetdicom import (
    AE,
    StoragePresentationContexts,
    build_context,
    debug_logger,
    evt,
)
from pynetdicom.sop_class import (
    CTImageStorage,
    PatientRootQueryRetrieveInformationModelGet,
    Verification,
)

pytestmark = pytest.mark.filterwarnings("ignore:.* since pynetdicom 2.0:DeprecationWarning")


# Association: requesting one.


def test_request_and_release(dialect: Dialect, peer: Any) -> None:
    ae = AE()
    ae.add_requested_context(dialect.verification)

    assoc = ae.associate(dialect.here, port_of(peer))

    assert assoc.is_established
    assert (assoc.requestor.ae_title, assoc.acceptor.ae_title) == ("PYNETDICOM", "ANY-SCP")
    assoc.release()
    assert assoc.is_released


def test_request_with_a_called_title(dialect: Dialect, peer: Any) -> None:
    peer.ae_title = "STORE_SCP"
    peer.ae.require_called_aet = True
    ae = AE()
    ae.add_requested_context(dialect.verification)

    assoc = ae.associate("127.0.0.1", port_of(peer), ae_title=dialect.title("STORE_SCP"))

    assert assoc.is_established
    assoc.release()


def test_request_with_contexts_of_its_own(peer: Any) -> None:
    ae = AE()
    requested_contexts = [build_context("1.2.840.10008.1.1")]

    assoc = ae.associate("127.0.0.1", port_of(peer), contexts=requested_contexts)

    assert assoc.is_established
    assert ae.requested_contexts == []
    assoc.release()


def test_request_with_roles_and_identity(peer: Any) -> None:
    """The guide assigns over a method, so that the context for C-GET is not proposed at all."""
    identities = []

    def check(event: evt.Event) -> tuple[bool, None]:
        identities.append((event.primary_field, event.secondary_field))
        return True, None

    peer.bind(evt.EVT_USER_ID, check)
    ae: Any = AE()
    ae.requested_contexts = StoragePresentationContexts[:127]
    ae.add_requested_context = PatientRootQueryRetrieveInformationModelGet

    assoc = ae.associate("127.0.0.1", port_of(peer), ext_neg=[*roles(), user()])

    assert assoc.is_established
    assert identities == [(b"username", b"password")]
    contexts = {context.abstract_syntax: context for context in assoc.accepted_contexts}
    assert contexts[CTImageStorage].as_scp
    assert PatientRootQueryRetrieveInformationModelGet not in contexts
    assoc.release()


def test_request_with_roles_as_the_guide_means_it(peer: Any) -> None:
    ae = AE()
    ae.requested_contexts = StoragePresentationContexts[:127]
    ae.add_requested_context(PatientRootQueryRetrieveInformationModelGet)

    assoc = ae.associate("127.0.0.1", port_of(peer), ext_neg=[*roles(), user()])

    assert assoc.is_established
    assert assoc.accepted_contexts[-1].as_scu
    assoc.release()


def test_handlers_of_a_request(dialect: Dialect, peer: Any) -> None:
    debug_logger()
    seen = Seen()
    handlers = [
        (evt.EVT_CONN_OPEN, seen.handle_open),
        (evt.EVT_ACCEPTED, seen.handle_accepted, ["optional", "parameters"]),
    ]
    ae = AE()
    ae.add_requested_context(dialect.verification)

    assoc = ae.associate(dialect.here, port_of(peer), evt_handlers=handlers)
    if assoc.is_established:
        assoc.release()

    assert seen.lines == [f"Connected with remote at ('127.0.0.1', {port_of(peer)})", EXTRA]


def test_handlers_bound_later(dialect: Dialect, peer: Any) -> None:
    debug_logger()
    seen = Seen()
    handlers = [(evt.EVT_CONN_OPEN, seen.handle_open)]
    ae = AE()
    ae.add_requested_context(dialect.verification)

    assoc = ae.associate(dialect.here, port_of(peer), evt_handlers=handlers)
    assoc.unbind(evt.EVT_CONN_OPEN, seen.handle_open)
    assoc.bind(evt.EVT_CONN_CLOSE, seen.handle_close)
    if assoc.is_established:
        assoc.release()

    seen.wait_for(f"Disconnected from remote at ('127.0.0.1', {port_of(peer)})")
    assert len(seen.lines) == 2
    assert assoc.get_handlers(evt.EVT_CONN_OPEN) == []
    assert assoc.get_handlers(evt.EVT_CONN_CLOSE) == [(seen.handle_close, None)]


# TLS, with certificates that sign themselves.


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """server.crt, server.key, client.crt and client.key in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("server", "client"):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"]
        command += ["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", f"/CN={name}"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1"]
        command += ["-keyout", f"{name}.key", "-out", f"{name}.crt"]
        subprocess.run(command, check=True, capture_output=True, timeout=30)


@pytest.fixture
def tls_peer(dialect: Dialect, certificates: None) -> Iterator[Any]:
    """The guides' server with TLS."""
    ae = AE()
    ae.add_supported_context(dialect.verification)
    ssl_cx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ssl_cx.verify_mode = ssl.CERT_REQUIRED
    ssl_cx.load_cert_chain(certfile="server.crt", keyfile="server.key")
    ssl_cx.load_verify_locations(cafile="client.crt")
    server = ae.start_server((dialect.everywhere, 0), block=False, ssl_context=ssl_cx)
    yield server
    server.shutdown()


def _client_context(purpose: ssl.Purpose) -> ssl.SSLContext:
    ssl_cx = ssl.create_default_context(purpose, cafile="server.crt")
    ssl_cx.verify_mode = ssl.CERT_REQUIRED
    ssl_cx.load_cert_chain(certfile="client.crt", keyfile="client.key")
    return ssl_cx


@pytest.mark.interop("openssl")
def test_tls_with_a_context_for_clients(tls_peer: Any) -> None:
    context = _client_context(ssl.Purpose.SERVER_AUTH)

    assoc = echo(port_of(tls_peer), tls_args=(context, "127.0.0.1"))

    assert assoc.is_released


@pytest.mark.interop("openssl")
def test_tls_with_the_guides_context_which_is_for_servers(
    tls_peer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Python allows it no more since 3.10: nothing is raised, and the log says why."""
    context = _client_context(ssl.Purpose.CLIENT_AUTH)

    assoc = echo(port_of(tls_peer), tls_args=(context, None))

    assert (assoc.is_established, assoc.is_aborted) == (False, True)
    assert "Cannot create a client socket with a PROTOCOL_TLS_SERVER context" in caplog.text


@pytest.mark.interop("openssl")
def test_tls_without_the_host_name_that_the_context_wants(
    tls_peer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    context = _client_context(ssl.Purpose.SERVER_AUTH)

    assoc = echo(port_of(tls_peer), tls_args=(context, None))

    assert (assoc.is_established, assoc.is_aborted) == (False, True)
    assert "server_hostname" in caplog.text


@pytest.mark.interop("openssl")
def test_tls_goes_on_after_a_client_without_a_certificate(tls_peer: Any) -> None:
    stranger = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile="server.crt")
    assert not echo(port_of(tls_peer), tls_args=(stranger, "127.0.0.1")).is_established
    assert not echo(port_of(tls_peer)).is_established

    context = _client_context(ssl.Purpose.SERVER_AUTH)

    assert echo(port_of(tls_peer), tls_args=(context, "127.0.0.1")).is_released


# Outcomes, and what is said about them.


def test_the_four_outcomes_of_a_request(peer: Any) -> None:
    accepted = echo(port_of(peer))
    peer.ae.require_calling_aet = ["SOMEBODY"]
    rejected = echo(port_of(peer))
    peer.ae.require_calling_aet = []
    peer.bind(evt.EVT_REQUESTED, lambda event: event.assoc.abort())
    aborted = echo(port_of(peer))
    peer.shutdown()
    failed = echo(port_of(peer))

    assert accepted.is_released
    assert (rejected.is_rejected, rejected.is_established) == (True, False)
    assert (aborted.is_aborted, aborted.is_established) == (True, False)
    assert (failed.is_aborted, failed.is_established) == (True, False)


def test_services_need_an_association_and_a_context(peer: Any) -> None:
    ae = AE()
    ae.add_requested_context(CTImageStorage)
    assoc = ae.associate("127.0.0.1", port_of(peer))

    with pytest.raises(ValueError, match="Verification"):
        assoc.send_c_echo()
    assoc.release()
    with pytest.raises(RuntimeError, match="established"):
        assoc.send_c_echo()


def test_the_answer_to_a_user_identity(peer: Any) -> None:
    def check(event: evt.Event) -> tuple[bool, bytes]:
        return True, b"ticket for " + event.primary_field

    peer.bind(evt.EVT_USER_ID, check)
    identity = user()
    identity.user_identity_type, identity.secondary_field = 3, None
    identity.positive_response_requested = True
    ae = AE()
    ae.add_requested_context(Verification)

    assoc = ae.associate("127.0.0.1", port_of(peer), ext_neg=[identity])

    answer = assoc.acceptor.user_identity
    assert answer is not None
    assert answer.server_response == b"ticket for username"
    assoc.release()
