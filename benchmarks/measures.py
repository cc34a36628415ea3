"""How each kind of scenario is measured; every function takes one sample of one subject."""

import statistics
import time

from benchmarks import memory
from benchmarks.bench import IDLE_ASSOCIATIONS, Bench
from benchmarks.processes import (
    DEADLINE,
    BenchmarkError,
    Command,
    run,
    run_for_json,
    started,
)
from benchmarks.sink import Report
from benchmarks.subjects import Dcmtk, Library, Request, Subject, neutral

Sample = dict[str, float]

LARGE_SETS = ("L", "G")  # measured in MB/s instead of objects/s


MICROSECONDS = 1e6  # "cpu" is the processor time for each operation in these


def echo_scu(bench: Bench, subject: Subject) -> Sample:
    """Echo on one association into the sink: round trips/s by the clock of the sink."""
    report, cpu = _into_sink(bench, subject, "echo", bench.amounts.echoes)
    rate = report.messages / (report.answered - report.accepted)
    return {"value": rate, "cpu": cpu / report.messages}


def cycle_scu(bench: Bench, subject: Subject) -> Sample:
    """Connect, associate, echo and release into the sink: cycles/s."""
    report, cpu = _into_sink(bench, subject, "cycle", bench.amounts.cycles)
    rate = report.associations / (report.released - report.connected)
    return {"value": rate, "cpu": cpu / report.associations}


def _into_sink(bench: Bench, subject: Subject, kind: str, count: int) -> tuple[Report, float]:
    with bench.sink() as sink:
        request = Request(kind, sink.port, count=count, seconds=bench.amounts.seconds)
        done = asked(subject, request)
        return _seen(sink.report()), done["cpu"] * MICROSECONDS


def asked(subject: Subject, request: Request, deadline: float = DEADLINE) -> Sample:
    """Have a SCU do something: it counts in its process, a program of DCMTK as a whole one."""
    done = run(subject.request(request), deadline)
    if isinstance(subject, Dcmtk):
        return {"seconds": done.seconds, "cpu": done.cpu}
    return done.json()


def _seen(report: Report) -> Report:
    if not report.messages:
        raise BenchmarkError("the sink received no message")
    return report


def store_scu(bench: Bench, subject: Subject, data: str, maximum_length: int) -> Sample:
    """Store files into the sink, from its A-ASSOCIATE-AC to its last response."""
    folder = bench.folder(data)
    with bench.sink(maximum_length) as sink:
        request = Request(
            "store",
            sink.port,
            folder=folder,
            repeat=bench.repeats(data),
            seconds=bench.amounts.seconds,
            maximum_length=maximum_length,
        )
        cpu = asked(subject, request)["cpu"] * MICROSECONDS
        report = _seen(sink.report())
    seconds = report.answered - report.accepted
    amount = report.octets / 1e6 if data in LARGE_SETS else report.messages
    rate = amount / seconds
    return {"value": rate, "cpu": cpu / amount, "largest PDU": report.largest_pdu}


def echo_scp(bench: Bench, subject: Subject) -> Sample:
    """Replay echoes on one association: round trips/s."""
    return _replayed(bench, subject, "echo", bench.amounts.echoes)


def cycle_scp(bench: Bench, subject: Subject) -> Sample:
    """Replay whole associations with one echo: cycles/s."""
    return _replayed(bench, subject, "cycle", bench.amounts.cycles)


def _replayed(bench: Bench, subject: Subject, work: str, count: int) -> Sample:
    with bench.server(subject, "answer") as server:
        before = server.cpu
        result = bench.replay(work, server.port, "--count", count)
        cpu = (server.cpu - before) * MICROSECONDS
    return {"value": result["count"] / result["seconds"], "cpu": cpu / result["count"]}


def store_scp(
    bench: Bench, subject: Subject, data: str, maximum_length: int, kind: str = "answer"
) -> Sample:
    """Replay a set into a SCP that drops it ("answer") or keeps files ("program")."""
    options = ["--folder", bench.folder(data), "--repeat", bench.repeats(data)]
    options += ["--maximum-length", maximum_length]
    with bench.server(subject, kind, maximum_length) as server:
        before = server.cpu
        result = bench.replay("store", server.port, *options)
        cpu = (server.cpu - before) * MICROSECONDS
        if kind == "program":
            server.expect_files(result["count"])
    amount = result["octets"] / 1e6 if data in LARGE_SETS else result["count"]
    return {"value": amount / result["seconds"], "cpu": cpu / amount}


