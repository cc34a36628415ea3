"""Who is measured: this library in both fronts, pynetdicom 3 and the programs of DCMTK."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from benchmarks import archives, datasets, wire
from benchmarks.affinity import without_processor
from benchmarks.processes import BenchmarkError, Command

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"

OURS = "ours"
ASYNCIO = "ours asyncio"
DCMTK = "dcmtk"
BIT_PRESERVING = "dcmtk +B"
DCMSEND = "dcmsend"
DCMRECV = "dcmrecv"
DCMRECV_BIT_PRESERVING = "dcmrecv +B"
PYNETDICOM_3 = "pynetdicom 3"
ORTHANC = "orthanc"
NEUTRAL = "neutral ends"

BLOCKING_PROGRAMS = "benchmarks.user_programs"
ASYNCIO_PROGRAMS = "benchmarks.user_programs_asyncio"
# Where the queries and retrievals of each are.
QUERIES = {
    BLOCKING_PROGRAMS: "benchmarks.user_queries",
    ASYNCIO_PROGRAMS: "benchmarks.user_queries_asyncio",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a SCU is to do.

    The kinds: "echo", "cycle", "store", "store-memory", "idle", "threads" (each with its own
    association), "find", "find-read" (which looks at every element), "find-memory", "get", and
    "program", which stores with a command line program instead of the library.
    """

    kind: str
    port: int
    count: int = 1
    repeat: int = 1
    seconds: float = 10.0
    folder: Path = Path()
    chunked: bool = False
    explicit: bool = False  # propose only the transfer syntax of the files
    maximum_length: int = 16384  # of the sink; only the replay has to be told


@dataclass(frozen=True, slots=True)
class Service:
    """What a SCP is to do.

    The kinds: "answer" only returns 0; "file" streams what it receives to a file; "look" looks
    at a data set in memory; "program" is the command line program that keeps files; "fork" serves
    many associations at once; "archive" answers C-FIND, C-GET and C-MOVE, and "archive-paths" does
    so from the paths of files.

    Attributes:
        source: The folder with what an archive has.
        matches: How many responses it has to a query.
        destination: The port to which C-MOVE moves.
    """

    kind: str
    port: int
    maximum_length: int = 16384
    folder: Path = Path()
    source: Path = Path()
    matches: int = 0
    destination: int = 0


class Subject(Protocol):
    """Something that can be measured; raises `BenchmarkError` for what it cannot do."""

    @property
    def name(self) -> str: ...

    def request(self, request: Request) -> Command: ...

    def service(self, service: Service) -> Command: ...


@dataclass(frozen=True, slots=True)
class Library:
    """A library with the API of pynetdicom, in an interpreter of its own."""

    name: str
    python: str
    environment: Mapping[str, str]
    module: str = BLOCKING_PROGRAMS

    def request(self, request: Request) -> Command:
        if request.kind == "program":
            return self._program("storescu", HOST, str(request.port), "-r", str(request.folder))
        options = ["--count", request.count, "--repeat", request.repeat]
        options += ["--seconds", request.seconds, "--folder", request.folder]
        if request.chunked:
            options.append("--chunked")
        if request.explicit:
            options.append("--explicit")
        return self._run(f"{request.kind}-scu", request.port, options)

    def service(self, service: Service) -> Command:
        if service.kind == "program":
            options = ["-od", str(service.folder), "-pdu", str(service.maximum_length)]
            return self._program("storescp", str(service.port), *options, port=service.port)
        if service.kind.startswith("archive"):
            options = ["--matches", str(service.matches), "--folder", str(service.source)]
            options += ["--destination", str(service.destination)]
            return self._run(f"{service.kind}-scp", service.port, options)
        limit = ["--maximum-length", service.maximum_length]
        folder = ["--folder", service.folder] if service.kind == "file" else []
        program = "look-scp" if service.kind == "look" else "scp"
        return self._run(program, service.port, limit + folder)

    def _run(self, program: str, port: int, options: Sequence[object]) -> Command:
        is_query = program.startswith(("find", "get", "archive"))
        module = QUERIES[self.module] if is_query else self.module
        arguments = [self.python, "-m", module, program, str(port), *map(str, options)]
        return Command(arguments, self.environment, port=port)

    def _program(self, name: str, *arguments: str, port: int = 0) -> Command:
        if self.module != BLOCKING_PROGRAMS:
            raise BenchmarkError("the programs are measured once, not per front")
        command = [self.python, "-m", "pynetdicom", name, *arguments]
        return Command(command, self.environment, says_ready=False, port=port)


