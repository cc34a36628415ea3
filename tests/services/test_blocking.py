"""Conversations without an event loop: one step runs them to their end."""

import asyncio
import inspect
import threading
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from pynetdicom._blocking import blocking, iterate, run, streaming


async def _double(value: int) -> int:
    return 2 * value


async def _fails() -> None:
    raise KeyError("missing")


async def _count_to(limit: int) -> AsyncGenerator[int, None]:
    for number in range(limit):
        yield number


def test_a_conversation_that_never_suspends_has_a_result() -> None:
    assert run(_double(4)) == 8


def test_what_a_conversation_raises_is_raised() -> None:
    with pytest.raises(KeyError, match="missing"):
        run(_fails())


def test_a_conversation_that_waits_for_an_event_loop_is_refused_and_closed() -> None:
    closed = []

    async def waits() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            closed.append(True)

    with pytest.raises(RuntimeError, match="cannot wait for an event loop"):
        run(waits())

    assert closed == [True]


def test_a_stream_that_waits_for_an_event_loop_is_refused() -> None:
    async def waits() -> AsyncGenerator[int, None]:
        await asyncio.sleep(0)
        yield 1

    with pytest.raises(RuntimeError, match="cannot wait for an event loop"):
        next(iterate(waits()))


def test_a_stream_can_be_iterated() -> None:
    assert list(iterate(_count_to(3))) == [0, 1, 2]


def test_a_stream_ends_with_the_loop_over_it() -> None:
    closed = []

    async def stream() -> AsyncGenerator[int, None]:
        try:
            yield 1
            yield 2
        finally:
            closed.append(True)

    for number in iterate(stream()):
        assert number == 1
        break

    assert closed == [True]


class _Association:
    """What methods made of conversations need of their association."""

    def __init__(self) -> None:
        self._operation = threading.RLock()
        self._exchange = 5

    async def _add(exchange: Any, value: int, more: int = 1) -> int:  # noqa: N805  # as conversations
        """Add to what the exchange is."""
        return int(exchange) + value + more

    async def _down(exchange: Any) -> AsyncGenerator[int, None]:  # noqa: N805  # as conversations
        return _count_to(exchange)

    add = blocking(_add)
    down = streaming(_down)


def test_a_method_has_the_parameters_and_documentation_of_its_conversation() -> None:
    assert _Association().add(3, more=2) == 10
    assert list(_Association().down()) == [0, 1, 2, 3, 4]
    assert inspect.getdoc(_Association.add) == "Add to what the exchange is."


def test_operations_of_two_threads_follow_each_other() -> None:
    assoc, order = _Association(), []
    assoc._operation.acquire()
    other = threading.Thread(target=lambda: order.append(assoc.add(1)))
    other.start()

    order.append(assoc.add(2))
    assoc._operation.release()
    other.join(5)

    assert order == [8, 7]
