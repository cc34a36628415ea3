"""What is below DICOM: the name, the connection, TLS."""

import argparse
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from time import perf_counter, time
from typing import Any

from pynetdicom._channel import TLSArguments
from pynetdicom.apps._explain import connecting_text
from pynetdicom.apps._output import plain
from pynetdicom.apps.doctor._finding import Finding, milliseconds

_DAY = 86400.0
_SOON = 30.0  # days before its end that a certificate should be renewed


def examine_connection(args: argparse.Namespace) -> Iterator[Finding]:
    """Look up the name, and connect to each address; the last finding is bad if none answers."""
    began = perf_counter()
    try:
        found = socket.getaddrinfo(args.addr, args.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        problem = error if isinstance(error, OSError) else socket.gaierror(0, str(error))
        yield Finding.of_failure("name", connecting_text(problem, args))
        return
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    text = f"{', '.join(addresses)} in {milliseconds(perf_counter() - began)}"
    yield Finding("name", True, text, values={"addresses": addresses})
    yield from _connect_to_each(args, addresses)


def _connect_to_each(args: argparse.Namespace, addresses: list[str]) -> Iterator[Finding]:
    failure = None
    for address in addresses:
        began = perf_counter()
        try:
            socket.create_connection((address, args.port), args.network_timeout).close()
        except OSError as error:
            failure = Finding.of_failure("connection", connecting_text(error, args))
            if address != addresses[-1]:
                yield Finding("connection", None, f"{address}: {failure.text}")
            continue
        elapsed = perf_counter() - began
        text = f"{address} port {args.port} in {milliseconds(elapsed)}"
        values = {"address": address, "seconds": elapsed}
        yield Finding("connection", True, text, values=values)
        return
    if failure is not None:
        yield failure


def examine_tls(args: argparse.Namespace, tls_args: TLSArguments) -> Iterator[Finding]:
    """Shake hands; tell what was agreed on, and what the certificate says."""
    context, name = tls_args
    try:
        with _shake_hands(args, context, name) as connection:
            version, cipher = connection.version(), connection.cipher()
            certificate: Any = connection.getpeercert()
    except OSError as error:
        yield Finding.of_failure("TLS", connecting_text(error, args))
        certificate = _untrusted_certificate(args)
        if certificate:
            yield _about_certificate(certificate, is_checked=False)
        return
    suite = cipher[0] if cipher else None
    values = {"version": version, "cipher": suite}
    yield Finding("TLS", True, f"{version}, {suite}", values=values)
    if certificate:
        yield _about_certificate(certificate, is_checked=True)
        return
    certificate = _untrusted_certificate(args)
    if certificate:
        yield _about_certificate(certificate, is_checked=False)


def speaks_tls(args: argparse.Namespace) -> bool:
    """Return whether the peer shakes hands with somebody who trusts everybody."""
    try:
        _shake_hands(args, _trusting_context()).close()
    except ssl.SSLError as error:
        # A complaint of its TLS, such as the lack of our certificate, is a sign of life, too.
        return "ALERT" in (error.reason or "")
    except OSError:
        return False
    return True


def _shake_hands(
    args: argparse.Namespace, context: ssl.SSLContext, name: str | None = None
) -> ssl.SSLSocket:
    connection = socket.create_connection((args.addr, args.port), args.network_timeout)
    try:
        return context.wrap_socket(connection, server_hostname=name or args.addr)
    except BaseException:
        connection.close()
        raise


def _trusting_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _untrusted_certificate(args: argparse.Namespace) -> dict[str, Any]:
    """Return what a certificate says that nobody here vouches for, as far as it can be read.

    Python decodes certificates that it trusts alone: so the second handshake trusts the one that
    the first has shown.
    """
    certificate: Any = {}
    with suppress(OSError, ValueError):
        with _shake_hands(args, _trusting_context()) as connection:
            shown = connection.getpeercert(binary_form=True) or b""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=shown)
        with _shake_hands(args, context) as connection:
            certificate = connection.getpeercert()
    return dict(certificate or {})


def _about_certificate(certificate: dict[str, Any], *, is_checked: bool) -> Finding:
    subject, issuer = _name(certificate.get("subject")), _name(certificate.get("issuer"))
    end = str(certificate["notAfter"])
    days = (ssl.cert_time_to_seconds(end) - time()) / _DAY
    values = {"subject": subject, "issuer": issuer, "expires": end, "days_left": round(days, 1)}
    text = f"{subject}, issued by {issuer}, until {end}"
    if not is_checked:
        return Finding("certificate", None, f"{text} (not checked)", values=values)
    if days < _SOON:
        hint = "Have it renewed before nobody can connect any more"
        return Finding("certificate", True, f"{text}: {days:.0f} days left", (hint,), values)
    return Finding("certificate", True, text, values=values)


def _name(relative_names: Any) -> str:
    """Return a distinguished name in a line: `CN=node, O=hospital`."""
    short = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU"}
    pairs = [pair for names in relative_names or () for pair in names]
    return plain(", ".join(f"{short.get(key, key)}={value}" for key, value in reversed(pairs)))
