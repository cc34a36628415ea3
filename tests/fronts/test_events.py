"""What handlers are told, when, and with what; and how they are bound."""

import threading
from datetime import datetime
from typing import Any

import pytest
from pydicom import Dataset

from fronts.peer import Peer, acceptance, echo_request, listening, rejection
from fronts.services import statuses
from fronts.stage import PATIENCE, Front, Recorder, eventually
from pynetdicom import Association, _config, evt, pdu
from pynetdicom.dimse_messages import C_ECHO_RQ, C_ECHO_RSP
from pynetdicom.dimse_primitives import C_CANCEL, C_ECHO
from pynetdicom.events import NotificationEvent
from pynetdicom.pdu_primitives import A_ASSOCIATE, A_RELEASE
from pynetdicom.sop_class import PatientRootQueryRetrieveInformationModelFind, Verification

NOTIFICATIONS = [event for event in vars(evt).values() if isinstance(event, NotificationEvent)]

# With transitions and bytes, which come between, left out.
WATCHED = [
    event
    for event in NOTIFICATIONS
    if event not in (evt.EVT_FSM_TRANSITION, evt.EVT_DATA_RECV, evt.EVT_DATA_SENT)
]

REQUESTOR = """
    ACSE_SENT REQUESTED CONN_OPEN PDU_SENT
    PDU_RECV ACSE_RECV ACCEPTED ESTABLISHED
    DIMSE_SENT PDU_SENT PDU_RECV DIMSE_RECV
    ACSE_SENT PDU_SENT PDU_RECV ACSE_RECV RELEASED CONN_CLOSE
""".split()

ACCEPTOR = """
    CONN_OPEN PDU_RECV ACSE_RECV REQUESTED
    ACSE_SENT ACCEPTED ESTABLISHED PDU_SENT
    PDU_RECV DIMSE_RECV DIMSE_SENT PDU_SENT
    PDU_RECV ACSE_RECV ACSE_SENT RELEASED PDU_SENT CONN_CLOSE
""".split()

# What an event has besides `assoc`, `event` and `timestamp`, which all have.
ATTRIBUTES = {
    "ACSE_RECV": {"primitive"},
    "ACSE_SENT": {"primitive"},
    "CONN_CLOSE": {"address"},
    "CONN_OPEN": {"address"},
    "DATA_RECV": {"data"},
    "DATA_SENT": {"data"},
    "DIMSE_RECV": {"message"},
    "DIMSE_SENT": {"message"},
    "FSM_TRANSITION": {"action", "current_state", "fsm_event", "next_state"},
    "PDU_RECV": {"pdu"},
    "PDU_SENT": {"pdu"},
}


def echo_and_release(front: Front, ours: Recorder, theirs: Recorder) -> Association:
    server = front.serve(front.ae(), theirs.handlers)
    assoc = front.associate(front.ae(), server.server_address, ours.handlers)
    assoc.send_c_echo()
    assoc.release()
    ours.wait_for(evt.EVT_CONN_CLOSE)
    theirs.wait_for(evt.EVT_CONN_CLOSE)
    return assoc


def test_events_come_in_the_documented_order(front: Front) -> None:
    ours, theirs = Recorder(*WATCHED), Recorder(*WATCHED)

    echo_and_release(front, ours, theirs)

    assert ours.names == REQUESTOR
    assert theirs.names == ACCEPTOR


def test_bytes_are_told_with_each_pdu_and_transitions_behind_it(front: Front) -> None:
    events = (evt.EVT_FSM_TRANSITION, evt.EVT_DATA_RECV, evt.EVT_PDU_RECV)
    sent = (evt.EVT_CONN_CLOSE, evt.EVT_DATA_SENT, evt.EVT_PDU_SENT)
    ours, theirs = Recorder(*events, *sent), Recorder(evt.EVT_CONN_CLOSE)

    echo_and_release(front, ours, theirs)

    one_sent, one_received = ["DATA_SENT", "PDU_SENT"], ["DATA_RECV", "PDU_RECV"]
    transitions = [
        event.fsm_event for event in ours.events if event.event is evt.EVT_FSM_TRANSITION
    ]
    assert transitions == ["Evt1", "Evt2", "Evt3", "Evt9", "Evt10", "Evt11", "Evt13"]
    assert [name for name in ours.names if name != "FSM_TRANSITION"] == [
        *(one_sent + one_received) * 3,
        "CONN_CLOSE",
    ]


