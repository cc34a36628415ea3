"""How keys of a query match values (PS3.4 C.2.2.2)."""

import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdicom.apps.qrscp.matching import KeyValueError, Pattern, matchers_for
from pynetdicom.apps.qrscp.model import ATTRIBUTES


def matches(keyword: str, key: str, value: str) -> bool:
    matchers = matchers_for(ATTRIBUTES[keyword], key)
    return not matchers or any(matcher.matches(value) for matcher in matchers)


def matching(keyword: str, key: str, values: Iterable[str]) -> list[str]:
    return [value for value in values if matches(keyword, key, value)]


@pytest.mark.parametrize("key", ["", " ", "*", "**", "\\", "*\\CT"])
@pytest.mark.parametrize("keyword", ["PatientName", "StudyDate", "StudyInstanceUID", "Rows"])
def test_an_empty_key_matches_everything_and_nothing_too(keyword: str, key: str) -> None:
    assert matchers_for(ATTRIBUTES[keyword], key) == ()


@pytest.mark.parametrize(
    ("keyword", "key", "values", "expected"),
    [
        ("Modality", "CT", ["CT", "CTA", "ct", ""], ["CT"]),
        ("Modality", " CT ", ["CT"], ["CT"]),
        ("Modality", "CT\\MR", ["CT", "MR", "US"], ["CT", "MR"]),
        ("ModalitiesInStudy", "MR", ["CT\\MR", "CT", "MR"], ["CT\\MR", "MR"]),
        ("ModalitiesInStudy", "M?", ["CT\\MR", "CT", "MG"], ["CT\\MR", "MG"]),
        ("PatientID", "A*", ["A", "AB", "BA", ""], ["A", "AB"]),
        ("PatientID", "A?C", ["ABC", "AC", "ABBC"], ["ABC"]),
        ("PatientID", "*[1]", ["A[1]", "A1"], ["A[1]"]),
        ("PatientID", "%", ["%", "anything"], ["%"]),
        ("PatientID", "A_C", ["A_C", "ABC"], ["A_C"]),
        (
            "StudyDescription",
            "*head*neck*",
            ["headneck", "a head, a neck"],
            ["headneck", "a head, a neck"],
        ),
        ("StudyInstanceUID", "1.2\0", ["1.2"], ["1.2"]),
        ("StudyInstanceUID", "1.2\\1.3", ["1.2", "1.3", "1.20"], ["1.2", "1.3"]),
        ("SeriesNumber", "007", ["7", "70"], ["7"]),
        ("Rows", "512", ["512", "51"], ["512"]),
        ("PatientWeight", "70.0", ["70", "7.0E1", "71", ""], ["70", "7.0E1"]),
    ],
)
def test_values_and_wild_cards(
    keyword: str, key: str, values: list[str], expected: list[str]
) -> None:
    assert matching(keyword, key, values) == expected


NAMES = ["Yamada^Tarou=山田^太郎=やまだ^たろう", "YAMADA^HANAKO", "Müller^Jörg", ""]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("yamada*", NAMES[:2]),
        ("YAMADA^TAROU", NAMES[:1]),
        ("yamada^tarou^^", NAMES[:1]),
        ("山田*", NAMES[:1]),
        ("やまだ^たろう", NAMES[:1]),
        ("Yamada^Tarou=山田^太郎*", NAMES[:1]),
        ("MÜLLER*", NAMES[2:3]),
        ("Muller*", []),
    ],
)
def test_names_match_in_any_case_and_by_any_group(key: str, expected: list[str]) -> None:
    assert matching("PatientName", key, NAMES) == expected


DATES = ["20241231", "20250101", "20250131", "20250201", "", "2025", "junk"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("20250101", ["20250101"]),
        ("20250101-20250131", ["20250101", "20250131"]),
        ("20250101 - 20250131", ["20250101", "20250131"]),
        ("20250131-", ["20250131", "20250201"]),
        ("-20241231", ["20241231"]),
        ("2025.01.01", ["20250101"]),
        ("20241231\\20250201-", ["20241231", "20250201"]),
        ("20250131-20250101", []),
    ],
)
def test_dates_and_ranges_of_dates(key: str, expected: list[str]) -> None:
    assert matching("StudyDate", key, DATES) == expected


