"""What only the blocking front does: threads, and calls that wait for each other."""

import contextvars
import threading
from collections.abc import Callable, Iterator

import pytest

from fronts.instances import ct_image
from fronts.peer import (
    Peer,
    acceptance,
    echo_request,
    echo_response,
    listening,
    store_request,
)
from fronts.stage import PATIENCE, BlockingFront, eventually, on_stage
from pynetdicom import Association, _config, build_role, evt, pdu
from pynetdicom.sop_class import Verification
from pynetdicom.transport import AssociationSocket


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


def test_a_handler_does_not_wait_for_what_another_thread_is_about_to_read(
    front: BlockingFront,
) -> None:
    looked: list[bool] = []
    may_read = threading.Event()

    def handle(event: evt.Event) -> int:
        turn = event.assoc._turn
        read, turn._read = turn._read, lambda deadline: may_read.wait(PATIENCE)
        reading = threading.Thread(target=turn.wait_until, args=(may_read.is_set, None))
        reading.start()
        assert eventually(lambda: turn._has_reader and event.assoc._transport.ready)
        looked.append(event.is_cancelled)
        may_read.set()
        reading.join(PATIENCE)
        turn._read = read
        return 0x0000

    server = front.serve(front.ae(), [(evt.EVT_C_STORE, handle)])
    with Peer.associated(server.server_address) as peer:
        peer.say_message(store_request(), 3, bytes(10))
        peer.say_message(echo_request(), 1)
        answers = [peer.hear(), peer.hear()]

    assert looked == [False]
    assert [type(value) for value in answers] == [pdu.P_DATA_TF] * 2


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


@pytest.mark.parametrize("where", ["associate", "serve", "assoc.bind", "server.bind"])
def test_coroutine_functions_cannot_be_handlers(front: BlockingFront, where: str) -> None:
    async def handle(event: evt.Event) -> int:
        return 0x0000

    server = front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address)
    bind: dict[str, Callable[[], object]] = {
        "associate": lambda: front.associate(
            front.ae(), server.server_address, [(evt.EVT_RELEASED, handle)]
        ),
        "serve": lambda: front.serve(front.ae(), [(evt.EVT_C_ECHO, handle)]),
        "assoc.bind": lambda: assoc.bind(evt.EVT_RELEASED, handle),
        "server.bind": lambda: server.bind(evt.EVT_C_ECHO, handle),
    }

    with pytest.raises(TypeError, match="cannot await"):
        bind[where]()


def test_a_handler_may_converse_on_its_association(front: BlockingFront) -> None:
    statuses: list[int] = []

    def ask_back(event: evt.Event) -> int:
        statuses.append(event.assoc.send_c_echo(msg_id=9).Status)
        return 0x0000

    provider = front.ae()
    provider.add_supported_context(Verification, None, True, True)
    server = front.serve(provider, [(evt.EVT_C_STORE, ask_back)])
    assoc = front.associate(
        front.ae(), server.server_address, ext_neg=[build_role(Verification, True, True)]
    )

    status = assoc.send_c_store(ct_image())

    assert (status.Status, statuses) == (0x0000, [0x0000])


# Threads.


def test_threads_are_daemons_named_after_their_role(front: BlockingFront) -> None:
    server = front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address)

    (other,) = server.active_associations

    assert assoc.name.startswith("RequestorThread@")
    assert other.name.startswith("AcceptorThread@")
    assert (assoc.daemon, other.daemon) == (True, True)
    assert (assoc.is_alive(), other.is_alive()) == (True, True)


def test_an_association_that_has_ended_has_no_thread(front: BlockingFront) -> None:
    server = front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address)
    (other,) = server.active_associations

    assoc.release()

    assoc.join(PATIENCE)
    other.join(PATIENCE)
    assert (assoc.is_alive(), other.is_alive()) == (False, False)
    assert server.active_associations == []


def test_an_association_that_was_not_established_has_none_either(front: BlockingFront) -> None:
    provider = front.ae()
    provider.require_calling_aet = ["SOMEBODY"]
    server = front.serve(provider)

    assoc = front.associate(front.ae(), server.server_address)

    assert not assoc.is_alive()


@pytest.mark.parametrize(("is_passed", "seen"), [(True, "green"), (False, "none")])
def test_handlers_may_run_in_the_context_of_whoever_started_them(
    front: BlockingFront, monkeypatch: pytest.MonkeyPatch, is_passed: bool, seen: str
) -> None:
    monkeypatch.setattr(_config, "PASS_CONTEXTVARS", is_passed)
    colours: list[str] = []

    def note(event: evt.Event) -> int:
        colours.append(COLOUR.get())
        return 0x0000

    def story() -> None:
        COLOUR.set("green")
        server = front.serve(front.ae(), [(evt.EVT_C_ECHO, note)])
        front.associate(front.ae(), server.server_address).send_c_echo()

    contextvars.copy_context().run(story)

    assert colours == [seen]


COLOUR = contextvars.ContextVar("COLOUR", default="none")


def test_an_abort_need_not_wait_for_the_thread(front: BlockingFront) -> None:
    server = front.serve(front.ae())
    assoc = front.associate(front.ae(), server.server_address)

    assoc.abort(block=False)

    assert assoc.is_aborted
    assoc.join(PATIENCE)
    assert not assoc.is_alive()


# What programs do not do.


def test_an_association_has_one_of_two_modes(front: BlockingFront) -> None:
    with pytest.raises(ValueError, match="mode"):
        Association(front.ae(), "both")


def test_an_association_has_one_socket(front: BlockingFront) -> None:
    assoc = Association(front.ae(), "requestor")
    assoc.set_socket(AssociationSocket(assoc))

    with pytest.raises(RuntimeError, match="already has a socket"):
        assoc.set_socket(AssociationSocket(assoc))
    assert assoc.lock is assoc.ae._lock


def test_an_association_without_a_socket_cannot_be_requested(front: BlockingFront) -> None:
    ae = front.ae()
    assoc = Association(ae, "requestor")
    ae._prepare_request(assoc, None, "SOMEBODY", 0, None)

    with pytest.raises(RuntimeError, match="no socket"):
        assoc.request()

    assert ae.active_associations == []


def test_an_error_of_ours_ends_the_association(
    front: BlockingFront, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: Association) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(Association, "run_reactor", fail)
    server = front.serve(front.ae())

    with Peer.associated(server.server_address) as peer:
        value = peer.hear()

    assert isinstance(value, pdu.A_ABORT_RQ)
    assert (value.source, value.reason_diagnostic) == (2, 0)
    assert "a bug of ours" in caplog.text


def test_an_association_that_was_never_requested_can_be_aborted(front: BlockingFront) -> None:
    assoc = Association(front.ae(), "requestor")

    assoc.abort()

    assert assoc.is_aborted
