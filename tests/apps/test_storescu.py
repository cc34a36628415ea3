"""`storescu` sends what it can, says what it cannot and why, and never hides a failure."""

import os
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from apps.stage import (
    BIG_ENDIAN,
    CT,
    DEADLINE,
    IMPLICIT,
    JPEG_2000,
    LOOPBACK,
    MR,
    Node,
    node,
    peer,
    read_pdu,
    run,
    sample,
)
from ports import free_port
from pynetdicom import StoragePresentationContexts, dsutils, evt
from pynetdicom.apps import storescu
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.sop_class import CTImageStorage, MRImageStorage


def send(there: Node, *words: object) -> int:
    return storescu.main([LOOPBACK, str(there.port), *map(str, words)])


def data_set(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(dsutils.read_header(file).offset)
        return file.read()


@pytest.mark.slow
def test_files_go_out_as_they_are_and_a_line_sums_it_up() -> None:
    files = [CT, JPEG_2000, IMPLICIT, BIG_ENDIAN]

    with node() as there:
        finished = run("storescu", LOOPBACK, there.port, *files)

    assert (finished.status, finished.err) == (0, "")
    assert finished.out.startswith("sent 4 of 4 files, 60.6 KB in ")
    assert [sent for _, sent in there.stored] == [data_set(file) for file in files]


@pytest.mark.slow
def test_every_option_has_its_effect(tmp_path: Path) -> None:
    inner = tmp_path / "series"
    inner.mkdir()
    (inner / "ct.dcm").write_bytes(CT.read_bytes())
    options = ["-aet", "MODALITY", "-aec", "NODE", "-ta", "5", "-td", "6.5", "-tn", "0"]
    options += ["-pdu", "0", "-r", "-cx", "-v"]

    with node() as there:
        finished = run("storescu", *options, LOOPBACK, there.port, tmp_path)

    (assoc,) = there.requested
    assert finished.status == 0, finished.err
    assert f"I: {inner / 'ct.dcm'}: 0x0000 Success" in finished.err
    assert (assoc.requestor.ae_title, assoc.requestor.maximum_length) == ("MODALITY", 0)
    assert {
        c.abstract_syntax for c in assoc.requestor.primitive.presentation_context_definition_list
    } == {CTImageStorage}


def proposals(there: Node) -> list[tuple[str, list[str]]]:
    (assoc,) = there.requested
    contexts = assoc.requestor.primitive.presentation_context_definition_list
    return [(c.abstract_syntax, c.transfer_syntax) for c in contexts]


def test_the_usual_classes_are_proposed_behind_what_the_files_need() -> None:
    with node() as there:
        send(there, JPEG_2000, CT)

    proposed = proposals(there)
    assert proposed[0] == (
        dcmread(JPEG_2000).SOPClassUID,
        [dcmread(JPEG_2000).file_meta.TransferSyntaxUID],
    )
    assert proposed[1] == (CTImageStorage, [ExplicitVRLittleEndian])
    assert proposed[2] == (CTImageStorage, [ImplicitVRLittleEndian])
    usual = {context.abstract_syntax for context in StoragePresentationContexts}
    assert {sop_class for sop_class, _ in proposed} == usual


def test_what_is_needed_alone_is_proposed_when_asked() -> None:
    with node() as there:
        send(there, "-cx", BIG_ENDIAN, MR)

    assert proposals(there) == [
        (MRImageStorage, [ExplicitVRBigEndian]),
        (MRImageStorage, [ExplicitVRLittleEndian]),
        (MRImageStorage, [ImplicitVRLittleEndian]),
    ]


@pytest.mark.parametrize(
    ("option", "syntax"),
    [("-xe", ExplicitVRLittleEndian), ("-xi", ImplicitVRLittleEndian)],
)
def test_uncompressed_files_are_converted_when_asked(option: str, syntax: str) -> None:
    with node() as there:
        status = send(there, option, CT, IMPLICIT)

    assert status == 0
    assert [context.transfer_syntax for context, _ in there.stored] == [syntax, syntax]


def test_big_endian_files_alone_fit_when_that_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with node() as there:
        status = send(there, "-cx", "-xb", BIG_ENDIAN, CT)

    assert status == 0
    assert [context.transfer_syntax for context, _ in there.stored] == [ExplicitVRBigEndian]
    assert "CT_small.dcm: the peer does not accept CT Image Storage in" in capsys.readouterr().err


def test_a_peer_that_takes_implicit_alone_gets_what_can_be_converted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with node(syntaxes=[ImplicitVRLittleEndian]) as there:
        status = send(there, CT, JPEG_2000, BIG_ENDIAN)

    printed = capsys.readouterr()
    assert status == 0
    assert len(there.stored) == 1
    assert (
        "JPEG2000.dcm: the peer does not accept Secondary Capture Image Storage in JPEG 2000"
        in (printed.err)
    )
    assert "hint: enable JPEG 2000 Image Compression (Lossless Only)" not in printed.out
    assert "or decompress the files first" in printed.out
    assert "hint: enable Explicit VR Big Endian for MR Image Storage on the peer\n" in printed.out


def test_a_refused_class_is_named_and_the_rest_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    with node(lambda ae: ae.remove_supported_context(CTImageStorage)) as there:
        status = send(there, CT, MR, CT)

    printed = capsys.readouterr()
    assert status == 0
    assert printed.err.count(f"E: {CT}: the peer does not accept CT Image Storage\n") == 2
    assert printed.out.count("hint: enable CT Image Storage on the peer\n") == 1
    assert "sent 1 of 3 files" in printed.out


def test_what_is_no_dicom_does_not_stop_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, empty = tmp_path / "notes.txt", tmp_path / "empty.dcm"
    text.write_text("no image")
    empty.touch()

    with node() as there:
        status = send(there, text, CT, empty, tmp_path / "missing.dcm", sample("rtstruct.dcm"))

    printed = capsys.readouterr()
    assert status == 0
    assert "notes.txt: The file has no 'DICM' prefix" in printed.err
    assert "empty.dcm: The file has no 'DICM' prefix" in printed.err
    assert "missing.dcm: there is no such file or folder" in printed.err
    assert "sent 1 of 5 files" in printed.out


def test_a_file_that_does_not_say_what_it_is_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.dcm").write_bytes(
        CT.read_bytes().replace(b"1.2.840.10008.5.1", b"no class" * 2 + b"!")
    )

    with node() as there:
        status = send(there, sample("meta_missing_tsyntax.dcm"), tmp_path / "odd.dcm")

    assert (status, there.requested) == (0, [])
    printed = capsys.readouterr().err
    assert "meta_missing_tsyntax.dcm: The file has no (0002,0010) Transfer Syntax UID" in printed
    assert "odd.dcm: It says it is 'no classno class!.4.1.1.2', which is no UID" in printed
    assert "There is nothing to send" in printed


