"""`movescu` has objects sent, to others or to itself, counts them, and names what failed."""

import errno
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from apps.archives import UIDS, WHOLE_PATIENT, Asked, archive
from apps.stage import (
    DEADLINE,
    LOOPBACK,
    answers,
    files_in,
    node,
    run,
    started,
    until,
)
from apps.test_getscu import answer
from interop import studies
from ports import free_port
from pynetdicom import evt, sop_class
from pynetdicom.apps import movescu


def move(asked: Asked, *words: object) -> int:
    return movescu.main([*asked.words, *WHOLE_PATIENT, *map(str, words)])


@contextmanager
def archive_that_knows(title: str = "STORESCP", **options: Any) -> Iterator[tuple[Asked, int]]:
    """Run an archive that knows a destination on a free port; give both."""
    port = free_port()
    with archive(**options) as asked:
        asked.holds.destinations[title] = port
        yield asked, port


@pytest.mark.slow
def test_objects_are_sent_to_another_node_and_a_line_sums_it_up() -> None:
    with node() as viewer, archive() as asked:
        asked.holds.destinations["VIEWER"] = viewer.port
        finished = run("movescu", *asked.words, *WHOLE_PATIENT, "-aem", "VIEWER")

    assert (finished.status, finished.err) == (0, "")
    assert finished.out.startswith("4 objects: 4 sent, 0 warned, 0 failed in ")
    assert len(viewer.stored) == 4


def test_the_usual_destination_has_the_usual_name() -> None:
    with node() as there, archive() as asked:
        asked.holds.destinations["STORESCP"] = there.port
        status = move(asked)

    assert status == 0
    assert len(there.stored) == 4


@pytest.mark.slow
def test_the_program_is_its_own_destination_with_one_option(tmp_path: Path) -> None:
    with archive_that_knows() as (asked, port):
        words = [*asked.words, *WHOLE_PATIENT, "--store", "--store-port", port, "-od", tmp_path]
        finished = run("movescu", *words)

    assert (finished.status, finished.err) == (0, "")
    assert "\n4 objects: 4 sent, 0 warned, 0 failed; 34.3 KB in " in finished.out
    received = [dcmread(path) for path in tmp_path.iterdir()]
    assert studies.in_order(received) == studies.in_order(studies.instances()[:4])
    assert not answers(port)


def test_its_server_runs_before_it_asks_and_where_it_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen = []

    def look(event: evt.Event) -> Iterator[Any]:
        seen.append((capsys.readouterr().out, answers(port)))
        yield None, None

    with archive(look) as asked:
        port = free_port()
        move(asked, "--store", "--ignore", "--store-port", port)

    assert seen == [(f"STORESCP listens on 127.0.0.1 port {port}\n", True)]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ((), "STORESCP"),
        (("--store",), "STORESCP"),
        (("--store", "--store-aet", "VIEWER"), "VIEWER"),
        (("--store", "--store-aet", "VIEWER", "-aem", "OTHER"), "OTHER"),
        (("--move-aet", "OTHER"), "OTHER"),
    ],
)
def test_the_destination_is_who_is_named(words: tuple[str, ...], title: str) -> None:
    with archive() as asked:
        move(asked, *words, "--store-port", 0, "--ignore")

    (event,) = asked.requests
    assert event.move_destination == title


def test_its_server_listens_on_the_address_that_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with archive(answer((None, None))) as asked:
        move(asked, "--store", "--ignore", "--store-port", 0, "-ba", "0.0.0.0")

    assert re.match(r"STORESCP listens on 0\.0\.0\.0 port \d+\n", capsys.readouterr().out)


