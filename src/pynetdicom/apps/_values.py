"""What one value of an option, or of the configuration file, may be.

argparse prints what these raise.
"""

import argparse

from pynetdicom.utils import set_ae

# Peers that answer with a maximum length below this leave no room for a fragment.
_SMALLEST_PDU = 128
_LARGEST_PDU = 0xFFFFFFFF


def port(text: str) -> int:
    """Return a TCP port to connect to."""
    return _number(text, 1, 65535, "a port")


def listening_port(text: str) -> int:
    """Return a TCP port to listen on."""
    return _number(text, 0, 65535, "a port")


def maximum_length(text: str) -> int:
    """Return a maximum length of PDUs, 0 for none."""
    length = _number(text, 0, _LARGEST_PDU, "a maximum length")
    if 0 < length < _SMALLEST_PDU:
        raise argparse.ArgumentTypeError(f"a maximum length is 0 or at least {_SMALLEST_PDU}")
    return length


def times(text: str) -> int:
    """Return how often to do something."""
    return _number(text, 1, 10**9, "it")


def retries(text: str) -> int:
    """Return how often to try again."""
    return _number(text, 0, 10**9, "it")


def _number(text: str, least: int, most: int, what: str) -> int:
    if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(
            f"{what} is a whole number from {least} to {most}, not {text!r}"
        )
    return int(text)


def seconds(text: str) -> float | None:
    """Return a timeout, ``None`` for 0."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"a time is a number of seconds from 0, not {text!r}")
    return value or None


def ae_title(text: str) -> str:
    """Return an AE title."""
    try:
        return set_ae(text, "title", allow_empty=False) or ""
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"an AE title is 1 to 16 ASCII characters without backslash, not {text!r}"
        ) from error
