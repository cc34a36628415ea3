"""The archive: files and an index of them, and in which order the two change.

An object is written as a new file and durable before the index, in one transaction, says that it
counts; the file it replaces goes last. So whatever happens, and whenever, the index names files
that are whole, and success means both. What an interruption leaves is a file that the index does
not name; `reconcile` sees to those.

`Index` and `Files` are all this needs to know of where things are kept. Several threads and
processes may use one archive.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from os import PathLike
from typing import Protocol

from pynetdicom._files import Buffer
from pynetdicom.apps.qrscp.identifier import Query


class IndexFailedError(Exception):
    """The index cannot be read or changed; the message says why."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of the archive.

    Attributes:
        file: The name of its file.
        size: How many bytes the file has.
        digest: Of its data set.
    """

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax: str
    file: str
    size: int
    digest: str

    def is_same(self, other: "Instance") -> bool:
        """Return whether the other one is this object, byte for byte."""
        return (self.sop_class_uid, self.transfer_syntax, self.digest) == (
            other.sop_class_uid,
            other.transfer_syntax,
            other.digest,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index is to know of an object: its attributes by keyword."""

    instance: Instance
    values: Mapping[str, str]


class Index(Protocol):
    """Knows the objects, and answers queries; raises `IndexFailedError`."""

    def add(self, entry: Entry) -> Instance | None:
        """Make an object known, durably, instead of the one with its UID; return that one."""

    def get(self, sop_instance_uid: str) -> Instance | None:
        """Return the object with a UID."""

    def find(self, query: Query) -> Iterator[list[Mapping[str, str]]]:
        """Yield the matches of a query bit by bit: what is to be returned, by keyword."""

    def select(self, query: Query) -> Iterator[list[Instance]]:
        """Yield the instances below the matches of a query bit by bit."""

    def remove(self, instances: Sequence[Instance]) -> None:
        """Forget objects, and the series, studies and patients that have no other."""

    def close(self) -> None:
        """Let go of what it needs."""


class Files(Protocol):
    """Keeps the objects; raises `OSError`."""

    def write(self, name: str, parts: Sequence[Buffer]) -> None:
        """Write a file, durably and whole; nothing is left if that fails."""

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""

    def is_whole(self, instance: Instance) -> bool:
        """Return whether the file of an object is there and has the size it had."""

    def is_sound(self, instance: Instance) -> bool:
        """Return whether the file of an object is whole, and begins as that of this object."""

    def path(self, name: str) -> PathLike[str]:
        """Return where a file can be read."""

    def leftovers(self, known: Callable[[str], bool]) -> Iterator[tuple[str, bool]]:
        """Yield files that are not known, and whether it is so long ago that nobody works on them.

        Those that were not finished are deleted after that time.
        """

    def look_into(self, name: str) -> Entry:
        """Return what the index is to know of a file.

        Raises:
            ValueError: It is no object that the archive takes, or not called as one.
        """


class Kept(Enum):
    """What became of an object that was to be kept."""

    NEW = auto()
    SAME = auto()
    REPLACED = auto()


class Archive:
    """Objects that are kept, found and given back.

    Args:
        index: Knows them.
        files: Keeps them.
        logger: Learns what is worth knowing.
    """

    def __init__(self, index: Index, files: Files, logger: logging.Logger) -> None:
        self.index = index
        self.files = files
        self._logger = logger

    def keep(self, entry: Entry, parts: Sequence[Buffer]) -> Kept:
        """Keep an object; when this returns, it is in its place and outlives a power failure.

        Raises:
            OSError: It cannot be written. Nothing has changed.
            IndexFailedError: It cannot be made known. Nothing has changed.
        """
        new = entry.instance
        known = self.index.get(new.sop_instance_uid)
        if known and known.is_same(new) and self.files.is_whole(known):
            return Kept.SAME
        self.files.write(new.file, parts)
        try:
            replaced = self.index.add(entry)
        except BaseException:
            self._discard(new.file)
            raise
        if replaced is None:
            return Kept.NEW
        if replaced.file != new.file:
            self._discard(replaced.file)
        return Kept.SAME if replaced.is_same(new) else Kept.REPLACED

    def sendable(self, instance: Instance) -> PathLike[str] | None:
        """Return where an object can be read now, ``None`` if its file is missing or damaged.

        It may have been replaced since the index was asked.

        Raises:
            IndexFailedError: The index cannot be read.
        """
        current: Instance | None = instance
        if not self.files.is_sound(instance):
            current = self.index.get(instance.sop_instance_uid)
        if current is None or not self.files.is_sound(current):
            return None
        return self.files.path(current.file)

    def _discard(self, name: str) -> None:
        try:
            self.files.remove(name)
        except OSError as error:
            self._logger.warning("%s is not needed and cannot be deleted: %s", name, error)

    def reconcile(self, everything: Query) -> None:
        """See to what an interruption has left.

        A whole file that the index does not name was not acknowledged, or the index is a new one:
        it is made known. It is deleted if it is a version of an object of which another counts.

        Args:
            everything: Matches all there is.
        """
        known = set()
        missing = 0
        for page in self.index.select(everything):
            known |= {instance.file for instance in page}
            missing += sum(not self.files.is_whole(instance) for instance in page)
        if missing:
            self._logger.warning(
                "%d of %d instances have no file, or one that was cut: they cannot be sent",
                missing,
                len(known),
            )
        for name, is_old in self.files.leftovers(known.__contains__):
            self._adopt(name, is_old=is_old)

    def _adopt(self, name: str, *, is_old: bool) -> None:
        try:
            entry = self.files.look_into(name)
        except (OSError, ValueError) as error:
            self._logger.warning("%s is left alone: %s", name, error)
            return
        counting = self.index.get(entry.instance.sop_instance_uid)
        if counting is None or not self.files.is_whole(counting):
            self.index.add(entry)
            self._logger.info("%s was there and is known now", name)
        elif is_old:
            self._discard(name)

    def clean(self, everything: Query) -> int:
        """Delete all there is, and return how many instances that were.

        Raises:
            OSError: A file cannot be deleted; the index still knows it.
            IndexFailedError: The index cannot be changed.
        """
        count = 0
        for page in self.index.select(everything):
            for instance in page:
                self.files.remove(instance.file)
            self.index.remove(page)
            count += len(page)
        for name, _ in self.files.leftovers(lambda name: False):
            self.files.remove(name)
        return count
