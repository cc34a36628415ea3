"""C-GET and C-MOVE as their user (PS3.7 9.1.3 and 9.1.4, PS3.4 C.4.2 and C.4.3)."""

from typing import Any

import pytest
from pydicom import Dataset

from pynetdicom import evt
from pynetdicom._blocking import iterate, run
from pynetdicom.dimse_primitives import C_FIND, C_GET, C_MOVE, C_STORE
from pynetdicom.services.retrieve import send_c_get, send_c_move
from pynetdicom.sop_class import (
    CTImageStorage,
)
from pynetdicom.testing import build
from services.dialogue import (
    Handler,
    ScriptedExchange,
    accepted,
    all_of,
    encoded,
    image,
    raises,
    respond,
    talk,
)
from services.retrieval import GET, MOVE, QUERY, failed_list


def send(kind: type[C_GET], exchange: ScriptedExchange, **details: Any) -> Any:
    """Return the conversation of a C-GET or C-MOVE."""
    if kind is C_GET:
        return send_c_get(exchange, QUERY, GET, **details)
    return send_c_move(exchange, QUERY, "DESTINATION", MOVE, **details)


BOTH = pytest.mark.parametrize(("kind", "model"), [(C_GET, GET), (C_MOVE, MOVE)])


@BOTH
def test_the_request_carries_what_was_asked(kind: type[C_GET], model: str) -> None:
    exchange = talk(model)

    run(send(kind, exchange, msg_id=7, priority=0))

    said = exchange.said[0]
    where = {"MoveDestination": "DESTINATION"} if kind is C_MOVE else {}
    assert said.message == build(kind, MessageID=7, AffectedSOPClassUID=model, Priority=0, **where)
    assert (said.context_id, said.data_set) == (1, QUERY)


@BOTH
def test_pending_responses_tell_the_numbers_and_then_comes_the_end(
    kind: type[C_GET], model: str
) -> None:
    counts = {
        "NumberOfRemainingSuboperations": 1,
        "NumberOfCompletedSuboperations": 2,
        "NumberOfFailedSuboperations": 3,
        "NumberOfWarningSuboperations": 4,
    }
    exchange = talk(model, peer=[respond(kind, 0xFF00, **counts), respond(kind, 0x0000)])

    pending, final = all_of(send(kind, exchange))

    assert {element.keyword: element.value for element in pending[0]} == {
        "Status": 0xFF00,
        **counts,
    }
    assert pending[1] is None
    assert (final[0].Status, final[1]) == (0x0000, None)
    assert exchange.finished == [(exchange.messages[0].msg_type, True)]


@BOTH
@pytest.mark.parametrize("status", [0xFE00, 0xB000, 0xA702, 0xC123])
def test_the_end_brings_the_list_of_what_failed(kind: type[C_GET], model: str, status: int) -> None:
    answer = respond(kind, status, Identifier=encoded(failed_list("1.2", "1.3")))

    ((ended, identifier),) = all_of(send(kind, talk(model, peer=[answer])))

    assert (ended.Status, identifier) == (status, failed_list("1.2", "1.3"))


@BOTH
@pytest.mark.parametrize("status", [0xFE00, 0xB000, 0xA701])
def test_an_end_without_a_list_can_be_looked_into_all_the_same(
    kind: type[C_GET], model: str, status: int
) -> None:
    ((ended, identifier),) = all_of(send(kind, talk(model, peer=[respond(kind, status)])))

    assert (ended.Status, identifier) == (status, Dataset())


@BOTH
def test_silence_ends_in_an_empty_status(kind: type[C_GET], model: str) -> None:
    exchange = talk(model, peer=[respond(kind, 0xFF00)])

    first, last = all_of(send(kind, exchange))

    assert first[0].Status == 0xFF00
    assert last == (Dataset(), None)


