"""The default checks of AE titles and UIDs, replaceable through ``_config.VALIDATORS``."""

import re

_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*")
_MAXIMUM_AE_LENGTH = 16
_MAXIMUM_UID_LENGTH = 64


def validate_ae(value: str) -> tuple[bool, str]:
    """Return whether `value` is an AE title, and why not (PS3.5 6.2, VR of AE)."""
    if not isinstance(value, str):
        return False, "must be str"
    if len(value) > _MAXIMUM_AE_LENGTH:
        return False, "must not exceed 16 characters"
    if not value.isascii():
        return False, "must only contain ASCII characters"
    if "\\" in value or not value.isprintable():
        return False, "must not contain control characters or backslashes"
    if value and not value.strip():
        return False, "must not consist only of spaces"
    return True, ""


def validate_ui(value: str) -> tuple[bool, str]:
    """Return whether `value` is a UID, and why not (PS3.5 9.1)."""
    if not isinstance(value, str):
        return False, "must be pydicom.uid.UID"
    if len(value) > _MAXIMUM_UID_LENGTH:
        return False, "must not exceed 64 characters"
    if value and not _UID.fullmatch(value):
        return False, "must be digits in components without leading zeros, separated by dots"
    return True, ""
