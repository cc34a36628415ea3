"""A peer has a name in the configuration file, what it says there is the default of the options."""

import shutil
import socket
import ssl
from pathlib import Path

import pytest

from apps.stage import CT, LOOPBACK, MR, node, run
from pynetdicom import __main__
from pynetdicom.apps import echoscu, storescu
from pynetdicom.apps._peers import default_path


def configure(folder: Path, port: int, more: str = "", name: str = "config.toml") -> str:
    """Write a configuration with a peer `pacs`; return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'[peers.pacs]\nhost = "{LOOPBACK}"\nport = {port}\n{more}')
    return str(path)


def test_a_name_stands_for_host_and_port(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with node() as there:
        config = configure(tmp_path, there.port)
        status = echoscu.main(["pacs", "--config", config])

    assert status == 0
    assert f"ANY-SCP at {LOOPBACK} port {there.port}: 0x0000" in capsys.readouterr().out


@pytest.mark.slow
def test_a_name_stands_before_the_files(tmp_path: Path) -> None:
    with node() as there:
        config = configure(tmp_path, there.port)
        finished = run("storescu", "pacs", CT, "--config", config, MR)

    assert (finished.status, finished.err) == (0, "")
    assert len(there.stored) == 2


def test_what_the_file_says_is_the_default_and_options_win(tmp_path: Path) -> None:
    entries = 'ae_title = "THEIRS"\ncalling_ae_title = "OURS"\nmax_pdu = 4096\nacse_timeout = 5'
    with node() as there:
        config = configure(tmp_path, there.port, entries)
        echoscu.main(["pacs", "--config", config])
        echoscu.main(["pacs", "--config", config, "-aet", "MINE", "-pdu", "0"])

    asked = [
        (a.requestor.ae_title, a.requestor.primitive.called_ae_title, a.requestor.maximum_length)
        for a in there.requested
    ]
    assert asked == [("OURS", "THEIRS", 4096), ("MINE", "THEIRS", 0)]


def test_the_file_has_a_place_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with node() as there:
        configure(tmp_path, there.port, name="pynetdicom/config.toml")
        status = echoscu.main(["pacs"])

    assert status == 0


def test_without_that_variable_it_is_below_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")  # to be ignored, the specification says

    assert default_path() == Path("/home/someone/.config/pynetdicom/config.toml")


def test_the_environment_may_name_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with node() as there:
        monkeypatch.setenv("PYNETDICOM_CONFIG", configure(tmp_path, there.port))
        status = echoscu.main(["pacs"])

    assert status == 0


def test_a_port_makes_it_a_host_whatever_the_file_says(tmp_path: Path) -> None:
    with node() as there:
        config = configure(tmp_path, 1)
        text = Path(config).read_text().replace("pacs", f'"{LOOPBACK}"')
        Path(config).write_text(text)
        status = storescu.main([LOOPBACK, str(there.port), str(CT), "--config", config])

    assert status == 0
    assert len(there.stored) == 1


def test_a_name_that_looks_like_an_option_stands_behind_two_dashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(CT, tmp_path / "-x.dcm")

    with node() as there:
        config = configure(tmp_path, there.port)
        by_name = storescu.main(["--config", config, "pacs", "--", "-x.dcm"])
        by_address = storescu.main(["-v", "--", LOOPBACK, str(there.port), "-x.dcm"])

    assert (by_name, by_address) == (0, 0)
    assert len(there.stored) == 2


def test_a_file_whose_name_could_be_a_port_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(CT, tmp_path / "104")

    with node() as there:
        config = configure(tmp_path, there.port)
        with pytest.raises(SystemExit):
            storescu.main(["pacs", "104", "--config", config])
        status = storescu.main(["pacs", "./104", "--config", config])

    assert "104 may be a port or a file: write ./104 if it is a file" in capsys.readouterr().err
    assert (status, len(there.stored)) == (0, 1)


def test_paths_are_relative_to_the_file_that_names_them(
    certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = 'tls = true\nca = "ca.pem"\ncert = "node.pem"\nkey = "node.key"\n'
    monkeypatch.chdir("/")
    with node(ssl_context=server_context(certificates)) as there:
        config = configure(certificates, there.port, tls)
        status = echoscu.main(["pacs", "--config", config])

    assert status == 0


@pytest.mark.slow
def test_the_certificate_is_checked_whatever_the_file_says(certificates: Path) -> None:
    with node(ssl_context=server_context(certificates)) as there:
        config = configure(certificates, there.port, "tls = true\nverify = false\n")
        unchecked = run("echoscu", "pacs", "--config", config)
        checked = run("echoscu", "pacs", "--config", config, "--verify")

    assert (unchecked.status, checked.status) == (0, 1)
    assert "its certificate is not accepted" in checked.err


def server_context(certificates: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificates / "ca.pem")
    context.load_cert_chain(certificates / "node.pem", certificates / "node.key")
    return context


def test_tls_of_the_file_can_be_given_up(tmp_path: Path) -> None:
    with node() as there:
        config = configure(tmp_path, there.port, 'tls = true\nca = "nowhere"\nverify = false')
        status = echoscu.main(["pacs", "--no-tls", "--config", config])

    assert status == 0


def test_a_peer_may_have_an_address_of_ipv6(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with node(address="::1") as there:
        config = configure(tmp_path, there.port)
        Path(config).write_text(Path(config).read_text().replace(LOOPBACK, "::1"))
        by_name = echoscu.main(["pacs", "--config", config])
        by_address = echoscu.main(["::1", str(there.port)])

    assert (by_name, by_address) == (0, 0)
    assert f"ANY-SCP at ::1 port {there.port}: 0x0000 Success" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[peers.pacs\n", "config.toml: it is no TOML: "),
        ("[peer.pacs]\n", "config.toml: unknown table or key 'peer'; there is [peers.NAME]"),
        ("peers = 1\n", "config.toml: peers have to be tables: [peers.NAME]"),
        ("[peers]\npacs = 1\n", "config.toml: peers have to be tables: [peers.NAME]"),
        ("[peers.pacs]\nport = 1\n", "config.toml: peers.pacs: 'host' is missing"),
        ("[peers.pacs]\nhost = 'a'\n", "config.toml: peers.pacs: 'port' is missing"),
        ("[peers.pacs]\nhots = 'a'\n", "peers.pacs: unknown key 'hots'; there are host, port, "),
        ("[peers.pacs]\npassword = 'a'\n", "no passwords are kept in this file"),
        ("[peers.pacs]\nport = 'a'\n", "peers.pacs.port: it has to be a whole number"),
        ("[peers.pacs]\nport = true\n", "peers.pacs.port: it has to be a whole number"),
        ("[peers.pacs]\nport = 0\n", "peers.pacs.port: a port is a whole number from 1"),
        ("[peers.pacs]\nhost = ''\n", "peers.pacs.host: it is empty"),
        ("[peers.pacs]\ntls = 1\n", "peers.pacs.tls: it has to be true or false"),
        ("[peers.pacs]\nca = 1\n", "peers.pacs.ca: it has to be a path in quotes"),
        ("[peers.pacs]\nacse_timeout = 'a'\n", "peers.pacs.acse_timeout: it has to be a number"),
        ("[peers.pacs]\nae_title = '\\\\'\n", "peers.pacs.ae_title: an AE title is 1 to 16"),
        ("[peers.b]\nhost='a'\nport=1\n", "config.toml has no 'pacs'; it has b)"),
        ("", "config.toml has no 'pacs')"),
        (b"\xff", "config.toml: it is no text in UTF-8"),
        (None, "config.toml: No such file or directory"),
    ],
)
def test_what_makes_no_sense_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | bytes | None, complaint: str
) -> None:
    path = tmp_path / "config.toml"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(SystemExit) as ended:
        echoscu.main(["pacs", "--config", str(path)])

    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("echoscu",), "the following arguments are required: HOST, PORT\n"),
        (("storescu",), "the following arguments are required: HOST, PORT, PATH\n"),
        (("echoscu", "pacs"), "the following arguments are required: PORT (or a peer's name: "),
        (("storescu", "pacs"), "the following arguments are required: PORT, PATH (or a peer's"),
        (("storescu", "pacs", "a.dcm"), "a port is a whole number from 1 to 65535, not 'a.dcm'"),
        (("storescu", "host", "104"), "the following arguments are required: PATH"),
        (("echoscu", "host", "104", "more"), "unrecognized arguments: more"),
    ],
)
def test_what_is_missing_or_too_much_is_named(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main(words)

    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err
