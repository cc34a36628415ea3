"""Received objects as files: what they are called, how they begin, how they are written.

`file_name` and `folder_name` are the one place where what a peer sent becomes part of a path.
`write_file` puts an object into a folder, `open_temporary` and `rename_file` one that is written
while it arrives: whole under its name, or not at all. No file of the package is named in another
way.
"""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from itertools import count
from secrets import token_hex
from struct import Struct
from typing import Final

from pynetdicom import dsutils
from pynetdicom._implementation import (
    PYNETDICOM_IMPLEMENTATION_UID,
    PYNETDICOM_IMPLEMENTATION_VERSION,
)

Buffer = bytes | bytearray | memoryview

_PREFIXES: Final = {
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.2.1": "CTE",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.4.1": "MRE",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
    "1.2.840.10008.5.1.4.1.1.130": "PTE",
    "1.2.840.10008.5.1.4.1.1.481.1": "RI",
    "1.2.840.10008.5.1.4.1.1.481.2": "RD",
    "1.2.840.10008.5.1.4.1.1.481.3": "RS",
    "1.2.840.10008.5.1.4.1.1.481.5": "RP",
    "1.2.840.10008.5.1.4.1.1.1": "CR",
    "1.2.840.10008.5.1.4.1.1.6.1": "US",
    "1.2.840.10008.5.1.4.1.1.6.2": "USE",
    "1.2.840.10008.5.1.4.1.1.12.1": "XA",
    "1.2.840.10008.5.1.4.1.1.12.1.1": "XAE",
    "1.2.840.10008.5.1.4.1.1.20": "NM",
    "1.2.840.10008.5.1.4.1.1.7": "SC",
}
_OTHER_PREFIX: Final = "UN"

_MAXIMUM_LENGTH: Final = 64  # of a UID (PS3.5 9.1)
_NOT_OF_A_UID: Final = re.compile("[^0-9.]")


def file_name(sop_class_uid: str, sop_instance_uid: str) -> str:
    """Return the name of the file for an object, such as "CT.1.2.3".

    It is safe as a name in a folder whatever the UIDs contain: two or three letters, a dot, then
    digits, dots and underscores; at most 68 characters, the last of them no dot.

    Args:
        sop_class_uid: Its SOP class, which the letters stand for; "UN" for most.
        sop_instance_uid: Its SOP instance UID.

    Raises:
        ValueError: There is no SOP instance UID.
    """
    uid = sop_instance_uid.strip("\0 ")
    if not uid:
        raise ValueError("An object without SOP instance UID cannot have a file name")
    safe = _NOT_OF_A_UID.sub("_", uid)
    if len(safe) > _MAXIMUM_LENGTH:
        # Cutting alone would give one name to objects that differ behind the cut.
        safe = f"{safe[: _MAXIMUM_LENGTH // 2 - 1]}_{_digits(uid)}"
    if safe.endswith("."):
        safe = f"{safe[:-1]}_"  # Windows drops a dot at the end
    return f"{_PREFIXES.get(sop_class_uid, _OTHER_PREFIX)}.{safe}"


def _digits(text: str) -> str:
    """Return 32 digits that stand for a text."""
    digest = int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest())
    return f"{digest % 10**32:032}"


_NAMELESS: Final = "_"
_SAFE_FOLDER: Final = re.compile(r"(?!\.)[0-9A-Za-z._-]{1,64}(?<!\.)")
# Names of devices on Windows, and what could be the name that another value got.
_UNSAFE_FOLDER: Final = re.compile(
    r"_|.*_\d{32}|(CON|PRN|AUX|NUL|COM\d|LPT\d)(\..*)?", re.IGNORECASE
)
_NOT_OF_A_FOLDER: Final = re.compile("[^0-9A-Za-z_-]")


def folder_name(value: str) -> str:
    """Return the name of the folder for all objects with one value, such as a patient ID.

    It is safe as a name in a folder whatever the value is: ASCII letters, digits, dots, underscores
    and hyphens; at most 64 characters, neither the first nor the last of them a dot; never empty.
    Values that differ get names that differ, so that objects of two patients are never taken for
    one's: a name that had to be changed ends in digits that stand for the value.

    Args:
        value: The value; "_" is the name for an empty one.
    """
    text = value.strip("\0 ")
    if not text:
        return _NAMELESS
    if _SAFE_FOLDER.fullmatch(text) and not _UNSAFE_FOLDER.fullmatch(text):
        return text
    return f"{_NOT_OF_A_FOLDER.sub('_', text)[: _MAXIMUM_LENGTH // 2 - 1]}_{_digits(text)}"


_VERSIONED_NAME: Final = re.compile(r"[A-Z]{2,3}\.[0-9._]{1,64}\.[0-9a-f]{16}")
_TEMPORARY_NAME: Final = re.compile(r"\..+\.[0-9a-f]{8}-[0-9]+\.part")


