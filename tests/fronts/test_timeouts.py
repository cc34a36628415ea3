"""How long things may take: requests, responses, silence, a PDU (seconds, or no limit)."""

import threading
from typing import Any

import pytest

from fronts.peer import (
    Peer,
    abort,
    accepts,
    association_request,
    echo_request,
    encoded,
    listening,
    store_request,
)
from fronts.stage import ABORTED, ENDS, PATIENCE, Front, Recorder, flags
from pynetdicom import evt, pdu

ANSWERS: dict[type[pdu.PDU], pdu.PDU | bytes] = {
    pdu.A_ABORT_RQ: b"",
    pdu.A_RELEASE_RQ: pdu.A_RELEASE_RP(),
}


@pytest.mark.parametrize(
    ("response", "said"), [("A-ABORT", pdu.A_ABORT_RQ), ("A-RELEASE", pdu.A_RELEASE_RQ)]
)
@pytest.mark.parametrize("side", ["requestor", "acceptor"])
def test_a_peer_that_is_silent_for_too_long_is_let_go(
    front: Front, response: Any, said: type[pdu.PDU], side: str
) -> None:
    heard: list[pdu.PDU] = []

    def listens(peer: Peer) -> None:
        first = peer.hear()
        assert first is not None
        heard.append(first)
        peer.say(ANSWERS[said])

    def accepts_and_listens(peer: Peer) -> None:
        accepts(peer)
        listens(peer)

    def is_patient_no_more(event: evt.Event) -> None:
        event.assoc.network_timeout_response = response
        event.assoc.network_timeout = 0.1

    ended = Recorder(*ENDS)
    handlers = [(evt.EVT_ESTABLISHED, is_patient_no_more), *ended.handlers]
    if side == "acceptor":
        server = front.serve(front.ae(), handlers)
        with Peer.associated(server.server_address) as peer:
            listens(peer)
            ended.wait_for(evt.EVT_CONN_CLOSE)
    else:
        with listening(accepts_and_listens) as address:
            front.associate(front.ae(), address, handlers)
            ended.wait_for(evt.EVT_CONN_CLOSE)

    assert [type(value) for value in heard] == [said]
    assert ended.names == ["ABORTED" if response == "A-ABORT" else "RELEASED", "CONN_CLOSE"]


def test_the_time_of_a_handler_is_not_the_silence_of_the_peer(front: Front) -> None:
    may_answer = threading.Event()

    def take_time(event: evt.Event) -> int:
        assert may_answer.wait(PATIENCE)
        return 0x0000

    ae = front.ae()
    ae.network_timeout = 0.05
    server = front.serve(ae, [(evt.EVT_C_ECHO, take_time)])
    with Peer.associated(server.server_address) as peer:
        peer.say_message(echo_request(), 1)
        peer.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            peer.hear()

        may_answer.set()

        assert isinstance(peer.hear(), pdu.P_DATA_TF)


def test_a_pdu_that_has_begun_must_go_on(front: Front) -> None:
    ae, ends = front.ae(), Recorder(*ENDS)
    ae.network_timeout = 0.1
    server = front.serve(ae, ends.handlers)

    with Peer.associated(server.server_address) as peer:
        peer.say(b"\x04\x00\x00")
        value = peer.hear()

    assert isinstance(value, pdu.A_ABORT_RQ)
    assert value.source == 2
    ends.wait_for(evt.EVT_ABORTED)


@pytest.mark.slow
def test_a_long_pdu_may_take_longer_while_it_goes_on(front: Front) -> None:
    ae = front.ae()
    ae.network_timeout, ae.maximum_pdu_size = 0.3, 1_000_000
    stored = Recorder()
    server = front.serve(ae, [(evt.EVT_C_STORE, stored.note)])
    command, data = encoded(store_request(), 3, bytes(400_000), maximum_length=1_000_000)
    with Peer.associated(server.server_address) as peer:
        peer.say(command, data[:150_000])
        assert is_silent(peer, 0.2)
        peer.say(data[150_000:300_000])
        assert is_silent(peer, 0.2)
        peer.say(data[300_000:])
        assert isinstance(peer.hear(), pdu.P_DATA_TF)

    assert stored.names == ["C_STORE"]


def is_silent(peer: Peer, seconds: float) -> bool:
    """Listen for a while; return whether the other side said nothing."""
    peer.socket.settimeout(seconds)
    try:
        return peer.hear() is None and False
    except TimeoutError:
        return True
    finally:
        peer.socket.settimeout(PATIENCE)


# Timeouts of requests.


def test_a_response_that_does_not_come_aborts(front: Front) -> None:
    heard: list[pdu.PDU] = []

    def listens(peer: Peer) -> None:
        accepts(peer)
        heard.extend(value for value in (peer.hear(), peer.hear()) if value)

    ae = front.ae()
    ae.dimse_timeout = 0.05
    with listening(listens) as address:
        assoc = front.associate(ae, address)
        status = assoc.send_c_echo()

    assert "Status" not in status
    assert flags(assoc) == ABORTED
    assert [type(value) for value in heard] == [pdu.P_DATA_TF, pdu.A_ABORT_RQ]


@pytest.mark.parametrize("answer", [pdu.A_RELEASE_RQ(), abort(0), b""])
def test_an_end_instead_of_a_response_leaves_an_empty_status(
    front: Front, answer: pdu.PDU | bytes
) -> None:
    def ends(peer: Peer) -> None:
        accepts(peer)
        peer.hear()
        peer.say(answer)

    with listening(ends) as address:
        assoc = front.associate(front.ae(), address)
        status = assoc.send_c_echo()

    assert "Status" not in status
    assert not assoc.is_established


def test_no_request_is_sent_after_the_end(front: Front) -> None:
    server = front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address)
    assoc.release()

    with pytest.raises(RuntimeError, match="must be established"):
        assoc.send_c_echo()


def test_an_association_request_that_is_not_answered_is_aborted(front: Front) -> None:
    heard: list[pdu.PDU] = []
    ae = front.ae()
    ae.acse_timeout = 0.05
    with listening(lambda peer: heard.extend(peer.hear_the_end())) as address:
        assoc = front.associate(ae, address)

    assert flags(assoc) == ABORTED
    assert [type(value) for value in heard] == [pdu.A_ASSOCIATE_RQ, pdu.A_ABORT_RQ]


def test_a_peer_that_asks_for_nothing_is_hung_up_on(front: Front) -> None:
    ae, ends = front.ae(), Recorder(*ENDS)
    ae.acse_timeout = 0.05
    server = front.serve(ae, ends.handlers)

    with Peer.at(server.server_address) as peer:
        heard = peer.hear_the_end()

    assert heard == []
    ends.wait_for(evt.EVT_CONN_CLOSE)
    assert ends.names == ["CONN_CLOSE"]


def test_whoever_repeats_the_association_request_is_aborted(front: Front) -> None:
    server = front.serve(front.ae())

    with Peer.associated(server.server_address) as peer:
        peer.say(association_request())
        value = peer.hear()

    assert isinstance(value, pdu.A_ABORT_RQ)
    assert (value.source, value.reason_diagnostic) == (2, 2)
