"""The configuration file of `qrscp`: what it may say, and what is said about what it may not."""

import re
from pathlib import Path

import pytest

from apps.stage import run
from pynetdicom.__main__ import main
from pynetdicom.apps.qrscp.settings import SettingsError, bundled_lines, read_settings

BUNDLED = {
    "ae_title": "QRSCP",
    "port": 11112,
    "bind_address": "",
    "max_pdu": 16382,
    "acse_timeout": 30.0,
    "dimse_timeout": 30.0,
    "network_timeout": 30.0,
    "instance_location": Path("instances"),
    "database_location": Path("instances.sqlite"),
    "log_level": "warn",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "archive.ini"


def test_what_holds_if_nothing_is_said() -> None:
    settings = read_settings(None)

    assert settings.values == BUNDLED
    assert settings.destinations == {"STORESCP": ("127.0.0.1", 11113)}
    assert settings.ignored == []


def test_the_example_of_the_help_is_what_holds(file: Path) -> None:
    file.write_text(re.sub("^    ", "", bundled_lines(), flags=re.MULTILINE))

    assert read_settings(file) == read_settings(None)


def test_what_is_said_holds_and_the_rest_stays(file: Path) -> None:
    file.write_text(
        "[DEFAULT]\nae_title: ARCHIVE\nacse_timeout = 0\n[A B]\naddress=::1\nport=104\n"
    )

    settings = read_settings(file)

    assert settings.values == {**BUNDLED, "ae_title": "ARCHIVE", "acse_timeout": None}
    assert settings.destinations == {"A B": ("::1", 104)}


def test_what_means_nothing_is_told(file: Path) -> None:
    file.write_text("[DEFAULT]\nlog_type = v\n[VIEWER]\naddress = a\nport = 1\ncolour = red\n")

    assert read_settings(file).ignored == ["[DEFAULT] log_type", "[VIEWER] colour"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("port = 1", "is no configuration file: "),
        ("[DEFAULT]\nport = 1\nport = 2\n", "is no configuration file: "),
        ("[DEFAULT]\nport = many\n", "[DEFAULT] port: a port is a whole number from 0 to 65535"),
        ("[DEFAULT]\nae_title =\n", "[DEFAULT] ae_title: an AE title is 1 to 16 ASCII characters"),
        ("[DEFAULT]\nmax_pdu = 5\n", "[DEFAULT] max_pdu: a maximum length is 0 or at least 128"),
        ("[DEFAULT]\nlog_level = loud\n", "[DEFAULT] log_level: one of critical, error, warn"),
        ("[DEFAULT]\ninstance_location =\n", "[DEFAULT] instance_location: a path is missing"),
        ("[TOO_LONG_AN_AE_TITLE]\n", "[TOO_LONG_AN_AE_TITLE]: an AE title is 1 to 16 ASCII"),
        ("[VIEWER]\nport = 104\n", "[VIEWER]: it has no address"),
        ("[DEFAULT]\nport = 1\n[VIEWER]\naddress = a\n", "[VIEWER]: it has no port"),
        ("[VIEWER]\naddress = a\nport = 0\n", "[VIEWER] port: a port is a whole number from 1"),
    ],
)
def test_what_makes_no_sense_is_named(file: Path, text: str, complaint: str) -> None:
    file.write_text(text)

    with pytest.raises(SettingsError, match=re.escape(complaint)) as refused:
        read_settings(file)

    assert str(file) in str(refused.value)


def test_what_is_no_text_is_named(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(SettingsError, match="is no configuration file"):
        read_settings(file)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[DEFAULT]\nport = many\n", "a port is a whole number from 0 to 65535, not 'many'"),
        (None, "No such file or directory"),
    ],
)
def test_the_program_does_not_begin_without_sense(
    file: Path, capsys: pytest.CaptureFixture[str], text: str | None, complaint: str
) -> None:
    if text is not None:
        file.write_text(text)

    with pytest.raises(SystemExit) as ended:
        main(["qrscp", "-c", str(file)])

    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.slow
def test_options_have_precedence_and_the_log_is_as_loud_as_it_says(file: Path) -> None:
    file.write_text(
        "[DEFAULT]\nport = 104\nbind_address = 192.0.2.1\nlog_level = info\ncolour = red\n"
        "database_location = a/index\ninstance_location = b\n"
    )

    finished = run("qrscp", "-c", file, "--port", "105", folder=file.parent)

    assert finished.status == 1
    assert finished.err.startswith(
        f"W: {file}: [DEFAULT] colour means nothing here\n"
        "E: Unable to listen on 192.0.2.1 port 105: "
    )
    assert (file.parent / "a" / "index").exists()
    assert (file.parent / "b").is_dir()
