"""How associations end: release, abort, collisions, silence, lost peers (PS3.8 7.2 to 7.4)."""

import select
import threading
from collections.abc import Callable
from typing import Any

import pytest

from fronts.instances import ct_image
from fronts.peer import (
    Peer,
    abort,
    accepts,
    echo_request,
    echo_response,
    listening,
)
from fronts.services import in_front
from fronts.stage import (
    ABORTED,
    ENDS,
    PATIENCE,
    RELEASED,
    Front,
    Recorder,
    eventually,
    flags,
    has_small_buffers,
)
from pynetdicom import Association, evt, pdu
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.sop_class import CTImageStorage

# Release.


def test_a_release_ends_both_sides_before_it_returns(front: Front) -> None:
    ends = Recorder(*ENDS)
    server = front.serve(front.ae(), ends.handlers)
    assoc = front.associate(front.ae(), server.server_address)
    (other,) = server.active_associations

    assoc.release()

    assert flags(assoc) == flags(other) == RELEASED
    ends.wait_for(evt.EVT_CONN_CLOSE)
    assert ends.names == ["RELEASED", "CONN_CLOSE"]


def test_the_association_control_releases_just_so(front: Front) -> None:
    ends = Recorder(*ENDS)
    server = front.serve(front.ae(), ends.handlers)
    assoc = front.associate(front.ae(), server.server_address)
    assert assoc.acse.socket is assoc.dul.socket is not None

    in_front(front, assoc.acse.negotiate_release)

    assert flags(assoc) == RELEASED
    ends.wait_for(evt.EVT_CONN_CLOSE)
    assert ends.names == ["RELEASED", "CONN_CLOSE"]


def test_an_acceptor_may_release(front: Front) -> None:
    ends = Recorder(*ENDS)
    server = front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address, ends.handlers)
    (other,) = server.active_associations

    other.release()

    assert flags(other) == RELEASED
    ends.wait_for(evt.EVT_CONN_CLOSE)
    assert flags(assoc) == RELEASED
    assert ends.names == ["RELEASED", "CONN_CLOSE"]


def test_only_an_established_association_is_released(front: Front) -> None:
    server, ends = front.serve(front.ae()), Recorder(*ENDS)
    assoc = front.associate(front.ae(), server.server_address, ends.handlers)
    assoc.abort()

    assoc.release()
    assoc.release()

    assert flags(assoc) == ABORTED
    assert ends.names == ["ABORTED", "CONN_CLOSE"]


def test_a_release_that_is_not_answered_becomes_an_abort(front: Front) -> None:
    heard: list[pdu.PDU] = []

    def accepts_and_is_silent(peer: Peer) -> None:
        accepts(peer)
        heard.extend(peer.hear_the_end())

    ae = front.ae()
    ae.acse_timeout = 0.05
    with listening(accepts_and_is_silent) as address:
        assoc = front.associate(ae, address)
        assoc.release()

    assert flags(assoc) == ABORTED
    request, last = heard
    assert isinstance(request, pdu.A_RELEASE_RQ)
    assert isinstance(last, pdu.A_ABORT_RQ)
    assert last.source == 2


@pytest.mark.parametrize("answer", [abort(0), abort(2, 1), b"", b"\x09nonsense"])
def test_another_answer_to_a_release_aborts(front: Front, answer: pdu.PDU | bytes) -> None:
    def accepts_and_answers(peer: Peer) -> None:
        accepts(peer)
        peer.hear()
        peer.say(answer)

    with listening(accepts_and_answers) as address:
        assoc = front.associate(front.ae(), address)
        assoc.release()

    assert flags(assoc) == ABORTED


def test_a_requestor_answers_first_when_releases_collide(front: Front) -> None:
    heard: list[pdu.PDU | None] = []

    def releases_too(peer: Peer) -> None:
        accepts(peer)
        heard.append(peer.hear())
        peer.say(pdu.A_RELEASE_RQ())
        heard.append(peer.hear())
        peer.say(pdu.A_RELEASE_RP())

    ends = Recorder(*ENDS)
    with listening(releases_too) as address:
        assoc = front.associate(front.ae(), address, ends.handlers)
        assoc.release()

    assert [type(value) for value in heard] == [pdu.A_RELEASE_RQ, pdu.A_RELEASE_RP]
    assert flags(assoc) == RELEASED
    assert ends.names == ["RELEASED", "CONN_CLOSE"]


