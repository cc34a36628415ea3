"""The demo sends real images over TCP, and notices when what arrives is not what was sent."""

import re
from pathlib import Path

import pytest

from apps.stage import CT, JPEG_2000, MR, run
from pynetdicom import _files, evt
from pynetdicom.apps import _table, demo
from pynetdicom.apps._keep import handle_store
from pynetdicom.apps._proposal import look_into


@pytest.mark.slow
def test_everything_that_pydicom_ships_arrives_as_it_was_sent() -> None:
    finished = run("demo")

    heading, first, *_ = finished.out.splitlines()
    assert (finished.status, finished.err) == (0, "")
    assert heading.split() == "file SOP class transfer syntax size time identical".split()
    assert first.startswith("693_J2KI.dcm ")
    assert first.endswith(" yes")
    assert " files arrived bit for bit as they were sent: " in finished.out
    assert "\n  pynetdicom storescp 11112 -od received\n" in finished.out


def test_nothing_is_printed_when_told_so(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "storable_files", lambda folder: [look_into(CT)])

    assert demo.main(["-q"]) == 0
    assert capfd.readouterr() == ("", "")


def test_a_bit_that_differs_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def spoil(descriptor: int, parts: list[bytes]) -> None:
        write(descriptor, [*parts[:-1], bytes(parts[-1])[:-1] + b"\1"])

    write = _files._write
    monkeypatch.setattr(demo, "storable_files", lambda folder: [look_into(CT)])
    monkeypatch.setattr(_files, "_write", spoil)

    assert demo.main([]) == 1
    printed = capsys.readouterr().out
    assert "  no: the bytes differ\n" in printed
    assert "0 of 1 file arrived bit for bit" in printed


def test_another_transfer_syntax_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "storable_files", lambda folder: [look_into(MR)])
    monkeypatch.setattr(demo, "ALL_TRANSFER_SYNTAXES", ["1.2.840.10008.1.2"])

    assert demo.main([]) == 1
    assert "  no: it came in Implicit VR Little Endian\n" in capsys.readouterr().out


def test_a_refused_file_is_a_failure_and_the_rest_is_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "storable_files", lambda folder: map(look_into, [JPEG_2000, MR]))
    monkeypatch.setattr(demo, "ALL_TRANSFER_SYNTAXES", ["1.2.840.10008.1.2.1"])

    assert demo.main([]) == 1
    printed = capsys.readouterr().out
    assert "  no: No presentation context for 'Secondary Capture Image Storage'" in printed
    assert "1 of 2 files arrived bit for bit" in printed


def test_a_failure_status_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "storable_files", lambda folder: [look_into(MR)])
    monkeypatch.setattr(demo, "handle_store", lambda *arguments: handle_store(*arguments) or 0xA700)

    assert demo.main([]) == 1
    assert "  no: 0xA700 Refused: out of resources\n" in capsys.readouterr().out


def test_a_response_that_does_not_come_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def abort(event: evt.Event, *_: object) -> int:
        event.assoc.abort()
        return 0x0000

    monkeypatch.setattr(demo, "storable_files", lambda folder: map(look_into, [CT, MR]))
    monkeypatch.setattr(demo, "handle_store", abort)

    assert demo.main([]) == 1
    printed = capsys.readouterr().out
    assert "  no: no valid response came\n" in printed
    assert "  no: The association" in printed


def test_no_files_at_all_are_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "storable_files", lambda folder: [])

    assert demo.main([]) == 1
    assert "0 of 0 files arrived" in capsys.readouterr().out


def test_nothing_is_left_in_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(demo, "storable_files", lambda folder: [look_into(CT)])

    demo.main([])

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("width", [60, 100])
def test_a_terminal_gets_colours_and_lines_that_fit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    monkeypatch.setattr(demo, "storable_files", lambda folder: map(look_into, [JPEG_2000, CT]))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))

    assert demo.main([]) == 0
    rows = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out).splitlines()[:3]
    assert max(map(len, rows)) <= width
    assert [row.split()[-1] for row in rows] == ["identical", "yes", "yes"]


def test_without_rich_a_terminal_gets_the_plain_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "storable_files", lambda folder: [look_into(CT)])
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr(_table, "find_spec", lambda name: None)

    assert demo.main([]) == 0
    assert capsys.readouterr().out.startswith("file          SOP class  transfer syntax")
