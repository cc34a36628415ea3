"""Application entities for tests within one process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pydicom import Dataset

from pynetdicom.compat.pynetdicom2 import applicationentity, sopclass, uids
from pynetdicom.compat.pynetdicom2.asceprovider import AssociationRequester
from pynetdicom.pdu import PDU_HEADER
from pynetdicom.testing import pdus_in

IMPLICIT = "1.2.840.10008.1.2"
DEADLINE = 20.0

VERIFICATION = uids.VERIFICATION_SOP_CLASS
CT = uids.CT_IMAGE_STORAGE


class Entity(applicationentity.AE):
    """An AE on a free port; what its hooks return can be set."""

    def __init__(self, *services: Any, **hooks: Callable[..., Any]) -> None:
        super().__init__("ENTITY", 0)
        for service in services:
            self.add_scp(service)
        vars(self).update(hooks)

    @property
    def address(self) -> dict[str, Any]:
        """What others need to reach it."""
        return {"aet": "ENTITY", "address": "127.0.0.1", "port": self.local_ae["port"]}


def client(*services: Any, **supported: Any) -> applicationentity.ClientAE:
    """Return an AE that only asks."""
    made = applicationentity.ClientAE("CLIENT", **supported)
    for service in services:
        made.add_scu(service)
    return made


def storing_client() -> applicationentity.ClientAE:
    return client().add_scu(sopclass.storage_scu, [CT])


def associated(ae: applicationentity.AEBase, remote: dict[str, Any]) -> AssociationRequester:
    """Return an association that the test ends itself."""
    asce = AssociationRequester(ae, ae.max_pdu_length, remote)
    asce.request()
    return asce


def image(number: int = 1) -> Dataset:
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = CT, f"1.2.3.{number}"
    ds.PatientName = "Vivaldi^Antonio"
    return ds


class Peer:
    """The other end of a connection, byte by byte."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        connection.settimeout(DEADLINE)

    def read(self) -> Any:
        """Return the next PDU."""
        header = self._exactly(PDU_HEADER.size)
        return pdus_in(header + self._exactly(PDU_HEADER.unpack(header)[1]))[0]

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.connection.recv(count - len(data))
            assert more, "the connection is closed"
            data += more
        return data

    def write(self, value: Any) -> None:
        """Send a PDU."""
        self.connection.sendall(value.encode())

    def is_left(self) -> bool:
        """Return whether the other side closes the connection."""
        try:
            return self.connection.recv(1) == b""
        except ConnectionResetError:
            return True


@contextmanager
def connected(port: int) -> Iterator[Peer]:
    """Connect to an AE."""
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as connection:
        yield Peer(connection)


@contextmanager
def accepting(play: Callable[[Peer], None]) -> Iterator[dict[str, Any]]:
    """Be the one that is asked: play a part in a thread; give the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(DEADLINE)

        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                play(Peer(connection))

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield {"aet": "PEER", "address": "127.0.0.1", "port": listener.getsockname()[1]}
        finally:
            thread.join(DEADLINE)
