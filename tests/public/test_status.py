"""Status codes: what they mean, and the data set that carries one."""

import copy
import pickle
from collections.abc import Iterator, Mapping

import pytest
from pydicom.dataset import Dataset

from pynetdicom import status
from pynetdicom.status import (
    GENERAL_STATUS,
    STATUS_CANCEL,
    STATUS_FAILURE,
    STATUS_PENDING,
    STATUS_SUCCESS,
    STATUS_UNKNOWN,
    STATUS_WARNING,
    Status,
    StatusTable,
    code_to_category,
    code_to_status,
)

NO_CODES = ["0", 1.0, None, -1]


@pytest.fixture
def added_statuses() -> Iterator[dict[object, Status]]:
    """The statuses that the test adds; forgotten afterwards."""
    names = set(vars(Status))
    yield status._added
    status._added.clear()
    for name in set(vars(Status)) - names:
        delattr(Status, name)


# Categories


@pytest.mark.parametrize(
    ("codes", "category"),
    [
        ([0x0000], STATUS_SUCCESS),
        ([0xFF00, 0xFF01], STATUS_PENDING),
        ([0xFE00], STATUS_CANCEL),
        ([0x0001, 0x0107, 0x0116], STATUS_WARNING),
        (range(0xB000, 0xC000), STATUS_WARNING),
        ([0x0105, 0x0106, 0x0124], STATUS_FAILURE),
        (range(0x0110, 0x0116), STATUS_FAILURE),
        (range(0x0117, 0x011A), STATUS_FAILURE),
        (range(0x0120, 0x0125), STATUS_FAILURE),
        (range(0x0210, 0x0214), STATUS_FAILURE),
        (range(0xA000, 0xB000), STATUS_FAILURE),
        (range(0xC000, 0xD000), STATUS_FAILURE),
        ([0x0002, 0x0108, 0x011A, 0x0125, 0x0214, 0x9FFF, 0xD000], STATUS_UNKNOWN),
        ([0xFDFF, 0xFE01, 0xFF02, 0xFFFF, 0x10000], STATUS_UNKNOWN),
    ],
)
def test_every_code_has_the_category_that_the_standard_gives_it(
    codes: range | list[int], category: str
) -> None:
    categories = {code_to_category(code) for code in codes}

    assert categories == {category}


def test_a_general_status_has_the_category_of_its_table() -> None:
    by_table = {code: category for code, (category, _) in GENERAL_STATUS.items()}

    assert by_table == {code: code_to_category(code) for code in GENERAL_STATUS}


@pytest.mark.parametrize("code", NO_CODES)
def test_what_is_no_code_has_no_category(code: int) -> None:
    with pytest.raises(ValueError, match="whole number"):
        code_to_category(code)


# The data set


@pytest.mark.parametrize("code", [0x0000, 0x0122, 0xC000, 0xFFFF])
def test_a_code_becomes_a_data_set_with_the_status_only(code: int) -> None:
    expected = Dataset()
    expected.Status = code

    ds = code_to_status(code)

    assert ds == expected
    assert ds["Status"].VR == "US"


def test_every_caller_gets_a_data_set_of_its_own() -> None:
    first = code_to_status(0x0000)

    first.Status = 0xC000
    first.ErrorComment = "The disc is full"

    assert code_to_status(0x0000).Status == 0x0000
    assert "ErrorComment" not in code_to_status(0x0000)


def test_a_named_status_becomes_a_plain_number() -> None:
    ds = code_to_status(Status.CANCEL)

    assert ds["Status"].repval == "65024"


@pytest.mark.parametrize("code", [*NO_CODES, 0x10000])
def test_what_does_not_fit_the_element_becomes_no_data_set(code: int) -> None:
    with pytest.raises(ValueError, match="whole number"):
        code_to_status(code)


# Names


def test_predefined_names_are_their_codes() -> None:
    codes = {member.name: int(member) for member in Status}

    assert codes == {
        "SUCCESS": 0x0000,
        "CANCEL": 0xFE00,
        "PENDING": 0xFF00,
        "MOVE_DESTINATION_UNKNOWN": 0xA801,
    }


