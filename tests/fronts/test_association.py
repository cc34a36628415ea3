"""How associations begin: accepted, rejected, or not at all (PS3.8 7.1)."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from fronts.peer import Peer, acceptance, association_request, listening, rejection
from fronts.stage import Front, Recorder, eventually
from ports import free_port
from pynetdicom import AE, build_context, evt, pdu
from pynetdicom.pdu_primitives import A_ASSOCIATE, UserIdentityNegotiation
from pynetdicom.sop_class import CTImageStorage, MRImageStorage, Verification

Prepare = Callable[[AE], object]


def test_an_association_is_established_on_both_sides(front: Front) -> None:
    server = front.serve(front.ae("SERVER"))

    assoc = front.associate(front.ae("CLIENT"), server.server_address)

    assert assoc.is_established
    assert [a.is_established for a in server.active_associations] == [True]


def test_both_sides_know_who_they_talk_to(front: Front) -> None:
    ours, theirs = front.ae("CLIENT"), front.ae("SERVER")
    server = front.serve(theirs)

    assoc = front.associate(ours, server.server_address, ae_title="WHOEVER", max_pdu=0x4000)

    (other,) = server.active_associations
    host, port = server.server_address[:2]
    client = {
        "ae_title": "CLIENT",
        "address": host,
        "port": assoc.requestor.port,
        "mode": "requestor",
        "pdv_size": 0x4000,
    }
    provider = {
        "ae_title": "SERVER",
        "address": host,
        "port": port,
        "mode": "acceptor",
        "pdv_size": 16382,
    }
    assert assoc.local == other.remote == client
    assert other.local == provider
    assert assoc.remote == {**provider, "ae_title": "WHOEVER"}
    assert (assoc.mode, assoc.is_requestor, assoc.is_acceptor) == ("requestor", True, False)
    assert (other.mode, other.is_requestor, other.is_acceptor) == ("acceptor", False, True)
    assert (assoc.ae, other.ae) == (ours, theirs)


def test_both_sides_know_which_contexts_were_accepted(front: Front) -> None:
    server = front.serve(front.ae(), contexts=[build_context(CTImageStorage)])

    assoc = front.associate(front.ae(), server.server_address)

    (other,) = server.active_associations
    assert [c.abstract_syntax for c in assoc.accepted_contexts] == [CTImageStorage]
    assert [c.abstract_syntax for c in other.accepted_contexts] == [CTImageStorage]
    assert [(c.abstract_syntax, c.result) for c in assoc.rejected_contexts] == [(Verification, 3)]
    assert [(c.abstract_syntax, c.result) for c in other.rejected_contexts] == [(Verification, 3)]


def test_what_was_negotiated_cannot_be_changed(front: Front) -> None:
    server = front.serve(front.ae())

    assoc = front.associate(front.ae(), server.server_address)

    assert not assoc.requestor.writeable
    with pytest.raises(RuntimeError, match="negotiation has begun"):
        assoc.requestor.maximum_length = 0


def test_contexts_of_the_call_come_before_those_of_the_ae(front: Front) -> None:
    server = front.serve(front.ae())

    assoc = front.associate(
        front.ae(), server.server_address, contexts=[build_context(CTImageStorage)]
    )

    assert [c.abstract_syntax for c in assoc.accepted_contexts] == [CTImageStorage]


def test_the_proposed_contexts_are_copies_with_odd_numbers(front: Front) -> None:
    server, context = front.serve(front.ae()), build_context(Verification)

    assoc = front.associate(
        front.ae(), server.server_address, contexts=[context, build_context(CTImageStorage)]
    )

    assert [c.context_id for c in assoc.requestor.requested_contexts] == [1, 3]
    assert context.context_id is None


# Rejections: who asks for what, and what is answered (result, source, diagnostic).


def _knows_only_another_calling_title(ae: AE) -> None:
    ae.require_calling_aet = ["SOMEBODY"]


def _answers_only_to_its_title(ae: AE) -> None:
    ae.require_called_aet = True


def _accepts_one_association(ae: AE) -> None:
    ae.maximum_associations = 1


def _nobody(event: evt.Event) -> tuple[bool, None]:
    return False, None


def _fails(event: evt.Event) -> Any:
    raise RuntimeError("no identities today")


def _user() -> UserIdentityNegotiation:
    item = UserIdentityNegotiation()
    item.user_identity_type, item.primary_field = 1, b"somebody"
    return item


@pytest.mark.parametrize(
    ("prepares", "handler", "answer"),
    [
        ([_knows_only_another_calling_title], None, (1, 1, 3)),
        ([_answers_only_to_its_title], None, (1, 1, 7)),
        ([], _nobody, (2, 2, 1)),
        ([], _fails, (2, 2, 1)),
        ([_accepts_one_association], None, (2, 3, 2)),
        ([_knows_only_another_calling_title, _answers_only_to_its_title], None, (1, 1, 7)),
        ([_answers_only_to_its_title], _nobody, (2, 2, 1)),
        ([_accepts_one_association, _answers_only_to_its_title], _nobody, (2, 3, 2)),
    ],
)
def test_the_last_check_that_fails_decides_the_rejection(
    front: Front,
    prepares: list[Prepare],
    handler: evt.Handler | None,
    answer: tuple[int, int, int],
) -> None:
    ae = front.ae("SERVER")
    server = front.serve(ae)
    first = front.associate(front.ae(), server.server_address)
    for prepare in prepares:
        prepare(ae)
    seen = Recorder(evt.EVT_REJECTED)
    server.bind(evt.EVT_REJECTED, seen.note)
    if handler:
        server.bind(evt.EVT_USER_ID, handler)

    assoc = front.associate(
        front.ae(), server.server_address, seen.handlers, ae_title="OTHER", ext_neg=[_user()]
    )

    assert first.is_established
    assert (assoc.is_rejected, assoc.is_established, assoc.is_aborted) == (True, False, False)
    assert _answer_to(assoc) == answer
    seen.wait_for(evt.EVT_REJECTED, count=2)
    assert all(event.assoc.is_rejected for event in seen.events)


def _answer_to(assoc: Any) -> tuple[int | None, int | None, int | None]:
    primitive = assoc.acceptor.primitive
    assert isinstance(primitive, A_ASSOCIATE)
    return primitive.result, primitive.result_source, primitive.diagnostic


def test_identities_are_asked_for_although_the_title_was_wrong(front: Front) -> None:
    ae, asked = front.ae(), Recorder()
    ae.require_called_aet = True

    def note(event: evt.Event) -> tuple[bool, None]:
        asked.note(event)
        return True, None

    server = front.serve(ae, [(evt.EVT_USER_ID, note)])

    front.associate(front.ae(), server.server_address, ext_neg=[_user()])

    assert asked.names == ["USER_ID"]


def test_titles_are_compared_without_the_blanks_around_them(front: Front) -> None:
    ae = front.ae("  SERVER ")
    ae.require_called_aet, ae.require_calling_aet = True, [" CLIENT  "]
    server = front.serve(ae)

    assoc = front.associate(front.ae("CLIENT"), server.server_address, ae_title="SERVER")

    assert assoc.is_established


def test_a_place_is_free_again_after_a_release(front: Front) -> None:
    ae = front.ae()
    ae.maximum_associations = 1
    gone = Recorder(evt.EVT_CONN_CLOSE)
    server = front.serve(ae, gone.handlers)
    front.associate(front.ae(), server.server_address).release()
    gone.wait_for(evt.EVT_CONN_CLOSE)

    assoc = front.associate(front.ae(), server.server_address)

    assert assoc.is_established


def test_a_protocol_version_without_bit_0_is_rejected(front: Front) -> None:
    server = front.serve(front.ae())
    request = association_request()
    request.protocol_version = 2

    with Peer.at(server.server_address) as peer:
        peer.say(request)
        answer = peer.hear()

    assert isinstance(answer, pdu.A_ASSOCIATE_RJ)
    assert (answer.result, answer.source, answer.reason_diagnostic) == (1, 2, 2)


def test_a_rejected_peer_that_stays_is_hung_up_on(front: Front) -> None:
    ae = front.ae()
    ae.require_calling_aet, ae.acse_timeout = ["SOMEBODY"], 0.1
    server = front.serve(ae)

    with Peer.at(server.server_address) as peer:
        peer.say(association_request())
        heard = peer.hear_the_end()

    assert [type(value) for value in heard] == [pdu.A_ASSOCIATE_RJ]


# What a handler of EVT_REQUESTED may decide by itself.


def test_a_handler_may_reject(front: Front) -> None:
    def refuse(event: evt.Event) -> None:
        event.assoc.acse.send_reject(2, 3, 1)

    server = front.serve(front.ae(), [(evt.EVT_REQUESTED, refuse)])

    assoc = front.associate(front.ae(), server.server_address)

    assert (assoc.is_rejected, _answer_to(assoc)) == (True, (2, 3, 1))


def test_a_rejection_of_a_handler_that_does_not_exist_is_refused(front: Front) -> None:
    faults: list[str] = []

    def refuse(event: evt.Event) -> None:
        try:
            event.assoc.acse.send_reject(1, 2, 3)
        except ValueError as fault:
            faults.append(str(fault))

    server = front.serve(front.ae(), [(evt.EVT_REQUESTED, refuse)])

    assoc = front.associate(front.ae(), server.server_address)

    assert assoc.is_established
    assert faults == ["No rejection has result 1, source 2, 3"]


@pytest.mark.parametrize(
    ("refuse", "source", "reason"),
    [
        (lambda assoc: assoc.abort(), 0, 0),
        (lambda assoc: assoc.acse.send_abort(0), 0, 0),
        (lambda assoc: assoc.acse.send_abort(2), 2, 0),
        (lambda assoc: assoc.acse.send_ap_abort(6), 2, 6),
    ],
)
def test_a_handler_may_abort(
    front: Front, refuse: Callable[[Any], None], source: int, reason: int
) -> None:
    def handle(event: evt.Event) -> None:
        refuse(event.assoc)

    server = front.serve(front.ae(), [(evt.EVT_REQUESTED, handle)])

    with Peer.at(server.server_address) as peer:
        peer.say(association_request())
        answer = peer.hear()

    assert isinstance(answer, pdu.A_ABORT_RQ)
    assert (answer.source, answer.reason_diagnostic) == (source, reason)


def test_a_handler_that_decides_for_itself_is_not_asked_about_identities(front: Front) -> None:
    seen = Recorder()

    def refuse(event: evt.Event) -> None:
        event.assoc.acse.send_reject(1, 1, 1)

    server = front.serve(front.ae(), [(evt.EVT_REQUESTED, refuse), (evt.EVT_USER_ID, seen.note)])

    assoc = front.associate(front.ae(), server.server_address, ext_neg=[_user()])

    assert _answer_to(assoc) == (1, 1, 1)
    assert seen.events == []


def test_a_handler_of_an_intervention_may_abort(front: Front) -> None:
    def refuse(event: evt.Event) -> tuple[bool, None]:
        event.assoc.abort()
        return True, None

    server = front.serve(front.ae(), [(evt.EVT_USER_ID, refuse)])

    assoc = front.associate(front.ae(), server.server_address, ext_neg=[_user()])

    assert (assoc.is_aborted, assoc.is_established) == (True, False)


def test_a_requestor_may_think_better_of_it(front: Front) -> None:
    server = front.serve(front.ae())

    def cancel(event: evt.Event) -> None:
        event.assoc.abort()

    assoc = front.associate(front.ae(), server.server_address, [(evt.EVT_REQUESTED, cancel)])

    assert (assoc.is_aborted, assoc.is_established) == (True, False)


@pytest.mark.parametrize("moment", [evt.EVT_CONN_OPEN, evt.EVT_ACCEPTED, evt.EVT_ESTABLISHED])
@pytest.mark.parametrize("side", ["requestor", "acceptor"])
def test_either_side_may_abort_at_any_moment(
    front: Front, moment: evt.NotificationEvent, side: str
) -> None:
    def cancel(event: evt.Event) -> None:
        event.assoc.abort()

    handlers: dict[str, list[evt.EventHandlerType]] = {side: [(moment, cancel)]}
    ended = Recorder(evt.EVT_ABORTED)
    server = front.serve(front.ae(), handlers.get("acceptor", []) + ended.handlers)

    assoc = front.associate(front.ae(), server.server_address, handlers.get("requestor"))

    assert eventually(lambda: assoc.is_aborted)
    assert not assoc.is_established
    assert eventually(lambda: not server.active_associations)


# Answers that are none.


def test_a_requestor_aborts_when_no_context_was_accepted(front: Front) -> None:
    heard: list[pdu.PDU] = []

    def accept_nothing(peer: Peer) -> None:
        peer.say(acceptance(peer.hear(), results={1: 3, 3: 4}))
        heard.extend(peer.hear_the_end())

    seen = Recorder(evt.EVT_ACCEPTED, evt.EVT_ESTABLISHED, evt.EVT_ABORTED)
    with listening(accept_nothing) as address:
        assoc = front.associate(front.ae(), address, seen.handlers)

    assert (assoc.is_aborted, assoc.is_established, assoc.is_rejected) == (True, False, False)
    assert seen.names == ["ACCEPTED", "ABORTED"]
    (said,) = heard
    assert isinstance(said, pdu.A_ABORT_RQ)
    assert said.source == 2


def test_an_acceptor_accepts_although_no_context_fits(front: Front) -> None:
    seen = Recorder(evt.EVT_ACCEPTED, evt.EVT_ABORTED)
    server = front.serve(front.ae(), seen.handlers, contexts=[build_context(MRImageStorage)])

    assoc = front.associate(front.ae(), server.server_address)

    seen.wait_for(evt.EVT_ABORTED)
    assert seen.names == ["ACCEPTED", "ABORTED"]
    assert assoc.is_aborted


def test_a_context_that_the_answer_leaves_out_is_rejected(front: Front) -> None:
    def forget_one(peer: Peer) -> None:
        answer = acceptance(peer.hear())
        answer.variable_items = [
            item for item in answer.variable_items if getattr(item, "context_id", None) != 3
        ]
        peer.say(answer)
        peer.hear_the_end()

    with listening(forget_one) as address:
        assoc = front.associate(front.ae(), address)
        assoc.abort()

    assert [(c.context_id, c.result) for c in assoc.accepted_contexts] == [(1, 0)]
    assert [(c.context_id, c.result) for c in assoc.rejected_contexts] == [(3, 2)]


def test_a_rejection_is_told_with_its_reason(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    def reject(peer: Peer) -> None:
        peer.hear()
        peer.say(rejection(2, 3, 1))

    with listening(reject) as address:
        assoc = front.associate(front.ae(), address)

    assert (assoc.is_rejected, _answer_to(assoc)) == (True, (2, 3, 1))
    assert "Temporary congestion" in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing but the end"),
        pytest.param(b"\x07\x00\x00\x00\x00\x04\x00\x00\x00\x00", id="an abort"),
        pytest.param(b"\x05\x00\x00\x00\x00\x04\x00\x00\x00\x00", id="a release request"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", id="HTTP"),
    ],
)
def test_another_answer_aborts_the_association(front: Front, answer: bytes) -> None:
    def say(peer: Peer) -> None:
        peer.hear()
        peer.say(answer)

    seen = Recorder(evt.EVT_ABORTED, evt.EVT_CONN_CLOSE)
    with listening(say) as address:
        assoc = front.associate(front.ae(), address, seen.handlers)

    assert (assoc.is_aborted, assoc.is_established, assoc.is_rejected) == (True, False, False)
    assert seen.names == ["ABORTED", "CONN_CLOSE"]


# Connections that do not come about.


def test_a_peer_that_cannot_be_reached_leaves_an_aborted_association(front: Front) -> None:
    seen = Recorder(evt.EVT_REQUESTED, evt.EVT_CONN_OPEN, evt.EVT_ABORTED, evt.EVT_CONN_CLOSE)
    ae = front.ae()

    assoc = front.associate(ae, ("127.0.0.1", free_port()), seen.handlers)

    assert (assoc.is_aborted, assoc.is_established, assoc.is_rejected) == (True, False, False)
    assert seen.names == ["REQUESTED", "ABORTED"]
    assert ae.active_associations == []
    assert assoc.dul.state_machine.current_state == "Sta1"


def test_connecting_takes_no_longer_than_the_connection_timeout(front: Front) -> None:
    ae = front.ae()
    ae.connection_timeout = 0.05
    # A queue of one that is full: the system leaves the next caller waiting.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        with socket.create_connection(address), socket.socket() as third:
            third.setblocking(False)
            third.connect_ex(address)
            assoc = front.associate(ae, address)

    assert (assoc.is_aborted, assoc.is_established) == (True, False)


def test_a_host_name_that_nobody_knows_cannot_be_reached(front: Front) -> None:
    assoc = front.associate(front.ae(), ("nobody.invalid", 104))

    assert assoc.is_aborted


def test_host_names_are_resolved(front: Front) -> None:
    server = front.serve(front.ae())

    assoc = front.associate(front.ae(), ("localhost", server.server_address[1]))

    assert (assoc.is_established, assoc.remote["address"]) == (True, "127.0.0.1")


def test_associations_over_ipv6(front: Front) -> None:
    seen = Recorder(evt.EVT_CONN_OPEN)
    server = front.serve(front.ae(), seen.handlers, address=("::1", 0))

    assoc = front.associate(front.ae(), server.server_address, seen.handlers)

    assert assoc.is_established
    assert (assoc.remote["address"], assoc.local["address"]) == ("::1", "::1")
    assert [len(event.address) for event in seen.events] == [4, 4]


def test_an_address_may_name_its_ipv6_scope(front: Front) -> None:
    server = front.serve(front.ae(), address=("::1", 0, 0, 0))

    assoc = front.associate(front.ae(), (("::1", 0, 0), server.server_address[1]))

    assert assoc.is_established


def test_a_requestor_can_be_bound_to_an_address(front: Front) -> None:
    server, port = front.serve(front.ae()), free_port()

    assoc = front.associate(front.ae(), server.server_address, bind_address=("127.0.0.1", port))

    assert assoc.is_established
    assert assoc.local["port"] == port


@pytest.mark.parametrize(
    ("details", "kind"),
    [
        ({"addr": 1}, TypeError),
        ({"port": "104"}, TypeError),
        ({"contexts": "CT"}, TypeError),
        ({"contexts": ["CT"]}, ValueError),
        ({"contexts": [build_context(Verification)] * 129}, ValueError),
        ({"contexts": []}, RuntimeError),
        ({"ext_neg": ["CT"]}, TypeError),
        ({"ae_title": ""}, ValueError),
        ({"ae_title": None}, TypeError),
    ],
)
def test_what_cannot_be_requested_is_refused_at_once(
    front: Front, details: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        front.ae().associate(**{"addr": "127.0.0.1", "port": 104, **details})


def test_an_ae_without_contexts_requests_nothing(front: Front) -> None:
    ae = front.ae()
    ae.requested_contexts = []

    with pytest.raises(RuntimeError, match="No requested presentation contexts"):
        front.associate(ae, ("127.0.0.1", 104))


def test_a_port_that_is_none_leaves_nothing_behind(front: Front) -> None:
    ae = front.ae()

    with pytest.raises(OverflowError):
        front.associate(ae, ("127.0.0.1", 70_000))

    assert ae.active_associations == []
