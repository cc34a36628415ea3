"""The DIMSE-N services, both sides of each (PS3.7 10.1 and 10.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.tag import Tag
from pydicom.uid import UID

from pynetdicom import evt
from pynetdicom._blocking import run
from pynetdicom.dimse_primitives import (
    N_ACTION,
    N_CREATE,
    N_DELETE,
    N_EVENT_REPORT,
    N_GET,
    N_SET,
)
from pynetdicom.services.normalized import (
    send_n_action,
    send_n_create,
    send_n_delete,
    send_n_event_report,
    send_n_get,
    send_n_set,
)
from pynetdicom.sop_class import (
    BasicFilmSession,
    BasicGrayscalePrintManagementMeta,
    ModalityPerformedProcedureStep,
    Printer,
    PrinterInstance,
    UnifiedProcedureStepEvent,
    UnifiedProcedureStepPull,
    UnifiedProcedureStepPush,
    UnifiedProcedureStepQuery,
    UnifiedProcedureStepWatch,
)
from pynetdicom.testing import build
from services.dialogue import (
    Handler,
    ScriptedExchange,
    accepted,
    encoded,
    patient,
    raises,
    respond,
    serve_one,
    talk,
)

CLASS, INSTANCE = BasicFilmSession, UID("1.2.3.4")
ASKED, ANSWERED = patient("Asked"), patient("Answered")
GARBLED = BytesIO(b"\x08\x00\x05\x00\xff\xff\xff\x7fabc")

REQUESTED = {"RequestedSOPClassUID": CLASS, "RequestedSOPInstanceUID": INSTANCE}
AFFECTED = {"AffectedSOPClassUID": CLASS, "AffectedSOPInstanceUID": INSTANCE}


@dataclass(frozen=True)
class Service:
    """What sets a service apart: how it is asked for, and what its messages carry."""

    kind: type[Any]
    event: evt.InterventionEvent
    send: Callable[..., Any]
    arguments: tuple[Any, ...]
    carries: dict[str, Any]
    repeats: dict[str, Any]
    asks: str | None = None
    answers: str | None = None
    reads: str | None = None

    def __str__(self) -> str:
        return str(self.kind.msg_type)

    def ask(self, exchange: ScriptedExchange, **details: Any) -> Any:
        return run(self.send(exchange, *self.arguments, CLASS, INSTANCE, **details))

    def request(self) -> Any:
        data = {} if self.asks is None else {self.asks: encoded(ASKED)}
        return build(self.kind, MessageID=1, **self.carries, **data)

    def answer(self, status: int, reply: BytesIO | None = None) -> Any:
        data = {} if self.answers is None else {self.answers: reply}
        return respond(self.kind, status, **data)


EVENT_REPORT = Service(
    N_EVENT_REPORT,
    evt.EVT_N_EVENT_REPORT,
    send_n_event_report,
    (ASKED, 3),
    {**AFFECTED, "EventTypeID": 3},
    {"EventTypeID": 3},
    "EventInformation",
    "EventReply",
    "event_information",
)
GET = Service(
    N_GET,
    evt.EVT_N_GET,
    send_n_get,
    ([0x00100010, (0x0008, 0x0018)],),
    {**REQUESTED, "AttributeIdentifierList": [0x00100010, 0x00080018]},
    {},
    None,
    "AttributeList",
)
SET = Service(
    N_SET,
    evt.EVT_N_SET,
    send_n_set,
    (ASKED,),
    REQUESTED,
    {},
    "ModificationList",
    "AttributeList",
    "modification_list",
)
ACTION = Service(
    N_ACTION,
    evt.EVT_N_ACTION,
    send_n_action,
    (ASKED, 2),
    {**REQUESTED, "ActionTypeID": 2},
    {"ActionTypeID": 2},
    "ActionInformation",
    "ActionReply",
    "action_information",
)
CREATE = Service(
    N_CREATE,
    evt.EVT_N_CREATE,
    send_n_create,
    (ASKED,),
    AFFECTED,
    {},
    "AttributeList",
    "AttributeList",
    "attribute_list",
)
DELETE = Service(N_DELETE, evt.EVT_N_DELETE, send_n_delete, (), REQUESTED, {})

ALL = [EVENT_REPORT, GET, SET, ACTION, CREATE, DELETE]
WITH_REPLY = [service for service in ALL if service.answers]
WITH_DATA = [service for service in ALL if service.asks]

EACH = pytest.mark.parametrize("service", ALL, ids=str)
EACH_WITH_REPLY = pytest.mark.parametrize("service", WITH_REPLY, ids=str)
EACH_WITH_DATA = pytest.mark.parametrize("service", WITH_DATA, ids=str)


# As user.


@EACH
def test_the_request_carries_what_was_asked(service: Service) -> None:
    exchange = talk(CLASS)

    service.ask(exchange, msg_id=7)

    (said,) = exchange.said
    assert said.message == build(service.kind, MessageID=7, **service.carries)
    assert said.context_id == 1
    assert said.data_set == (ASKED if service.asks else None)


@EACH_WITH_REPLY
@pytest.mark.parametrize("status", [0x0000, 0x0001, 0x0107, 0x0116, 0xB600])
def test_success_and_warnings_come_with_the_reply(service: Service, status: int) -> None:
    exchange = talk(CLASS, peer=[service.answer(status, encoded(ANSWERED))])

    answer, reply = service.ask(exchange)

    assert (answer.Status, reply) == (status, ANSWERED)


@EACH_WITH_REPLY
def test_a_reply_may_be_missing(service: Service) -> None:
    answer, reply = service.ask(talk(CLASS, peer=[service.answer(0x0000)]))

    assert (answer.Status, reply) == (0x0000, Dataset())


@EACH_WITH_REPLY
@pytest.mark.parametrize("status", [0x0110, 0x0117, 0xC600, 0xFE00, 0x1234])
def test_failures_come_without_a_reply(service: Service, status: int) -> None:
    exchange = talk(CLASS, peer=[service.answer(status, encoded(ANSWERED))])

    answer, reply = service.ask(exchange)

    assert (answer.Status, reply) == (status, None)


@EACH_WITH_REPLY
def test_a_reply_that_cannot_be_read_is_0110(service: Service) -> None:
    answer, reply = service.ask(talk(CLASS, peer=[service.answer(0x0000, GARBLED)]))

    assert (answer.Status, reply) == (0x0110, None)


@EACH_WITH_REPLY
def test_silence_is_an_empty_status_without_a_reply(service: Service) -> None:
    assert service.ask(talk(CLASS)) == (Dataset(), None)


def test_a_deletion_has_nothing_but_a_status() -> None:
    answer = respond(N_DELETE, 0x0112, ErrorComment="not there", ErrorID=4)

    status = DELETE.ask(talk(CLASS, peer=[answer]))

    assert (status.Status, status.ErrorComment, status.ErrorID) == (0x0112, "not there", 4)
    assert DELETE.ask(talk(CLASS)) == Dataset()


@pytest.mark.parametrize("service", [EVENT_REPORT, ACTION, CREATE], ids=str)
def test_the_data_set_may_be_left_out(service: Service) -> None:
    exchange = talk(CLASS)
    _, *rest = service.arguments

    run(service.send(exchange, None, *rest, CLASS, INSTANCE))

    assert exchange.said[0].data is None


def test_all_attributes_are_asked_for_by_naming_none() -> None:
    exchange = talk(CLASS)

    run(send_n_get(exchange, None, CLASS, INSTANCE))

    assert exchange.messages == [build(N_GET, MessageID=1, **REQUESTED)]


@pytest.mark.parametrize(
    "tags", [0x00100010, (0x0010, 0x0010), "PatientName", [Tag("PatientName")]]
)
def test_a_tag_may_be_given_as_it_comes(tags: Any) -> None:
    exchange = talk(CLASS)

    run(send_n_get(exchange, tags, CLASS, INSTANCE))

    assert exchange.messages[0].AttributeIdentifierList == [0x00100010]


@EACH_WITH_DATA
def test_what_is_no_data_set_is_refused(service: Service) -> None:
    exchange = talk(CLASS)
    _, *rest = service.arguments

    with pytest.raises(ValueError, match="Failed to encode"):
        run(service.send(exchange, "attributes", *rest, CLASS, INSTANCE))

    assert exchange.said == []


@EACH
def test_nothing_can_be_asked_without_association_or_context(service: Service) -> None:
    with pytest.raises(RuntimeError, match="must be established"):
        service.ask(talk(CLASS, is_established=False))
    with pytest.raises(ValueError, match="No presentation context"):
        service.ask(talk(Printer))


@EACH
def test_events_are_told_by_either_side_and_the_rest_is_asked_by_the_user(
    service: Service,
) -> None:
    exchange = ScriptedExchange(accepted(CLASS, roles="scp"))

    if service.kind is N_EVENT_REPORT:
        service.ask(exchange)
    else:
        with pytest.raises(ValueError, match="No presentation context"):
            service.ask(exchange)


@EACH
def test_a_meta_class_names_the_context_but_not_the_message(service: Service) -> None:
    exchange = talk(Printer, BasicGrayscalePrintManagementMeta)

    service.ask(exchange, meta_uid=BasicGrayscalePrintManagementMeta)

    (said,) = exchange.said
    assert said.message == build(service.kind, MessageID=1, **service.carries)
    assert said.context_id == 3


def test_the_peer_may_be_left_to_name_a_new_instance() -> None:
    answer = respond(N_CREATE, 0x0000, AffectedSOPInstanceUID="1.2.9")
    exchange = talk(CLASS, peer=[answer])

    status, _ = run(send_n_create(exchange, ASKED, CLASS))

    (said,) = exchange.said
    assert said.message == build(N_CREATE, MessageID=1, AffectedSOPClassUID=CLASS)
    assert status.AffectedSOPInstanceUID == "1.2.9"


def test_an_answer_to_an_event_report_may_name_it() -> None:
    answer = respond(N_EVENT_REPORT, 0x0000, EventTypeID=3, **AFFECTED)

    status, _ = EVENT_REPORT.ask(talk(CLASS, peer=[answer]))

    assert (status.EventTypeID, status.AffectedSOPInstanceUID) == (3, INSTANCE)


# Unified procedure steps: messages name the Push class, whatever context they use.

STEPS = [
    UnifiedProcedureStepPush,
    UnifiedProcedureStepPull,
    UnifiedProcedureStepWatch,
    UnifiedProcedureStepEvent,
    UnifiedProcedureStepQuery,
]


@pytest.mark.parametrize("syntax", STEPS)
def test_a_procedure_step_goes_by_whichever_context_there_is(syntax: UID) -> None:
    exchange = talk(CLASS, syntax)

    run(send_n_set(exchange, ASKED, UnifiedProcedureStepPush, INSTANCE))

    assert exchange.said[0].context_id == 3
    assert exchange.messages[0].RequestedSOPClassUID == UnifiedProcedureStepPush


def test_a_procedure_step_goes_by_the_push_context_if_there_is_one() -> None:
    exchange = talk(*reversed(STEPS))

    run(send_n_get(exchange, None, UnifiedProcedureStepPush, INSTANCE))

    assert exchange.said[0].context_id == 9


def test_a_procedure_step_needs_a_context_in_which_we_ask() -> None:
    exchange = ScriptedExchange(accepted(*STEPS, roles="scp"))

    with pytest.raises(ValueError, match="No presentation context"):
        run(send_n_get(exchange, None, UnifiedProcedureStepPush, INSTANCE))


# As provider.


def served(service: Service, returned: Any, request: Any = None) -> ScriptedExchange:
    """Let a handler that returns this serve a request."""
    exchange = talk(CLASS, handlers={service.event: lambda event: returned})
    serve_one(exchange, request or service.request())
    return exchange


@EACH_WITH_REPLY
@pytest.mark.parametrize("status", [0x0000, 0x0001, 0x0107, 0xB600])
def test_success_and_warnings_go_out_with_the_reply(service: Service, status: int) -> None:
    exchange = served(service, (status, ANSWERED))

    (said,) = exchange.said
    assert (said.message.Status, said.data_set, said.context_id) == (status, ANSWERED, 1)


@EACH_WITH_REPLY
@pytest.mark.parametrize("status", [0x0110, 0x0112, 0xC600, 0xFE00, 0x1234])
def test_failures_go_out_without_the_reply(service: Service, status: int) -> None:
    exchange = served(service, (status, ANSWERED))

    (said,) = exchange.said
    assert (said.message.Status, said.data) == (status, None)


@EACH_WITH_REPLY
@pytest.mark.parametrize("reply", [None, Dataset()])
def test_a_handler_may_have_nothing_to_reply(service: Service, reply: Dataset | None) -> None:
    exchange = served(service, (0x0000, reply))

    (said,) = exchange.said
    assert (said.message.Status, said.data) == (0x0000, None)


@pytest.mark.parametrize("status", [0x0000, 0x0112, 0x0110])
def test_a_handler_of_deletions_returns_a_status_alone(status: int) -> None:
    assert served(DELETE, status).statuses == [status]


@EACH
def test_the_response_names_request_and_instance(service: Service) -> None:
    exchange = served(service, (0x0000, None) if service.answers else 0x0000)

    assert exchange.messages == [
        build(
            service.kind, MessageIDBeingRespondedTo=1, Status=0x0000, **AFFECTED, **service.repeats
        )
    ]


@EACH
def test_a_status_may_be_a_data_set_with_details(service: Service) -> None:
    status = Dataset()
    status.Status, status.ErrorComment, status.ErrorID = 0x0110, "not today", 7

    (message,) = served(service, (status, None) if service.answers else status).messages

    assert (message.Status, message.ErrorComment, message.ErrorID) == (0x0110, "not today", 7)


@EACH
@pytest.mark.parametrize(("returned", "status"), [(Dataset(), 0xC001), ("fine", 0xC002)])
def test_what_is_no_status_is_told_so(service: Service, returned: Any, status: int) -> None:
    exchange = served(service, (returned, None) if service.answers else returned)

    assert exchange.statuses == [status]


@EACH
@pytest.mark.parametrize("handler", [raises, None])
def test_a_handler_that_fails_or_is_not_there_is_0110(
    service: Service, handler: Handler | None
) -> None:
    exchange = talk(CLASS, handlers={service.event: handler} if handler else {})

    serve_one(exchange, service.request())

    assert exchange.statuses == [0x0110]


def test_that_no_handler_is_bound_is_logged_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    serve_one(talk(CLASS), GET.request())

    assert "No handler has been bound to 'EVT_N_GET'" in caplog.text
    assert "Traceback" not in caplog.text


@EACH_WITH_REPLY
@pytest.mark.parametrize("returned", [0x0000, None, (0x0000,), (0x0000, None, None)])
def test_a_result_that_is_no_pair_is_0110(service: Service, returned: Any) -> None:
    assert served(service, returned).statuses == [0x0110]


def _unencodable() -> Dataset:
    reply = patient("A")
    reply["PatientName"]._value = object()
    return reply


@EACH_WITH_REPLY
@pytest.mark.parametrize("reply", ["text", 5, _unencodable()])
def test_a_reply_that_cannot_be_encoded_is_0110(service: Service, reply: Any) -> None:
    (said,) = served(service, (0x0000, reply)).said

    assert (said.message.Status, said.data) == (0x0110, None)


@EACH_WITH_DATA
def test_the_handler_reads_what_was_asked(service: Service) -> None:
    seen = []

    def handle(event: evt.Event) -> tuple[int, None]:
        seen.append((getattr(event, service.reads or ""), event.message_id))
        return 0x0000, None

    serve_one(talk(CLASS, handlers={service.event: handle}), service.request())

    assert seen == [(ASKED, 1)]


def test_the_handler_reads_types_and_tags() -> None:
    seen: list[Any] = []

    def note(name: str) -> Handler:
        def handle(event: evt.Event) -> tuple[int, None]:
            seen.append(getattr(event, name))
            return 0x0000, None

        return handle

    handlers = {
        evt.EVT_N_ACTION: note("action_type"),
        evt.EVT_N_EVENT_REPORT: note("event_type"),
        evt.EVT_N_GET: note("attribute_identifiers"),
    }
    exchange = talk(CLASS, handlers=handlers)

    for service in (ACTION, EVENT_REPORT, GET):
        serve_one(exchange, service.request())
    serve_one(exchange, build(N_GET, MessageID=1, **REQUESTED))

    assert seen == [2, 3, [0x00100010, 0x00080018], []]


# N-CREATE: who names the instance.


def unnamed() -> N_CREATE:
    return build(N_CREATE, MessageID=1, AffectedSOPClassUID=CLASS, AttributeList=encoded(ASKED))


def named(uid: str) -> Dataset:
    reply = patient("Answered")
    reply.AffectedSOPInstanceUID = uid
    return reply


def test_the_handler_names_an_instance_that_the_peer_did_not_name() -> None:
    reply = named("1.2.9")

    (said,) = served(CREATE, (0x0000, reply), unnamed()).said

    assert (said.message.Status, said.message.AffectedSOPInstanceUID) == (0x0000, "1.2.9")
    assert said.data_set == ANSWERED
    assert reply == named("1.2.9")


def test_the_handler_may_name_it_in_the_status_too() -> None:
    status = Dataset()
    status.Status, status.AffectedSOPInstanceUID = 0x0000, "1.2.9"

    (message,) = served(CREATE, (status, None), unnamed()).messages

    assert (message.Status, message.AffectedSOPInstanceUID) == (0x0000, "1.2.9")


@pytest.mark.parametrize("reply", [None, patient("Answered"), named("")])
def test_an_instance_that_nobody_names_is_0110(reply: Dataset | None) -> None:
    assert served(CREATE, (0x0000, reply), unnamed()).statuses == [0x0110]


def test_a_failure_needs_no_name() -> None:
    assert served(CREATE, (0x0106, None), unnamed()).statuses == [0x0106]


def test_a_name_in_the_reply_does_not_replace_that_of_the_peer() -> None:
    (said,) = served(CREATE, (0x0000, named("1.2.9"))).said

    assert said.message.AffectedSOPInstanceUID == INSTANCE
    assert said.data_set == ANSWERED


# Which services take which requests.


@pytest.mark.parametrize(
    ("syntax", "service"),
    [(ModalityPerformedProcedureStep, ACTION), (ModalityPerformedProcedureStep, DELETE)],
)
def test_a_request_that_its_service_does_not_know_aborts(syntax: UID, service: Service) -> None:
    exchange = talk(syntax, handlers={service.event: lambda event: (0x0000, None)})
    request = service.request()
    request.RequestedSOPClassUID = syntax

    serve_one(exchange, request)

    assert exchange.is_aborted
    assert exchange.said == []


def test_a_printer_answers_by_the_context_of_its_meta_class() -> None:
    exchange = talk(
        BasicGrayscalePrintManagementMeta, handlers={evt.EVT_N_GET: lambda event: (0, ANSWERED)}
    )

    request = build(
        N_GET, MessageID=1, RequestedSOPClassUID=Printer, RequestedSOPInstanceUID=PrinterInstance
    )
    serve_one(exchange, request)

    assert exchange.statuses == [0x0000]
