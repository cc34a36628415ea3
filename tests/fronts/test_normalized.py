"""The DIMSE-N services over a connection, and event reports that come when they come."""

from typing import Any

import pytest
from pydicom import Dataset

from fronts.services import (
    FIND,
    Provider,
    Signal,
    association,
    in_front,
    patient,
    playing,
    respond,
    responses,
    returns,
)
from fronts.stage import Front, Handlers
from pynetdicom import evt
from pynetdicom.dimse_primitives import N_ACTION, N_EVENT_REPORT, N_GET
from pynetdicom.sop_class import (
    BasicFilmSession,
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)
from pynetdicom.testing import build

FILM, PUSH, WELL_KNOWN = (
    BasicFilmSession,
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)
INSTANCE = "1.2.3.4"
ASKED, ANSWERED = patient("Asked"), patient("Answered")

CALLS: dict[str, tuple[Any, ...]] = {
    "send_n_action": (ASKED, 2, FILM, INSTANCE),
    "send_n_create": (ASKED, FILM, INSTANCE),
    "send_n_event_report": (ASKED, 3, FILM, INSTANCE),
    "send_n_get": ([0x00100010], FILM, INSTANCE),
    "send_n_set": (ASKED, FILM, INSTANCE),
}
EVENTS = {
    "send_n_action": evt.EVT_N_ACTION,
    "send_n_create": evt.EVT_N_CREATE,
    "send_n_event_report": evt.EVT_N_EVENT_REPORT,
    "send_n_get": evt.EVT_N_GET,
    "send_n_set": evt.EVT_N_SET,
}


@pytest.mark.parametrize("call", CALLS)
def test_status_and_reply_of_the_handler_come_back(front: Front, call: str) -> None:
    with association(front, [(EVENTS[call], returns((0x0000, ANSWERED)))]) as assoc:
        status, reply = getattr(assoc, call)(*CALLS[call])

    assert (status.Status, reply) == (0x0000, ANSWERED)


@pytest.mark.parametrize("call", CALLS)
def test_without_a_handler_the_answer_is_0110(front: Front, call: str) -> None:
    with association(front, []) as assoc:
        status, reply = getattr(assoc, call)(*CALLS[call])

        assert (status.Status, reply) == (0x0110, None)
        assert assoc.is_established


def test_a_deletion_has_a_status_alone(front: Front) -> None:
    with association(front, [(evt.EVT_N_DELETE, returns(0x0112))]) as assoc:
        assert assoc.send_n_delete(FILM, INSTANCE).Status == 0x0112


def test_the_peer_may_name_what_it_creates(front: Front) -> None:
    reply = patient("Answered")
    reply.AffectedSOPInstanceUID = "1.2.9"

    with association(front, [(evt.EVT_N_CREATE, returns((0x0000, reply)))]) as assoc:
        status, attributes = assoc.send_n_create(ASKED, FILM)

    assert (status.Status, status.AffectedSOPInstanceUID) == (0x0000, "1.2.9")
    assert attributes == ANSWERED


def test_a_handler_has_what_was_bound_with_it(front: Front) -> None:
    def handle(event: evt.Event, kept: list[Any], what: str) -> tuple[int, None]:
        kept.append((what, event.modification_list))
        return 0x0000, None

    kept: list[Any] = []
    with association(front, [(evt.EVT_N_SET, handle, [kept, "set"])]) as assoc:
        assoc.send_n_set(ASKED, FILM, INSTANCE)

    assert kept == [("set", ASKED)]


def test_a_peer_that_falls_silent_is_given_up(front: Front) -> None:
    def script(peer: Provider) -> None:
        peer.hear()
        peer.peer.hear()

    with playing(front, script) as assoc:
        assoc.dimse_timeout = 0.05
        answer = assoc.send_n_get(None, FILM, INSTANCE)

    assert answer == (Dataset(), None)
    assert assoc.is_aborted


# Event reports, which a provider sends when it has something to tell.


class Reports:
    """Keeps the event reports that come, as a handler of them."""

    def __init__(self) -> None:
        self.types: list[int] = []
        self.have_come = Signal()
        self.handlers: Handlers = [(evt.EVT_N_EVENT_REPORT, self.keep)]

    def keep(self, event: evt.Event) -> tuple[int, None]:
        self.types.append(event.event_type)
        self.have_come.give()
        return 0x0000, None


