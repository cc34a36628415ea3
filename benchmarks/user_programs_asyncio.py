"""The programs of `user_programs`, written by a user of asyncio."""

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from pydicom.uid import ExplicitVRLittleEndian

from benchmarks.memory import private_bytes
from benchmarks.user_programs import HOST, Stopwatch, main
from pynetdicom import _config, evt
from pynetdicom.asyncio import AE
from pynetdicom.sop_class import CTImageStorage, EnhancedCTImageStorage, Verification


def entity(*, explicit: bool = False) -> AE:
    """Set an AE up, with the default transfer syntaxes or just the one of the files."""
    ae = AE(ae_title="BENCHMARK")
    ae.maximum_associations = 2000
    for sop_class in (Verification, CTImageStorage, EnhancedCTImageStorage):
        ae.add_requested_context(sop_class, ExplicitVRLittleEndian if explicit else None)
        ae.add_supported_context(sop_class)
    return ae


async def end_of_input() -> None:
    """Wait for the end of the standard input, in the event loop."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await reader.read()


async def echo_scu(arguments: argparse.Namespace) -> dict[str, float]:
    async with entity().associate(HOST, arguments.port) as assoc:
        watch = Stopwatch(arguments.seconds)
        for _ in range(arguments.count):
            if (await assoc.send_c_echo()).Status != 0x0000:
                sys.exit("C-ECHO failed")
            if watch.is_over():
                break
        return watch.result()


async def cycle_scu(arguments: argparse.Namespace) -> dict[str, float]:
    ae = entity()
    watch = Stopwatch(arguments.seconds)
    for _ in range(arguments.count):
        async with ae.associate(HOST, arguments.port) as assoc:
            if (await assoc.send_c_echo()).Status != 0x0000:
                sys.exit("C-ECHO failed")
        if watch.is_over():
            break
    return watch.result()


async def store_scu(arguments: argparse.Namespace) -> dict[str, float]:
    paths = sorted(arguments.folder.glob("*.dcm")) * arguments.repeat
    ae = entity(explicit=arguments.explicit)
    async with ae.associate(HOST, arguments.port) as assoc:
        watch = Stopwatch(arguments.seconds)
        for path in paths:
            if (await assoc.send_c_store(path)).Status != 0x0000:
                sys.exit("C-STORE failed")
            if watch.is_over():
                break
        return watch.result()


async def idle_scu(arguments: argparse.Namespace) -> dict[str, float]:
    """Hold idle associations until the standard input ends."""
    ae = entity()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(ae.associate(HOST, arguments.port))
        before = private_bytes(os.getpid())
        for _ in range(arguments.count - 1):
            await stack.enter_async_context(ae.associate(HOST, arguments.port))
        each = (private_bytes(os.getpid()) - before) / (arguments.count - 1)
        print("ready", flush=True)
        await end_of_input()
    return {"each": each}


async def threads_scu(arguments: argparse.Namespace) -> dict[str, float]:
    """Echo in several tasks, each with its own association, and count what gets lost."""
    ae = entity()

    async def echo() -> int:
        async with ae.associate(HOST, arguments.port) as assoc:
            for number in range(arguments.count):
                if (await assoc.send_c_echo()).get("Status") != 0x0000:
                    return number
        return int(arguments.count)

    watch = Stopwatch(arguments.seconds)
    watch.count = sum(await asyncio.gather(*[echo() for _ in range(arguments.repeat)]))
    return {**watch.result(), "lost": arguments.repeat * arguments.count - watch.count}


async def scp(arguments: argparse.Namespace) -> dict[str, float]:
    """Serve until the standard input ends."""
    _config.STORE_RECV_CHUNKED_DATASET = False

    async def handle_store(_event: evt.Event) -> int:
        return 0x0000

    return await serve(entity(), arguments, [(evt.EVT_C_STORE, handle_store)])


async def look_scp(arguments: argparse.Namespace) -> dict[str, float]:
    """Look at the pixels of each object."""

    async def handle_store(event: evt.Event) -> int:
        return 0x0000 if len(event.dataset.PixelData) else 0xC000

    return await serve(entity(), arguments, [(evt.EVT_C_STORE, handle_store)])


async def serve(ae: AE, arguments: argparse.Namespace, handlers: list[Any]) -> dict[str, float]:
    """Serve until the standard input ends."""
    ae.maximum_pdu_size = arguments.maximum_length
    async with ae.start_server((HOST, arguments.port), evt_handlers=handlers) as server:
        serving = asyncio.create_task(server.serve_forever())
        print("ready", flush=True)
        await end_of_input()
        serving.cancel()
        await asyncio.wait([serving])
    return {}


def in_event_loop(
    program: Callable[[argparse.Namespace], Coroutine[None, None, dict[str, float]]],
) -> Callable[[argparse.Namespace], dict[str, float]]:
    return lambda arguments: asyncio.run(program(arguments))


PROGRAMS = {
    "echo-scu": in_event_loop(echo_scu),
    "cycle-scu": in_event_loop(cycle_scu),
    "store-scu": in_event_loop(store_scu),
    "idle-scu": in_event_loop(idle_scu),
    "threads-scu": in_event_loop(threads_scu),
    "scp": in_event_loop(scp),
    "look-scp": in_event_loop(look_scp),
}

if __name__ == "__main__":
    main(PROGRAMS)
