"""What users of earlier versions saw hang, leak, or end when it should not.

Each story is named after what was seen, and begins with the numbers of the threads. The page
`docs/explanation/what-users-saw.md` has them all.
"""

import gc
import socket
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from fronts.certificates import Certificates
from fronts.instances import ct_image
from fronts.peer import Peer, abort, accepts, association_request, encoded, listening
from fronts.services import (
    FIND,
    GET,
    MOVE,
    Provider,
    association,
    data,
    image,
    in_front,
    patient,
    playing,
    respond,
    responses,
    statuses,
)
from fronts.stage import (
    ABORTED,
    ENDS,
    RELEASED,
    Front,
    Handlers,
    Recorder,
    eventually,
    flags,
    has_small_buffers,
)
from pynetdicom import evt, pdu
from pynetdicom.dimse_primitives import C_CANCEL, C_FIND, C_MOVE, C_STORE, N_EVENT_REPORT
from pynetdicom.sop_class import CTImageStorage, StorageCommitmentPushModel
from pynetdicom.testing import build

QUERY = patient("*")


# Threads and memory that stay.


def test_a_server_grows_with_each_health_check(front: Front) -> None:
    """#669, #328, #720: nothing is left of connections that ask for nothing."""
    opened, before = Recorder(evt.EVT_CONN_OPEN), threading.active_count()
    server = front.serve(front.ae(), opened.handlers)
    for _ in range(20):
        Peer.at(server.server_address).close()
    opened.wait_for(evt.EVT_CONN_OPEN, 20)
    probes = [weakref.ref(event.assoc) for event in opened.events]
    opened.events.clear()

    assert eventually(lambda: server.active_associations == [])
    assert eventually(lambda: threading.active_count() <= before + 2)
    assert eventually(lambda: gc.collect() + 1 and not any(probe() for probe in probes))


def test_the_connection_stays_open_after_an_abort(front: Front) -> None:
    """#979, #194, #272, #331, #430: it is closed, and the place is free again."""
    ends = Recorder(*ENDS)
    server = front.serve(front.ae(), ends.handlers)

    with Peer.associated(server.server_address) as peer:
        (assoc,) = server.active_associations
        assoc.abort()
        heard = peer.hear_the_end()

    assert [type(value) for value in heard] == [pdu.A_ABORT_RQ]
    ends.wait_for(evt.EVT_CONN_CLOSE)
    assert eventually(lambda: server.active_associations == [])


@pytest.mark.slow
def test_an_abort_of_a_peer_that_does_not_read_takes_for_ever(front: Front) -> None:
    """dcm4che #532, dcm4che #1129: an abort need not wait for what is being written."""
    over = threading.Event()

    def script(peer: Peer) -> None:
        accepts(peer)
        over.wait(10)

    ae = front.ae()
    opened: Handlers = [(evt.EVT_CONN_OPEN, has_small_buffers)]
    with listening(script, receive_buffer=4096) as address:
        assoc = front.associate(ae, address, opened)
        sender = threading.Thread(target=assoc.send_c_store, args=(ct_image(size=4_000_000),))
        sender.start()
        assert eventually(lambda: assoc._core.output)
        assoc.abort()
        sender.join(10)
        over.set()

    assert not sender.is_alive()
    assert flags(assoc) == ABORTED


def test_an_abort_in_a_handler_never_returns(front: Front) -> None:
    """#912: it returns, and neither thread nor socket stays."""
    ends = Recorder(*ENDS)

    def give_up(event: evt.Event) -> int:
        in_front(front, event.assoc.abort)
        return 0x0000

    server = front.serve(front.ae(), [(evt.EVT_C_ECHO, give_up), *ends.handlers])
    assoc = front.associate(front.ae(), server.server_address)

    status = assoc.send_c_echo()

    assert "Status" not in status
    assert flags(assoc) == ABORTED
    ends.wait_for(evt.EVT_CONN_CLOSE)
    assert eventually(lambda: server.active_associations == [])


# Waits without end.


