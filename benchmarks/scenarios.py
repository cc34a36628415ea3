"""The scenarios: what is measured, of whom, and what counts as better."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from benchmarks import measures, measures_queries
from benchmarks.bench import Bench
from benchmarks.subjects import (
    ASYNCIO,
    BIT_PRESERVING,
    DCMRECV,
    DCMRECV_BIT_PRESERVING,
    DCMSEND,
    DCMTK,
    NEUTRAL,
    ORTHANC,
    OURS,
    PYNETDICOM_3,
    Subject,
)

Better = Literal["more", "less"]
ALL = (OURS, ASYNCIO, DCMTK, PYNETDICOM_3)
PYTHON = (OURS, ASYNCIO, PYNETDICOM_3)
CYCLERS = (*PYTHON, NEUTRAL)
BLOCKING = (OURS, DCMTK, PYNETDICOM_3)
LIBRARIES = (OURS, PYNETDICOM_3)
SENDERS = (*ALL, NEUTRAL)
ARCHIVES = (*ALL, ORTHANC)
FRONTS = (OURS, ASYNCIO)
TO_FILES = (OURS, DCMTK, BIT_PRESERVING, DCMRECV, DCMRECV_BIT_PRESERVING, PYNETDICOM_3)


# Left out of a quick run: peers that no target is measured against.
EXTRAS = (ORTHANC, DCMSEND, DCMRECV, DCMRECV_BIT_PRESERVING)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: one value of a scenario's samples."""

    title: str
    unit: str
    key: str = "value"
    better: Better = "more"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of work, measured for several subjects in turn."""

    name: str
    rows: tuple[Row, ...]
    subjects: tuple[str, ...]
    measure: Callable[[Bench, Subject], measures.Sample]
    only_in_full: tuple[str, ...] = EXTRAS


def _scenario(
    name: str,
    title: str,
    unit: str,
    subjects: tuple[str, ...],
    measure: Callable[[Bench, Subject], measures.Sample],
) -> Scenario:
    return Scenario(name, (Row(title, unit),), subjects, measure)


def _store_scu(data: str, kilobytes: int, subjects: tuple[str, ...] = SENDERS) -> Scenario:
    unit = "MB/s" if data == "L" else "objects/s"
    return _scenario(
        f"store-scu-{data}-{kilobytes}k",
        f"C-STORE SCU, {data} from files, {kilobytes} KB PDUs",
        unit,
        subjects,
        partial(measures.store_scu, data=data, maximum_length=kilobytes * 1024),
    )


def _store_scp(data: str, kilobytes: int, subjects: tuple[str, ...] = ALL) -> Scenario:
    unit = "MB/s" if data == "L" else "objects/s"
    return _scenario(
        f"store-scp-{data}-{kilobytes}k",
        f"C-STORE SCP, {data}, only returns 0, {kilobytes} KB PDUs",
        unit,
        subjects,
        partial(measures.store_scp, data=data, maximum_length=kilobytes * 1024),
    )


def _files_scp(data: str) -> Scenario:
    return _scenario(
        f"files-scp-{data}",
        f"storescp to files, {data}",
        "objects/s",
        TO_FILES,
        partial(measures.store_scp, data=data, maximum_length=16384, kind="program"),
    )


def _pair(data: str, contexts: str, *, explicit: bool) -> Scenario:
    return _scenario(
        f"pair-{data}" if explicit else f"pair-default-{data}",
        f"SCU to SCP, {data}, {contexts}",
        "objects/s",
        ALL if explicit else PYTHON,
        partial(measures.store_pair, data=data, explicit=explicit),
    )


def _idle(side: str, subjects: tuple[str, ...]) -> Scenario:
    rows = (
        Row(f"100 idle associations as {side.upper()}: processor", "%", "processor", "less"),
        Row(f"100 idle associations as {side.upper()}: memory each", "KiB", "memory", "less"),
    )
    measure = measures.idle_scu if side == "scu" else measures.idle_scp
    # pynetdicom 3 takes most of a minute for its hundred associations.
    return Scenario(f"idle-{side}", rows, subjects, measure, only_in_full=(PYNETDICOM_3,))


def _memory(
    name: str,
    title: str,
    subjects: tuple[str, ...],
    measure: Callable[[Bench, Subject], measures.Sample],
) -> Scenario:
    return Scenario(name, (Row(title, "MiB", better="less"),), subjects, measure)


def _find_scu(name: str, title: str, kind: str) -> Scenario:
    return _scenario(name, title, "responses/s", ALL, partial(measures_queries.find_scu, kind=kind))


def _retrieval(
    name: str,
    title: str,
    measure: Callable[..., measures.Sample],
    kind: str = "archive",
    subjects: tuple[str, ...] = ARCHIVES,
) -> Scenario:
    return _scenario(name, title, "objects/s", subjects, partial(measure, kind=kind))


def _crowd(associations: int, subjects: tuple[str, ...]) -> Scenario:
    title = f"{associations} associations at once"
    rows = (
        Row(title, "echo/s"),
        Row(f"{title}: latency, 99th percentile", "ms", "p99", "less"),
        Row(f"{title}: unanswered", "", "lost", "less"),
    )
    measure = partial(measures_queries.crowd_scp, associations=associations)
    return Scenario(f"crowd-{associations}", rows, subjects, measure, (PYNETDICOM_3, DCMTK))


SCENARIOS = (
    _scenario("echo-scu", "C-ECHO SCU, one association", "echo/s", SENDERS, measures.echo_scu),
    _scenario("echo-scp", "C-ECHO SCP, one association", "echo/s", ALL, measures.echo_scp),
    _scenario("cycle-scu", "associate, echo, release as SCU", "/s", CYCLERS, measures.cycle_scu),
    _scenario("cycle-scp", "associate, echo, release as SCP", "/s", ALL, measures.cycle_scp),
    _store_scu("S", 16, (*SENDERS, DCMSEND)),
    _store_scu("C", 16, (*SENDERS, DCMSEND)),
    _store_scu("C", 128),
    _store_scu("L", 16),
    _store_scu("L", 128),
    _store_scp("S", 16, (*ALL, DCMRECV)),
    _store_scp("C", 16, (*ALL, DCMRECV)),
    _store_scp("C", 128),
    _store_scp("L", 16),
    _store_scp("L", 128),
    _files_scp("S"),
    _files_scp("C"),
    _pair("S", "Explicit VR proposed", explicit=True),
    _pair("C", "Explicit VR proposed", explicit=True),
    _pair("C", "default contexts", explicit=False),
    _scenario(
        "programs-C",
        "storescu to storescp, C, whole process",
        "objects/s",
        BLOCKING,
        partial(measures.program_pair, data="C"),
    ),
    _scenario("find-scp", "C-FIND SCP, 15 elements", "responses/s", ALL, measures_queries.find_scp),
    _find_scu("find-scu", "C-FIND SCU, identifier ignored", "find"),
    _find_scu("find-scu-read", "C-FIND SCU, all 15 elements read", "find-read"),
    _retrieval("get-C", "C-GET, C, data sets", measures_queries.get_pair),
    _retrieval(
        "get-paths-C", "C-GET, C, paths", measures_queries.get_pair, "archive-paths", FRONTS
    ),
    _retrieval("move-C", "C-MOVE SCP, C, data sets", measures_queries.move_scp),
    _retrieval(
        "move-paths-C", "C-MOVE SCP, C, paths", measures_queries.move_scp, "archive-paths", FRONTS
    ),
    Scenario(
        "threads-scu",
        (
            Row("C-ECHO SCU, ten threads or tasks", "echo/s"),
            Row("C-ECHO SCU, ten threads or tasks: lost", "", "lost", "less"),
        ),
        PYTHON,
        measures_queries.threads_scu,
    ),
    _crowd(200, ALL),
    _crowd(500, (*FRONTS, DCMTK)),
    _crowd(1000, FRONTS),
    _memory(
        "memory-find",
        "10,000 C-FIND responses, SCU peak",
        LIBRARIES,
        measures_queries.memory_find,
    ),
    Scenario(
        "memory-data-set",
        (Row("largest object looked at in memory, SCP peak", "x object", better="less"),),
        PYTHON,
        measures.memory_data_set,
    ),
    _memory(
        "memory-scu",
        "largest object from a path, SCU peak",
        LIBRARIES,
        partial(measures.memory_scu, chunked=False),
    ),
    _memory(
        "memory-scu-chunked",
        "the same, STORE_SEND_CHUNKED_DATASET",
        LIBRARIES,
        partial(measures.memory_scu, chunked=True),
    ),
    _memory(
        "memory-scp",
        "largest object to a file, SCP peak",
        (OURS, BIT_PRESERVING, PYNETDICOM_3),
        measures.memory_scp,
    ),
    _idle("scp", ALL),
    _idle("scu", PYTHON),
    Scenario(
        "import",
        (Row("import pynetdicom beyond pydicom", "ms", better="less"),),
        LIBRARIES,
        measures.import_time,
    ),
)
