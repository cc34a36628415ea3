"""What every scenario is given: the data sets, the amounts and the neutral ends."""

import contextlib
import json
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import datasets, memory, sink
from benchmarks.processes import (
    BenchmarkError,
    free_port,
    run_for_json,
    serving,
    started,
)
from benchmarks.subjects import HOST, Service, Subject, neutral


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much one measurement does; `seconds` ends it earlier for who is slow."""

    echoes: int
    cycles: int
    large_repeats: int
    matches: int  # of a query
    retrievals: int
    threads: int  # as SCU, each with an association of its own
    echoes_each: int  # that a thread does
    idle_seconds: float
    imports: int
    seconds: float


FULL = Amounts(
    echoes=20000,
    cycles=3000,
    large_repeats=4,
    matches=20000,
    retrievals=5,
    threads=10,
    echoes_each=10000,
    idle_seconds=10.0,
    imports=9,
    seconds=4.0,
)
QUICK = Amounts(
    echoes=3000,
    cycles=400,
    large_repeats=1,
    matches=3000,
    retrievals=1,
    threads=10,
    echoes_each=500,
    idle_seconds=2.0,
    imports=3,
    seconds=1.0,
)
MILLION = 1_000_000  # echoes of all threads, which takes minutes
IDLE_ASSOCIATIONS = 100


class SinkEnd:
    """A running sink."""

    def __init__(self, port: int) -> None:
        self.port = port

    def report(self) -> sink.Report:
        """Ask for what was seen, which ends the sink."""
        with socket.create_connection((HOST, self.port), timeout=10) as connection:
            connection.sendall(sink.REPORT)
            with connection.makefile("rb") as answer:
                return sink.Report(**json.loads(answer.read()))


@dataclass(frozen=True, slots=True)
class Server:
    """A running SCP."""

    port: int
    process_id: int
    folder: Path

    @property
    def cpu(self) -> float:
        """How many seconds of processor time it has used so far."""
        return memory.consumed_seconds(self.process_id)

    def expect_files(self, count: float) -> None:
        """See to it that it kept what it acknowledged."""
        kept = sum(1 for path in self.folder.rglob("*") if path.is_file())
        if kept != count:
            raise BenchmarkError(f"{count} objects were acknowledged but {kept} kept")


@dataclass(slots=True)
class Bench:
    """The workshop of one run."""

    data: Path
    quick: bool = False
    million: bool = False
    _made: set[str] = field(default_factory=set)

    @property
    def amounts(self) -> Amounts:
        amounts = QUICK if self.quick else FULL
        if self.million:
            return replace(amounts, echoes_each=MILLION // amounts.threads)
        return amounts

    def folder(self, name: str) -> Path:
        """Return the folder of a set, which is written when it is first wanted."""
        size = (datasets.QUICK if self.quick else datasets.FULL)[name]
        folder = self.data / f"{name}-{size.objects}x{size.rows}x{size.frames}"
        if name not in self._made:
            datasets.make_set(folder, size)
            self._made.add(name)
        return folder

    def repeats(self, name: str) -> int:
        return self.amounts.large_repeats if name == "L" else 1

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give an empty folder beside the data sets, on the same file system."""
        with tempfile.TemporaryDirectory(dir=self.data, prefix="scratch-") as folder:
            yield Path(folder)

    @contextlib.contextmanager
    def sink(
        self, maximum_length: int = 16384, *, matches: int = 0, threads: bool = False
    ) -> Iterator[SinkEnd]:
        options = ["--maximum-length", str(maximum_length), "--matches", str(matches)]
        options += ["--threads"] * threads
        with started(neutral("sink", *options)) as child:
            yield SinkEnd(int(child.read_line()))

    @contextlib.contextmanager
    def server(
        self,
        subject: Subject,
        kind: str,
        maximum_length: int = 16384,
        *,
        source: Path = Path(),
        matches: int = 0,
        destination: int = 0,
    ) -> Iterator[Server]:
        """Start a SCP of this subject, with an empty folder to write into."""
        port = free_port()
        with self.scratch() as folder:
            service = Service(kind, port, maximum_length, folder, source, matches, destination)
            with serving(subject.service(service)) as child:
                yield Server(port, child.process_id, folder)

    def replay(self, work: str, port: int, *options: object) -> dict[str, float]:
        """Run the replay against a SCP and return what it measured."""
        return self._measured("replay", work, port, *options)

    def query(self, work: str, port: int, count: int) -> dict[str, float]:
        """Run the replay of queries, and return what it measured."""
        uids = ["--study", datasets.STUDY, "--series", datasets.SERIES]
        return self._measured("replay_queries", work, port, "--count", count, *uids)

    def crowd(self, port: int, count: int) -> dict[str, float]:
        """Echo on many associations at once."""
        return self._measured("crowd", port, "--count", count)

    def _measured(self, module: str, *options: object) -> dict[str, float]:
        seconds = ["--seconds", self.amounts.seconds]
        result = run_for_json(neutral(module, *options, *seconds))
        if not result["count"]:
            raise BenchmarkError("nothing was answered")
        return result
