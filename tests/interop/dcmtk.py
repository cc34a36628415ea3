"""DCMTK's programs as peers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from interop.links import Link
from interop.processes import program, run, running
from interop.receivers import Receiver
from interop.samples import Sample, data_set_of, pairs_of, storable_samples
from ports import free_port
from pynetdicom import ALL_TRANSFER_SYNTAXES
from pynetdicom.sop_class import Verification

# Its store writes what arrived without a look into it: "write data exactly as read".
BIT_PRESERVING = "+B"


@contextmanager
def storescp(folder: Path, link: Link, *options: str) -> Iterator[Receiver]:
    every_file = ["--accept-all", "--unique-filenames", BIT_PRESERVING]
    with _receiving("storescp", folder, link, [*every_file, *options]) as receiver:
        yield receiver


@contextmanager
def dcmrecv(folder: Path, link: Link) -> Iterator[Receiver]:
    profile = _profile(folder / "dcmrecv.cfg", _every_syntax_of_every_class())
    every_file = ["-xf", str(profile), "Tests", "+fu", BIT_PRESERVING]
    with _receiving("dcmrecv", folder, link, every_file) as receiver:
        yield receiver


def echoscu(port: int, link: Link, host: str = "localhost") -> str:
    return run([program("echoscu", "DCMTK"), *link.dcmtk_options(), "-v", host, str(port)])


def storescu(samples: Sequence[Sample], port: int, link: Link, folder: Path, *options: str) -> str:
    """Send the samples over one association, each in its own transfer syntax."""
    pairs = [(sop_class, [syntax]) for sop_class, syntax in pairs_of(samples)]
    profile = _profile(folder / "storescu.cfg", pairs)
    command = [program("storescu", "DCMTK"), *link.dcmtk_options(), "-v", "--no-halt", *options]
    files = [sample.path for sample in samples]
    return run([*command, "-xf", profile, "Tests", "localhost", str(port), *files])


def dcmsend(samples: Sequence[Sample], port: int) -> str:
    """Send the samples; the program chooses the presentation contexts."""
    command = [program("dcmsend", "DCMTK"), "-v", "--no-halt", "--decompress-never"]
    return run([*command, "localhost", str(port), *[sample.path for sample in samples]])


@contextmanager
def _receiving(name: str, folder: Path, link: Link, options: Sequence[str]) -> Iterator[Receiver]:
    received, port = folder / "received", free_port()
    received.mkdir()
    command = [program(name, "DCMTK"), *link.dcmtk_options(), *options]
    with running([*command, "-od", received, str(port)], port, folder / f"{name}.log"):
        yield Receiver(port, received, data_set_of)


def _every_syntax_of_every_class() -> list[tuple[str, list[str]]]:
    pairs = pairs_of(storable_samples())
    needed = {syntax for _, syntax in pairs}
    # In our order of preference: so DCMTK's answer to a proposal with a choice is the same as ours.
    syntaxes = [syntax for syntax in ALL_TRANSFER_SYNTAXES if syntax in needed]
    classes = sorted({sop_class for sop_class, _ in pairs} | {Verification})
    return [(sop_class, syntaxes) for sop_class in classes]


def _profile(path: Path, contexts: Sequence[tuple[str, Sequence[str]]]) -> Path:
    """Write an association negotiation profile (DCMTK's asconfig format) named "Tests"."""
    syntaxes, presentations = ["[[TransferSyntaxes]]"], ["[[PresentationContexts]]", "[Contexts]"]
    for number, (abstract_syntax, transfer_syntaxes) in enumerate(contexts, 1):
        numbered = enumerate(transfer_syntaxes, 1)
        syntaxes += [f"[S{number}]", *(f"TransferSyntax{n} = {syntax}" for n, syntax in numbered)]
        presentations += [f"PresentationContext{number} = {abstract_syntax}\\S{number}"]
    profiles = ["[[Profiles]]", "[Tests]", "PresentationContexts = Contexts"]
    path.write_text("\n".join([*syntaxes, *presentations, *profiles, ""]))
    return path
