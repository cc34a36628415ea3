"""`echoscu` asks, `echoscp` answers; when there is no answer, what to do about it is said."""

import errno
import socket
from pathlib import Path

import pytest
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from apps.stage import LOOPBACK, node, peer, read_pdu, run, serving
from ports import free_port
from pynetdicom import AE, __main__, build_context, evt
from pynetdicom.apps import echoscu
from pynetdicom.sop_class import Verification


def ask(port: int, *words: object) -> int:
    return echoscu.main([LOOPBACK, str(port), *map(str, words)])


@pytest.mark.slow
def test_the_two_programs_understand_each_other() -> None:
    with serving("echoscp", "-v") as server:
        asked = run("echoscu", LOOPBACK, server.port, "--repeat", "3")
        ended = server.end()

    assert (asked.status, asked.err) == (0, "")
    assert asked.out.count(f"ANY-SCP at 127.0.0.1 port {server.port}: 0x0000 Success (") == 3
    assert ended.err.count("I: echo for ECHOSCU at 127.0.0.1\n") == 3
    assert (ended.status, server.greeting.split(" ")[0]) == (0, "ECHOSCP")


@pytest.mark.slow
def test_every_option_of_echoscp_has_its_effect() -> None:
    options = ["-aet", "OTHER", "-pdu", "0", "-ta", "1", "-td", "1", "-tn", "1", "-xb", "-d"]

    with serving("echoscp", *options) as server:
        contexts = [build_context(Verification)]
        assoc = AE().associate(LOOPBACK, server.port, contexts)
        (context,) = assoc.accepted_contexts
        limit = assoc.acceptor.maximum_length
        assoc.release()
        ended = server.end()

    assert server.greeting.startswith("OTHER listens on port ")
    assert (context.transfer_syntax, limit) == ([ExplicitVRBigEndian], 0)
    assert "D: " in ended.err


def test_every_option_of_echoscu_has_its_effect(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["-aet", "ME", "-aec", "NODE", "-pdu", "0", "-ta", "1", "-td", "1", "-tn", "1"]

    with node(lambda ae: setattr(ae, "require_called_aet", True)) as there:
        status = ask(there.port, *options, "--abort")

    (assoc,) = there.requested
    assert status == 0
    assert (assoc.requestor.ae_title, assoc.requestor.maximum_length) == ("ME", 0)
    assert assoc.is_aborted
    assert capsys.readouterr().out.startswith("NODE at 127.0.0.1 port ")


@pytest.mark.parametrize(
    ("options", "syntaxes"),
    [
        ([], 4),
        (["-xe"], [ExplicitVRLittleEndian]),
        (["-xb"], [ExplicitVRBigEndian]),
        (["-xi"], [ImplicitVRLittleEndian]),
    ],
)
def test_transfer_syntaxes_are_those_of_the_options(options: list[str], syntaxes: object) -> None:
    with node(lambda ae: ae.add_supported_context(Verification, ExplicitVRBigEndian)) as there:
        status = ask(there.port, *options)

    (context,) = there.requested[0].requestor.primitive.presentation_context_definition_list
    assert status == 0
    assert syntaxes in (context.transfer_syntax, len(context.transfer_syntax))


def test_a_failure_status_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    with node(on_echo=lambda event: 0x0122) as there:
        status = ask(there.port)

    assert status == 1
    assert ": 0x0122 Refused: SOP class not supported (" in capsys.readouterr().out


# What may be wrong, and what is said about it.


def explained(capsys: pytest.CaptureFixture[str], port: int, *words: object) -> str:
    assert ask(port, *words) == 1
    return capsys.readouterr().err


def test_a_refused_connection(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Connection refused\n   Nobody listens there" in explained(capsys, free_port())


def test_a_name_that_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    status = echoscu.main(["no-such-host.invalid", "104"])

    assert status == 1
    assert "The name is not known: is HOST right?" in capsys.readouterr().err


def test_a_called_title_that_is_not_the_peers(capsys: pytest.CaptureFixture[str]) -> None:
    with node(lambda ae: setattr(ae, "require_called_aet", True)) as there:
        printed = explained(capsys, there.port, "-aec", "WRONG")

    assert f"E: Rejected by 127.0.0.1 port {there.port}: Called AE title not recognised" in printed
    assert "The peer is not called 'WRONG': name the AE title it has: -aec TITLE" in printed


def test_a_calling_title_that_the_peer_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    with node(lambda ae: setattr(ae, "require_calling_aet", ["FRIEND"])) as there:
        printed = explained(capsys, there.port)

    assert "The peer does not know our AE title 'ECHOSCU'" in printed


def test_a_peer_with_as_many_associations_as_it_allows(capsys: pytest.CaptureFixture[str]) -> None:
    with node(lambda ae: setattr(ae, "maximum_associations", 1)) as there:
        first = AE().associate(LOOPBACK, there.port, [build_context(Verification)])
        printed = explained(capsys, there.port)
        first.release()

    assert "Local limit exceeded (Rejected Transient" in printed
    assert "try again later" in printed


def test_a_rejection_without_reason(capsys: pytest.CaptureFixture[str]) -> None:
    def reject(connection: socket.socket) -> None:
        read_pdu(connection)
        connection.sendall(bytes.fromhex("03 00 00000004 00 01 01 01"))

    with peer(reject) as port:
        printed = explained(capsys, port)

    assert "No reason given" in printed
    assert "check what is configured there about 'ECHOSCU'" in printed


def test_a_peer_without_the_service(capsys: pytest.CaptureFixture[str]) -> None:
    with node(lambda ae: ae.remove_supported_context(Verification)) as there:
        printed = explained(capsys, there.port)

    assert "it accepts nothing that we propose (Abstract Syntax Not Supported)" in printed


def web_server(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_peer_that_is_no_dicom_node(capsys: pytest.CaptureFixture[str]) -> None:
    with peer(web_server) as port:
        printed = explained(capsys, port)

    assert "what it answered is not DICOM (PDU type 48H is unknown)" in printed
    assert "Is PORT that of a DICOM node?" in printed


def test_a_peer_that_announces_four_gigabytes(capsys: pytest.CaptureFixture[str]) -> None:
    def announce(connection: socket.socket) -> None:
        read_pdu(connection)
        connection.sendall(b"\x02\0\xff\xff\xff\xff")
        while connection.recv(65536):
            pass

    with peer(announce) as port:
        printed = explained(capsys, port)

    assert "says it has 4294967295 bytes" in printed


def test_a_peer_that_hangs_up(capsys: pytest.CaptureFixture[str]) -> None:
    with peer(lambda connection: None) as port:
        printed = explained(capsys, port)

    assert "Is PORT that of a DICOM node, does it know our AE title?" in printed
    assert "If it wants TLS: --tls" in printed


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def test_a_peer_that_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with peer(silent) as port:
        printed = explained(capsys, port, "-ta", "0.1")

    assert ": no answer to the request within 0.1 s (-ta)\n" in printed


def test_an_echo_that_is_not_answered(capsys: pytest.CaptureFixture[str]) -> None:
    def abort(event: evt.Event) -> int:
        event.assoc.abort()
        return 0x0000

    with node(on_echo=abort) as there:
        printed = explained(capsys, there.port, "--repeat", "2")

    assert "E: No answer: the peer ended the association\n" in printed


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ETIMEDOUT, "does a firewall drop the connection?"),
        (errno.EHOSTUNREACH, "is the network up?"),
        (errno.ECONNRESET, "closed the connection at once"),
        (errno.EIO, "Unable to connect"),
    ],
)
def test_other_troubles_of_connecting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, hint: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, "trouble")

    monkeypatch.setattr(socket.socket, "connect", fail)

    assert hint in explained(capsys, free_port())


