"""The matches of a query, for people and for scripts: table, list, JSON, CSV, files."""

import argparse
import csv
import io
import json
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol

from pydicom import DataElement, Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from pynetdicom import dsutils
from pynetdicom._files import Buffer, file_head, write_file
from pynetdicom.apps._output import Tell, count_text, plain
from pynetdicom.apps._table import Column, has_room, show_table

STANDARD_OUTPUT: Final = "-"

# What is asked for to say how, not what.
_NOT_SHOWN: Final = {"QueryRetrieveLevel", "SpecificCharacterSet", "TimezoneOffsetFromUTC"}
_SEPARATOR: Final = "\\"  # of values, as in DICOM

Path = tuple[str, ...]


class Sink(Protocol):
    """Takes matches, one after the other."""

    def add(self, match: Dataset) -> None:
        """Take a match."""

    def end(self) -> None:
        """Do what can be done only when all have come."""


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """Add where matches go."""
    group = parser.add_argument_group("output options")
    for name, what in (
        ("json", "the DICOM JSON model (PS3.18 F)"),
        ("csv", "CSV, a column for each key"),
    ):
        group.add_argument(
            f"--{name}",
            metavar="FILE",
            nargs="?",
            const=STANDARD_OUTPUT,
            help=f"write the matches as {what}, to FILE or standard output",
        )
    group.add_argument(
        "-w",
        "--write",
        action="store_true",
        help="write each match into a file in the current folder: rsp000001.dcm ...",
    )


def uses_standard_output(args: argparse.Namespace) -> bool:
    """Return whether standard output is for scripts."""
    return STANDARD_OUTPUT in (args.json, args.csv)


def is_writable(args: argparse.Namespace, logger: logging.Logger) -> bool:
    """Return whether the outputs can be written, before there is anything to lose; say why not."""
    if args.json == args.csv == STANDARD_OUTPUT:
        logger.error("--json and --csv cannot both go to standard output: name a FILE for one")
        return False
    paths = [path for path in (args.json, args.csv) if path not in (None, STANDARD_OUTPUT)]
    if args.write:
        paths.append(_name_of(1))
    for path in paths:
        folder = os.path.dirname(os.path.realpath(path))
        if os.path.isdir(path):
            reason = "it is a folder, where a file is to be"
        elif not os.path.isdir(folder):
            reason = f"there is no folder {plain(folder)}"
        elif not (os.access(folder, os.W_OK | os.X_OK) or _is_device(path)):
            reason = "no permission to write there"
        else:
            continue
        logger.error("%s: %s", plain(path), reason)
        return False
    return True


def _is_device(path: str) -> bool:
    return os.path.exists(path) and not os.path.isfile(path)


def _name_of(number: int) -> str:
    return f"rsp{number:06}.dcm"


def make_sinks(
    args: argparse.Namespace, keys: Dataset, model: UID, logger: logging.Logger, tell: Tell
) -> list[Sink]:
    """Return what is to be done with matches.

    Args:
        args: The options `json`, `csv`, `write` and `quiet`.
        keys: What was asked for.
        model: The SOP class by which it was asked.
        logger: Learns what does not work.
        tell: Prints.
    """
    sinks: list[Sink] = []
    if args.json is not None:
        sinks.append(Document(args.json, _as_json, logger))
    if args.csv is not None:
        paths = paths_of(keys)
        sinks.append(Document(args.csv, lambda matches, _: _as_csv(paths, matches), logger))
    if args.write:
        sinks.append(Files(model, logger))
    if not sinks:
        sinks.append(Table(keys, tell) if sys.stdout.isatty() else Listing(tell))
    return sinks


def paths_of(keys: Dataset, parent: Path = ()) -> list[Path]:
    """Return where the elements of an identifier are that a match is to tell."""
    paths: list[Path] = []
    for element in keys:
        path = (*parent, _name(element))
        if element.VR == "SQ" and element.value and len(element.value[0]):
            paths += paths_of(element.value[0], path)
        elif path[-1] not in _NOT_SHOWN:
            paths.append(path)
    return paths


def _name(element: DataElement) -> str:
    return element.keyword or str(element.tag)


def values_at(match: Dataset, path: Path) -> Iterator[str]:
    """Yield the values that a match has at a path, those of all items."""
    for element in match:
        if _name(element) != path[0]:
            continue
        if element.VR != "SQ":
            yield value_text(element)
        elif len(path) == 1:
            yield count_text(len(element.value), "item")
        else:
            for item in element.value:
                yield from values_at(item, path[1:])


def readable(match: Dataset, logger: logging.Logger) -> Dataset:
    """Return a match with those of its elements that can be decoded; tell of the others.

    Args:
        match: What the peer sent; its elements are decoded now, and not when they are looked at.
        logger: Learns what is odd.
    """
    with warnings.catch_warnings(record=True) as oddities:
        warnings.simplefilter("always")
        for tag in list(match.keys()):
            try:
                element = match[tag]
                for item in element.value if element.VR == "SQ" else ():
                    readable(item, logger)
            except Exception as error:  # whatever pydicom raises about the bytes
                logger.warning("%s of a match is left out: %s", tag, plain(error))
                del match[tag]
    for oddity in oddities:
        logger.info("a match is odd: %s", plain(oddity.message))
    return match


