"""The command set of a message (PS3.7 6.3.1, Annex E): DIMSE primitives <-> bytes.

A command set is always Implicit VR Little Endian and its elements are known beforehand, so they are
packed and unpacked by declaration; no pydicom Dataset is involved.
"""

from collections.abc import Callable
from functools import cache, lru_cache, partial
from struct import Struct
from typing import Any, Final

from pydicom.tag import BaseTag
from pydicom.uid import UID

from pynetdicom import _config
from pynetdicom.dimse_primitives import C_CANCEL, PRIMITIVES, DIMSEPrimitive
from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.utils import decode_bytes

_COMMAND_FIELD: Final = 0x0100
_PRIORITY: Final = 0x0700
_DATA_SET_TYPE: Final = 0x0800
_CLASS_UIDS: Final = (0x0002, 0x0003)  # affected, requested
_NO_DATA_SET: Final = 0x0101  # any other value says that a data set follows (PS3.7 E.1)
_RESPONSE_BIT: Final = 0x8000

_SOP_CLASSES: Final = 256  # as many are remembered with their bytes: peers use the same few

_HEADER = Struct("<HHI")  # group, element, value length
_NUMBER = Struct("<HHIH")  # the same with a value of VR US
_TAG = Struct("<HH")
_GROUP_LENGTH = Struct("<HHII")  # (0000,0000) UL

_Pack = Callable[[Any], bytes]
_Unpack = Callable[[bytes, str], Any]
# Name, default, and how it is written.
_Layout = list[tuple[str, Any, _Pack]]


def encode(primitive: DIMSEPrimitive, has_data_set: bool) -> bytes:
    """Return the command set of `primitive`, group length first.

    Args:
        primitive: A request or a response.
        has_data_set: Whether a data set follows.
    """
    value_of = vars(primitive).get
    layout = _layout(primitive.command_field, primitive.is_response, has_data_set)
    body = b"".join(
        [
            pack(value)
            for name, default, pack in layout
            if (value := value_of(name, default)) is not None
        ]
    )
    return _GROUP_LENGTH.pack(0, 0, 4, len(body)) + body


def _pack_padded(number: int, field: bytes, pad: bytes) -> bytes:
    field += pad * (len(field) % 2)
    return _HEADER.pack(0, number, len(field)) + field


def _pack_number(number: int) -> _Pack:
    return partial(_NUMBER.pack, 0, number, 2)


def _pack_uid(number: int) -> _Pack:
    def pack(value: str) -> bytes:
        return _pack_padded(number, value.encode(), b"\0")

    return lru_cache(_SOP_CLASSES)(pack) if number in _CLASS_UIDS else pack


def _pack_title(number: int) -> _Pack:
    def pack(value: str) -> bytes:
        width = 0 if _config.USE_SHORT_DIMSE_AET else 16
        return _pack_padded(number, value.ljust(width).encode("ascii", "replace"), b" ")

    return pack


def _pack_text(number: int) -> _Pack:
    return lambda value: _pack_padded(number, value.encode("ascii", "replace"), b" ")


def _pack_tags(number: int) -> _Pack:
    def pack(value: list[BaseTag]) -> bytes:
        field = b"".join(_TAG.pack(tag.group, tag.elem) for tag in value)
        return _pack_padded(number, field, b"")

    return pack


_PACK: dict[str, Callable[[int], _Pack]] = {
    "US": _pack_number,
    "UI": _pack_uid,
    "AE": _pack_title,
    "LO": _pack_text,
    "AT": _pack_tags,
}


@cache
def _layout(command_field: int, is_response: bool, has_data_set: bool) -> _Layout:
    """Return what is written of a message; what is the same for all of a kind is a default."""
    field = command_field | (_RESPONSE_BIT if is_response else 0)
    data_set_type = 0x0001 if has_data_set else _NO_DATA_SET
    declared: dict[int, tuple[str, Any, _Pack]] = {
        element.number: (element.name, element.default, _PACK[element.vr](element.number))
        for element in PRIMITIVES[command_field].elements
        if not (is_response and element.number == _PRIORITY)
    }
    for number, value in ((_COMMAND_FIELD, field), (_DATA_SET_TYPE, data_set_type)):
        declared[number] = ("", _pack_number(number)(value), bytes)
    return [declared[number] for number in sorted(declared)]


