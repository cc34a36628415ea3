"""`doctor` says why a node does not do what it should."""

import json
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from apps.stage import (
    DEADLINE,
    LOOPBACK,
    Node,
    node,
    peer,
    started,
    until,
)
from apps.test_peers import server_context
from ports import free_port
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, DEFAULT_TRANSFER_SYNTAXES, Association, evt
from pynetdicom._globals import MODE_REQUESTOR
from pynetdicom.apps import doctor
from pynetdicom.apps.doctor import _negotiation
from pynetdicom.apps.doctor._finding import Finding
from pynetdicom.pdu_primitives import A_ASSOCIATE, AsynchronousOperationsWindowNegotiation
from pynetdicom.sop_class import (
    CTImageStorage,
    MRImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    Verification,
)


@contextmanager
def small_node(prepare: Callable[[AE], object] = lambda ae: None, **options: Any) -> Iterator[Node]:
    """Run a node that takes two kinds of images and answers one kind of query."""

    def reduce(ae: AE) -> None:
        ae.supported_contexts = []
        ae.add_supported_context(Verification)
        ae.add_supported_context(CTImageStorage, ALL_TRANSFER_SYNTAXES)
        ae.add_supported_context(MRImageStorage, scu_role=True, scp_role=True)
        ae.add_supported_context(PatientRootQueryRetrieveInformationModelFind)
        prepare(ae)

    with node(reduce, **options) as there:
        yield there


