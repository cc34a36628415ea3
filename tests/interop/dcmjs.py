"""dcmjs-dimse, an implementation for Node.js, as a peer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from interop.links import Link
from interop.processes import Command, missing, program, run, running
from interop.receivers import Receiver
from interop.samples import Sample
from ports import free_port

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "peers"
# Says where npm has installed the peer, when it is not in the usual place.
VARIABLE = "DCMJS_NODE_MODULES"
USUAL_PLACE = ROOT / ".peers" / "dcmjs" / "node_modules"


@contextmanager
def storage_scp(folder: Path, link: Link) -> Iterator[Receiver]:
    received, port = folder / "received", free_port()
    received.mkdir()
    command = [*script("dcmjs_scp.js"), str(port), received, *link.files()]
    with running(command, port, folder / "log"):
        yield Receiver(port, received)


def echo_and_store(
    samples: Sequence[Sample], port: int, link: Link, host: str = "127.0.0.1"
) -> list[int]:
    """Verify an SCP, send it the files over the same association, and return all statuses.

    The peer decodes each file, encodes it in the transfer syntax that was accepted, and leaves
    out the files for which it cannot.
    """
    paths = "".join(f"{sample.path}\n" for sample in samples)
    command = [*script("dcmjs_scu.js"), host, str(port), *link.files()]
    lines = run(command, given=paths).splitlines()
    return [int(line.split()[1]) for line in lines if line.startswith("status ")]


def script(name: str) -> Command:
    """Return the command that runs one of the scripts in `peers/`, or skip the test."""
    modules = Path(os.environ.get(VARIABLE, USUAL_PLACE))
    if not (modules / "dcmjs-dimse").exists():
        missing(f"dcmjs-dimse ({VARIABLE} names its node_modules, else {USUAL_PLACE})")
    return ["env", f"NODE_PATH={modules}", program("node", "dcmjs-dimse"), SCRIPTS / name]