def test_an_acceptor_answers_last_when_releases_collide(front: Front) -> None:
    ends = Recorder(*ENDS)
    server = front.serve(front.ae(), ends.handlers)
    with Peer.associated(server.server_address) as peer:
        (assoc,) = server.active_associations
        releasing = threading.Thread(target=assoc.release)
        releasing.start()
        assert isinstance(peer.hear(), pdu.A_RELEASE_RQ)
        peer.say(pdu.A_RELEASE_RQ())
        assert eventually(assoc.acse.is_release_requested)

        peer.say(pdu.A_RELEASE_RP())

        assert isinstance(peer.hear(), pdu.A_RELEASE_RP)
        releasing.join(PATIENCE)
    assert flags(assoc) == RELEASED
    ends.wait_for(evt.EVT_CONN_CLOSE)
    assert ends.names == ["RELEASED", "CONN_CLOSE"]


def test_a_request_that_comes_while_releasing_is_ignored(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    def asks_late(peer: Peer) -> None:
        accepts(peer)
        peer.hear()
        peer.say_message(echo_request(), 1)
        peer.say(pdu.A_RELEASE_RP())

    served = Recorder(evt.EVT_C_ECHO)
    with listening(asks_late) as address:
        assoc = front.associate(front.ae(), address, served.handlers)
        assoc.release()

    assert flags(assoc) == RELEASED
    assert served.events == []
    assert "C-ECHO request came while releasing" in caplog.text


# Abort.


def test_an_abort_ends_both_sides(front: Front) -> None:
    ends = Recorder(*ENDS)
    server = front.serve(front.ae(), ends.handlers)
    assoc = front.associate(front.ae(), server.server_address)
    (other,) = server.active_associations

    assoc.abort()

    assert flags(assoc) == ABORTED
    ends.wait_for(evt.EVT_CONN_CLOSE)
    assert flags(other) == ABORTED
    assert ends.names == ["ABORTED", "CONN_CLOSE"]


def test_an_abort_says_that_it_is_the_users(front: Front) -> None:
    heard: list[pdu.PDU] = []

    def listens(peer: Peer) -> None:
        accepts(peer)
        heard.extend(peer.hear_the_end())

    with listening(listens) as address:
        front.associate(front.ae(), address).abort()

    (value,) = heard
    assert isinstance(value, pdu.A_ABORT_RQ)
    assert (value.source, value.reason_diagnostic) == (0, 0)


def test_only_the_first_end_counts(front: Front) -> None:
    server, ends = front.serve(front.ae()), Recorder(*ENDS)
    assoc = front.associate(front.ae(), server.server_address, ends.handlers)
    assoc.release()

    assoc.abort()

    assert flags(assoc) == RELEASED
    assert assoc.acse.is_aborted() is False
    assert ends.names == ["RELEASED", "CONN_CLOSE"]


def test_a_killed_association_ends_without_a_word(front: Front) -> None:
    heard: list[pdu.PDU] = []

    def listens(peer: Peer) -> None:
        accepts(peer)
        heard.extend(peer.hear_the_end())

    ae, ends = front.ae(), Recorder(*ENDS)
    with listening(listens) as address:
        assoc = front.associate(ae, address, ends.handlers)
        assoc.kill()

    assert heard == []
    assert flags(assoc) == ABORTED
    assert ends.names == ["ABORTED", "CONN_CLOSE"]
    assert ae.active_associations == []


@pytest.mark.slow
def test_an_abort_does_not_wait_for_a_message_that_the_peer_does_not_read(front: Front) -> None:
    released = threading.Event()

    def does_not_read(peer: Peer) -> None:
        accepts(peer)
        assert released.wait(PATIENCE)

    ended = Recorder(evt.EVT_CONN_CLOSE)
    handlers = [(evt.EVT_CONN_OPEN, has_small_buffers), *ended.handlers]
    with listening(does_not_read, receive_buffer=4096) as address:
        assoc = front.associate(front.ae(), address, handlers)
        sending = threading.Thread(target=_send_much, args=(assoc,))
        sending.start()
        assert eventually(lambda: _is_blocked(assoc))
        assoc.abort()
        ended.wait_for(evt.EVT_CONN_CLOSE)
        sending.join(PATIENCE)
        released.set()

    assert flags(assoc) == ABORTED


def test_an_abort_comes_between_two_pdus_of_a_message(front: Front) -> None:
    heard: list[pdu.PDU] = []
    begun, aborted = threading.Event(), Recorder(evt.EVT_ABORTED)

    def reads_on_when_it_is_aborted(peer: Peer) -> None:
        accepts(peer)
        peer.hear()
        begun.set()
        aborted.wait_for(evt.EVT_ABORTED)
        heard.extend(peer.hear_the_end())

    with listening(reads_on_when_it_is_aborted) as address:
        assoc = front.associate(front.ae(), address, aborted.handlers)
        sending = threading.Thread(target=_send_much, args=(assoc,))
        sending.start()
        assert begun.wait(PATIENCE)
        assoc.abort()
        sending.join(PATIENCE)

    assert isinstance(heard[-1], pdu.A_ABORT_RQ)
    assert {type(value) for value in heard[:-1]} == {pdu.P_DATA_TF}


def _send_much(assoc: Association) -> None:
    assert "Status" not in assoc.send_c_store(ct_image(size=32 * 1024 * 1024))


def _is_blocked(assoc: Any) -> bool:
    """Return whether a message is on its way that the system does not take."""
    if not isinstance(assoc, Association):
        return not assoc._may_write.is_set()
    if assoc._write_lock.acquire(blocking=False):
        assoc._write_lock.release()
        return False
    poll = select.poll()
    poll.register(assoc._transport.socket, select.POLLOUT)
    return not poll.poll(0)


# Ends that come while nothing is going on.


ENDINGS: dict[str, tuple[Callable[[Peer], None], tuple[bool, bool, bool, bool]]] = {
    "a release": (lambda peer: peer.say(pdu.A_RELEASE_RQ()), RELEASED),
    "an abort": (lambda peer: peer.say(abort(0)), ABORTED),
    "the end of the connection": (lambda peer: peer.close(), ABORTED),
    "a lost connection": (lambda peer: peer.reset(), ABORTED),
    "nonsense": (lambda peer: peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), ABORTED),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_idle_requestor_notices(front: Front, ending: str) -> None:
    do, outcome = ENDINGS[ending]
    may_end = threading.Event()

    def ends(peer: Peer) -> None:
        accepts(peer)
        assert may_end.wait(PATIENCE)
        do(peer)
        if peer.socket.fileno() >= 0:
            peer.hear()

    ended = Recorder(*ENDS)
    with listening(ends) as address:
        assoc = front.associate(front.ae(), address, ended.handlers)
        may_end.set()
        ended.wait_for(evt.EVT_CONN_CLOSE)

    assert flags(assoc) == outcome


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_idle_acceptor_notices(front: Front, ending: str) -> None:
    do, outcome = ENDINGS[ending]
    ended = Recorder(*ENDS)
    ae = front.ae()
    server = front.serve(ae, ended.handlers)
    with Peer.associated(server.server_address) as peer:
        (assoc,) = server.active_associations
        do(peer)
        if peer.socket.fileno() >= 0 and outcome == RELEASED:
            assert isinstance(peer.hear(), pdu.A_RELEASE_RP)

    ended.wait_for(evt.EVT_CONN_CLOSE)

    assert flags(assoc) == outcome
    assert eventually(lambda: ae.active_associations == [])


# What nobody asked for.


def test_a_response_that_nobody_waits_for_is_ignored(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    server = front.serve(front.ae())

    with Peer.associated(server.server_address) as peer:
        peer.say_message(echo_response(99), 1)
        peer.say_message(echo_request(), 1)
        assert isinstance(peer.hear(), pdu.P_DATA_TF)

    assert "Received unexpected C-ECHO service message" in caplog.text


def test_a_response_of_another_kind_aborts(front: Front) -> None:
    def confuses(peer: Peer) -> None:
        accepts(peer)
        peer.hear()
        answer = _store_response()
        peer.say_message(answer, 1)
        peer.hear()

    with listening(confuses) as address:
        assoc = front.associate(front.ae(), address)
        status = assoc.send_c_echo()

    assert "Status" not in status
    assert flags(assoc) == ABORTED


def _store_response() -> Any:
    response = C_STORE()
    response.MessageIDBeingRespondedTo, response.Status = 1, 0
    response.AffectedSOPClassUID, response.AffectedSOPInstanceUID = CTImageStorage, "1.2.3"
    return response


def test_a_request_on_a_context_that_was_not_accepted_aborts(front: Front) -> None:
    server = front.serve(front.ae())

    with Peer.associated(server.server_address) as peer:
        peer.say_message(echo_request(), 5)
        value = peer.hear()

    assert isinstance(value, pdu.A_ABORT_RQ)


# Ends out of handlers.


@pytest.mark.parametrize("how", ["abort", "kill"])
def test_a_handler_may_end_the_association(front: Front, how: str) -> None:
    def end(event: evt.Event) -> int:
        getattr(event.assoc, how)()
        return 0x0000

    ended = Recorder(*ENDS)
    server = front.serve(front.ae(), [(evt.EVT_C_ECHO, end), *ended.handlers])
    assoc = front.associate(front.ae(), server.server_address)

    status = assoc.send_c_echo()

    assert "Status" not in status
    ended.wait_for(evt.EVT_CONN_CLOSE)
    assert flags(assoc) == ABORTED


def _abort(event: evt.Event) -> None:
    event.assoc.abort()


@pytest.mark.parametrize(
    "moment", [evt.EVT_DIMSE_SENT, evt.EVT_PDU_SENT, evt.EVT_DATA_SENT, evt.EVT_FSM_TRANSITION]
)
def test_whoever_aborts_while_sending_gets_no_answer(
    front: Front, moment: evt.NotificationEvent
) -> None:
    server, ended = front.serve(front.ae()), Recorder(*ENDS)
    assoc = front.associate(front.ae(), server.server_address, ended.handlers)
    assoc.bind(moment, _abort)

    status = assoc.send_c_echo()

    assert "Status" not in status
    ended.wait_for(evt.EVT_CONN_CLOSE)
    assert flags(assoc) == ABORTED
    assert ended.names == ["ABORTED", "CONN_CLOSE"]


@pytest.mark.parametrize("moment", [evt.EVT_DIMSE_RECV, evt.EVT_PDU_RECV, evt.EVT_DATA_RECV])
def test_whoever_aborts_while_receiving_may_have_the_answer(
    front: Front, moment: evt.NotificationEvent
) -> None:
    server, ended = front.serve(front.ae()), Recorder(*ENDS)
    assoc = front.associate(front.ae(), server.server_address, ended.handlers)
    assoc.bind(moment, _abort)

    status = assoc.send_c_echo()

    assert status.get("Status", 0x0000) == 0x0000
    ended.wait_for(evt.EVT_CONN_CLOSE)
    assert flags(assoc) == ABORTED
    assert ended.names == ["ABORTED", "CONN_CLOSE"]


def test_only_what_the_standard_knows_is_said_and_asked(front: Front) -> None:
    server = front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address)

    with pytest.raises(ValueError, match="source"):
        assoc.acse.send_abort(1)
    with pytest.raises(ValueError, match="provider_reason"):
        assoc.acse.send_ap_abort(3)
    with pytest.raises(ValueError, match="abort_type"):
        assoc.acse.is_aborted("mine")

    assert assoc.is_established
    assert assoc.acse.assoc is not None
    assert not assoc.acse.is_aborted()


def test_a_message_that_nothing_here_serves_aborts(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    ours, theirs = front.ae(), front.ae()
    ours.add_requested_context("1.2.3.4.5")
    theirs.add_supported_context("1.2.3.4.5")
    server = front.serve(theirs)
    assoc = front.associate(ours, server.server_address)
    image = ct_image()
    image.SOPClassUID = "1.2.3.4.5"

    status = assoc.send_c_store(image)

    assert "Status" not in status
    assert assoc.is_aborted
    assert "register_uid" in caplog.text
