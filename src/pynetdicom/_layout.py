"""Checked attributes, and the framing of the items inside PDUs (PS3.8 9.3.1).

A class of the standard is written as its list of attributes, one line each; what is assigned
passes the attribute's check, what is read has the check's type.
"""

from collections.abc import Callable, Iterator
from struct import Struct
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from pydicom.uid import UID

from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.utils import decode_bytes, set_uid, validate_uid

T = TypeVar("T")
Buffer = bytes | bytearray | memoryview
Check = Callable[[Any, str], T]

ITEM_HEADER = Struct(">BxH")  # item type, reserved, item length


class Attribute(Generic[T]):
    """The declaration of one attribute of a class of the standard.

    Args:
        check: Returns the value to keep, or raises TypeError or ValueError; gets value and name.
        default: What is read while nothing was assigned.
    """

    def __init__(self, check: Check[T], default: T) -> None:
        self.check = check
        self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    if TYPE_CHECKING:  # what `Compared` makes of it

        def __get__(self, instance: object, owner: type) -> T: ...
        def __set__(self, instance: object, value: Any) -> None: ...


class Compared:
    """Objects of one class are equal when their attributes are, assigned or not.

    What is declared as an `Attribute` is checked when it is assigned. Reading it costs nothing: in
    the class its default takes the declaration's place.
    """

    _declared: ClassVar[dict[str, Attribute[Any]]] = {}

    def __init_subclass__(cls) -> None:
        """Take the declarations out of the class."""
        own = vars(cls).items()
        declared = {name: value for name, value in own if isinstance(value, Attribute)}
        cls._declared = cls._declared | declared
        for name, value in declared.items():
            setattr(cls, name, value.default)

    if not TYPE_CHECKING:  # pragma: no branch  # where it would allow any name

        def __setattr__(self, name: str, value: Any) -> None:
            declared = self._declared.get(name)
            if declared is not None:
                value = declared.check(value, name)
            object.__setattr__(self, name, value)

    __hash__: ClassVar[None]  # type: ignore[assignment]  # mutable, so not hashable

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = vars(self).keys() | vars(other).keys()
        return all(getattr(self, name, None) == getattr(other, name, None) for name in names)

    def __repr__(self) -> str:
        pairs = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({pairs})"


class Item(Compared):
    """An item or sub-item of a PDU: a type, a length, and what follows."""

    item_type: ClassVar[int]

    def _pack(self) -> bytes:
        """Return what follows the item's header."""
        raise NotImplementedError

    def _unpack(self, body: bytes) -> None:
        """Take the attributes from what follows the item's header.

        Raises:
            RemoteProtocolError: `body` is not what the standard describes.
        """
        raise NotImplementedError

    def encode(self) -> bytes:
        """Return the item as it goes on the wire.

        Raises:
            ValueError: It lacks something, or is longer than 65,535 bytes.
        """
        body = _of_possible_length(self._pack())
        return ITEM_HEADER.pack(self.item_type, len(body)) + body

    def decode(self, bytestream: bytes) -> None:
        """Take the attributes from an item as it came from the wire, header included.

        Raises:
            RemoteProtocolError: The bytes are not one whole item of this type.
        """
        items = list(iter_items(bytestream))
        if [kind for kind, _ in items] != [self.item_type]:
            name = type(self).__name__
            raise RemoteProtocolError(f"The bytes are not one whole {name}, {self.item_type:02X}H")
        self._unpack(items[0][1])

    def from_primitive(self) -> Self:
        """Return the item itself: parameter and item are one class here."""
        return self

    def to_primitive(self) -> Self:
        """Return the parameter itself: parameter and item are one class here."""
        return self

    @property
    def item_length(self) -> int:
        """The number of bytes behind the item's header."""
        return len(self._pack())

    def __len__(self) -> int:
        return ITEM_HEADER.size + self.item_length


def iter_items(body: Buffer) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each item in `body`.

    Raises:
        RemoteProtocolError: An item says that it is longer than what there is.
    """
    position, end = 0, len(body)
    while position < end:
        if end - position < ITEM_HEADER.size:
            raise RemoteProtocolError(f"{end - position} stray bytes behind the last item")
        item_type, length = ITEM_HEADER.unpack_from(body, position)
        position += ITEM_HEADER.size
        if length > end - position:
            raise RemoteProtocolError(
                f"Item {item_type:02X}H says it has {length} bytes where {end - position} are left"
            )
        yield item_type, bytes(body[position : position + length])
        position += length


def take(body: bytes, position: int, what: str) -> tuple[bytes, int]:
    """Return the field at `position` that is led by its two-byte length, and where it ends.

    Raises:
        RemoteProtocolError: The field is longer than what there is.
    """
    end = position + 2 + int.from_bytes(body[position : position + 2], "big")
    if position + 2 > len(body) or end > len(body):
        raise RemoteProtocolError(f"{what} is cut short")
    return body[position + 2 : end], end


def led(field: bytes) -> bytes:
    """Return `field` led by its two-byte length.

    Raises:
        ValueError: It is longer than two bytes can say.
    """
    return len(_of_possible_length(field)).to_bytes(2, "big") + field


def _of_possible_length(field: bytes) -> bytes:
    if len(field) > 0xFFFF:
        raise ValueError(f"An item or field of {len(field):,} bytes exceeds the maximum of 65,535")
    return field


def fixed(layout: Struct, body: bytes, what: str) -> tuple[Any, ...]:
    """Return the fields of a body of fixed length.

    Raises:
        RemoteProtocolError: The body has another length.
    """
    if len(body) != layout.size:
        raise RemoteProtocolError(f"{what} has {len(body)} bytes instead of {layout.size}")
    return layout.unpack(body)


def wire_uid(field: bytes, what: str) -> UID:
    """Return a UID as peers send it, padding tolerated (PS3.8 Annex F).

    Raises:
        RemoteProtocolError: It is no text, or no UID, as strictly as
            ``_config.ENFORCE_UID_CONFORMANCE`` says.
    """
    text = wire_text(field.rstrip(b"\0"), what)
    if not validate_uid(text):
        raise RemoteProtocolError(f"{what} {text!r} is not a valid UID")
    return str.__new__(UID, text)


def wire_text(field: bytes, what: str) -> str:
    """Return text as peers send it, without the spaces around it.

    Raises:
        RemoteProtocolError: No codec of ``_config.CODECS`` can read it.
    """
    try:
        return decode_bytes(field).strip()
    except ValueError as error:
        raise RemoteProtocolError(f"{what}: {error}") from error


# The checks.


def integer(low: int, high: int) -> Check[int]:
    """Return a check for an int from `low` to `high`."""

    def check(value: Any, name: str) -> int:
        if not isinstance(value, int):
            raise TypeError(f"'{name}' must be int, not '{type(value).__name__}'")
        if not low <= value <= high:
            raise ValueError(f"'{name}' must be from {low} to {high}, not {value}")
        return value

    return check


def maybe(check: Check[T]) -> Check[T | None]:
    """Return `check`, but ``None`` will do."""
    return lambda value, name: None if value is None else check(value, name)


def boolean(value: Any, name: str) -> bool:
    """Check for a bool."""
    if not isinstance(value, bool):
        raise TypeError(f"'{name}' must be bool, not '{type(value).__name__}'")
    return value


def octets(value: Any, name: str) -> bytes:
    """Check for bytes."""
    if not isinstance(value, bytes):
        raise TypeError(f"'{name}' must be bytes, not '{type(value).__name__}'")
    return value


def uid(value: Any, name: str) -> UID | None:
    """Check for a UID, or None."""
    return set_uid(value, name)
