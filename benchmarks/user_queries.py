"""Queries and retrievals as users write them, run like `user_programs`."""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian

from benchmarks.memory import PeakMemory
from benchmarks.user_programs import HOST, Stopwatch, main, serve
from benchmarks.wire import MATCH
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

MODELS = (
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)


def entity() -> AE:
    """Set up an AE for queries, and for retrievals of uncompressed CT images."""
    ae = AE(ae_title="BENCHMARK")
    for sop_class in MODELS:
        ae.add_requested_context(sop_class)
        ae.add_supported_context(sop_class)
    ae.add_requested_context(CTImageStorage, ExplicitVRLittleEndian)
    ae.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
    return ae


def match() -> Dataset:
    """Make what is asked for, and what is answered."""
    ds = Dataset()
    for tag, vr, value in MATCH:
        ds.add_new(tag, vr, value)
    return ds


def study() -> Dataset:
    ds = Dataset()
    ds.QueryRetrieveLevel = "STUDY"
    ds.StudyInstanceUID = "1.2.3"
    return ds


def ignore(identifier: Dataset) -> None:
    """Do not look at an identifier."""


def read(identifier: Dataset) -> None:
    """Look at all elements."""
    for element in identifier:
        _ = element.value


def find_scu(
    arguments: argparse.Namespace, look: Callable[[Dataset], None] = ignore
) -> dict[str, float]:
    """Take the matches of one query, until the time is over."""
    assoc = entity().associate(HOST, arguments.port)
    watch = Stopwatch(arguments.seconds)
    for _, identifier in assoc.send_c_find(match(), MODELS[0]):
        if identifier is None:
            break
        look(identifier)
        if watch.is_over():
            break
    result = watch.result()
    assoc.abort()
    return result


def find_read_scu(arguments: argparse.Namespace) -> dict[str, float]:
    return find_scu(arguments, read)


def find_memory_scu(arguments: argparse.Namespace) -> dict[str, float]:
    """Take all matches one by one and measure the peak memory above that before the query."""
    assoc = entity().associate(HOST, arguments.port)
    with PeakMemory() as memory:
        count = sum(1 for _, found in assoc.send_c_find(match(), MODELS[0]) if found)
    assoc.release()
    return {"count": count, "peak": memory.peak, "anonymous": memory.anonymous}


def get_scu(arguments: argparse.Namespace) -> dict[str, float]:
    """Retrieve the study again and again; the objects are dropped."""
    received: list[int] = []

    def handle_store(event: evt.Event) -> int:
        received.append(event.request.MessageID)
        return 0x0000

    role = build_role(CTImageStorage, scp_role=True)
    handlers = [(evt.EVT_C_STORE, handle_store)]
    assoc = entity().associate(HOST, arguments.port, ext_neg=[role], evt_handlers=handlers)
    watch = Stopwatch(arguments.seconds)
    for _ in range(arguments.repeat):
        if watch.is_over():
            break
        for status, _ in assoc.send_c_get(study(), MODELS[1]):
            if status.Status not in (0x0000, 0xFF00):
                sys.exit(f"C-GET failed: {status}")
    watch.count = len(received)
    result = watch.result()
    assoc.release()
    return result


def archive_scp(
    arguments: argparse.Namespace, load: Callable[[Path], Any] = dcmread
) -> dict[str, float]:
    """Answer every query with so many matches, every retrieval with the files of a folder."""
    found = match()
    instances = [load(path) for path in sorted(arguments.folder.glob("*.dcm"))]

    def handle_find(_event: evt.Event) -> Iterator[Any]:
        for _ in range(arguments.matches):
            yield 0xFF00, found

    def handle_get(_event: evt.Event) -> Iterator[Any]:
        yield len(instances)
        for instance in instances:
            yield 0xFF00, instance

    def handle_move(event: evt.Event) -> Iterator[Any]:
        yield HOST, arguments.destination
        yield from handle_get(event)

    handlers = [
        (evt.EVT_C_FIND, handle_find),
        (evt.EVT_C_GET, handle_get),
        (evt.EVT_C_MOVE, handle_move),
    ]
    return serve(entity(), arguments, handlers)


def archive_paths_scp(arguments: argparse.Namespace) -> dict[str, float]:
    """Do the same, but leave the reading of the files to the library."""
    return archive_scp(arguments, Path)


PROGRAMS = {
    "find-scu": find_scu,
    "find-read-scu": find_read_scu,
    "find-memory-scu": find_memory_scu,
    "get-scu": get_scu,
    "archive-scp": archive_scp,
    "archive-paths-scp": archive_paths_scp,
}

if __name__ == "__main__":
    main(PROGRAMS)
