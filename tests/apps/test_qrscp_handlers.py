"""What the handlers of the archive yield, whatever the index does and whenever they are stopped."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from apps.objects import an_object, elements
from pynetdicom.apps.qrscp.archive import IndexFailedError, Instance
from pynetdicom.apps.qrscp.handlers import Service, negotiate
from pynetdicom.apps.qrscp.identifier import Query
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.sop_class import (
    CTImageStorage,
    PatientRootQueryRetrieveInformationModelMove,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

FIND = StudyRootQueryRetrieveInformationModelFind
GET = StudyRootQueryRetrieveInformationModelGet
MOVE = StudyRootQueryRetrieveInformationModelMove
CANCELLED = (0xFE00, None)

A_MATCH = {"StudyInstanceUID": "1"}
AN_INSTANCE = Instance(CTImageStorage, "1.1.1", "1.2.840.10008.1.2.1", "CT.1.1.1", 1, "")


class Request:
    """A request that is cancelled when the handler looks for the n-th time, 0 for never."""

    def __init__(self, model: str, cancelled_at: int = 0, destination: str = "VIEWER") -> None:
        self.context = SimpleNamespace(abstract_syntax=model)
        self.request: Any = SimpleNamespace(msg_type="C-…")
        self.identifier = elements(QueryRetrieveLevel="STUDY", StudyInstanceUID="1")
        self.move_destination = destination
        requestor = SimpleNamespace(ae_title="VIEWER", sop_class_extended={})
        self.assoc = SimpleNamespace(requestor=requestor)
        self._left = cancelled_at

    @property
    def is_cancelled(self) -> bool:
        self._left -= 1
        return self._left == 0


@dataclass
class Pages:
    """An index of which only the pages are known; it may fail behind them."""

    matches: list[list[Mapping[str, str]]] = field(default_factory=list)
    instances: list[list[Instance]] = field(default_factory=list)
    fails: bool = False

    def find(self, query: Query) -> Iterator[list[Mapping[str, str]]]:
        yield from self.matches
        self._end()

    def select(self, query: Query) -> Iterator[list[Instance]]:
        yield from self.instances
        self._end()

    def _end(self) -> None:
        if self.fails:
            raise IndexFailedError("disk I/O error")


def service(pages: Pages, sendable: Any = lambda instance: f"/{instance.file}") -> Any:
    archive: Any = SimpleNamespace(index=pages, sendable=sendable)
    logger = logging.getLogger("pynetdicom.apps.qrscp")
    return Service(archive, "QRSCP", {"VIEWER": ("127.0.0.1", 104)}, logger)


def brief(responses: Any) -> list[Any]:
    """Return what was yielded, without what is in the identifiers."""
    return [_brief(each) for each in responses]


def _brief(yielded: Any) -> Any:
    if not isinstance(yielded, tuple) or not isinstance(yielded[0], (int, Dataset)):
        return yielded
    status, what = yielded
    code = int(status.Status) if isinstance(status, Dataset) else status
    return code, "match" if isinstance(what, Dataset) else what


MATCH = (0xFF00, "match")


@pytest.mark.parametrize(
    ("pages", "cancelled_at", "expected"),
    [
        ([[A_MATCH, A_MATCH]], 0, [MATCH, MATCH]),
        ([[A_MATCH, A_MATCH]], 1, [CANCELLED]),
        ([[A_MATCH, A_MATCH]], 2, [MATCH, CANCELLED]),
        ([[], [], [A_MATCH]], 1, [CANCELLED]),
        ([[A_MATCH], [A_MATCH]], 2, [MATCH, CANCELLED]),
    ],
)
def test_a_query_ends_when_it_is_cancelled_also_where_nothing_matches(
    pages: list[list[Mapping[str, str]]], cancelled_at: int, expected: list[Any]
) -> None:
    responses = service(Pages(matches=pages)).find(Request(FIND, cancelled_at))

    assert brief(responses) == expected


@pytest.mark.parametrize(
    ("model", "before"), [(GET, []), (MOVE, [("127.0.0.1", 104, {"contexts": []})])]
)
@pytest.mark.parametrize("cancelled_at", [1, 2])
def test_a_retrieval_ends_when_it_is_cancelled(
    model: str, before: list[Any], cancelled_at: int
) -> None:
    served = service(Pages(instances=[[AN_INSTANCE], [AN_INSTANCE]]))
    handler = served.get if model == GET else served.move

    responses = brief(handler(Request(model, cancelled_at)))[len(before) :]

    assert responses == [2, *[(0xFF00, "/CT.1.1.1")] * (cancelled_at - 1), CANCELLED]


def storing(data: bytes, dataset: Dataset, uid: str = "1.1.1") -> Any:
    """Return a C-STORE request."""
    request = Request(CTImageStorage)
    request.context.transfer_syntax = ImplicitVRLittleEndian
    request.request = C_STORE()
    request.request.AffectedSOPClassUID = CTImageStorage
    request.request.AffectedSOPInstanceUID = uid or None
    request.request.DataSet = BytesIO(data)
    return SimpleNamespace(**vars(request), dataset=dataset)


@pytest.mark.parametrize(
    ("data", "uid", "expected"),
    [(b"", "1.1.1", 0x0210), (b"\x08\0\5\0\0\0\0\0", "", 0xC210)],
)
def test_an_object_that_is_none_is_not_stored(data: bytes, uid: str, expected: int) -> None:
    assert service(Pages()).store(storing(data, Dataset(), uid)) == expected


def test_an_archive_that_fails_in_an_unknown_way_is_no_success(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = an_object("1.1.1")

    status = service(Pages()).store(storing(b"\x08\0\5\0\0\0\0\0", made))

    assert status == 0xA701
    assert "1.1.1 is not stored\nTraceback" in caplog.text


def test_an_index_that_fails_in_the_middle_of_a_query_is_no_success() -> None:
    responses = service(Pages(matches=[[A_MATCH]], fails=True)).find(Request(FIND))

    assert brief(responses) == [MATCH, (0xC000, None)]


def test_an_index_that_fails_is_no_retrieval_of_a_part() -> None:
    served = service(Pages(instances=[[AN_INSTANCE]], fails=True))

    assert brief(served.get(Request(GET))) == [(0xC000, None)]
    assert brief(served.move(Request(MOVE))) == [("127.0.0.1", 104), (0xC000, None)]


def test_an_index_that_fails_in_the_middle_of_a_retrieval_is_a_failure_with_a_name() -> None:
    def fail(instance: Instance) -> None:
        raise IndexFailedError("disk I/O error")

    served = service(Pages(instances=[[AN_INSTANCE]]), fail)

    announced, (status, unsendable) = served.get(Request(GET))
    assert (announced, status, unsendable.SOPInstanceUID) == (1, 0xFF00, "1.1.1")


def test_no_more_instances_are_looked_for_than_can_be_counted() -> None:
    pages = Pages(instances=[[AN_INSTANCE] * 50_000] * 3)

    assert next(service(pages).get(Request(GET))) == 100_000


def test_an_unknown_destination_is_told_before_anything_is_looked_for() -> None:
    responses = service(Pages(fails=True)).move(Request(MOVE, destination="NOBODY"))

    assert list(responses) == [(None, None)]


@pytest.mark.parametrize("wanted", [{}, {"charset": "ISO 2022 IR 87"}])
def test_text_is_always_in_a_character_set_that_has_it(wanted: dict[str, str]) -> None:
    request = Request(FIND)
    if wanted:
        request.identifier.update(elements(SpecificCharacterSet=["", wanted["charset"]]))
    request.identifier.PatientName = ""
    match = {"PatientName": "Müller=山田"}

    ((_, answer),) = service(Pages(matches=[[match]])).find(request)

    assert answer.SpecificCharacterSet == "ISO_IR 192"


def test_an_identifier_that_cannot_be_decoded_is_refused() -> None:
    class Broken(Request):
        @property
        def identifier(self) -> Dataset:
            raise ValueError("no data set")

        @identifier.setter
        def identifier(self, value: Dataset) -> None:
            pass

    assert brief(service(Pages()).find(Broken(FIND))) == [(0xA900, None)]


@pytest.mark.parametrize(
    ("wanted", "agreed"),
    [(b"\1", b"\1"), (b"\1\1\1\1\1", b"\1\0\0\0\0"), (b"\0\1", b"\0\0"), (b"\2", b"\0")],
)
def test_relational_behaviour_is_agreed_to_and_nothing_else(wanted: bytes, agreed: bytes) -> None:
    model = PatientRootQueryRetrieveInformationModelMove
    event: Any = SimpleNamespace(app_info={model: wanted, CTImageStorage: b"\2", FIND: b""})

    assert negotiate(event) == {model: agreed}
