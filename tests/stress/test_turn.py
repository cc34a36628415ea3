"""Many threads that wait for different things of one connection: all come, none waits in vain."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from time import monotonic

import pytest

from fronts.stage import PATIENCE, eventually, run_all
from pynetdicom._turn import QUIET, Turn


class Line:
    """What threads read from: things arrive and are kept where those who wait look for them."""

    def __init__(self) -> None:
        self._coming: list[str] = []
        self._arrived = threading.Condition()
        self.kept: Counter[str] = Counter()
        self.readers = 0
        self.most_readers = 0

    def say(self, *things: str) -> None:
        with self._arrived:
            self._coming += things
            self._arrived.notify_all()

    def read(self, deadline: float | None) -> None:
        self.readers += 1
        self.most_readers = max(self.most_readers, self.readers)
        with self._arrived:
            left = PATIENCE if deadline is None else max(0.0, deadline - monotonic())
            self._arrived.wait_for(lambda: self._coming, left)
            self.kept.update(self._coming[:2])
            del self._coming[:2]
        self.readers -= 1

    def take(self, thing: str) -> bool:
        """Return whether a thing is there, and take it."""
        is_there = self.kept[thing] > 0
        self.kept[thing] -= is_there
        return is_there


def test_who_waits_alone_reads() -> None:
    line = Line()
    turn = Turn(line.read, expects_calls=False)
    line.say("a", "b", "c")

    assert turn.wait_until(lambda: line.take("c"), None)
    assert line.kept == Counter("ab")


def test_what_is_there_needs_no_read() -> None:
    turn = Turn(lambda deadline: pytest.fail("nothing to read"), expects_calls=False)

    assert turn.wait_until(lambda: True, None)


def test_waiting_ends_at_the_deadline() -> None:
    line = Line()
    turn = Turn(line.read, expects_calls=False)

    assert not turn.wait_until(lambda: line.take("a"), monotonic() + 0.01)
    deadline = monotonic() + 0.01
    assert not turn.watch(lambda: line.take("a"), lambda: deadline)


def test_the_deadline_of_a_follower_ends_only_its_own_wait() -> None:
    line = Line()
    late: list[bool] = []
    turn = Turn(line.read, expects_calls=False)

    def follow() -> None:
        assert eventually(lambda: line.readers)
        late.append(turn.wait_until(lambda: line.take("b"), monotonic() + 0.02))
        line.say("a")

    def lead() -> None:
        assert turn.wait_until(lambda: line.take("a"), monotonic() + PATIENCE)

    run_all(lead, follow)

    assert late == [False]


def test_a_reader_that_fails_leaves_the_turn_to_others() -> None:
    line, failures = Line(), [OSError("broken")]

    def read(deadline: float | None) -> None:
        if failures:
            raise failures.pop()
        line.read(deadline)

    turn = Turn(read, expects_calls=False)
    line.say("a")

    with pytest.raises(OSError, match="broken"):
        turn.wait_until(lambda: line.take("a"), None)
    assert turn.wait_until(lambda: line.take("a"), None)


def test_the_watcher_stays_aside_while_calls_follow_each_other() -> None:
    line, watched = Line(), []
    turn = Turn(line.read, expects_calls=False)
    told = threading.Event()

    def watch() -> None:
        told.set()
        assert turn.watch(lambda: line.take("request"), lambda: None)
        watched.append("request")

    def call() -> None:
        assert told.wait(PATIENCE)
        for number in range(50):
            line.say(f"answer {number}")
            assert turn.wait_until(partial(line.take, f"answer {number}"), None)
        line.say("request")

    run_all(watch, call)

    assert watched == ["request"]
    assert line.most_readers == 1


def test_the_watcher_reads_when_there_was_quiet() -> None:
    line = Line()
    turn = Turn(line.read, expects_calls=False)
    turn.wait_until(lambda: True, None)
    line.say("request")

    assert turn.watch(lambda: line.take("request"), lambda: None)


def test_the_watcher_leaves_the_beginning_to_whoever_is_expected_to_call() -> None:
    line = Line()
    turn = Turn(line.read, expects_calls=True)
    line.say("request")
    asked: list[int] = []

    def ready() -> bool:
        asked.append(line.most_readers)
        return line.take("request")

    assert turn.watch(ready, lambda: None)

    assert asked[:2] == [0, 0]


def test_the_watcher_is_woken_by_the_end_of_a_long_call() -> None:
    line = Line()
    turn = Turn(line.read, expects_calls=False)

    def call() -> None:
        assert turn.wait_until(lambda: line.take("answer"), None)

    def watch() -> None:
        assert eventually(lambda: line.readers)
        assert turn.watch(lambda: line.take("request"), lambda: None)

    def speak() -> None:
        assert eventually(lambda: turn._is_parked)
        line.say("answer", "request")

    run_all(call, watch, speak)


def test_the_watcher_is_woken_by_the_end_of_a_call_that_waited_in_vain() -> None:
    line = Line()
    turn = Turn(line.read, expects_calls=False)

    def call() -> None:
        assert not turn.wait_until(lambda: line.take("answer"), monotonic() + 0.1)

    def watch() -> None:
        assert eventually(lambda: line.readers)
        assert turn.watch(lambda: line.take("request"), lambda: None)

    def speak() -> None:
        assert eventually(lambda: turn._is_parked)
        assert eventually(lambda: not line.readers)
        line.say("request")

    run_all(call, watch, speak)


def test_the_watcher_looks_again_when_it_is_woken() -> None:
    line = Line()
    work: list[str] = []
    turn = Turn(line.read, expects_calls=False)

    def call() -> None:
        assert turn.wait_until(lambda: line.take("answer"), None)

    def watch() -> None:
        assert eventually(lambda: line.readers)
        assert turn.watch(lambda: work, lambda: None)
        line.say("answer")

    def speak() -> None:
        assert eventually(lambda: turn._is_parked)
        work.append("found by the caller")
        turn.wake()

    run_all(call, watch, speak)


def test_somebody_may_read_what_is_there_unless_another_reads() -> None:
    line, outcomes = Line(), []
    turn = Turn(line.read, expects_calls=False)
    line.say("a")

    def call() -> None:
        assert turn.wait_until(lambda: line.take("b"), None)

    def look() -> None:
        assert eventually(lambda: line.readers)
        outcomes.append(turn.read_once())
        line.say("b")

    assert turn.read_once()
    assert line.take("a")
    run_all(call, look)
    assert outcomes == [False]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_lost_among_many_threads(seed: int) -> None:
    chance, line = random.Random(seed), Line()
    turn, requests, calls = Turn(line.read, expects_calls=False), 200, 100
    pauses = [chance.choice((0.0, 0.0, 0.0002, 0.002)) for _ in range(97)]
    over = threading.Event()

    def caller(number: int) -> Callable[[], None]:
        def call() -> None:
            for turn_number in range(calls):
                thing = f"answer {number}"
                over.wait(pauses[(turn_number * 7 + number) % len(pauses)])
                threading.Thread(target=line.say, args=(thing,)).start()
                assert turn.wait_until(partial(line.take, thing), monotonic() + PATIENCE)

        return call

    def watch() -> None:
        for _ in range(requests):
            assert turn.watch(lambda: line.take("request"), lambda: monotonic() + PATIENCE)

    def ask() -> None:
        for number in range(requests):
            over.wait(pauses[number % len(pauses)])
            line.say("request")

    run_all(watch, ask, *(caller(number) for number in range(6)))

    assert +line.kept == Counter()
    assert line.most_readers == 1


def test_quiet_is_short() -> None:
    assert QUIET <= 0.05


def test_the_watcher_leaves_what_there_is_no_room_for_until_a_call_makes_some() -> None:
    line, room = Line(), threading.Event()
    turn = Turn(line.read)
    line.kept["answer"] = 1
    line.say("request")

    def watch() -> None:
        assert turn.watch(lambda: line.take("request"), lambda: None, room.is_set)

    def make_room() -> None:
        assert eventually(lambda: turn._is_parked)
        assert line.most_readers == 0
        room.set()
        assert turn.wait_until(lambda: line.take("answer"), None)

    run_all(watch, make_room)

    assert line.most_readers == 1
