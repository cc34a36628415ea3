"""The asyncio front, behind the interface the tests are written against.

The peers are other processes and the tests wait for them, so a server of ours runs its event
loop in a thread of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from interop.front import (
    LOOPBACK,
    Front,
    Outgoing,
    Served,
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


class _Stop:
    """How another thread ends the server."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.wanted = asyncio.Event()


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
