"""The programs from which users have learnt pynetdicom 3 and 1.5: they run here too.

They are what the guides' examples do, with free ports, without pauses, and with servers in threads
where they would block. The two dialects differ in the names of SOP classes, in titles that were
bytes, and in how hosts are written.
"""

import logging
import os
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from pynetdicom import (
    AE,
    AllStoragePresentationContexts,
    Association,
    StoragePresentationContexts,
    build_context,
    build_role,
    debug_logger,
    evt,
    sop_class,
)
from pynetdicom.pdu_primitives import UserIdentityNegotiation
from pynetdicom.sop_class import (
    CTImageStorage,
    MRImageStorage,
    PatientRootQueryRetrieveInformationModelGet,
    Verification,
)
from pynetdicom.transport import ThreadedAssociationServer

pytestmark = pytest.mark.filterwarnings("ignore:.* since pynetdicom 2.0:DeprecationWarning")

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


def _roles() -> list[Any]:
    return [
        build_role(context.abstract_syntax or "", scp_role=True)
        for context in StoragePresentationContexts[:127]
    ]


def _user() -> UserIdentityNegotiation:
    user_identity = UserIdentityNegotiation()
    user_identity.user_identity_type = 2
    user_identity.primary_field = b"username"
    user_identity.secondary_field = b"password"
    return user_identity


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

    assoc = ae.associate("127.0.0.1", port_of(peer), ext_neg=[*_roles(), _user()])

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

    assoc = ae.associate("127.0.0.1", port_of(peer), ext_neg=[*_roles(), _user()])

    assert assoc.is_established
    assert assoc.accepted_contexts[-1].as_scu
    assoc.release()


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
    identity = _user()
    identity.user_identity_type, identity.secondary_field = 3, None
    identity.positive_response_requested = True
    ae = AE()
    ae.add_requested_context(Verification)

    assoc = ae.associate("127.0.0.1", port_of(peer), ext_neg=[identity])

    answer = assoc.acceptor.user_identity
    assert answer is not None
    assert answer.server_response == b"ticket for username"
    assoc.release()


# Association: listening for requests.


def test_a_server_that_blocks(dialect: Dialect) -> None:
    ae = AE()
    ae.add_supported_context(dialect.verification)

    with Blocking(ae, lambda: ae.start_server((dialect.everywhere, 0))) as (server,):
        assert echo(port_of(server)).is_released


