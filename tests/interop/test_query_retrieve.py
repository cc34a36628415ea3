"""We query and retrieve from the archives of other projects (PS3.4 C)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event

import pytest
from pydicom.dataset import Dataset

from interop import dcmjs, studies
from interop.conversations import data
from interop.front import OUR_TITLE, SUCCESS, Front, Reply
from interop.other_archives import EXPECTED, NO_PATIENT, NO_STUDY, Archive, scripted_archive
from interop.studies import CANCELLED, PENDING, WHOLE_STUDY, Keeper, counters, query
from pynetdicom import build_role
from pynetdicom.sop_class import (
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

pytestmark = [pytest.mark.interop, pytest.mark.slow]

MOVE_DESTINATION_UNKNOWN = 0xA801

ROLES = [build_role(sop_class, scp_role=True) for sop_class in studies.STORAGE_CLASSES]


@pytest.fixture(scope="module")
def dcmjs_scp(our_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    script = dcmjs.script("dcmjs_answers.js")
    with scripted_archive(script, our_port, tmp_path_factory) as running:
        yield running


@pytest.fixture(scope="module", params=["dcmqrscp", "orthanc"])
def archive(request: pytest.FixtureRequest) -> Archive:
    running: Archive = request.getfixturevalue(request.param)
    return running


@pytest.fixture(scope="module", params=["dcmqrscp", "orthanc", "pynetdicom", "dcmjs_scp"])
def source(request: pytest.FixtureRequest) -> Archive:
    running: Archive = request.getfixturevalue(request.param)
    return running


def progress_of(replies: Sequence[Reply]) -> list[tuple[int | None, dict[str, int]]]:
    progress = [(status.get("Status"), counters(status)) for status, _ in replies]
    # Nothing remains when it is over (PS3.7 9.1.4.1.8), and two implementations say so.
    assert progress[-1][1].pop("Remaining", 0) == 0
    return progress


def told_of_each(number: int) -> list[tuple[int, dict[str, int]]]:
    """Return what is told of a retrieval in which everything goes well (PS3.7 9.1.4.1)."""
    none_failed = {"Failed": 0, "Warning": 0}
    pending = [
        (PENDING, {"Remaining": number - done, "Completed": done, **none_failed})
        for done in range(1, number + 1)
    ]
    return [*pending, (SUCCESS, {"Completed": number, **none_failed})]


@pytest.mark.parametrize(
    ("model", "identifier"),
    [
        pytest.param(
            StudyRootQueryRetrieveInformationModelFind,
            query("STUDY", PatientName="VIV*", StudyInstanceUID="", StudyDate=""),
            id="two studies",
        ),
        pytest.param(
            StudyRootQueryRetrieveInformationModelFind,
            query("STUDY", StudyDate="20250103", StudyInstanceUID="", AccessionNumber=""),
            id="one study",
        ),
        pytest.param(
            StudyRootQueryRetrieveInformationModelFind,
            query(
                "IMAGE",
                StudyInstanceUID=f"{studies.ROOT}.1",
                SeriesInstanceUID=f"{studies.ROOT}.1.1",
                SOPInstanceUID="",
                InstanceNumber="",
            ),
            id="two images",
        ),
        pytest.param(
            PatientRootQueryRetrieveInformationModelFind,
            query("PATIENT", PatientID="A*", PatientName=""),
            id="two patients",
        ),
        pytest.param(StudyRootQueryRetrieveInformationModelFind, NO_STUDY, id="no study"),
    ],
)
def test_an_archive_answers_our_query(
    front: Front, archive: Archive, model: str, identifier: Dataset
) -> None:
    with front.associate(archive.port, studies.FIND, ae_title=archive.title) as scu:
        replies = list(scu.send_c_find(identifier, model))

    *pending, (final, nothing) = replies
    assert [status.Status for status, _ in pending] == [PENDING] * len(pending)
    assert (final.Status, nothing) == (SUCCESS, None)
    assert studies.asked((match for _, match in pending), identifier) == studies.answers(identifier)


def test_an_archive_gives_us_a_study(front: Front, source: Archive) -> None:
    keeper, contexts = Keeper(), studies.GET + studies.STORAGE

    with front.associate(
        source.port, contexts, ae_title=source.title, ext_neg=ROLES, evt_handlers=keeper.handlers
    ) as scu:
        replies = list(scu.send_c_get(WHOLE_STUDY, StudyRootQueryRetrieveInformationModelGet))

    assert progress_of(replies) == told_of_each(len(EXPECTED))
    assert studies.in_order(keeper.instances) == EXPECTED
    assert keeper.originators == {(None, None)}


def test_an_archive_moves_a_study_to_us(front: Front, source: Archive) -> None:
    keeper, model = Keeper(), StudyRootQueryRetrieveInformationModelMove

    with (
        front.accept(studies.STORAGE, keeper.handlers, source.our_port),
        front.associate(source.port, studies.MOVE, ae_title=source.title) as scu,
    ):
        replies = list(scu.send_c_move(WHOLE_STUDY, OUR_TITLE, model))

    # Orthanc leaves out what is told of the last one.
    *_, last = progress_of(replies)
    assert last == told_of_each(len(EXPECTED))[-1]
    assert studies.in_order(keeper.instances) == EXPECTED


def test_what_an_archive_moves_says_who_wanted_it(front: Front, archive: Archive) -> None:
    keeper, message_id = Keeper(), 4711
    model = StudyRootQueryRetrieveInformationModelMove

    with (
        front.accept(studies.STORAGE, keeper.handlers, archive.our_port),
        front.associate(archive.port, studies.MOVE, ae_title=archive.title) as scu,
    ):
        list(scu.send_c_move(WHOLE_STUDY, OUR_TITLE, model, message_id))

    assert keeper.originators == {(OUR_TITLE, message_id)}


def test_dcmqrscp_tells_of_each_instance_it_moves(front: Front, dcmqrscp: Archive) -> None:
    with (
        front.accept(studies.STORAGE, Keeper().handlers, dcmqrscp.our_port),
        front.associate(dcmqrscp.port, studies.MOVE, ae_title=dcmqrscp.title) as scu,
    ):
        model = StudyRootQueryRetrieveInformationModelMove
        replies = list(scu.send_c_move(WHOLE_STUDY, OUR_TITLE, model))

    assert progress_of(replies) == told_of_each(len(EXPECTED))


def test_dcmqrscp_does_not_know_the_destination(front: Front, dcmqrscp: Archive) -> None:
    with front.associate(dcmqrscp.port, studies.MOVE, ae_title=dcmqrscp.title) as scu:
        model = StudyRootQueryRetrieveInformationModelMove
        ((status, identifier),) = scu.send_c_move(WHOLE_STUDY, "NOBODY", model)

    assert (status.Status, identifier) == (MOVE_DESTINATION_UNKNOWN, data())


def test_an_archive_names_the_instances_we_refuse(front: Front, dcmqrscp: Archive) -> None:
    keeper = Keeper(refuses=frozenset({EXPECTED[1].SOPInstanceUID}))

    with front.associate(
        dcmqrscp.port,
        studies.GET + studies.STORAGE,
        ae_title=dcmqrscp.title,
        ext_neg=ROLES,
        evt_handlers=keeper.handlers,
    ) as scu:
        *_, (final, identifier) = scu.send_c_get(
            WHOLE_STUDY, StudyRootQueryRetrieveInformationModelGet
        )

    assert counters(final) == {"Completed": 2, "Failed": 1, "Warning": 0}
    assert final.Status == 0xB000
    assert identifier == data(FailedSOPInstanceUIDList=EXPECTED[1].SOPInstanceUID)


def test_dcmqrscp_stops_moving_when_we_cancel(front: Front, dcmqrscp: Archive) -> None:
    cancelled = Event()
    keeper = Keeper(waits_after_one_for=cancelled)
    model = StudyRootQueryRetrieveInformationModelMove

    with (
        front.accept(studies.STORAGE, keeper.handlers, dcmqrscp.our_port),
        front.associate(dcmqrscp.port, studies.MOVE, ae_title=dcmqrscp.title) as scu,
    ):
        replies = scu.send_c_move(WHOLE_STUDY, OUR_TITLE, model, 5)
        next(replies)
        scu.send_c_cancel(5, query_model=model)
        cancelled.set()
        *_, (final, _) = replies

    assert final.Status == CANCELLED
    assert_stopped(counters(final), keeper)


def test_dcmqrscp_stops_giving_when_we_cancel(front: Front, dcmqrscp: Archive) -> None:
    keeper, contexts = Keeper(), studies.GET + studies.STORAGE
    model = StudyRootQueryRetrieveInformationModelGet

    with front.associate(
        dcmqrscp.port,
        contexts,
        ae_title=dcmqrscp.title,
        ext_neg=ROLES,
        evt_handlers=keeper.handlers,
    ) as scu:
        replies = scu.send_c_get(WHOLE_STUDY, model, 5)
        next(replies)
        scu.send_c_cancel(5, query_model=model)
        *_, (final, _) = replies

    assert final.Status == CANCELLED
    assert_stopped(counters(final), keeper)


def test_pynetdicom_3_stops_finding_when_we_cancel(front: Front, pynetdicom: Archive) -> None:
    model = StudyRootQueryRetrieveInformationModelFind

    with front.associate(pynetdicom.port, studies.FIND) as scu:
        replies = scu.send_c_find(NO_STUDY, model, 5)
        first, _ = next(replies)
        scu.send_c_cancel(5, query_model=model)
        *_, (final, match) = replies

    assert first.Status == PENDING
    assert (final.Status, match) == (CANCELLED, None)


def test_leaving_a_query_cancels_it_and_the_next_one_gets_its_own_answers(
    front: Front, pynetdicom: Archive
) -> None:
    with front.associate(pynetdicom.port, studies.FIND) as scu:
        first, _ = next(scu.send_c_find(NO_STUDY, StudyRootQueryRetrieveInformationModelFind))
        ((second, match),) = scu.send_c_find(
            NO_PATIENT, PatientRootQueryRetrieveInformationModelFind
        )

    assert first.Status == PENDING
    assert (second.Status, match) == (SUCCESS, None)


def assert_stopped(numbers: dict[str, int], keeper: Keeper) -> None:
    """Check that a retrieval ended early, and that its numbers are those of what came."""
    assert 0 < len(keeper.instances) < len(EXPECTED)
    assert numbers == {
        "Remaining": len(EXPECTED) - len(keeper.instances),
        "Completed": len(keeper.instances),
        "Failed": 0,
        "Warning": 0,
    }