def store_pair(bench: Bench, subject: Subject, data: str, *, explicit: bool) -> Sample:
    """Store from one side of a subject to the other.

    A library counts in its process; a program is measured from its start to its end.
    """
    folder = bench.folder(data)
    with bench.server(subject, "answer") as server:
        request = Request(
            "store",
            server.port,
            folder=folder,
            seconds=bench.amounts.seconds,
            explicit=explicit,
        )
        before = server.cpu
        done = asked(subject, request)
        cpu = (server.cpu - before + done["cpu"]) * MICROSECONDS
    count = done.get("count", files(bench, data))
    return {"value": count / done["seconds"], "cpu": cpu / count}


def program_pair(bench: Bench, subject: Subject, data: str) -> Sample:
    """Store with the program storescu to the program storescp: whole processes, files to files."""
    with bench.server(subject, "program") as server:
        request = Request("program", server.port, folder=bench.folder(data))
        before = server.cpu
        done = run(subject.request(request))
        cpu = (server.cpu - before + done.cpu) * MICROSECONDS
        count = files(bench, data)
        server.expect_files(count)
    return {"value": count / done.seconds, "cpu": cpu / count}


def files(bench: Bench, data: str) -> int:
    return sum(1 for _ in bench.folder(data).glob("*.dcm"))


def memory_scu(bench: Bench, subject: Subject, *, chunked: bool) -> Sample:
    """Store the largest object from its path and see the peak memory: MiB above idle."""
    with bench.sink(16384) as sink:
        request = Request("store-memory", sink.port, folder=bench.folder("G"), chunked=chunked)
        result = run_for_json(subject.request(request))
    if result["status"]:
        raise BenchmarkError(f"status {result['status']}")
    return {"value": result["peak"] / 2**20, "anonymous": result["anonymous"] / 2**20}


def memory_data_set(bench: Bench, subject: Subject) -> Sample:
    """Look at the pixels of the largest object in memory: the peak in sizes of the object."""
    folder = bench.folder("G")
    size = sum(path.stat().st_size for path in folder.glob("*.dcm"))
    with bench.server(subject, "look") as server:
        bench.replay("echo", server.port)
        with memory.PeakMemory(server.process_id) as peak:
            bench.replay("store", server.port, "--folder", folder)
    return {"value": peak.peak / size, "anonymous": peak.anonymous / size}


def memory_scp(bench: Bench, subject: Subject) -> Sample:
    """Receive the largest object to a file and see the peak memory: MiB above idle."""
    folder = ["--folder", bench.folder("G")]
    with bench.server(subject, "file") as server:
        bench.replay("echo", server.port)
        with memory.PeakMemory(server.process_id) as peak:
            bench.replay("store", server.port, *folder)
        server.expect_files(1)
    return {"value": peak.peak / 2**20, "anonymous": peak.anonymous / 2**20}


def idle_scp(bench: Bench, subject: Subject) -> Sample:
    """Hold 100 idle associations as SCP: % of one processor, and KiB for each."""
    # DCMTK serves several associations at once only with a process for each.
    kind = "fork" if isinstance(subject, Dcmtk) else "answer"
    with bench.server(subject, kind) as server:
        bench.replay("echo", server.port)
        before = memory.private_bytes(server.process_id)
        holder = neutral("replay", "hold", server.port, "--count", IDLE_ASSOCIATIONS)
        with started(holder) as held:
            held.read_line()
            used = _processor_use(bench, server.process_id)
            each = (memory.private_bytes(server.process_id) - before) / IDLE_ASSOCIATIONS
            count = memory.threads(server.process_id)
    return {"processor": used, "memory": each / 1024, "threads": count}


def _processor_use(bench: Bench, process_id: int) -> float:
    time.sleep(1.0)  # what is done once, after the start, is not idling
    before, since = memory.processor_seconds(process_id), time.perf_counter()
    time.sleep(bench.amounts.idle_seconds)
    used = memory.processor_seconds(process_id) - before
    return 100 * used / (time.perf_counter() - since)


def idle_scu(bench: Bench, subject: Subject) -> Sample:
    """Hold 100 idle associations as SCU: % of one processor, and KiB for each."""
    with bench.sink(threads=True) as sink:
        request = Request("idle", sink.port, count=IDLE_ASSOCIATIONS)
        with started(subject.request(request)) as child:
            child.read_line()
            used = _processor_use(bench, child.process_id)
            count = memory.threads(child.process_id)
            result = child.finish()
    return {"processor": used, "memory": result["each"] / 1024, "threads": count}


IMPORT = """
import time
import pydicom
started = time.perf_counter()
import pynetdicom
print((time.perf_counter() - started) * 1000)
"""


def import_time(bench: Bench, subject: Subject) -> Sample:
    """Import the library after pydicom: milliseconds, the median of several processes."""
    if not isinstance(subject, Library):
        raise BenchmarkError("not a library of Python")
    command = Command([subject.python, "-c", IMPORT], subject.environment)
    times = [float(run(command).output) for _ in range(bench.amounts.imports)]
    return {"value": statistics.median(times)}