@pytest.mark.usefixtures("added_statuses")
def test_an_added_name_is_a_status_like_the_others() -> None:
    Status.add("DISC_FULL", 0xA7D0)

    added = Status.DISC_FULL  # type: ignore[attr-defined]  # known at run time only

    assert added == 0xA7D0
    assert isinstance(added, Status)
    assert repr(added) == "<Status.DISC_FULL: 42960>"
    assert (added.name, added.value) == ("DISC_FULL", 0xA7D0)
    assert Status(0xA7D0) is added


@pytest.mark.usefixtures("added_statuses")
def test_an_added_status_survives_copying_and_pickling() -> None:
    Status.add("DISC_FULL", 0xA7D0)

    added = Status(0xA7D0)

    assert copy.deepcopy(added) is added
    assert pickle.loads(pickle.dumps(added)) is added


@pytest.mark.usefixtures("added_statuses")
def test_a_second_name_for_a_code_is_the_same_status() -> None:
    Status.add("DONE", 0x0000)

    assert Status.DONE is Status.SUCCESS  # type: ignore[attr-defined]  # known at run time only


@pytest.mark.usefixtures("added_statuses")
def test_an_added_name_may_be_given_another_code() -> None:
    Status.add("DISC_FULL", 0xA7D0)

    Status.add("DISC_FULL", 0xA7D1)

    assert Status.DISC_FULL == 0xA7D1  # type: ignore[attr-defined]  # known at run time only


def test_a_predefined_name_keeps_its_code(added_statuses: dict[object, Status]) -> None:
    with pytest.raises(AttributeError):
        Status.add("SUCCESS", 0x0001)

    assert Status.SUCCESS is Status(0x0000)


@pytest.mark.parametrize("name", ["disc full", "class", "", "add", "name", "real", "__init__"])
def test_a_name_that_python_or_the_enumeration_needs_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Status.add(name, 0xA7D0)


@pytest.mark.parametrize("code", [*NO_CODES, 0x10000])
def test_a_name_for_what_is_no_code_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match="whole number"):
        Status.add("DISC_FULL", code)

    assert not hasattr(Status, "DISC_FULL")


def test_a_code_without_name_is_no_status() -> None:
    with pytest.raises(ValueError, match="not a valid Status"):
        Status(0xA7D0)


# Tables

TABLE = StatusTable(
    (0xA700, 0xA7FF, STATUS_FAILURE, "Out of resources"),
    (0xA710, 0xA710, STATUS_FAILURE, "The disc is full"),
    (0xFF00, 0xFF00, STATUS_PENDING, "More to come"),
)


def test_a_table_is_a_mapping_from_code_to_category_and_meaning() -> None:
    assert isinstance(TABLE, Mapping)
    assert TABLE[0xFF00] == (STATUS_PENDING, "More to come")


@pytest.mark.parametrize("code", [0xA700, 0xA70F, 0xA7FF])
def test_every_code_of_a_range_is_in_the_table(code: int) -> None:
    assert code in TABLE
    assert TABLE[code] == (STATUS_FAILURE, "Out of resources")


def test_a_code_with_a_meaning_of_its_own_comes_before_its_range() -> None:
    assert TABLE[0xA710] == (STATUS_FAILURE, "The disc is full")


@pytest.mark.parametrize("code", [0x0000, 0xA6FF, 0xA800, -1, "A700", None])
def test_a_code_outside_all_ranges_is_not_in_the_table(code: object) -> None:
    assert code not in TABLE


def test_a_code_that_is_not_in_the_table_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        TABLE[0x0000]


def test_iteration_gives_each_code_once_in_ascending_order() -> None:
    codes = list(TABLE)

    assert codes == [*range(0xA700, 0xA800), 0xFF00]
    assert len(TABLE) == 257


def test_rows_keep_ranges_as_they_are() -> None:
    assert TABLE.rows == [
        (0xA700, 0xA7FF, STATUS_FAILURE, "Out of resources"),
        (0xA710, 0xA710, STATUS_FAILURE, "The disc is full"),
        (0xFF00, 0xFF00, STATUS_PENDING, "More to come"),
    ]


