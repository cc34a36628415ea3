"""AE titles as they were up to pynetdicom 1.5: bytes, padded to sixteen."""

from pynetdicom import _config
from pynetdicom.utils import decode_bytes

_LENGTH = 16


def validate_ae_title(ae_title: str | bytes) -> bytes:
    """Return an AE title as 16 bytes, padded or cut.

    Raises:
        TypeError: It is of another type.
        ValueError: It is blank, or has a backslash or control characters.
    """
    if not isinstance(ae_title, str | bytes):
        raise TypeError(f"AE titles must be str or bytes, not '{type(ae_title).__name__}'")
    text = decode_bytes(ae_title) if isinstance(ae_title, bytes) else ae_title
    text = text.strip(" ")[:_LENGTH]
    is_valid, why = _config.VALIDATORS["AE"](text)
    if not text or not is_valid:
        raise ValueError(f"{ae_title!r} is no AE title: {why or 'it is blank'}")
    return padded(text)


def padded(ae_title: str) -> bytes:
    """Return an AE title as programs read it: 16 bytes."""
    return ae_title.encode("ascii", "backslashreplace").ljust(_LENGTH)


def as_text(ae_title: str | bytes) -> str:
    """Return an AE title as all the rest of the package has it.

    Raises:
        TypeError, ValueError: As `validate_ae_title`.
    """
    return validate_ae_title(ae_title).decode("ascii").rstrip(" ")