def decode(command: bytes) -> tuple[DIMSEPrimitive, bool]:
    """Return the primitive that a command set holds, and whether a data set follows.

    Elements which the primitive does not know are skipped.

    Raises:
        RemoteProtocolError: It is no command set, or lacks what cannot be done without.
    """
    values = _split(command)
    field = _number(values.get(_COMMAND_FIELD), "Command Field")
    has_data_set = _number(values.get(_DATA_SET_TYPE), "Command Data Set Type") != _NO_DATA_SET
    is_response = bool(field & _RESPONSE_BIT)
    primitive_class = PRIMITIVES.get(field & ~_RESPONSE_BIT)
    if primitive_class is None or (is_response and primitive_class is C_CANCEL):
        raise RemoteProtocolError(f"Command Field {field:04X}H is unknown")
    primitive = primitive_class()
    attributes = vars(primitive)
    known = _readers(primitive_class.command_field)
    for number, value in values.items():
        reader = known.get(number)
        if reader is not None:
            name, unpack = reader
            attributes[name] = unpack(value, name)
    _check_message_id(primitive_class, attributes, is_response)
    return primitive, has_data_set


@cache
def _readers(command_field: int) -> dict[int, tuple[str, _Unpack]]:
    known = PRIMITIVES[command_field].by_number
    return {
        number: (
            element.name,
            _class_uid if number in _CLASS_UIDS else _UNPACK[element.vr],
        )
        for number, element in known.items()
    }


def _check_message_id(
    primitive_class: type[DIMSEPrimitive], attributes: dict[str, Any], is_response: bool
) -> None:
    """Make sure that it can be told what the message is, and to what it responds."""
    refers = is_response or primitive_class is C_CANCEL
    if not refers:
        attributes.pop("MessageIDBeingRespondedTo", None)
    keyword = "MessageIDBeingRespondedTo" if refers else "MessageID"
    if keyword not in attributes:
        raise RemoteProtocolError(f"A {primitive_class.msg_type} message has no {keyword}")
    if is_response and "Status" not in attributes:
        raise RemoteProtocolError(f"A {primitive_class.msg_type} response has no Status")


def _split(command: bytes) -> dict[int, bytes]:
    values: dict[int, bytes] = {}
    unpack = _HEADER.unpack_from
    position, end = 0, len(command)
    while position < end:
        start = position + _HEADER.size
        if start > end:
            raise RemoteProtocolError("A command set ends within an element")
        group, number, length = unpack(command, position)
        if group:
            raise RemoteProtocolError(f"A command set holds ({group:04X},{number:04X})")
        position = start + length
        if position > end:
            raise RemoteProtocolError(f"Element (0000,{number:04X}) is cut short")
        values[number] = command[start:position]
    return values


def _number(value: bytes | None, name: str) -> int:
    if value is None or len(value) != 2:
        raise RemoteProtocolError(f"{name} is missing or has not two bytes")
    return int.from_bytes(value, "little")


def _uid(value: bytes, name: str) -> UID:
    try:
        text = value.strip(b"\0 ").decode("ascii")
    except UnicodeDecodeError:
        text = _text(value, name)
    if len(text) > 64:
        raise RemoteProtocolError(f"{name} has {len(text)} characters, a UID at most 64")
    # Not through UID's own check, which costs more than all the rest of a command set.
    return str.__new__(UID, text)


_class_uid = lru_cache(_SOP_CLASSES)(_uid)


def _text(value: bytes, name: str) -> str:
    del name
    # Padding is a space, but peers send NULs, as they do in PDUs.
    value = value.strip(b"\0 ")
    try:
        return decode_bytes(value)
    except ValueError:
        # Titles and comments only inform: what cannot be read is escaped, not refused.
        return value.decode("ascii", "backslashreplace")


def _tags(value: bytes, name: str) -> list[BaseTag]:
    if len(value) % 4:
        raise RemoteProtocolError(f"{name} does not hold whole tags")
    return [BaseTag(group << 16 | element) for group, element in _TAG.iter_unpack(value)]


_UNPACK: dict[str, _Unpack] = {
    "US": _number,
    "UI": _uid,
    "AE": _text,
    "LO": _text,
    "AT": _tags,
}