def test_events_have_their_attributes(front: Front) -> None:
    ours, theirs = Recorder(*NOTIFICATIONS), Recorder(*NOTIFICATIONS)

    assoc = echo_and_release(front, ours, theirs)

    for event in ours.events + theirs.events:
        name = event.event.name.removeprefix("EVT_")
        own = {key for key in vars(event) if not key.startswith("_")}
        assert own == {"assoc", "event", "timestamp"} | ATTRIBUTES.get(name, set())
        assert isinstance(event.timestamp, datetime)
    assert all(assoc == event.assoc for event in ours.events)


def test_events_show_what_was_sent_and_received(front: Front) -> None:
    ours, theirs = Recorder(*NOTIFICATIONS), Recorder(evt.EVT_CONN_CLOSE)

    assoc = echo_and_release(front, ours, theirs)

    pdus = [type(e.pdu) for e in ours.events if "PDU" in e.event.name]
    assert pdus == [
        pdu.A_ASSOCIATE_RQ,
        pdu.A_ASSOCIATE_AC,
        pdu.P_DATA_TF,
        pdu.P_DATA_TF,
        pdu.A_RELEASE_RQ,
        pdu.A_RELEASE_RP,
    ]
    whole = [e.pdu.encode() for e in ours.events if "PDU" in e.event.name]
    assert whole == [e.data for e in ours.events if "DATA" in e.event.name]
    messages = [e.message for e in ours.events if "DIMSE" in e.event.name]
    assert [type(message) for message in messages] == [C_ECHO_RQ, C_ECHO_RSP]
    assert [message.context_id for message in messages] == [1, 1]
    assert messages[0].command_set.AffectedSOPClassUID == Verification
    assert messages[1].command_set.Status == 0x0000
    primitives = [e.primitive for e in ours.events if "ACSE" in e.event.name]
    assert [type(primitive) for primitive in primitives] == [A_ASSOCIATE] * 2 + [A_RELEASE] * 2
    peer = (assoc.remote["address"], assoc.remote["port"])
    assert [e.address for e in ours.events if "CONN" in e.event.name] == [peer, peer]


def test_a_rejection_is_told_in_order(front: Front) -> None:
    def reject(peer: Peer) -> None:
        peer.hear()
        peer.say(rejection(1, 1, 1))

    seen = Recorder(*WATCHED)
    with listening(reject) as address:
        front.associate(front.ae(), address, seen.handlers)

    assert seen.names == [*REQUESTOR[:6], "REJECTED", "CONN_CLOSE"]


def test_an_abort_is_told_in_order(front: Front) -> None:
    ours, theirs = Recorder(*WATCHED), Recorder(*WATCHED)
    server = front.serve(front.ae(), theirs.handlers)

    front.associate(front.ae(), server.server_address, ours.handlers).abort()

    theirs.wait_for(evt.EVT_CONN_CLOSE)
    assert ours.names == [*REQUESTOR[:8], "ACSE_SENT", "ABORTED", "PDU_SENT", "CONN_CLOSE"]
    assert theirs.names == [*ACCEPTOR[:8], "PDU_RECV", "ACSE_RECV", "ABORTED", "CONN_CLOSE"]


# Binding.


def test_handlers_get_their_arguments(front: Front) -> None:
    got: list[Any] = []

    def handle(event: evt.Event, *args: Any) -> int:
        got.append((event.event.name, *args))
        return 0x0000

    server = front.serve(
        front.ae(), [(evt.EVT_C_ECHO, handle, ["a", 1]), (evt.EVT_RELEASED, handle, [None])]
    )
    assoc = front.associate(front.ae(), server.server_address)

    assoc.send_c_echo()
    assoc.release()

    assert got == [("EVT_C_ECHO", "a", 1), ("EVT_RELEASED", None)]


def test_any_number_of_handlers_is_told(front: Front) -> None:
    first, second = Recorder(evt.EVT_RELEASED), Recorder(evt.EVT_RELEASED)
    server = front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address, first.handlers)
    assoc.bind(evt.EVT_RELEASED, second.note)
    assoc.bind(evt.EVT_RELEASED, second.note)

    assoc.release()

    assert (first.names, second.names) == (["RELEASED"], ["RELEASED"])


