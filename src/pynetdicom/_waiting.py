"""How a blocking association waits for its socket.

Every wait has a deadline, and shutting the socket ends it. One thread can read while another
writes. Where the kernel keeps the time of a read itself, reading is one call instead of two: with
many associations that counts, for after each call a thread waits for its turn to run Python.
"""

import select
import socket
import ssl
import sys
import threading
from struct import Struct
from time import monotonic
from typing import Any, Final, Protocol

from pynetdicom._turn import remaining

_IN_VAIN: Final = "The peer sent nothing in time"


class Waiter:
    """Waits until a socket can be read from, or written to, or either."""

    def __init__(
        self, sock: socket.socket, *, to_read: bool = False, to_write: bool = False
    ) -> None:
        self._reading = [sock] if to_read else []
        self._writing = [sock] if to_write else []
        self._all = [sock]
        self._poll: Any = None
        if hasattr(select, "poll"):
            self._poll = select.poll()
            wanted = (select.POLLIN if to_read else 0) | (select.POLLOUT if to_write else 0)
            self._poll.register(sock, wanted)

    def wait(self, timeout: float | None) -> bool:
        """Return whether the socket became ready, or broke, within `timeout` seconds."""
        if self._poll is not None:
            return bool(self._poll.poll(None if timeout is None else timeout * 1000))
        # Windows has no poll, and its select no limit to the number of the descriptor.
        return any(select.select(self._reading, self._writing, self._all, timeout))


class Reader(Protocol):
    """Reads from a socket, by one thread at a time."""

    def read_into(self, view: memoryview, deadline: float | None) -> int:
        """Read what has come, at most as much as fits into `view`.

        Args:
            view: Where to put it.
            deadline: When to give up, by the monotonic clock; ``None`` for never.

        Returns:
            The number of bytes; 0 when the connection is at its end: closed or reset by the peer,
            or shut by us.

        Raises:
            TimeoutError: Nothing came before the deadline.
        """


class PollingReader:
    """Waits, then reads."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._readable = Waiter(sock, to_read=True)

    def read_into(self, view: memoryview, deadline: float | None) -> int:
        """See `Reader`."""
        while True:
            if not self._readable.wait(remaining(deadline)):
                raise TimeoutError(_IN_VAIN)
            try:
                return self._sock.recv_into(view)
            except BlockingIOError:
                continue
            except OSError:
                return 0


class TLSReader:
    """Waits, then reads, unless TLS has decrypted bytes that the system knows nothing of.

    Args:
        sock: The socket.
        lock: Held for its calls, which do not block: OpenSSL's objects are not for two threads.
    """

    def __init__(self, sock: ssl.SSLSocket, lock: threading.Lock) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._lock = lock
        self._readable = Waiter(sock, to_read=True)

    def read_into(self, view: memoryview, deadline: float | None) -> int:
        """See `Reader`."""
        while True:
            if not self._sock.pending() and not self._readable.wait(remaining(deadline)):
                raise TimeoutError(_IN_VAIN)
            try:
                with self._lock:
                    return self._sock.recv_into(view)
            except (BlockingIOError, ssl.SSLWantReadError):
                continue
            except OSError:
                return 0


_TIMEVAL: Final = Struct("@ll")  # seconds, microseconds
_SHORT: Final = 0.02  # seconds that are kept exactly


class KernelReader:
    """Reads, and the kernel keeps the time (SO_RCVTIMEO).

    What the kernel was told holds for many reads: it is told anew only when the deadline is nearer
    than that, or much farther away.
    """

    is_possible = sys.platform == "linux" and sys.maxsize > 1 << 32

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(True)
        self._sock = sock
        self._patience = 0.0  # seconds that the kernel waits; 0 for ever

    def read_into(self, view: memoryview, deadline: float | None) -> int:
        """See `Reader`."""
        while True:
            left = None if deadline is None else deadline - monotonic()
            try:
                if left is not None and left <= 0.0:
                    return self._sock.recv_into(view, 0, socket.MSG_DONTWAIT)
                if left is None or not 0.5 * left <= self._patience <= left:
                    self._have_patience(left)
                return self._sock.recv_into(view)
            except BlockingIOError:
                if left is not None and left <= 0.0:
                    raise TimeoutError(_IN_VAIN) from None
            except OSError:
                return 0

    def _have_patience(self, left: float | None) -> None:
        """Tell the kernel to wait for the most of `left`."""
        wanted = 0.0 if left is None else left
        if wanted > _SHORT:
            wanted *= 0.9
        if wanted != self._patience:
            seconds, fraction = divmod(max(wanted, 1e-6) if wanted else 0.0, 1)
            timeval = _TIMEVAL.pack(int(seconds), int(fraction * 1e6))
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval)
            self._patience = wanted


def reader_of(sock: socket.socket, tls_lock: threading.Lock) -> Reader:
    """Return what reads from a connected socket."""
    if isinstance(sock, ssl.SSLSocket):
        return TLSReader(sock, tls_lock)
    return KernelReader(sock) if KernelReader.is_possible else PollingReader(sock)
