"""The asyncio front, behind the interface the tests are written against.

The peers are other processes and the tests wait for them, so a server of ours runs its event
loop in a thread of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from interop.front import (
    LOOPBACK,
    OUR_TITLE,
    Acceptor,
    Front,
    Handlers,
    Outgoing,
    Replies,
    Reply,
    Served,
    Speaker,
    code_of,
    contexts_for,
    handlers,
    supported_contexts,
    verification_contexts,
)
from interop.links import Link
from interop.processes import DEADLINE
from pynetdicom import evt
from pynetdicom.asyncio import AE, Association
from pynetdicom.presentation import PresentationContext

T = TypeVar("T")


class Asyncio(Front):
    def echo(self, port: int, link: Link, host: str = LOOPBACK) -> int | None:
        return asyncio.run(_echo(port, link, host))

    def send(
        self, what: Sequence[Outgoing], port: int, link: Link, host: str = LOOPBACK
    ) -> list[int | None]:
        return asyncio.run(_send(what, port, link, host))

    def send_to_aborting_peer(self, what: Outgoing, port: int, link: Link) -> int | None:
        return asyncio.run(_send_to_aborting_peer(what, port, link))

    @contextmanager
    def serve(self, link: Link, host: str = LOOPBACK) -> Iterator[Served]:
        served, started = Served(), Future[_Stop]()
        with ThreadPoolExecutor(1) as thread:
            finished = thread.submit(asyncio.run, _serve(served, link, host, started))
            stop = started.result(DEADLINE)
            try:
                yield served
            finally:
                stop.loop.call_soon_threadsafe(stop.wanted.set)
                finished.result(DEADLINE)

    @contextmanager
    def associate(
        self, port: int, contexts: Sequence[PresentationContext], **options: Any
    ) -> Iterator[Speaker]:
        async def associate() -> Association:
            entity = AE(options.pop("title", OUR_TITLE))
            return await entity.associate(LOOPBACK, port, contexts=list(contexts), **options)

        with _loop_in_a_thread() as loop:
            association = _run(loop, associate())
            assert association.is_established
            try:
                yield _Awaiting(loop, association)
                _run(loop, association.release())
                assert association.is_released
            finally:
                association.abort()

    @contextmanager
    def accept(
        self,
        contexts: Sequence[PresentationContext],
        handlers: Handlers,
        port: int = 0,
        title: str = OUR_TITLE,
    ) -> Iterator[Acceptor]:
        async def start() -> Any:
            entity, ours = AE(title), [_of_either_kind(*binding) for binding in handlers]
            return await entity.start_server(
                (LOOPBACK, port), contexts=list(contexts), evt_handlers=ours
            )

        with _loop_in_a_thread() as loop:
            server = _run(loop, start())
            try:
                yield Acceptor(
                    server.server_address[1], lambda association: _Awaiting(loop, association)
                )
            finally:
                _run(loop, server.shutdown())


class _Stop:
    """How another thread ends what runs in an event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.wanted = asyncio.Event()


@contextmanager
def _loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread of its own while the block lasts."""

    async def wait(started: Future[_Stop]) -> None:
        stop = _Stop()
        started.set_result(stop)
        await stop.wanted.wait()

    started = Future[_Stop]()
    with ThreadPoolExecutor(1) as thread:
        finished = thread.submit(asyncio.run, wait(started))
        stop = started.result(DEADLINE)
        try:
            yield stop.loop
        finally:
            stop.loop.call_soon_threadsafe(stop.wanted.set)
            finished.result(DEADLINE)


def _run(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]) -> T:
    """Have a coroutine run by the loop of another thread, and return its result."""
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result(DEADLINE)


def _awaiting(name: str) -> Callable[..., Any]:
    def method(self: _Awaiting, *args: Any, **kwargs: Any) -> Any:
        return _run(self.loop, getattr(self.association, name)(*args, **kwargs))

    return method


def _streaming(name: str) -> Callable[..., Replies]:
    def method(self: _Awaiting, *args: Any, **kwargs: Any) -> Replies:
        return self.each(getattr(self.association, name)(*args, **kwargs))

    return method


class _Awaiting(Speaker):
    """An association whose methods are awaited in the thread of its event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, association: Association) -> None:
        self.loop = loop
        self.association = association

    send_c_store = _awaiting("send_c_store")
    send_c_find = _streaming("send_c_find")
    send_c_get = _streaming("send_c_get")
    send_c_move = _streaming("send_c_move")
    send_c_cancel = _awaiting("send_c_cancel")
    send_n_event_report = _awaiting("send_n_event_report")
    send_n_get = _awaiting("send_n_get")
    send_n_set = _awaiting("send_n_set")
    send_n_action = _awaiting("send_n_action")
    send_n_create = _awaiting("send_n_create")
    send_n_delete = _awaiting("send_n_delete")

    def each(self, stream: AsyncGenerator[Reply, None]) -> Replies:
        async def following() -> Reply | None:
            return await anext(stream, None)

        try:
            while (reply := _run(self.loop, following())) is not None:
                yield reply
        finally:
            if not self.loop.is_closed():
                _run(self.loop, stream.aclose())


def _of_either_kind(event: evt.EventType, handler: Callable[..., Any]) -> tuple[Any, ...]:
    """Take handlers of both kinds: those of the DIMSE-N services as coroutine functions.

    The others are called in threads, so they may wait for something.
    """
    if not event.name.startswith("EVT_N_"):
        return event, handler

    async def awaited(happened: evt.Event) -> Any:
        return handler(happened)

    return event, awaited


async def _echo(port: int, link: Link, host: str) -> int | None:
    async with _associated(verification_contexts(), port, link, host) as association:
        return code_of(await association.send_c_echo())


async def _send(what: Sequence[Outgoing], port: int, link: Link, host: str) -> list[int | None]:
    async with _associated(contexts_for(what), port, link, host) as association:
        return [code_of(await association.send_c_store(each.argument)) for each in what]


async def _send_to_aborting_peer(what: Outgoing, port: int, link: Link) -> int | None:
    entity, contexts = AE(), contexts_for([what])
    async with entity.associate(
        LOOPBACK, port, contexts=contexts, tls_args=link.tls_args()
    ) as association:
        status = code_of(await association.send_c_store(what.argument))
        assert association.is_aborted
    return status


@asynccontextmanager
async def _associated(
    contexts: list[PresentationContext], port: int, link: Link, host: str
) -> AsyncIterator[Association]:
    entity = AE()
    async with entity.associate(
        host, port, contexts=contexts, tls_args=link.tls_args()
    ) as association:
        assert association.is_established
        yield association
    assert association.is_released


def _handlers(served: Served) -> list[Any]:
    """Take handlers of both kinds: the one for C-ECHO as a coroutine function."""

    async def echo(event: evt.Event) -> int:
        return served.echo(event)

    return [*handlers(served), (evt.EVT_C_ECHO, echo)]


async def _serve(served: Served, link: Link, host: str, started: Future[_Stop]) -> None:
    entity = AE()
    entity.supported_contexts = supported_contexts()
    try:
        async with entity.start_server(
            (host, 0), ssl_context=link.server_context(), evt_handlers=_handlers(served)
        ) as server:
            served.port = server.server_address[1]
            stop = _Stop()
            started.set_result(stop)
            await stop.wanted.wait()
    except BaseException as error:
        # Whoever waits for the start must not wait for a server that never comes.
        if not started.done():
            started.set_exception(error)
        raise
