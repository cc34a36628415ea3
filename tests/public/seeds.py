"""What the programs of the guides have in common.

They run with free ports, without pauses, and with servers in threads where they would block. The
two dialects differ in the names of SOP classes, in titles that were bytes, and in how hosts are
written.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydicom.uid import UID

from pynetdicom import (
    AE,
    AllStoragePresentationContexts,
    Association,
    StoragePresentationContexts,
    build_role,
    evt,
    sop_class,
)
from pynetdicom.pdu_primitives import UserIdentityNegotiation
from pynetdicom.sop_class import (
    PatientRootQueryRetrieveInformationModelGet,
    Verification,
)
from pynetdicom.transport import ThreadedAssociationServer

PATIENCE = 10.0
LOGGER = logging.getLogger("pynetdicom")
ECHO = UID("1.2.840.10008.1.1")


@dataclass(frozen=True)
class Dialect:
    """How programs of a release write what has changed since."""

    verification_name: str
    encodes_titles: bool
    here: str
    everywhere: str

    @property
    def verification(self) -> UID:
        uid: UID = getattr(sop_class, self.verification_name)
        return uid

    def title(self, text: str) -> Any:
        return text.encode() if self.encodes_titles else text


DIALECTS = {
    "3.x": Dialect("Verification", False, "127.0.0.1", "127.0.0.1"),
    "1.5": Dialect("VerificationSOPClass", True, "localhost", ""),
}


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return DIALECTS[request.param]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Take back what `debug_logger()` does to the logger of the package."""
    handlers, level = LOGGER.handlers, LOGGER.level
    yield
    LOGGER.handlers = handlers
    LOGGER.setLevel(level)


@pytest.fixture
def peer() -> Iterator[Any]:
    """A server that accepts everything; its port is what programs connect to."""
    ae = AE("PEER")
    ae.supported_contexts = AllStoragePresentationContexts
    for context in ae.supported_contexts:
        context.scu_role = context.scp_role = True
    ae.add_supported_context(Verification)
    ae.add_supported_context(PatientRootQueryRetrieveInformationModelGet)
    server = ae.start_server(("127.0.0.1", 0), block=False)
    yield server
    server.shutdown()


def port_of(server: Any) -> int:
    port: int = server.server_address[1]
    return port


def echo(port: int, title: str = "ANY-SCP", **options: Any) -> Association:
    """Be a client: return an association that has echoed, if it was accepted."""
    ae = AE()
    ae.add_requested_context(ECHO)
    assoc = ae.associate("127.0.0.1", port, ae_title=title, **options)
    if assoc.is_established:
        assoc.send_c_echo()
        assoc.release()
    return assoc


class Blocking:
    """A program that would block, in a thread; leaving stops its AE's servers."""

    def __init__(self, ae: AE, program: Callable[[], object]) -> None:
        self._ae = ae
        self._thread = threading.Thread(target=program)

    def __enter__(self) -> list[ThreadedAssociationServer]:
        self._thread.start()
        return wait_for_servers(self._ae, 1)

    def __exit__(self, *error: object) -> None:
        self._ae.shutdown()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def wait_for_servers(ae: AE, count: int) -> list[Any]:
    """Return the servers of an AE that another thread starts."""
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.005)):
        if len(ae._servers) >= count:
            break
        pause.wait(0.005)
    assert len(ae._servers) >= count
    return list(ae._servers)


def roles() -> list[Any]:
    return [
        build_role(context.abstract_syntax or "", scp_role=True)
        for context in StoragePresentationContexts[:127]
    ]


def user() -> UserIdentityNegotiation:
    user_identity = UserIdentityNegotiation()
    user_identity.user_identity_type = 2
    user_identity.primary_field = b"username"
    user_identity.secondary_field = b"password"
    return user_identity


class Seen:
    """The handlers of the guides, which log what they see."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._changed = threading.Condition()

    def _log(self, line: str) -> None:
        LOGGER.info(line)
        with self._changed:
            self.lines.append(line)
            self._changed.notify_all()

    def handle_open(self, event: evt.Event) -> None:
        self._log(f"Connected with remote at {event.address}")

    def handle_close(self, event: evt.Event) -> None:
        self._log(f"Disconnected from remote at {event.address}")

    def handle_accepted(self, event: evt.Event, arg1: str, arg2: str) -> None:
        self._log(f"Extra args: '{arg1}' and '{arg2}'")

    def wait_for(self, line: str) -> None:
        with self._changed:
            seen = self._changed.wait_for(lambda: line in "\n".join(self.lines), PATIENCE)
        assert seen, f"{line} is not in {self.lines}"


EXTRA = "Extra args: 'optional' and 'parameters'"
