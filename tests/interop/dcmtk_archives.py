"""DCMTK's archive (dcmqrscp), its worklist server (wlmscpfs) and its query and retrieve SCUs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.valuerep import VR

from interop.processes import Command, program, run, running
from ports import free_port

TITLE = "DCMTK"

_CONFIGURATION = """\
NetworkTCPPort = {port}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
{hosts}
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
{title} {area} RW (100, 100mb) ANY
AETable END
"""


@contextmanager
def dcmqrscp(
    folder: Path, files: Sequence[Path], destinations: Mapping[str, int], *options: str
) -> Iterator[int]:
    """Run an archive with these files while the block lasts, and give its port.

    Args:
        folder: Where it keeps everything.
        files: What it holds.
        destinations: The ports of those to whom it may move something, by AE title.
        options: Further options of the program.
    """
    port, area, configuration = free_port(), folder / "area", folder / "dcmqrscp.cfg"
    area.mkdir()
    for file in files:
        (area / file.name).write_bytes(file.read_bytes())
    run([program("dcmqridx", "DCMTK"), area, *sorted(area.glob("*.dcm"))])
    hosts = [f"{aet} = ({aet}, localhost, {port})" for aet, port in destinations.items()]
    configuration.write_text(
        _CONFIGURATION.format(port=port, hosts="\n".join(hosts), title=TITLE, area=area)
    )
    command: Command = [program("dcmqrscp", "DCMTK"), "-c", configuration, "-d", *options]
    with running(command, port, folder / "log"):
        yield port


@contextmanager
def wlmscpfs(folder: Path, items: Sequence[Dataset], *options: str) -> Iterator[int]:
    """Run a worklist server with these items while the block lasts, and give its port."""
    port, area = free_port(), folder / "worklists"
    worklist(area / TITLE, items)
    command: Command = [program("wlmscpfs", "DCMTK"), "-dfp", area, *options, str(port)]
    with running(command, port, folder / "log"):
        yield port


def worklist(folder: Path, items: Sequence[Dataset]) -> None:
    """Write a worklist as wlmscpfs reads it."""
    folder.mkdir(parents=True)
    (folder / "lockfile").touch()
    for number, item in enumerate(items):
        item.save_as(folder / f"{number}.wl", enforce_file_format=True)


def findscu(port: int, folder: Path, *options: str) -> tuple[list[Dataset], str]:
    """Return the matches that came, and what the program printed."""
    command = [program("findscu", "DCMTK"), "-v", "-X", "-od", str(folder), *options]
    output = run([*command, "localhost", str(port)])
    return [dcmread(path, force=True) for path in sorted(folder.glob("rsp*.dcm"))], output


def getscu(port: int, folder: Path, *options: str) -> tuple[list[Dataset], str]:
    """Return the instances that came, and what the program printed."""
    command = [program("getscu", "DCMTK"), "-d", "+B", "-od", str(folder), *options]
    output = run([*command, "localhost", str(port)])
    return _stored(folder), output


def movescu(
    port: int, folder: Path, receiver_port: int, *options: str, expected: int = 0
) -> tuple[list[Dataset], str]:
    """Return the instances the program's own receiver was sent, and what the program printed."""
    # With +B, as for the other programs, this version stores nothing.
    receiver = ["-od", str(folder), "+P", str(receiver_port)]
    command = [program("movescu", "DCMTK"), "-d", *receiver, *options]
    output = run([*command, "localhost", str(port)], expected=expected)
    return _stored(folder), output


def final_counters(output: str) -> dict[str, str]:
    """Return the numbers of sub-operations in the last response that an SCU printed."""
    *_, last = output.split("INCOMING DIMSE MESSAGE")
    return dict(re.findall(r"D: (\w+) Suboperations +: (\w+)", last))


def keys(identifier: Dataset) -> list[str]:
    """Return the options that make an SCU of DCMTK ask with this identifier."""
    return [part for key in _keys(identifier) for part in ("-k", key)]


def _keys(data_set: Dataset, path: str = "") -> Iterator[str]:
    for element in data_set:
        if element.VR == VR.SQ:
            for number, item in enumerate(element.value):
                yield from _keys(item, f"{path}{element.keyword}[{number}].")
        else:
            yield f"{path}{element.keyword}={element.value or ''}"


def _stored(folder: Path) -> list[Dataset]:
    return [dcmread(path) for path in sorted(folder.iterdir())]
