"""`demo`: start a storage server, send it pydicom's test images, compare what arrived."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import Final

import pydicom.data
from pydicom.errors import InvalidDicomError

from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, dsutils, evt
from pynetdicom._files import file_name
from pynetdicom.apps import _arguments
from pynetdicom.apps._explain import status_text
from pynetdicom.apps._keep import handle_store
from pynetdicom.apps._output import Tell, count_text, make_tell, setup_logging, shorten, size_text
from pynetdicom.apps._proposal import Instance, Load, get_files, loads, look_into
from pynetdicom.status import STORAGE_SERVICE_CLASS_STATUS

EPILOG = """\
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

HEADINGS: Final = ("file", "SOP class", "transfer syntax", "size", "time", "identical")
NUMBERS: Final = ("size", "time")
TEXTS: Final = ("file", "SOP class", "transfer syntax")

_WIDEST: Final = 120  # characters of a line that is not for a terminal
_NARROWEST: Final = 8  # characters of a column


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
    lines = [HEADINGS, *(_line(list(alike)) for _, alike in groupby(rows, key=_kind))]
    if find_spec("rich") is not None and sys.stdout.isatty():
        _show_with_rich(lines)
    else:
        _show_plain(lines, tell)


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


def _widths(lines: Iterable[Sequence[str]], room: int) -> list[int]:
    """Return the widths of the columns; the texts share what the numbers leave."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = [number for number, heading in enumerate(HEADINGS) if heading in TEXTS]
    left = room - sum(widths) + sum(widths[number] for number in texts)
    for number in sorted(texts, key=lambda number: widths[number]):
        widths[number] = min(widths[number], max(left // len(texts), _NARROWEST))
        left -= widths[number]
        texts = texts[1:]
    return widths


def _show_plain(lines: Sequence[Sequence[str]], tell: Tell) -> None:
    widths = _widths(lines, _WIDEST)
    for line in lines:
        cells = (
            _cell(cell, width, heading)
            for heading, cell, width in zip(HEADINGS, line, widths, strict=True)
        )
        tell("  ".join(cells).rstrip())


def _cell(text: str, width: int, heading: str) -> str:
    cut = shorten(text, width)
    return cut.rjust(width) if heading in NUMBERS else cut.ljust(width)


def _show_with_rich(lines: Sequence[Sequence[str]]) -> None:
    from rich.console import Console  # noqa: PLC0415  # 0.1 s that only this table is worth
    from rich.markup import escape  # noqa: PLC0415  # the same
    from rich.table import Table  # noqa: PLC0415  # the same

    console = Console()
    gaps = 2 * (len(HEADINGS) - 1)
    table = Table(box=None, pad_edge=False)
    for heading, width in zip(HEADINGS, _widths(lines, console.width - gaps), strict=True):
        is_number = heading in NUMBERS
        table.add_column(
            heading, justify="right" if is_number else "left", no_wrap=True, width=width
        )
    for line in lines[1:]:
        colour = "green" if line[-1] == "yes" else "bold red"
        table.add_row(*map(escape, line[:-1]), f"[{colour}]{escape(line[-1])}")
    console.print(table)
