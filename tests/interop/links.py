"""The two ways to a peer: plain TCP, and TLS with certificates on both sides (PS3.15 B)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from interop.processes import Command, program, run

# Everything RFC 5280 wants, since newer Python versions check certificates strictly.
OPENSSL_CONFIGURATION = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = localhost
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[node]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
"""

LIFETIME = ["-days", "2"]


@dataclass(frozen=True, slots=True)
class Certificates:
    """One certificate for every node, and the authority all of them trust."""

    authority: Path
    key: Path
    certificate: Path


@dataclass(frozen=True, slots=True)
class Link:
    """How two nodes are joined: `certificates` is `None` for plain TCP."""

    certificates: Certificates | None = None

    def __str__(self) -> str:
        return "TLS" if self.certificates else "TCP"

    @property
    def is_secure(self) -> bool:
        return self.certificates is not None

    def client_context(self) -> ssl.SSLContext | None:
        return self._context(ssl.Purpose.SERVER_AUTH)

    def server_context(self) -> ssl.SSLContext | None:
        context = self._context(ssl.Purpose.CLIENT_AUTH)
        if context:
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def tls_args(self) -> tuple[ssl.SSLContext, str] | None:
        """Return what `associate()` takes."""
        context = self.client_context()
        return (context, "localhost") if context else None

    def files(self) -> list[str]:
        """Return key, certificate and authority, or nothing, as the scripts of peers take it."""
        if not self.certificates:
            return []
        files = self.certificates
        return [str(files.key), str(files.certificate), str(files.authority)]

    def dcmtk_options(self) -> list[str]:
        """Return the options that make a DCMTK program use this link, either side."""
        if not self.certificates:
            return []
        key, certificate, authority = self.files()
        return ["+tls", key, certificate, "+cf", authority]

    def _context(self, purpose: ssl.Purpose) -> ssl.SSLContext | None:
        if not self.certificates:
            return None
        context = ssl.create_default_context(purpose, cafile=self.certificates.authority)
        context.load_cert_chain(self.certificates.certificate, self.certificates.key)
        return context


def make_certificates(folder: Path) -> Certificates:
    """Make an authority and one node certificate with the openssl program."""
    openssl = program("openssl", "OpenSSL")
    configuration = folder / "openssl.cnf"
    configuration.write_text(OPENSSL_CONFIGURATION)
    authority, authority_key = folder / "authority.pem", folder / "authority.key"
    request, key, certificate = folder / "node.csr", folder / "node.key", folder / "node.pem"
    new_key: Command = ["-config", configuration, "-newkey", "rsa:2048", "-nodes", "-keyout"]
    itself: Command = ["-x509", "-subj", "/CN=Interoperability", "-extensions", "authority"]
    run([openssl, "req", *new_key, authority_key, *itself, *LIFETIME, "-out", authority])
    run([openssl, "req", *new_key, key, "-out", request])
    issuer: Command = ["-CA", authority, "-CAkey", authority_key, "-CAcreateserial", *LIFETIME]
    extensions: Command = ["-extfile", configuration, "-extensions", "node"]
    run([openssl, "x509", "-req", "-in", request, *issuer, *extensions, "-out", certificate])
    return Certificates(authority, key, certificate)
