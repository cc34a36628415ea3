"""A program says on whose behalf it asks, and keeps passwords out of sight."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.stage import CT, LOOPBACK, Node, node
from apps.test_peers import configure
from pynetdicom import AE, evt
from pynetdicom.apps import echoscu, storescu
from pynetdicom.sop_class import Verification


def echo(there: Node, *words: object) -> int:
    return echoscu.main([LOOPBACK, str(there.port), *map(str, words)])


def sent(there: Node) -> tuple[Any, ...]:
    """Return what the last association said of the user."""
    item = there.requested[-1].requestor.user_identity
    if item is None:
        return ()
    fields = (item.primary_field, item.secondary_field or b"")
    return (item.user_identity_type, *fields, item.positive_response_requested)


def test_without_these_options_nobody_is_named() -> None:
    with node() as there:
        echo(there)

    assert sent(there) == ()


def test_a_name_alone() -> None:
    with node() as there:
        echo(there, "--user", "müller", "--positive-response")

    assert sent(there) == (1, "müller".encode(), b"", True)


def test_a_password_of_the_command_line() -> None:
    with node() as there:
        echo(there, "--user", "alice", "--password", "secret")

    assert sent(there) == (2, b"alice", b"secret", False)


def test_a_password_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYNETDICOM_PASSWORD", "secret")
    with node() as there:
        echo(there, "--user", "alice")

    assert sent(there) == (2, b"alice", b"secret", False)


def test_a_password_of_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret\nmore\n"))
    with node() as there:
        echo(there, "--user", "alice", "--password", "-")

    assert sent(there) == (2, b"alice", b"secret", False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_password_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def prompt(text: str) -> str:
        asked.append(text)
        return "secret"

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("pynetdicom.apps._identity.getpass", prompt)
    with node() as there:
        echo(there, "--user", "alice", "--password", "-")

    assert asked == ["Password of alice: "]
    assert sent(there) == (2, b"alice", b"secret", False)


@pytest.mark.parametrize(
    ("option", "content", "expected"),
    [
        ("--kerberos", b"\x01\x02\n", (3, b"\x01\x02\n", b"", False)),
        ("--saml", b"<Assertion/>\n", (4, b"<Assertion/>", b"", False)),
        ("--jwt", b"a.b.c\n", (5, b"a.b.c", b"", False)),
    ],
)
def test_a_token_of_a_file(
    tmp_path: Path, option: str, content: bytes, expected: tuple[Any, ...]
) -> None:
    token = tmp_path / "token"
    token.write_bytes(content)

    with node() as there:
        status = storescu.main([LOOPBACK, str(there.port), str(CT), option, str(token)])

    assert status == 0
    assert sent(there) == expected


@pytest.fixture
def guarded() -> Iterator[int]:
    """The port of a node that lets in alice, and answers who asks for an answer."""

    def check(event: evt.Event) -> tuple[bool, bytes]:
        return event.primary_field == b"alice", b"welcome"

    ae = AE()
    ae.add_supported_context(Verification)
    server = ae.start_server((LOOPBACK, 0), False, evt_handlers=[(evt.EVT_USER_ID, check)])
    yield server.server_address[1]
    server.shutdown()


def test_a_user_whom_the_peer_does_not_want_is_told(
    guarded: int, capsys: pytest.CaptureFixture[str]
) -> None:
    welcome = echoscu.main([LOOPBACK, str(guarded), "--user", "alice"])
    stranger = echoscu.main([LOOPBACK, str(guarded), "--user", "mallory"])

    assert (welcome, stranger) == (0, 1)
    assert "E: Rejected by " in capsys.readouterr().err


def test_a_peer_that_does_not_confirm_is_named(
    guarded: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = tmp_path / "token"
    token.write_text("alice")

    confirmed = echoscu.main([LOOPBACK, str(guarded), "--jwt", str(token), "--positive-response"])
    without = capsys.readouterr().err
    with node() as there:
        ignored = echo(there, "--jwt", token, "--positive-response")

    assert (confirmed, ignored, without) == (0, 0, "")
    assert "does not say whether it has looked at the user's identity" in capsys.readouterr().err


def test_the_file_of_peers_may_name_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = 'user = "alice"\npassword_variable = "PACS_PASSWORD"\npositive_response = true\n'
    monkeypatch.setenv("PACS_PASSWORD", "secret")
    token = tmp_path / "token"
    token.write_text("a.b.c")

    with node() as there:
        config = configure(tmp_path, there.port, entries)
        echoscu.main(["pacs", "--config", config])
        as_configured = sent(there)
        echoscu.main(["pacs", "--config", config, "--jwt", str(token)])

    assert as_configured == (2, b"alice", b"secret", True)
    assert sent(there) == (5, b"a.b.c", b"", True)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--password", "a"), "--password goes with an identity, such as --user"),
        (("--positive-response",), "--positive-response goes with an identity, such as --user"),
        (("--user", "a", "--jwt", "b"), "not allowed with argument --user"),
        (("--jwt", "gone"), "--jwt gone: No such file or directory"),
        (("--saml", "/dev/null"), "--saml is 1 to 65535 bytes long, not 0"),
        (("--user", "a" * 65536), "--user is 1 to 65535 bytes long, not 65536"),
        (("--jwt", "gone", "--password", "a"), "--password goes with --user, not with --jwt"),
        (("--user", "a", "--password", "-"), "--password -: standard input has no line to read"),
    ],
)
def test_what_makes_no_sense_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    complaint: str,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    with pytest.raises(SystemExit) as ended:
        echoscu.main([LOOPBACK, "104", *words])

    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ('user = "a"\njwt = "b"\n', "the peer's entries name several identities: user, jwt"),
        ('user = "a"\npassword_variable = "X_UNSET"\n', "is to be in X_UNSET of the environment"),
    ],
)
def test_what_makes_no_sense_in_the_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], entries: str, complaint: str
) -> None:
    with pytest.raises(SystemExit):
        echoscu.main(["pacs", "--config", configure(tmp_path, 104, entries)])

    assert complaint in capsys.readouterr().err
