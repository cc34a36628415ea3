"""A TCP server that waits without polling, and whose wait another thread can end."""

import errno
import logging
import selectors
import signal
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

LOGGER = logging.getLogger(__name__)

_BACKLOG = 128

# Too many descriptors, or too little memory for another.
_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_END = b"\0"  # what the bell says to end; the numbers of signals are others
_RINGS = 64
_PAUSE = 1.0  # seconds until the next attempt; associations that end make room meanwhile


@contextmanager
def _rung_by_signals(bell: socket.socket) -> Iterator[None]:
    """Let signals ring a bell: one that comes just before a wait would else be noticed behind it.

    Python handles signals in the main thread, and does nothing in others.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.set_wakeup_fd(bell.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)


class Listener(socketserver.TCPServer):
    """A TCP server with a bell that ends its wait for connections."""

    allow_reuse_address = True
    request_queue_size = _BACKLOG

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._has_stopped = threading.Event()
        self._has_stopped.set()
        # Held to decide whether serving begins or is over already; never while waiting.
        self._begin_or_end = threading.Lock()
        self._is_closed = False
        try:
            super().__init__(*args, **kwargs)
        except BaseException:  # a port that is taken, or none
            self._close_bell()
            raise

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Accept connections until `shutdown` is called.

        Args:
            poll_interval: Without effect: nothing polls.
        """
        del poll_interval
        with self._begin_or_end:
            if self._is_closed:
                return
            self._has_stopped.clear()
        try:
            with _rung_by_signals(self._bell):
                self._accept_until_rung()
        finally:
            self._has_stopped.set()

    def _accept_until_rung(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.register(self._ear, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if self._ear in ready:
                    if _END in self._ear.recv(_RINGS):
                        return
                    continue  # a signal, whose handler has run by now
                self._handle_request_noblock()  # type: ignore[attr-defined]  # of BaseServer

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; where there is no room for one, wait before the next is tried."""
        try:
            return super().get_request()
        except OSError as error:
            if error.errno in _NO_ROOM:
                LOGGER.error("No connection can be accepted: %s", error)
                with selectors.DefaultSelector() as selector:
                    selector.register(self._ear, selectors.EVENT_READ)
                    selector.select(_PAUSE)
            raise

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log that no association could be made of a connection; the others go on."""
        LOGGER.exception("No association could be made of a connection from %s", client_address)
        with suppress(OSError):
            request.close()

    def shutdown(self) -> None:
        """Stop accepting, abort the associations, and close."""
        self.server_close()

    def server_close(self) -> None:
        """Do as `shutdown`: a closed socket does not wake the thread that listens to it."""
        with self._begin_or_end:
            self._is_closed = True
        with suppress(OSError):
            self._bell.send(_END)
        self._has_stopped.wait()
        super().server_close()
        self._end_associations()
        self._close_bell()

    def _end_associations(self) -> None:
        """End those that are open."""
        raise NotImplementedError

    def _close_bell(self) -> None:
        self._bell.close()
        self._ear.close()
