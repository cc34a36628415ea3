"""What `handle_store` answers where no sender of ours gets a program to."""

import argparse
import errno
import logging
import os
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
)

from apps.stage import CT, LOOPBACK, files_in
from pynetdicom import AE, _config, build_context, evt
from pynetdicom.apps.common import handle_store
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.presentation import PresentationContextTuple
from pynetdicom.sop_class import CTImageStorage

LOGGER = logging.getLogger("test")


def store(
    folder: Path | None,
    data: bytes | None = b"\x10\0\x10\0PN\x04\0A^B ",
    *,
    sop_class: str = CTImageStorage,
    instance: str = "1.2.3",
    syntax: UID = ExplicitVRLittleEndian,
    layout: bool = False,
) -> int:
    request = C_STORE()
    request.AffectedSOPClassUID = sop_class
    request.AffectedSOPInstanceUID = instance
    request.DataSet = None if data is None else BytesIO(data)
    peer = SimpleNamespace(ae_title="MODALITY")
    assoc: Any = SimpleNamespace(requestor=peer, is_requestor=False)
    context = PresentationContextTuple(1, CTImageStorage, syntax)
    event = evt.Event(assoc, evt.EVT_C_STORE, {"request": request, "context": context})
    args = argparse.Namespace(ignore=False, output_directory=folder and str(folder))
    args.layout = layout
    return handle_store(event, args, LOGGER)


def test_the_current_folder_is_meant_when_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert store(None) == 0x0000
    assert files_in(tmp_path) == ["CT.1.2.3"]


def test_an_object_that_does_not_say_what_it_is_is_refused(tmp_path: Path) -> None:
    assert store(tmp_path, sop_class="") == 0xC210
    assert store(tmp_path, instance="") == 0xC210
    assert files_in(tmp_path) == []


def test_a_request_without_a_data_set_is_refused(tmp_path: Path) -> None:
    assert store(tmp_path, None) == 0x0210


def test_what_is_wrong_otherwise_has_a_status_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert store(Path("no\0folder")) == 0xA701
    assert "CT.1.2.3 is not stored" in caplog.text


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "the disk is full: make room"),
        (errno.EACCES, "no permission: who runs this program may not write there"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_what_keeps_a_file_from_being_written_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: int,
    reason: str,
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "writev", fail)

    assert store(tmp_path) == 0xA700
    assert caplog.messages == [f"CT.1.2.3 is not stored in {tmp_path}: {reason}"]
    assert files_in(tmp_path) == []


def test_low_groups_are_seen_in_big_endian_too(tmp_path: Path) -> None:
    low = b"\0\2\0\x10UI\0\4" + b"1.2\0"
    own = b"\0\x10\0\x10PN\0\4A^B "

    assert store(tmp_path, low + own, syntax=ExplicitVRBigEndian) == 0x0000
    content = (tmp_path / "CT.1.2.3").read_bytes()
    assert content.endswith(own)
    assert low not in content


def patient(text: bytes) -> bytes:
    return b"\x10\0\x20\0LO" + len(text).to_bytes(2, "little") + text


def test_what_names_a_folder_leads_nowhere_else(tmp_path: Path) -> None:
    assert store(tmp_path / "a", patient(b"../../out "), layout=True) == 0x0000
    assert store(tmp_path / "a", patient(b"/etc/cron"), layout=True) == 0x0000
    assert store(tmp_path / "a", patient(b""), layout=True) == 0x0000

    assert files_in(tmp_path) == ["a"]
    assert [name.rstrip("0123456789") for name in files_in(tmp_path / "a")] == [
        "_",
        "______out_",
        "_etc_cron_",
    ]
    assert (tmp_path / "a" / "_" / "_" / "_" / "CT.1.2.3").is_file()


def test_a_data_set_that_names_no_folders_because_it_is_broken_is_refused(tmp_path: Path) -> None:
    deflated = DeflatedExplicitVRLittleEndian

    assert store(tmp_path, b"not deflated", syntax=deflated, layout=True) == 0x0210
    assert files_in(tmp_path) == []


def test_arguments_without_a_layout_are_enough(tmp_path: Path) -> None:
    assert store(tmp_path) == 0x0000
    assert files_in(tmp_path) == ["CT.1.2.3"]


def test_a_file_of_the_same_length_is_another_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store(tmp_path, patient(b"ONE "))
    store(tmp_path, patient(b"TWO "))

    assert (tmp_path / "CT.1.2.3").read_bytes().endswith(b"TWO ")
    assert caplog.messages == [f"{tmp_path / 'CT.1.2.3'} was there and is replaced"]


def test_a_large_file_is_compared_to_its_end(tmp_path: Path) -> None:
    pixels = b"\xe0\x7f\x10\0OW\0\0" + (3_000_000).to_bytes(4, "little")
    store(tmp_path, pixels + bytes(3_000_000))
    before = (tmp_path / "CT.1.2.3").stat().st_ino

    store(tmp_path, pixels + bytes(3_000_000))
    assert (tmp_path / "CT.1.2.3").stat().st_ino == before

    store(tmp_path, pixels + bytes(2_999_999) + b"\1")
    assert (tmp_path / "CT.1.2.3").read_bytes()[-1] == 1


def test_a_pipe_of_that_name_is_replaced_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "CT.1.2.3")

    assert store(tmp_path) == 0x0000
    assert (tmp_path / "CT.1.2.3").is_file()


def test_what_the_library_has_put_into_a_file_is_kept_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_config, "STORE_RECV_CHUNKED_DATASET", True)
    args = argparse.Namespace(ignore=False, output_directory=str(tmp_path))
    archive = AE("ARCHIVE")
    archive.add_supported_context(CTImageStorage)
    handlers: list[evt.EventHandlerType] = [(evt.EVT_C_STORE, handle_store, [args, LOGGER])]
    server = archive.start_server((LOOPBACK, 0), False, evt_handlers=handlers)

    contexts = [build_context(CTImageStorage, ExplicitVRLittleEndian)]
    assoc = AE().associate(LOOPBACK, server.server_address[1], contexts)
    status = assoc.send_c_store(CT)
    assoc.release()
    server.shutdown()

    assert status.Status == 0x0000
    (name,) = files_in(tmp_path)
    assert (tmp_path / name).read_bytes().endswith(CT.read_bytes()[-38_000:])
