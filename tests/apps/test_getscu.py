"""`getscu` keeps what it retrieves, counts it, and names what failed."""

import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import JPEGBaseline8Bit

from apps.archives import UIDS, WHOLE_PATIENT, Asked, archive
from apps.stage import DEADLINE, JPEG_2000, LOOPBACK, files_in, run, started, until
from interop import studies
from ports import free_port
from pynetdicom import ALL_TRANSFER_SYNTAXES, evt, sop_class
from pynetdicom.apps import getscu
from pynetdicom.sop_class import MRImageStorage

PENDING, SUCCESS = 0xFF00, 0x0000


def get(asked: Asked, *words: object) -> int:
    return getscu.main([*asked.words, *WHOLE_PATIENT, *map(str, words)])


@pytest.mark.slow
def test_objects_arrive_as_files_and_a_line_sums_it_up(tmp_path: Path) -> None:
    with archive() as asked:
        finished = run("getscu", *asked.words, *WHOLE_PATIENT, "-od", tmp_path / "got")

    assert (finished.status, finished.err) == (0, "")
    assert finished.out.startswith("4 objects: 4 received, 0 warned, 0 failed; 34.2 KB in ")
    received = [dcmread(path) for path in (tmp_path / "got").iterdir()]
    assert studies.in_order(received) == studies.in_order(studies.instances()[:4])


def test_the_current_folder_is_meant_when_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with archive() as asked:
        assert get(asked) == 0

    assert sorted(name.partition(".")[2] for name in files_in(tmp_path)) == UIDS


def test_objects_go_into_folders_by_patient_study_and_series_when_asked(tmp_path: Path) -> None:
    with archive() as asked:
        get(asked, "--layout", "-od", tmp_path)

    expected = [
        tmp_path / each.PatientID / each.StudyInstanceUID / each.SeriesInstanceUID
        for each in studies.instances()[:4]
    ]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(path.parent for path in files) == sorted(expected)


def test_what_is_there_already_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with archive() as asked:
        get(asked, "-od", tmp_path)
        before = {path: path.stat().st_ino for path in tmp_path.iterdir()}
        status = get(asked, "-od", tmp_path)

    assert status == 0
    assert {path: path.stat().st_ino for path in tmp_path.iterdir()} == before
    assert capsys.readouterr().err == ""


def test_nothing_is_kept_when_all_is_to_be_ignored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with archive() as asked:
        status = get(asked, "--ignore", "-od", tmp_path / "not made")

    assert status == 0
    assert not (tmp_path / "not made").exists()
    assert capsys.readouterr().out.startswith("4 objects: 4 received, 0 warned, 0 failed; ")


@pytest.mark.parametrize(
    ("option", "model"),
    [
        ("", "PatientRootQueryRetrieveInformationModelGet"),
        ("-P", "PatientRootQueryRetrieveInformationModelGet"),
        ("-S", "StudyRootQueryRetrieveInformationModelGet"),
        ("-O", "PatientStudyOnlyQueryRetrieveInformationModelGet"),
    ],
)
def test_an_option_chooses_the_model(option: str, model: str) -> None:
    with archive() as asked:
        status = get(asked, *option.split(), "--ignore")

    assert status == 0
    (event,) = asked.requests
    assert event.request.AffectedSOPClassUID == getattr(sop_class, model)


@pytest.mark.parametrize(
    ("option", "wanted"),
    [("--relational-retrieval", b"\1\0"), ("--enhanced-conversion", b"\0\1")],
)
def test_extensions_are_negotiated_and_missed(
    capsys: pytest.CaptureFixture[str], option: str, wanted: bytes
) -> None:
    with archive() as refuses, archive(agrees=True) as agrees:
        get(refuses, "--ignore", option)
        missed = capsys.readouterr().err
        get(agrees, "--ignore", option)

    model = sop_class.PatientRootQueryRetrieveInformationModelGet
    assert refuses.extended == agrees.extended == [{model: wanted}]
    assert missed == f"W: The peer does not agree to {option}\n"
    assert capsys.readouterr().err == ""


def test_the_storage_classes_are_proposed_with_the_roles_turned_round() -> None:
    with archive() as asked:
        get(asked, "--ignore")

    (event,) = asked.requests
    requestor = event.assoc.requestor
    proposed = requestor.primitive.presentation_context_definition_list
    storage = {context.abstract_syntax for context in proposed[1:]}
    assert proposed[0].abstract_syntax == sop_class.PatientRootQueryRetrieveInformationModelGet
    assert 100 < len(proposed) <= 128
    assert {uid for uid, role in requestor.role_selection.items() if role.scp_role} == storage


