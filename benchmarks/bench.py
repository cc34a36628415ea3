"""What every scenario is given: the data sets, the amounts and the neutral ends."""

import contextlib
import json
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import datasets, sink
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
    idle_seconds: float
    imports: int
    seconds: float


FULL = Amounts(20000, 3000, 4, 10.0, 9, 4.0)
QUICK = Amounts(3000, 400, 1, 2.0, 3, 1.0)
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
    _made: set[str] = field(default_factory=set)

    @property
    def amounts(self) -> Amounts:
        return QUICK if self.quick else FULL

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
    def sink(self, maximum_length: int = 16384, *, threads: bool = False) -> Iterator[SinkEnd]:
        options = ["--maximum-length", str(maximum_length)] + ["--threads"] * threads
        with started(neutral("sink", *options)) as child:
            yield SinkEnd(int(child.read_line()))

    @contextlib.contextmanager
    def server(self, subject: Subject, kind: str, maximum_length: int = 16384) -> Iterator[Server]:
        """Start a SCP of this subject, with an empty folder to write into."""
        port = free_port()
        with self.scratch() as folder:
            service = Service(kind, port, maximum_length, folder)
            with serving(subject.service(service)) as child:
                yield Server(port, child.process_id, folder)

    def replay(self, work: str, port: int, *options: object) -> dict[str, float]:
        """Run the replay against a SCP and return what it measured."""
        seconds = ["--seconds", self.amounts.seconds]
        result = run_for_json(neutral("replay", work, port, *seconds, *options))
        if not result["count"]:
            raise BenchmarkError("nothing was answered")
        return result