def test_a_table_contains_its_base_but_has_the_last_word() -> None:
    table = StatusTable(
        (0xA700, 0xA70F, STATUS_WARNING, "Not much left"),
        (0xFF00, 0xFF00, STATUS_PENDING, "Wait"),
        base=TABLE,
    )

    assert table[0xA700] == (STATUS_WARNING, "Not much left")
    assert table[0xA7FF] == (STATUS_FAILURE, "Out of resources")
    assert table[0xFF00] == (STATUS_PENDING, "Wait")
    assert table[0xA710] == (STATUS_FAILURE, "The disc is full")


def test_a_table_with_a_base_leaves_the_base_alone() -> None:
    StatusTable((0xFF00, 0xFF00, STATUS_PENDING, "Wait"), base=TABLE)

    assert TABLE[0xFF00] == (STATUS_PENDING, "More to come")


def test_a_table_equals_a_dictionary_with_the_same_codes() -> None:
    assert dict(TABLE) == TABLE
    assert pickle.loads(pickle.dumps(TABLE)) == TABLE


# The tables of the services


def own_codes(name: str) -> list[str]:
    """What a table has besides the general statuses, as text: "A700-A7FF", "B000"."""
    rows = getattr(status, f"{name}_STATUS").rows
    own = [row for row in rows if row not in GENERAL_STATUS.rows]
    return [f"{a:04X}" if a == b else f"{a:04X}-{b:04X}" for a, b, _, _ in own]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("VERIFICATION_SERVICE_CLASS", ""),
        ("STORAGE_COMMITMENT_SERVICE_CLASS", ""),
        ("STORAGE_SERVICE_CLASS", "A700-A7FF A900-A9FF B000 B006 B007 C000-CFFF"),
        ("QR_FIND_SERVICE_CLASS", "A700 A710 A900 B001 C000-CFFF FF00 FF01"),
        (
            "QR_MOVE_SERVICE_CLASS",
            "A701 A702 A801 A900 AA00 AA01 AA02 AA03 AA04 B000 C000-CFFF FF00",
        ),
        ("QR_GET_SERVICE_CLASS", "A701 A702 A900 AA00 AA01 AA02 AA03 AA04 B000 C000-CFFF FF00"),
        ("MODALITY_WORKLIST_SERVICE_CLASS", "A700 A900 C000-CFFF FF00 FF01"),
        ("SUBSTANCE_ADMINISTRATION_SERVICE_CLASS", "A700 A900 C000-CFFF FF00 FF01"),
        ("RELEVANT_PATIENT_SERVICE_CLASS", "A700 A900 C000 C100 C200 FF00"),
        ("NON_PATIENT_SERVICE_CLASS", "A700 A900 C000"),
        ("PROCEDURE_STEP", "0001 0110"),
        (
            "PRINT_JOB_MANAGEMENT_SERVICE_CLASS",
            "B600 B601 B602 B603 B604 B605 B609 B60A C600 C601 C602 C603 C605 C613 C616",
        ),
        ("STORAGE_MANAGEMENT_SERVICE_CLASS", "B010"),
        (
            "APPLICATION_EVENT_LOGGING_SERVICE_CLASS",
            "B101 B102 B104 C101 C102 C103 C104 C10E C110 C111",
        ),
        ("MEDIA_CREATION_MANAGEMENT_SERVICE_CLASS", "0001 A510 C201 C202 C203"),
        (
            "UNIFIED_PROCEDURE_STEP_SERVICE_CLASS",
            "0001 A700 A900 B300 B301 B304 B305 B306 C000-CFFF C300 C301 C302 C303 C304 C307 C308 "
            "C309 C310 C311 C312 C313 C314 C315 FF00 FF01",
        ),
        ("RT_MACHINE_VERIFICATION_SERVICE_CLASS", "C112 C221 C222 C223 C224 C225 C226 C227"),
    ],
)
def test_each_service_defines_its_own_codes(name: str, codes: str) -> None:
    assert own_codes(name) == codes.split()


def test_the_general_codes_are_those_of_part_seven() -> None:
    codes = [f"{code:04X}" for code in GENERAL_STATUS]

    assert " ".join(codes) == (
        "0000 0105 0106 0107 0110 0111 0112 0113 0114 0115 0116 0117 0118 0119 "
        "0120 0121 0122 0123 0124 0210 0211 0212 0213 FE00"
    )