def test_a_c_get_freezes_when_the_server_stalls_in_mid_transfer(front: Front) -> None:
    """#1004: a PDU that has begun must go on, whoever waits."""
    store = build(
        C_STORE,
        MessageID=7,
        AffectedSOPClassUID=CTImageStorage,
        AffectedSOPInstanceUID="1.2.3",
        Priority=2,
    )

    def script(peer: Provider) -> None:
        peer.hear()
        command, rest = encoded(store, 3, data(image("1.2.3")))
        peer.peer.say(command, rest[: len(rest) // 2])
        peer.peer.hear_the_end()

    with playing(front, script, network_timeout=0.1) as assoc:
        assoc.dimse_timeout = assoc.acse_timeout = 0.1
        found = statuses(front, assoc.send_c_get(QUERY, GET))

    assert found == [None]
    assert flags(assoc) == ABORTED


def test_a_report_that_comes_during_a_release_blocks_it(front: Front) -> None:
    """#820: it is left unanswered, and the release goes on."""
    report = build(
        N_EVENT_REPORT,
        MessageID=3,
        AffectedSOPClassUID=StorageCommitmentPushModel,
        AffectedSOPInstanceUID="1.2.840.10008.1.20.1.1",
        EventTypeID=1,
    )

    def script(peer: Provider) -> None:
        assert isinstance(peer.peer.hear(), pdu.A_RELEASE_RQ)
        peer.say(report, StorageCommitmentPushModel)
        peer.peer.say(pdu.A_RELEASE_RP())

    with playing(front, script) as assoc:
        assoc.release()

    assert flags(assoc) == RELEASED


def test_a_client_that_is_silent_in_its_handshake_blocks_the_server(
    front: Front, certificates: Certificates
) -> None:
    """#364, fo-dicom #1766, dcm4che #939: a handshake is the business of its association."""
    server = front.serve(front.ae(), ssl_context=certificates.for_server())

    with Peer.at(server.server_address):
        assoc = front.associate(
            front.ae(),
            server.server_address,
            tls_args=(certificates.for_client(), "127.0.0.1"),
        )

    assert assoc.is_established


def test_a_peer_that_never_completes_a_pdu_keeps_its_place(front: Front) -> None:
    """#806, #107: the ACSE timeout is a deadline for all of the request."""
    ae, ends = front.ae(), Recorder(*ENDS)
    ae.acse_timeout = ae.network_timeout = 0.1
    server = front.serve(ae, ends.handlers)

    with Peer.at(server.server_address) as peer:
        peer.say(association_request().encode()[:3])
        heard = peer.hear_the_end()

    assert [type(value) for value in heard] in ([], [pdu.A_ABORT_RQ])
    ends.wait_for(evt.EVT_CONN_CLOSE)


def test_a_query_that_is_not_answered_is_waited_for_without_end(front: Front) -> None:
    """#109, #119: the DIMSE timeout ends it."""

    def script(peer: Provider) -> None:
        peer.hear()
        peer.peer.hear()

    with playing(front, script) as assoc:
        assoc.dimse_timeout = 0.1
        assert statuses(front, assoc.send_c_find(QUERY, FIND)) == [None]

    assert flags(assoc) == ABORTED


# Generators.


def endless(event: evt.Event) -> Iterator[Any]:
    while not event.is_cancelled:
        yield 0xFF00, patient("One^More")
    yield 0xFE00, None


def test_an_association_cannot_be_used_after_a_query_was_left(front: Front) -> None:
    """#778: leaving the loop cancels the query, and what is still on its way is dropped."""
    cancels = Recorder(evt.EVT_DIMSE_RECV)
    with association(front, [(evt.EVT_C_FIND, endless), *cancels.handlers]) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND))
        next(stream)
        stream.close()

        assert assoc.send_c_echo(msg_id=2).Status == 0x0000
        assoc.release()

    assert assoc.is_released
    messages = [event.message.message_to_primitive() for event in cancels.events]
    assert any(isinstance(message, C_CANCEL) for message in messages)


