"""pynetdicom 3, the established implementation, as a peer.

It has our import name. So it lives in a virtual environment of its own, and what it does is
written in scripts that run there, isolated from this process' paths (`python -I`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from interop.links import Link
from interop.processes import free_port, missing, run, running
from interop.receivers import Receiver
from interop.samples import Sample

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "peers"
# Says where the peer's interpreter is, when it is not in the usual place.
VARIABLE = "PYNETDICOM_3_PYTHON"
USUAL_PLACE = ROOT / ".peers" / "pynetdicom-3.0.4" / "bin" / "python"


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
    python = Path(os.environ.get(VARIABLE, USUAL_PLACE))
    if not python.exists():
        missing(f"pynetdicom 3.0.4 ({VARIABLE} names its Python, else {USUAL_PLACE})")
    return [python, "-I", SCRIPTS / name]