def test_compressed_images_come_as_they_are_when_asked(tmp_path: Path) -> None:
    compressed = dcmread(JPEG_2000)
    syntax, sop_class_uid = compressed.file_meta.TransferSyntaxUID, compressed.SOPClassUID

    def give(event: evt.Event) -> Iterator[Any]:
        yield 1
        yield PENDING, compressed

    def hold(ae: Any) -> None:
        ae.add_supported_context(sop_class_uid, ALL_TRANSFER_SYNTAXES, True, True)

    with archive(give, prepare=hold) as asked:
        by_keyword = get(asked, "-x", "JPEG2000", "-od", tmp_path, "--strict")
        by_uid = get(asked, "-x", syntax, "-x", JPEGBaseline8Bit, "--ignore", "--strict")

    assert (by_keyword, by_uid) == (0, 0)
    (path,) = tmp_path.iterdir()
    assert dcmread(path).file_meta.TransferSyntaxUID == syntax
    proposed = [
        event.assoc.requestor.primitive.presentation_context_definition_list
        for event in asked.requests
    ]
    assert [len(contexts) for contexts in proposed] == [128, 128]


@pytest.mark.parametrize("text", ["JPEG", "1.2.840.10008.1.1", "CTImageStorage", "1.2.3", ""])
def test_what_is_no_transfer_syntax_is_named(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with pytest.raises(SystemExit) as ended:
        getscu.main([LOOPBACK, "104", *WHOLE_PATIENT, "-x", text])

    assert ended.value.code == 2
    assert f"such as JPEG2000Lossless or a UID, not '{text}'\n" in capsys.readouterr().err


@pytest.mark.slow
def test_every_other_option_has_its_effect(tmp_path: Path) -> None:
    keys = Dataset()
    keys.QueryRetrieveLevel, keys.PatientID = "PATIENT", "AC-2"
    keys.save_as(tmp_path / "keys.dcm", implicit_vr=True, little_endian=True)
    options: list[object] = ["-aet", "VIEWER", "-aec", "NODE", "-ta", "5", "-td", "6.5", "-tn", "0"]
    options += ["-pdu", "0", "-v", "--strict", "-od", tmp_path / "got"]

    with archive() as asked:
        finished = run("getscu", *options, *asked.words, "-f", tmp_path / "keys.dcm")

    (event,) = asked.requests
    requestor = event.assoc.requestor
    assert finished.status == 0, finished.err
    assert (requestor.ae_title, requestor.maximum_length) == ("VIEWER", 0)
    assert finished.out.startswith("2 objects: 2 received, ")
    assert finished.err.count(" from NODE\n") == 2


def test_what_cannot_be_kept_is_named_and_fails_strict_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / f"MR.{UIDS[2]}").mkdir()  # where a file is to be

    with archive() as asked:
        status = get(asked, "-od", tmp_path)
        printed = capsys.readouterr()
        strict = get(asked, "--strict", "-od", tmp_path)

    assert (status, strict) == (0, 1)
    assert "W: The peer says about C-GET: 0xB000 Done; some sub-operations failed" in printed.err
    assert f"failed: {UIDS[2]}: not kept: 0xA700 Refused: out of resources\n" in printed.out
    assert "4 objects: 3 received, 0 warned, 1 failed; " in printed.out


def test_what_the_peer_could_not_send_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse_mr(ae: Any) -> None:
        ae.remove_supported_context(MRImageStorage)

    with archive(prepare=refuse_mr) as asked:
        status = get(asked, "--ignore")
        strict = get(asked, "--ignore", "--strict")

    assert (status, strict) == (0, 1)
    printed = capsys.readouterr()
    assert f"failed: {UIDS[2]}: not sent; the peer does not say why\n" in printed.out
    assert "4 objects: 3 received, 0 warned, 1 failed; " in printed.out
    assert printed.out.count("hint: images that the peer holds compressed may need -x") == 2


def test_a_peer_that_accepts_no_storage_class_is_doubted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse_all(ae: Any) -> None:
        for storage in studies.STORAGE_CLASSES:
            ae.remove_supported_context(storage)

    with archive(prepare=refuse_all) as asked:
        status = get(asked, "--ignore", "--strict")

    assert status == 1
    printed = capsys.readouterr()
    assert "W: The peer accepts no storage class with us as its SCP: nothing can co" in printed.err
    assert "4 objects: 0 received, 0 warned, 4 failed\n" in printed.out


def test_a_model_that_the_peer_has_not_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    model = sop_class.PatientStudyOnlyQueryRetrieveInformationModelGet
    with archive(prepare=lambda ae: ae.remove_supported_context(model)) as asked:
        status = get(asked, "-O", "--ignore")

    assert status == 1
    assert f"E: The peer does not offer {model.name}: -P, -S" in capsys.readouterr().err


def answer(*pairs: Any) -> Any:
    def handle(event: evt.Event) -> Iterator[Any]:
        yield from pairs

    return handle


