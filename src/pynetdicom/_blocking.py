"""Coroutines run without an event loop, stepped by hand.

Conversations (`services`, `acse`) are written once, as coroutines. In the blocking front whatever
they await does its waiting inside and never suspends, so one step runs a conversation to its end.
The signature and docstring of a method are those of its conversation, less the exchange.
"""

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import Any, Concatenate, ParamSpec, TypeVar

from pynetdicom._exchange import looks_like

P = ParamSpec("P")
T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` to its end in this thread.

    Raises:
        RuntimeError: It waits for an event loop, which is not there.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    coroutine.close()
    raise RuntimeError("A blocking association cannot wait for an event loop")


def iterate(stream: AsyncGenerator[T, None]) -> Generator[T, None, None]:
    """Yield what `stream` yields, stepped in this thread; it ends with the loop over it."""
    try:
        while True:
            try:
                item = run(_next(stream))
            except StopAsyncIteration:
                return
            yield item
    finally:
        if not getattr(
            stream, "ag_running", False
        ):  # it waits for an event loop, which has been said
            run(stream.aclose())


async def _next(stream: AsyncGenerator[T, None]) -> T:
    return await anext(stream)


def streaming(
    conversation: Callable[Concatenate[Any, P], Coroutine[Any, Any, AsyncGenerator[T, None]]],
) -> Callable[Concatenate[Any, P], Generator[T, None, None]]:
    """Return a conversation with several responses as a method of a blocking association.

    The request leaves when the method is called, so errors are raised there and nothing that is
    sent afterwards can overtake it.
    """

    def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> Generator[T, None, None]:
        with self._operation:
            return iterate(run(conversation(self._exchange, *args, **kwargs)))

    looks_like(method, conversation)
    return method


def blocking(
    conversation: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Any, P], T]:
    """Return a conversation as a method of a blocking association."""

    def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        # One operation at a time: no more is negotiated, and so two threads can use one
        # association. A handler may start an operation within one of its own thread.
        with self._operation:
            return run(conversation(self._exchange, *args, **kwargs))

    looks_like(method, conversation)
    return method
