"""`storescp` keeps what it gets as whole files, or says why not; it ends when it is told to."""

import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from apps.stage import (
    BIG_ENDIAN,
    CT,
    DEADLINE,
    ENVIRONMENT,
    JPEG_2000,
    LOOPBACK,
    MR,
    Server,
    files_in,
    run,
    sample,
    serving,
    until,
)
from pynetdicom import AE, Association, build_context, dsutils
from pynetdicom._files import file_name
from pynetdicom.apps import storescp
from pynetdicom.dimse_messages import DataSource, batches
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (
    CTImageStorage,
    MRImageStorage,
)

pytestmark = pytest.mark.slow

RETIRED_ULTRASOUND = UID("1.2.840.10008.5.1.4.1.1.6")

UNCOMPRESSED = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]


def associate(server: Server, *contexts: PresentationContext) -> Association:
    return AE("MODALITY").associate(LOOPBACK, server.port, list(contexts))


def context_for(path: Path) -> PresentationContext:
    meta = dcmread(path).file_meta
    return build_context(meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID)


def send(server: Server, *paths: Path) -> list[int]:
    """Send files over one association; return the statuses."""
    assoc = associate(server, *map(context_for, paths))
    statuses = [assoc.send_c_store(path).Status for path in paths]
    assoc.release()
    return statuses


def send_raw(server: Server, request: C_STORE, data: bytes, syntax: UID) -> int:
    """Send a C-STORE request such as our SCU would not make; return the status."""
    assoc = associate(server, build_context(CTImageStorage, syntax))
    source = DataSource.of(data)
    exchange = assoc._exchange.request(request, 1, source)
    with pytest.raises(StopIteration) as stopped:
        exchange.send(None)
    assoc.release()
    return int(stopped.value.value.Status)


def request_for(uid: str) -> C_STORE:
    request = C_STORE()
    request.MessageID = 1
    request.Priority = 2
    request.AffectedSOPClassUID = CTImageStorage
    if uid:
        request.AffectedSOPInstanceUID = uid
    return request


