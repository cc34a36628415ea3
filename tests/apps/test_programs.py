"""`python -m pynetdicom` teaches what there is; wrong arguments are named and end with 2."""

import importlib
import runpy
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import pynetdicom
from apps.stage import CT, DEADLINE, ENVIRONMENT, LOOPBACK, command, peer, run, started, until
from pynetdicom import __main__

NAMES = [
    *("echoscu", "echoscp", "storescu", "storescp", "findscu", "getscu", "movescu"),
    *("qrscp", "doctor", "completion", "demo"),
]
SERVERS = ["echoscp", "storescp"]


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("-h",), ("--help",)])
def test_without_a_program_all_are_listed_with_an_example_each(words: tuple[str, ...]) -> None:
    finished = run(*words)

    assert (finished.status, finished.err) == (0, "")
    for name in NAMES:
        assert f"\n  {name:<12}" in finished.out
        assert f"\n  pynetdicom {name}" in finished.out


def test_the_listed_programs_are_there() -> None:
    programs = {name: importlib.import_module(f"pynetdicom.apps.{name}") for name in NAMES}

    assert list(__main__.PROGRAMS) == NAMES
    assert all(callable(program.main) for program in programs.values())


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["--version"]) == 0
    assert capsys.readouterr().out == f"pynetdicom {pynetdicom.__version__}\n"


def test_a_program_that_there_is_not_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["echosuc"]) == 2
    assert "there is no program 'echosuc'; there are echoscu, " in capsys.readouterr().err


def test_the_words_of_the_command_line_count(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["pynetdicom", "--version"])
    monkeypatch.delitem(sys.modules, "pynetdicom.__main__")

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("pynetdicom", run_name="__main__")

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"pynetdicom {pynetdicom.__version__}\n"


@pytest.mark.parametrize("name", NAMES)
def test_each_program_tells_its_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main([name, "--help"])

    printed = capsys.readouterr().out
    assert ended.value.code == 0
    assert printed.startswith(f"usage: pynetdicom {name} [options]")
    assert "exit status: 0 " in printed


@pytest.mark.parametrize("name", NAMES)
def test_each_program_tells_its_version(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main([name, "--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"pynetdicom {name} {pynetdicom.__version__}\n"


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        __main__.main(words)
    assert ended.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((LOOPBACK, "0"), "a port is a whole number from 1 to 65535, not '0'"),
        ((LOOPBACK, "65536"), "a port is a whole number from 1 to 65535, not '65536'"),
        ((LOOPBACK, "dicom"), "a port is a whole number from 1 to 65535, not 'dicom'"),
        ((LOOPBACK, "١٠٤"), "a port is a whole number from 1 to 65535, not '١٠٤'"),
        ((LOOPBACK,), "the following arguments are required: PORT"),
        ((LOOPBACK, "104", "-aec", ""), "an AE title is 1 to 16 ASCII characters"),
        ((LOOPBACK, "104", "-aet", "A" * 17), "an AE title is 1 to 16 ASCII characters"),
        ((LOOPBACK, "104", "-aet", "A\\B"), "an AE title is 1 to 16 ASCII characters"),
        ((LOOPBACK, "104", "-ta", "soon"), "a time is a number of seconds from 0, not 'soon'"),
        ((LOOPBACK, "104", "-td", "-1"), "a time is a number of seconds from 0, not '-1'"),
        ((LOOPBACK, "104", "-tn", "inf"), "a time is a number of seconds from 0, not 'inf'"),
        ((LOOPBACK, "104", "-pdu", "7"), "a maximum length is 0 or at least 128"),
        ((LOOPBACK, "104", "-pdu", "4294967296"), "a maximum length is a whole number from 0"),
        ((LOOPBACK, "104", "--repeat", "0"), "it is a whole number from 1"),
        ((LOOPBACK, "104", "-xe", "-xi"), "not allowed with argument -xe/--request-little"),
        ((LOOPBACK, "104", "-q", "-v"), "not allowed with argument -q/--quiet"),
        ((LOOPBACK, "104", "-ll", "loud"), "invalid choice: 'loud'"),
        ((LOOPBACK, "104", "--rep", "2"), "unrecognized arguments: --rep 2"),
        ((LOOPBACK, "104", "--ca", "ca.pem"), "--ca goes with --tls, which is not given"),
        ((LOOPBACK, "104", "--tls-name", "a"), "--tls-name goes with --tls, which is not given"),
        ((LOOPBACK, "104", "--no-verify"), "--no-verify goes with --tls, which is not given"),
        ((LOOPBACK, "104", "--tls", "--key", "k"), "--key goes with --cert, which is not given"),
        ((LOOPBACK, "104", "--tls", "--ca", "gone"), "--ca gone: No such file or directory"),
        ((LOOPBACK, "104", "--tls", "--cert", "gone"), "--cert gone: No such file or directory"),
        ((LOOPBACK, "104", "--tls", "--cert", str(CT)), "no certificate or key as PEM is in it"),
        ((LOOPBACK, "104", "--tls", "--ca", str(CT)), "no certificate or key as PEM is in it"),
    ],
)
def test_arguments_that_make_no_sense_are_named(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], complaint: str
) -> None:
    assert complaint in refused(capsys, "echoscu", *words)


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("65536",), "a port is a whole number from 0 to 65535, not '65536'"),
        (("104", "--tls"), "a server needs --cert FILE (and --key FILE)"),
        (("104", "--tls", "--cert", "c"), "--tls: whom may a server let in?"),
        (("104", "--cert", "c"), "--cert goes with --tls, which is not given"),
    ],
)
def test_servers_name_what_makes_no_sense(
    capsys: pytest.CaptureFixture[str], name: str, words: tuple[str, ...], complaint: str
) -> None:
    assert complaint in refused(capsys, name, *words)


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    words = command("echoscu", LOOPBACK, "1")
    shell = f"'{words[0]}' -c 'import pynetdicom.apps.echoscu as e; import sys; " + (
        'e.main = lambda words: [print("x" * 100) for _ in range(9999)] and 0; '
        'from pynetdicom.__main__ import main; sys.exit(main(["echoscu"]))\' | head -n 1'
    )

    finished = subprocess.run(
        ["sh", "-c", shell],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )

    assert (finished.stdout, finished.stderr) == ("x" * 100 + "\n", "")


@pytest.mark.slow
def test_a_user_who_has_seen_enough_is_told_what_was_done(tmp_path: Path) -> None:
    connected = tmp_path / "connected"

    def never_answer(connection: object) -> None:
        connected.touch()
        while connection.recv(65536):  # type: ignore[attr-defined]  # a socket
            pass

    with peer(never_answer) as port:
        process = started("storescu", LOOPBACK, port, CT)
        until(lambda: connected.exists() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE)

    assert process.returncode == 130
    assert (out, err) == (
        "sent 0 of 1 file, 1 not tried\n",
        "W: Interrupted: 1 association aborted\n",
    )


def test_a_program_that_is_interrupted_has_the_status_of_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(words: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("pynetdicom.apps.echoscu.main", interrupt)

    assert __main__.main(["echoscu"]) == 130