@dataclass(frozen=True, slots=True)
class Dcmtk:
    """The programs of DCMTK, with the variable without which they stall 44 ms per message."""

    name: str = DCMTK
    scu: str = "storescu"
    scp: str = "storescp"
    scp_options: tuple[str, ...] = ()

    def request(self, request: Request) -> Command:
        address = [HOST, str(request.port)]
        match request.kind:
            case "echo":
                return self._command("echoscu", "--repeat", str(request.count), *address)
            case "store" | "program":
                files = [str(path) for path in sorted(request.folder.glob("*.dcm"))]
                return self._command(self.scu, *address, *files * request.repeat)
            case "find" | "find-read":
                keys = [f"{tag >> 16:04X},{tag & 0xFFFF:04X}" for tag, *_ in wire.MATCH]
                return self._query("findscu", "--hide-responses", keys, address)
            case "get":
                keys = ["QueryRetrieveLevel=STUDY", f"StudyInstanceUID={datasets.STUDY}"]
                # In one process: a retrieval on its own is too short for `repeat`.
                return self._query("getscu", "--ignore", keys, address)
            case kind:
                raise BenchmarkError(f"DCMTK has no program for {kind}")

    def service(self, service: Service) -> Command:
        if service.kind == "archive":
            configuration = archives.dcmqrscp(
                service.port, service.folder, service.source, service.destination
            )
            return self._command("dcmqrscp", "-s", "-c", str(configuration), port=service.port)
        options = ["-dhl", "-pdu", str(service.maximum_length), *self.scp_options]
        match service.kind:
            case "answer":
                options.append("--ignore")
            case "fork":
                options += ["--fork", "--ignore"]
            case "program" | "file":
                options += ["-od", str(service.folder)]
        return self._command(self.scp, *options, str(service.port), port=service.port)

    def _query(self, program: str, option: str, keys: list[str], address: list[str]) -> Command:
        options = [text for key in keys for text in ("-k", key)]
        return self._command(program, "-S", option, *options, *address)

    @staticmethod
    def _command(program: str, *arguments: str, port: int = 0) -> Command:
        path = shutil.which(program)
        if path is None:
            raise BenchmarkError(f"{program} is not installed")
        environment = {**os.environ, "TCP_NODELAY": "1"}
        return Command([path, *arguments], environment, says_ready=False, port=port)


@dataclass(frozen=True, slots=True)
class Orthanc(Dcmtk):
    """An archive in C++, asked by the programs of DCMTK."""

    name: str = ORTHANC

    def service(self, service: Service) -> Command:
        if service.kind != "archive":
            raise BenchmarkError(f"Orthanc is no {service.kind}")
        folders = ["--folder", service.folder, "--source", service.source]
        return neutral("archives", service.port, *folders, "--destination", service.destination)


@dataclass(frozen=True, slots=True)
class NeutralEnds:
    """The replay as SCU: into the sink it shows what the two ends cost by themselves."""

    name: str = NEUTRAL

    def request(self, request: Request) -> Command:
        options = ["--count", request.count, "--repeat", request.repeat]
        options += ["--seconds", request.seconds, "--folder", request.folder]
        options += ["--maximum-length", request.maximum_length]
        command = neutral("replay", request.kind, request.port, *options)
        # As a subject it has to stay away from the processor of the sink.
        return replace(command, environment=without_processor(command.environment))

    def service(self, service: Service) -> Command:
        raise BenchmarkError(f"the sink does not serve as {service.kind}")


def neutral(module: str, *arguments: object) -> Command:
    """Describe a neutral end: this interpreter, without any library of DICOM."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    return Command(command, environment)


def package(name: str, python: str, source: Path | None = None) -> Library:
    """Describe a library that an interpreter finds, with `source` before its own packages."""
    path = os.pathsep.join(str(folder) for folder in (source, ROOT) if folder)
    return Library(name, python, {**os.environ, "PYTHONPATH": path})


def dcmtk_subjects() -> list[Dcmtk]:
    contexts = ("-xf", str(ROOT / "benchmarks" / "dcmrecv.cfg"), "Default")
    return [
        Dcmtk(),
        Dcmtk(BIT_PRESERVING, scp_options=("--bit-preserving",)),
        Dcmtk(DCMSEND, scu="dcmsend"),
        Dcmtk(DCMRECV, scp="dcmrecv", scp_options=contexts),
        Dcmtk(DCMRECV_BIT_PRESERVING, scp="dcmrecv", scp_options=(*contexts, "--bit-preserving")),
    ]


def version(subject: Library | Dcmtk) -> str | None:
    """Ask a subject for its version; `None` when it is not installed."""
    if isinstance(subject, Library):
        module = "pynetdicom.asyncio" if subject.module == ASYNCIO_PROGRAMS else "pynetdicom"
        code = f"import {module}, pynetdicom; print(pynetdicom.AE and pynetdicom.__version__)"
        arguments, environment = [subject.python, "-c", code], dict(subject.environment)
    else:
        program = "Orthanc" if isinstance(subject, Orthanc) else "storescp"
        arguments, environment = [program, "--version"], dict(os.environ)
    try:
        done = subprocess.run(
            arguments, env=environment, capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    first = done.stdout.splitlines()[0]
    return first.split()[2] if first.startswith("$dcmtk") else first
