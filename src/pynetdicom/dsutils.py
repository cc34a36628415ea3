"""Data sets: encoded, decoded, framed as files (PS3.5 7, PS3.10 7) and printed."""

import logging
import os
import zlib
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO, FileIO
from mmap import mmap
from os import PathLike
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, Final

from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.dataset import FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset, read_file_meta_info, read_preamble
from pydicom.filewriter import write_dataset, write_file_meta_info
from pydicom.uid import UID

from pynetdicom import _config, _elements
from pynetdicom._implementation import (
    PYNETDICOM_IMPLEMENTATION_UID,
    PYNETDICOM_IMPLEMENTATION_VERSION,
)

LOGGER = logging.getLogger(__name__)

PREAMBLE: Final = bytes(128) + b"DICM"  # PS3.10 7.1; a received object has no preamble of its own


@lru_cache(maxsize=128)  # asking pydicom costs as much as a small data set
def encoding_of(transfer_syntax: UID) -> tuple[bool, bool, bool]:
    """Return whether a transfer syntax has implicit VRs, is little endian, and is deflated."""
    return (
        transfer_syntax.is_implicit_VR,
        transfer_syntax.is_little_endian,
        transfer_syntax.is_deflated,
    )


def decode(
    bytestream: BytesIO | mmap,
    is_implicit_vr: bool,
    is_little_endian: bool,
    deflated: bool = False,
    *,
    maximum_length: int | None = None,
) -> Dataset:
    """Return the data set in `bytestream`; its elements are decoded when they are looked at.

    Args:
        bytestream: The encoded data set, from its first byte, whatever the stream's position; a
            large one may be in mapped memory.
        is_implicit_vr: Whether its transfer syntax leaves out the VRs.
        is_little_endian: Whether the least significant byte comes first.
        deflated: Whether it is compressed as a whole (PS3.5 A.5).
        maximum_length: The most bytes that one which is deflated may become; ``None`` leaves it to
            ``_config.MAXIMUM_DATA_SET_LENGTH``.

    Raises:
        ValueError: It is deflated, and too large or broken.
    """
    data = bytestream.getvalue() if isinstance(bytestream, BytesIO) else bytestream
    if deflated:
        limit = _config.MAXIMUM_DATA_SET_LENGTH if maximum_length is None else maximum_length
        data = _inflate(data, limit)
        bytestream = BytesIO(data)
    ds = _elements.read(data, is_implicit_vr) if is_little_endian else None
    if ds is not None:
        return ds
    bytestream.seek(0)
    stream: Any = bytestream  # all that is asked of it are `read`, `seek` and `tell`
    return read_dataset(stream, is_implicit_vr, is_little_endian)


