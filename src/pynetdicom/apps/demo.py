"""`demo`: start a storage server, send it pydicom's test images, compare what arrived."""

import argparse
import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import Final

import pydicom.data
from pydicom.errors import InvalidDicomError
from pydicom.uid import DeflatedExplicitVRLittleEndian

from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, dsutils, evt
from pynetdicom._files import file_name
from pynetdicom.apps import _arguments
from pynetdicom.apps._explain import status_text
from pynetdicom.apps._keep import handle_store
from pynetdicom.apps._output import Tell, count_text, make_tell, setup_logging, size_text
from pynetdicom.apps._proposal import Instance, Load, get_files, loads, look_into
from pynetdicom.apps._table import Column, show_table
from pynetdicom.status import STORAGE_SERVICE_CLASS_STATUS

EPILOG = """\
examples:
  pynetdicom demo

exit status: 0 all arrived as it was sent; 1 something did not; 2 the arguments make no sense
"""

NEXT = """
Now with nodes of yours:

  pynetdicom storescp 11112 -od received
      receives into a folder: have the modality send to this machine,
      port 11112, AE title STORESCP
  pynetdicom storescu HOST PORT -aec TITLE -r FOLDER
      sends a folder to a node
  pynetdicom echoscu HOST PORT -aec TITLE
      asks a node whether it is there

'python -m pynetdicom' is the same as 'pynetdicom'; --help tells the options."""

_ADDRESS: Final = "127.0.0.1"

TEST_FILES: Final = "test_files"

# What may be cut to fit, and what is aligned to the right.
COLUMNS: Final = (
    Column("file", may_be_cut=True),
    Column("SOP class", may_be_cut=True),
    Column("transfer syntax", may_be_cut=True),
    Column("size", is_number=True),
    Column("time", is_number=True),
    Column("identical", is_verdict=True),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one file.

    Attributes:
        seconds: From the request to the response.
        verdict: "yes" if what arrived is what was sent, else what is wrong.
    """

    instance: Instance
    seconds: float
    verdict: str


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _arguments.make_parser(
        "demo",
        "",
        "Start a storage server on this machine, send it the images that come with pydicom, and "
        "compare what arrived.",
        EPILOG,
    )
    args = parser.parse_args(words)
    logger, tell = setup_logging(args, "demo"), make_tell(args)
    instances = list(storable_files(Path(pydicom.data.__file__).parent / TEST_FILES))
    with tempfile.TemporaryDirectory(prefix="pynetdicom-demo-") as folder:
        rows = run(instances, Path(folder), logger)
    if not args.quiet:
        show(rows, tell)
    arrived = [row for row in rows if row.verdict == "yes"]
    size = size_text(sum(row.instance.size for row in arrived))
    seconds = sum(row.seconds for row in rows)
    tell(
        f"{len(arrived)} of {count_text(len(instances), 'file')} arrived bit for bit as they were "
        f"sent: {size} in {seconds:.2f} s"
    )
    tell(NEXT)
    return 0 if instances and len(arrived) == len(instances) else 1


def storable_files(folder: Path) -> Iterator[Instance]:
    """Yield the files in a folder that a storage server takes, in whatever encoding."""
    classes = {context.abstract_syntax for context in _arguments.storage_contexts()}
    for path in get_files([folder], recurse=True)[0]:
        try:
            with path.open("rb", buffering=0) as file:
                dsutils.read_header(file)  # what goes out as it is has to be complete there
        except InvalidDicomError:
            continue
        instance = look_into(path)
        if instance.sop_class_uid in classes:
            yield instance


def run(instances: Sequence[Instance], folder: Path, logger: logging.Logger) -> list[Row]:
    """Serve, send, compare; return a row for each file that could be tried.

    Args:
        instances: What to send.
        folder: Where the server keeps its files.
        logger: Learns what goes wrong.
    """
    keep = argparse.Namespace(ignore=False, output_directory=str(folder))
    archive = AE("STORESCP")
    for context in _arguments.storage_contexts():
        archive.add_supported_context(context.abstract_syntax or "", ALL_TRANSFER_SYNTAXES)
    handlers: list[evt.EventHandlerType] = [(evt.EVT_C_STORE, handle_store, [keep, logger])]
    server = archive.start_server((_ADDRESS, 0), False, evt_handlers=handlers)
    try:
        port = server.server_address[1]
        return [row for load in loads(instances) for row in _send(load, port, folder)]
    finally:
        server.shutdown()


def _send(load: Load, port: int, folder: Path) -> Iterator[Row]:
    assoc = AE("STORESCU").associate(_ADDRESS, port, load.contexts, "STORESCP")
    for instance in load.instances:
        began = perf_counter()
        try:
            status = assoc.send_c_store(instance.path)
        except (OSError, RuntimeError, ValueError, AttributeError) as error:
            yield Row(instance, perf_counter() - began, f"no: {error}")
            continue
        seconds = perf_counter() - began
        if not status or status.Status != 0x0000:
            yield Row(instance, seconds, f"no: {status_text(status, STORAGE_SERVICE_CLASS_STATUS)}")
            continue
        yield Row(instance, seconds, _compare(instance.path, folder))
    assoc.release()


def _compare(sent: Path, folder: Path) -> str:
    """Return whether the data set of a file has arrived as it is."""
    header, data = _data_set(sent)
    if header.transfer_syntax == DeflatedExplicitVRLittleEndian:
        data += b"\0" * (len(data) % 2)  # the padding of PS3.5 A.5, which the file may lack
    received = folder / file_name(header.sop_class_uid, header.sop_instance_uid)
    arrived_header, arrived = _data_set(received)
    received.unlink()  # some of the files are of the same instance
    if arrived_header.transfer_syntax != header.transfer_syntax:
        return f"no: it came in {arrived_header.transfer_syntax.name}"
    return "yes" if arrived == data else "no: the bytes differ"


def _data_set(path: Path) -> tuple[dsutils.FileHeader, bytes]:
    with path.open("rb") as file:
        header = dsutils.read_header(file)
        file.seek(header.offset)
        return header, file.read()


def show(rows: Sequence[Row], tell: Tell) -> None:
    """Print a table, in colours where that is possible and welcome."""
    lines = [_line(list(alike)) for _, alike in groupby(rows, key=_kind)]
    show_table(COLUMNS, lines, tell)


def _kind(row: Row) -> tuple[str, ...]:
    """Return what rows have in common that are shown as one: series in folders of their own."""
    instance = row.instance
    where = instance.path if instance.path.parent.name == TEST_FILES else instance.path.parent
    return str(where), instance.sop_class_uid, instance.transfer_syntax, row.verdict


def _line(rows: Sequence[Row]) -> tuple[str, ...]:
    first, last = rows[0].instance, rows[-1].instance
    several = f" to {last.path.name}: {len(rows)} files" if len(rows) > 1 else ""
    return (
        first.path.name + several,
        first.sop_class_uid.name.removesuffix(" Storage").removesuffix(" Image"),
        _brief(first.transfer_syntax.name),
        size_text(sum(row.instance.size for row in rows)),
        f"{sum(row.seconds for row in rows) * 1000:.1f} ms",
        rows[0].verdict,
    )


def _brief(syntax: str) -> str:
    """Return the name of a transfer syntax without what the standard says in full."""
    name = syntax.partition(" (")[0].partition(",")[0].removesuffix(" Image Compression")
    return name.replace("Little Endian", "LE").replace("Big Endian", "BE")