# TLS.


@pytest.mark.slow
def test_tls_with_certificates_on_both_sides(certificates: Path) -> None:
    ours = ["--tls", "--ca", certificates / "ca.pem", "--cert", certificates / "node.pem"]

    with serving("echoscp", *ours, "--key", certificates / "node.key") as server:
        known = run("echoscu", "localhost", server.port, *ours, "--key", certificates / "node.key")
        nameless = run("echoscu", LOOPBACK, server.port, *ours[:3])
        plain = run("echoscu", LOOPBACK, server.port)

    assert " with TLS, answers" in server.greeting
    assert known.status == 0, known.err
    assert nameless.status == 1
    assert "If it wants to see a certificate: --cert FILE --key FILE" in nameless.err
    assert plain.status == 1
    assert "If it wants TLS: --tls" in plain.err


@pytest.mark.slow
def test_tls_that_lets_in_anybody(certificates: Path) -> None:
    own = ["--cert", certificates / "node.pem", "--key", certificates / "node.key"]

    with serving("echoscp", "--tls", "--no-verify", *own) as server:
        address = (LOOPBACK, server.port)
        trusting = run("echoscu", *address, "--tls", "--no-verify")
        checking = run("echoscu", *address, "--tls", "--ca", certificates / "ca.pem")
        named = run(
            "echoscu", *address, "--tls", "--ca", certificates / "ca.pem", "--tls-name", "other"
        )
        unknown = run("echoscu", *address, "--tls")

    assert [each.status for each in (trusting, checking, named, unknown)] == [0, 0, 1, 1]
    assert "its certificate is not accepted: Hostname mismatch" in named.err
    assert "--ca FILE names the authority to trust" in unknown.err


def test_tls_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with peer(web_server) as port:
        printed = explained(capsys, port, "--tls")

    assert "the TLS handshake failed" in printed
    assert "If not, leave out --tls" in printed


@pytest.mark.usefixtures("certificates")
def test_tls_where_there_is_none_with_a_certificate(
    certificates: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = ["--cert", certificates / "node.pem", "--key", certificates / "node.key"]

    with peer(web_server) as port:
        printed = explained(capsys, port, "--tls", *own)

    assert printed.endswith("Does it speak TLS on this port? If not, leave out --tls\n")


def test_tls_that_is_never_answered(capsys: pytest.CaptureFixture[str]) -> None:
    with peer(silent) as port:
        printed = explained(capsys, port, "--tls", "-tn", "0.1")

    assert "no answer within 0.1 s\n" in printed


def test_ctrl_c_before_there_is_an_association_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pynetdicom.AE.associate", interrupt)

    assert __main__.main(["echoscu", LOOPBACK, "104"]) == 130
    assert capsys.readouterr().err == "W: Interrupted: there is no association yet\n"


@pytest.mark.slow
def test_one_server_may_listen_for_both_kinds_of_addresses() -> None:
    with serving("echoscp", "-ba", "::") as server:
        six = run("echoscu", "::1", server.port)
        four = run("echoscu", LOOPBACK, server.port)

    assert (six.status, four.status) == (0, 0)
