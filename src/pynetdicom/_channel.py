"""The transport connection of a blocking association: addresses, TCP, TLS, deadlines.

How it is waited for is in `_waiting`.
"""

import errno
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, ClassVar, Final, Literal

from pynetdicom._address import AddressInformation
from pynetdicom._layout import Buffer
from pynetdicom._turn import remaining
from pynetdicom._waiting import Waiter, reader_of
from pynetdicom.pdu_primitives import A_ASSOCIATE

LOGGER = logging.getLogger("pynetdicom.transport")

_JOIN_BELOW: Final = 0x10000
# Less than this is quicker joined than gathered.
_SMALL: Final = 0x400
# Reading may block, writing never does: where this is missing, sockets do not block at all.
_NOT_BLOCKING: Final = getattr(socket, "MSG_DONTWAIT", 0)

_NO_QUEUE: Final = "An association has no queues, its callers read and write themselves"

TLSArguments = tuple[ssl.SSLContext, str | None]
Listen = Callable[[], bool]


class T_CONNECT:  # noqa: N801  # the standard's name
    """A TRANSPORT CONNECT request and its outcome (PS3.8 9.1.2).

    Args:
        request: The association request it is made for.

    Raises:
        TypeError: `request` is none.
    """

    def __init__(self, request: A_ASSOCIATE) -> None:
        if not isinstance(request, A_ASSOCIATE):
            raise TypeError("'request' must be an A_ASSOCIATE primitive")
        self.request = request
        self._result: str | None = None

    @property
    def address_info(self) -> AddressInformation:
        """Where to connect to."""
        info: AddressInformation = self.request.called_presentation_address
        return info

    @property
    def address(self) -> tuple[Any, ...]:
        """Where to connect to, as sockets want it."""
        return self.address_info.as_tuple

    @property
    def result(self) -> Literal["Evt2", "Evt17"]:
        """What came of it: "Evt2" when connected, "Evt17" when not.

        Raises:
            ValueError: It is not known yet.
        """
        if self._result == "Evt2":
            return "Evt2"
        if self._result == "Evt17":
            return "Evt17"
        raise ValueError("The connection has not been attempted yet")

    @result.setter
    def result(self, value: str) -> None:
        if value not in ("Evt2", "Evt17"):
            raise ValueError("'result' must be 'Evt2' or 'Evt17'")
        self._result = value


