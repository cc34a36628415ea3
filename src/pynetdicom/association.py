"""The blocking front's association: a thread that watches, callers that read their own replies.

The thread serves requests and notices what nobody waits for; whose turn it is to read decides
`_turn.Turn`. Two locks: `_core_lock` protects the core and is never held while something is waited
for or a handler runs; `_write_lock` keeps messages whole and in order, and is held while writing.
"""

import logging
import ssl
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from datetime import datetime
from threading import Thread, get_ident
from time import monotonic
from typing import Any, Final, ParamSpec

from pynetdicom import events as evt
from pynetdicom._association import BaseAssociation
from pynetdicom._blocking import blocking, run, streaming
from pynetdicom._channel import T_CONNECT, AssociationSocket
from pynetdicom._exchange import AssociationExchange
from pynetdicom._globals import MODE_REQUESTOR
from pynetdicom._service_user import ServiceUser as ServiceUser
from pynetdicom._turn import Turn, earlier, remaining
from pynetdicom.dimse_messages import DataSource
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.exceptions import LocalProtocolError
from pynetdicom.fsm import State
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_P_ABORT
from pynetdicom.services.cancel import send_c_cancel
from pynetdicom.services.echo import send_c_echo
from pynetdicom.services.find import send_c_find
from pynetdicom.services.normalized import (
    send_n_action,
    send_n_create,
    send_n_delete,
    send_n_event_report,
    send_n_get,
    send_n_set,
)
from pynetdicom.services.retrieve import send_c_get, send_c_move
from pynetdicom.services.store import send_c_store
from pynetdicom.upper_layer import ACSEPrimitive, Received
from pynetdicom.utils import make_target

LOGGER = logging.getLogger(__name__)

_P = ParamSpec("_P")

# A PDU, or this many bytes of a longer one, must come within the network timeout.
_PROGRESS: Final = 0x20000

# How many requests may wait while the peer does not read our responses.
_WAITING_REQUESTS: Final = 16

# How long an abort waits for a message that is being written, before it cuts it off, in seconds.
_ABORT_PATIENCE: Final = 0.5