def _inflate(data: bytes | mmap, limit: int) -> bytes:
    """Inflate a raw stream up to the limit, so that a small message cannot fill the memory."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(data, limit)
    except zlib.error as error:
        raise ValueError(f"The deflated data set is broken: {error}") from error
    if inflater.unconsumed_tail:
        raise ValueError(f"The deflated data set has more than {limit} bytes")
    return inflated


def deflate(data: bytes) -> bytes:
    """Return `data` as a raw deflated stream of even length (PS3.5 A.5)."""
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = deflater.compress(data) + deflater.flush()
    return deflated + b"\0" * (len(deflated) % 2)


def encode(
    ds: Dataset, is_implicit_vr: bool, is_little_endian: bool, deflated: bool = False
) -> bytes | None:
    """Return `ds` encoded, or ``None`` if that is not possible; the log says why.

    Args:
        ds: The data set; elements of groups 0000 and 0002 are no part of one.
        is_implicit_vr: Whether the transfer syntax leaves out the VRs.
        is_little_endian: Whether the least significant byte comes first.
        deflated: Whether to compress it as a whole.
    """
    data = _elements.write(ds, is_implicit_vr) if is_little_endian else None
    if data is None:
        stream = DicomBytesIO()
        stream.is_implicit_VR, stream.is_little_endian = is_implicit_vr, is_little_endian
        try:
            write_dataset(stream, ds)
        except Exception:  # whatever pydicom raises about a value
            LOGGER.exception("Unable to encode the data set")
            return None
        data = stream.getvalue()
    return deflate(data) if deflated else data


def create_file_meta(
    *,
    sop_class_uid: UID,
    sop_instance_uid: UID,
    transfer_syntax: UID,
    implementation_uid: UID = PYNETDICOM_IMPLEMENTATION_UID,
    implementation_version: str = PYNETDICOM_IMPLEMENTATION_VERSION,
) -> FileMetaDataset:
    """Return file meta information (PS3.10 7.1)."""
    meta = FileMetaDataset()
    meta.FileMetaInformationGroupLength = 0
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = sop_class_uid
    meta.MediaStorageSOPInstanceUID = sop_instance_uid
    meta.TransferSyntaxUID = transfer_syntax
    meta.ImplementationClassUID = implementation_uid
    meta.ImplementationVersionName = implementation_version
    meta.FileMetaInformationGroupLength = len(encode_file_meta(meta)) - 12
    return meta


def encode_file_meta(file_meta: FileMetaDataset) -> bytes:
    """Return file meta information encoded, without preamble and prefix."""
    stream = DicomBytesIO()
    write_file_meta_info(stream, file_meta)
    data: bytes = stream.getvalue()
    return data


def encode_preamble(file_meta: FileMetaDataset) -> bytes:
    """Return what a file begins with: preamble, prefix and file meta information."""
    return PREAMBLE + encode_file_meta(file_meta)


_FIRST_READ: Final = 0x8000
_SHORT = Struct("<HH2sH")  # group, element, VR, length


@dataclass(slots=True)
class FileHeader:
    """What is needed of a file to send it.

    Attributes:
        offset: Where the data set begins.
        length: How many bytes it has.
        start: Its first bytes, which were read with the header; the file stands behind them.
    """

    sop_class_uid: UID
    sop_instance_uid: UID
    transfer_syntax: UID
    offset: int
    length: int
    start: memoryview


def read_header(file: FileIO | BinaryIO, buffer: bytearray | None = None) -> FileHeader:
    """Return what the file meta information of an open file says (PS3.10 7.1).

    One read is enough for most files and for all of a small one, and no pydicom objects are made:
    sending thousands of small files should not spend its time here.

    Args:
        file: The file, at its first byte.
        buffer: Where to read it to, which is quicker than memory of its own; ``None`` for that.

    Raises:
        InvalidDicomError: It is no DICOM file, or lacks an element that is required.
    """
    start: bytes | memoryview
    if buffer is not None and isinstance(file, FileIO):
        start = memoryview(buffer)[:_FIRST_READ]
        start = start[: file.readinto(start)]
    else:
        start = file.read(_FIRST_READ)
    if start[128:132] != b"DICM":
        raise InvalidDicomError("The file has no 'DICM' prefix: is it a DICOM file?")
    values, offset, start = _read_group_2(start, file)
    return FileHeader(
        _required_uid(values, 0x0002),
        _required_uid(values, 0x0003),
        _required_uid(values, 0x0010),
        offset,
        os.fstat(file.fileno()).st_size - offset,
        memoryview(start)[offset:],
    )


def _required_uid(values: dict[int, bytes], number: int) -> UID:
    value = values.get(number, b"").rstrip(b"\0 ")
    if not value:
        raise InvalidDicomError(f"The file meta information has no element (0002,{number:04X})")
    return str.__new__(UID, value.decode("ascii", "replace"))


def _read_group_2(
    start: bytes | memoryview, file: FileIO | BinaryIO
) -> tuple[dict[int, bytes], int, bytes | memoryview]:
    """Return the elements of group 0002, where they end, and what was read so far.

    The group length says where, but some files lie about it, so the groups are looked at instead.
    """
    values: dict[int, bytes] = {}
    position = len(PREAMBLE)
    while True:
        if len(start) - position < 12:
            start = bytes(start) + file.read(_FIRST_READ)
        if len(start) - position < _SHORT.size:
            return values, position, start
        group, number, vr, length = _SHORT.unpack_from(start, position)
        if group != 0x0002:
            return values, position, start
        position += _SHORT.size
        if vr in _elements.LONG_VRS:
            length = int.from_bytes(start[position : position + 4], "little")
            position += 4
        if length > 0x100000:
            raise InvalidDicomError(f"Element (0002,{number:04X}) says it has {length} bytes")
        while len(start) - position < length:
            more = file.read(_FIRST_READ)
            if not more:
                raise InvalidDicomError("The file ends within its file meta information")
            start = bytes(start) + more
        values[number] = bytes(start[position : position + length])
        position += length


def split_dataset(path: str | PathLike[str]) -> tuple[FileMetaDataset, int]:
    """Return the file meta information of a file, and where its data set begins.

    Args:
        path: The file.

    Returns:
        The file meta information, empty if there is none, and the offset in bytes.
    """
    with Path(path).open("rb") as file:
        read_preamble(file, force=True)
        meta = read_file_meta_info(path) if file.tell() else FileMetaDataset()
        file.seek(0)
        start = file.read(4096)
        if start[128:132] != b"DICM":
            return FileMetaDataset(), 0
        return meta, _read_group_2(start, file)[1]


_SHOWN_BYTES: Final = 13  # of binary data fit into the column for values


def pretty_dataset(ds: Dataset, indent: int = 0, indent_char: str = "  ") -> list[str]:
    """Return `ds` as lines of text.

    The lines are those that programs have known from version 2 on: what is inside a sequence is
    indented, by two spaces a level, the line of the sequence itself is not.

    Args:
        ds: The data set.
        indent: How deep it is.
        indent_char: What stands for one level at this depth.
    """
    lines = []
    for element in ds:
        if element.VR != "SQ":
            lines.append(indent_char * indent + pretty_element(element))
            continue
        lines.append(pretty_element(element))
        for number, item in enumerate(element.value, start=1):
            lines.append(f"{indent_char * (indent + 1)}(Sequence item #{number})")
            lines += pretty_dataset(item, indent + 2)
    return lines


def pretty_element(elem: DataElement) -> str:
    """Return `elem` as a line of text: tag, VR, value, number of values, keyword."""
    tag = f"({elem.tag.group:04X},{elem.tag.element:04X})"
    return f"{tag} {elem.VR} {_pretty_value(elem):<40} # {elem.VM} {elem.keyword}"


def _pretty_value(elem: DataElement) -> str:
    if elem.VR == "SQ":
        count = len(elem.value)
        return f"(Sequence with {count} item{'' if count == 1 else 's'})"
    if elem.is_empty:
        return "(no value available)"
    value = elem.value
    if isinstance(value, bytes) and elem.VR.startswith("O"):
        is_short = len(value) <= _SHOWN_BYTES
        return f"[{value.hex(' ')}]" if is_short else f"({len(value)} bytes of binary data)"
    values = value if elem.VM > 1 else [value]
    return "[" + "\\".join(map(str, values)) + "]"