@BOTH
def test_whoever_leaves_early_does_not_stop_the_peer(kind: type[C_GET], model: str) -> None:
    exchange = talk(model, peer=[respond(kind, 0xFF00), respond(kind, 0xFF00)])
    responses = iterate(run(send(kind, exchange)))

    next(responses)
    responses.close()

    assert len(exchange.said) == 1
    assert exchange.finished == [(exchange.messages[0].msg_type, False)]


@BOTH
def test_whoever_never_looks_leaves_the_message_id_free(kind: type[C_GET], model: str) -> None:
    exchange = talk(model)

    iterate(run(send(kind, exchange)))

    assert exchange.finished == [(exchange.messages[0].msg_type, False)]


@BOTH
def test_nothing_can_be_asked_without_association_context_or_identifier(
    kind: type[C_GET], model: str
) -> None:
    with pytest.raises(RuntimeError, match="must be established"):
        run(send(kind, talk(model, is_established=False)))
    with pytest.raises(ValueError, match="No presentation context"):
        run(send(kind, talk(CTImageStorage)))
    with pytest.raises(ValueError, match="Failed to encode"):
        run(send_c_get(talk(GET), None, GET))  # type: ignore[arg-type]  # that is the story


@pytest.mark.parametrize("title", ["", "SEVENTEEN_LETTERS", "BACK\\SLASH"])
def test_a_destination_that_is_no_title_is_refused(title: str) -> None:
    with pytest.raises(ValueError, match="MoveDestination"):
        run(send_c_move(talk(MOVE), QUERY, title, MOVE))


def store_request(uid: str = "1.2.3.4") -> C_STORE:
    request: C_STORE = build(
        C_STORE,
        MessageID=9,
        AffectedSOPClassUID=CTImageStorage,
        AffectedSOPInstanceUID=uid,
        Priority=2,
        DataSet=encoded(image(uid)),
    )
    request._context_id = 3
    return request


def test_what_a_c_get_brings_goes_to_the_handler_of_c_store() -> None:
    names = []

    def keep(event: evt.Event) -> int:
        names.append(event.dataset.SOPInstanceUID)
        return 0x0000

    exchange = talk(
        GET,
        CTImageStorage,
        peer=[store_request("1.1"), store_request("1.2"), respond(C_GET, 0x0000)],
        handlers={evt.EVT_C_STORE: keep},
    )

    answers = all_of(send_c_get(exchange, QUERY, GET))

    assert exchange.takes_stores
    assert names == ["1.1", "1.2"]
    assert exchange.kinds == ["C-GET", "C-STORE-RSP", "C-STORE-RSP"]
    assert exchange.statuses == [0x0000, 0x0000]
    assert [status.Status for status, _ in answers] == [0x0000]


@pytest.mark.parametrize(
    ("handlers", "roles", "status"),
    [
        ({evt.EVT_C_STORE: raises}, "both", 0xC211),
        ({}, "both", 0xC211),
        ({evt.EVT_C_STORE: lambda event: 0x0000}, "scu", 0x0122),
    ],
)
def test_what_a_c_get_brings_may_be_refused(
    handlers: dict[evt.EventType, Handler], roles: str, status: int
) -> None:
    contexts = accepted(GET, CTImageStorage, roles=roles)
    exchange = ScriptedExchange(contexts, handlers=handlers)
    exchange.peer += [store_request(), respond(C_GET, 0xB000)]

    all_of(send_c_get(exchange, QUERY, GET))

    assert exchange.statuses == [status]


def test_what_a_c_get_brings_by_no_accepted_context_aborts() -> None:
    exchange = talk(GET, peer=[store_request()])

    assert all_of(send_c_get(exchange, QUERY, GET)) == [(Dataset(), None)]
    assert exchange.is_aborted


def test_a_response_of_another_kind_ends_it() -> None:
    exchange = talk(GET, peer=[respond(C_FIND, 0xFF00)])

    assert all_of(send_c_get(exchange, QUERY, GET)) == [(Dataset(), None)]
