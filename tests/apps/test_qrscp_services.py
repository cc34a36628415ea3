"""`qrscp` answers queries and retrievals at all levels (PS3.4 C)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread

from apps.objects import an_object, elements
from apps.our_archive import (
    FIND,
    GET,
    MOVE,
    STUDY,
    archive,
    ask,
    counts,
    final_of,
    kept_in,
    relational,
    send,
    statuses,
    study_of_three,
    talking,
)
from apps.stage import (
    CT,
    JPEG_2000,
    LOOPBACK,
    Node,
    Server,
    files_in,
    node,
    run,
)
from ports import free_port
from pynetdicom import AE, build_context, build_role, evt
from pynetdicom.sop_class import (
    ModalityWorklistInformationFind,
    PatientRootQueryRetrieveInformationModelFind,
    UnifiedProcedureStepPull,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with archive(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An archive that nobody changes: a study of three, one of a patient with umlauts, CT."""
    with archive(tmp_path_factory.mktemp("filled")) as running:
        umlauts = an_object(
            "2.1.1",
            PatientID="B",
            PatientName="Müller^Jörg",
            SpecificCharacterSet="ISO_IR 100",
            StudyInstanceUID="2",
            SeriesInstanceUID="2.1",
        )
        assert send(running, *study_of_three(), umlauts, CT) == [0x0000] * 5
        yield running


def test_an_object_is_a_file_and_found_at_every_level(server: Server, tmp_path: Path) -> None:
    assert send(server, CT) == [0x0000]

    stored = dcmread(CT)
    uids = {
        "PATIENT": {"PatientID": stored.PatientID},
        "STUDY": {"StudyInstanceUID": stored.StudyInstanceUID},
        "SERIES": {"SeriesInstanceUID": stored.SeriesInstanceUID},
        "IMAGE": {"SOPInstanceUID": stored.SOPInstanceUID},
    }
    model = PatientRootQueryRetrieveInformationModelFind
    keys: dict[str, Any] = {}
    with talking(server) as assoc:
        for level, key in uids.items():
            keys |= key
            (match,), final = ask(assoc, level, model, **keys, PatientName="")
            assert (match.QueryRetrieveLevel, match.RetrieveAETitle) == (level, "QRSCP")
            assert match.PatientName == stored.PatientName
            assert {name: match[name].value for name in keys} == keys
            assert final.Status == 0x0000
    (name,) = files_in(tmp_path / "objects")
    assert dcmread(tmp_path / "objects" / name) == stored


def test_what_can_be_counted_and_collected_is_told(filled: Server) -> None:
    with talking(filled) as assoc:
        (match,), _ = ask(
            assoc,
            "STUDY",
            StudyInstanceUID="1",
            ModalitiesInStudy="",
            NumberOfStudyRelatedSeries="",
            NumberOfStudyRelatedInstances="",
            NumberOfPatientRelatedStudies="",
            InstanceAvailability="",
        )

    assert list(match.ModalitiesInStudy) == ["CT", "OT"]
    assert match.NumberOfStudyRelatedSeries == 2
    assert match.NumberOfStudyRelatedInstances == 3
    assert match.NumberOfPatientRelatedStudies == 1
    assert match.InstanceAvailability == "ONLINE"


def test_a_match_says_whether_all_keys_were_looked_at(filled: Server) -> None:
    with talking(filled) as assoc:
        assert statuses(assoc, "STUDY", PatientID="A") == [0xFF00, 0x0000]
        assert statuses(assoc, "STUDY", PatientID="A", StudyComments="x") == [0xFF01, 0x0000]


@pytest.mark.parametrize(
    ("asked", "told"),
    [(None, "ISO_IR 192"), ("ISO_IR 100", "ISO_IR 100"), ("ISO_IR 144", "ISO_IR 192")],
)
def test_names_come_in_a_character_set_that_has_them(
    filled: Server, asked: str | None, told: str
) -> None:
    wanted = {"SpecificCharacterSet": asked} if asked else {}

    with talking(filled) as assoc:
        (match,), _ = ask(assoc, "STUDY", **wanted, PatientID="B", PatientName="")

    assert (match.SpecificCharacterSet, match.PatientName) == (told, "Müller^Jörg")