def value_text(element: DataElement) -> str:
    """Return a value as a line of text."""
    value = element.value
    if value is None:
        return ""
    if isinstance(value, bytes):
        return count_text(len(value), "byte")
    if isinstance(value, str) or not isinstance(value, Sequence):
        return str(value)
    return _SEPARATOR.join(map(str, value))


class Table:
    """A line for each match, a column for each key that is answered; a list if that is too wide."""

    def __init__(self, keys: Dataset, tell: Tell) -> None:
        self._paths = paths_of(keys)
        self._tell = tell
        self._matches: list[Dataset] = []

    def add(self, match: Dataset) -> None:
        """Keep a match."""
        self._matches.append(match)

    def end(self) -> None:
        """Print all of them, and what nobody answered."""
        if not self._matches:
            return
        answers = {
            path: [self._cell(match, path) for match in self._matches] for path in self._paths
        }
        shown = {path: cells for path, cells in answers.items() if any(cells)}
        columns = [Column(path[-1], may_be_cut=not path[-1].endswith("UID")) for path in shown]
        lines = list(zip(*shown.values(), strict=True))
        if columns and has_room(columns, lines):
            show_table(columns, lines, self._tell)
        else:
            self._list()
        empty = [".".join(path) for path in self._paths if path not in shown]
        if empty:
            self._tell(f"without answer: {', '.join(empty)}")

    def _cell(self, match: Dataset, path: Path) -> str:
        return plain(_SEPARATOR.join(values_at(match, path)))

    def _list(self) -> None:
        listing = Listing(self._tell)
        for match in self._matches:
            listing.add(match)


class Listing:
    """A line for each element, an empty one behind each match."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def add(self, match: Dataset) -> None:
        """Print a match."""
        for line in _lines(match, ""):
            self._tell(line)
        self._tell("")

    def end(self) -> None:
        """Do nothing: all is printed."""


def _lines(dataset: Dataset, indent: str) -> Iterator[str]:
    for element in dataset:
        if element.VR != "SQ":
            yield f"{indent}{_name(element)}: {plain(value_text(element))}".rstrip()
            continue
        for number, item in enumerate(element.value):
            yield f"{indent}{_name(element)}[{number}]:"
            yield from _lines(item, f"{indent}  ")


class Document:
    """A text of all matches, in a file or on standard output."""

    def __init__(
        self,
        target: str,
        write: Callable[[list[Dataset], logging.Logger], str],
        logger: logging.Logger,
    ) -> None:
        self._target = target
        self._write = write
        self._logger = logger
        self._matches: list[Dataset] = []

    def add(self, match: Dataset) -> None:
        """Keep a match."""
        self._matches.append(match)

    def end(self) -> None:
        """Write the text."""
        text = self._write(self._matches, self._logger)
        if self._target == STANDARD_OUTPUT:
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8")
            print(text, end="", flush=True)
        else:
            write_whole(self._target, [text.encode()])


def _as_json(matches: list[Dataset], logger: logging.Logger) -> str:
    """Return matches as an array of the DICOM JSON model (PS3.18 F)."""
    each = [json.dumps(_json_model(match, logger), ensure_ascii=False) for match in matches]
    return "[" + ",".join(f"\n  {text}" for text in each) + ("\n]\n" if each else "]\n")


def _json_model(match: Dataset, logger: logging.Logger) -> dict[str, Any]:
    if "SpecificCharacterSet" in match:
        match.SpecificCharacterSet = "ISO_IR 192"  # JSON is in UTF-8 (PS3.18 F.2)
    try:
        return match.to_json_dict()
    except (
        Exception
    ) as error:  # whatever pydicom raises about values that are not what they should be
        logger.warning("A match has elements that are left out of the JSON: %s", plain(error))
        return match.to_json_dict(suppress_invalid_tags=True)


def _as_csv(paths: list[Path], matches: list[Dataset]) -> str:
    """Return matches as CSV (RFC 4180), a column for each key."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([".".join(path) for path in paths])
    for match in matches:
        writer.writerow([_SEPARATOR.join(values_at(match, path)) for path in paths])
    return text.getvalue()


class Files:
    """A file for each match, in the current folder: rsp000001.dcm and so on."""

    def __init__(self, model: UID, logger: logging.Logger) -> None:
        self._model = model
        self._logger = logger
        self._number = 0

    def add(self, match: Dataset) -> None:
        """Write a match."""
        self._number += 1
        name = _name_of(self._number)
        data = dsutils.encode(match, False, True)
        if data is None:
            self._logger.error("%s is not written: the match cannot be encoded", name)
            return
        head = file_head(self._model, generate_uid(), ExplicitVRLittleEndian)
        write_whole(name, [head, data])

    def end(self) -> None:
        """Do nothing: all is written."""


def write_whole(path: str, parts: list[Buffer]) -> None:
    """Write a file that a user has named: whole, or not at all.

    Raises:
        OSError: It is not possible.
    """
    real = os.path.realpath(path)
    try:
        if _is_device(real):
            with open(real, "wb") as device:  # nothing else can take its place
                device.writelines(parts)
        else:
            write_file(*os.path.split(real), parts)
    except OSError as error:
        error.filename = path
        raise
