"""The little of PS3.8 and PS3.7 that the neutral ends need.

It is written apart from the library on purpose: an end shared with what is measured would not
be neutral, and the neutral ends have to run without the library at all.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

APPLICATION_CONTEXT = b"1.2.840.10008.3.1.1.1"
VERIFICATION = "1.2.840.10008.1.1"
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2.1"
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
IMPLEMENTATION_CLASS = b"2.25.208136152131421935241364210331213120111"

# Context IDs of `associate_rq`, one per SOP class that the benchmarks use.
CONTEXT_IDS = {VERIFICATION: 1, CT_IMAGE: 3, ENHANCED_CT_IMAGE: 5}
QUERY_CONTEXT_IDS = {STUDY_ROOT_FIND: 1, STUDY_ROOT_MOVE: 3}

PDU_HEADER = struct.Struct(">BxL")  # type, reserved, length (PS3.8 9.3.1)
PDATA_HEADER = struct.Struct(">BxLLBB")  # and of its first PDV: length, context ID, control header
PDV_HEADER = struct.Struct(">LBB")
RELEASE_RQ = bytes.fromhex("050000000004") + bytes(4)
RELEASE_RP = bytes.fromhex("060000000004") + bytes(4)

COMMAND, LAST = 1, 2  # bits of the message control header (PS3.8 E.2)
C_STORE_RQ, C_FIND_RQ, C_MOVE_RQ, C_ECHO_RQ = 0x0001, 0x0020, 0x0021, 0x0030
NO_DATA_SET = 0x0101
PENDING = 0xFF00

# Where a value begins in an encoded command set: tag and length, little endian.
COMMAND_FIELD_AT = struct.pack("<HHL", 0, 0x0100, 2)
MESSAGE_ID_AT = struct.pack("<HHL", 0, 0x0110, 2)
STATUS_AT = struct.pack("<HHL", 0, 0x0900, 2)
COMPLETED_AT = struct.pack("<HHL", 0, 0x1021, 2)

# A match of a query, of 15 elements: tag, VR and value.
MATCH = (
    (0x00080005, "CS", "ISO_IR 100"),
    (0x00080020, "DA", "20240102"),
    (0x00080030, "TM", "101010"),
    (0x00080050, "SH", "A0001"),
    (0x00080052, "CS", "STUDY"),
    (0x00080054, "AE", "ARCHIVE"),
    (0x00080061, "CS", "CT"),
    (0x00080090, "PN", "Referring^Physician"),
    (0x00081030, "LO", "Thorax"),
    (0x00100010, "PN", "Benchmark^Patient"),
    (0x00100020, "LO", "P0001"),
    (0x00100030, "DA", "19700101"),
    (0x00100040, "CS", "O"),
    (0x0020000D, "UI", "2.25.326184273158936420191827364554637281910"),
    (0x00200010, "SH", "1"),
)


class PDUType(IntEnum):
    """The PDU types (PS3.8 9.3.1)."""

    ASSOCIATE_RQ = 1
    ASSOCIATE_AC = 2
    P_DATA = 4
    RELEASE_RQ = 5
    RELEASE_RP = 6
    ABORT = 7


class Instance(NamedTuple):
    """What a C-STORE request needs to know of a DICOM file."""

    sop_class: str
    sop_instance: str
    data_set: bytes


def _item(kind: int, body: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(body)) + body


def _pdu(kind: PDUType, body: bytes) -> bytes:
    return PDU_HEADER.pack(kind, len(body)) + body


def _user_information(maximum_length: int) -> bytes:
    length = _item(0x51, struct.pack(">L", maximum_length))
    return _item(0x50, length + _item(0x52, IMPLEMENTATION_CLASS))


def associate_rq(
    maximum_length: int = 16384, context_ids: Mapping[str, int] = CONTEXT_IDS
) -> bytes:
    """Encode an A-ASSOCIATE-RQ for SOP classes of the benchmarks (PS3.8 9.3.2)."""
    transfer_syntax = _item(0x40, EXPLICIT_LITTLE.encode())
    contexts = b"".join(
        _item(0x20, bytes([context_id, 0, 0, 0]) + _item(0x30, uid.encode()) + transfer_syntax)
        for uid, context_id in context_ids.items()
    )
    titles = b"ANY-SCP".ljust(16) + b"REPLAY".ljust(16)
    head = struct.pack(">HH", 1, 0) + titles + bytes(32) + _item(0x10, APPLICATION_CONTEXT)
    return _pdu(PDUType.ASSOCIATE_RQ, head + contexts + _user_information(maximum_length))


def associate_ac(request: bytes, maximum_length: int) -> bytes:
    """Accept every context of an A-ASSOCIATE-RQ, Explicit VR Little Endian where offered."""
    contexts = b""
    for kind, body in _items(request, 74):
        if kind == 0x20:
            offered = [value.decode() for kind, value in _items(body, 4) if kind == 0x40]
            chosen = EXPLICIT_LITTLE if EXPLICIT_LITTLE in offered else offered[0]
            contexts += _item(0x21, bytes([body[0], 0, 0, 0]) + _item(0x40, chosen.encode()))
    head = request[6:74] + _item(0x10, APPLICATION_CONTEXT)
    return _pdu(PDUType.ASSOCIATE_AC, head + contexts + _user_information(maximum_length))


def accepted(accept: bytes) -> tuple[int, set[int]]:
    """Read the maximum length and the accepted context IDs from an A-ASSOCIATE-AC."""
    maximum_length, context_ids = 0, set()
    for kind, body in _items(accept, 74):
        if kind == 0x21 and body[2] == 0:
            context_ids.add(body[0])
        elif kind == 0x50:
            lengths = [
                struct.unpack(">L", value)[0] for kind, value in _items(body) if kind == 0x51
            ]
            maximum_length = lengths[0]
    return maximum_length, context_ids


def _items(encoded: bytes, offset: int = 0) -> Iterator[tuple[int, bytes]]:
    while offset < len(encoded):
        kind, length = struct.unpack_from(">BxH", encoded, offset)
        yield kind, encoded[offset + 4 : offset + 4 + length]
        offset += 4 + length


def _command_set(*elements: tuple[int, bytes]) -> bytes:
    encoded = b"".join(struct.pack("<HHL", 0, tag, len(value)) + value for tag, value in elements)
    return struct.pack("<HHLL", 0, 0, 4, len(encoded)) + encoded


def _us(value: int) -> bytes:
    return struct.pack("<H", value)


def _ui(value: str) -> bytes:
    encoded = value.encode()
    return encoded + bytes(len(encoded) % 2)


def c_echo_request(message_id: int) -> bytes:
    """Encode the command set of a C-ECHO-RQ (PS3.7 9.3.5.1)."""
    return _command_set(
        (0x0002, _ui(VERIFICATION)),
        (0x0100, _us(C_ECHO_RQ)),
        (0x0110, _us(message_id)),
        (0x0800, _us(NO_DATA_SET)),
    )


def c_store_request(message_id: int, instance: Instance) -> bytes:
    """Encode the command set of a C-STORE-RQ (PS3.7 9.3.1.1)."""
    return _command_set(
        (0x0002, _ui(instance.sop_class)),
        (0x0100, _us(C_STORE_RQ)),
        (0x0110, _us(message_id)),
        (0x0700, _us(0)),
        (0x0800, _us(0)),
        (0x1000, _ui(instance.sop_instance)),
    )


def query_request(
    command_field: int, sop_class: str, message_id: int, destination: str = ""
) -> bytes:
    """Encode the command set of a C-FIND-RQ or C-MOVE-RQ (PS3.7 9.3.2.1 and 9.3.4.1)."""
    title = [(0x0600, destination.encode().ljust(16))] if destination else []
    return _command_set(
        (0x0002, _ui(sop_class)),
        (0x0100, _us(command_field)),
        (0x0110, _us(message_id)),
        *title,
        (0x0700, _us(0)),
        (0x0800, _us(0)),
    )


def find_response(message_id: bytes, status: int) -> bytes:
    """Encode a response to a C-FIND; a pending one says that an identifier follows."""
    return _command_set(
        (0x0002, _ui(STUDY_ROOT_FIND)),
        (0x0100, _us(C_FIND_RQ | 0x8000)),
        (0x0120, message_id),
        (0x0800, _us(0 if status == PENDING else NO_DATA_SET)),
        (0x0900, _us(status)),
    )


def identifier(elements: Iterable[tuple[int, str, str]]) -> bytes:
    """Encode elements in Explicit VR Little Endian; all VRs used here have short lengths."""
    encoded = b""
    for tag, vr, text in elements:
        padding = b"\0" if vr == "UI" else b" "
        value = text.encode() + padding * (len(text) % 2)
        encoded += struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), len(value)) + value
    return encoded


def response(request_field: int) -> bytes:
    """Encode a successful response whose message ID is still to be filled in."""
    return _command_set(
        (0x0100, _us(request_field | 0x8000)),
        (0x0120, _us(0)),
        (0x0800, _us(NO_DATA_SET)),
        (0x0900, _us(0)),
    )


def fragment(context_id: int, control: int, payload: bytes, maximum_length: int) -> bytearray:
    """Cut a command or data set into P-DATA-TF PDUs of one PDV each (PS3.8 Annex E)."""
    room = maximum_length - 6
    count = max(1, -(-len(payload) // room))
    encoded = bytearray(len(payload) + PDATA_HEADER.size * count)
    source = memoryview(payload)
    at = 0
    for number in range(count):
        piece = source[number * room : (number + 1) * room]
        bits = control | (LAST if number == count - 1 else 0)
        PDATA_HEADER.pack_into(
            encoded, at, PDUType.P_DATA, len(piece) + 6, len(piece) + 2, context_id, bits
        )
        at += PDATA_HEADER.size
        encoded[at : at + len(piece)] = piece
        at += len(piece)
    return encoded


def command_field(command_set: bytes) -> int:
    """Find the command field without decoding the rest."""
    at = command_set.index(COMMAND_FIELD_AT) + 8
    return int.from_bytes(command_set[at : at + 2], "little")


def status(answer: bytes) -> int:
    """Find the status of a response; from the end, for a message ID may look like its tag."""
    at = answer.rindex(STATUS_AT) + 8
    return int.from_bytes(answer[at : at + 2], "little")


def completed(answer: bytes) -> int:
    """Find the number of completed sub-operations of a response to a retrieval."""
    at = answer.rindex(COMPLETED_AT) + 8
    return int.from_bytes(answer[at : at + 2], "little")


def read_instance(path: Path) -> Instance:
    """Split a DICOM file into what its file meta information says and its data set."""
    content = path.read_bytes()
    end = 144 + int.from_bytes(content[140:144], "little")  # (0002,0000) opens group 2
    meta, at = {}, 144
    while at < end:
        element, vr, length = struct.unpack_from("<2xH2sH", content, at)
        at += 8
        if vr == b"OB":  # PS3.5 7.1.2: this VR has its length in four bytes after two reserved
            length = int.from_bytes(content[at : at + 4], "little")
            at += 4
        meta[element] = content[at : at + length].rstrip(b"\0")
        at += length
    return Instance(meta[2].decode(), meta[3].decode(), content[end:])
