"""`python -m pynetdicom PROGRAM …`, also installed as the command `pynetdicom`."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from pynetdicom import __version__
from pynetdicom.apps._completion import complete_program
from pynetdicom.apps._parser import COMPLETING
from pynetdicom.apps._running import status_of

# name: what it does, and an example.
PROGRAMS = {
    "echoscu": ("ask a node whether it is there", "echoscu 127.0.0.1 11112"),
    "echoscp": ("answer that question", "echoscp 11112"),
    "storescu": ("send files and folders", "storescu 127.0.0.1 11112 -r images"),
    "storescp": ("receive objects into a folder", "storescp 11112 -od received"),
    "findscu": (
        "ask what there is: patients, studies, tasks",
        "findscu 127.0.0.1 11112 -k QueryRetrieveLevel=PATIENT -k PatientName",
    ),
    "getscu": (
        "retrieve objects over the same association",
        "getscu 127.0.0.1 11112 -k QueryRetrieveLevel=PATIENT -k PatientID=1 -od got",
    ),
    "movescu": (
        "have objects sent, to this or another node",
        "movescu 127.0.0.1 11112 --store -k QueryRetrieveLevel=PATIENT -k PatientID=1",
    ),
    "qrscp": ("keep objects, answer queries, give back: a small archive", "qrscp --port 11112"),
    "doctor": ("find out why it does not work", "doctor 127.0.0.1 11112"),
    "completion": ("have a shell complete names and options", "completion bash"),
    "demo": ("send test images to a server and compare what arrived", "demo"),
}


def usage() -> str:
    """Return what `--help` prints."""
    lines = [
        f"pynetdicom {__version__}: programs for DICOM networks",
        "",
        "usage: pynetdicom PROGRAM [options]    (or: python -m pynetdicom PROGRAM [options])",
        "",
    ]
    lines += [f"  {name:<12}{what}" for name, (what, _) in PROGRAMS.items()]
    lines += ["", "examples:"]
    lines += [f"  pynetdicom {example}" for _, example in PROGRAMS.values()]
    lines += ["", "'pynetdicom PROGRAM --help' tells the options of a program."]
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> int:
    """Start the program that is named first, with the rest as its arguments.

    Args:
        words: The arguments; ``None`` for those of the command line.
    """
    if COMPLETING in os.environ:
        words = complete_program(PROGRAMS)
    name, *arguments = [*(sys.argv[1:] if words is None else words)] or ["--help"]
    if name in ("-h", "--help"):
        print(usage())  # noqa: T201  # this is a program
        return 0
    if name == "--version":
        print(f"pynetdicom {__version__}")  # noqa: T201  # the same
        return 0
    if name not in PROGRAMS:
        print(  # noqa: T201  # the same
            f"pynetdicom: there is no program {name!r}; there are {', '.join(PROGRAMS)}",
            file=sys.stderr,
        )
        return 2
    program = import_module(f"pynetdicom.apps.{name}")
    return status_of(lambda: program.main(arguments))


if __name__ == "__main__":
    sys.exit(main())
