"""Certificates for stories about TLS, made with openssl: an authority, a server and a client."""

import ssl
import subprocess
from pathlib import Path

_REQUEST = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
_SIGNED = ["-x509", "-days", "2", "-CA", "ca.pem", "-CAkey", "ca.key"]


class Certificates:
    """A folder with an authority and what it signed.

    Args:
        folder: An empty one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._run([*_REQUEST, "-x509", "-days", "2", *_named("ca")])
        for name in ("server", "client"):
            address = ["-addext", "subjectAltName=IP:127.0.0.1"]
            self._run([*_REQUEST, *_SIGNED, *address, *_named(name)])

    def _run(self, command: list[str]) -> None:
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True, timeout=30)

    def for_server(self, *, wants_client: bool = False) -> ssl.SSLContext:
        """Return a context that shows the server's certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._load(context, "server")
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def for_client(self, *, with_own: bool = False) -> ssl.SSLContext:
        """Return a context that trusts the authority, and may show the client's certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self._folder / "ca.pem")
        if with_own:
            self._load(context, "client")
        return context

    def _load(self, context: ssl.SSLContext, name: str) -> None:
        context.load_cert_chain(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        context.load_verify_locations(self._folder / "ca.pem")


def _named(name: str) -> list[str]:
    return ["-subj", f"/CN={name} of a story", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
