"""The documented switches: module attributes, read when they are used unless said otherwise.

An AE can have some of them its own way: see `_options`.
"""

from collections.abc import Callable
from typing import Any

from pynetdicom._validators import validate_ae, validate_ui

LOG_HANDLER_LEVEL: str = "standard"
"""``"none"`` keeps the four logging handlers off new associations and servers."""

ENFORCE_UID_CONFORMANCE: bool = False
"""True checks UIDs strictly (PS3.5 9.1); False only that they have at most 64 characters."""

USE_SHORT_DIMSE_AET: bool = True
"""True leaves AE titles in DIMSE messages at their length; False pads them to 16 characters."""

LOG_RESPONSE_IDENTIFIERS: bool = True
"""True logs the identifiers of C-FIND, C-GET and C-MOVE responses, which name patients."""

LOG_REQUEST_IDENTIFIERS: bool = True
"""True logs the identifiers of C-FIND, C-GET and C-MOVE requests, which name patients."""

STORE_SEND_CHUNKED_DATASET: bool = False
"""True makes ``send_c_store(path)`` insist on an accepted context with the file's own encoding."""

STORE_RECV_CHUNKED_DATASET: bool = False
"""True writes received C-STORE data sets to a temporary file, ``event.dataset_path``."""

MAXIMUM_DATA_SET_LENGTH: int = 4 * 1024**3
"""The most bytes of one received data set; a longer one is answered with an A-ABORT."""

PASS_CONTEXTVARS: bool = False
"""True runs association threads inside a copy of the creator's ``contextvars`` context."""

WINDOWS_TIMER_RESOLUTION: float | None = 1
"""Accepted for compatibility; nothing here waits by polling, so no timer needs a resolution."""

CODECS: tuple[str, ...] = ("ascii",)
"""The codecs tried in turn to decode text in PDUs and command sets."""

VALIDATORS: dict[str, Callable[[Any], tuple[bool, str]]] = {"AE": validate_ae, "UI": validate_ui}
"""The checks of AE titles and UIDs; each returns whether the value is valid, and why not."""

UNRESTRICTED_STORAGE_SERVICE: bool = False
"""True accepts any storage, private or unknown abstract syntax as storage."""