def test_a_status_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with archive(answer(1, (0xA702, None))) as asked:
        status = get(asked, "--ignore")
        strict = get(asked, "--ignore", "--strict")

    assert (status, strict) == (0, 1)
    line = "E: The peer says about C-GET: 0xA702 Refused: out of resources to do the sub-operations"
    assert line in capsys.readouterr().err


def test_keys_that_cannot_be_encoded_are_no_crash(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pynetdicom.dsutils.encode", lambda *_: None)

    with archive() as asked:
        status = get(asked, "--ignore")

    assert status == 1
    assert (
        "E: The keys cannot be sent: Failed to encode the supplied data set\n"
        in capsys.readouterr().err
    )


def test_failures_without_names_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with archive(answer(3, (0xA702, None))) as asked:
        get(asked, "--ignore", "-x", "JPEGBaseline8Bit")

    assert capsys.readouterr().out == (
        "failed: 3 objects that the peer does not name\n3 objects: 0 received, 0 warned, 3 failed\n"
    )


def test_a_peer_that_goes_away_leaves_what_had_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def go_away(event: evt.Event) -> Iterator[Any]:
        yield 2
        yield PENDING, studies.instances()[0]
        event.assoc.abort()

    with archive(go_away) as asked:
        status = get(asked, "-od", tmp_path)

    printed = capsys.readouterr()
    assert status == 1
    assert len(files_in(tmp_path)) == 1
    assert "E: C-GET is incomplete: the peer ended the association\n" in printed.err
    assert printed.out.startswith("2 objects: 1 received, 0 warned, 0 failed, 1 left; 8.6 KB in ")


def test_a_folder_that_cannot_be_made_is_said_before_anybody_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    words = [LOOPBACK, str(free_port()), *WHOLE_PATIENT, "-od", str(tmp_path / "file" / "folder")]
    status = getscu.main(words)

    assert status == 1
    assert capsys.readouterr().err.startswith("E: Nothing can be stored in ")


def test_nothing_is_asked_without_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert getscu.main([LOOPBACK, str(free_port())]) == 1
    assert capsys.readouterr().err == "E: What to ask for? -k KEY=VALUE names it, or -f FILE\n"


def test_nothing_is_printed_when_told_so(capfd: pytest.CaptureFixture[str]) -> None:
    with archive(answer(1, (0xA702, None))) as asked:
        get(asked, "-q", "--ignore")

    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_nobody_listening_is_explained() -> None:
    finished = run("getscu", LOOPBACK, free_port(), *WHOLE_PATIENT, "--ignore")

    assert finished.status == 1
    assert "Connection refused\n   Nobody listens there" in finished.err
    assert finished.out == ""


@pytest.mark.slow
def test_ctrl_c_cancels_and_says_what_had_come(tmp_path: Path) -> None:
    with archive(is_endless=True) as asked:
        process = started("getscu", *asked.words, *WHOLE_PATIENT, "-od", tmp_path)
        until(lambda: files_in(tmp_path) or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE)

    assert process.returncode == 130
    assert asked.holds.noticed.is_set()
    assert "W: Cancelling: Ctrl-C again ends without waiting for the peer\n" in err
    assert "W: C-GET is incomplete: 0xFE00 The operation ended because it was cancelled\n" in err
    assert re.match(r"20,000 objects: [\d,]+ received, 0 warned, 0 failed, [\d,]+ left; ", out)


@pytest.mark.slow
def test_the_end_that_a_service_manager_wants_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    with archive(is_endless=True) as asked:
        process = started("getscu", *asked.words, *WHOLE_PATIENT, "-od", tmp_path)
        until(lambda: files_in(tmp_path) or process.poll() is not None)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=DEADLINE)

    assert process.returncode == 130
    assert err == "W: Interrupted: the association is aborted\n"
    assert re.match(r"[\d,]+ objects?: [\d,]+ received, ", out)
    assert not [name for name in files_in(tmp_path) if name.endswith(".part")]


@pytest.mark.slow
def test_ctrl_c_again_ends_without_waiting_for_the_peer(tmp_path: Path) -> None:
    is_over = threading.Event()

    def be_deaf(event: evt.Event) -> Iterator[Any]:
        yield 2
        yield PENDING, studies.instances()[0]
        is_over.wait(DEADLINE)

    with archive(be_deaf) as asked:
        process = started("getscu", *asked.words, *WHOLE_PATIENT, "-od", tmp_path)
        until(lambda: files_in(tmp_path) or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        first = process.stderr.readline() if process.stderr else ""
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE)
        is_over.set()

    assert process.returncode == 130
    assert first.startswith("W: Cancelling: ")
    assert err == "W: Interrupted: the association is aborted\n"
    # What the peer said of it may not have been read when the second Ctrl-C came.
    assert re.match(r"[12] objects?: 1 received, 0 warned, 0 failed", out)