def test_an_abort_is_not_noticed_while_a_query_is_half_read(front: Front) -> None:
    """#778: somebody reads although the loop over the responses does not."""

    def script(peer: Provider) -> None:
        peer.hear()
        peer.say_match(1, "A")
        peer.say_match(1, "B")
        peer.peer.say(abort(0))

    ends = Recorder(*ENDS)
    with playing(front, script, ends.handlers) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND))
        next(stream)
        ends.wait_for(evt.EVT_ABORTED)

    assert flags(assoc) == ABORTED


def test_cancelling_needs_a_context_id_that_nobody_knows(front: Front) -> None:
    """#553, #535: the query model will do."""
    with association(front, [(evt.EVT_C_FIND, endless)]) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND, msg_id=5))
        next(stream)
        assoc.send_c_cancel(5, query_model=FIND)
        *_, (final, _) = stream

    assert final.Status == 0xFE00


def test_a_handler_goes_on_although_its_client_has_aborted(front: Front) -> None:
    """#592: its generator is closed."""
    over = threading.Event()

    def find(event: evt.Event) -> Iterator[Any]:
        try:
            while True:
                yield 0xFF00, patient("One^More")
        finally:
            over.set()

    with association(front, [(evt.EVT_C_FIND, find)]) as assoc:
        stream = responses(front, assoc.send_c_find(QUERY, FIND))
        next(stream)
        assoc.abort()

        assert over.wait(10)


# What ended although it should not, and the reverse.


@pytest.mark.slow
def test_a_long_c_move_ends_after_the_dimse_timeout_although_the_server_works(
    front: Front,
) -> None:
    """#825, #792, #426: the timeout is for the next response, so pending ones keep it alive."""
    over = threading.Event()

    def script(peer: Provider) -> None:
        peer.hear()
        for _ in range(6):
            over.wait(0.1)  # the server works
            peer.say(respond(C_MOVE, 1, 0xFF00), MOVE)
        peer.say(respond(C_MOVE, 1, 0x0000), MOVE)
        peer.agree_to_release()

    with playing(front, script) as assoc:
        assoc.dimse_timeout = 0.5
        found = statuses(front, assoc.send_c_move(QUERY, "SOMEWHERE", MOVE))
        assoc.release()

    assert found == [0xFF00] * 6 + [0x0000]


def test_a_dead_address_is_tried_until_the_system_gives_up(front: Front) -> None:
    """#569, #616: `connection_timeout` bounds it, for each address of a host."""
    ae = front.ae()
    ae.connection_timeout = 0.05
    # A queue of one that is full: the system leaves the next caller waiting.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        with socket.create_connection(address), socket.socket() as third:
            third.setblocking(False)
            third.connect_ex(address)
            assoc = front.associate(ae, address)

    assert flags(assoc) == ABORTED


def test_an_idle_association_can_only_be_aborted(front: Front) -> None:
    """#619: it can be released, if `network_timeout_response` says so."""
    ends = Recorder(*ENDS)
    server = front.serve(front.ae(), ends.handlers)
    assoc = front.associate(front.ae(), server.server_address)

    assoc.network_timeout_response = "A-RELEASE"
    assoc.network_timeout = 0.05

    ends.wait_for(evt.EVT_RELEASED)
    assert eventually(lambda: flags(assoc) == RELEASED)


def test_an_abort_instead_of_a_release_reply_counts_as_a_release(front: Front) -> None:
    """#652: the association was aborted, and says so."""

    def script(peer: Provider) -> None:
        peer.peer.hear()
        peer.peer.say(abort(0))

    with playing(front, script) as assoc:
        assoc.release()

    assert flags(assoc) == ABORTED


def test_an_unexpected_c_find_response_breaks_the_next_query(front: Front) -> None:
    """#875: what comes late belongs to nobody."""

    def script(peer: Provider) -> None:
        peer.hear()
        peer.say(respond(C_FIND, 77, 0x0000), FIND)
        peer.say_found(1)
        peer.agree_to_release()

    with playing(front, script) as assoc:
        assert statuses(front, assoc.send_c_find(QUERY, FIND)) == [0x0000]
        assoc.release()

    assert flags(assoc) == RELEASED