@pytest.fixture
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that is too large to be kept in memory."""
    dataset = dcmread(CT)
    dataset.Rows = dataset.Columns = 512
    dataset.PixelData = bytes(range(256)) * 2048
    path = tmp_path_factory.mktemp("large") / "large.dcm"
    dataset.save_as(path)
    return path


def test_files_arrive_byte_for_byte_under_names_that_tell_what_they_are(tmp_path: Path) -> None:
    files = [CT, JPEG_2000, BIG_ENDIAN]

    with serving("storescp", "-od", tmp_path, "-v") as server:
        statuses = send(server, *files)
        ended = server.end()

    meta = dcmread(CT).file_meta
    received = tmp_path / f"CT.{meta.MediaStorageSOPInstanceUID}"
    assert statuses == [0, 0, 0]
    assert len(files_in(tmp_path)) == 3
    assert received.read_bytes().endswith(CT.read_bytes()[-38_000:])
    assert dcmread(received).file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert f"I: stored {received} (38.9 KB) from MODALITY\n" in ended.err
    assert [line for line in ended.err.splitlines() if "Request" in line] == []
    assert ended.status == 0


def test_an_object_that_comes_again_otherwise_replaces_the_first_with_a_warning(
    tmp_path: Path,
) -> None:
    changed = dcmread(CT)
    changed.PatientName = "OTHER^PATIENT"
    changed.save_as(tmp_path / "changed.dcm")
    folder = tmp_path / "received"

    with serving("storescp", "-od", folder) as server:
        send(server, CT, tmp_path / "changed.dcm")
        ended = server.end()

    (name,) = files_in(folder)
    assert dcmread(folder / name).PatientName == "OTHER^PATIENT"
    assert ended.err == f"W: {folder / name} was there and is replaced\n"


def test_an_object_that_comes_again_unchanged_is_recognised(tmp_path: Path) -> None:
    with serving("storescp", "-od", tmp_path, "-v") as server:
        first = send(server, CT)
        (path,) = tmp_path.iterdir()
        written = path.stat().st_ino
        again = send(server, CT)
        ended = server.end()

    assert (first, again) == ([0x0000], [0x0000])
    assert path.stat().st_ino == written
    assert f"I: {path} is there already, the same\n" in ended.err


def test_objects_go_into_folders_by_patient_study_and_series_when_asked(tmp_path: Path) -> None:
    with serving("storescp", "-od", tmp_path, "--layout") as server:
        assert send(server, CT, MR) == [0x0000, 0x0000]

    for path in (CT, MR):
        dataset = dcmread(path)
        folder = tmp_path / dataset.PatientID / dataset.StudyInstanceUID / dataset.SeriesInstanceUID
        (stored,) = folder.iterdir()
        assert dcmread(stored) == dataset


def test_a_large_object_is_written_while_it_arrives_and_renamed(
    tmp_path: Path, large: Path
) -> None:
    beginning = dcmread(large)
    beginning.PatientName = "OTHER^PATIENT"
    beginning.save_as(tmp_path / "changed.dcm")
    folder, name = tmp_path / "received", file_name(CTImageStorage, beginning.SOPInstanceUID)

    with serving("storescp", "-od", folder, "-v") as server:
        statuses = send(server, large, large, tmp_path / "changed.dcm", large)
        ended = server.end()

    assert statuses == [0x0000] * 4
    assert files_in(folder) == [name]
    assert (folder / name).read_bytes().endswith(large.read_bytes()[-524_288:])
    assert dcmread(folder / name) == dcmread(large)
    said = [line for line in ended.err.splitlines() if "there" in line]
    assert said == [
        f"I: {folder / name} is there already, the same",
        *[f"W: {folder / name} was there and is replaced"] * 2,
    ]


def test_a_large_object_goes_into_its_folder_too(tmp_path: Path, large: Path) -> None:
    with serving("storescp", "-od", tmp_path, "--layout") as server:
        assert send(server, large) == [0x0000]

    dataset = dcmread(large)
    folder = tmp_path / dataset.PatientID / dataset.StudyInstanceUID / dataset.SeriesInstanceUID
    (stored,) = folder.iterdir()
    assert dcmread(stored) == dataset
    assert files_in(tmp_path) == [dataset.PatientID]


def test_a_large_object_is_cleaned_like_a_small_one(tmp_path: Path) -> None:
    smuggled = bytes.fromhex("0200 1000 0400 0000") + b"1.2\0"
    own = b"\x10\0\x10\0\x04\0\0\0A^B " + b"\xe0\x7f\x10\0" + (100_000).to_bytes(4, "little")

    with serving("storescp", "-od", tmp_path) as server:
        data = smuggled + own + bytes(100_000)
        status = send_raw(server, request_for("1.2.3"), data, ImplicitVRLittleEndian)

    assert status == 0x0000
    assert files_in(tmp_path) == ["CT.1.2.3"]
    assert (tmp_path / "CT.1.2.3").read_bytes().endswith(own + bytes(100_000))
    assert smuggled not in (tmp_path / "CT.1.2.3").read_bytes()


def test_a_full_disk_ends_a_large_object_and_leaves_nothing(tmp_path: Path, large: Path) -> None:
    limit = ("sh", "-c", 'ulimit -f 400; exec "$0" "$@"')  # 200 KB

    with serving("storescp", "-od", tmp_path, wrapper=limit) as server:
        statuses = send(server, large, MR)
        ended = server.end()

    assert statuses == [0xA700, 0x0000]
    assert files_in(tmp_path) == [file_name(MRImageStorage, dcmread(MR).SOPInstanceUID)]
    uid = dcmread(large).SOPInstanceUID
    assert f"E: The data set of {uid} could not be kept: [Errno 27] File too large" in ended.err


def test_a_sender_that_hangs_up_in_mid_large_object_leaves_nothing(
    tmp_path: Path, large: Path
) -> None:
    with serving("storescp", "-od", tmp_path) as server:
        assoc = associate(server, context_for(large))
        source = DataSource.of(large.read_bytes())
        (batch,) = batches(request_for("1.2.3"), 1, 16_384, source)
        assoc._transport.socket.sendall(b"".join(batch)[:300_000])
        assoc._transport.socket.shutdown(socket.SHUT_RDWR)
        assoc.join(DEADLINE)
        sound = send(server, MR)

    assert sound == [0x0000]
    assert files_in(tmp_path) == [file_name(MRImageStorage, dcmread(MR).SOPInstanceUID)]


def test_nothing_is_kept_when_all_is_to_be_ignored(tmp_path: Path) -> None:
    folder = tmp_path / "not made"

    with serving("storescp", "--ignore", "-od", folder) as server:
        assert send(server, CT) == [0x0000]
        assert "keeps nothing" in server.greeting

    assert not folder.exists()


def test_the_folder_is_made_if_it_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"

    with serving("storescp", "-od", folder) as server:
        assert f"stores into {folder};" in server.greeting
        send(server, CT)

    assert len(files_in(folder)) == 1


def test_a_folder_that_vanishes_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "received"

    with serving("storescp", "-od", folder) as server:
        folder.rmdir()
        statuses = send(server, CT)

    assert statuses == [0x0000]
    assert len(files_in(folder)) == 1


def test_a_folder_that_is_a_file_is_refused_at_once(tmp_path: Path) -> None:
    finished = run("storescp", "0", "-od", CT)

    assert finished.status == 1
    assert finished.err == f"E: Nothing can be stored in {CT}: File exists\n"


def test_a_folder_without_permission_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    assert storescp.main(["0", "-od", str(tmp_path)]) == 1
    assert "no permission: who runs this program may not write there" in capsys.readouterr().err


def test_a_full_disk_is_answered_and_leaves_nothing(tmp_path: Path) -> None:
    # A file may have 20 KB here: as with a full disk, writing stops in the middle.
    limit = ("sh", "-c", 'ulimit -f 40; exec "$0" "$@"')

    with serving("storescp", "-od", tmp_path, wrapper=limit) as server:
        statuses = send(server, CT, MR)
        ended = server.end()

    assert statuses == [0xA700, 0x0000]
    assert files_in(tmp_path) == [file_name(MRImageStorage, dcmread(MR).SOPInstanceUID)]
    name = file_name(CTImageStorage, dcmread(CT).SOPInstanceUID)
    assert f"E: {name} is not stored in {tmp_path}: the file would be larger" in ended.err


def test_a_folder_that_became_a_file_is_answered(tmp_path: Path) -> None:
    folder = tmp_path / "received"

    with serving("storescp", "-od", folder) as server:
        folder.rmdir()
        folder.touch()
        statuses = send(server, CT)
        ended = server.end()

    assert statuses == [0xA700]
    assert ended.err.endswith(f" is not stored in {folder}: it is no folder\n")


@pytest.mark.parametrize("uid", ["../../../tmp/evil", "/etc/passwd", "..", "1.2/../../3", "CON"])
def test_a_uid_is_never_a_path(tmp_path: Path, uid: str) -> None:
    folder = tmp_path / "received"

    with serving("storescp", "-od", folder) as server:
        status = send_raw(server, request_for(uid), b"\x08\0\x05\0\0\0\0\0", ImplicitVRLittleEndian)

    assert status == 0x0000
    assert files_in(tmp_path) == ["received"]
    assert files_in(folder) == [file_name(CTImageStorage, uid)]


def test_elements_of_a_message_are_no_part_of_a_file(tmp_path: Path) -> None:
    smuggled = bytes.fromhex("0200 1000 0400 0000") + b"1.2\0"
    own = b"\x10\0\x10\0\x04\0\0\0A^B "

    with serving("storescp", "-od", tmp_path) as server:
        status = send_raw(server, request_for("1.2.3"), smuggled + own, ImplicitVRLittleEndian)

    assert status == 0x0000
    assert (tmp_path / "CT.1.2.3").read_bytes().endswith(own)
    assert smuggled not in (tmp_path / "CT.1.2.3").read_bytes()


@pytest.mark.parametrize("data", [b"", bytes(8), b"\2\0\2\0\xff\xff"])
def test_what_is_no_data_set_is_refused(tmp_path: Path, data: bytes) -> None:
    with serving("storescp", "-od", tmp_path) as server:
        status = send_raw(server, request_for("1.2.3"), data, ImplicitVRLittleEndian)
        sound = send(server, CT)

    assert status == 0x0210
    assert sound == [0x0000]


def test_a_request_without_instance_uid_is_refused(tmp_path: Path) -> None:
    with serving("storescp", "-od", tmp_path) as server:
        status = send_raw(server, request_for(""), b"\x08\0\x05\0\0\0\0\0", ImplicitVRLittleEndian)

    assert status in (0xC210, 0x0120)
    assert files_in(tmp_path) == []


def test_a_sender_that_hangs_up_in_mid_object_leaves_nothing(tmp_path: Path) -> None:
    with serving("storescp", "-od", tmp_path) as server:
        assoc = associate(server, context_for(CT))
        part = C_STORE_BEGINNING
        assoc._transport.socket.send(part)
        assoc._transport.socket.shutdown(socket.SHUT_RDWR)
        assoc.join(DEADLINE)
        sound = send(server, MR)

    assert sound == [0x0000]
    assert files_in(tmp_path) == [file_name(MRImageStorage, dcmread(MR).SOPInstanceUID)]


# A C-STORE request's command set and the first bytes of its data set, on context 1.
_COMMAND = b"".join(
    (
        bytes.fromhex("0000 0200 1a000000") + b"1.2.840.10008.5.1.4.1.1.2\0",
        bytes.fromhex("0000 0001 02000000 0100"),
        bytes.fromhex("0000 1001 02000000 0100"),
        bytes.fromhex("0000 0007 02000000 0200"),
        bytes.fromhex("0000 0008 02000000 0000"),
        bytes.fromhex("0000 0010 06000000") + b"1.2.3\0",
    )
)
C_STORE_BEGINNING = b"".join(
    (
        b"\x04\0" + (len(_COMMAND) + 6).to_bytes(4, "big"),
        (len(_COMMAND) + 2).to_bytes(4, "big") + b"\x01\x03" + _COMMAND,
        b"\x04\0\0\0\x10\0\0\0\x0f\xfc\x01\0" + b"\x08\0\x05\0CS\x0a\0ISO_IR 100",
    )
)


def test_retired_classes_are_taken_like_others(tmp_path: Path) -> None:
    with serving("storescp", "-od", tmp_path) as server:
        assoc = associate(server, build_context(RETIRED_ULTRASOUND))
        dataset = dcmread(MR)
        dataset.SOPClassUID = RETIRED_ULTRASOUND
        status = assoc.send_c_store(dataset)
        assoc.release()

    assert status.Status == 0x0000


def test_private_classes_are_taken_when_told_so(tmp_path: Path) -> None:
    private = "1.2.826.0.1.3680043.9.9999.1"

    with serving("storescp", "--any-class", "-od", tmp_path) as server:
        assoc = associate(server, build_context(private))
        dataset = dcmread(MR)
        dataset.SOPClassUID = UID(private)
        status = assoc.send_c_store(dataset)
        assoc.release()
    with serving("storescp", "-od", tmp_path) as server:
        refused = associate(server, build_context(private))

    assert status.Status == 0x0000
    assert files_in(tmp_path) == [f"UN.{dcmread(MR).SOPInstanceUID}"]
    assert not refused.is_established


@pytest.mark.parametrize(
    ("options", "proposed", "accepted"),
    [
        ((), UNCOMPRESSED, ExplicitVRLittleEndian),
        (("-x=",), ["1.2.840.10008.1.2.4.50", *UNCOMPRESSED], ExplicitVRLittleEndian),
        (("-xe",), UNCOMPRESSED, ExplicitVRLittleEndian),
        (("-xb",), UNCOMPRESSED, ExplicitVRBigEndian),
        (("-xi",), UNCOMPRESSED, ImplicitVRLittleEndian),
        ((), [DeflatedExplicitVRLittleEndian], DeflatedExplicitVRLittleEndian),
    ],
)
def test_options_choose_among_what_is_proposed(
    tmp_path: Path, options: tuple[str, ...], proposed: list[str], accepted: str
) -> None:
    with serving("storescp", "-od", tmp_path, *options) as server:
        assoc = associate(server, build_context(CTImageStorage, proposed))
        (context,) = assoc.accepted_contexts
        assoc.release()

    assert context.transfer_syntax == [accepted]


def test_implicit_alone_refuses_the_rest(tmp_path: Path) -> None:
    with serving("storescp", "-xi", "-od", tmp_path) as server:
        assoc = associate(server, build_context(CTImageStorage, ExplicitVRLittleEndian))

    assert not assoc.is_established


def test_echoes_are_answered_unless_told_otherwise(tmp_path: Path) -> None:
    with serving("storescp", "-od", tmp_path, "-v") as server:
        answered = run("echoscu", LOOPBACK, server.port)
        ended = server.end()
    with serving("storescp", "-od", tmp_path, "--no-echo") as server:
        refused = run("echoscu", LOOPBACK, server.port)

    assert (answered.status, refused.status) == (0, 1)
    assert "I: echo for ECHOSCU at 127.0.0.1\n" in ended.err
    assert "it accepts nothing that we propose (Abstract Syntax Not Supported)" in refused.err


def test_title_limits_and_timeouts_are_those_of_the_options(tmp_path: Path) -> None:
    options = ["-aet", "ARCHIVE", "-pdu", "4096", "-ta", "5", "-td", "5", "-tn", "5", "-ll", "info"]

    with serving("storescp", "-od", tmp_path, *options) as server:
        assoc = associate(server, context_for(CT))
        limit = assoc.acceptor.maximum_length
        assoc.release()

    assert server.greeting.startswith("ARCHIVE listens on port ")
    assert limit == 4096


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with serving("storescp", "-od", tmp_path) as server:
        second = run("storescp", server.port, "-ba", LOOPBACK, "-od", tmp_path)

    assert second.status == 1
    assert second.err == (
        f"E: Unable to listen on {LOOPBACK} port {server.port}: Address already in use\n"
        "   Another program listens there: end it, or take another port\n"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to_and_says_so(tmp_path: Path, number: signal.Signals) -> None:
    with serving("storescp", "-od", tmp_path) as server:
        ended = server.end(number)

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.endswith("\nended\n")


def test_a_terminal_that_has_shown_the_key_gets_a_new_line(tmp_path: Path) -> None:
    controller, terminal = os.openpty()
    command = [sys.executable, "-m", "pynetdicom", "storescp", "0", "-od", str(tmp_path)]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=terminal, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=DEADLINE)
    os.close(terminal)
    shown = os.read(controller, 100)
    os.close(controller)

    assert (process.returncode, shown) == (0, b"\r\n")


@pytest.fixture
def lasting(tmp_path: Path) -> Iterator[tuple[Server, Association]]:
    """A server with an association of ours."""
    with serving("storescp", "-od", tmp_path) as server:
        assoc = associate(server, context_for(CT))
        yield server, assoc
        assoc.abort()


def test_an_association_may_finish_when_the_program_is_told_to_end(
    lasting: tuple[Server, Association], tmp_path: Path
) -> None:
    server, assoc = lasting
    server.process.send_signal(signal.SIGTERM)
    assert server.process.stdout is not None
    line = server.process.stdout.readline()

    late = associate(server, context_for(MR))
    status = assoc.send_c_store(CT)
    assoc.release()
    ended = server.wait()

    assert line == "ending: 1 association may finish within 5 s, Ctrl-C ends them now\n"
    assert late.is_rejected
    assert status.Status == 0x0000
    assert (ended.status, len(files_in(tmp_path))) == (0, 1)


def test_associations_end_at_once_when_it_is_told_twice(
    lasting: tuple[Server, Association],
) -> None:
    server, assoc = lasting
    server.process.send_signal(signal.SIGTERM)
    assert server.process.stdout is not None
    server.process.stdout.readline()

    ended = server.end(signal.SIGINT)
    until(lambda: assoc.is_aborted)

    assert ended.status == 130
    assert ended.out.endswith("ended\n")


def test_ipv6_is_one_more_address(tmp_path: Path) -> None:
    with serving("storescp", "-od", tmp_path, "-ba", "::1") as server:
        sent = run("storescu", "::1", server.port, CT)

    assert sent.status == 0
    assert len(files_in(tmp_path)) == 1


def test_nothing_is_printed_when_told_so(tmp_path: Path) -> None:
    finished = run("storescp", "0", "-ba", "192.0.2.1", "-q", "-od", tmp_path)

    assert finished.status == 1
    assert (finished.out, finished.err) == ("", "")


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    finished = run("storescp", "0", "-ba", "192.0.2.1", "-od", tmp_path)

    assert finished.status == 1
    assert "This machine does not have that address" in finished.err


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.EACCES, "Ports below 1024 are for administrators"),
        (errno.EINVAL, "Is the address of -ba right?"),
    ],
)
def test_other_troubles_of_listening(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    hint: str,
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, "trouble")

    monkeypatch.setattr(signal, "signal", fail_quietly)
    monkeypatch.setattr(AE, "start_server", fail)

    assert storescp.main(["104", "-od", str(tmp_path)]) == 1
    assert (
        capsys.readouterr().err
        == (f"E: Unable to listen on all addresses port 104: trouble\n   {hint}")
        + ("" if number != errno.EACCES else ": take another one, 11112 is common")
        + "\n"
    )


def fail_quietly(*_: object) -> None:
    """Leave the signals of the test run alone."""


def test_all_that_pydicom_ships_arrives_as_it_is(tmp_path: Path) -> None:
    folder = CT.parent

    with serving("storescp", "-od", tmp_path) as server:
        sent = run("storescu", LOOPBACK, server.port, "-q", "-r", "--strict", folder)
        again = run("storescu", LOOPBACK, server.port, "-r", "--strict", tmp_path)

    assert sent.status == 1  # some of the files are no DICOM files
    assert again.status == 0
    assert again.out.startswith(f"sent {len(files_in(tmp_path))} of {len(files_in(tmp_path))} ")


def received(folder: Path) -> Dataset:
    (name,) = files_in(folder)
    return dcmread(folder / name)


def test_a_deflated_file_stays_deflated(tmp_path: Path) -> None:
    deflated = sample("image_dfl.dcm")

    with serving("storescp", "-od", tmp_path) as server:
        send(server, deflated)

    with deflated.open("rb") as file:
        file.seek(dsutils.read_header(file).offset)
        data = file.read()
    padded = data + b"\0" * (len(data) % 2)  # PS3.5 A.5
    assert (tmp_path / files_in(tmp_path)[0]).read_bytes().endswith(padded)