def test_a_query_may_be_in_another_character_set_than_the_object(filled: Server) -> None:
    with talking(filled) as assoc:
        (match,), _ = ask(assoc, "STUDY", SpecificCharacterSet="ISO_IR 192", PatientName="müller*")

    assert match.PatientName == "Müller^Jörg"


def test_a_query_that_does_not_fit_is_told_why(filled: Server) -> None:
    with talking(filled) as assoc:
        matches, final = ask(assoc, "SERIES")

    assert (matches, final.Status) == ([], 0xA900)
    assert final.ErrorComment == "StudyInstanceUID is missing"
    assert final.OffendingElement == 0x0020000D


def test_relational_queries_are_for_those_who_negotiate_them(filled: Server) -> None:
    with talking(filled, *relational(FIND)) as assoc:
        agreed = assoc.acceptor.sop_class_extended
        series, _ = ask(assoc, "SERIES", PatientID="A")
        with_other, _ = ask(assoc, "STUDY", Modality="OT")

    assert agreed == {FIND: b"\1\0\0"}
    assert [match.SeriesInstanceUID for match in series] == ["1.1", "1.2"]
    assert len(with_other) == 1


@pytest.mark.parametrize("model", [ModalityWorklistInformationFind, UnifiedProcedureStepPull])
def test_there_are_no_worklists(filled: Server, model: str) -> None:
    with talking(filled) as assoc:
        assert [each.Status for each, _ in assoc.send_c_find(Dataset(), model)] == [0x0000]
        assert assoc.send_c_echo().Status == 0x0000


@pytest.mark.parametrize(
    ("level", "keys", "expected"),
    [
        ("STUDY", {"StudyInstanceUID": "1"}, {"1.1.1", "1.1.2", "1.2.1"}),
        ("SERIES", {"StudyInstanceUID": "1", "SeriesInstanceUID": "1.1"}, {"1.1.1", "1.1.2"}),
        (
            "IMAGE",
            {"StudyInstanceUID": "1", "SeriesInstanceUID": "1.1", "SOPInstanceUID": "1.1.2"},
            {"1.1.2"},
        ),
        ("STUDY", {"StudyInstanceUID": ["1", "9"]}, {"1.1.1", "1.1.2", "1.2.1"}),
        ("STUDY", {"StudyInstanceUID": "9"}, set()),
    ],
)
def test_what_is_asked_for_comes_over_the_same_association(
    filled: Server, level: str, keys: dict[str, Any], expected: set[str]
) -> None:
    got: dict[str, bytes] = {}

    with talking(filled, on_store=kept_in(got)) as assoc:
        status, _ = final_of(assoc.send_c_get(elements(QueryRetrieveLevel=level, **keys), GET))

    assert (status.Status, set(got)) == (0x0000, expected)
    assert counts(status) == {"Completed": len(expected), "Failed": 0, "Warning": 0}


def test_a_retrieval_that_does_not_fit_is_told_why(filled: Server) -> None:
    with talking(filled) as assoc:
        responses = list(assoc.send_c_get(elements(QueryRetrieveLevel="STUDY"), GET))

    ((status, identifier),) = responses
    assert (status.Status, bool(identifier)) == (0xA900, False)
    assert status.ErrorComment == "StudyInstanceUID is missing"


@pytest.mark.parametrize("how", ["missing", "cut"])
def test_a_file_that_cannot_be_sent_is_named(server: Server, tmp_path: Path, how: str) -> None:
    send(server, *study_of_three())
    (path,) = (tmp_path / "objects").glob("CT.1.1.2.*")
    content = path.read_bytes()
    path.unlink()
    if how == "cut":
        path.write_bytes(content[:-2])

    with talking(server) as assoc:
        query = elements(**STUDY)
        status, identifier = final_of(assoc.send_c_get(query, GET))
    ended = server.end()

    assert status.Status == 0xB000
    assert counts(status) == {"Completed": 2, "Failed": 1, "Warning": 0}
    assert identifier is not None
    assert identifier.FailedSOPInstanceUIDList == "1.1.2"
    assert "E: 1.1.2 cannot be sent: its file is missing or damaged\n" in ended.err


