"""Orthanc as a peer: a DICOM server with a REST interface that tells what it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from interop.links import Link
from interop.processes import DEADLINE, program, running
from interop.samples import data_set_of
from ports import free_port


@dataclass(frozen=True, slots=True)
class Orthanc:
    """A running Orthanc: where its DICOM server and its REST interface listen."""

    port: int
    rest_port: int
    link: Link

    def take(self) -> list[bytes]:
        """Return the data sets stored since the last call, and forget them."""
        data_sets = self.stored()
        self.forget()
        return data_sets

    def stored(self) -> list[bytes]:
        return [data_set_of(self._file(instance)) for instance in self.instances()]

    def instances(self) -> list[str]:
        return list(self._json("GET", "instances"))

    def upload(self, file: bytes) -> None:
        self._call("POST", "instances", file)

    def forget(self) -> None:
        for patient in self._json("GET", "patients"):
            self._call("DELETE", f"patients/{patient}")

    def echo_to(self, port: int) -> None:
        """Let Orthanc verify an SCP; a failure raises `urllib.error.HTTPError`."""
        self._modality(port)
        self._json("POST", "modalities/peer/echo", {})

    def send_to(self, port: int) -> dict[str, Any]:
        """Let Orthanc send all it holds to an SCP, and return its account of it."""
        self._modality(port)
        account: dict[str, Any] = self._json("POST", "modalities/peer/store", self.instances())
        return account

    def _modality(self, port: int) -> None:
        peer = {"AET": "PEER", "Host": "localhost", "Port": port}
        self._json("PUT", "modalities/peer", {**peer, "UseDicomTls": self.link.is_secure})

    def _file(self, instance: str) -> bytes:
        return self._call("GET", f"instances/{instance}/file")

    def _json(self, method: str, path: str, body: object = None) -> Any:
        answer = self._call(method, path, None if body is None else json.dumps(body).encode())
        return json.loads(answer or b"null")

    def _call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        address = f"http://127.0.0.1:{self.rest_port}/{path}"
        with urlopen(Request(address, body, method=method), timeout=DEADLINE) as response:
            content: bytes = response.read()
        return content


@contextmanager
def orthanc(folder: Path, link: Link, **options: object) -> Iterator[Orthanc]:
    """Run Orthanc while the block lasts.

    Args:
        folder: Where it keeps everything.
        link: How it is reached.
        options: Further values of its configuration.
    """
    peer = Orthanc(free_port(), free_port(), link)
    configuration = folder / "orthanc.json"
    configuration.write_text(json.dumps({**_configuration(peer, folder), **options}))
    with running([program("Orthanc", "Orthanc"), configuration], peer.port, folder / "log"):
        yield peer


def _configuration(peer: Orthanc, folder: Path) -> dict[str, object]:
    return {
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [],
        "HttpPort": peer.rest_port,
        "RemoteAccessAllowed": False,
        "DicomPort": peer.port,
        "DicomModalitiesInDatabase": True,
        # Send in the transfer syntax of the file, and let go of the association at once.
        "TranscodeDicomProtocol": False,
        "DicomAssociationCloseDelay": 0,
        **_security(peer.link),
    }


def _security(link: Link) -> dict[str, object]:
    if not link.certificates:
        return {}
    return {
        "DicomTlsEnabled": True,
        "DicomTlsCertificate": str(link.certificates.certificate),
        "DicomTlsPrivateKey": str(link.certificates.key),
        "DicomTlsTrustedCertificates": str(link.certificates.authority),
        "DicomTlsRemoteCertificateRequired": True,
    }