class AssociationSocket:
    """The transport connection of an association.

    Reading and writing may happen in two threads, one each.

    Args:
        assoc: The association.
        client_socket: A connected socket, ``None`` to connect later.
        address: What to bind to before connecting, ``None`` for any address.
    """

    select_timeout: ClassVar[float | None] = 0.5  # kept for programs that set it; nothing polls

    def __init__(
        self,
        assoc: Any,
        client_socket: socket.socket | None = None,
        address: AddressInformation | None = None,
    ) -> None:
        self._assoc = assoc
        self._bind_address = address
        self.socket: socket.socket | None = None
        self.tls_args: TLSArguments | None = None
        self._shaking_hands: ssl.SSLSocket | None = None
        # OpenSSL's objects are not for two threads at once. Held for calls that do not block.
        self._tls_lock = threading.Lock()
        if client_socket is not None:
            self._take(client_socket)

    @property
    def assoc(self) -> Any:
        """The association."""
        return self._assoc

    def _take(self, sock: socket.socket) -> None:
        # A message leaves in one write: holding it back for an acknowledgement costs 40 ms.
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = sock
        self._is_tls = isinstance(sock, ssl.SSLSocket)
        self._reader = reader_of(sock, self._tls_lock)
        self._writable = Waiter(sock, to_write=True)
        self._either = Waiter(sock, to_read=True, to_write=True)

    def connect(self, primitive: T_CONNECT, timeout: float | None = None) -> None:
        """Connect, and shake hands if TLS is wanted.

        A host may have several addresses: they are tried in turn.

        Args:
            primitive: Where to connect to; its result is set, and the address that was tried last.
            timeout: Seconds for each address; ``None`` leaves it to the system.

        Raises:
            OSError: It was not possible.
        """
        primitive.result = "Evt17"
        candidates = primitive.address_info.candidates
        for candidate in candidates:
            primitive.request.called_presentation_address = candidate
            try:
                self._take(self._connected(candidate, timeout))
            except OSError as error:
                if candidate is candidates[-1]:
                    raise
                LOGGER.debug("Unable to connect to %s: %s", candidate.address, error)
            else:
                primitive.result = "Evt2"
                return

    def _connected(self, info: AddressInformation, timeout: float | None) -> socket.socket:
        """Return a socket that is connected, and has shaken hands if TLS is wanted."""
        deadline = None if timeout is None else monotonic() + timeout
        sock = socket.socket(info.address_family, socket.SOCK_STREAM)
        try:
            if self._bind_address is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind(self._bind_address.as_tuple)
            sock.settimeout(timeout)
            sock.connect(info.as_tuple)
            if self.tls_args is not None:
                context, hostname = self.tls_args
                sock = self._shake_hands(context, sock, deadline, hostname=hostname)
        except BaseException:  # an interruption too, or a port that is none
            sock.close()
            raise
        return sock

    def start_tls(self, context: ssl.SSLContext, deadline: float | None) -> None:
        """Shake hands as a server.

        Raises:
            OSError: It failed, or the deadline passed.
        """
        sock = self.socket
        if sock is not None:
            self.socket = None  # wrapping detaches it
            try:
                self._take(self._shake_hands(context, sock, deadline, is_server=True))
            except OSError:
                sock.close()
                raise

    def _shake_hands(
        self,
        context: ssl.SSLContext,
        sock: socket.socket,
        deadline: float | None,
        *,
        is_server: bool = False,
        hostname: str | None = None,
    ) -> ssl.SSLSocket:
        try:
            tls = context.wrap_socket(
                sock, server_side=is_server, server_hostname=hostname, do_handshake_on_connect=False
            )
        except ValueError as error:  # it wants a host name and there is none
            raise ssl.SSLError(str(error)) from error
        self._shaking_hands = tls
        try:
            tls.settimeout(remaining(deadline))
            tls.do_handshake()
        except OSError:
            tls.close()
            raise
        finally:
            self._shaking_hands = None
        return tls

    @property
    def event_queue(self) -> Any:
        """Is not there: nothing is queued between threads.

        Raises:
            AttributeError: Always.
        """
        raise AttributeError(f"{_NO_QUEUE}: bind a handler to EVT_FSM_TRANSITION")

    @property
    def provider_queue(self) -> Any:
        """Is not there: nothing is queued between threads.

        Raises:
            AttributeError: Always.
        """
        raise AttributeError(f"{_NO_QUEUE}: bind handlers to EVT_ACSE_SENT and EVT_DIMSE_SENT")

    @property
    def ready(self) -> bool:
        """Whether there is something to read, or the end of it."""
        sock = self.socket
        if sock is None:
            return False
        has_some = self._is_tls and sock.pending()  # type: ignore[attr-defined]  # is an SSLSocket
        # With a poll of its own: another thread may be waiting with that of the reader.
        return bool(has_some) or Waiter(sock, to_read=True).wait(0)

    def receive_into(self, view: memoryview, deadline: float | None) -> int:
        """Read what has come, at most as much as fits into `view`.

        Args:
            view: Where to put it.
            deadline: When to give up, by the monotonic clock; ``None`` for never.

        Returns:
            The number of bytes; 0 when the connection is at its end.

        Raises:
            TimeoutError: Nothing came before the deadline.
        """
        return 0 if self.socket is None else self._reader.read_into(view, deadline)

    def send_batch(
        self, batch: list[Buffer], timeout: float | None, listen: Listen | None = None
    ) -> None:
        """Write buffers, all of them.

        A peer that does not read may have something to say: that it aborts, for one.

        Args:
            batch: The buffers.
            timeout: Seconds it may take; ``None`` for ever.
            listen: Called while the peer does not read: reads once if there is something, and
                returns whether to call it again when there is more; ``None`` for nothing.

        Raises:
            OSError: The connection is lost.
            TimeoutError: The peer took too long to read.
        """
        sock = self.socket
        if sock is None:
            raise ConnectionError(errno.ENOTCONN, "There is no connection")
        if self._is_tls or not hasattr(sock, "sendmsg"):
            self._send_joined(sock, batch, timeout, listen)
            return
        total = sum(map(len, batch))
        deadline: float | None = None
        while True:
            try:
                if total < _SMALL:
                    sent = sock.send(b"".join(batch), _NOT_BLOCKING)
                else:
                    sent = sock.sendmsg(batch, (), _NOT_BLOCKING)
            except BlockingIOError:
                sent = 0
            if sent == total:
                return
            total -= sent
            batch = _behind(batch, sent)
            deadline = self._wait_to_write(deadline, timeout, listen)

    def _send_joined(
        self,
        sock: socket.socket,
        batch: list[Buffer],
        timeout: float | None,
        listen: Listen | None,
    ) -> None:
        """Write buffers where only one can be written at a time."""
        view = memoryview(b"".join(batch))
        deadline: float | None = None
        while view:
            try:
                with self._tls_lock:
                    sent = sock.send(view[:_JOIN_BELOW] if self._is_tls else view)
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                sent = 0
            view = view[sent:]
            if not sent:
                deadline = self._wait_to_write(deadline, timeout, listen)

    def _wait_to_write(
        self, deadline: float | None, timeout: float | None, listen: Listen | None
    ) -> float | None:
        if deadline is None and timeout is not None:
            deadline = monotonic() + timeout
        while self.socket is not None and not self._writable.wait(0):
            waiter = self._writable if listen is None else self._either
            if not waiter.wait(remaining(deadline)):
                raise TimeoutError("The peer did not read in time")
            if listen is not None and not (self.ready and listen()):
                listen = None
        return deadline

    def recv(self, nr_bytes: int) -> bytearray:
        """Read at most `nr_bytes`, waiting for the first of them."""
        buffer = bytearray(nr_bytes)
        del buffer[self.receive_into(memoryview(buffer), None) :]
        return buffer

    def send(self, bytestream: bytes) -> None:
        """Write all of `bytestream`."""
        self.send_batch([bytestream], None)

    def shutdown(self) -> None:
        """End every wait on the connection, in whatever thread."""
        if self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
        tls = self._shaking_hands
        if tls is not None:
            with suppress(OSError):
                socket.socket.shutdown(tls, socket.SHUT_RDWR)  # its own forgets the handshake

    def close(self) -> None:
        """Close the connection."""
        self.shutdown()  # closing alone does not reach a thread that waits for it
        sock, self.socket = self.socket, None
        if sock is not None:
            with suppress(OSError):
                sock.close()

    def get_local_addr(self, host: tuple[str, int] = ("10.255.255.255", 1)) -> str:
        """Return our address; kept for old programs, see `Association.local`."""
        del host
        return str(self.socket.getsockname()[0]) if self.socket is not None else "127.0.0.1"

    def __str__(self) -> str:
        return str(self.socket)


def _behind(batch: list[Buffer], sent: int) -> list[Buffer]:
    """Return what is left of `batch` when so many bytes of it are sent, but not all."""
    index = 0
    while sent >= len(batch[index]):
        sent -= len(batch[index])
        index += 1
    return [memoryview(batch[index])[sent:], *batch[index + 1 :]]