def test_a_file_whose_meta_information_says_little_is_looked_into(tmp_path: Path) -> None:
    odd = dcmread(CT)
    del odd.file_meta.MediaStorageSOPClassUID
    odd.save_as(tmp_path / "odd.dcm", enforce_file_format=False)

    with node() as there:
        status = send(there, tmp_path / "odd.dcm")

    assert status == 0
    assert len(there.stored) == 1


def test_pipes_and_links_to_nowhere_are_no_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "ct.dcm").write_bytes(CT.read_bytes())

    with node() as there:
        whole_folder = send(there, tmp_path)
        pipe_alone = send(there, tmp_path / "pipe")

    assert (whole_folder, pipe_alone) == (0, 0)
    assert "pipe: it is no file" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_does_not_stop_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret.dcm"
    secret.touch()

    def refuse(path: Path, *arguments: Any, **options: Any) -> Any:
        if path == secret:
            raise PermissionError(13, "Permission denied")
        return open_path(path, *arguments, **options)

    open_path: Any = Path.open
    monkeypatch.setattr(Path, "open", refuse)
    with node() as there:
        status = send(there, secret, CT)

    assert status == 0
    assert f"E: {secret}: Permission denied\n" in capsys.readouterr().err
    assert len(there.stored) == 1


def test_a_folder_that_cannot_be_read_does_not_stop_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (tmp_path / "ct.dcm").write_bytes(CT.read_bytes())

    def refuse(path: Any) -> Any:
        if str(path) == str(secret):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", refuse)
    with node() as there:
        status = send(there, "-r", tmp_path)

    assert status == 0
    assert f"E: {secret}: it cannot be read\n" in capsys.readouterr().err
    assert len(there.stored) == 1


def test_a_file_that_vanishes_does_not_stop_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone.dcm"
    gone.write_bytes(CT.read_bytes())

    with node(lambda ae: None, on_store=lambda event: gone.unlink(missing_ok=True)) as there:
        status = send(there, MR, gone, MR)

    assert status == 0
    assert f"E: {gone}: No such file or directory\n" in capsys.readouterr().err
    assert len(there.stored) == 2


