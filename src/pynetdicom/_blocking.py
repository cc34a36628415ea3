"""Coroutines run without an event loop, stepped by hand.

Conversations (`services`, `acse`) are written once, as coroutines. In the blocking front whatever
they await does its waiting inside and never suspends, so one step runs a conversation to its end.
The signature and docstring of a method are those of its conversation, less the exchange.
"""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

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


def blocking(
    conversation: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Any, P], T]:
    """Return a conversation as a method of a blocking association."""

    def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        # One operation at a time: no more is negotiated, and so two threads can use one
        # association. A handler may start an operation within one of its own thread.
        with self._operation:
            return run(conversation(self._exchange, *args, **kwargs))

    functools.update_wrapper(method, conversation)
    return method