def test_an_unbound_handler_is_not_told_any_more(front: Front) -> None:
    seen, server = Recorder(evt.EVT_DIMSE_SENT, evt.EVT_RELEASED), front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address, seen.handlers)

    assoc.unbind(evt.EVT_DIMSE_SENT, seen.note)
    assoc.send_c_echo()
    assoc.release()

    assert seen.names == ["RELEASED"]


def test_handlers_bound_later_are_told_of_what_comes_later(front: Front) -> None:
    seen, server = Recorder(), front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address)

    assoc.bind(evt.EVT_PDU_SENT, seen.note)
    assoc.bind(evt.EVT_FSM_TRANSITION, seen.note)
    assoc.send_c_echo()
    assoc.unbind(evt.EVT_FSM_TRANSITION, seen.note)
    assoc.release()

    assert seen.names == ["PDU_SENT", "FSM_TRANSITION", "FSM_TRANSITION", "PDU_SENT"]


def test_a_server_binds_for_its_present_and_future_associations(front: Front) -> None:
    seen, server = Recorder(), front.serve(front.ae())
    first = front.associate(front.ae(), server.server_address)

    server.bind(evt.EVT_C_ECHO, _count_into(seen))
    first.send_c_echo()
    second = front.associate(front.ae(), server.server_address)
    second.send_c_echo()

    assert len(seen.events) == 2
    assert len({id(event.assoc) for event in seen.events}) == 2


def test_a_server_unbinds_for_its_present_and_future_associations(front: Front) -> None:
    seen = Recorder()
    handler = _count_into(seen)
    server = front.serve(front.ae(), [(evt.EVT_C_ECHO, handler)])
    first = front.associate(front.ae(), server.server_address)

    server.unbind(evt.EVT_C_ECHO, handler)
    statuses = [first.send_c_echo().Status]
    statuses.append(front.associate(front.ae(), server.server_address).send_c_echo().Status)

    assert statuses == [0x0000, 0x0000]
    assert seen.events == []


def _count_into(seen: Recorder) -> evt.Handler:
    def handle(event: evt.Event) -> int:
        seen.note(event)
        return 0x0000

    return handle


def test_associations_do_not_share_their_handlers(front: Front) -> None:
    seen, server = Recorder(), front.serve(front.ae())
    first = front.associate(front.ae(), server.server_address)
    second = front.associate(front.ae(), server.server_address)

    first.bind(evt.EVT_RELEASED, seen.note)
    second.release()

    assert seen.events == []


def test_the_log_is_bound_like_any_handler(front: Front) -> None:
    server = front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address)

    logged = [evt.EVT_DIMSE_RECV, evt.EVT_DIMSE_SENT, evt.EVT_PDU_RECV, evt.EVT_PDU_SENT]
    assert [event for event in assoc.get_events() if event.is_notification] == logged
    assert all(assoc.get_handlers(event) for event in logged)


def test_the_log_can_be_kept_off(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_config, "LOG_HANDLER_LEVEL", "none")
    server = front.serve(front.ae())

    assoc = front.associate(front.ae(), server.server_address)

    assert [event for event in assoc.get_events() if event.is_notification] == []


def test_bindings_can_be_looked_up(front: Front) -> None:
    seen = Recorder()
    server = front.serve(front.ae(), [(evt.EVT_RELEASED, seen.note, [1])])
    assoc = front.associate(front.ae(), server.server_address, [(evt.EVT_ABORTED, seen.note)])

    assert server.get_handlers(evt.EVT_RELEASED) == [(seen.note, [1])]
    assert server.get_handlers(evt.EVT_ABORTED) == []
    assert assoc.get_handlers(evt.EVT_ABORTED) == [(seen.note, None)]
    default = (evt.get_default_handler(evt.EVT_C_ECHO), None)
    assert assoc.get_handlers(evt.EVT_C_ECHO) == server.get_handlers(evt.EVT_C_ECHO) == default
    assert evt.EVT_RELEASED in server.get_events()
    assert evt.EVT_C_ECHO in server.get_events()


# What goes wrong in handlers.