@pytest.mark.slow
def test_a_server_that_blocks_ends_with_ctrl_c() -> None:
    program = """
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification
ae = AE()
ae.add_supported_context(Verification)
handlers = [(evt.EVT_RELEASED, lambda event: print("ready", flush=True))]
server = ae.start_server(("127.0.0.1", 0), block=False)
print(server.server_address[1], flush=True)
ae.start_server(("127.0.0.1", 0))
print("over", flush=True)
ae.shutdown()
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert echo(port).is_released
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE)

    assert (output.strip(), process.returncode) == ("over", 0)


def test_two_servers_of_one_ae(dialect: Dialect) -> None:
    ae = AE()
    ae.add_supported_context(dialect.verification)
    started: list[ThreadedAssociationServer] = []

    def program() -> None:
        started.append(ae.start_server((dialect.everywhere, 0), block=False))
        ae.start_server((dialect.everywhere, 0), block=True)

    with Blocking(ae, program):
        servers = wait_for_servers(ae, 2)
        outcomes = [echo(port_of(server)).is_released for server in servers]
        assert started[0] in servers

    assert outcomes == [True, True]


def test_a_server_with_a_title_of_its_own(dialect: Dialect) -> None:
    ae = AE()
    ae.add_supported_context(dialect.verification)
    ae.require_called_aet = True

    def program() -> None:
        ae.start_server((dialect.everywhere, 0), ae_title=dialect.title("STORE_SCP"))

    with Blocking(ae, program) as (server,):
        assert echo(port_of(server), "STORE_SCP").is_released
        assert echo(port_of(server), "PYNETDICOM").is_rejected


def test_a_server_with_contexts_of_its_own(dialect: Dialect) -> None:
    ae = AE()
    supported_cx = [build_context("1.2.840.10008.1.1")]

    def program() -> None:
        ae.start_server((dialect.everywhere, 0), contexts=supported_cx)

    with Blocking(ae, program) as (server,):
        assert echo(port_of(server)).is_released

    assert ae.supported_contexts == []


def test_handlers_of_a_server(dialect: Dialect) -> None:
    debug_logger()
    seen = Seen()
    handlers = [
        (evt.EVT_CONN_OPEN, seen.handle_open),
        (evt.EVT_ACCEPTED, seen.handle_accepted, ["optional", "parameters"]),
    ]
    ae = AE()
    ae.add_supported_context(dialect.verification)

    def program() -> None:
        ae.start_server((dialect.everywhere, 0), evt_handlers=handlers)

    with Blocking(ae, program) as (server,):
        assert echo(port_of(server)).is_released
        seen.wait_for(EXTRA)

    assert [line.partition(" (")[0] for line in seen.lines] == ["Connected with remote at", EXTRA]


def test_handlers_bound_to_a_running_server(dialect: Dialect) -> None:
    debug_logger()
    seen = Seen()
    handlers = [(evt.EVT_CONN_OPEN, seen.handle_open)]
    ae = AE()
    ae.add_supported_context(dialect.verification)
    scp = ae.start_server((dialect.everywhere, 0), block=False, evt_handlers=handlers)
    client = AE()
    client.add_requested_context(dialect.verification)
    open_one = client.associate("127.0.0.1", port_of(scp))

    scp.unbind(evt.EVT_CONN_OPEN, seen.handle_open)
    scp.bind(evt.EVT_CONN_CLOSE, seen.handle_close)
    LOGGER.info("Bindings changed")
    before = f"('127.0.0.1', {open_one.requestor.port})"
    open_one.release()
    later = echo(port_of(scp))
    after = f"('127.0.0.1', {later.requestor.port})"

    seen.wait_for(f"Disconnected from remote at {before}")
    seen.wait_for(f"Disconnected from remote at {after}")
    scp.shutdown()
    assert sorted(seen.lines) == sorted(
        [
            f"Connected with remote at {before}",
            f"Disconnected from remote at {before}",
            f"Disconnected from remote at {after}",
        ]
    )


def test_a_shutdown_ends_servers_and_associations(peer: Any) -> None:
    ae = AE()
    ae.add_supported_context(Verification)
    ae.add_requested_context(Verification)
    server = ae.start_server(("127.0.0.1", 0), block=False)
    requested = ae.associate("127.0.0.1", port_of(peer))
    served = ae.associate("127.0.0.1", port_of(server))

    ae.shutdown()

    assert (requested.is_aborted, served.is_aborted) == (True, True)
    assert not echo(port_of(server)).is_established


def test_a_handler_of_c_store(dialect: Dialect) -> None:
    ae = AE()
    ae.add_supported_context(CTImageStorage)

    def handle_store(event: evt.Event) -> int:
        return 0x0000

    handlers = [(evt.EVT_C_STORE, handle_store)]

    def program() -> None:
        ae.start_server((dialect.everywhere, 0), evt_handlers=handlers)

    image = Dataset()
    image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, "1.2.3"
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    client = AE()
    client.add_requested_context(CTImageStorage)

    with Blocking(ae, program) as (server,):
        assoc = client.associate("127.0.0.1", port_of(server))
        assert assoc.send_c_store(image).Status == 0x0000
        assoc.release()


# Application entity.


def test_titles() -> None:
    assert AE().ae_title == "PYNETDICOM"
    assert AE(ae_title="MY_AE_TITLE").ae_title == "MY_AE_TITLE"
    ae = AE()
    ae.ae_title = "MY_AE_TITLE"
    assert ae.ae_title == "MY_AE_TITLE"


@pytest.mark.parametrize("title", ["", "   ", "SEVENTEEN_LETTERS", "BACK\\SLASH", "LINE\n", "É"])
def test_what_is_no_title(title: str) -> None:
    with pytest.raises(ValueError, match="ae_title"):
        AE(ae_title=title)


Add = Callable[[AE], Callable[..., Any]]
EITHER = pytest.mark.parametrize(
    ("add", "contexts"),
    [
        (lambda ae: ae.add_requested_context, lambda ae: ae.requested_contexts),
        (lambda ae: ae.add_supported_context, lambda ae: ae.supported_contexts),
    ],
    ids=["requested", "supported"],
)
Contexts = Callable[[AE], list[Any]]


@EITHER
def test_contexts_one_by_one(add: Add, contexts: Contexts) -> None:
    ae = AE()

    # A doctest of the guide prints nothing after these.
    assert add(ae)("1.2.840.10008.1.1") is None
    assert add(ae)(UID("1.2.840.10008.5.1.4.1.1.4")) is None
    assert add(ae)(CTImageStorage) is None

    syntaxes = {context.abstract_syntax for context in contexts(ae)}
    assert syntaxes == {Verification, MRImageStorage, CTImageStorage}


def test_all_contexts_at_once() -> None:
    assert len(StoragePresentationContexts) == 120
    ae = AE()
    ae.requested_contexts = StoragePresentationContexts
    ae.supported_contexts = StoragePresentationContexts

    assert ae.requested_contexts == StoragePresentationContexts
    assert len(ae.supported_contexts) == 120


def test_contexts_that_were_built() -> None:
    contexts = [build_context(CTImageStorage), build_context("1.2.840.10008.1.1")]
    ae = AE()
    ae.requested_contexts = contexts
    ae.supported_contexts = contexts

    requested = [context.abstract_syntax for context in ae.requested_contexts]
    supported = [context.abstract_syntax for context in ae.supported_contexts]
    assert requested == [CTImageStorage, Verification]
    assert supported == [Verification, CTImageStorage]


def test_128_contexts_may_be_requested_and_not_one_more() -> None:
    ae = AE()
    ae.requested_contexts = StoragePresentationContexts
    for _ in range(8):
        ae.add_requested_context(Verification)

    with pytest.raises(ValueError, match="128"):
        ae.add_requested_context(Verification)

    assert len(ae.requested_contexts) == 128


def test_more_than_128_contexts_may_be_supported() -> None:
    ae = AE()
    ae.supported_contexts = AllStoragePresentationContexts
    ae.add_supported_context(Verification)

    assert len(ae.supported_contexts) == 171


@EITHER
def test_transfer_syntaxes_of_ones_own(add: Add, contexts: Contexts) -> None:
    ae = AE()
    add(ae)(CTImageStorage, transfer_syntax="1.2.840.10008.1.2")
    add(ae)(MRImageStorage, [ImplicitVRLittleEndian, ExplicitVRLittleEndian])

    assert [context.transfer_syntax for context in contexts(ae)] == [
        [ImplicitVRLittleEndian],
        [ImplicitVRLittleEndian, ExplicitVRLittleEndian],
    ]


def test_transfer_syntaxes_of_built_contexts() -> None:
    context_a = build_context(CTImageStorage, ImplicitVRLittleEndian)
    context_b = build_context("1.2.840.10008.1.1", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
    ae = AE()
    ae.requested_contexts = [context_a, context_b]
    ae.supported_contexts = [context_a, context_b]

    assert ae.requested_contexts == [context_a, context_b]
    assert ae.supported_contexts == [context_b, context_a]


VERIFICATION = """\
Abstract Syntax: Verification SOP Class
Transfer Syntax(es):
    =Implicit VR Little Endian
    =Explicit VR Little Endian
    =Deflated Explicit VR Little Endian
    =Explicit VR Big Endian"""


@EITHER
def test_a_context_is_printed(add: Add, contexts: Contexts) -> None:
    """The guide's output is older than the deflated syntax among the default ones."""
    ae = AE()
    assert len(contexts(ae)) == 0
    add(ae)(Verification)
    assert len(contexts(ae)) == 1

    assert str(contexts(ae)[0]) == VERIFICATION


