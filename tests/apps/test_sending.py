"""`storescu` sends over several associations, and again what was lost on the way."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from apps.stage import (
    CT,
    DEADLINE,
    JPEG_2000,
    LOOPBACK,
    MR,
    node,
    run,
    started,
    until,
)
from apps.test_peers import server_context
from ports import free_port
from pynetdicom import AE, evt
from pynetdicom.apps import storescu
from pynetdicom.sop_class import MRImageStorage


def never(seconds: float) -> None:
    pytest.fail(f"a pause of {seconds} s")


def send(port: int, *words: object, pause: Callable[[float], object] = never) -> int:
    return storescu.main([LOOPBACK, str(port), *map(str, words)], pause=pause)


def copies(folder: Path, count: int) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number}.dcm" for number in range(count)]
    for path in paths:
        path.write_bytes(CT.read_bytes())
    return paths


def test_several_associations_send_at_once(tmp_path: Path) -> None:
    all_are_here = threading.Barrier(3)

    def wait_for_the_others(event: evt.Event) -> None:
        all_are_here.wait(DEADLINE)

    with node(on_store=wait_for_the_others) as there:
        status = send(there.port, "--jobs", 3, *copies(tmp_path, 6))

    assert status == 0
    assert (len(there.requested), len(there.stored)) == (3, 6)


def test_there_are_no_more_associations_than_files() -> None:
    with node() as there:
        send(there.port, "-j", 9, CT, MR)

    assert len(there.requested) <= 2
    assert len(there.stored) == 2


def test_a_peer_that_allows_fewer_gets_it_over_fewer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def turn_away_all_but_one(event: evt.Event) -> None:
        if len(there.requested) > 1:
            event.assoc.acse.send_reject(2, 3, 2)

    def wait_for_the_others(event: evt.Event) -> None:
        until(lambda: len(there.requested) == 3)

    with node(on_store=wait_for_the_others, on_request=turn_away_all_but_one) as there:
        status = send(there.port, "--jobs", 3, *copies(tmp_path, 4))

    assert (status, len(there.stored)) == (0, 4)
    assert "W: Rejected by " in capsys.readouterr().err


def test_a_pause_ends_when_the_others_have_sent_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def turn_away_all_but_one(event: evt.Event) -> None:
        if len(there.requested) > 1:
            event.assoc.acse.send_reject(2, 3, 2)

    def wait_for_the_other(event: evt.Event) -> None:
        until(lambda: len(there.requested) == 2)

    monkeypatch.setattr("pynetdicom.apps._sending._FIRST_PAUSE", 3600.0)
    monkeypatch.setattr("pynetdicom.apps._sending._LONGEST_PAUSE", 3600.0)
    with node(on_store=wait_for_the_other, on_request=turn_away_all_but_one) as there:
        words = [LOOPBACK, str(there.port), *map(str, copies(tmp_path, 3))]
        status = storescu.main([*words, "--jobs", "2", "--retries", "1"])

    assert (status, len(there.stored)) == (0, 3)


def test_a_peer_that_is_not_there_yet_is_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            stack.callback(ae.start_server((LOOPBACK, port), False, evt_handlers=stores).shutdown)

    ae = AE()
    ae.add_supported_context(MRImageStorage)
    stores: list[evt.EventHandlerType] = [(evt.EVT_C_STORE, lambda event: 0x0000)]
    with ExitStack() as stack:
        status = send(port, "--retries", 3, MR, pause=pause)

    printed = capsys.readouterr()
    assert (status, pauses) == (0, [1.0, 2.0])
    assert "Connection refused" in printed.err
    assert "W: Attempt 2 of 3 to go on in 2 s\n" in printed.err
    assert printed.out.startswith("sent 1 of 1 file, ")


def test_pauses_grow_and_have_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    pauses: list[float] = []

    status = send(free_port(), "--retries", 8, CT, MR, pause=pauses.append)

    assert (status, pauses) == (1, [1, 2, 4, 8, 16, 32, 60, 60])
    assert capsys.readouterr().out == "sent 0 of 2 files, 2 not tried\n"


def test_a_peer_that_says_never_is_not_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    def be_strict(ae: AE) -> None:
        ae.require_called_aet = True

    with node(be_strict) as there:
        status = send(there.port, "--retries", 3, CT)

    assert status == 1
    assert "The peer is not called 'ANY-SCP'" in capsys.readouterr().err


def test_a_peer_that_is_not_trusted_is_not_tried_again(
    certificates: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with node(ssl_context=server_context(certificates)) as there:
        status = send(there.port, "--retries", 3, "--tls", CT)

    assert status == 1
    assert "its certificate is not accepted" in capsys.readouterr().err


def test_what_was_not_answered_is_sent_again(capsys: pytest.CaptureFixture[str]) -> None:
    turns: list[object] = []

    def abort_the_second(event: evt.Event) -> None:
        turns.append(event)
        if len(turns) == 2:
            event.assoc.abort()

    with node(on_store=abort_the_second) as there:
        status = send(there.port, "--retries", 1, CT, MR, JPEG_2000)

    printed = capsys.readouterr()
    assert status == 0
    assert len(turns) == 4
    assert f"W: {MR}: the peer ended the association; it is sent again\n" in printed.err
    assert printed.out.startswith("sent 3 of 3 files, ")


def test_a_file_that_the_peer_never_answers_does_not_stop_the_rest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def abort_at_mr(event: evt.Event) -> None:
        if event.context.abstract_syntax == MRImageStorage:
            tries.append(event)
            event.assoc.abort()

    tries: list[object] = []
    pauses: list[float] = []
    with node(on_store=abort_at_mr) as there:
        status = send(there.port, "--retries", 2, CT, MR, JPEG_2000, pause=pauses.append)

    printed = capsys.readouterr()
    assert (status, len(tries), pauses) == (1, 3, [1.0, 2.0])
    assert f"E: {MR}: the peer ended the association\n" in printed.err
    assert printed.out.startswith("sent 2 of 3 files, 1 failed, ")


def test_failures_are_listed_at_the_end_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("no image")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)

    with node(statuses=(0xB000,)) as there:
        send(there.port, tmp_path / "notes.txt", CT)

    lines = capsys.readouterr().err.splitlines()
    assert [line[:3] for line in lines] == ["W: ", "E: "]
    assert "notes.txt: The file has no 'DICM' prefix" in lines[1]


def test_an_error_of_ours_in_a_thread_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("pynetdicom.apps._sending.status_text", fail)
    with node() as there, pytest.raises(ZeroDivisionError):
        send(there.port, CT)


@pytest.mark.slow
def test_an_interrupted_run_is_resumed(tmp_path: Path) -> None:
    files = copies(tmp_path / "images", 5)
    journal = tmp_path / "journal"
    processes: list[subprocess.Popen[str]] = []

    def interrupt_at_the_third(event: evt.Event) -> None:
        if len(there.stored) == 2 and not processes[0].poll():
            processes[0].send_signal(signal.SIGINT)
            never_ends.wait(DEADLINE)

    never_ends = threading.Event()
    with node(on_store=interrupt_at_the_third) as there:
        words = ["storescu", LOOPBACK, there.port, "--resume", "--journal", journal, *files]
        with started(*words) as process:
            processes.append(process)
            out, err = process.communicate(timeout=DEADLINE)
        never_ends.set()
        there.stored.clear()
        again = run(*words)

    assert (process.returncode, err) == (130, "W: Interrupted: 1 association aborted\n")
    assert out.startswith("sent 2 of 5 files, 3 not tried, ")
    assert out.endswith("\nhint: the same command with --resume sends the rest\n")
    assert again.out.startswith("sent 3 of 5 files, 2 sent before, ")
