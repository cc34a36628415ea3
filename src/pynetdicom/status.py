"""Status codes of DIMSE responses: categories, tables per service, the data set with a code.

PS3.7 Annex C has the general codes and what the ranges mean, PS3.4 those of each service class.
The tables at the end are generated from `tools/tables/statuses.csv`; ranges stay ranges. The
conversations check here what a handler returned, and users what a peer answered.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from enum import IntEnum
from functools import lru_cache
from keyword import iskeyword
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from pynetdicom._templates import Template

STATUS_SUCCESS = "Success"
STATUS_FAILURE = "Failure"
STATUS_WARNING = "Warning"
STATUS_CANCEL = "Cancel"
STATUS_PENDING = "Pending"
STATUS_UNKNOWN = "Unknown"

_STATUS_TAG = Tag(0x0000, 0x0900)

_CATEGORY_OF_CODE = {
    0x0000: STATUS_SUCCESS,
    0x0001: STATUS_WARNING,
    **dict.fromkeys((0x0105, 0x0106), STATUS_FAILURE),
    0x0107: STATUS_WARNING,
    **dict.fromkeys(range(0x0110, 0x0116), STATUS_FAILURE),
    0x0116: STATUS_WARNING,
    **dict.fromkeys(range(0x0117, 0x011A), STATUS_FAILURE),
    **dict.fromkeys(range(0x0120, 0x0125), STATUS_FAILURE),
    **dict.fromkeys(range(0x0210, 0x0214), STATUS_FAILURE),
    0xFE00: STATUS_CANCEL,
    **dict.fromkeys((0xFF00, 0xFF01), STATUS_PENDING),
}
# The codes that PS3.7 Annex C leaves to the services, by their first hexadecimal digit.
_CATEGORY_OF_DIGIT = {0xA: STATUS_FAILURE, 0xB: STATUS_WARNING, 0xC: STATUS_FAILURE}


def code_to_category(code: int) -> str:
    """Return the category of a status code (PS3.7 Annex C).

    Args:
        code: The value of Status (0000,0900).

    Returns:
        One of the `STATUS_…` texts; `STATUS_UNKNOWN` if the standard gives the code no meaning.

    Raises:
        ValueError: If `code` is not an integer or is negative.
    """
    if not isinstance(code, int) or code < 0:
        raise ValueError(f"a status code is a whole number from 0, not {code!r}")

    return _CATEGORY_OF_CODE.get(code) or _CATEGORY_OF_DIGIT.get(code >> 12, STATUS_UNKNOWN)


def code_to_status(code: int) -> Dataset:
    """Return a new data set that holds Status (0000,0900) (PS3.7 E.2).

    Raises:
        ValueError: If `code` is not an integer, or is negative or above 0xFFFF.
    """
    # Every response passes here: 1 µs; `ds.Status = code` would need 11.
    element = DataElement.__new__(DataElement)
    vars(element).update(_attributes_of(code))
    return _EMPTY.with_elements({_STATUS_TAG: element})


_EMPTY = Template(Dataset())


@lru_cache(256)
def _attributes_of(code: int) -> dict[str, Any]:
    return vars(DataElement(_STATUS_TAG, "US", _checked(code), already_converted=True))


def _checked(code: int) -> int:
    # The value representation of Status (0000,0900) is US: 16 bits without sign.
    if not isinstance(code, int) or not 0 <= code <= 0xFFFF:
        raise ValueError(f"a status code is a whole number from 0 to 0xFFFF, not {code!r}")
    return int(code)


class Status(IntEnum):
    """Status codes by name, to be extended with `Status.add()` (PS3.7 Annex C)."""

    SUCCESS = 0x0000
    CANCEL = 0xFE00
    PENDING = 0xFF00
    MOVE_DESTINATION_UNKNOWN = 0xA801

    @classmethod
    def add(cls, name: str, code: int) -> None:
        """Make `code` known as `Status.<name>`.

        The value is a `Status` which `Status(code)` finds; as with any enumeration, a second name
        for a code is another name of the same object. Iterating over `Status` gives the
        predefined members only: the enum module fixes them when the class is made.

        Args:
            name: A Python identifier. A name added before may be given another code.
            code: The value of Status (0000,0900).

        Raises:
            AttributeError: If `name` is one of the predefined members.
            ValueError: If `name` is not usable as a name, or `code` is no status code.
        """
        if not name.isidentifier() or iskeyword(name):
            raise ValueError(f"a status name is a Python identifier, not {name!r}")
        inherited = any(name in vars(base) for base in cls.__mro__)
        if inherited and not isinstance(getattr(cls, name, None), cls):
            raise ValueError(f"{name!r} is part of every Status and cannot be a code's name")

        setattr(cls, name, cls._of(name, _checked(code)))

    @classmethod
    def _of(cls, name: str, code: int) -> "Status":
        with suppress(ValueError):
            return cls(code)

        member = int.__new__(cls, code)
        member._name_ = name
        member._value_ = code
        _added[code] = member
        return member

    @classmethod
    def _missing_(cls, value: object) -> "Status | None":
        return _added.get(value)


_added: dict[object, Status] = {}


StatusRow = tuple[int, int, str, str]
"""First code, last code, category, meaning."""


class StatusTable(Mapping[int, tuple[str, str]]):
    """The statuses that a service defines: code → (category, meaning).

    A code of its own comes before a range that contains it. Iteration gives every code of every
    range in ascending order; `rows` is what people want to read.

    Args:
        rows: The codes or ranges of codes.
        base: A table whose codes are valid as well, unless `rows` give them another meaning.
    """

    __slots__ = ("_codes", "_ranges")

    def __init__(self, *rows: StatusRow, base: "StatusTable | None" = None) -> None:
        self._codes: dict[int, tuple[str, str]] = dict(base._codes) if base is not None else {}
        self._ranges: list[StatusRow] = list(base._ranges) if base is not None else []
        for row in rows:
            first, last, category, meaning = row
            if first == last:
                self._codes[first] = (category, meaning)
            else:
                self._ranges.insert(0, row)

    @property
    def rows(self) -> list[StatusRow]:
        """The codes and ranges of codes as rows, in ascending order."""
        codes = [(code, code, *meaning) for code, meaning in self._codes.items()]
        return sorted([*codes, *self._ranges])

    def __getitem__(self, code: int) -> tuple[str, str]:
        own = self._codes.get(code)
        if own is not None:
            return own

        for first, last, category, meaning in self._ranges:
            if isinstance(code, int) and first <= code <= last:
                return category, meaning
        raise KeyError(code)

    def __iter__(self) -> Iterator[int]:
        ranges = (range(first, last + 1) for first, last, _, _ in self._ranges)
        return iter(sorted({*self._codes}.union(*ranges)))

    def __len__(self) -> int:
        return sum(1 for _ in self)


# generated: begin statuses DICOM 2025b

# PS3.7 C.1, PS3.7 C.3, PS3.7 C.4, PS3.7 C.5
GENERAL_STATUS = StatusTable(
    (0x0000, 0x0000, STATUS_SUCCESS, "The operation is complete"),
    (0x0105, 0x0105, STATUS_FAILURE, "No such attribute"),
    (0x0106, 0x0106, STATUS_FAILURE, "Invalid attribute value"),
    (0x0107, 0x0107, STATUS_WARNING, "Attribute list error: some attributes were ignored"),
    (0x0110, 0x0110, STATUS_FAILURE, "Processing failure"),
    (0x0111, 0x0111, STATUS_FAILURE, "Duplicate SOP instance"),
    (0x0112, 0x0112, STATUS_FAILURE, "No such SOP instance"),
    (0x0113, 0x0113, STATUS_FAILURE, "No such event type"),
    (0x0114, 0x0114, STATUS_FAILURE, "No such argument"),
    (0x0115, 0x0115, STATUS_FAILURE, "Invalid argument value"),
    (0x0116, 0x0116, STATUS_WARNING, "Attribute value out of range"),
    (0x0117, 0x0117, STATUS_FAILURE, "Invalid SOP instance UID"),
    (0x0118, 0x0118, STATUS_FAILURE, "No such SOP class"),
    (0x0119, 0x0119, STATUS_FAILURE, "The SOP instance is not of the SOP class"),
    (0x0120, 0x0120, STATUS_FAILURE, "Missing attribute"),
    (0x0121, 0x0121, STATUS_FAILURE, "Missing attribute value"),
    (0x0122, 0x0122, STATUS_FAILURE, "Refused: SOP class not supported"),
    (0x0123, 0x0123, STATUS_FAILURE, "No such action type"),
    (0x0124, 0x0124, STATUS_FAILURE, "Refused: not authorized"),
    (0x0210, 0x0210, STATUS_FAILURE, "Duplicate invocation: the message ID is in use"),
    (0x0211, 0x0211, STATUS_FAILURE, "Unrecognized operation"),
    (0x0212, 0x0212, STATUS_FAILURE, "Mistyped argument"),
    (0x0213, 0x0213, STATUS_FAILURE, "Resource limitation"),
    (0xFE00, 0xFE00, STATUS_CANCEL, "The operation ended because it was cancelled"),
)

# PS3.4 A.4
VERIFICATION_SERVICE_CLASS_STATUS = GENERAL_STATUS

# PS3.4 B.2.3
STORAGE_SERVICE_CLASS_STATUS = StatusTable(
    (0xA700, 0xA7FF, STATUS_FAILURE, "Refused: out of resources"),
    (0xA900, 0xA9FF, STATUS_FAILURE, "The data set does not match the SOP class"),
    (0xB000, 0xB000, STATUS_WARNING, "Data elements were coerced"),
    (0xB006, 0xB006, STATUS_WARNING, "Data elements were discarded"),
    (0xB007, 0xB007, STATUS_WARNING, "Stored although not matching the SOP class"),
    (0xC000, 0xCFFF, STATUS_FAILURE, "The data set cannot be understood"),
    base=GENERAL_STATUS,
)

# PS3.4 C.4.1.1.4
QR_FIND_SERVICE_CLASS_STATUS = StatusTable(
    (0xA700, 0xA700, STATUS_FAILURE, "Refused: out of resources"),
    (0xA710, 0xA710, STATUS_FAILURE, "The prior record key is not valid"),
    (0xA900, 0xA900, STATUS_FAILURE, "The identifier does not match the SOP class"),
    (0xB001, 0xB001, STATUS_WARNING, "Response limit reached: ask again for further matches"),
    (0xC000, 0xCFFF, STATUS_FAILURE, "Unable to process"),
    (0xFF00, 0xFF00, STATUS_PENDING, "A match; all optional keys are supported"),
    (0xFF01, 0xFF01, STATUS_PENDING, "A match; some optional keys are not supported"),
    base=GENERAL_STATUS,
)

# PS3.4 C.4.2.1.5, PS3.4 Y
QR_MOVE_SERVICE_CLASS_STATUS = StatusTable(
    (0xA701, 0xA701, STATUS_FAILURE, "Refused: out of resources to count the matches"),
    (0xA702, 0xA702, STATUS_FAILURE, "Refused: out of resources to do the sub-operations"),
    (0xA801, 0xA801, STATUS_FAILURE, "The move destination is unknown"),
    (0xA900, 0xA900, STATUS_FAILURE, "The identifier does not match the SOP class"),
    (0xAA00, 0xAA00, STATUS_FAILURE, "No requested frame is in the SOP instance"),
    (0xAA01, 0xAA01, STATUS_FAILURE, "No new object can be made for the SOP class"),
    (0xAA02, 0xAA02, STATUS_FAILURE, "The frames cannot be extracted"),
    (0xAA03, 0xAA03, STATUS_FAILURE, "Asked by time but the original is not time-based"),
    (0xAA04, 0xAA04, STATUS_FAILURE, "The request is not valid"),
    (0xB000, 0xB000, STATUS_WARNING, "Done; some sub-operations failed or warned"),
    (0xC000, 0xCFFF, STATUS_FAILURE, "Unable to process"),
    (0xFF00, 0xFF00, STATUS_PENDING, "Sub-operations continue"),
    base=GENERAL_STATUS,
)

# PS3.4 C.4.3.1.4, PS3.4 Y
QR_GET_SERVICE_CLASS_STATUS = StatusTable(
    (0xA701, 0xA701, STATUS_FAILURE, "Refused: out of resources to count the matches"),
    (0xA702, 0xA702, STATUS_FAILURE, "Refused: out of resources to do the sub-operations"),
    (0xA900, 0xA900, STATUS_FAILURE, "The identifier does not match the SOP class"),
    (0xAA00, 0xAA00, STATUS_FAILURE, "No requested frame is in the SOP instance"),
    (0xAA01, 0xAA01, STATUS_FAILURE, "No new object can be made for the SOP class"),
    (0xAA02, 0xAA02, STATUS_FAILURE, "The frames cannot be extracted"),
    (0xAA03, 0xAA03, STATUS_FAILURE, "Asked by time but the original is not time-based"),
    (0xAA04, 0xAA04, STATUS_FAILURE, "The request is not valid"),
    (0xB000, 0xB000, STATUS_WARNING, "Done; some sub-operations failed or warned"),
    (0xC000, 0xCFFF, STATUS_FAILURE, "Unable to process"),
    (0xFF00, 0xFF00, STATUS_PENDING, "Sub-operations continue"),
    base=GENERAL_STATUS,
)

# PS3.4 K
MODALITY_WORKLIST_SERVICE_CLASS_STATUS = StatusTable(
    (0xA700, 0xA700, STATUS_FAILURE, "Refused: out of resources"),
    (0xA900, 0xA900, STATUS_FAILURE, "The identifier does not match the SOP class"),
    (0xC000, 0xCFFF, STATUS_FAILURE, "Unable to process"),
    (0xFF00, 0xFF00, STATUS_PENDING, "A match; all optional keys are supported"),
    (0xFF01, 0xFF01, STATUS_PENDING, "A match; some optional keys are not supported"),
    base=GENERAL_STATUS,
)

# PS3.4 Q
RELEVANT_PATIENT_SERVICE_CLASS_STATUS = StatusTable(
    (0xA700, 0xA700, STATUS_FAILURE, "Refused: out of resources"),
    (0xA900, 0xA900, STATUS_FAILURE, "The identifier does not match the SOP class"),
    (0xC000, 0xC000, STATUS_FAILURE, "Unable to process"),
    (0xC100, 0xC100, STATUS_FAILURE, "More than one match"),
    (0xC200, 0xC200, STATUS_FAILURE, "The requested template is not supported"),
    (0xFF00, 0xFF00, STATUS_PENDING, "The match"),
    base=GENERAL_STATUS,
)

# PS3.4 V
SUBSTANCE_ADMINISTRATION_SERVICE_CLASS_STATUS = StatusTable(
    (0xA700, 0xA700, STATUS_FAILURE, "Refused: out of resources"),
    (0xA900, 0xA900, STATUS_FAILURE, "The identifier does not match the SOP class"),
    (0xC000, 0xCFFF, STATUS_FAILURE, "Unable to process"),
    (0xFF00, 0xFF00, STATUS_PENDING, "A match; all optional keys are supported"),
    (0xFF01, 0xFF01, STATUS_PENDING, "A match; some optional keys are not supported"),
    base=GENERAL_STATUS,
)

# PS3.4 GG
NON_PATIENT_SERVICE_CLASS_STATUS = StatusTable(
    (0xA700, 0xA700, STATUS_FAILURE, "Refused: out of resources"),
    (0xA900, 0xA900, STATUS_FAILURE, "The data set does not match the SOP class"),
    (0xC000, 0xC000, STATUS_FAILURE, "The data set cannot be understood"),
    base=GENERAL_STATUS,
)

# PS3.4 F.7, PS3.4 F.8
PROCEDURE_STEP_STATUS = StatusTable(
    (0x0001, 0x0001, STATUS_WARNING, "Some optional attributes are not supported"),
    (0x0110, 0x0110, STATUS_FAILURE, "Processing failure: the step may no longer be updated"),
    base=GENERAL_STATUS,
)

# PS3.4 H.4.1, PS3.4 H.4.2, PS3.4 H.4.3
PRINT_JOB_MANAGEMENT_SERVICE_CLASS_STATUS = StatusTable(
    (0xB600, 0xB600, STATUS_WARNING, "Memory allocation is not supported"),
    (0xB601, 0xB601, STATUS_WARNING, "Printing a whole film session is not supported"),
    (0xB602, 0xB602, STATUS_WARNING, "Empty page: the film session has no image boxes"),
    (0xB603, 0xB603, STATUS_WARNING, "Empty page: the film box has no image boxes"),
    (0xB604, 0xB604, STATUS_WARNING, "The image was too large for its box: demagnified"),
    (0xB605, 0xB605, STATUS_WARNING, "A density was out of range: the printer's limit is used"),
    (0xB609, 0xB609, STATUS_WARNING, "The image was too large for its box: cropped"),
    (0xB60A, 0xB60A, STATUS_WARNING, "The image was too large for its box: decimated"),
    (0xC600, 0xC600, STATUS_FAILURE, "The film session has no film boxes"),
    (0xC601, 0xC601, STATUS_FAILURE, "No print job for the film session: the queue is full"),
    (0xC602, 0xC602, STATUS_FAILURE, "No print job for the film box: the queue is full"),
    (0xC603, 0xC603, STATUS_FAILURE, "The image is too large for its box"),
    (0xC605, 0xC605, STATUS_FAILURE, "The printer has not enough memory for the image"),
    (0xC613, 0xC613, STATUS_FAILURE, "The combined print image is too large for its box"),
    (0xC616, 0xC616, STATUS_FAILURE, "The previous film box must be printed first"),
    base=GENERAL_STATUS,
)

# PS3.4 J
STORAGE_COMMITMENT_SERVICE_CLASS_STATUS = GENERAL_STATUS

# PS3.4 KK
STORAGE_MANAGEMENT_SERVICE_CLASS_STATUS = StatusTable(
    (0xB010, 0xB010, STATUS_WARNING, "Some key attributes are not supported for matching"),
    base=GENERAL_STATUS,
)

# PS3.4 P
APPLICATION_EVENT_LOGGING_SERVICE_CLASS_STATUS = StatusTable(
    (0xB101, 0xB101, STATUS_WARNING, "The synchronization frame of reference differs"),
    (0xB102, 0xB102, STATUS_WARNING, "Logged under another study instance UID"),
    (0xB104, 0xB104, STATUS_WARNING, "Logged although the IDs match a study only in part"),
    (0xC101, 0xC101, STATUS_FAILURE, "No procedural log is kept for the study"),
    (0xC102, 0xC102, STATUS_FAILURE, "The event does not match its template"),
    (0xC103, 0xC103, STATUS_FAILURE, "The event matches no current study"),
    (0xC104, 0xC104, STATUS_FAILURE, "Not logged: the IDs match a study only in part"),
    (0xC10E, 0xC10E, STATUS_FAILURE, "The operator may not add to the medication record"),
    (0xC110, 0xC110, STATUS_FAILURE, "The patient ID or admission ID finds no patient"),
    (0xC111, 0xC111, STATUS_FAILURE, "The medication record was not updated"),
    base=GENERAL_STATUS,
)

# PS3.4 S.3
MEDIA_CREATION_MANAGEMENT_SERVICE_CLASS_STATUS = StatusTable(
    (0x0001, 0x0001, STATUS_WARNING, "Some optional attributes are not supported"),
    (0xA510, 0xA510, STATUS_FAILURE, "Media creation was already initiated"),
    (0xC201, 0xC201, STATUS_FAILURE, "Media creation is already complete"),
    (0xC202, 0xC202, STATUS_FAILURE, "Media creation is under way and cannot be stopped"),
    (0xC203, 0xC203, STATUS_FAILURE, "Cancellation denied; no reason given"),
    base=GENERAL_STATUS,
)

# PS3.4 CC.2
UNIFIED_PROCEDURE_STEP_SERVICE_CLASS_STATUS = StatusTable(
    (0x0001, 0x0001, STATUS_WARNING, "Some optional attributes are not supported"),
    (0xA700, 0xA700, STATUS_FAILURE, "Refused: out of resources"),
    (0xA900, 0xA900, STATUS_FAILURE, "The identifier does not match the SOP class"),
    (0xB300, 0xB300, STATUS_WARNING, "The step was created with changes"),
    (0xB301, 0xB301, STATUS_WARNING, "The deletion lock was not granted"),
    (0xB304, 0xB304, STATUS_WARNING, "The step is already CANCELED"),
    (0xB305, 0xB305, STATUS_WARNING, "Invalid values were coerced to valid ones"),
    (0xB306, 0xB306, STATUS_WARNING, "The step is already COMPLETED"),
    (0xC000, 0xCFFF, STATUS_FAILURE, "Unable to process"),
    (0xC300, 0xC300, STATUS_FAILURE, "The step may no longer be updated"),
    (0xC301, 0xC301, STATUS_FAILURE, "The transaction UID is missing or wrong"),
    (0xC302, 0xC302, STATUS_FAILURE, "The step is already IN PROGRESS"),
    (0xC303, 0xC303, STATUS_FAILURE, "Only N-CREATE makes a step SCHEDULED"),
    (0xC304, 0xC304, STATUS_FAILURE, "The requirements of the final state are not met"),
    (0xC307, 0xC307, STATUS_FAILURE, "No such step is managed here"),
    (0xC308, 0xC308, STATUS_FAILURE, "The receiving AE title is unknown"),
    (0xC309, 0xC309, STATUS_FAILURE, "A new step must be SCHEDULED"),
    (0xC310, 0xC310, STATUS_FAILURE, "The step is not yet IN PROGRESS"),
    (0xC311, 0xC311, STATUS_FAILURE, "The step is already COMPLETED"),
    (0xC312, 0xC312, STATUS_FAILURE, "The performer cannot be contacted"),
    (0xC313, 0xC313, STATUS_FAILURE, "The performer does not want to cancel"),
    (0xC314, 0xC314, STATUS_FAILURE, "The action does not suit the instance"),
    (0xC315, 0xC315, STATUS_FAILURE, "Event reports are not supported"),
    (0xFF00, 0xFF00, STATUS_PENDING, "A match; all optional keys are supported"),
    (0xFF01, 0xFF01, STATUS_PENDING, "A match; some optional keys are not supported"),
    base=GENERAL_STATUS,
)

# PS3.4 DD.3
RT_MACHINE_VERIFICATION_SERVICE_CLASS_STATUS = StatusTable(
    (0xC112, 0xC112, STATUS_FAILURE, "No such machine verification instance"),
    (0xC221, 0xC221, STATUS_FAILURE, "The fraction group is not in the plan"),
    (0xC222, 0xC222, STATUS_FAILURE, "The fraction group has no beams"),
    (0xC223, 0xC223, STATUS_FAILURE, "Busy with another verification"),
    (0xC224, 0xC224, STATUS_FAILURE, "The beam is not in the fraction group"),
    (0xC225, 0xC225, STATUS_FAILURE, "The device or accessory is not supported"),
    (0xC226, 0xC226, STATUS_FAILURE, "The device or accessory is not in the beam"),
    (0xC227, 0xC227, STATUS_FAILURE, "No such RT plan"),
    base=GENERAL_STATUS,
)
# generated: end
