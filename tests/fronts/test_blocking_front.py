"""What only the blocking front does: threads, and calls that wait for each other."""

import threading
from collections.abc import Iterator

import pytest

from fronts.peer import Peer, acceptance, echo_response, listening
from fronts.stage import PATIENCE, BlockingFront, eventually, on_stage
from pynetdicom import Association, evt, pdu


@pytest.fixture
def front() -> Iterator[BlockingFront]:
    with on_stage("blocking") as chosen:
        assert isinstance(chosen, BlockingFront)
        yield chosen


def is_watching(assoc: Association) -> bool:
    """Return whether the association's thread reads: the association has been quiet."""
    return assoc._turn._has_reader


def test_killing_an_association_wakes_its_thread(front: BlockingFront) -> None:
    heard: list[pdu.PDU] = []

    def listens(peer: Peer) -> None:
        peer.say(acceptance(peer.hear()))
        heard.extend(peer.hear_the_end())

    with listening(listens) as address:
        assoc = front.associate(front.ae(), address)
        assert eventually(lambda: is_watching(assoc))

        assoc.kill()

        assoc.join(PATIENCE)
        assert not assoc.is_alive()
    assert heard == []


def test_a_handler_may_look_for_a_cancel_while_another_thread_reads(front: BlockingFront) -> None:
    looked = []

    def handle(event: evt.Event) -> int:
        assert eventually(lambda: event.assoc._turn._has_reader)
        looked.append(event.is_cancelled)
        return 0x0000

    server = front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address)
    (other,) = server.active_associations
    server.bind(evt.EVT_C_ECHO, handle)
    waiting = threading.Thread(target=other._turn.wait_until, args=(lambda: looked, None))
    waiting.start()

    status = assoc.send_c_echo()

    assert status.Status == 0x0000
    assert looked == [False]
    assoc.abort()
    waiting.join(PATIENCE)


@pytest.mark.slow
def test_an_association_ends_after_a_response_that_did_not_come(front: BlockingFront) -> None:
    is_silent = threading.Event()

    def answers_for_a_while_and_hangs_up_when_it_is_aborted(peer: Peer) -> None:
        peer.say(acceptance(peer.hear()))
        while isinstance(peer.hear(), pdu.P_DATA_TF):
            if not is_silent.is_set():
                peer.say_message(echo_response(), 1)

    ae = front.ae()
    with listening(answers_for_a_while_and_hangs_up_when_it_is_aborted) as address:
        assoc = front.associate(ae, address)
        assert eventually(lambda: assoc.send_c_echo().Status == 0 and not is_watching(assoc))
        is_silent.set()
        assoc.dimse_timeout = 0.2
        assert "Status" not in assoc.send_c_echo()

        assoc.join(PATIENCE)

        assert not assoc.is_alive()