class Association(BaseAssociation, Thread):
    """An association of the blocking front; see `BaseAssociation` for its attributes.

    Args:
        ae: The application entity.
        mode: "requestor" or "acceptor".
        handlers: What is bound to its events, ``None`` for nothing.
    """

    def __init__(self, ae: Any, mode: str, handlers: evt.Handlers | None = None) -> None:
        role = "Requestor" if mode == MODE_REQUESTOR else "Acceptor"
        name = f"{role}Thread@{datetime.now():%Y%m%d%H%M%S}"
        Thread.__init__(self, name=name, daemon=True)
        self._core_lock = threading.RLock()
        self._write_lock = threading.RLock()
        self._operation = threading.RLock()
        self._turn = Turn(self._read, expects_calls=mode == MODE_REQUESTOR)
        self._artim_deadline: float | None = None
        self._pdu_deadline: float | None = None
        self._pdu_bytes = 0
        self._last_activity = monotonic()
        self._watcher = 0  # the ident of its thread
        self._is_closed = False
        self._is_listening = False
        self._address: tuple[Any, ...] = ()
        self._ssl_context: ssl.SSLContext | None = None
        BaseAssociation.__init__(self, ae, mode, handlers or evt.Handlers())
        self._exchange = AssociationExchange(self)
        self.run = make_target(self.run)  # type: ignore[method-assign]  # PASS_CONTEXTVARS

    @property
    def lock(self) -> Any:
        """The AE's lock."""
        return self.ae._lock

    def set_socket(self, socket: AssociationSocket) -> None:
        """Give it its transport connection.

        Args:
            socket: What connects, or is connected.

        Raises:
            RuntimeError: It has one.
        """
        if self._transport is not None:
            raise RuntimeError("The association already has a socket")
        self._transport = socket

    # Operations.

    send_c_echo: Final = blocking(send_c_echo)
    send_c_store: Final = blocking(send_c_store)
    send_c_find: Final = streaming(send_c_find)
    send_c_get: Final = streaming(send_c_get)
    send_c_move: Final = streaming(send_c_move)
    send_c_cancel: Final = blocking(send_c_cancel)
    send_n_event_report: Final = blocking(send_n_event_report)
    send_n_get: Final = blocking(send_n_get)
    send_n_set: Final = blocking(send_n_set)
    send_n_action: Final = blocking(send_n_action)
    send_n_create: Final = blocking(send_n_create)
    send_n_delete: Final = blocking(send_n_delete)

    def release(self) -> None:
        """Release the association; nothing happens unless it is established (PS3.8 7.2)."""
        if not self.is_established:
            return
        with self._operation, suppress(LocalProtocolError):
            run(self.acse.release())
        self._close_if_over()

    def abort(self, block: bool = True) -> None:
        """Abort the association; nothing happens when it has ended (PS3.8 7.3).

        Args:
            block: Whether to wait a moment until its thread has ended; in a handler there is no
                waiting in any case.
        """
        self.acse.abort(A_ABORT(0))
        self._close_if_over()
        if block and self.is_alive() and threading.current_thread() is not self:
            self.join(0.1)

    def kill(self) -> None:
        """End the association at once, without a word to the peer."""
        self.acse.aborted()
        self._close()

    # The requestor's way to an association.

    def request(self) -> None:
        """Connect and negotiate; afterwards the flags say what came of it (PS3.8 7.1)."""
        self.ae._associations[self] = None
        try:
            self.acse.send_request()
            if not self._is_over and self._connect():
                run(self.acse.finish_request())
        finally:
            if self.is_established:
                self.start()
            else:
                self._close()

    def _connect(self) -> bool:
        request = self.requestor.primitive
        if self._transport is None or request is None:
            raise RuntimeError("The association has no socket to connect")
        connect = T_CONNECT(request)
        try:
            self._transport.connect(connect, self.connection_timeout)
        except OSError as error:
            host, port = connect.address[:2]
            LOGGER.error("Association request failed: unable to connect to remote")
            LOGGER.error("TCP Initialisation Error: %s (%s port %s)", error, host, port)
            self._step(self._core.receive_eof)
            return False
        self._opened(connect.address)
        if not self._is_over:  # a handler may have thought better of it
            self._step(self._core.connected)
            self._flush()
        return not self._is_over

    def _opened(self, peer: tuple[Any, ...]) -> None:
        """Note where both ends are, and tell of the connection."""
        self._address = peer
        own, other = (
            (self.requestor, self.acceptor)
            if self.is_requestor
            else (self.acceptor, self.requestor)
        )
        info = type(own.address_info or other.address_info)
        own.address_info = info.from_tuple(self._transport.socket.getsockname())
        other.address_info = info.from_tuple(peer)
        self._tell(evt.EVT_CONN_OPEN, address=peer)

    # The thread.

    def run(self) -> None:
        """Serve and watch until the association ends."""
        self._watcher = get_ident()
        try:
            if self.is_requestor or self._accept():
                self.run_reactor()
        except Exception:
            LOGGER.exception("The association ends because of an error of ours")
            self.acse.abort(A_P_ABORT(0))
        finally:
            self._close()

    def _accept(self) -> bool:
        """Wait for an association request and negotiate (PS3.8 7.1.2)."""
        timeout = self.acse_timeout
        self._artim_deadline = None if timeout is None else monotonic() + timeout
        try:
            if self._ssl_context is not None:
                self._transport.start_tls(self._ssl_context, self._artim_deadline)
        except OSError as error:
            LOGGER.error("TLS handshake with %s failed: %s", self._address[0], error)
            self._core.close_wanted = True
            return False
        self._opened(self._address)
        self._step(self._core.connected)
        indication = run(self._receive_acse(None))
        if not isinstance(indication, A_ASSOCIATE):
            return False
        run(self.acse.negotiate_as_acceptor(indication))
        return True

    def run_reactor(self) -> None:
        """Serve requests and notice the end, until it comes."""
        while not self._core.close_wanted and self._core.state is not State.STA1:
            if not self._turn.watch(self._has_work, self._idle_deadline, self._may_read):
                self._network_timed_out()
            elif self._requests:
                run(self._serve_next())
                self._last_activity = monotonic()

    def _may_read(self) -> bool:
        return not self._is_backed_up

    def _silence(self) -> float:
        return monotonic() - self._last_activity

    def _taken(self) -> None:
        """Do nothing: who takes responses reads them, too."""

    def _has_work(self) -> bool:
        core = self._core
        return bool(self._requests) or core.close_wanted or core.state is State.STA1

    def _idle_deadline(self) -> float | None:
        if self._core.state is not State.STA6 or self.network_timeout is None:
            return None  # ARTIM runs
        return self._last_activity + self.network_timeout

    def _network_timed_out(self) -> None:
        if self._responses:
            self._last_activity = monotonic()  # an operation has its own timeout
            return
        LOGGER.error("Network timeout reached")
        if self.network_timeout_response == "A-RELEASE":
            self.release()
        else:
            self.acse.abort(A_ABORT(0))
            self._close_if_over()

    # Reading.

    async def _await(self, ready: Callable[[], object], timeout: float | None) -> bool:
        deadline = None if timeout is None else monotonic() + timeout
        return self._turn.wait_until(ready, deadline)

    def _read(self, deadline: float | None) -> None:
        """Read once, and deal with what came; only one thread does this at a time."""
        if self._artim_deadline is not None:
            deadline = earlier(deadline, self._artim_deadline)
        if self._pdu_deadline is not None:
            deadline = earlier(deadline, self._pdu_deadline)
        try:
            count = self._transport.receive_into(self._core.receive_buffer(), deadline)
        except TimeoutError:
            self._timed_out()
            return
        self._last_activity = monotonic()
        if count:
            self._step(self._core.bytes_received, count)
            if self._pdu_deadline is not None or self._core.is_mid_pdu:
                self._watch_progress(count)
        else:
            self._step(self._core.receive_eof)

    def _watch_progress(self, count: int) -> None:
        """Give a PDU that has begun its deadline; a long one gets more for what has come."""
        if not self._core.is_mid_pdu or self.network_timeout is None:
            self._pdu_deadline = None
            self._pdu_bytes = 0
            return
        self._pdu_bytes += count
        if self._pdu_deadline is None or self._pdu_bytes >= _PROGRESS:
            self._pdu_bytes = 0
            self._pdu_deadline = self._last_activity + self.network_timeout

    def _timed_out(self) -> None:
        """Find out which deadline has passed; that of the caller is the caller's business."""
        now = monotonic()
        if self._artim_deadline is not None and now >= self._artim_deadline:
            self._artim_deadline = None
            LOGGER.error("The peer took too long (ARTIM)")
            self._step(self._core.artim_expired)
        elif self._pdu_deadline is not None and now >= self._pdu_deadline:
            self._pdu_deadline = None
            LOGGER.error("A PDU was not complete within %s s", self.network_timeout)
            self.acse.abort(A_P_ABORT(0))

    def _read_what_is_there(self) -> None:
        transport = self._transport
        while transport is not None and not self._is_over and transport.ready:
            if not self._turn.read_once():
                return

    def _step(self, action: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Let the core do something, and deal with what comes of it."""
        core = self._core
        with self._core_lock:
            action(*args, **kwargs)
            events = core.events_received()
        if events:
            self._deal_with(events)
        if core.output:
            self._flush()
        if core.artim_running or self._artim_deadline is not None:
            self._arm_artim()
        if core.close_wanted:
            self._close_transport()

    def _deal_with(self, events: list[Received]) -> None:
        for event in events:
            self._dispatch(event)
        if self._requests and get_ident() != self._watcher:
            self._turn.wake()

    def _arm_artim(self) -> None:
        if not self._core.artim_running:
            self._artim_deadline = None
        elif self._artim_deadline is None and self.acse_timeout is not None:
            self._artim_deadline = monotonic() + self.acse_timeout

    # Writing.

    def _put(self, primitive: ACSEPrimitive) -> None:
        with self._core_lock:
            self._core.send(primitive)
            events = self._core.events_received()
        self._deal_with(events)
        self._flush()
        self._arm_artim()

    async def _transmit(
        self, message: DIMSEPrimitive, context_id: int, source: DataSource | None
    ) -> None:
        with self._write_lock:
            with self._core_lock:
                self._core.send(message, context_id, source)
            self._write()

    def _flush(self) -> None:
        is_ours = self._write_lock.acquire(timeout=_ABORT_PATIENCE if self._is_over else -1)
        if not is_ours:
            self._transport.shutdown()  # the peer does not read: an abort need not wait for it
            return
        try:
            self._write()
        finally:
            self._write_lock.release()

    def _write(self) -> None:
        """Write what the core says; the write lock is held."""
        core = self._core
        if self._is_listening:
            return  # in the middle of another write of this thread, which goes on
        try:
            while core.output:
                with self._core_lock:
                    batch = core.next_batch()
                    events = core.events_received()
                if events:
                    self._deal_with(events)  # before another thread can read the answer to it
                    if self._is_over:
                        return  # a handler has aborted
                if batch is not None:
                    self._transport.send_batch(batch, self._network_timeout, self._listen)
        except (OSError, LocalProtocolError) as error:
            if not self._is_over:
                LOGGER.error("Unable to send: %s", error)
            self._transport.shutdown()
            self._step(self._core.receive_eof)

    def _listen(self) -> bool:
        """Hear what the peer says while it does not read; return whether to go on with that."""
        if self._is_backed_up or len(self._requests) >= _WAITING_REQUESTS:
            return False
        self._is_listening = True
        try:
            has_read = self._turn.read_once()
        finally:
            self._is_listening = False
        if self.is_aborted:
            self._transport.shutdown()  # what is left to write need not wait for it
        return has_read

    # The end.

    def _close_if_over(self) -> None:
        """After an abort or release of ours: let whoever reads see that it is over."""
        if self._is_over and self._transport is not None:
            self._transport.shutdown()
            self._turn.wake()
            if not self.is_alive():
                self._close()

    def _close_transport(self) -> None:
        with self._core_lock:  # for who comes second
            is_open = self._transport is not None and self._transport.socket is not None
            if self._transport is not None:
                self._transport.close()  # a handshake ends with it, too
        if is_open and self._address:
            self._tell(evt.EVT_CONN_CLOSE, address=self._address)

    def _close(self) -> None:
        """End everything, once."""
        with self._core_lock:
            if self._is_closed:
                return
            self._is_closed = True
        self._step(self._core.receive_eof)
        self._core.close_wanted = True
        self._close_transport()
        self.ae._associations.pop(self, None)
        self._turn.end()

    async def _call(self, event: evt.InterventionEvent, **attributes: Any) -> Any:
        return evt.trigger(self, event, attributes)

    async def _iterate(self, results: Any) -> AsyncGenerator[Any, None]:
        for result in results:
            yield result

    async def _associate(self, address: str, port: int, options: dict[str, Any]) -> Any:
        return self.ae.associate(address, port, **options)

    async def _release_other(self, other: "Association") -> None:
        other.release()

    def _wake(self) -> None:
        self._turn.wake()


def abort_all(associations: list[Association]) -> None:
    """Abort associations, and wait a moment for all of them together."""
    for assoc in associations:
        assoc.abort(block=False)
    deadline = monotonic() + _ABORT_PATIENCE
    for assoc in associations:
        if assoc.is_alive() and threading.current_thread() is not assoc:
            assoc.join(remaining(deadline))
