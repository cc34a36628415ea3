"""`findscu` asks what the options say, and tells what came: to people and to scripts."""

import csv
import io
import json
import os
import signal
import ssl
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread

from apps.archives import Asked, archive
from apps.stage import DEADLINE, LOOPBACK, run, started, until
from apps.test_output import Terminal
from ports import free_port
from pynetdicom import dsutils, evt, sop_class
from pynetdicom.apps import _table, findscu, getscu, movescu

PENDING = 0xFF00
STUDIES = ["-k", "QueryRetrieveLevel=STUDY", "-k", "PatientName", "-k", "StudyInstanceUID"]


def find(asked: Asked, *words: object) -> int:
    return findscu.main([*asked.words, *map(str, words)])


def text_of(answer: Any) -> Any:
    """Return a handler that answers with these pairs."""

    def handle(event: evt.Event) -> Iterator[Any]:
        yield from answer

    return handle


def match(**elements: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def on_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: int = 100, *, has_rich: bool = True
) -> Terminal:
    """Make standard output a terminal; in the test itself, for pytest changes it before each."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "dumb")
    if not has_rich:
        monkeypatch.setattr(_table, "find_spec", lambda name: None)
    return terminal


def test_a_terminal_that_is_too_narrow_gets_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch, 40)

    with archive() as asked:
        find(asked, *STUDIES)

    assert "StudyInstanceUID: 1.2.826.0.1.3680043.8.498.1.1\n" in terminal.getvalue()


def test_long_texts_are_cut_and_uids_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch, 60, has_rich=False)
    found = match(SpecificCharacterSet="ISO_IR 192", PatientName="山田^太郎" * 4)
    found.StudyInstanceUID = "1.2.3" + ".4" * 15

    with archive(text_of([(PENDING, found)])) as asked:
        find(asked, *STUDIES)

    heading, line, _ = terminal.getvalue().splitlines()
    assert heading.split() == ["PatientName", "StudyInstanceUID"]
    assert line == "山田^太郎山田^太郎山...  1.2.3" + ".4" * 15


def test_what_a_peer_says_cannot_move_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)

    with archive(text_of([(PENDING, match(PatientName="EVIL\x1b[2J^[bold]"))])) as asked:
        find(asked, *STUDIES)

    assert "EVIL?[2J^[bold]" in terminal.getvalue()


def test_a_table_without_lines_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)

    with archive(text_of([])) as asked:
        find(asked, *STUDIES)

    assert terminal.getvalue() == "0 matches\n"


def test_no_match_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with archive() as asked:
        status = find(asked, "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=NOBODY")

    assert status == 0
    assert capsys.readouterr() == ("0 matches\n", "")


def test_items_of_sequences_are_shown_in_place(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    step = match(Modality="CT", ScheduledStationAETitle=["ONE", "TWO"])
    found = match(PatientName="A^B", ScheduledProcedureStepSequence=[step, match(Modality="MR")])
    keys = ["-W", "-k", "PatientName", "-k", "ScheduledProcedureStepSequence[0].Modality"]
    keys += ["-k", "ScheduledProcedureStepSequence[0].ScheduledStationAETitle"]

    with archive(text_of([(PENDING, found)])) as asked:
        find(asked, *keys)
        listed = capsys.readouterr().out
        find(asked, *keys, "--csv")
        table = capsys.readouterr().out

    assert listed == (
        "PatientName: A^B\n"
        "ScheduledProcedureStepSequence[0]:\n"
        "  Modality: CT\n"
        "  ScheduledStationAETitle: ONE\\TWO\n"
        "ScheduledProcedureStepSequence[1]:\n"
        "  Modality: MR\n\n"
        "1 match\n"
    )
    assert table == (
        "PatientName,ScheduledProcedureStepSequence.Modality,"
        "ScheduledProcedureStepSequence.ScheduledStationAETitle\n"
        "A^B,CT\\MR,ONE\\TWO\n"
    )


def test_values_that_are_no_text_are_described(capsys: pytest.CaptureFixture[str]) -> None:
    found = match(PatientName=None, PixelData=b"\1\2", ReferencedStudySequence=[match(Rows=1)])
    found["PixelData"].VR = "OB"
    keys = ["-k", "PatientName", "-k", "ReferencedStudySequence", "-k", "PixelData"]

    with archive(text_of([(PENDING, found)])) as asked:
        find(asked, *keys, "-W", "--csv")

    assert capsys.readouterr().out == (
        "ReferencedStudySequence,PatientName,PixelData\n1 item,,2 bytes\n"
    )


def test_json_is_the_model_of_the_standard(capsys: pytest.CaptureFixture[str]) -> None:
    found = match(SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Änne")

    with archive(text_of([(PENDING, found), (PENDING, match(PatientID="7"))])) as asked:
        status = find(asked, *STUDIES, "--json")

    printed = capsys.readouterr()
    assert (status, printed.err) == (0, "")
    first, second = (Dataset.from_json(each) for each in json.loads(printed.out))
    assert (first.SpecificCharacterSet, first.PatientName) == ("ISO_IR 192", "Müller^Änne")
    assert second.PatientID == "7"


def test_json_without_matches_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    with archive(text_of([])) as asked:
        find(asked, *STUDIES, "--json")

    assert json.loads(capsys.readouterr().out) == []


def test_a_value_that_json_cannot_have_does_not_lose_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = match(PatientName="A^B")
    bad.add_new("SeriesNumber", "IS", "1")
    bad["SeriesNumber"]._value = "no number"

    with archive(text_of([(PENDING, bad)])) as asked:
        find(asked, *STUDIES, "--json")

    printed = capsys.readouterr()
    assert json.loads(printed.out)[0]["00100010"]["Value"] == [{"Alphabetic": "A^B"}]
    assert "W: A match has elements that are left out of the JSON: " in printed.err


def test_csv_has_a_column_for_each_key(capsys: pytest.CaptureFixture[str]) -> None:
    found = match(PatientName='A, "B"', ReferringPhysicianName="not asked for")

    with archive(text_of([(PENDING, found)])) as asked:
        find(asked, *STUDIES, "--csv")

    header, row = csv.reader(io.StringIO(capsys.readouterr().out))
    assert header == ["PatientName", "StudyInstanceUID"]
    assert row == ['A, "B"', ""]


def test_files_for_scripts_are_written_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "found.csv").write_text("of yesterday")

    with archive() as asked:
        find(asked, *STUDIES, "--json", tmp_path / "found.json", "--csv", tmp_path / "found.csv")

    assert capsys.readouterr() == ("3 matches\n", "")
    assert len(json.loads((tmp_path / "found.json").read_text())) == 3
    assert len((tmp_path / "found.csv").read_text().splitlines()) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["found.csv", "found.json"]


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    with archive() as asked:
        find(asked, *STUDIES, "--csv", tmp_path / "pipe")

    assert os.read(reader, 20) == b"PatientName,StudyIns"
    os.close(reader)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--json", "no/where.json"), "no/where.json: there is no folder "),
        (("--csv", "folder"), "folder: it is a folder, where a file is to be"),
        (("--json", "-", "--csv"), "--json and --csv cannot both go to standard output"),
    ],
)
def test_what_cannot_be_written_is_said_before_anybody_is_asked(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()

    status = findscu.main([LOOPBACK, str(free_port()), *STUDIES, *words])

    assert status == 1
    assert f"E: {complaint}" in capsys.readouterr().err


def test_a_folder_that_may_not_be_written_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    assert findscu.main([LOOPBACK, str(free_port()), *STUDIES, "-w"]) == 1
    assert "E: rsp000001.dcm: no permission to write there\n" in capsys.readouterr().err


def test_a_disk_that_is_full_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "writev", fail)
    with archive() as asked:
        status = find(asked, *STUDIES, "--json", tmp_path / "found.json")

    assert status == 1
    assert "found.json: the disk is full: make room\n" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_each_match_becomes_a_file_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with archive() as asked:
        find(asked, *STUDIES, "-w")

    names = ["rsp000001.dcm", "rsp000002.dcm", "rsp000003.dcm"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    files = [dcmread(tmp_path / name) for name in names]
    assert [each.PatientName for each in files][1:] == ["VIVALDI^ANTONIO", "CORELLI^ARCANGELO"]
    model = sop_class.PatientRootQueryRetrieveInformationModelFind
    assert {each.file_meta.MediaStorageSOPClassUID for each in files} == {model}


def test_a_match_that_cannot_become_a_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    bad = match(PatientName="A^B")
    monkeypatch.setattr(dsutils, "encode", encode_no(bad))

    with archive(text_of([(PENDING, bad), (PENDING, match(PatientID="1"))])) as asked:
        find(asked, *STUDIES, "-w")

    assert [path.name for path in tmp_path.iterdir()] == ["rsp000002.dcm"]
    assert "E: rsp000001.dcm is not written: the match cannot be en" in capsys.readouterr().err


def encode_no(bad: Dataset) -> Any:
    """Return an `encode` that fails for one data set of a file."""
    encode = dsutils.encode

    def fail(dataset: Dataset, is_implicit: bool, *more: bool) -> bytes | None:
        return None if dataset == bad and not is_implicit else encode(dataset, is_implicit, *more)

    return fail


@pytest.mark.parametrize(
    ("option", "model"),
    [
        ("", "PatientRootQueryRetrieveInformationModelFind"),
        ("-P", "PatientRootQueryRetrieveInformationModelFind"),
        ("--patient", "PatientRootQueryRetrieveInformationModelFind"),
        ("-S", "StudyRootQueryRetrieveInformationModelFind"),
        ("--study", "StudyRootQueryRetrieveInformationModelFind"),
        ("-O", "PatientStudyOnlyQueryRetrieveInformationModelFind"),
        ("--psonly", "PatientStudyOnlyQueryRetrieveInformationModelFind"),
        ("-W", "ModalityWorklistInformationFind"),
        ("--worklist", "ModalityWorklistInformationFind"),
        ("-U", "UnifiedProcedureStepPull"),
        ("--ups", "UnifiedProcedureStepPull"),
    ],
)
def test_an_option_chooses_what_kind_of_thing_is_asked_for(option: str, model: str) -> None:
    with archive(text_of([])) as asked:
        status = find(asked, *option.split(), *STUDIES)

    assert status == 0
    (event,) = asked.requests
    assert event.request.AffectedSOPClassUID == getattr(sop_class, model)


@pytest.mark.parametrize(
    ("option", "number"),
    [
        ("--relational-query", 0),
        ("--dt-matching", 1),
        ("--fuzzy-names", 2),
        ("--timezone-adj", 3),
        ("--enhanced-conversion", 4),
    ],
)
def test_extensions_are_negotiated_and_missed(
    capsys: pytest.CaptureFixture[str], option: str, number: int
) -> None:
    wanted = bytes(index == number for index in range(5))
    with archive() as refuses, archive(agrees=True) as agrees:
        find(refuses, "-S", option, *STUDIES)
        missed = capsys.readouterr().err
        find(agrees, "-S", option, *STUDIES)

    model = sop_class.StudyRootQueryRetrieveInformationModelFind
    assert refuses.extended == agrees.extended == [{model: wanted}]
    assert missed == f"W: The peer does not agree to {option}\n"
    assert capsys.readouterr().err == ""


def test_nothing_is_negotiated_unless_asked() -> None:
    with archive() as asked:
        find(asked, *STUDIES)

    assert asked.extended == []


@pytest.mark.slow
def test_every_other_option_has_its_effect(tmp_path: Path) -> None:
    keys = match(QueryRetrieveLevel="PATIENT", PatientName="CORELLI*", PatientID="")
    keys.save_as(tmp_path / "keys.dcm", implicit_vr=True, little_endian=True)
    options: list[object] = [
        "-aet",
        "MODALITY",
        "-aec",
        "NODE",
        "-ta",
        "5",
        "-td",
        "6.5",
        "-tn",
        "0",
    ]
    options += ["-pdu", "0", "-ll", "trace", "--strict", "-f", tmp_path / "keys.dcm"]

    with archive() as asked:
        finished = run("findscu", *options, *asked.words, "-k", "PatientName=VIVALDI*")

    (event,) = asked.requests
    requestor = event.assoc.requestor
    assert finished.status == 0, finished.err
    assert (requestor.ae_title, requestor.maximum_length) == ("MODALITY", 0)
    assert event.identifier.PatientName == "VIVALDI*"
    assert "PatientID: AV-1\n" in finished.out
    assert "D: " in finished.err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "What to ask for? -k KEY=VALUE names it, or -f FILE"),
        (("-k", "NoKeyword"), "'NoKeyword' is no keyword of the standard"),
        (("-k", "0010,0010"), "'0010,0010' is no element: Keyword or (gggg,eeee) is"),
        (("-k", "Rows=many"), "'Rows=many': the value does not fit Rows"),
        (("-k", "SeriesNumber=*"), "'SeriesNumber=*': the value does not fit SeriesNumber"),
        (("-f", "missing.dcm"), "missing.dcm: No such file or directory"),
        (("-f", __file__), f"{__file__}: it is no DICOM file"),
    ],
)
def test_keys_that_make_no_sense_are_named(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], complaint: str
) -> None:
    status = findscu.main([LOOPBACK, str(free_port()), *words])

    assert status == 1
    assert capsys.readouterr().err.startswith(f"E: {complaint}")


def test_values_that_no_peer_will_find_are_doubted(capsys: pytest.CaptureFixture[str]) -> None:
    with archive(text_of([])) as asked:
        find(asked, *STUDIES, "-k", "StudyDate=yesterday", "-k", "Modality=C?")

    assert capsys.readouterr().err == "W: Invalid value for VR DA: 'yesterday'.\n"
    assert [asked.identifiers[0][key].value for key in ("StudyDate", "Modality")] == [
        "yesterday",
        "C?",
    ]


def test_a_level_that_is_missing_is_missed(capsys: pytest.CaptureFixture[str]) -> None:
    with archive(text_of([])) as asked:
        find(asked, "-k", "PatientName")
        find(asked, "-W", "-k", "PatientName")
        find(asked, "-U", "-k", "PatientName")

    assert capsys.readouterr().err == (
        "W: No level is asked for, which most peers refuse: -k QueryRetrieveLevel=STUDY "
        "(or PATIENT, SERIES, IMAGE)\n"
    )


@pytest.mark.parametrize(
    ("name", "character_set"),
    [("CITIZEN", None), ("Müller", "ISO_IR 100"), ("山田", "ISO_IR 192")],
)
def test_names_go_out_as_they_are_spelled(name: str, character_set: str | None) -> None:
    with archive(text_of([])) as asked:
        find(asked, "-k", "QueryRetrieveLevel=PATIENT", "-k", f"PatientName={name}")

    (keys,) = asked.identifiers
    assert (keys.PatientName, keys.get("SpecificCharacterSet")) == (name, character_set)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (0xA700, "E: The peer says about C-FIND: 0xA700 Refused: out of resources\n"),
        (0xC123, "E: The peer says about C-FIND: 0xC123 Unable to process\n"),
        (0xB001, "W: The peer says about C-FIND: 0xB001 Response limit reached: ask again"),
        (0x0F0F, "E: The peer says about C-FIND: 0x0F0F a status that the standard does not"),
    ],
)
def test_a_failure_is_told_in_words_and_is_one_for_strict_scripts(
    capsys: pytest.CaptureFixture[str], code: int, line: str
) -> None:
    with archive(text_of([(PENDING, match(PatientID="1")), (code, None)])) as asked:
        status = find(asked, *STUDIES)
        strict = find(asked, *STUDIES, "--strict")

    assert (status, strict) == (0, 1)
    printed = capsys.readouterr()
    assert line in printed.err
    assert printed.out.count("PatientID: 1\n\n1 match\n") == 2


def test_a_peer_that_goes_away_leaves_what_had_come(capsys: pytest.CaptureFixture[str]) -> None:
    def go_away(event: evt.Event) -> Iterator[Any]:
        yield PENDING, match(PatientID="1")
        event.assoc.abort()

    with archive(go_away) as asked:
        status = find(asked, *STUDIES)

    printed = capsys.readouterr()
    assert status == 1
    assert printed.out == "PatientID: 1\n\n1 match\n"
    assert "E: C-FIND is incomplete: the peer ended the association\n" in printed.err


def test_an_element_that_is_broken_does_not_lose_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    inner = match(PatientName="A^B")
    inner.add_new("RecommendedDisplayFrameRateInFloat", "OB", b"\1\2")  # a float has 4 bytes
    found = match(PatientID="1", ReferencedStudySequence=[inner])

    with archive(text_of([(PENDING, found)])) as asked:
        find(asked, *STUDIES)

    printed = capsys.readouterr()
    assert "W: (0008,9459) of a match is left out: " in printed.err
    assert printed.out == (
        "ReferencedStudySequence[0]:\n  PatientName: A^B\nPatientID: 1\n\n1 match\n"
    )


def test_a_match_that_is_broken_is_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pynetdicom.services.find.decoded", lambda *_: None)

    with archive() as asked:
        find(asked, *STUDIES)

    assert capsys.readouterr().err.splitlines()[0] == (
        "E: Match 1 cannot be decoded: it is left out"
    )


def test_keys_that_cannot_be_encoded_are_no_crash(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pynetdicom.dsutils.encode", lambda *_: None)

    with archive() as asked:
        status = find(asked, *STUDIES)

    assert status == 1
    assert (
        "E: The keys cannot be sent: Failed to encode the supplied data set\n"
        in capsys.readouterr().err
    )


@pytest.mark.slow
def test_nobody_listening_is_explained() -> None:
    finished = run("findscu", LOOPBACK, free_port(), *STUDIES)

    assert finished.status == 1
    assert "Connection refused\n   Nobody listens there" in finished.err
    assert finished.out == ""


def test_a_model_that_the_peer_has_not_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    model = sop_class.PatientStudyOnlyQueryRetrieveInformationModelFind
    with archive(prepare=lambda ae: ae.remove_supported_context(model)) as asked:
        status = find(asked, "-O", *STUDIES)

    assert status == 1
    assert "it accepts nothing that we propose" in capsys.readouterr().err


def test_quiet_programs_print_what_scripts_asked_for_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with archive(text_of([(0xA700, None)])) as asked:
        find(asked, "-q", *STUDIES)
        nothing = capsys.readouterr()
        find(asked, "-q", *STUDIES, "--json")

    assert nothing == ("", "")
    assert capsys.readouterr() == ("[]\n", "")


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    with archive(is_endless=True) as asked:
        process = started("findscu", *asked.words, *STUDIES)
        assert process.stdout is not None
        first = process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
        process.stderr.close()
        status = process.wait(DEADLINE)

    assert first == "QueryRetrieveLevel: STUDY\n"
    assert (status, err) == (1, "")


@pytest.mark.slow
def test_ctrl_c_again_ends_without_waiting_for_the_peer() -> None:
    is_over = threading.Event()

    def be_deaf(event: evt.Event) -> Iterator[Any]:
        yield PENDING, match(PatientID="1")
        is_over.wait(DEADLINE)

    with archive(be_deaf) as asked:
        process = started("findscu", *asked.words, *STUDIES)
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "PatientID: 1\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.readline().startswith("W: Cancelling: ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE)
        is_over.set()

    assert (process.returncode, out.strip()) == (130, "1 match")
    assert err == "W: Interrupted: the association is aborted\n"


@pytest.mark.slow
@pytest.mark.parametrize("program", [findscu, getscu, movescu])
def test_tls_is_spoken_when_asked(certificates: Path, tmp_path: Path, program: Any) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / "node.pem", certificates / "node.key")

    with archive(text_of([(0xA900, None)]), ssl_context=context) as asked:
        words = [*asked.words, *STUDIES, "--tls", "--ca", str(certificates / "ca.pem")]
        status = program.main([*words, *(() if program is findscu else ("--ignore",))])

    assert (status, len(asked.requests)) == (0, 1)


@pytest.mark.slow
def test_ctrl_c_cancels_and_what_had_come_is_written(tmp_path: Path) -> None:
    found = tmp_path / "found.json"
    with archive(is_endless=True) as asked:
        process = started("findscu", *asked.words, *STUDIES, "--json", found)
        until(lambda: asked.requests or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE)

    assert process.returncode == 130
    assert asked.holds.noticed.is_set()
    assert "W: Cancelling: Ctrl-C again ends without waiting for the peer\n" in err
    assert "W: C-FIND is incomplete: 0xFE00 " in err
    assert out.endswith(" matches\n")
    assert len(json.loads(found.read_text())) == int(out.split()[0].replace(",", ""))
