"""Status codes with what they mean, which depends on the message that brings them."""

from typing import Any, Final

from pynetdicom import status as tables
from pynetdicom.compat.pynetdicom2 import dimsemessages

# What the services that pynetdicom2 has may answer (PS3.4); all others have the general codes.
_TABLES: Final = {
    dimsemessages.CStoreRSPMessage: tables.STORAGE_SERVICE_CLASS_STATUS,
    dimsemessages.CFindRSPMessage: tables.QR_FIND_SERVICE_CLASS_STATUS,
    dimsemessages.CGetRSPMessage: tables.QR_GET_SERVICE_CLASS_STATUS,
    dimsemessages.CMoveRSPMessage: tables.QR_MOVE_SERVICE_CLASS_STATUS,
}
_UNKNOWN: Final = ("Failure", "Unknown Status")

# First code, last code, message, type and description; the latest counts.
_added: list[tuple[int, int, Any, str, str]] = []


def add_status(
    code: int, code_type: str, description: str, end: int | None = None, command: Any = None
) -> None:
    """Make a code known, or a range of them.

    Args:
        code: The code, or the first of the range.
        code_type: "Success", "Pending", "Cancel", "Warning" or "Failure".
        description: What it means.
        end: The last code of the range.
        command: The class of the messages it is for; ``None`` means all.
    """
    _added.append((code, code if end is None else end, command, code_type, description))


def _meaning(value: int, command: Any) -> tuple[str, str]:
    for first, last, message, code_type, description in reversed(_added):
        if first <= value <= last and message in (None, command):
            return code_type, description
    return _TABLES.get(command, tables.GENERAL_STATUS).get(value, _UNKNOWN)


class Status:
    """The status of a response (PS3.7 Annex C).

    Args:
        value: The code.
        command: The class of the message that brings it; ``None`` for what any message may bring.

    Attributes:
        status_type: "Success", "Pending", "Cancel", "Warning" or "Failure".
        description: What it means.
    """

    def __init__(self, value: int, command: Any = None) -> None:
        self._value = int(value)
        self.status_type: str
        self.description: str
        self.status_type, self.description = _meaning(self._value, command)

    def __int__(self) -> int:
        return self._value

    __index__ = __int__

    def __eq__(self, other: object) -> bool:
        return int(other) == self._value if isinstance(other, Status | int) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"Status(0x{self._value:X})"

    def __str__(self) -> str:
        return f"(0x{self._value:X}) {self.status_type}: {self.description}"

    @property
    def is_success(self) -> bool:
        """Whether it is done."""
        return self.status_type == "Success"

    @property
    def is_pending(self) -> bool:
        """Whether more is to come."""
        return self.status_type == "Pending"

    @property
    def is_failure(self) -> bool:
        """Whether it failed."""
        return self.status_type == "Failure"

    @property
    def is_warning(self) -> bool:
        """Whether it is done, but not as asked for."""
        return self.status_type == "Warning"

    @property
    def is_cancel(self) -> bool:
        """Whether it was cancelled."""
        return self.status_type == "Cancel"


SUCCESS = Status(0x0000)
PROCESSING_FAILURE = Status(0x0110)

C_STORE_OUT_OF_RESOURCES = Status(0xA700, dimsemessages.CStoreRSPMessage)
C_STORE_CANNOT_UNDERSTAND = Status(0xC000, dimsemessages.CStoreRSPMessage)
C_STORE_CANNON_UNDERSTAND = C_STORE_CANNOT_UNDERSTAND  # as 0.9.7 spells it
C_STORE_ELEMENTS_DISCARDED = Status(0xB006, dimsemessages.CStoreRSPMessage)

C_FIND_OUT_OF_RESOURCES = Status(0xA700, dimsemessages.CFindRSPMessage)
C_FIND_UNABLE_TO_PROCESS = Status(0xC000, dimsemessages.CFindRSPMessage)
C_FIND_PENDING = Status(0xFF00, dimsemessages.CFindRSPMessage)
C_FIND_PENDING_WARNING = Status(0xFF01, dimsemessages.CFindRSPMessage)

C_GET_UNABLE_TO_PROCESS = Status(0xC000, dimsemessages.CGetRSPMessage)
C_GET_PENDING = Status(0xFF00, dimsemessages.CGetRSPMessage)
C_GET_WARNING = Status(0xB000, dimsemessages.CGetRSPMessage)

C_MOVE_DESTINATION_UNKNOWN = Status(0xA801, dimsemessages.CMoveRSPMessage)
C_MOVE_UNABLE_TO_PROCESS = Status(0xC000, dimsemessages.CMoveRSPMessage)
C_MOVE_PENDING = Status(0xFF00, dimsemessages.CMoveRSPMessage)
C_MOVE_WARNING = Status(0xB000, dimsemessages.CMoveRSPMessage)
