"""The index finds what the matchers match, at every level, and forgets nothing."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.objects import a_query, an_entry
from pynetdicom.apps.qrscp import index as index_module
from pynetdicom.apps.qrscp.archive import Entry, IndexFailedError
from pynetdicom.apps.qrscp.handlers import EVERYTHING
from pynetdicom.apps.qrscp.identifier import Query
from pynetdicom.apps.qrscp.index import SQLIndex
from pynetdicom.apps.qrscp.model import UNIQUE_KEYS, Level
from pynetdicom.sop_class import CTImageStorage


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SQLIndex]:
    made = SQLIndex(tmp_path / "index.sqlite")
    yield made
    made.close()


def found(index: SQLIndex, query: Query) -> list[dict[str, str]]:
    return [dict(match) for page in index.find(query) for match in page]


def told(index: SQLIndex, level: str, keyword: str, **keys: Any) -> list[str]:
    """Return what the matches of a query say about one attribute."""
    return [match[keyword] for match in found(index, a_query(level, **{keyword: "", **keys}))]


def selected(index: SQLIndex, query: Query = EVERYTHING) -> list[str]:
    return [each.sop_instance_uid for page in index.select(query) for each in page]


def fill(index: SQLIndex) -> None:
    """Add two patients; study 1 of A has CT 1.1 of two images and MR 1.2, B has study 2."""
    index.add(an_entry("1.1.1", InstanceNumber=1))
    index.add(an_entry("1.1.2", InstanceNumber=2))
    index.add(an_entry("1.2.1", SeriesInstanceUID="1.2", Modality="MR"))
    index.add(an_entry("2.1.1", PatientID="B", StudyInstanceUID="2", SeriesInstanceUID="2.1"))


@pytest.mark.parametrize(
    ("level", "keys", "keyword", "expected"),
    [
        ("PATIENT", {}, "PatientID", ["A", "B"]),
        ("STUDY", {"PatientID": "A"}, "StudyInstanceUID", ["1"]),
        ("SERIES", {"StudyInstanceUID": "1"}, "SeriesInstanceUID", ["1.1", "1.2"]),
        ("IMAGE", {"SeriesInstanceUID": "1.1"}, "SOPInstanceUID", ["1.1.1", "1.1.2"]),
        ("IMAGE", {"InstanceNumber": "2"}, "SOPInstanceUID", ["1.1.2"]),
        ("STUDY", {"ModalitiesInStudy": "MR"}, "StudyInstanceUID", ["1"]),
        ("STUDY", {"StudyDate": "20250103-"}, "StudyInstanceUID", []),
    ],
)
def test_each_level_is_found(
    index: SQLIndex, level: str, keys: dict[str, str], keyword: str, expected: list[str]
) -> None:
    fill(index)

    assert told(index, level, keyword, **keys) == expected


@pytest.mark.parametrize(
    ("level", "keyword", "expected"),
    [
        ("PATIENT", "NumberOfPatientRelatedStudies", ["1", "1"]),
        ("PATIENT", "NumberOfPatientRelatedSeries", ["2", "1"]),
        ("PATIENT", "NumberOfPatientRelatedInstances", ["3", "1"]),
        ("STUDY", "NumberOfStudyRelatedSeries", ["2", "1"]),
        ("STUDY", "NumberOfStudyRelatedInstances", ["3", "1"]),
        ("STUDY", "ModalitiesInStudy", ["CT\\MR", "CT"]),
        ("STUDY", "SOPClassesInStudy", ["1.2.840.10008.5.1.4.1.1.2"] * 2),
        ("SERIES", "NumberOfSeriesRelatedInstances", ["2", "1", "1"]),
        ("IMAGE", "NumberOfStudyRelatedInstances", ["3", "3", "3", "1"]),
        ("IMAGE", "AvailableTransferSyntaxUID", ["1.2.840.10008.1.2.1"] * 4),
    ],
)
def test_what_no_object_says_is_worked_out(
    index: SQLIndex, level: str, keyword: str, expected: list[str]
) -> None:
    fill(index)

    assert told(index, level, keyword) == expected


def test_keys_of_levels_below_choose_what_has_such_a_thing(index: SQLIndex) -> None:
    fill(index)

    assert told(index, "STUDY", "StudyInstanceUID", Modality="MR") == ["1"]
    assert told(index, "PATIENT", "PatientID", Modality="CT") == ["A", "B"]


def test_a_list_may_be_longer_than_a_database_takes(index: SQLIndex) -> None:
    fill(index)
    uids = [f"9.{number}" for number in range(40_000)]

    assert told(index, "STUDY", "PatientID", StudyInstanceUID=[*uids, "2"]) == ["B"]


def test_matches_come_page_by_page_each_once(
    index: SQLIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(index)
    monkeypatch.setattr(index_module, "_PAGE", 1)

    assert told(index, "PATIENT", "PatientID", SOPClassUID=CTImageStorage) == ["A", "B"]
    assert selected(index) == ["1.1.1", "1.1.2", "1.2.1", "2.1.1"]
    assert selected(index, a_query("STUDY", StudyInstanceUID="1")) == ["1.1.1", "1.1.2", "1.2.1"]


def test_an_object_that_comes_again_takes_the_place_of_the_first(index: SQLIndex) -> None:
    first, second = an_entry(digest="a"), an_entry(digest="b", Modality="MR")

    assert index.add(first) is None
    assert index.add(second) == first.instance
    assert index.get("1.2.3") == second.instance
    assert told(index, "SERIES", "Modality") == ["MR"]


def test_what_nothing_is_left_of_is_gone(index: SQLIndex) -> None:
    index.add(an_entry())
    index.add(an_entry(PatientID="B", StudyInstanceUID="2", SeriesInstanceUID="2.1"))

    assert told(index, "PATIENT", "PatientID") == ["B"]
    assert told(index, "STUDY", "StudyInstanceUID") == ["2"]
    assert told(index, "SERIES", "SeriesInstanceUID") == ["2.1"]


def test_what_is_removed_is_gone_and_the_rest_stays(index: SQLIndex) -> None:
    fill(index)
    removed = list(index.select(a_query("PATIENT", PatientID="B")))

    index.remove(removed[0])

    assert told(index, "PATIENT", "PatientID") == ["A"]
    assert selected(index) == ["1.1.1", "1.1.2", "1.2.1"]


def test_the_last_object_to_say_something_is_right(index: SQLIndex) -> None:
    index.add(an_entry("1.1", StudyDescription="Chest", AccessionNumber="1"))
    index.add(an_entry("1.2", StudyDescription="Head", AccessionNumber=""))

    assert told(index, "STUDY", "StudyDescription") == ["Head"]
    assert told(index, "STUDY", "AccessionNumber") == ["1"]


def test_the_same_study_of_two_patients_stands_under_each(index: SQLIndex) -> None:
    index.add(an_entry("1.1"))
    index.add(an_entry("1.2", PatientID="B"))

    assert told(index, "STUDY", "PatientID", StudyInstanceUID="1") == ["A", "B"]
    assert selected(index, a_query("STUDY", PatientID="B", StudyInstanceUID="1")) == ["1.2"]


def test_objects_without_patient_id_are_not_all_of_one_patient(index: SQLIndex) -> None:
    index.add(an_entry("1.1", PatientID=""))
    index.add(an_entry("1.2", PatientID="", StudyInstanceUID="2"))
    index.add(an_entry("1.3", PatientID="", StudyInstanceUID="2"))

    assert told(index, "PATIENT", "NumberOfPatientRelatedInstances") == ["1", "2"]


def test_an_index_outlives_its_process(tmp_path: Path) -> None:
    first = SQLIndex(tmp_path / "index.sqlite")
    fill(first)
    first.close()

    again = SQLIndex(tmp_path / "index.sqlite")
    uids = selected(again)
    again.close()

    assert uids == ["1.1.1", "1.1.2", "1.2.1", "2.1.1"]


def test_two_processes_may_have_it_open(index: SQLIndex, tmp_path: Path) -> None:
    other = SQLIndex(tmp_path / "index.sqlite")

    index.add(an_entry("1.1"))
    other.add(an_entry("1.2"))
    uids = (selected(index), selected(other))
    other.close()

    assert uids == (["1.1", "1.2"], ["1.1", "1.2"])


def test_many_may_write_and_read_at_once(index: SQLIndex) -> None:
    def store(number: int) -> int:
        index.add(an_entry(f"1.{number}", SeriesInstanceUID=f"1.{number % 3}"))
        return len(selected(index))

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(store, range(24)))

    assert all(seen)
    assert len(selected(index)) == 24
    assert told(index, "STUDY", "NumberOfStudyRelatedSeries") == ["3"]


def test_what_is_committed_is_on_the_disk(index: SQLIndex) -> None:
    with index._reading() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert pragmas == ["wal", 2, 1]


def test_the_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE patient (name TEXT)")
    connection.close()

    with pytest.raises(IndexFailedError, match="the database of something else"):
        SQLIndex(path)


def test_the_database_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    SQLIndex(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE pynetdicom_archive SET version = 2")
    connection.close()

    with pytest.raises(IndexFailedError, match="another version"):
        SQLIndex(path)


@pytest.mark.parametrize("content", [b"This is no database." * 100, None])
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "index.sqlite"
    path.write_bytes(content) if content else path.mkdir()

    with pytest.raises(IndexFailedError):
        SQLIndex(path)


# Values that are alike, in many ways, and keys that match some of them.
NAMES = ["A^B", "a^b", "Ä^b", "ä^B", "A%", "A_", "=A^B", "X=A^B", "A*", "", "/A"]
IDS = ["A", "AB", "a", "%", "A_B", "A%B", "/", "[A]"]
DATES = ["", "20250101", "20250102", "2025", "x", "20241231"]
MODALITIES = ["CT", "MR", "M%", "", "ct"]
KEYS = {
    "PatientName": [*NAMES, "A*", "a^*", "*b", "?^B", "ä*", "A_*", "=*", "X=*", "/*", "A\\X"],
    "PatientID": [*IDS, "A*", "%*", "A_*", "?", "/?", "[A]*", "A\\/"],
    "StudyDate": ["", "20250101", "20250101-", "-20250101", "20241231-20250102"],
    "Modality": [*MODALITIES, "M*", "?T", "CT\\MR", "*"],
    "ModalitiesInStudy": ["", "CT", "M*", "CT\\MR"],
    "InstanceNumber": ["", "1", "02", "1\\2"],
    "PatientWeight": ["", "70", "7E1"],
}

patients = st.tuples(st.sampled_from(IDS), st.sampled_from(NAMES))
studies = st.tuples(patients, st.sampled_from(DATES), st.sampled_from(["70", "70.0", "x", ""]))
series = st.tuples(studies, st.sampled_from(MODALITIES))
objects = st.lists(st.tuples(series, st.sampled_from(["1", "2", "x"])), max_size=8)
keys_of_queries = st.one_of(
    [st.tuples(st.just(keyword), st.sampled_from(keys)) for keyword, keys in KEYS.items()]
)
queries = st.builds(
    lambda level, keys: a_query(level, **dict(keys)),
    st.sampled_from([level.name for level in Level]),
    st.lists(keys_of_queries, max_size=2),
)


def entries_of(drawn: list[Any]) -> list[Entry]:
    """Return entries in which what is alike has the same UIDs, and what differs has others."""
    numbers: dict[Any, int] = {}

    def uid(what: Any) -> str:
        return f"1.{numbers.setdefault(what, len(numbers))}"

    entries = []
    for number, (of_series, instance_number) in enumerate(drawn):
        (of_study, modality) = of_series
        ((patient_id, name), date, weight) = of_study
        values = {
            # One patient has one name: what several objects say differently is another story.
            "PatientID": f"{patient_id} {NAMES.index(name)}" if name else patient_id,
            "PatientName": name,
            "StudyInstanceUID": uid(of_study),
            "StudyDate": date,
            "PatientWeight": weight if weight != "x" else "",
            "SeriesInstanceUID": uid(of_series),
            "Modality": modality,
            "InstanceNumber": instance_number if instance_number != "x" else "",
        }
        entries.append(an_entry(f"2.{number}", **values))
    return entries


def variety() -> list[Entry]:
    """Return an entry for each name, with all other values among them."""
    return [
        an_entry(
            f"2.{number}",
            PatientID=IDS[number] if number < len(IDS) else f"{number}",
            PatientName=name,
            StudyInstanceUID=f"1.{number}",
            StudyDate=(DATES * 2)[number],
            PatientWeight=("70", "70.0", "71", "")[number % 4],
            SeriesInstanceUID=f"1.{number}.1",
            Modality=(MODALITIES * 3)[number],
            InstanceNumber=("1", "2", "")[number % 3],
        )
        for number, name in enumerate(NAMES)
    ]


def expected(entries: list[Entry], query: Query) -> set[tuple[str, ...]]:
    """Return the unique keys of what matches, as somebody without an index would find it."""
    keywords = [UNIQUE_KEYS[Level(number)].keyword for number in range(query.level + 1)]
    return {
        tuple(entry.values[keyword] for keyword in keywords)
        for entry in entries
        if all(
            each.matches(value_of(entry, each.attribute.keyword, entries))
            for each in query.conditions
        )
    }


def keys_of(index: SQLIndex, query: Query) -> set[tuple[str, ...]]:
    """Return the unique keys of the matches, of which there are no two alike."""
    keywords = [UNIQUE_KEYS[Level(number)].keyword for number in range(query.level + 1)]
    keys = [tuple(match[keyword] for keyword in keywords) for match in found(index, query)]
    assert len(keys) == len(set(keys))
    return set(keys)


def value_of(entry: Entry, keyword: str, entries: list[Entry]) -> str:
    if keyword != "ModalitiesInStudy":
        return entry.values[keyword]
    study = entry.values["StudyInstanceUID"]
    of_study = [each for each in entries if each.values["StudyInstanceUID"] == study]
    return "\\".join(sorted({each.values["Modality"] for each in of_study} - {""}))


@pytest.mark.slow
@pytest.mark.parametrize("level", [level.name for level in Level])
def test_the_index_finds_what_each_key_matches(index: SQLIndex, level: str) -> None:
    entries = variety()
    for entry in entries:
        index.add(entry)
    queries = [a_query(level, **{name: key}) for name, keys in KEYS.items() for key in keys]

    missed = [query for query in queries if keys_of(index, query) != expected(entries, query)]

    assert missed == []


@pytest.mark.slow
@given(drawn=objects, query=queries)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_the_index_finds_what_a_search_without_one_finds(
    drawn: list[Any], query: Query, tmp_path_factory: pytest.TempPathFactory
) -> None:
    entries = entries_of(drawn)
    index = SQLIndex(tmp_path_factory.mktemp("any") / "index.sqlite")
    try:
        for entry in entries:
            index.add(entry)
        matches = keys_of(index, query)
    finally:
        index.close()

    assert matches == expected(entries, query)