def versioned_file_name(sop_class_uid: str, sop_instance_uid: str) -> str:
    """Return a name for one version of an object, such as "CT.1.2.3.0123456789abcdef".

    For who keeps an index: a new version is written beside the last one, and it is the index that
    tells which of them counts. Each call returns another name.

    Raises:
        ValueError: There is no SOP instance UID.
    """
    return f"{file_name(sop_class_uid, sop_instance_uid)}.{token_hex(8)}"


def is_versioned_file_name(name: str) -> bool:
    """Return whether `versioned_file_name` may have made a name."""
    return _VERSIONED_NAME.fullmatch(name) is not None


def is_temporary_file_name(name: str) -> bool:
    """Return whether this is a file that `write_file` has not finished."""
    return _TEMPORARY_NAME.fullmatch(name) is not None


_ELEMENT: Final = Struct("<HH2sH")  # group, element, VR, length (PS3.5 7.1.2)
_LONG_ELEMENT: Final = Struct("<HH2sxxI")
_VERSION: Final = _LONG_ELEMENT.pack(0x0002, 0x0001, b"OB", 2) + b"\0\1"


def _element(number: int, vr: bytes, value: str, padding: bytes = b"\0") -> bytes:
    encoded = value.encode("ascii", "replace")
    encoded += padding * (len(encoded) % 2)
    return _ELEMENT.pack(0x0002, number, vr, len(encoded)) + encoded


@lru_cache(maxsize=256)
def _class_and_rest(sop_class_uid: str, transfer_syntax: str) -> tuple[bytes, bytes]:
    """Return what comes before the SOP instance UID, and behind it: but for that, heads repeat."""
    before = _VERSION + _element(0x0002, b"UI", sop_class_uid)
    behind = (
        _element(0x0010, b"UI", transfer_syntax)
        + _element(0x0012, b"UI", PYNETDICOM_IMPLEMENTATION_UID)
        + _element(0x0013, b"SH", PYNETDICOM_IMPLEMENTATION_VERSION, b" ")
    )
    return before, behind


def file_head(sop_class_uid: str, sop_instance_uid: str, transfer_syntax: str) -> bytes:
    """Return what a file has before its data set: preamble, prefix and meta (PS3.10 7.1).

    The same as `dsutils.create_file_meta` and `encode_preamble` make in a hundred times the time.
    """
    before, behind = _class_and_rest(sop_class_uid, transfer_syntax)
    group = before + _element(0x0003, b"UI", sop_instance_uid) + behind
    group_length = _ELEMENT.pack(0x0002, 0x0000, b"UL", 4) + len(group).to_bytes(4, "little")
    return dsutils.PREAMBLE + group_length + group


# Names of temporary files: of this process, so that no leftover of another one is in the way.
_PROCESS: Final = token_hex(4)
_numbers = count()

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def open_temporary(folder: str | os.PathLike[str], name: str = "new") -> tuple[int, str]:
    """Make a file that is to get its name when it is complete; return descriptor and path.

    Raises:
        OSError: It is not possible.
    """
    path = os.path.join(folder, f".{name}.{_PROCESS}-{next(_numbers)}.part")
    return os.open(path, _FLAGS, 0o666), path


def rename_file(path: str | os.PathLike[str], folder: str | os.PathLike[str], name: str) -> None:
    """Give a complete file of `open_temporary` its name; one that is there is replaced.

    Raises:
        OSError: It is not possible.
    """
    os.replace(path, os.path.join(folder, name))


def write_file(
    folder: str | os.PathLike[str], name: str, parts: Sequence[Buffer], *, sync: bool = False
) -> None:
    """Write a file so that nobody ever sees a part of it; one that is there is replaced.

    It is written under a temporary name in the same folder and renamed at the end. Whatever goes
    wrong, nothing new is left in the folder. Threads and processes may write to one folder and
    even under one name: the last one to finish stays.

    Args:
        folder: Where.
        name: What `file_name` returned.
        parts: What to write, one behind the other.
        sync: Whether to return only when the file outlives a power failure.

    Raises:
        OSError: It is not possible.
    """
    descriptor, temporary = open_temporary(folder, name)
    try:
        try:
            _write(descriptor, parts)
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        rename_file(temporary, folder, name)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    if sync:
        sync_folder(folder)


def _write(descriptor: int, parts: Sequence[Buffer]) -> None:
    views = [memoryview(part) for part in parts]
    written = os.writev(descriptor, views) if hasattr(os, "writev") else 0
    for view in views:
        rest = view[written:]
        written = max(written - len(view), 0)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: str | os.PathLike[str]) -> None:
    """Make names that have come or gone in a folder outlive a power failure."""
    if os.name == "nt":  # Windows has no descriptors of folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
