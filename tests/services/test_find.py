"""C-FIND, both sides of it (PS3.7 9.1.2, PS3.4 C.4.1)."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRBigEndian, RLELossless

from pynetdicom import evt
from pynetdicom._blocking import iterate, run
from pynetdicom.dimse_primitives import C_CANCEL, C_FIND
from pynetdicom.services.find import send_c_find
from pynetdicom.sop_class import (
    GeneralRelevantPatientInformationQuery,
    ModalityWorklistInformationFind,
    PatientRootQueryRetrieveInformationModelFind,
    ProductCharacteristicsQuery,
    RepositoryQuery,
    UnifiedProcedureStepPull,
    UnifiedProcedureStepPush,
)
from pynetdicom.testing import build
from services.dialogue import (
    Handler,
    ScriptedExchange,
    accepted,
    all_of,
    encoded,
    patient,
    raises,
    respond,
    serve_one,
    talk,
    yields,
)

MODEL = PatientRootQueryRetrieveInformationModelFind
QUERY = patient("*")


def match(name: str, status: int = 0xFF00) -> C_FIND:
    found: C_FIND = respond(C_FIND, status, Identifier=encoded(patient(name)))
    return found


def asked(exchange: ScriptedExchange, model: UID = MODEL) -> list[tuple[int | None, str | None]]:
    """Return what a query yields, as status and name."""
    return [
        (status.get("Status"), None if found is None else str(found.PatientName))
        for status, found in all_of(send_c_find(exchange, QUERY, model))
    ]


# As user.


def test_the_request_carries_what_was_asked() -> None:
    exchange = talk(MODEL)

    run(send_c_find(exchange, QUERY, MODEL, msg_id=7, priority=1))

    said = exchange.said[0]
    assert said.message == build(C_FIND, MessageID=7, AffectedSOPClassUID=MODEL, Priority=1)
    assert said.context_id == 1
    assert said.data_set == QUERY


def test_matches_come_with_pending_and_then_comes_success() -> None:
    exchange = talk(MODEL, peer=[match("A"), match("B", 0xFF01), respond(C_FIND, 0x0000)])

    assert asked(exchange) == [(0xFF00, "A"), (0xFF01, "B"), (0x0000, None)]
    assert exchange.finished == [("C-FIND", True)]
    assert exchange.kinds == ["C-FIND"]


@pytest.mark.parametrize("status", [0xFE00, 0xA700, 0xA900, 0xC000, 0xB000, 0x1234])
def test_any_other_status_is_the_last_word(status: int) -> None:
    exchange = talk(MODEL, peer=[respond(C_FIND, status), match("LATE")])

    assert asked(exchange) == [(status, None)]


def test_the_last_word_has_no_identifier_even_if_the_peer_sends_one() -> None:
    exchange = talk(MODEL, peer=[match("A", 0x0000)])

    assert asked(exchange) == [(0x0000, None)]


def test_the_status_has_what_else_the_peer_says_about_it() -> None:
    answer = respond(C_FIND, 0xA900, ErrorComment="not like this", OffendingElement=[0x00100020])
    exchange = talk(MODEL, peer=[answer])

    ((status, _),) = all_of(send_c_find(exchange, QUERY, MODEL))

    assert status.ErrorComment == "not like this"
    assert status.OffendingElement == 0x00100020


def test_a_match_that_cannot_be_read_is_none_once() -> None:
    garbled = respond(C_FIND, 0xFF00, Identifier=BytesIO(b"\x08\x00\x05\x00\xff\xff\xff\x7fabc"))
    exchange = talk(MODEL, peer=[garbled, match("B"), respond(C_FIND, 0x0000)])

    assert asked(exchange) == [(0xFF00, None), (0xFF00, "B"), (0x0000, None)]


def test_a_match_without_an_identifier_is_none() -> None:
    exchange = talk(MODEL, peer=[respond(C_FIND, 0xFF00), respond(C_FIND, 0x0000)])

    assert asked(exchange) == [(0xFF00, None), (0x0000, None)]


def test_silence_ends_in_an_empty_status() -> None:
    exchange = talk(MODEL, peer=[match("A")])

    assert asked(exchange) == [(0xFF00, "A"), (None, None)]


def test_a_warning_of_a_repository_query_comes_in_mid_stream() -> None:
    exchange = talk(
        RepositoryQuery, peer=[match("A"), match("B", 0xB001), match("C"), respond(C_FIND, 0)]
    )

    answers = asked(exchange, RepositoryQuery)

    assert answers == [(0xFF00, "A"), (0xB001, "B"), (0xFF00, "C"), (0x0000, None)]


def test_the_same_warning_ends_any_other_query() -> None:
    exchange = talk(MODEL, peer=[match("A"), respond(C_FIND, 0xB001)])

    assert asked(exchange) == [(0xFF00, "A"), (0xB001, None)]


def test_whoever_leaves_early_cancels_the_query() -> None:
    exchange = talk(MODEL, peer=[match("A"), match("B")])
    responses = iterate(run(send_c_find(exchange, QUERY, MODEL, msg_id=5)))

    next(responses)
    responses.close()

    assert exchange.messages[1:] == [build(C_CANCEL, MessageIDBeingRespondedTo=5)]
    assert exchange.finished == [("C-FIND", False)]


def test_whoever_leaves_before_the_first_response_cancels_the_query_too() -> None:
    exchange = talk(MODEL, peer=[match("A")])

    iterate(run(send_c_find(exchange, QUERY, MODEL)))

    assert exchange.kinds == ["C-FIND", "C-CANCEL"]
    assert exchange.finished == [("C-FIND", False)]


def test_whoever_leaves_early_an_association_that_has_ended_cancels_nothing() -> None:
    exchange = talk(MODEL, peer=[match("A")])
    responses = iterate(run(send_c_find(exchange, QUERY, MODEL)))
    next(responses)
    exchange.is_established = False

    responses.close()

    assert exchange.kinds == ["C-FIND"]


def test_without_an_association_nothing_can_be_asked() -> None:
    exchange = talk(MODEL, is_established=False)

    with pytest.raises(RuntimeError, match="must be established"):
        run(send_c_find(exchange, QUERY, MODEL))


@pytest.mark.parametrize(
    "contexts", [[], accepted(ModalityWorklistInformationFind), accepted(MODEL, roles="scp")]
)
def test_without_a_context_nothing_can_be_asked(contexts: list[Any]) -> None:
    exchange = ScriptedExchange(contexts)

    with pytest.raises(ValueError, match=r"No presentation context .* accepted"):
        run(send_c_find(exchange, QUERY, MODEL))


@pytest.mark.parametrize("identifier", [None, "PATIENT", Dataset])
def test_what_is_no_identifier_is_refused(identifier: Any) -> None:
    exchange = talk(MODEL)

    with pytest.raises(ValueError, match="Failed to encode"):
        run(send_c_find(exchange, identifier, MODEL))

    assert exchange.said == []


def test_an_identifier_that_cannot_be_encoded_is_refused() -> None:
    identifier = Dataset()
    identifier.PatientName = "A"
    identifier["PatientName"]._value = object()

    with pytest.raises(ValueError, match="Failed to encode"):
        run(send_c_find(talk(MODEL), identifier, MODEL))


def test_the_identifier_is_encoded_as_the_context_wants_it() -> None:
    exchange = ScriptedExchange(accepted(MODEL, transfer_syntax=ExplicitVRBigEndian))

    run(send_c_find(exchange, QUERY, MODEL))

    assert exchange.said[0].data == b"\x00\x10\x00\x10PN\x00\x02* "


# As provider.


def request(model: UID = MODEL) -> C_FIND:
    return build(
        C_FIND, MessageID=1, AffectedSOPClassUID=model, Priority=2, Identifier=encoded(QUERY)
    )


def answers_of(
    handler: Handler | None, model: UID = MODEL, **details: Any
) -> list[tuple[int, Dataset | None]]:
    """Return what we answer to a query whose handler is this."""
    exchange = talk(model, handlers={evt.EVT_C_FIND: handler} if handler else {}, **details)
    serve_one(exchange, request(model))
    return [(said.message.Status, said.data_set) for said in exchange.said]


A, B, C = patient("A"), patient("B"), patient("C")


def test_each_match_goes_out_and_then_success() -> None:
    handler = yields((0xFF00, A), (0xFF01, B))

    assert answers_of(handler) == [(0xFF00, A), (0xFF01, B), (0x0000, None)]


def test_the_response_names_its_request() -> None:
    exchange = talk(MODEL, handlers={evt.EVT_C_FIND: yields((0xFF00, A))})

    serve_one(exchange, request())

    assert exchange.messages == [
        build(C_FIND, MessageIDBeingRespondedTo=1, AffectedSOPClassUID=MODEL, Status=0xFF00),
        build(C_FIND, MessageIDBeingRespondedTo=1, AffectedSOPClassUID=MODEL, Status=0x0000),
    ]


def test_the_handler_reads_the_identifier_and_the_message_id() -> None:
    seen = []

    def handle(event: evt.Event) -> list[Any]:
        seen.append((event.identifier, event.message_id))
        return []

    answers_of(handle)

    assert seen == [(QUERY, 1)]


@pytest.mark.parametrize(
    "handler",
    [
        lambda event: None,
        lambda event: [],
        lambda event: iter(()),
        yields(),
    ],
)
def test_nothing_found_is_success(handler: Handler) -> None:
    assert answers_of(handler) == [(0x0000, None)]


def test_any_iterable_will_do() -> None:
    assert answers_of(lambda event: [(0xFF00, A)]) == [(0xFF00, A), (0x0000, None)]


@pytest.mark.parametrize("status", [0x0000, 0xFE00, 0xA700, 0xA900, 0xC123])
def test_a_final_status_ends_the_query(status: int) -> None:
    handler = yields((0xFF00, A), (status, None), (0xFF00, B))

    assert answers_of(handler) == [(0xFF00, A), (status, None)]


def test_a_handler_that_is_not_needed_any_more_is_closed() -> None:
    closed = []

    def handle(event: evt.Event) -> Iterator[Any]:
        try:
            yield 0xFE00, None
            yield 0xFF00, A
        finally:
            closed.append(True)

    answers_of(handle)

    assert closed == [True]


def test_a_warning_goes_out_and_the_query_goes_on() -> None:
    handler = yields((0xFF00, A), (0xB001, None), (0xFF00, C))

    answers = answers_of(handler, RepositoryQuery)

    assert answers == [(0xFF00, A), (0xB001, None), (0xFF00, C), (0x0000, None)]


def test_a_status_that_the_service_does_not_know_ends_the_query_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert answers_of(yields((0x1234, None), (0xFF00, A))) == [(0x1234, None)]
    assert "Unknown status value returned by callback - 0x1234" in caplog.text


def test_a_status_may_be_a_data_set_with_details() -> None:
    status = Dataset()
    status.Status, status.ErrorComment = 0xA900, "not like this"
    exchange = talk(MODEL, handlers={evt.EVT_C_FIND: yields((status, None))})

    serve_one(exchange, request())

    (message,) = exchange.messages
    assert (message.Status, message.ErrorComment) == (0xA900, "not like this")


@pytest.mark.parametrize(
    ("returned", "status"), [(Dataset(), 0xC001), ("pending", 0xC002), (None, 0xC002)]
)
def test_what_is_no_status_ends_the_query(returned: Any, status: int) -> None:
    assert answers_of(yields((returned, A), (0xFF00, B))) == [(status, None)]


@pytest.mark.parametrize(
    "handler",
    [
        None,
        raises,
        yields(ValueError("no matches today")),
        yields(TypeError("no matches today")),
        lambda event: 5,
    ],
)
def test_a_handler_that_fails_is_c311(handler: Handler | None) -> None:
    assert answers_of(handler) == [(0xC311, None)]


def test_a_handler_that_fails_in_mid_stream_is_c311() -> None:
    assert answers_of(yields((0xFF00, A), KeyError("B"))) == [(0xFF00, A), (0xC311, None)]


@pytest.mark.parametrize("result", [0xFF00, (0xFF00,), (0xFF00, A, A)])
def test_a_result_that_is_no_pair_is_c311(result: Any) -> None:
    assert answers_of(yields(result)) == [(0xC311, None)]


def _unencodable() -> Dataset:
    identifier = Dataset()
    identifier.PatientName = "A"
    identifier["PatientName"]._value = object()
    return identifier


@pytest.mark.parametrize("identifier", [None, "A", 5, _unencodable()])
def test_a_match_that_cannot_be_encoded_is_c312_and_ends_the_query(identifier: Any) -> None:
    assert answers_of(yields((0xFF00, identifier), (0xFF00, B))) == [(0xC312, None)]


def test_nobody_is_told_once_the_association_has_ended() -> None:
    exchange = talk(MODEL)

    def handle(event: evt.Event) -> Iterator[Any]:
        yield 0xFF00, A
        exchange.is_established = False
        yield 0xFF00, B
        yield 0xFF00, C

    exchange.handlers[evt.EVT_C_FIND] = handle

    serve_one(exchange, request())

    assert [said.data_set for said in exchange.said] == [A, B]


def test_a_handler_that_looks_sees_the_cancel() -> None:
    def handle(event: evt.Event) -> Iterator[Any]:
        while not event.is_cancelled:
            yield 0xFF00, A
            exchange.peer.append(build(C_CANCEL, MessageIDBeingRespondedTo=1))
        yield 0xFE00, None

    exchange = talk(MODEL, handlers={evt.EVT_C_FIND: handle})

    serve_one(exchange, request())

    assert exchange.statuses == [0xFF00, 0xFE00]


# What differs from model to model.


@pytest.mark.parametrize(
    "model", [ModalityWorklistInformationFind, ProductCharacteristicsQuery, RepositoryQuery]
)
def test_other_queries_are_answered_alike(model: UID) -> None:
    handler = yields((0xFF00, A), (0xFF00, B))

    assert answers_of(handler, model) == [(0xFF00, A), (0xFF00, B), (0x0000, None)]


def test_procedure_steps_are_found_although_they_are_pushed() -> None:
    exchange = talk(UnifiedProcedureStepPull, handlers={evt.EVT_C_FIND: yields((0xFF00, A))})

    serve_one(exchange, request(UnifiedProcedureStepPush))

    assert exchange.statuses == [0xFF00, 0x0000]


@pytest.mark.parametrize(
    ("handler", "answers"),
    [
        (yields((0xFF00, A), (0xFF00, B)), [(0xFF00, A), (0x0000, None)]),
        (yields((0xA900, None), (0xFF00, B)), [(0xA900, None)]),
        (yields((0x0000, None), (0xFF00, B)), [(0x0000, None)]),
        (yields(), [(0x0000, None)]),
        (lambda event: None, [(0x0000, None)]),
        (raises, [(0xC311, None)]),
        (None, [(0xC311, None)]),
    ],
)
def test_of_a_relevant_patient_there_is_one_match_at_the_most(
    handler: Handler | None, answers: list[Any]
) -> None:
    assert answers_of(handler, GeneralRelevantPatientInformationQuery) == answers


def test_a_query_in_a_compressed_syntax_is_c312() -> None:
    contexts = accepted(MODEL, transfer_syntax=RLELossless)
    exchange = ScriptedExchange(contexts, handlers={evt.EVT_C_FIND: yields((0xFF00, "A"))})

    serve_one(exchange, request())

    assert exchange.statuses == [0xC312]