TIMES = ["0959", "10", "101112", "101112.5", "101113", "23", ""]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("101112", ["101112", "101112.5"]),
        ("101112.5", ["101112.5"]),
        ("10:11:13", ["101113"]),
        ("10", ["10", "101112", "101112.5", "101113"]),
        ("1011-", ["101112", "101112.5", "101113", "23"]),
        ("-10", ["0959", "10", "101112", "101112.5", "101113"]),
        ("101112.3-101113", ["101112.5", "101113"]),
    ],
)
def test_times_and_ranges_of_times(key: str, expected: list[str]) -> None:
    assert matching("StudyTime", key, TIMES) == expected


MOMENTS = ["2025", "20250102030405", "20250102030405.5", "20250102030405+0100", "20250230"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("20250102030405", ["20250102030405", "20250102030405.5", "20250102030405+0100"]),
        ("20250102020405+0000", [MOMENTS[3]]),
        ("202501020204-0000", [MOMENTS[3]]),
        ("20250102-", MOMENTS[1:]),
        ("-202501", MOMENTS[:4]),
        ("2025-2026", MOMENTS),
        ("2024-1300", []),
        ("20250102020404+0000-20250102020406+0000", [MOMENTS[3]]),
    ],
)
def test_moments_and_ranges_of_moments(key: str, expected: list[str]) -> None:
    assert matching("AcquisitionDateTime", key, MOMENTS) == expected


def test_a_day_that_there_is_not_is_in_no_range_of_another_place() -> None:
    assert not matches("AcquisitionDateTime", "2025+0000-", "20250230+0100")
    assert not matches("AcquisitionDateTime", "-99991231+0100", "99991231235959-0100")


@pytest.mark.parametrize(
    ("keyword", "key", "complaint"),
    [
        ("StudyDate", "yesterday", "not a value of VR DA or a range"),
        ("StudyDate", "2025010", "not a value of VR DA or a range"),
        ("StudyDate", "-", "not a value of VR DA or a range"),
        ("StudyDate", "20250101-20250102-20250103", "not a value of VR DA or a range"),
        ("StudyDate", "202501*", "not a value of VR DA or a range"),
        ("StudyTime", "1.5", "not a value of VR TM or a range"),
        ("StudyTime", "10.5", "not a value of VR TM or a range"),
        ("StudyInstanceUID", "1.2.*", "not a UID"),
        ("StudyInstanceUID", "1.2/../3", "not a UID"),
        ("StudyInstanceUID", "1..2", "not a UID"),
        ("StudyInstanceUID", "..", "not a UID"),
        ("StudyInstanceUID", "1" * 65, "not a UID"),
        ("SeriesNumber", "first", "not a value of VR IS"),
        ("Rows", "1.5", "not a value of VR US"),
        ("PatientWeight", "nan", "not a value of VR DS"),
        ("PatientID", "A" * 1025, "more than 1024 characters"),
    ],
)
def test_a_key_without_sense_is_named(keyword: str, key: str, complaint: str) -> None:
    with pytest.raises(KeyValueError, match=f"^{re.escape(complaint)}$"):
        matchers_for(ATTRIBUTES[keyword], key)


@given(st.text("ab?*", max_size=12), st.text("ab", max_size=12))
def test_wild_cards_mean_what_they_mean_elsewhere(pattern: str, value: str) -> None:
    as_regex = "".join({"*": ".*", "?": "."}.get(each, each) for each in pattern)

    assert Pattern("LO", pattern).matches(value) == bool(re.fullmatch(as_regex, value))


def test_a_pattern_that_would_keep_others_busy_for_ever_is_answered() -> None:
    assert not matches("PatientID", "*a" * 400 + "*b", "a" * 1024)


@given(st.sampled_from(["DA", "TM", "DT"]), st.text("0123456789.-+ \\*", max_size=40))
def test_any_key_about_time_is_understood_or_named(vr: str, key: str) -> None:
    keyword = {"DA": "StudyDate", "TM": "StudyTime", "DT": "AcquisitionDateTime"}[vr]
    try:
        matchers = matchers_for(ATTRIBUTES[keyword], key)
    except KeyValueError:
        return

    assert all(isinstance(matcher.matches("20250102030405"), bool) for matcher in matchers)
