"""C-GET and C-MOVE as their provider (PS3.7 9.1.3 and 9.1.4, PS3.4 C.4.2 and C.4.3)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset

from pynetdicom import evt
from pynetdicom.dimse_primitives import C_CANCEL, C_STORE
from pynetdicom.sop_class import (
    CompositeInstanceRetrieveWithoutBulkDataGet,
    CTImageStorage,
    MRImageStorage,
)
from pynetdicom.testing import build
from services.dialogue import (
    Handler,
    image,
    patient,
    raises,
    serve_one,
    stored,
    talk,
    yields,
)
from services.retrieval import (
    GET,
    MOVE,
    ONE,
    PLACE,
    QUERY,
    SERVED,
    THREE,
    TWO,
    Got,
    Serve,
    failed_list,
    get_request,
    got,
    move_request,
    moved,
    moved_there,
)


@SERVED
def test_each_instance_is_stored_and_told_of(serve: Serve) -> None:
    result = serve(yields(2, ONE, TWO), [stored(), stored()])

    assert [said.message.AffectedSOPInstanceUID for said in result.stores] == ["1.1", "1.2"]
    assert result.stores[0].data_set == image("1.1")
    assert result.statuses == [0xFF00, 0xFF00, 0x0000]
    assert result.counts == [(1, 1, 0, 0), (0, 2, 0, 0), (None, 2, 0, 0)]
    assert result.failed is None


@SERVED
def test_nothing_to_do_is_success(serve: Serve) -> None:
    result = serve(yields(0, ONE))

    assert result.statuses == [0x0000]
    assert result.counts == [(None, 0, 0, 0)]
    assert result.exchange.opened == []


@SERVED
def test_stores_have_the_priority_of_the_request_and_message_ids_behind_its_own(
    serve: Serve,
) -> None:
    result = serve(yields(2, ONE, TWO), [stored(), stored()])

    assert [said.message.Priority for said in result.stores] == [1, 1]
    assert [said.message.MessageID for said in result.stores] == [2, 3]


def test_message_ids_start_again_behind_the_greatest() -> None:
    exchange = talk(GET, CTImageStorage, peer=[stored(), stored()])
    exchange.handlers = {evt.EVT_C_GET: yields(2, ONE, TWO)}

    serve_one(exchange, get_request(message_id=0xFFFE))

    stores = [said.message for said in exchange.said if isinstance(said.message, C_STORE)]
    requests = [message for message in stores if not message.is_response]
    assert [message.MessageID for message in requests] == [0xFFFF, 0x0000]


@SERVED
def test_a_warning_is_counted_apart_and_not_listed(serve: Serve) -> None:
    result = serve(yields(2, ONE, TWO), [stored(0xB007), stored()])

    assert result.statuses == [0xFF00, 0xFF00, 0xB000]
    assert result.counts == [(1, 0, 0, 1), (0, 1, 0, 1), (None, 1, 0, 1)]
    assert result.failed is None


@SERVED
@pytest.mark.parametrize("status", [0xA700, 0xC000, 0x0110, 0x1234, 0xFF00, 0xFE00])
def test_a_failure_is_counted_and_listed(serve: Serve, status: int) -> None:
    result = serve(yields(2, ONE, TWO), [stored(status), stored()])

    assert result.statuses == [0xFF00, 0xFF00, 0xB000]
    assert result.counts == [(1, 0, 1, 0), (0, 1, 1, 0), (None, 1, 1, 0)]
    assert result.failed == ["1.1"]


@SERVED
def test_all_failed_is_a702(serve: Serve) -> None:
    result = serve(yields(2, ONE, TWO), [stored(0xA700), stored(0xA900)])

    assert result.statuses[-1] == 0xA702
    assert result.counts[-1] == (None, 0, 2, 0)
    assert result.failed == ["1.1", "1.2"]


@SERVED
def test_warnings_and_failures_are_b000(serve: Serve) -> None:
    result = serve(yields(2, ONE, TWO), [stored(0xA700), stored(0xB000)])

    assert result.statuses[-1] == 0xB000
    assert result.counts[-1] == (None, 0, 1, 1)


def test_a_destination_that_falls_silent_has_failed() -> None:
    result = moved(yields(PLACE, 2, ONE, TWO), [stored()])

    assert result.counts[-1] == (None, 1, 1, 0)
    assert result.failed == ["1.2"]


def test_a_destination_that_has_gone_fails_the_rest_and_is_not_talked_to() -> None:
    result = moved(yields(PLACE, 3, ONE, TWO, THREE), [])

    assert [said.message.AffectedSOPInstanceUID for said in result.stores] == ["1.1"]
    assert result.statuses == [0xFF00, 0xFF00, 0xFF00, 0xA702]
    assert result.failed == ["1.1", "1.2", "1.3"]


@SERVED
@pytest.mark.parametrize("instance", [5, b"1.2", object()])
def test_what_is_no_instance_has_failed(serve: Serve, instance: Any) -> None:
    result = serve(yields(2, (0xFF00, instance), TWO), [stored()])

    assert result.counts == [(1, 0, 1, 0), (0, 1, 1, 0), (None, 1, 1, 0)]
    assert result.statuses[-1] == 0xB000
    assert result.failed == []


@SERVED
def test_an_instance_without_a_context_has_failed(serve: Serve) -> None:
    other = image("1.9")
    other.SOPClassUID = MRImageStorage

    result = serve(yields(2, (0xFF00, other), TWO), [stored()])

    assert result.counts[-1] == (None, 1, 1, 0)
    assert result.failed == ["1.9"]


@SERVED
def test_none_instead_of_an_instance_is_passed_over(serve: Serve) -> None:
    result = serve(yields(1, (0xFF00, None), ONE), [stored()])

    assert result.statuses == [0xFF00, 0x0000]
    assert result.counts == [(0, 1, 0, 0), (None, 1, 0, 0)]


@SERVED
def test_more_instances_than_announced_are_left_out(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    result = serve(yields(1, ONE, TWO), [stored(), stored()])

    assert len(result.stores) == 1
    assert result.statuses == [0xFF00, 0x0000]
    assert "more instances than it announced" in caplog.text


@SERVED
def test_fewer_instances_than_announced_have_failed(serve: Serve) -> None:
    result = serve(yields(3, ONE), [stored()])

    assert result.statuses == [0xFF00, 0xB000]
    assert result.counts[-1] == (None, 1, 2, 0)
    assert result.failed == []


@SERVED
def test_files_are_stored_too(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "one.dcm"
    image("1.2.3").save_as(path, enforce_file_format=True)

    result = serve(yields(2, (0xFF00, path), (0xFF00, str(path))), [stored(), stored()])

    assert [said.message.AffectedSOPInstanceUID for said in result.stores] == ["1.2.3", "1.2.3"]
    assert result.statuses[-1] == 0x0000


@SERVED
def test_files_that_failed_are_listed_by_their_instance(serve: Serve, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.dcm", tmp_path / "bad.dcm"
    image("1.2.3").save_as(good, enforce_file_format=True)
    bad.write_bytes(b"no file of ours")

    result = serve(yields(2, (0xFF00, good), (0xFF00, bad)), [stored(0xA700)])

    assert result.counts[-1] == (None, 0, 2, 0)
    assert result.failed == ["1.2.3"]


# What the handler says about the end.


@SERVED
def test_a_handler_that_cancels_leaves_the_rest_remaining(serve: Serve) -> None:
    result = serve(yields(3, ONE, (0xFE00, failed_list("1.2", "1.3"))), [stored()])

    assert result.statuses == [0xFF00, 0xFE00]
    assert result.counts[-1] == (2, 1, 0, 0)
    assert result.failed == ["1.2", "1.3"]


@SERVED
def test_a_handler_that_looks_sees_the_cancel(serve: Serve) -> None:
    def handle(event: evt.Event) -> Iterator[Any]:
        yield 3
        yield ONE
        exchange = event.assoc
        exchange.peer.appendleft(build(C_CANCEL, MessageIDBeingRespondedTo=1))
        yield (0xFE00, None) if event.is_cancelled else TWO

    result = serve(handle, [stored(), stored()])

    assert result.statuses == [0xFF00, 0xFE00]
    assert result.failed is None


@SERVED
@pytest.mark.parametrize("status", [0xA701, 0xB000, 0xC123, 0x1234])
def test_a_handler_that_ends_with_a_failure_fails_the_rest(serve: Serve, status: int) -> None:
    result = serve(yields(3, ONE, (status, None), TWO), [stored()])

    assert result.statuses == [0xFF00, status]
    assert result.counts[-1] == (None, 1, 2, 0)
    assert result.failed == []


@SERVED
def test_a_handler_that_ends_with_a_failure_may_list_what_failed(serve: Serve) -> None:
    result = serve(yields(2, ONE, (0xA701, failed_list("1.2"))), [stored()])

    assert result.failed == ["1.2"]


@SERVED
def test_a_list_that_cannot_be_encoded_is_left_out(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    identifier = patient("A")
    identifier["PatientName"]._value = object()

    result = serve(yields(2, ONE, (0xA701, identifier)), [stored()])

    assert (result.statuses[-1], result.failed) == (0xA701, None)
    assert "The list of failed instances cannot be encoded" in caplog.text


@SERVED
def test_a_handler_may_end_early_with_success(serve: Serve) -> None:
    result = serve(yields(3, ONE, (0x0000, failed_list("1.9"))), [stored()])

    assert result.statuses == [0xFF00, 0x0000]
    assert result.counts[-1] == (None, 1, 0, 0)
    assert result.failed is None


@SERVED
@pytest.mark.parametrize(("status", "failed"), [(0xA700, ["1.1"]), (0xB000, None)])
def test_a_handler_cannot_call_it_success_when_something_went_wrong(
    serve: Serve, status: int, failed: list[str] | None
) -> None:
    result = serve(yields(2, ONE, (0x0000, None)), [stored(status)])

    assert result.statuses[-1] == 0xB000
    assert result.failed == failed


@SERVED
@pytest.mark.parametrize(("returned", "status"), [(Dataset(), 0xC001), ("pending", 0xC002)])
def test_what_is_no_status_ends_it(serve: Serve, returned: Any, status: int) -> None:
    result = serve(yields(2, ONE, (returned, image())), [stored()])

    assert result.statuses == [0xFF00, status]
    assert result.counts[-1] == (None, 1, 1, 0)


@SERVED
def test_the_peer_that_has_gone_is_not_told(serve: Serve) -> None:
    result = serve(yields(3, ONE, TWO, THREE), [stored(), stored(), stored()], lasts=1)

    assert len(result.stores) == 2
    assert result.statuses == [0xFF00]


@SERVED
def test_a_handler_that_is_not_needed_any_more_is_closed(serve: Serve) -> None:
    closed = []

    def handle(event: evt.Event) -> Iterator[Any]:
        try:
            yield 2
            yield 0xA701, None
            yield TWO
        finally:
            closed.append(True)

    serve(handle)

    assert closed == [True]


# Handlers that do it wrong.


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("x"), TypeError("x")])
@pytest.mark.parametrize(
    ("serve", "results", "status"),
    [(got, [], 0xC411), (moved, [], 0xC511), (moved, [PLACE], 0xC511)],
)
def test_a_handler_that_fails_at_the_beginning(
    serve: Serve, results: list[Any], status: int, error: Exception
) -> None:
    result = serve(yields(*results, error))

    assert result.statuses == [status]
    assert result.counts == [(None, None, None, None)]


@pytest.mark.parametrize("handler", [raises, None, lambda event: 5])
@pytest.mark.parametrize(("serve", "status"), [(got, 0xC411), (moved, 0xC511)])
def test_a_handler_that_fails_before_it_yields(
    serve: Serve, handler: Handler | None, status: int
) -> None:
    assert serve(handler).statuses == [status]


@pytest.mark.parametrize("wrong", [KeyError("x"), 0xFF00, (0xFF00,), (0xFF00, image(), 1)])
@pytest.mark.parametrize(("serve", "status"), [(got, 0xC411), (moved_there, 0xC511)])
def test_a_handler_that_fails_in_mid_stream_fails_the_rest(
    serve: Serve, wrong: Any, status: int
) -> None:
    result = serve(yields(3, ONE, wrong, TWO), [stored(0xA700)])

    assert result.statuses == [0xFF00, status]
    assert result.counts[-1] == (None, 0, 3, 0)
    assert result.failed == ["1.1"]


@pytest.mark.parametrize("count", ["many", None, -1, ONE, b"x"])
@pytest.mark.parametrize(("serve", "status"), [(got, 0xC413), (moved_there, 0xC513)])
def test_what_is_no_number_of_instances(serve: Serve, count: Any, status: int) -> None:
    result = serve(yields(count, ONE))

    assert result.statuses == [status]
    assert result.exchange.opened == []


@pytest.mark.parametrize("serve", [got, moved_there])
def test_a_handler_may_refuse_before_it_says_how_many(serve: Serve) -> None:
    refusal = Dataset()
    refusal.Status, refusal.ErrorComment = 0xA900, "PatientID is missing"

    result = serve(yields((refusal, None)))

    assert result.statuses == [0xA900]
    assert result.counts == [(None, None, None, None)]
    assert result.responses[0].message.ErrorComment == "PatientID is missing"
    assert result.exchange.opened == []


@pytest.mark.parametrize(("serve", "status"), [(got, 0xC413), (moved_there, 0xC513)])
@pytest.mark.parametrize("refusal", [(0x0000, None), (0xFF00, ONE), ("2", None), (2,)])
def test_what_is_no_refusal_is_no_number_either(
    serve: Serve, status: int, refusal: tuple[Any, ...]
) -> None:
    assert serve(yields(refusal)).statuses == [status]


@pytest.mark.parametrize(("serve", "status"), [(got, 0xC413), (moved_there, 0xC513)])
def test_a_handler_that_yields_no_number(serve: Serve, status: int) -> None:
    assert serve(yields()).statuses == [status]


@pytest.mark.parametrize(
    ("serve", "handler", "status"),
    [
        (got, lambda event: None, 0xC413),
        (moved, lambda event: None, 0xC514),
        (moved, yields(), 0xC514),
    ],
)
def test_a_handler_that_yields_nothing(serve: Serve, handler: Handler, status: int) -> None:
    assert serve(handler).statuses == [status]


@pytest.mark.parametrize(("serve", "status"), [(got, 0xC416), (moved_there, 0xC516)])
def test_more_than_can_be_counted_is_refused(serve: Serve, status: int) -> None:
    result = serve(yields(0x10000, ONE))

    assert result.statuses == [status]
    assert result.stores == []


@pytest.mark.parametrize("serve", [got, moved_there])
def test_a_number_may_be_text(serve: Serve) -> None:
    assert serve(yields("1", ONE), [stored()]).statuses == [0xFF00, 0x0000]


# Destinations.


def test_the_destination_is_called_by_its_title() -> None:
    result = moved(yields(PLACE, 1, ONE), [stored()])

    assert result.exchange.opened == [(*PLACE, {})]


def test_the_destination_learns_who_asked_for_it() -> None:
    exchange = talk(MOVE, destination=talk(CTImageStorage, peer=[stored()]), ae_title="ARCHIVE")
    exchange.handlers = {evt.EVT_C_MOVE: yields(PLACE, 1, ONE)}

    serve_one(exchange, move_request(message_id=77))

    (said,) = Got(exchange).stores
    assert said.message.MoveOriginatorApplicationEntityTitle == "ARCHIVE"
    assert said.message.MoveOriginatorMessageID == 77
    assert said.message.MessageID == 78


def test_a_c_get_has_no_originator() -> None:
    (said,) = got(yields(1, ONE), [stored()]).stores

    assert said.message.MoveOriginatorApplicationEntityTitle is None
    assert said.message.MoveOriginatorMessageID is None


def test_the_handler_may_say_how_to_associate_with_the_destination() -> None:
    options = {"ae_title": "OTHER", "tls_args": ("context", None)}

    result = moved(yields((*PLACE, options), 1, ONE), [stored()])

    assert result.exchange.opened == [(*PLACE, options)]


def test_the_handler_reads_the_destination() -> None:
    seen = []

    def handle(event: evt.Event) -> list[Any]:
        seen.append((event.move_destination, event.identifier))
        return [(None, None)]

    moved(handle)

    assert seen == [("DESTINATION", QUERY)]


@pytest.mark.parametrize("destination", [(None, None), ("pacs.example", None), (None, 104)])
def test_an_unknown_destination_is_a801(destination: Any) -> None:
    result = moved(yields(destination, 1, ONE))

    assert result.statuses == [0xA801]
    assert result.exchange.opened == []


def test_a_destination_that_cannot_be_reached_is_a801() -> None:
    exchange = talk(MOVE, destination=None, handlers={evt.EVT_C_MOVE: yields(PLACE, 1, ONE)})

    serve_one(exchange, move_request())

    assert exchange.statuses == [0xA801]


@pytest.mark.parametrize("destination", [None, "x", 5, ("pacs.example",), (*PLACE, "options")])
def test_what_is_no_destination_is_c515(destination: Any) -> None:
    assert moved(yields(destination, 1, ONE)).statuses == [0xC515]


@pytest.mark.parametrize("fault", [RuntimeError("x"), TypeError("x"), ValueError("x")])
def test_a_destination_that_cannot_even_be_tried_is_c515(fault: Exception) -> None:
    assert moved(yields(PLACE, 1, ONE), open_fault=fault).statuses == [0xC515]


# Without bulk data.


def test_bulk_data_is_left_out_where_only_the_rest_is_wanted() -> None:
    model = CompositeInstanceRetrieveWithoutBulkDataGet
    instance = image()
    instance.PixelData, instance.BitsAllocated = b"\0\0", 8
    instance["PixelData"].VR = "OB"
    exchange = talk(model, CTImageStorage, peer=[stored()])
    exchange.handlers = {evt.EVT_C_GET: yields(1, (0xFF00, instance))}

    serve_one(exchange, get_request(model))

    (said,) = [said for said in exchange.said if isinstance(said.message, C_STORE)]
    assert said.data_set is not None
    assert "PixelData" not in said.data_set
    assert said.data_set.BitsAllocated == 8
    assert "PixelData" in instance
    assert exchange.statuses == [0xFF00, 0x0000]


def test_bulk_data_of_files_is_left_out_too(tmp_path: Path) -> None:
    model = CompositeInstanceRetrieveWithoutBulkDataGet
    instance = image()
    instance.EncapsulatedDocument = b"%PDF"
    instance.save_as(tmp_path / "one.dcm", enforce_file_format=True)
    exchange = talk(model, CTImageStorage, peer=[stored()])
    exchange.handlers = {evt.EVT_C_GET: yields(1, (0xFF00, tmp_path / "one.dcm"))}

    serve_one(exchange, get_request(model))

    (said,) = [said for said in exchange.said if isinstance(said.message, C_STORE)]
    assert said.data_set == image()


# Whatever happens, the numbers add up.

OUTCOMES = st.sampled_from([0x0000, 0xB000, 0xB007, 0xA700, 0xC000, 0x0122, 0xFF00, 0x1234])
INSTANCES = st.sampled_from([image("1.1"), image("1.2"), None, 5, patient("no instance")])
ENDS = st.sampled_from([[(status, None)] for status in (0xFE00, 0xB000, 0xA701, 0x1234, "x")])


@pytest.mark.slow
@given(
    announced=st.integers(1, 8),
    instances=st.lists(INSTANCES, max_size=8),
    outcomes=st.lists(OUTCOMES, min_size=8, max_size=8),
    end=st.just([]) | st.just([KeyError("x")]) | ENDS,
    serve=st.sampled_from([got, moved_there]),
)
def test_the_numbers_always_sum_to_the_total(
    announced: int, instances: list[Any], outcomes: list[int], end: list[Any], serve: Serve
) -> None:
    handler = yields(announced, *((0xFF00, instance) for instance in instances), *end)

    result = serve(handler, [stored(outcome) for outcome in outcomes])

    sums = {sum(number or 0 for number in counts) for counts in result.counts}
    assert sums == {announced}
    assert {counts[0] is None for counts in result.counts[:-1]} <= {False}
    assert (result.counts[-1][0] is None) == (result.statuses[-1] != 0xFE00)