def test_the_same_syntax_may_be_requested_twice() -> None:
    ae = AE()
    ae.add_requested_context(CTImageStorage)
    ae.add_requested_context(CTImageStorage, ImplicitVRLittleEndian)
    assert len(ae.requested_contexts) == 2

    assert str(ae.requested_contexts[1]).splitlines() == [
        "Abstract Syntax: CT Image Storage",
        "Transfer Syntax(es):",
        "    =Implicit VR Little Endian",
    ]


def test_the_same_syntax_is_supported_once() -> None:
    ae = AE()
    ae.add_supported_context(CTImageStorage, ExplicitVRLittleEndian)
    ae.add_supported_context(CTImageStorage, ImplicitVRLittleEndian)
    assert len(ae.supported_contexts) == 1

    assert str(ae.supported_contexts[0]).splitlines() == [
        "Abstract Syntax: CT Image Storage",
        "Transfer Syntax(es):",
        "    =Explicit VR Little Endian",
        "    =Implicit VR Little Endian",
    ]


def test_a_port_of_ones_own(peer: Any) -> None:
    ae = AE()
    ae.add_requested_context("1.2.840.10008.1.1")

    assoc = ae.associate("127.0.0.1", port_of(peer), bind_address=("127.0.0.1", 0))

    assert assoc.is_established
    assert assoc.requestor.address == "127.0.0.1"
    assoc.release()


def test_a_server_that_answers_to_roles() -> None:
    ae = AE()
    ae.add_supported_context(CTImageStorage, scu_role=False, scp_role=True)
    server = ae.start_server(("127.0.0.1", 0), block=False)
    client = AE()
    client.add_requested_context(CTImageStorage)
    role = build_role(CTImageStorage, scu_role=True, scp_role=True)

    assoc = client.associate("127.0.0.1", port_of(server), ext_neg=[role])

    (context,) = assoc.accepted_contexts
    assert (context.as_scu, context.as_scp) == (False, True)
    assoc.release()
    server.shutdown()


@pytest.mark.parametrize("is_verified", [True, False])
def test_a_server_that_checks_identities(
    is_verified: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = ModuleType("my_code")
    module.some_user_function = lambda event: (is_verified and event.user_id_type == 2, None)
    monkeypatch.setitem(sys.modules, "my_code", module)
    program = """
from my_code import some_user_function

def handle_user_id(event):
    is_verified, response = some_user_function(event)
    return is_verified, response

handlers = [(evt.EVT_USER_ID, handle_user_id)]
"""
    names: dict[str, Any] = {"evt": evt}
    exec(program, names)
    ae = AE()
    ae.add_supported_context(Verification)

    def serve() -> None:
        ae.start_server(("127.0.0.1", 0), evt_handlers=names["handlers"])

    with Blocking(ae, serve) as (server,):
        assoc = echo(port_of(server), ext_neg=[_user()])

    assert (assoc.is_released, assoc.is_rejected) == (is_verified, not is_verified)
