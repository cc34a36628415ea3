"""Throws bytes at the upper layer: in every state, whole, byte by byte, and as a dialogue.

The one rule: whatever comes, the core ends in a legal state and raises nothing; what a user wishes
raises `LocalProtocolError` at most. Its own loop is bounded and repeatable:

    PYTHONPATH=src:tests python -m fuzz.fuzz_upper_layer --inputs 100000 --seconds 60 --seed 7

`--input HEX` tries one input again, `--atheris` hands over to Atheris, if that is installed, which
takes the arguments that follow.
"""

import argparse
import importlib
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random

from machine.states import P_DATA, RELEASE_RP, RELEASE_RQ, WAYS, associate_ac, associate_rq, side_in
from pynetdicom.dimse_primitives import C_ECHO
from pynetdicom.exceptions import LocalProtocolError, RemoteProtocolError
from pynetdicom.fsm import State
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_RJ
from pynetdicom.pdu_primitives import A_ABORT, A_P_ABORT, A_RELEASE
from pynetdicom.testing import Pair, Side, acceptance, build, pdus_in, rejection, request

NOTICES = frozenset(
    {"EVT_DATA_RECV", "EVT_DATA_SENT", "EVT_PDU_RECV", "EVT_PDU_SENT", "EVT_FSM_TRANSITION"}
)
PLACES = [(state, is_requestor) for is_requestor, ways in WAYS.items() for state in ways]

# A C-STORE-RQ of three PDUs on context 1, the last of them with two fragments.
STORE = (
    b"\x04\0\0\0\0\x50\0\0\0\x4c\x01\x03"
    b"\0\0\x02\0\x04\0\0\x001.2\0"  # affected SOP class UID
    b"\0\0\x00\x01\x02\0\0\0\x01\0"  # command field
    b"\0\0\x10\x01\x02\0\0\0\x07\0"  # message ID
    b"\0\0\x00\x07\x02\0\0\0\x02\0"  # priority
    b"\0\0\x00\x08\x02\0\0\0\x01\0"  # command data set type
    b"\0\0\x00\x10\x06\0\0\x001.2.34"  # affected SOP instance UID
    b"\0\0\x02\0\0\0\0\0"
    b"\x04\0\0\0\0\x0c\0\0\0\x08\x01\x00pixels"
    b"\x04\0\0\0\0\x12\0\0\0\x06\x01\x00more\0\0\0\x04\x01\x02!!"
)
CORPUS = (
    associate_rq(),
    associate_ac(),
    A_ASSOCIATE_RJ().encode(),
    P_DATA,
    STORE,
    RELEASE_RQ,
    RELEASE_RP,
    A_ABORT_RQ().encode(),
)
NUMBERS = (b"", b"\0", b"\x01", b"\x7f", b"\x80", b"\xff", b"\0\0", b"\xff\xff", b"\0\0\0\x06")


# One input.


def one_input(data: bytes) -> None:
    """Feed the core with `data`; what it raises, and an AssertionError, are findings.

    Args:
        data: A byte for the state, one for the way, one for how; the rest is the stream.
    """
    where, way, how = data[:3].ljust(3, b"\0")
    state, is_requestor = PLACES[where % len(PLACES)]
    side = side_in(state, is_requestor=is_requestor)
    side.core.watch(NOTICES if how & 1 else frozenset(), with_data=bool(how & 2))
    FEEDS[way % len(FEEDS)](side, data[3:], how)
    side.receive_eof()
    assert_legal(side)
    assert side.core.state is State.STA1, f"{side.core.state} after the end"


def whole(side: Side, stream: bytes, _how: int) -> None:
    side.receive(stream)
    assert_legal(side)


