"""Whose turn it is to read from the socket of a blocking association.

Any thread may wait for something the peer will send, but only one may read. So whoever waits and
finds nobody reading becomes the reader, for itself and all others, and tells them after each read
to look again whether what they wait for is there. No bytes are handed over, no queue is filled.

The association's own thread, the watcher, waits for what nobody else waits for: requests, a
release, an abort, a lost connection. It is shy. Taking the turn from it would cost a caller two
wake-ups, which are dearer than the exchange itself; so while calls follow each other it stays
aside, and reads only once the association has been quiet for a moment. A reader that is blocked
needs no bell: its read returns because the peer answers, or because an abort shuts the socket.
"""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

# How long there must be no call before the watcher reads, in seconds. A peer's abort just behind
# the last call is noticed this much later at the most.
QUIET: Final = 0.05

Ready = Callable[[], object]
Deadline = float | None
Read = Callable[[Deadline], None]


def remaining(deadline: Deadline) -> float | None:
    """Return the seconds until `deadline`, at least 0; ``None`` if there is no deadline."""
    return None if deadline is None else max(0.0, deadline - monotonic())


def earlier(one: Deadline, other: Deadline) -> Deadline:
    """Return the deadline that comes first."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


class Turn:
    """The turn to read.

    Args:
        read: Reads once, at the latest until the deadline it is given, and keeps what came where
            those who wait look for it. Called by one thread at a time, with no lock held.
        expects_calls: Whether the watcher is to be shy from the beginning: true for a requestor,
            whose user will call at once, false for an acceptor, whose peer will.
    """

    def __init__(self, read: Read, *, expects_calls: bool = False) -> None:
        self.is_over = False
        self._read = read
        self._expects_calls = expects_calls
        # Protects the five below. Never held while reading, nor while a handler runs.
        self._lock = threading.Lock()
        self._followers = threading.Condition(self._lock)
        self._watcher = threading.Condition(self._lock)
        self._has_reader = False
        self._waiting = 0  # followers
        self._is_parked = False  # the watcher waits without end: somebody must wake it
        self._calls = 0

    def wait_until(self, ready: Ready, deadline: Deadline) -> bool:
        """Read, or let another thread read, until `ready()`.

        Args:
            ready: Whether what is waited for is there; must not block.
            deadline: When to give up, by the monotonic clock; ``None`` for never.

        Returns:
            Whether it is there, or all is over.
        """
        with self._lock:
            self._calls += 1
            try:
                while not (ready() or self.is_over):
                    if deadline is not None and monotonic() >= deadline:
                        return False
                    if self._has_reader:
                        self._follow(deadline)
                    else:
                        self._lead(deadline)
                return True
            finally:
                if self._is_parked:
                    self._watcher.notify()

    def watch(
        self,
        ready: Ready,
        deadline: Callable[[], Deadline],
        may_read: Callable[[], bool] = lambda: True,
    ) -> bool:
        """Do as `wait_until`, but only read when no call has been under way for a moment.

        Args:
            ready: Whether there is something for the watcher to do.
            deadline: Returns when to give up; asked again whenever the watcher reads.
            may_read: Whether there is room for what would be read; asked again after each call.

        Returns:
            False when the deadline passed while the watcher was reading.
        """
        with self._lock:
            calls = -1 if self._expects_calls else self._calls
            while not ready():
                if self._has_reader or calls != self._calls or not may_read():
                    calls = self._stay_aside(is_same_call=calls == self._calls)
                    continue
                until = deadline()
                if until is not None and monotonic() >= until:
                    return False
                self._lead(until)
            return True

    def read_once(self) -> bool:
        """Read what has come, unless another thread reads; return whether this one did."""
        with self._lock:
            if self._has_reader:
                return False
            self._lead(monotonic())
            return True

    def end(self) -> None:
        """Let nobody wait any more."""
        self.is_over = True
        self.wake()

    def wake(self) -> None:
        """Let everybody look again: something changed that no read brought."""
        with self._lock:
            self._followers.notify_all()
            self._watcher.notify()

    def _lead(self, deadline: Deadline) -> None:
        """Read once; the lock is released meanwhile."""
        self._has_reader = True
        self._lock.release()
        try:
            self._read(deadline)
        finally:
            self._lock.acquire()
            self._has_reader = False
            if self._waiting:
                self._followers.notify_all()

    def _follow(self, deadline: Deadline) -> None:
        self._waiting += 1
        try:
            self._followers.wait(remaining(deadline))
        finally:
            self._waiting -= 1

    def _stay_aside(self, *, is_same_call: bool) -> int:
        """Wait until there may be quiet; return how many calls there were by then.

        During one long call there is no looking again and again: its end wakes the watcher, and
        only then the moment of quiet begins, which the number -1 makes it wait for.
        """
        self._is_parked = is_same_call
        self._watcher.wait(None if is_same_call else QUIET)
        self._is_parked = False
        return -1 if is_same_call else self._calls
