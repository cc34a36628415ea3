"""Files to send, and the presentation contexts to propose for them.

An association carries at most 128 contexts (PS3.8 9.3.2.2), and the acceptor chooses one transfer
syntax in each. So what a file is in gets a context of its own, which is how it goes out as it is;
uncompressed files get a second one with what they can be converted to.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmread
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID

from pynetdicom import DEFAULT_TRANSFER_SYNTAXES, build_context, dsutils
from pynetdicom.apps._arguments import BIG_ENDIAN, EXPLICIT, IMPLICIT
from pynetdicom.presentation import PresentationContext

_MAXIMUM_CONTEXTS = 128
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")

MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"


@dataclass(frozen=True, slots=True)
class Instance:
    """A file that can be sent, or tried.

    Attributes:
        size: How many bytes its data set has.
    """

    path: Path
    sop_class_uid: UID
    transfer_syntax: UID
    size: int


@dataclass(frozen=True, slots=True)
class Load:
    """What goes over one association."""

    contexts: list[PresentationContext]
    instances: list[Instance]


def get_files(
    paths: Iterable[str | os.PathLike[str]], recurse: bool = False
) -> tuple[list[Path], list[Path]]:
    """Return the files that paths stand for, and the paths that stand for none.

    Args:
        paths: Files and folders.
        recurse: Whether folders in folders count.
    """
    good: list[Path] = []
    bad: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            good += _files_in(path, recurse, bad)
        else:
            (good if path.is_file() else bad).append(path)
    return good, bad


def _files_in(folder: Path, recurse: bool, bad: list[Path]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        bad.append(Path(error.filename))

    for where, folders, names in os.walk(folder, onerror=note):
        folders.sort()
        if not recurse:
            folders.clear()
        for name in sorted(names):
            path = Path(where, name)
            if path.is_file():  # no pipe, no link to nowhere
                yield path


def look_into(path: Path) -> Instance:
    """Return what is to be known of a file to send it.

    Raises:
        InvalidDicomError: It is not DICOM, or does not say what it is.
        OSError: It cannot be read.
    """
    try:
        with path.open("rb", buffering=0) as file:
            header = dsutils.read_header(file)
        found = Instance(path, header.sop_class_uid, header.transfer_syntax, header.length)
    except InvalidDicomError as error:
        found = _look_closer(path, error)
    for uid in (found.sop_class_uid, found.transfer_syntax):
        if len(uid) > 64 or not _UID.fullmatch(uid):
            raise InvalidDicomError(f"It says it is {uid!r}, which is no UID")
    return found


def _look_closer(path: Path, reason: InvalidDicomError) -> Instance:
    """Return what the data set says where the file meta information says too little."""
    try:
        header = dcmread(path, stop_before_pixels=True)
    except InvalidDicomError:
        raise reason from None  # ours says it better
    syntax = header.file_meta.get("TransferSyntaxUID")
    if not syntax or not header.get("SOPClassUID"):
        missing = "(0008,0016) SOP Class UID" if syntax else "(0002,0010) Transfer Syntax UID"
        raise InvalidDicomError(f"The file has no {missing}")
    return Instance(path, header.SOPClassUID, syntax, path.stat().st_size)


def loads(
    instances: Sequence[Instance],
    uncompressed: Sequence[str] = DEFAULT_TRANSFER_SYNTAXES,
    further: Sequence[PresentationContext] = (),
) -> list[Load]:
    """Return what to send over how many associations: one, unless it needs too many contexts.

    Args:
        instances: What is to be sent.
        uncompressed: The transfer syntaxes to request for uncompressed files: all of the default
            ones lets them go out as they are; one of them has the others converted to it.
        further: Contexts to propose besides, as far as there is room.
    """
    made = [Load([], [])] if instances else []
    for sop_class_uid, members in _by_class(instances).items():
        contexts = _contexts(sop_class_uid, members, uncompressed)
        if len(made[-1].contexts) + len(contexts) > _MAXIMUM_CONTEXTS:
            made.append(Load([], []))
        made[-1].contexts.extend(contexts)
        made[-1].instances.extend(members)
    order = {id(instance): number for number, instance in enumerate(instances)}
    for load in made:
        load.instances.sort(key=lambda instance: order[id(instance)])
        known = {context.abstract_syntax for context in load.contexts}
        room = _MAXIMUM_CONTEXTS - len(load.contexts)
        load.contexts.extend([c for c in further if c.abstract_syntax not in known][:room])
    return made


def _by_class(instances: Iterable[Instance]) -> dict[UID, list[Instance]]:
    groups: dict[UID, list[Instance]] = {}
    for instance in instances:
        groups.setdefault(instance.sop_class_uid, []).append(instance)
    return groups


def _contexts(
    sop_class_uid: UID, members: Iterable[Instance], uncompressed: Sequence[str]
) -> list[PresentationContext]:
    syntaxes = list(dict.fromkeys(instance.transfer_syntax for instance in members))
    plain = [str(syntax) for syntax in syntaxes if not is_compressed(syntax)]
    proposals: list[list[str]] = [[syntax] for syntax in syntaxes if is_compressed(syntax)]
    if plain:
        own = [[syntax] for syntax in plain if syntax in uncompressed]
        others = [s for s in (EXPLICIT, IMPLICIT) if s in uncompressed and [s] not in own]
        is_convertible = any(syntax != BIG_ENDIAN for syntax in plain)  # nobody swaps bytes
        proposals += own + ([others] if others and is_convertible else [])
        proposals = proposals or [list(uncompressed)]
    return [build_context(sop_class_uid, proposal) for proposal in proposals]


def is_compressed(syntax: UID) -> bool:
    """Return whether a transfer syntax is none of the uncompressed ones."""
    return syntax not in DEFAULT_TRANSFER_SYNTAXES