def examined(
    capsys: pytest.CaptureFixture[str], port: int, *words: object, host: str = LOOPBACK
) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Return the exit status, the findings by name, and all that JSON tells."""
    status = doctor.main([host, str(port), "--json", *map(str, words)])
    told = json.loads(capsys.readouterr().out)
    return status, {finding["name"]: finding for finding in told["findings"]}, told


def test_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    with small_node() as there:
        status, findings, told = examined(capsys, there.port, "-aec", "NODE", "-aet", "ME")

    assert (status, told["ok"]) == (0, True)
    assert (told["host"], told["port"]) == (LOOPBACK, there.port)
    assert (told["calling_ae_title"], told["called_ae_title"]) == ("ME", "NODE")
    assert findings["name"]["addresses"] == [LOOPBACK]
    assert findings["connection"]["ok"]
    assert findings["association"]["ok"]
    assert findings["implementation"]["version_name"].startswith("PYNETDICOM_")
    assert findings["maximum PDU"]["bytes"] == 16382
    assert findings["operations"] == {
        "name": "operations",
        "ok": None,
        "text": "one at a time",
        "invoked": 1,
        "performed": 1,
    }
    assert len(findings["echo"]["times"]) == 5
    assert findings["roles"]["text"].startswith("we may be SCP of 1 of the 2 storage classes")


def test_each_sop_class_and_transfer_syntax_is_asked_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with small_node() as there:
        _, findings, told = examined(capsys, there.port)

    accepted = {
        each["sop_class"]: set(each["transfer_syntaxes"])
        for each in told["sop_classes"]
        if each["result"] == "accepted"
    }
    assert accepted == {
        Verification: set(DEFAULT_TRANSFER_SYNTAXES),
        CTImageStorage: set(ALL_TRANSFER_SYNTAXES),
        MRImageStorage: set(DEFAULT_TRANSFER_SYNTAXES),
        PatientRootQueryRetrieveInformationModelFind: set(DEFAULT_TRANSFER_SYNTAXES),
    }
    assert findings["contexts"]["associations"] == len(there.requested) - 1
    assert {each["result"] for each in told["sop_classes"]} == {
        "accepted",
        "Abstract Syntax Not Supported",
    }


def test_less_is_asked_when_it_is_to_be_quick(capsys: pytest.CaptureFixture[str]) -> None:
    with small_node() as there:
        _, findings, told = examined(capsys, there.port, "--quick", "--echoes", 2)

    (ct,) = [each for each in told["sop_classes"] if each["sop_class"] == CTImageStorage]
    assert set(ct["transfer_syntaxes"]) == set(DEFAULT_TRANSFER_SYNTAXES)
    assert len(findings["echo"]["times"]) == 2
    assert findings["contexts"]["associations"] == 4


def test_nothing_is_printed_when_told_so(capfd: pytest.CaptureFixture[str]) -> None:
    with small_node() as there:
        status = doctor.main([LOOPBACK, str(there.port), "-q", "--quick"])

    assert (status, capfd.readouterr()) == (0, ("", ""))


def test_a_name_that_is_not_known(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    status, findings, told = examined(capsys, 104, host="pacs.example.org")

    assert (status, told["ok"], list(findings)) == (1, False, ["name"])
    assert findings["name"]["hints"] == ["The name is not known: is HOST right?"]


def test_a_name_that_cannot_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    status, findings, _ = examined(capsys, 104, host="a" * 64 + ".example.org")

    assert (status, list(findings)) == (1, ["name"])


def test_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    status, findings, _ = examined(capsys, free_port())

    assert (status, list(findings)) == (1, ["name", "connection"])
    assert findings["connection"]["text"] == "Connection refused"
    assert findings["connection"]["hints"] == [
        "Nobody listens there: does the peer run, is PORT right?"
    ]


def test_the_first_address_that_answers_will_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_node() as there:
        tcp = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        both = [(*tcp, ("127.0.0.2", there.port)), (*tcp, (LOOPBACK, there.port))]
        real: Any = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda *a, **o: both if "type" in o else real(*a, **o)
        )
        status = doctor.main([LOOPBACK, str(there.port), "--quick"])

    printed = capsys.readouterr().out
    assert status == 0
    assert "--  connection        127.0.0.2: Connection refused\n" in printed
    assert f"ok  connection        {LOOPBACK} port {there.port} in " in printed


def test_an_unknown_title(capsys: pytest.CaptureFixture[str]) -> None:
    def be_strict(ae: AE) -> None:
        ae.require_called_aet = True

    with small_node(be_strict) as there:
        status, findings, _ = examined(capsys, there.port, "-aec", "OTHER")

    assert status == 1
    assert "Called AE title not recognised" in findings["association"]["text"]
    assert findings["association"]["hints"] == [
        "The peer is not called 'OTHER': name the AE title it has: -aec TITLE"
    ]
    assert "contexts" not in findings


def test_a_node_that_does_not_answer_echoes_is_examined_further(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with small_node(lambda ae: ae.remove_supported_context(Verification)) as there:
        status, findings, _ = examined(capsys, there.port, "--quick")

    assert status == 1
    assert findings["echo"]["text"] == "the peer does not accept C-ECHO"
    assert findings["contexts"]["text"].startswith("3 of ")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda event: 0x0122, "0x0122 Refused: SOP class not supported"),
        (lambda event: event.assoc.abort() or 0x0000, "no answer: the peer ended the association"),
    ],
)
def test_an_echo_that_fails(
    capsys: pytest.CaptureFixture[str], answer: Callable[[evt.Event], int], text: str
) -> None:
    with small_node(on_echo=answer) as there:
        status, findings, _ = examined(capsys, there.port, "--quick")

    assert (status, findings["echo"]["text"]) == (1, text)


def test_something_else_listens(capsys: pytest.CaptureFixture[str]) -> None:
    def speak_http(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with peer(speak_http) as port:
        status, findings, _ = examined(capsys, port)

    assert status == 1
    assert "what it answered is not DICOM" in findings["association"]["text"]


def test_a_peer_that_bears_few_contexts_alone(capsys: pytest.CaptureFixture[str]) -> None:
    def turn_away_large_requests(event: evt.Event) -> None:
        if len(event.assoc.requestor.primitive.presentation_context_definition_list) > 10:
            event.assoc.abort()

    with small_node(on_request=turn_away_large_requests) as there:
        status, _, told = examined(capsys, there.port, "--quick")

    (first, *_) = [each for each in told["findings"] if each["name"] == "contexts"]
    assert status == 1
    assert first["text"].startswith("128 contexts proposed at once: No association with ")


@pytest.mark.parametrize(("granted", "text"), [(4, "4 at once"), (0, "any number at once")])
def test_operations_at_once_are_told(granted: int, text: str) -> None:
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked = granted

    assert about_operations(window).text == text


def about_operations(window: AsynchronousOperationsWindowNegotiation) -> Finding:
    """Return what is told of a peer that has answered with this window."""
    assoc = Association(AE(), MODE_REQUESTOR)
    answer = A_ASSOCIATE()
    answer.user_information = [window]
    assoc.acceptor.take(answer)
    (finding,) = [found for found in _negotiation._about(assoc) if found.name == "operations"]
    return finding


def test_a_user_may_be_confirmed_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    with small_node() as there:
        _, silent, _ = examined(capsys, there.port, "--quick", "--user", "alice")
        _, asked, _ = examined(
            capsys, there.port, "--quick", "--user", "alice", "--positive-response"
        )

    assert (
        "whether anybody looks at it, --positive-response asks" in silent["user identity"]["text"]
    )
    assert asked["user identity"]["ok"] is None


def test_tls_is_looked_into(capsys: pytest.CaptureFixture[str], certificates: Path) -> None:
    options = ("--quick", "--tls", "--ca", certificates / "ca.pem")
    with small_node(ssl_context=server_context(certificates)) as there:
        status, findings, _ = examined(capsys, there.port, *options)

    assert status == 0
    assert findings["TLS"]["version"] == "TLSv1.3"
    assert findings["TLS"]["cipher"].startswith("TLS_")
    assert (findings["certificate"]["subject"], findings["certificate"]["issuer"]) == (
        "CN=localhost",
        "CN=Tests",
    )
    assert findings["certificate"]["hints"] == [
        "Have it renewed before nobody can connect any more"
    ]


def test_a_certificate_of_nobody_we_trust_is_shown_all_the_same(
    capsys: pytest.CaptureFixture[str], certificates: Path
) -> None:
    with small_node(ssl_context=server_context(certificates)) as there:
        status, findings, _ = examined(capsys, there.port, "--tls")

    assert status == 1
    assert "its certificate is not accepted: " in findings["TLS"]["text"]
    assert findings["certificate"]["text"].startswith("CN=localhost, issued by CN=Tests, until ")
    assert findings["certificate"]["text"].endswith(" (not checked)")
    assert "association" not in findings


def test_a_certificate_that_nobody_checks_is_shown(
    capsys: pytest.CaptureFixture[str], certificates: Path
) -> None:
    with small_node(ssl_context=server_context(certificates)) as there:
        status, findings, _ = examined(capsys, there.port, "--quick", "--tls", "--no-verify")

    assert status == 0
    assert findings["certificate"]["subject"] == "CN=localhost"


def test_tls_that_was_not_asked_for_is_found_out(
    capsys: pytest.CaptureFixture[str], certificates: Path
) -> None:
    context = server_context(certificates)
    context.verify_mode = ssl.CERT_REQUIRED
    with small_node(ssl_context=context) as there:
        status, findings, _ = examined(capsys, there.port)

    assert status == 1
    assert findings["association"]["hints"][-1] == "It speaks TLS: --tls"


def test_tls_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with small_node() as there:
        status, findings, _ = examined(capsys, there.port, "--tls")

    assert (status, list(findings)) == (1, ["name", "connection", "TLS"])
    assert any("leave out --tls" in hint for hint in findings["TLS"]["hints"])


@pytest.mark.parametrize(("no_color", "mark"), [("", "\x1b[1;31mno\x1b[0m"), ("1", "no")])
def test_a_terminal_shows_colours_unless_told_not_to(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    no_color: str,
    mark: str,
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", no_color)

    doctor.main([LOOPBACK, str(free_port())])

    assert f"\n{mark}  connection        Connection refused\n" in capsys.readouterr().out


@pytest.mark.slow
def test_ctrl_c_aborts_and_says_so(tmp_path: Path) -> None:
    connected = tmp_path / "connected"

    def answer_nothing(event: evt.Event) -> int:
        connected.touch()
        is_over.wait(DEADLINE)
        return 0x0000

    is_over = threading.Event()
    with small_node(on_echo=answer_nothing) as there:
        process = started("doctor", LOOPBACK, there.port)
        until(lambda: connected.exists() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=DEADLINE)
        is_over.set()

    assert (process.returncode, err) == (130, "W: Interrupted: the association is aborted\n")