def test_a_port_that_is_taken_is_explained(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with node() as taken, archive() as asked:
        status = move(asked, "--store", "--store-port", taken.port, "-od", tmp_path)

    assert status == 1
    assert asked.requests == []
    assert capsys.readouterr().err == (
        f"E: Unable to listen on localhost port {taken.port}: {os.strerror(errno.EADDRINUSE)}\n"
        "   Another program listens there: end it, or take another port\n"
    )


def test_objects_go_into_folders_by_patient_study_and_series_when_asked(tmp_path: Path) -> None:
    with archive_that_knows() as (asked, port):
        move(asked, "--store", "--layout", "--store-port", port, "-od", tmp_path)

    assert files_in(tmp_path) == ["AV-1"]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 4


@pytest.mark.parametrize(
    ("option", "model"),
    [
        ("", "PatientRootQueryRetrieveInformationModelMove"),
        ("-P", "PatientRootQueryRetrieveInformationModelMove"),
        ("-S", "StudyRootQueryRetrieveInformationModelMove"),
        ("-O", "PatientStudyOnlyQueryRetrieveInformationModelMove"),
    ],
)
def test_an_option_chooses_the_model(option: str, model: str) -> None:
    with archive() as asked:
        move(asked, *option.split())

    (event,) = asked.requests
    assert event.request.AffectedSOPClassUID == getattr(sop_class, model)


@pytest.mark.parametrize(
    ("option", "wanted"),
    [("--relational-retrieval", b"\1\0"), ("--enhanced-conversion", b"\0\1")],
)
def test_extensions_are_negotiated(option: str, wanted: bytes) -> None:
    with archive(agrees=True) as asked:
        move(asked, option)

    assert asked.extended == [{sop_class.PatientRootQueryRetrieveInformationModelMove: wanted}]


@pytest.mark.slow
def test_every_other_option_has_its_effect(tmp_path: Path) -> None:
    options = ["-aet", "VIEWER", "-aec", "NODE", "-ta", "5", "-td", "6.5", "-tn", "0"]
    options += ["-pdu", "0", "-v", "--strict"]

    with node() as there, archive() as asked:
        asked.holds.destinations["STORESCP"] = there.port
        finished = run("movescu", *options, *asked.words, *WHOLE_PATIENT)

    (event,) = asked.requests
    requestor = event.assoc.requestor
    assert finished.status == 0, finished.err
    assert (requestor.ae_title, requestor.maximum_length) == ("VIEWER", 0)
    assert "I: Association Accepted\n" in finished.err


def test_what_the_destination_refused_is_named_and_fails_strict_scripts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with node(statuses=(0xA700, 0xB000, 0x0000, 0x0000, 0xA700)) as there, archive() as asked:
        asked.holds.destinations["STORESCP"] = there.port
        status = move(asked)
        printed = capsys.readouterr()
        strict = move(asked, "--strict")

    assert (status, strict) == (0, 1)
    assert "W: The peer says about C-MOVE: 0xB000 Done; some sub-operations failed" in printed.err
    assert f"failed: {UIDS[0]}: not sent; the peer does not say why\n" in printed.out
    assert "4 objects: 2 sent, 1 warned, 1 failed in " in printed.out


def test_a_warning_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    with node(statuses=(0xB000,)) as there, archive() as asked:
        asked.holds.destinations["STORESCP"] = there.port
        status = move(asked, "--strict")

    assert status == 0
    assert "4 objects: 3 sent, 1 warned, 0 failed in " in capsys.readouterr().out


def test_what_cannot_be_kept_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / f"MR.{UIDS[2]}").mkdir()  # where a file is to be

    with archive_that_knows() as (asked, port):
        status = move(asked, "--store", "--strict", "--store-port", port, "-od", tmp_path)

    assert status == 1
    assert f"failed: {UIDS[2]}: not kept: 0xA700 Refused: out of" in capsys.readouterr().out


def test_a_destination_that_the_peer_does_not_know_is_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with archive() as asked:
        status = move(asked, "-aem", "NOBODY")
        strict = move(asked, "-aem", "NOBODY", "--strict")
        elsewhere = capsys.readouterr()
        move(asked, "--store", "--store-port", 0, "--ignore")
        here = capsys.readouterr()

    assert (status, strict) == (0, 1)
    line = "E: The peer says about C-MOVE: 0xA801 The move destination is unknown\n"
    assert elsewhere.err == line * 2
    assert "hint: the peer has to know the AE title 'NOBODY'\n" in elsewhere.out
    assert re.search(
        r"hint: the peer has to know the AE title 'STORESCP' and where it listens: port \d\d+ of "
        "this machine\n",
        here.out,
    )


def test_a_peer_that_says_little_about_the_destination_is_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(event: evt.Event) -> Iterator[Any]:
        raise RuntimeError("as Orthanc does it")
        yield

    with archive(fail) as asked:
        move(asked, "-aem", "NOBODY")

    assert "hint: does the peer know the AE title 'NOBODY'?\n" in capsys.readouterr().out


def test_objects_that_go_astray_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with node(statuses=(0xA700,) * 4) as wrong, archive() as asked:
        asked.holds.destinations["STORESCP"] = wrong.port
        move(asked, "--store", "--store-port", 0, "--ignore")

    hint = "hint: nothing has come to us; does the peer send what is for 'STORESCP' to port"
    assert hint in capsys.readouterr().out


def test_a_peer_that_goes_away_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    def go_away(event: evt.Event) -> Iterator[Any]:
        event.assoc.abort()
        yield None, None

    with archive(go_away) as asked:
        status = move(asked)

    assert status == 1
    assert "E: C-MOVE is incomplete: " in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_said_before_anybody_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    words = [LOOPBACK, str(free_port()), *WHOLE_PATIENT, "--store", "-od", str(tmp_path / "file/x")]
    status = movescu.main(words)

    assert status == 1
    assert capsys.readouterr().err.startswith("E: Nothing can be stored in ")


def test_nothing_is_asked_without_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert movescu.main([LOOPBACK, str(free_port())]) == 1
    assert capsys.readouterr().err == "E: What to ask for? -k KEY=VALUE names it, or -f FILE\n"


def test_nothing_is_printed_when_told_so(capfd: pytest.CaptureFixture[str]) -> None:
    with archive() as asked:
        move(asked, "-q", "-aem", "NOBODY")

    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_nobody_listening_is_explained() -> None:
    finished = run("movescu", LOOPBACK, free_port(), *WHOLE_PATIENT)

    assert finished.status == 1
    assert "Connection refused\n   Nobody listens there" in finished.err
    assert finished.out == ""


@pytest.mark.slow
def test_ctrl_c_cancels_and_says_what_had_come(tmp_path: Path) -> None:
    with archive_that_knows(is_endless=True) as (asked, port):
        words = [*asked.words, *WHOLE_PATIENT, "--store", "--store-port", port, "-od", tmp_path]
        process = started("movescu", *words)
        until(lambda: files_in(tmp_path) or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE)

    assert process.returncode == 130
    assert asked.holds.noticed.is_set()
    assert "W: Cancelling: Ctrl-C again ends without waiting for the peer\n" in err
    assert "W: C-MOVE is incomplete: 0xFE00 The operation ended because it was cancelled\n" in err
    assert re.search(r"^20,000 objects: [\d,]+ sent, 0 warned, 0 failed, [\d,]+ left; ", out, re.M)