def in_pieces(side: Side, stream: bytes, how: int) -> None:
    side.receive(stream, 1 + how // 16)
    assert_legal(side)


def as_dialogue(_side: Side, script: bytes, how: int) -> None:
    """Let two cores talk; `script` says what their users wish and how the wire mangles it."""
    pair = Pair()
    if how & 4:
        pair.establish()
    position = 0
    while position + 2 < len(script):
        action, number = script[position], script[position + 1]
        sides = (pair.requestor, pair.acceptor)
        one, other = sides if action & 1 else sides[::-1]
        material = script[position + 2 : position + 2 + number % 8]
        with suppress(LocalProtocolError):
            STEPS[(action >> 1) % len(STEPS)](one, other, number, material)
        assert_legal(one)
        assert_legal(other)
        position += 2 + len(material)


FEEDS = (whole, in_pieces, as_dialogue)

WISHES: tuple[Callable[[], object], ...] = (
    A_RELEASE,
    lambda: A_RELEASE("affirmative"),
    lambda: A_ABORT(0),
    lambda: A_P_ABORT(5),
    request,
    lambda: acceptance(request()),
    rejection,
    lambda: build(C_ECHO, MessageID=1, AffectedSOPClassUID="1.2"),
)


def wish(one: Side, _other: Side, number: int, _material: bytes) -> None:
    primitive = WISHES[number % len(WISHES)]()
    one.send(primitive)  # type: ignore[arg-type]  # a table of all kinds


def carry(one: Side, other: Side, number: int, _material: bytes) -> None:
    other.receive(one.take_bytes(), number)


def mangle(one: Side, other: Side, number: int, material: bytes) -> None:
    said = bytearray(one.take_bytes())
    at = number % (len(said) + 1)
    said[at : at + len(material)] = material
    other.receive(bytes(said))


def inject(one: Side, _other: Side, _number: int, material: bytes) -> None:
    one.receive(material)


def open_connection(one: Side, _other: Side, _number: int, _material: bytes) -> None:
    one.connect()


def lose_connection(one: Side, _other: Side, _number: int, _material: bytes) -> None:
    one.receive_eof()


def let_time_pass(one: Side, _other: Side, _number: int, _material: bytes) -> None:
    one.expire()


STEPS = (wish, carry, mangle, wish, carry, inject, open_connection, lose_connection, let_time_pass)


def assert_legal(side: Side) -> None:
    """Check what is true of an association whatever has happened to it."""
    core = side.core
    runs = core.state in (State.STA2, State.STA13)
    assert core.artim_running == runs, f"ARTIM in {core.state}: {core.artim_running}"
    assert not core.close_wanted or core.state is State.STA1, f"close wanted in {core.state}"
    assert core.error is None or isinstance(core.error, RemoteProtocolError), core.error
    pdus_in(side.sent)


# Many inputs.


def random_input(random: Random) -> bytes:
    """Return the head of an input and a stream that is valid here and there."""
    parts = random.choices(CORPUS, k=random.randrange(4))
    stream = mutated(b"".join(parts), random) if parts else random.randbytes(random.randrange(64))
    return random.randbytes(3) + stream


def mutated(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randrange(5)):
        at = random.randrange(len(changed) + 1)
        end = at + random.choice((0, 1, 1, 2, 4, 20))
        changed[at:end] = random.choice((*NUMBERS, random.randbytes(2), bytes(changed[at:end]) * 2))
    return bytes(changed)


def fuzz(inputs: int, seconds: float, seed: int) -> int:
    """Try inputs until there were enough or time is up; return how many.

    Raises:
        Exception: The first finding; its input is written to the standard error.
    """
    random = Random(seed)
    deadline = time.monotonic() + seconds
    for number in range(inputs):
        if time.monotonic() > deadline:
            return number
        data = random_input(random)
        try:
            one_input(data)
        except BaseException:
            sys.stderr.write(f"input {number} of seed {seed}: --input {data.hex()}\n")
            raise
    return inputs


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Throw bytes at the upper layer.")
    parser.add_argument("--inputs", type=int, default=100_000, help="how many at most")
    parser.add_argument("--seconds", type=float, default=60, help="how long at most")
    parser.add_argument("--seed", type=int, default=0, help="which random numbers")
    parser.add_argument("--input", type=bytes.fromhex, help="try this one alone")
    parser.add_argument("--atheris", action="store_true", help="hand over to Atheris")
    options, rest = parser.parse_known_args(arguments)
    if options.atheris:
        atheris = importlib.import_module("atheris")
        atheris.instrument_all()
        atheris.Setup([sys.argv[0], *rest], one_input)
        atheris.Fuzz()
    elif options.input is not None:
        one_input(options.input)
    else:
        started = time.monotonic()
        tried = fuzz(options.inputs, options.seconds, options.seed)
        taken = time.monotonic() - started
        sys.stdout.write(f"{tried} inputs in {taken:.1f} s, {tried / taken:.0f} a second\n")


if __name__ == "__main__":
    main(sys.argv[1:])
