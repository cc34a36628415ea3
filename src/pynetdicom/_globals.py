"""Constants which many modules and many users import."""

from typing import Final

from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

# The most bytes of a P-DATA-TF PDU we ask our peers to send: 16 KiB less two, even with the header.
DEFAULT_MAX_LENGTH: Final = 16382

# The only application context of DICOM (PS3.7 A.2.1).
APPLICATION_CONTEXT_NAME: Final = UID("1.2.840.10008.3.1.1.1")

MODE_REQUESTOR: Final = "requestor"
MODE_ACCEPTOR: Final = "acceptor"

STATUS_FAILURE: Final = "Failure"
STATUS_SUCCESS: Final = "Success"
STATUS_WARNING: Final = "Warning"
STATUS_PENDING: Final = "Pending"
STATUS_CANCEL: Final = "Cancel"
STATUS_UNKNOWN: Final = "Unknown"

OptionalUIDType = str | bytes | UID | None

# The order is what a requestor proposes: the first one that the acceptor knows is taken.
DEFAULT_TRANSFER_SYNTAXES: Final[list[str]] = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
]

_IMAGE_FORMATS = """
    50 51 57 70 80 81 90 91 92 93 94 95 100 100.1 101 101.1 102 102.1 103 103.1 104 104.1 105 105.1
    106 106.1 107 108 110 111 112 201 202 203 204 205
""".split()

ALL_TRANSFER_SYNTAXES: Final[list[str]] = [
    *DEFAULT_TRANSFER_SYNTAXES,
    *(UID(f"1.2.840.10008.1.2.4.{tail}") for tail in _IMAGE_FORMATS),
    UID("1.2.840.10008.1.2.5"),  # RLE Lossless
    *(UID(f"1.2.840.10008.1.2.7.{tail}") for tail in (1, 2, 3)),  # SMPTE ST 2110
    UID("1.2.840.10008.1.2.8.1"),  # Deflated Image Frame Compression
]
