"""The fuzzer itself: that what it starts from is right, and that it finds what it should."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from fuzz import fuzz_upper_layer as fuzzer
from machine.states import P_DATA, side_in
from pynetdicom.dimse_primitives import C_ECHO, C_STORE
from pynetdicom.fsm import State
from pynetdicom.testing import Side, pdus_in

TESTS = Path(__file__).resolve().parents[1]


def test_the_corpus_is_what_peers_may_send() -> None:
    assert {pdu.pdu_type for wire in fuzzer.CORPUS for pdu in pdus_in(wire)} == set(range(1, 8))


def test_its_messages_arrive() -> None:
    side = side_in(State.STA6, is_requestor=False)

    side.receive(P_DATA + fuzzer.STORE)

    echo, store = side.events
    assert isinstance(echo, C_ECHO)
    assert isinstance(store, C_STORE)
    assert store.DataSet is not None
    assert store.DataSet.getvalue() == b"pixelsmore!!"


@pytest.mark.slow
def test_a_moment_of_it_finds_nothing() -> None:
    assert fuzzer.fuzz(inputs=300, seconds=10, seed=1) == 300


def test_it_stops_when_time_is_up() -> None:
    assert fuzzer.fuzz(inputs=300, seconds=-1, seed=1) == 0


def test_it_can_be_repeated() -> None:
    assert fuzzer.random_input(Random(7)) == fuzzer.random_input(Random(7))


def test_a_finding_is_told_with_its_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stumble(_side: Side, _data: bytes, _piece: int = 0) -> None:
        raise IndexError("a bug")

    monkeypatch.setattr(Side, "receive", stumble)

    with pytest.raises(IndexError):
        fuzzer.fuzz(inputs=10, seconds=10, seed=1)
    assert "input 0 of seed 1: --input " in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--inputs", "20"], ["--input", "00010203"]])
def test_it_is_a_program(arguments: list[str]) -> None:
    path = f"{TESTS}:{TESTS.parent / 'src'}"
    command = [sys.executable, "-m", "fuzz.fuzz_upper_layer", *arguments]

    subprocess.run(command, env={"PYTHONPATH": path}, check=True, timeout=60, capture_output=True)
