"""The asyncio front's association: callbacks feed the core, a task serves the peer's requests."""

import asyncio
import inspect
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar

from pynetdicom import events as evt
from pynetdicom._association import BaseAssociation
from pynetdicom._exchange import AssociationExchange, looks_like
from pynetdicom.dimse_messages import Batch, DataSource
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
from pynetdicom.upper_layer import ACSEPrimitive

LOGGER = logging.getLogger("pynetdicom.association")

# A PDU, or this many bytes of a longer one, must come within the network timeout.
_PROGRESS: Final = 0x20000

# How long what was said last may take to leave before the connection is cut, in seconds.
_LINGER: Final = 2.0

_PIECE: Final = 0x20000  # bytes that are written at once

_NO_MORE: Final = object()

P = ParamSpec("P")
T = TypeVar("T")


def awaited(
    conversation: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """Return a conversation as a method of an asyncio association."""

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self._aborts_when_cancelled():
            async with self._operation:
                return await conversation(self._exchange, *args, **kwargs)

    looks_like(method, conversation)
    return method


def streamed(
    conversation: Callable[Concatenate[Any, P], Coroutine[Any, Any, AsyncGenerator[T, None]]],
) -> Callable[Concatenate[Any, P], AsyncGenerator[T, None]]:
    """Return a conversation with several responses as a method: `async for` over its result."""

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[T, None]:
        try:
            async with self._operation:
                stream = await conversation(self._exchange, *args, **kwargs)
            async with aclosing(stream):
                async for item in stream:
                    yield item
        except asyncio.CancelledError:
            self.abort()
            raise

    looks_like(method, conversation)
    return method


class AssociationProtocol(asyncio.BufferedProtocol):
    """What asyncio calls when something happens to the transport connection.

    Args:
        assoc: The association.
        adopt: Asked when the connection is open whether the association is wanted.
    """

    def __init__(self, assoc: "Association", adopt: Callable[["Association"], bool]) -> None:
        self._assoc = assoc
        self._adopt = adopt

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open, and TLS has shaken hands."""
        if self._adopt(self._assoc):
            self._assoc._opened(transport)
        else:
            transport.close()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where what comes is to be put."""
        del sizehint
        return self._assoc._core.receive_buffer()

    def buffer_updated(self, nbytes: int) -> None:
        """Something came."""
        self._assoc._received(nbytes)

    def eof_received(self) -> bool:
        """The peer will send no more; the connection is closed."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        del exc
        self._assoc._lost()

    def pause_writing(self) -> None:
        """The peer reads too slowly."""
        self._assoc._may_write.clear()

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._assoc._may_write.set()


class Association(BaseAssociation):
    """An association of the asyncio front; see `BaseAssociation` for its attributes.

    Args:
        ae: The application entity.
        mode: "requestor" or "acceptor".
        handlers: What is bound to its events.
    """

    def __init__(self, ae: Any, mode: str, handlers: evt.Handlers) -> None:
        super().__init__(ae, mode, handlers)
        self._exchange = AssociationExchange(self)
        self._operation = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._loop = asyncio.get_running_loop()
        self._waiters: list[asyncio.Future[None]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._artim: asyncio.TimerHandle | None = None
        self._pdu_timer: asyncio.TimerHandle | None = None
        self._pdu_bytes = 0
        self._last_activity = self._loop.time()
        self._is_closed = False
        self._is_lost = False
        self._address: tuple[Any, ...] = ()

    # Operations.

    send_c_echo: Final = awaited(send_c_echo)
    send_c_store: Final = awaited(send_c_store)
    send_c_find: Final = streamed(send_c_find)
    send_c_get: Final = streamed(send_c_get)
    send_c_move: Final = streamed(send_c_move)
    send_c_cancel: Final = awaited(send_c_cancel)
    send_n_event_report: Final = awaited(send_n_event_report)
    send_n_get: Final = awaited(send_n_get)
    send_n_set: Final = awaited(send_n_set)
    send_n_action: Final = awaited(send_n_action)
    send_n_create: Final = awaited(send_n_create)
    send_n_delete: Final = awaited(send_n_delete)

    async def release(self) -> None:
        """Release the association; nothing happens unless it is established (PS3.8 7.2)."""
        if not self.is_established:
            return
        with self._aborts_when_cancelled():
            async with self._operation:
                with suppress(LocalProtocolError):  # the association has ended meanwhile
                    await self.acse.release()
            await self._end()

    @contextmanager
    def _aborts_when_cancelled(self) -> Iterator[None]:
        """Abort when the task is cancelled: what is under way cannot be taken back."""
        try:
            yield
        except asyncio.CancelledError:
            self.abort()
            raise

    def abort(self) -> None:
        """Abort the association; nothing happens when it has ended (PS3.8 7.3).

        May be called from any thread, so from a plain handler too.
        """
        try:
            is_inside = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            is_inside = False
        if is_inside:
            self.acse.abort(A_ABORT(0))
            self._close()
        else:
            self._loop.call_soon_threadsafe(self.abort)

    def kill(self) -> None:
        """End the association at once, without a word to the peer."""
        self.acse.aborted()
        self._close()

    # The requestor's way to an association.

    async def request(self, connect: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Connect and negotiate; afterwards the flags say what came of it (PS3.8 7.1).

        Args:
            connect: Makes the transport connection.
        """
        self.ae._associations[self] = None
        try:
            self.acse.send_request()
            if not self._is_over and await self._reach(connect):
                await self.acse.finish_request()
        except BaseException:  # cancelled, or a port that is none
            self.abort()
            raise
        if self.is_established:
            self._spawn(self._live(self._serve()))
        else:
            await self._end()

    async def _reach(self, connect: Callable[[], Coroutine[Any, Any, Any]]) -> bool:
        """Connect; return whether it was possible."""
        try:
            await connect()
        except OSError as error:
            peer = self.acceptor
            LOGGER.error("Association request failed: unable to connect to remote")
            LOGGER.error(
                "TCP Initialisation Error: %s (%s port %s)", error, peer.address, peer.port
            )
            self._step(self._core.receive_eof)
            return False
        return True

    # What the transport tells.

    def _opened(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        own, other = (
            (self.requestor, self.acceptor)
            if self.is_requestor
            else (self.acceptor, self.requestor)
        )
        self._address = transport.get_extra_info("peername")
        info = type(own.address_info or other.address_info)
        own.address_info = info.from_tuple(transport.get_extra_info("sockname"))
        other.address_info = info.from_tuple(self._address)
        self._tell(evt.EVT_CONN_OPEN, address=self._address)
        if self._is_over:  # a handler has thought better of it
            return
        self._step(self._core.connected)
        if self.is_acceptor:
            self._spawn(self._live(self._accept()))

    def _received(self, count: int) -> None:
        self._last_activity = self._loop.time()
        self._step(lambda: self._core.bytes_received(count))
        self._watch_progress(count)
        if not self._is_closed and (len(self._requests) > 1 or self._is_backed_up):
            self._transport.pause_reading()  # the peer has to wait for our handlers, or our user

    def _taken(self) -> None:
        """Go on reading, if too much waited."""
        if not self._is_closed and len(self._requests) <= 1 and not self._is_backed_up:
            self._transport.resume_reading()

    def _silence(self) -> float:
        return self._loop.time() - self._last_activity

    def _lost(self) -> None:
        self._is_lost = True
        self.ae._closing.discard(self)
        self._step(self._core.receive_eof)
        self._close()
        self._wake()

    def _watch_progress(self, count: int) -> None:
        """Give a PDU that has begun its deadline; a long one gets more for what has come."""
        self._pdu_bytes += count
        is_mid_pdu = self._core.is_mid_pdu and self.network_timeout is not None
        if self._pdu_timer is not None and (not is_mid_pdu or self._pdu_bytes >= _PROGRESS):
            self._pdu_timer.cancel()
            self._pdu_timer = None
        if is_mid_pdu and self._pdu_timer is None:
            self._pdu_bytes = 0
            self._pdu_timer = self._loop.call_later(self.network_timeout or 0, self._pdu_is_late)

    def _pdu_is_late(self) -> None:
        LOGGER.error("A PDU was not complete within %s s", self.network_timeout)
        self.acse.abort(A_P_ABORT(0))

    # The core.

    def _step(self, action: Callable[[], object]) -> None:
        """Let the core do something, and deal with what comes of it."""
        action()
        self._deal_with_events()
        if self._core.output:
            self._flush()
        self._arm_artim()
        if self._core.close_wanted:
            self._close()
        self._wake()

    def _deal_with_events(self) -> None:
        for event in self._core.events_received():
            self._dispatch(event)

    def _arm_artim(self) -> None:
        if not self._core.artim_running:
            if self._artim is not None:
                self._artim.cancel()
            self._artim = None
        elif self._artim is None and self.acse_timeout is not None and not self._is_closed:
            self._artim = self._loop.call_later(self.acse_timeout, self._artim_expired)

    def _artim_expired(self) -> None:
        LOGGER.error("The peer took too long (ARTIM)")
        self._step(self._core.artim_expired)

    def _put(self, primitive: ACSEPrimitive) -> None:
        self._core.send(primitive)
        self._deal_with_events()
        self._flush()
        self._arm_artim()

    def _flush(self) -> None:
        """Write what the core says; while a message is being written, its writer does.

        An abort comes at once, between two PDUs of the message.
        """
        if self._transport is None or (self._writing.locked() and not self.is_aborted):
            return
        for batch in self._core.data_to_send():
            self._transport.writelines(batch)
        self._deal_with_events()

    async def _transmit(
        self, message: DIMSEPrimitive, context_id: int, source: DataSource | None
    ) -> None:
        async with self._writing:
            self._core.send(message, context_id, source)
            try:
                await self._write()
            except (OSError, LocalProtocolError) as error:
                LOGGER.error("Unable to send: %s", error)
                self.abort()
        self._deal_with_events()
        self._flush()

    async def _write(self) -> None:
        for batch in self._core.data_to_send():
            for piece in _pieces(batch):
                # Copies what the system does not take at once, so the buffers may be used again.
                self._transport.write(piece)
                if not self._may_write.is_set():
                    await self._drain()
                    if self.is_aborted:
                        return  # and the A-ABORT is written

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(self.network_timeout):
                await self._may_write.wait()
        except TimeoutError:
            LOGGER.error("The peer did not read for %s s", self.network_timeout)
            self.kill()

    # Waiting.

    async def _await(self, ready: Callable[[], object], timeout: float | None) -> bool:
        return await self._wait(lambda: ready() or self._is_closed, timeout)

    async def _wait(self, ready: Callable[[], object], timeout: float | None) -> bool:
        deadline = None if timeout is None else self._loop.time() + timeout
        while not ready():
            if deadline is not None and self._loop.time() >= deadline:
                return False
            waiter = self._loop.create_future()
            self._waiters.append(waiter)
            timer = None if deadline is None else self._loop.call_at(deadline, _resolve, waiter)
            try:
                await waiter
            finally:
                if timer is not None:
                    timer.cancel()
        return True

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            _resolve(waiter)

    def _read_what_is_there(self) -> None:
        """Nothing is to be done: the loop reads while handlers work."""

    # Serving.

    def _spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live(self, life: Coroutine[Any, Any, None]) -> None:
        """Run what serves the association; an error of ours ends it."""
        try:
            await life
        except Exception:
            LOGGER.exception("The association ends because of an error of ours")
            self.acse.abort(A_P_ABORT(0))
            self._close()

    async def _accept(self) -> None:
        """Wait for an association request, negotiate, and serve (PS3.8 7.1.2)."""
        indication = await self._receive_acse(None)  # ARTIM runs
        if isinstance(indication, A_ASSOCIATE):
            await self.acse.negotiate_as_acceptor(indication)
            await self._serve()

    async def _serve(self) -> None:
        """Serve requests until the association ends."""
        while not self._is_closed:
            if self._requests:
                await self._serve_next()
                self._last_activity = self._loop.time()
                self._taken()
            elif not await self._await_request():
                await self._network_timed_out()

    async def _await_request(self) -> bool:
        """Wait for a request, or a new timeout; return False when this one has passed."""
        timeout = self.network_timeout
        return await self._await(
            lambda: self._requests or self.network_timeout != timeout, self._patience()
        )

    def _patience(self) -> float | None:
        """Return how long the peer may still be silent, in seconds."""
        if self._core.state is not State.STA6 or self.network_timeout is None:
            return None
        return max(0.0, self._last_activity + self.network_timeout - self._loop.time())

    async def _network_timed_out(self) -> None:
        if self._patience() != 0:
            return
        if self._operation.locked() or self._responses or self._core.is_mid_pdu:
            self._last_activity = self._loop.time()  # these have their own timeouts
            return
        LOGGER.error("Network timeout reached")
        if self.network_timeout_response == "A-RELEASE":
            await self.release()
        else:
            self.abort()

    async def _call(self, event: evt.InterventionEvent, **attributes: Any) -> Any:
        handler, args = self._handlers.interventions[event]
        happened = evt.Event(self, event, attributes)
        if inspect.iscoroutinefunction(handler) or handler is evt.get_default_handler(event):
            result = handler(happened, *(args or ()))
        else:
            result = await asyncio.to_thread(handler, happened, *(args or ()))
        return await result if inspect.isawaitable(result) else result

    async def _iterate(self, results: Any) -> AsyncGenerator[Any, None]:
        if hasattr(results, "__aiter__"):
            async for result in results:
                yield result
                # One that never waits would keep the loop from all others, and from a cancel.
                await asyncio.sleep(0)
            return
        # A plain generator may block at each step, so a thread takes them.
        iterator = iter(results)
        while (result := await asyncio.to_thread(next, iterator, _NO_MORE)) is not _NO_MORE:
            yield result

    async def _associate(self, address: str, port: int, options: dict[str, Any]) -> Any:
        return await self.ae.associate(address, port, **options)

    async def _release_other(self, other: "Association") -> None:
        await other.release()

    def _notify(self, handler: evt.Handler, event: evt.Event, *args: Any) -> None:
        result = handler(event, *args)
        if inspect.iscoroutine(result):
            self._spawn(self._finish(event, result))

    async def _finish(self, event: evt.Event, telling: Coroutine[Any, Any, Any]) -> None:
        try:
            await telling
        except Exception:
            LOGGER.exception("Exception raised in user's 'evt.%s' event handler", event.event)

    # The end.

    def _close(self) -> None:
        """Close the connection, once, and let everybody look."""
        if self._is_closed:
            return
        self._is_closed = True
        self._may_write.set()  # a transport that is lost does not say so
        if self._core.state not in (State.STA1, State.STA13):
            self._core.receive_eof()
            self._deal_with_events()
        for timer in (self._artim, self._pdu_timer):
            if timer is not None:
                timer.cancel()
        if self._transport is not None:
            if not self._is_lost:
                self.ae._closing.add(self)
                if self._transport.get_write_buffer_size():
                    self._loop.call_later(_LINGER, self._transport.abort)  # it may never be read
            self._transport.close()
            self._tell(evt.EVT_CONN_CLOSE, address=self._address)
        self.ae._associations.pop(self, None)
        self._wake()

    async def _end(self) -> None:
        """Close, and wait for the connection and the tasks to end."""
        self._close()
        if self._transport is not None and not await self._wait(lambda: self._is_lost, _LINGER):
            self._transport.abort()
        current = asyncio.current_task()
        tasks = [task for task in self._tasks if task is not current]
        if tasks:
            await asyncio.wait(tasks, timeout=_LINGER)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            await self.release()
        else:
            self.abort()
        await self._end()


def _resolve(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _pieces(batch: Batch) -> Iterator[bytes]:
    """Yield the bytes of a batch, joined to pieces that the system mostly takes at once.

    What it does not take is copied, and moved with everything that it takes later. Each piece is
    whole PDUs, header and fragment in turn, so that an abort may come behind it.
    """
    size = sum(map(len, batch))
    if size <= _PIECE:
        yield b"".join(batch)
        return
    count = max(2 * (_PIECE * len(batch) // size // 2), 2)  # buffers for about as much
    for start in range(0, len(batch), count):
        yield b"".join(batch[start : start + count])