def test_an_object_whose_encoding_the_peer_does_not_take_is_named(server: Server) -> None:
    jpeg = dcmread(JPEG_2000)
    stored = run("storescu", LOOPBACK, server.port, JPEG_2000)

    contexts = [build_context(GET), build_context(jpeg.SOPClassUID)]
    role = build_role(jpeg.SOPClassUID, scp_role=True)
    assoc = AE("VIEWER").associate(LOOPBACK, server.port, contexts, ext_neg=[role])
    query = elements(QueryRetrieveLevel="STUDY", StudyInstanceUID=jpeg.StudyInstanceUID)
    status, identifier = final_of(assoc.send_c_get(query, GET))
    assoc.release()

    assert stored.status == 0
    assert status.Status == 0xA702
    assert identifier is not None
    assert identifier.FailedSOPInstanceUIDList == jpeg.SOPInstanceUID


def configuration(folder: Path, **destinations: int) -> Path:
    path = folder / "archive.ini"
    sections = [
        f"[{title}]\naddress = {LOOPBACK}\nport = {port}\n" for title, port in destinations.items()
    ]
    path.write_text("\n".join(["[DEFAULT]\nae_title = ARCHIVE\n", *sections]))
    return path


@pytest.fixture
def destination() -> Iterator[Node]:
    with node() as running:
        yield running


def move(server: Server, title: str, **keys: Any) -> list[tuple[Dataset, Dataset | None]]:
    with talking(server) as assoc:
        return list(assoc.send_c_move(elements(**keys), title, MOVE))


def test_what_is_asked_for_goes_to_a_destination_that_is_configured(
    tmp_path: Path, destination: Node
) -> None:
    with archive(tmp_path, "-c", configuration(tmp_path, VIEWER=destination.port)) as server:
        send(server, *study_of_three())
        status, _ = final_of(move(server, "VIEWER", **STUDY))

    assert server.greeting.startswith("ARCHIVE listens on port ")
    assert status.Status == 0x0000
    assert counts(status) == {"Completed": 3, "Failed": 0, "Warning": 0}
    assert len(destination.stored) == 3


def test_files_are_moved_as_they_are(tmp_path: Path, destination: Node) -> None:
    jpeg = dcmread(JPEG_2000)
    query = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": jpeg.StudyInstanceUID}

    with archive(tmp_path, "-c", configuration(tmp_path, VIEWER=destination.port)) as server:
        run("storescu", LOOPBACK, server.port, JPEG_2000)
        move(server, "VIEWER", **query)

    ((context, data),) = destination.stored
    assert context.transfer_syntax == jpeg.file_meta.TransferSyntaxUID
    assert JPEG_2000.read_bytes().endswith(data)


@pytest.mark.parametrize("title", ["NOBODY", "127.0.0.1", "GONE"])
def test_a_destination_that_is_not_there_is_told_of(tmp_path: Path, title: str) -> None:
    with archive(tmp_path, "-c", configuration(tmp_path, GONE=free_port())) as server:
        send(server, CT)
        query = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": dcmread(CT).StudyInstanceUID}
        ((status, _),) = move(server, title, **query)

    assert status.Status == 0xA801


def test_a_move_that_does_not_fit_is_told_why_before_anybody_is_called(
    tmp_path: Path, destination: Node
) -> None:
    with archive(tmp_path, "-c", configuration(tmp_path, VIEWER=destination.port)) as server:
        ((status, _),) = move(server, "VIEWER", QueryRetrieveLevel="STUDY")

    assert (status.Status, destination.requested) == (0xA900, [])


def test_a_retrieval_can_be_cancelled(filled: Server) -> None:
    def cancel(event: evt.Event) -> int:
        event.assoc.send_c_cancel(7, query_model=GET)
        return 0x0000

    with talking(filled, on_store=cancel) as assoc:
        status, _ = final_of(assoc.send_c_get(elements(**STUDY), GET, msg_id=7))

    assert status.Status == 0xFE00
    assert status.NumberOfCompletedSuboperations + status.NumberOfRemainingSuboperations == 3
