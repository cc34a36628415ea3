"""One story, two fronts: a test says what happens, and it happens on both of them.

`AsyncioFront` runs an event loop in a thread of its own and hands out proxies with the blocking
names: a call goes to the loop and waits there for its end. So a story needs no `await`, and the
peers in it may be plain sockets.
"""

import asyncio
import inspect
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from pynetdicom import AE, Association, evt
from pynetdicom import asyncio as awaiting
from pynetdicom.sop_class import CTImageStorage, Verification
from pynetdicom.transport import ThreadedAssociationServer

# Nothing in a story takes this long; whoever waits longer for something waits in vain.
PATIENCE = 10.0

LOCALHOST = ("127.0.0.1", 0)

Handlers = list[evt.EventHandlerType]


# How associations end.
ENDS = (evt.EVT_RELEASED, evt.EVT_ABORTED, evt.EVT_CONN_CLOSE)
RELEASED = (False, True, False, False)
ABORTED = (False, False, True, False)


def flags(assoc: Any) -> tuple[bool, bool, bool, bool]:
    """Return is_established, is_released, is_aborted, is_rejected."""
    return assoc.is_established, assoc.is_released, assoc.is_aborted, assoc.is_rejected


def run_all(*functions: Callable[[], None]) -> None:
    """Run functions in a thread each, all of which must end."""
    faults: list[BaseException] = []

    def guarded(function: Callable[[], None]) -> None:
        try:
            function()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(f,), daemon=True) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [thread.name for thread in threads if thread.is_alive()] == []
    if faults:
        raise faults[0]


def eventually(is_so: Callable[[], object]) -> bool:
    """Wait until something is so that no event tells of; return whether it came to be."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            return False
        _NOTHING.wait(0.002)
    return True


_NOTHING = threading.Event()


class Recorder:
    """Notes events, so that a story can wait for them and tell their order."""

    def __init__(self, *events: evt.EventType) -> None:
        self.handlers: Handlers = [(event, self.note) for event in events]
        self.events: list[evt.Event] = []
        self._changed = threading.Condition()

    def note(self, event: evt.Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    @property
    def names(self) -> list[str]:
        return [event.event.name.removeprefix("EVT_") for event in self.events]

    def wait_for(self, event: evt.EventType, count: int = 1) -> evt.Event:
        """Return the event that happened `count` times, the last of them."""
        with self._changed:
            found = self._changed.wait_for(lambda: len(self._all(event)) >= count, PATIENCE)
            assert found, f"{event} did not happen, only {self.names}"
            return self._all(event)[count - 1]

    def _all(self, event: evt.EventType) -> list[evt.Event]:
        return [e for e in self.events if e.event is event]


def has_small_buffers(event: evt.Event) -> None:
    """Let the system keep little of what a peer does not read: a handler of EVT_CONN_OPEN."""
    transport = event.assoc._transport
    sock = getattr(transport, "socket", None) or transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


class Front(ABC):
    """What stories ask of a front."""

    name: str

    def __init__(self) -> None:
        self._entities: list[AE] = []

    def ae(self, title: str = "STORY") -> AE:
        """Return an AE that proposes and accepts Verification and CT images."""
        entity = self._make_entity(title)
        for syntax in (Verification, CTImageStorage):
            entity.add_requested_context(syntax)
            entity.add_supported_context(syntax)
        self._entities.append(entity)
        return entity

    def serve(
        self, ae: AE, handlers: Handlers | None = None, **options: Any
    ) -> ThreadedAssociationServer:
        """Return a running server on a free port."""
        options = {"address": LOCALHOST, "evt_handlers": handlers, **options}
        return self._start_server(ae, options)

    def associate(
        self, ae: AE, address: Any, handlers: Handlers | None = None, **options: Any
    ) -> Association:
        """Return an association with whatever listens at `address`."""
        host, port = address[:2]
        return ae.associate(host, port, evt_handlers=handlers, **options)

    def close(self) -> None:
        for entity in self._entities:
            entity.shutdown()

    @abstractmethod
    def _make_entity(self, title: str) -> AE: ...

    @abstractmethod
    def _start_server(self, ae: AE, options: dict[str, Any]) -> ThreadedAssociationServer: ...


class BlockingFront(Front):
    name = "blocking"

    def _make_entity(self, title: str) -> AE:
        return AE(title)

    def _start_server(self, ae: AE, options: dict[str, Any]) -> ThreadedAssociationServer:
        server: ThreadedAssociationServer = ae.start_server(**options, block=False)
        return server


class AsyncioFront(Front):
    name = "asyncio"

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="event loop of a story")
        self._thread.start()
        assert self._started.wait(PATIENCE)

    def _run(self) -> None:
        with self._runner:
            self._runner.run(self._until_closed())

    async def _until_closed(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._started.set()
        await self._over.wait()

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call something in the loop; wait for its end if that is what it is for."""

        async def inside() -> Any:
            result = function(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result

        return self._proxy(asyncio.run_coroutine_threadsafe(inside(), self._loop).result(PATIENCE))

    def _proxy(self, value: Any) -> Any:
        kinds = (awaiting.AE, awaiting.Association, awaiting.AssociationServer)
        if isinstance(value, list):
            return [self._proxy(item) for item in value]
        return _Proxy(self, value) if isinstance(value, kinds) else value

    def close(self) -> None:
        super().close()
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)

    def _make_entity(self, title: str) -> AE:
        return cast("AE", _Proxy(self, awaiting.AE(title)))  # it has the blocking names

    def _start_server(self, ae: AE, options: dict[str, Any]) -> ThreadedAssociationServer:
        server: ThreadedAssociationServer = ae.start_server(**options)
        return server


class _Proxy:
    """Something of the asyncio front whose methods wait for their end."""

    def __init__(self, front: AsyncioFront, target: Any) -> None:
        self.__dict__.update(_front=front, _target=target)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if not inspect.ismethod(value):
            return self._front._proxy(value)
        return lambda *args, **kwargs: self._front.call(value, *args, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        self._front.call(setattr, self._target, name, value)

    def __eq__(self, other: object) -> bool:
        return self._target is (other._target if isinstance(other, _Proxy) else other)

    def __hash__(self) -> int:
        return hash(self._target)

    def __str__(self) -> str:
        return str(self._target)


FRONTS: dict[str, type[Front]] = {"blocking": BlockingFront, "asyncio": AsyncioFront}


@contextmanager
def on_stage(name: str) -> Iterator[Front]:
    """Yield a front; whatever was started on it ends with it."""
    front = FRONTS[name]()
    try:
        yield front
    finally:
        front.close()
