"""pynetdicom 3, the established implementation, as a peer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from interop.links import Link
from interop.processes import run, running
from interop.python_peers import PYNETDICOM_3
from interop.receivers import Receiver
from interop.samples import Sample
from ports import free_port


@contextmanager
def storage_scp(folder: Path, link: Link) -> Iterator[Receiver]:
    received, port = folder / "received", free_port()
    received.mkdir()
    command = [*script("pynetdicom_scp.py"), str(port), received, *link.files()]
    with running(command, port, folder / "log"):
        yield Receiver(port, received)


def echo_and_store(samples: Sequence[Sample], port: int, link: Link) -> list[int]:
    """Verify an SCP, send it the files over the same association, and return all statuses."""
    paths = "".join(f"{sample.path}\n" for sample in samples)
    command = [*script("pynetdicom_scu.py"), str(port), *link.files()]
    return [int(line) for line in run(command, given=paths).splitlines()]


def script(name: str) -> list[str | Path]:
    """Return the command that runs one of the scripts in `peers/`, or skip the test."""
    return PYNETDICOM_3.script(name)