def _fail(event: evt.Event) -> Any:
    raise RuntimeError(f"the handler of {event.event} fails")


def test_what_a_notification_handler_raises_is_logged_and_harms_nothing(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    handlers: list[evt.EventHandlerType] = [(event, _fail) for event in NOTIFICATIONS]
    closed = Recorder(evt.EVT_CONN_CLOSE)
    server = front.serve(front.ae(), handlers + closed.handlers)
    assoc = front.associate(front.ae(), server.server_address, handlers)

    status = assoc.send_c_echo()
    assoc.release()

    assert (status.Status, assoc.is_released) == (0x0000, True)
    closed.wait_for(evt.EVT_CONN_CLOSE)
    told = {event.name for event in NOTIFICATIONS} - {"EVT_REJECTED", "EVT_ABORTED"}
    messages = [record.getMessage() for record in caplog.records if record.exc_info]
    logged = {message.partition("'evt.")[2].partition("'")[0] for message in messages}
    assert logged == told


def test_the_other_handlers_are_told_although_one_fails(front: Front) -> None:
    server, seen = front.serve(front.ae()), Recorder(evt.EVT_RELEASED)
    assoc = front.associate(
        front.ae(), server.server_address, [(evt.EVT_RELEASED, _fail), *seen.handlers]
    )

    assoc.release()

    assert seen.names == ["RELEASED"]


def test_an_echo_succeeds_although_its_handler_fails(front: Front) -> None:
    server = front.serve(front.ae(), [(evt.EVT_C_ECHO, _fail)])
    assoc = front.associate(front.ae(), server.server_address)

    assert assoc.send_c_echo().Status == 0x0000


def test_a_handler_sees_the_request_and_its_context(front: Front) -> None:
    seen, cancelled = Recorder(), []

    def handle(event: evt.Event) -> int:
        seen.note(event)
        cancelled.append(event.is_cancelled)
        return 0x0000

    server = front.serve(front.ae(), [(evt.EVT_C_ECHO, handle)])
    assoc = front.associate(front.ae(), server.server_address)

    assoc.send_c_echo(msg_id=77)

    (event,) = seen.events
    assert isinstance(event.request, C_ECHO)
    assert event.message_id == event.request.MessageID == 77
    assert event.context.abstract_syntax == Verification
    assert event.context.context_id == 1
    assert cancelled == [False]


def test_a_requestor_serves_requests_too(front: Front) -> None:
    heard: list[pdu.PDU | None] = []

    def asks(peer: Peer) -> None:
        peer.say(acceptance(peer.hear()))
        peer.say_message(echo_request(5), 1)
        heard.append(peer.hear())

    seen = Recorder()
    with listening(asks) as address:
        front.associate(front.ae(), address, [(evt.EVT_C_ECHO, _count_into(seen))])

    assert [event.message_id for event in seen.events] == [5]
    assert [type(value) for value in heard] == [pdu.P_DATA_TF]


def test_a_cancel_is_seen_once_while_the_handler_works(front: Front) -> None:
    cancelled: list[bool] = []

    def handle(event: evt.Event) -> int:
        heard.set()
        assert eventually(lambda: event.is_cancelled)
        cancelled.append(event.is_cancelled)
        return 0x0000

    heard = threading.Event()
    server = front.serve(front.ae(), [(evt.EVT_C_ECHO, handle)])
    with Peer.associated(server.server_address) as peer:
        peer.say_message(echo_request(5), 1)
        assert heard.wait(PATIENCE)
        cancel = C_CANCEL()
        cancel.MessageIDBeingRespondedTo = 5
        peer.say_message(cancel, 1)
        assert isinstance(peer.hear(), pdu.P_DATA_TF)

    assert cancelled == [False]


def test_a_handler_that_yields_nothing_has_no_results(front: Front) -> None:
    model = PatientRootQueryRetrieveInformationModelFind
    ours, theirs = front.ae(), front.ae()
    ours.add_requested_context(model)
    theirs.add_supported_context(model)
    server = front.serve(theirs, [(evt.EVT_C_FIND, lambda event: None)])
    assoc = front.associate(ours, server.server_address)
    query = Dataset()
    query.QueryRetrieveLevel = "PATIENT"

    assert statuses(front, assoc.send_c_find(query, model)) == [0x0000]
