"""AE titles, UIDs, and text on the wire: small functions that many modules use."""

import contextvars
import inspect
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from pydicom.uid import UID

from pynetdicom import _config

_MAXIMUM_UID_LENGTH = 64
# What would start a new line, move the cursor or reverse the writing where text is shown.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def decode_bytes(encoded: bytes) -> str:
    """Return `encoded` as text, by the first codec of ``_config.CODECS`` that can read it.

    Raises:
        ValueError: No codec can.
    """
    for codec in _config.CODECS:
        try:
            return encoded.decode(codec)
        except UnicodeDecodeError:
            continue
    raise ValueError(f"Unable to decode {encoded!r} with the codecs {', '.join(_config.CODECS)}")


def validate_uid(uid: str) -> bool:
    """Return whether `uid` is valid; how strictly, ``ENFORCE_UID_CONFORMANCE`` says."""
    if _config.ENFORCE_UID_CONFORMANCE:
        return _config.VALIDATORS["UI"](uid)[0]
    return len(uid) <= _MAXIMUM_UID_LENGTH


def set_uid(
    value: str | bytes | UID | None,
    name: str,
    allow_empty: bool = True,
    allow_none: bool = True,
    validate: bool = True,
) -> UID | None:
    """Return `value` as a UID.

    Args:
        value: The UID; bytes are decoded, trailing padding goes.
        name: What it is called in an error message.
        allow_empty: Whether an empty string will do.
        allow_none: Whether ``None`` will do.
        validate: False skips the check of the characters.

    Raises:
        TypeError: `value` is of another type.
        ValueError: `value` is no valid UID, or empty where that is not allowed.
    """
    if value is None:
        if allow_none:
            return None
        raise TypeError(f"'{name}' must be str, bytes or UID, not 'NoneType'")
    if isinstance(value, bytes):
        value = decode_bytes(value)
    if not isinstance(value, str):
        raise TypeError(f"'{name}' must be str, bytes or UID, not '{type(value).__name__}'")
    if not isinstance(value, UID):
        value = str.__new__(UID, value.rstrip("\0").strip())
    if not value and not allow_empty:
        raise ValueError(f"Invalid '{name}' value - must not be an empty str")
    if validate and value and not validate_uid(value):
        raise ValueError(f"Invalid '{name}' value - '{value}' is not a valid UID")
    return value


def set_ae(
    value: str | bytes | None, name: str, allow_empty: bool = True, allow_none: bool = True
) -> str | None:
    """Return `value` as an AE title, spaces and all.

    Args:
        value: The title. Bytes, which titles were once, are decoded with a warning.
        name: What it is called in an error message.
        allow_empty: Whether an empty string will do.
        allow_none: Whether ``None`` will do.

    Raises:
        TypeError: `value` is of another type.
        ValueError: `value` is no valid AE title, or empty where that is not allowed.
    """
    if value is None:
        if allow_none:
            return None
        raise TypeError(f"'{name}' must be str, not 'NoneType'")
    if isinstance(value, bytes):
        deprecated(f"'{name}' is given as bytes: AE titles are str since pynetdicom 2.0")
        value = decode_bytes(value)
    if not isinstance(value, str):
        raise TypeError(f"'{name}' must be str, not '{type(value).__name__}'")
    if not value and not allow_empty:
        raise ValueError(f"Invalid '{name}' value - must not be an empty str")
    is_valid, why = _config.VALIDATORS["AE"](value)
    if not is_valid:
        raise ValueError(f"Invalid '{name}' value '{value!r}' - {why}")
    return value


def deprecated(message: str) -> None:
    """Warn of something old, where the user's own code asks for it."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and _is_ours(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, DeprecationWarning, stacklevel=level)


def _is_ours(module: str) -> bool:
    return f"{module}.".startswith(f"{__package__}.")


def make_target(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function`, bound to a copy of this context if ``PASS_CONTEXTVARS`` is set."""
    if not _config.PASS_CONTEXTVARS:
        return function
    context = contextvars.copy_context()
    return lambda *args, **kwargs: context.run(function, *args, **kwargs)


def pretty_bytes(
    bytestream: bytes | BytesIO,
    prefix: str = "  ",
    delimiter: str = "  ",
    items_per_line: int = 16,
    max_size: int | None = 512,
    suffix: str = "",
) -> list[str]:
    """Return lines of hexadecimal text for the first bytes of `bytestream`.

    Args:
        bytestream: The bytes.
        prefix: What each line begins with.
        delimiter: What stands between two bytes.
        items_per_line: How many bytes a line shows.
        max_size: How many bytes are shown at the most, in whole lines; ``None`` for all.
        suffix: What each line ends with.
    """
    data = bytestream.getvalue() if isinstance(bytestream, BytesIO) else bytestream
    is_cut = max_size is not None and len(data) > max_size
    shown = data[: max(max_size or 0, 0) // items_per_line * items_per_line] if is_cut else data
    lines = [
        prefix + delimiter.join(f"{byte:02x}" for byte in shown[at : at + items_per_line]) + suffix
        for at in range(0, len(shown), items_per_line)
    ]
    return [f"{prefix}Only dumping {max_size} bytes.", *lines] if is_cut else lines


def escaped(text: str) -> str:
    """Return `text`, which a peer may have written, with escapes for control characters."""
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


@contextmanager
def set_timer_resolution(resolution: float | None) -> Iterator[None]:
    """Do nothing, for programs that raise the timer's resolution on Windows.

    Nothing in this package waits by polling, so no timer needs to be fine.
    """
    del resolution
    yield