def test_the_directory_of_a_medium_is_left_out() -> None:
    with node() as there:
        status = send(there, sample("DICOMDIR"), CT)

    assert status == 0
    assert len(there.stored) == 1


def test_folders_in_folders_count_when_asked(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "ct.dcm").write_bytes(CT.read_bytes())
    (tmp_path / "inner" / "mr.dcm").write_bytes(MR.read_bytes())

    with node() as there:
        send(there, tmp_path)
        send(there, "-r", tmp_path)

    stored = [context.abstract_syntax for context, _ in there.stored]
    assert stored == [CTImageStorage, CTImageStorage, MRImageStorage]


@pytest.mark.parametrize(
    ("answer", "line", "summary", "strict"),
    [
        (0xA700, "not stored: 0xA700 Refused: out of resources", "sent 1 of 2 files, 1 failed", 1),
        (
            0xC123,
            "not stored: 0xC123 The data set cannot be understood",
            "sent 1 of 2 files, 1 f",
            1,
        ),
        (0xB000, "0xB000 Data elements were coerced", "sent 2 of 2 files, 1 with a warning, ", 0),
        (0x0F0F, "not stored: 0x0F0F a status that the standard does not define", "sent 1 of 2", 1),
    ],
)
def test_a_status_is_told_in_words_and_matters_to_the_strict(
    capsys: pytest.CaptureFixture[str], answer: int, line: str, summary: str, strict: int
) -> None:
    with node(statuses=(answer,)) as there:
        status = send(there, CT, MR)
        printed = capsys.readouterr()
        there.statuses.append(answer)
        strict_status = send(there, "--strict", CT, MR)

    assert (status, strict_status) == (0, strict)
    assert f"{CT}: {line}\n" in printed.err
    assert printed.out.startswith(summary)
    assert len(there.stored) == 4


def test_a_peer_that_ends_one_association_gets_the_rest_over_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with node(on_store=abort_at(2)) as there:
        status = send(there, CT, MR, JPEG_2000)

    assert status == 1
    assert f"E: {MR}: the peer ended the association\n" in capsys.readouterr().err
    assert len(there.requested) == 2
    assert [context.abstract_syntax for context, _ in there.stored][-1] == (
        dcmread(JPEG_2000).SOPClassUID
    )


def abort_at(turn: int) -> Callable[[evt.Event], None]:
    seen = []

    def on_store(event: evt.Event) -> None:
        seen.append(event)
        if len(seen) == turn:
            event.assoc.abort()

    return on_store


