"""DCMTK's print server (dcmprscp), and its programs that make print jobs and send them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import FileDataset

from interop.processes import Command, program, run, running
from ports import free_port

PRINTER = "PRINTER"

_CONFIGURATION = """\
[[GENERAL]]
[APPLICATION]
LogDirectory = {folder}
[PRINT]
Directory = {folder}
[DATABASE]
Directory = {folder}
[LUT]
Directory = {folder}
[NETWORK]
aetitle = DCMTK
[[COMMUNICATION]]
[{printer}]
Type = {type}
Hostname = localhost
Port = {port}
Aetitle = {printer}
Description = A printer
DisplayFormat = 1,1\\2,2
FilmDestination = MAGAZINE\\PROCESSOR
FilmSizeID = 8INX10IN
MediumType = PAPER\\BLUE FILM
MagnificationType = REPLICATE\\BILINEAR
ResolutionID = STANDARD
MinDensity = 20
MaxDensity = 320
Supports12Bit = true
SupportsPresentationLUT = true
PresentationLUTMatchRequired = false
"""


@dataclass(frozen=True, slots=True)
class PrintServer:
    """A running dcmprscp.

    Attributes:
        port: Where it listens.
        folder: Where it keeps what it has printed.
    """

    port: int
    folder: Path

    def take(self) -> list[FileDataset]:
        """Return the images printed since the last call, and forget them."""
        paths = sorted(self.folder.glob("HG_*.dcm"))
        images = [dcmread(path) for path in paths]
        for path in paths:
            path.unlink()
        return images


@contextmanager
def dcmprscp(folder: Path) -> Iterator[PrintServer]:
    port = free_port()
    configuration = _configured(folder, port, "LOCALPRINTER")
    command: Command = [program("dcmprscp", "DCMTK"), "-c", configuration, "-p", PRINTER]
    with running(command, port, folder / "log"):
        yield PrintServer(port, folder)


def print_image(image: Path, port: int, folder: Path) -> FileDataset:
    """Print an image, and return what was sent to the printer for it."""
    configuration = _configured(folder, port, "PRINTER")
    settings: Command = ["-v", "-c", configuration, "-p", PRINTER]
    run([program("dcmpsprt", "DCMTK"), *settings, image])
    (job,) = folder.glob("SP_*.dcm")
    run([program("dcmprscu", "DCMTK"), *settings, job])
    (bitmap,) = folder.glob("HG_*.dcm")
    return dcmread(bitmap)


def _configured(folder: Path, port: int, kind: str) -> Path:
    path = folder / "print.cfg"
    values = {"folder": folder, "port": port, "type": kind, "printer": PRINTER}
    path.write_text(_CONFIGURATION.format(**values))
    return path