def report(number: int = 1, message_id: int = 1) -> N_EVENT_REPORT:
    message: N_EVENT_REPORT = build(
        N_EVENT_REPORT,
        MessageID=message_id,
        AffectedSOPClassUID=PUSH,
        AffectedSOPInstanceUID=WELL_KNOWN,
        EventTypeID=number,
    )
    return message


def test_a_report_comes_while_nobody_waits(front: Front) -> None:
    reports, answers, answered = Reports(), [], Signal()

    def script(peer: Provider) -> None:
        peer.say(report(2), PUSH, ASKED)
        answers.append(peer.hear())
        answered.give()
        peer.agree_to_release()

    with playing(front, script, reports.handlers) as assoc:
        answered.wait()
        assoc.release()

    assert reports.types == [2]
    assert [(m.MessageIDBeingRespondedTo, m.Status, m.EventTypeID) for m in answers] == [(1, 0, 2)]


def test_a_report_comes_while_a_call_waits(front: Front) -> None:
    reports, answers = Reports(), []

    def script(peer: Provider) -> None:
        peer.hear()
        peer.say(report(2), PUSH, ASKED)
        answers.append(peer.hear())
        peer.say(respond(N_GET, 1, 0x0000), FILM)
        peer.agree_to_release()

    with playing(front, script, reports.handlers) as assoc:
        status, _ = assoc.send_n_get(None, FILM, INSTANCE)
        assoc.release()

    assert (status.Status, reports.types) == (0x0000, [2])
    assert [(m.msg_type, m.Status) for m in answers] == [("N-EVENT-REPORT", 0x0000)]


def test_a_report_comes_before_the_answer_to_the_action_it_is_about(front: Front) -> None:
    reports, told = Reports(), []

    def act(event: evt.Event) -> tuple[int, None]:
        status, _ = in_front(
            front, event.assoc.send_n_event_report, ASKED, 1, PUSH, WELL_KNOWN, msg_id=50
        )
        told.append(status.Status)
        return 0x0000, None

    with association(front, [(evt.EVT_N_ACTION, act)], reports.handlers) as assoc:
        status, _ = assoc.send_n_action(ASKED, 1, PUSH, WELL_KNOWN)

    assert (status.Status, told, reports.types) == (0x0000, [0x0000], [1])


def test_a_report_may_have_the_message_id_of_our_own_request(front: Front) -> None:
    reports = Reports()

    def script(peer: Provider) -> None:
        asked = peer.hear()
        peer.say(report(message_id=asked.MessageID), PUSH)
        assert peer.hear().Status == 0x0000
        peer.say(respond(N_ACTION, asked.MessageID, 0x0000), PUSH)
        peer.agree_to_release()

    with playing(front, script, reports.handlers) as assoc:
        status, _ = assoc.send_n_action(ASKED, 1, PUSH, WELL_KNOWN)
        assoc.release()

    assert (status.Status, reports.types) == (0x0000, [1])


def test_several_reports_are_answered_in_their_order(front: Front) -> None:
    reports, answers, answered = Reports(), [], Signal()

    def script(peer: Provider) -> None:
        for number in (1, 2, 3):
            peer.say(report(message_id=number), PUSH)
        answers.extend([peer.hear().MessageIDBeingRespondedTo for _ in range(3)])
        answered.give()
        peer.agree_to_release()

    with playing(front, script, reports.handlers) as assoc:
        answered.wait()
        assoc.release()

    assert answers == [1, 2, 3]


def test_a_report_without_a_handler_is_0110(front: Front) -> None:
    answers, answered = [], Signal()

    def script(peer: Provider) -> None:
        peer.say(report(), PUSH)
        answers.append(peer.hear().Status)
        answered.give()
        peer.agree_to_release()

    with playing(front, script) as assoc:
        answered.wait()
        assoc.release()

    assert answers == [0x0110]


def test_a_report_may_come_while_a_query_is_half_read(front: Front) -> None:
    reports = Reports()

    def script(peer: Provider) -> None:
        peer.hear()
        peer.say_match(1, "A")
        peer.say(report(4), PUSH)
        assert peer.hear().Status == 0x0000
        peer.say_found(1)
        peer.agree_to_release()

    with playing(front, script, reports.handlers) as assoc:
        stream = responses(front, assoc.send_c_find(ASKED, FIND))
        next(stream)
        reports.have_come.wait()
        rest = [status.Status for status, _ in stream]
        assoc.release()

    assert (rest, reports.types) == ([0x0000], [4])
