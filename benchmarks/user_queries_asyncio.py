"""The programs of `user_queries`, written by a user of asyncio."""

import argparse
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian

from benchmarks.user_programs import HOST, Stopwatch, main
from benchmarks.user_programs_asyncio import in_event_loop, serve
from benchmarks.user_queries import MODELS, ignore, match, read, study
from pynetdicom import build_role, evt
from pynetdicom.asyncio import AE
from pynetdicom.sop_class import CTImageStorage


def entity() -> AE:
    """Set up an AE for queries, and for retrievals of uncompressed CT images."""
    ae = AE(ae_title="BENCHMARK")
    for sop_class in MODELS:
        ae.add_requested_context(sop_class)
        ae.add_supported_context(sop_class)
    ae.add_requested_context(CTImageStorage, ExplicitVRLittleEndian)
    ae.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
    return ae


async def find_scu(
    arguments: argparse.Namespace, look: Callable[[Dataset], None] = ignore
) -> dict[str, float]:
    """Take the matches of one query, until the time is over."""
    async with entity().associate(HOST, arguments.port) as assoc:
        watch = Stopwatch(arguments.seconds)
        async with aclosing(assoc.send_c_find(match(), MODELS[0])) as responses:
            async for _, identifier in responses:
                if identifier is None:
                    break
                look(identifier)
                if watch.is_over():
                    break
            result = watch.result()
            assoc.abort()
        return result


async def find_read_scu(arguments: argparse.Namespace) -> dict[str, float]:
    return await find_scu(arguments, read)


async def get_scu(arguments: argparse.Namespace) -> dict[str, float]:
    """Retrieve the study again and again; the objects are dropped."""
    received: list[int] = []

    async def handle_store(event: evt.Event) -> int:
        received.append(event.request.MessageID)
        return 0x0000

    role = build_role(CTImageStorage, scp_role=True)
    handlers = [(evt.EVT_C_STORE, handle_store)]
    ae = entity()
    async with ae.associate(HOST, arguments.port, ext_neg=[role], evt_handlers=handlers) as assoc:
        watch = Stopwatch(arguments.seconds)
        for _ in range(arguments.repeat):
            if watch.is_over():
                break
            async for status, _ in assoc.send_c_get(study(), MODELS[1]):
                if status.Status not in (0x0000, 0xFF00):
                    sys.exit(f"C-GET failed: {status}")
        watch.count = len(received)
        return watch.result()


async def archive_scp(
    arguments: argparse.Namespace, load: Callable[[Path], Any] = dcmread
) -> dict[str, float]:
    """Answer every query with so many matches, every retrieval with the files of a folder."""
    found = match()
    instances = [load(path) for path in sorted(arguments.folder.glob("*.dcm"))]

    async def handle_find(_event: evt.Event) -> AsyncIterator[Any]:
        for _ in range(arguments.matches):
            yield 0xFF00, found

    async def handle_get(_event: evt.Event) -> AsyncIterator[Any]:
        yield len(instances)
        for instance in instances:
            yield 0xFF00, instance

    async def handle_move(event: evt.Event) -> AsyncIterator[Any]:
        yield HOST, arguments.destination
        async for result in handle_get(event):
            yield result

    handlers = [
        (evt.EVT_C_FIND, handle_find),
        (evt.EVT_C_GET, handle_get),
        (evt.EVT_C_MOVE, handle_move),
    ]
    return await serve(entity(), arguments, handlers)


async def archive_paths_scp(arguments: argparse.Namespace) -> dict[str, float]:
    """Do the same, but leave the reading of the files to the library."""
    return await archive_scp(arguments, Path)


PROGRAMS = {
    "find-scu": in_event_loop(find_scu),
    "find-read-scu": in_event_loop(find_read_scu),
    "get-scu": in_event_loop(get_scu),
    "archive-scp": in_event_loop(archive_scp),
    "archive-paths-scp": in_event_loop(archive_paths_scp),
}

if __name__ == "__main__":
    main(PROGRAMS)
