"""How queries, retrievals and many associations at once are measured, as in `measures`."""

from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measures import MICROSECONDS, Sample, asked, files
from benchmarks.processes import DEADLINE, BenchmarkError, run_for_json
from benchmarks.subjects import Dcmtk, Library, Request, Subject

MEMORY_MATCHES = 10000


def find_scp(bench: Bench, subject: Subject) -> Sample:
    """Query again and again: responses/s. A library has a thousand matches, an archive files."""
    count = bench.amounts.matches
    with bench.server(subject, "archive", source=_images(bench, subject), matches=1000) as server:
        before = server.cpu
        result = bench.query("find", server.port, count)
        cpu = (server.cpu - before) * MICROSECONDS
    return {"value": result["count"] / result["seconds"], "cpu": cpu / result["count"]}


def _images(bench: Bench, subject: Subject) -> Path:
    """Return where an archive has its files; a library needs none to answer a query."""
    return bench.data if isinstance(subject, Library) else bench.folder("C")


def find_scu(bench: Bench, subject: Subject, kind: str) -> Sample:
    """Take the prepared matches of one query: responses/s."""
    matches = bench.amounts.matches
    with bench.sink(matches=matches) as sink:
        done = asked(subject, Request(kind, sink.port, seconds=bench.amounts.seconds))
    count = done.get("count", matches)
    return {"value": count / done["seconds"], "cpu": done["cpu"] * MICROSECONDS / count}


def get_pair(bench: Bench, subject: Subject, kind: str) -> Sample:
    """Retrieve CT images from one side of a subject to the other: objects/s."""
    seconds = bench.amounts.seconds
    with bench.server(subject, kind, source=bench.folder("C")) as server:
        request = Request("get", server.port, repeat=bench.amounts.retrievals, seconds=seconds)
        before = server.cpu
        done = asked(subject, request)
        cpu = (server.cpu - before + done["cpu"]) * MICROSECONDS
    count = done.get("count", files(bench, "C"))
    if not count:
        raise BenchmarkError("nothing was retrieved")
    return {"value": count / done["seconds"], "cpu": cpu / count}


def move_scp(bench: Bench, subject: Subject, kind: str) -> Sample:
    """Have CT images moved into the sink: objects/s."""
    with (
        bench.sink() as sink,
        bench.server(subject, kind, source=bench.folder("C"), destination=sink.port) as server,
    ):
        before = server.cpu
        result = bench.query("move", server.port, bench.amounts.retrievals)
        cpu = (server.cpu - before) * MICROSECONDS
        arrived = sink.report().messages
    if arrived != result["count"]:
        raise BenchmarkError(f"{arrived} objects arrived, {result['count']} were reported")
    return {"value": arrived / result["seconds"], "cpu": cpu / arrived}


def threads_scu(bench: Bench, subject: Subject) -> Sample:
    """Echo in several threads with an association each: echo/s, and how many were lost."""
    amounts = bench.amounts
    with bench.sink(threads=True) as sink:
        request = Request("threads", sink.port, count=amounts.echoes_each, repeat=amounts.threads)
        done = asked(subject, request, deadline=max(DEADLINE, amounts.echoes_each / 25))
    rate = done["count"] / done["seconds"]
    return {"value": rate, "cpu": done["cpu"] * MICROSECONDS / done["count"], "lost": done["lost"]}


def crowd_scp(bench: Bench, subject: Subject, associations: int) -> Sample:
    """Echo on many associations at once: echo/s, the 99th percentile of latency, the lost."""
    kind = "fork" if isinstance(subject, Dcmtk) else "answer"
    with bench.server(subject, kind) as server:
        bench.replay("echo", server.port)
        before = server.cpu
        done = bench.crowd(server.port, associations)
        cpu = (server.cpu - before) * MICROSECONDS
    rate = done["count"] / done["seconds"]
    latency = done["p99"] * 1000
    return {"value": rate, "cpu": cpu / done["count"], "p99": latency, "lost": done["lost"]}


def memory_find(bench: Bench, subject: Subject) -> Sample:
    """Take ten thousand matches one by one and see the peak memory: MiB above idle."""
    with bench.sink(matches=MEMORY_MATCHES) as sink:
        result = run_for_json(subject.request(Request("find-memory", sink.port)))
    if result["count"] != MEMORY_MATCHES:
        raise BenchmarkError(f"{result['count']} matches of {MEMORY_MATCHES} came")
    return {"value": result["peak"] / 2**20, "anonymous": result["anonymous"] / 2**20}