def test_a_peer_that_takes_nothing_is_not_tried_for_ever(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with node(on_store=lambda event: event.assoc.abort()) as there:
        status = send(there, CT, MR, JPEG_2000)

    assert status == 1
    assert len(there.requested) == 1
    assert "sent 0 of 3 files, 1 failed, 2 not tried\n" in capsys.readouterr().out


def accept(connection: socket.socket) -> A_ASSOCIATE_RQ:
    """Accept what is proposed, by hand, with a maximum length of 16384 bytes."""
    request = A_ASSOCIATE_RQ()
    request.decode(read_pdu(connection))
    primitive = request.to_primitive()
    contexts = primitive.presentation_context_definition_list
    items = b"".join(
        struct.pack(">BxH", 0x21, 8 + len(c.transfer_syntax[0]))
        + struct.pack(">BxBx", c.context_id, 0)
        + struct.pack(">BxH", 0x40, len(c.transfer_syntax[0]))
        + c.transfer_syntax[0].encode()
        for c in contexts
    )
    name = b"1.2.840.10008.3.1.1.1"
    items = struct.pack(">BxH", 0x10, len(name)) + name + items
    items += struct.pack(">BxH", 0x50, 8) + struct.pack(">BxHI", 0x51, 4, 16384)
    body = struct.pack(">Hxx32s32x", 1, b"ANY-SCP".ljust(16) + b"STORESCU".ljust(16)) + items
    connection.sendall(struct.pack(">BxI", 2, len(body)) + body)
    return request


def test_a_peer_that_hangs_up_in_mid_file_is_a_failure_of_that_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = dcmread(CT)
    large.PixelData = bytes(50_000_000)
    large.save_as(tmp_path / "large.dcm")

    def hang_up(connection: socket.socket) -> None:
        accept(connection)
        read_pdu(connection)

    with peer(hang_up) as port:
        status = storescu.main([LOOPBACK, str(port), str(tmp_path / "large.dcm"), str(MR)])

    printed = capsys.readouterr()
    assert status == 1
    assert f"E: {tmp_path / 'large.dcm'}: " in printed.err
    assert "sent 0 of 2 files, 1 failed, 1 not tried\n" in printed.out
    assert "Traceback" not in printed.err


def test_a_peer_that_does_not_answer_a_file_is_given_up(capsys: pytest.CaptureFixture[str]) -> None:
    def swallow(connection: socket.socket) -> None:
        accept(connection)
        while connection.recv(65536):
            pass

    with peer(swallow) as port:
        status = storescu.main([LOOPBACK, str(port), "-td", "0.1", str(MR)])

    assert status == 1
    assert f"E: {MR}: no response within 0.1 s (-td)\n" in capsys.readouterr().err


def test_a_peer_that_stops_reading_is_given_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = dcmread(CT)
    large.PixelData = bytes(50_000_000)
    large.save_as(tmp_path / "large.dcm")
    is_over = threading.Event()

    def read_no_more(connection: socket.socket) -> None:
        accept(connection)
        is_over.wait(DEADLINE)

    with peer(read_no_more) as port:
        words = [LOOPBACK, str(port), "-tn", "0.2", str(tmp_path / "large.dcm")]
        status = storescu.main(words)
        is_over.set()

    assert status == 1
    assert f"E: {words[-1]}: The peer did not read in time\n" in capsys.readouterr().err


def test_a_peer_that_answers_nonsense_is_given_up(capsys: pytest.CaptureFixture[str]) -> None:
    def babble(connection: socket.socket) -> None:
        accept(connection)
        read_pdu(connection)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        while connection.recv(65536):
            pass

    with peer(babble) as port:
        status = storescu.main([LOOPBACK, str(port), str(MR)])

    assert status == 1
    assert f"E: {MR}: PDU type 48H is unknown\n" in capsys.readouterr().err


def test_more_contexts_than_fit_go_over_several_associations(tmp_path: Path) -> None:
    sent = []
    for number, context in enumerate(StoragePresentationContexts[:70]):
        dataset = dcmread(MR)
        uid = dataset.SOPClassUID = UID(str(context.abstract_syntax))
        dataset.file_meta.MediaStorageSOPClassUID = uid
        dataset.save_as(tmp_path / f"{number:02}.dcm")
        sent.append(uid)

    with node() as there:
        status = send(there, tmp_path)

    assert status == 0
    assert len(there.requested) == 2
    assert [context.abstract_syntax for context, _ in there.stored] == sent


def test_a_data_set_that_cannot_be_encoded_does_not_stop_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.dcm"
    dataset = dcmread(CT)
    dataset.save_as(bad)
    content = bad.read_bytes()
    # A value representation that there is not: it could go out as it is, but not be converted.
    bad.write_bytes(content.replace(b"\x28\0\x30\0DS", b"\x28\0\x30\0ZZ", 1))

    with node(syntaxes=[ImplicitVRLittleEndian]) as there:
        status = send(there, bad, MR)

    assert status == 0
    assert f"E: {bad}: it cannot be encoded: " in capsys.readouterr().err
    assert len(there.stored) == 1


def test_nothing_is_printed_when_told_so(capfd: pytest.CaptureFixture[str]) -> None:
    with node(statuses=(0xA700,)) as there:
        status = send(there, "-q", CT, "missing.dcm")

    assert status == 0
    assert capfd.readouterr() == ("", "")


def test_log_levels_choose_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with node(statuses=(0xB000,)) as there:
        send(there, "-ll", "error", CT)
        quiet = capsys.readouterr().err
        send(there, "-d", CT)

    assert quiet == ""
    assert "D: " in capsys.readouterr().err


@pytest.mark.slow
def test_nobody_listening_is_explained() -> None:
    finished = run("storescu", LOOPBACK, free_port(), CT)

    assert finished.status == 1
    assert "Connection refused\n   Nobody listens there" in finished.err
    assert finished.out == "sent 0 of 1 file, 1 not tried\n"


def test_a_name_that_would_forge_a_line_of_the_log_is_defused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a\nE: all is lost\x1b[2J"
    path.touch()

    storescu.main([LOOPBACK, str(free_port()), str(path)])

    assert "a?E: all is lost?[2J: " in capsys.readouterr().err
