"""What users of earlier versions saw when they associated: refused, aborted, or not understood.

Each story is named after what was seen, and begins with the numbers of the threads. The page
`docs/explanation/what-users-saw.md` has them all.
"""

import logging
import socket
from typing import Any

import pytest
from pydicom.uid import ImplicitVRLittleEndian

from fronts.certificates import Certificates
from fronts.peer import (
    Peer,
    acceptance,
    association_request,
    echo_request,
    encoded,
    listening,
    store_request,
)
from fronts.services import GET, image, patient, responses, returns, statuses, yields
from fronts.stage import RELEASED, Front, Recorder, eventually, flags
from pynetdicom import (
    AllStoragePresentationContexts,
    StoragePresentationContexts,
    build_context,
    build_role,
    evt,
    pdu,
)
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.sop_class import CTImageStorage, Verification
from pynetdicom.user_information import AsynchronousOperationsWindowNegotiation

HOST = "127.0.0.1"


# Peers that are taken for wrong.


@pytest.mark.parametrize(
    "title",
    [
        b"ARCHIVE\0\0\0\0\0\0\0\0\0",
        b"\0" * 16,
        b" " * 16,
        "ÄRCHIV".encode("latin-1").ljust(16),
        b"BACK\\SLASH      ",
    ],
)
def test_a_peer_with_an_unusual_title_is_aborted(front: Front, title: bytes) -> None:
    """#560, #921, #963, #646, #633, #554: titles are taken for what they say."""
    server = front.serve(front.ae())
    request = bytearray(association_request().encode())
    request[10:26] = request[26:42] = title

    with Peer.at(server.server_address) as peer:
        peer.say(bytes(request))
        answer = peer.hear()

    assert isinstance(answer, pdu.A_ASSOCIATE_AC)


def test_a_peer_that_answers_with_unusual_titles_is_aborted(front: Front) -> None:
    """#746: what an answer says of titles is not tested (PS3.8 Table 9-17)."""

    def script(peer: Peer) -> None:
        answer = bytearray(acceptance(peer.hear()).encode())
        answer[10:42] = bytes(32)
        peer.say(bytes(answer))
        peer.hear()
        peer.say(pdu.A_RELEASE_RP())

    with listening(script) as address:
        assoc = front.associate(front.ae(), address)
        assert assoc.is_established
        assoc.release()

    assert flags(assoc) == RELEASED


def test_rejected_contexts_without_a_transfer_syntax_break_the_association(front: Front) -> None:
    """#342, #290, #361: they are rejected, the others can be used."""

    def script(peer: Peer) -> None:
        answer = acceptance(peer.hear(), results={3: 4})
        for item in answer.presentation_context:
            if item.presentation_context_id == 3:
                item.transfer_syntax_sub_item = []
        peer.say(answer)
        peer.hear()
        peer.say(pdu.A_RELEASE_RP())

    with listening(script) as address:
        assoc = front.associate(front.ae(), address)
        assert [context.context_id for context in assoc.accepted_contexts] == [1]
        assoc.release()


def test_a_peer_that_sends_two_requests_at_once_is_aborted(front: Front) -> None:
    """#706, #629, #20, #236: one operation is agreed on; who sends more is served in turn."""
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked = 5
    server = front.serve(front.ae())
    numbers = []

    with Peer.at(server.server_address) as peer:
        peer.say(association_request(items=[window]))
        assert isinstance(peer.hear(), pdu.A_ASSOCIATE_AC)
        for number in (1, 2, 3):
            peer.say_message(echo_request(number), 1)
        for _ in (1, 2, 3):
            message, answer = DIMSEMessage(), peer.hear()
            assert isinstance(answer, pdu.P_DATA_TF)
            assert message.decode_msg(answer.to_primitive())
            numbers.append(message.message_to_primitive().MessageIDBeingRespondedTo)

    assert numbers == [1, 2, 3]


def test_a_busy_handler_lets_requests_fill_the_memory(front: Front) -> None:
    """#629: while a handler works, a quick sender has to wait."""
    begun, served = Recorder(), 0

    def work(event: evt.Event) -> int:
        nonlocal served
        served += 1
        begun.note(event)
        assert eventually(lambda: is_stuck)
        return 0x0000

    is_stuck: list[bool] = []
    server = front.serve(front.ae(), [(evt.EVT_C_STORE, work)])
    with Peer.associated(server.server_address) as peer:
        peer.socket.settimeout(0.2)
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        message = b"".join(encoded(store_request(), 3, bytes(1_000_000)))
        with pytest.raises(TimeoutError):
            peer.say(message * 100)
        (assoc,) = server.active_associations
        waiting = len(assoc._requests)
        is_stuck.append(True)

    assert waiting <= 2
    assert begun.events


# Places and limits.


def test_the_eleventh_association_is_refused_without_a_clear_message(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    """#732, #410, #791: the requestor's log says that the limit was exceeded."""
    ae = front.ae()
    ae.maximum_associations = 1
    server = front.serve(ae)
    front.associate(front.ae(), server.server_address)

    assoc = front.associate(front.ae(), server.server_address)

    assert assoc.is_rejected
    assert "Local limit exceeded" in caplog.text


def test_an_association_cannot_be_used_again_and_again(front: Front) -> None:
    """#471: one association serves call after call, from several threads if need be."""
    server = front.serve(front.ae(), [(evt.EVT_C_STORE, returns(0x0000))])
    assoc = front.associate(front.ae(), server.server_address)

    found = [assoc.send_c_echo(number).Status for number in range(1, 101)]

    assert found == [0x0000] * 100
    assert assoc.is_established


def test_the_prebuilt_contexts_do_not_fit_into_a_request(front: Front) -> None:
    """#459, #118, #432, #978, #980: 120 are prebuilt, which leaves eight for others."""
    ae = front.ae()
    ae.requested_contexts = StoragePresentationContexts
    for number in range(8):
        ae.add_requested_context(f"1.2.840.99.{number}")

    with pytest.raises(ValueError, match="Only 128 presentation contexts can be requested"):
        ae.add_requested_context(Verification)

    assert len(AllStoragePresentationContexts) > 128


# C-GET.


def test_a_c_get_brings_nothing_and_says_nothing_about_roles(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    """#812, #604, #559, #183, #99: the log names the context and the role that is missing."""
    caplog.set_level(logging.WARNING, logger="pynetdicom")
    ae = front.ae()
    ae.add_supported_context(GET)
    server = front.serve(ae, [(evt.EVT_C_GET, yields(1, (0xFF00, image("1.1"))))])
    contexts = [build_context(GET), build_context(CTImageStorage, ImplicitVRLittleEndian)]

    assoc = front.associate(front.ae(), server.server_address, contexts=contexts)
    found = statuses(front, assoc.send_c_get(patient("*"), GET))

    assert found == [0xFF00, 0xA702]
    assert "No presentation context for 'CT Image Storage'" in caplog.text
    assert "SCU role" in caplog.text


def test_a_c_get_needs_roles_that_are_hard_to_get_right(front: Front) -> None:
    """#812: one item for each class that is to come."""
    ae = front.ae()
    ae.add_supported_context(GET)
    ae.add_supported_context(CTImageStorage, ImplicitVRLittleEndian, scu_role=True, scp_role=True)
    server = front.serve(ae, [(evt.EVT_C_GET, yields(1, (0xFF00, image("1.1"))))])
    assoc = front.associate(
        front.ae(),
        server.server_address,
        [(evt.EVT_C_STORE, returns(0x0000))],
        contexts=[build_context(GET), build_context(CTImageStorage, ImplicitVRLittleEndian)],
        ext_neg=[build_role(CTImageStorage, scp_role=True)],
    )
    *_, (final, _) = responses(front, assoc.send_c_get(patient("*"), GET))

    assert (final.Status, final.NumberOfCompletedSuboperations) == (0x0000, 1)


# TLS and addresses.


def test_tls_1_3_hangs(front: Front, certificates: Certificates) -> None:
    """#364, #709: it does not, nor does any version that Python's defaults allow."""
    versions: list[Any] = []

    def look(event: evt.Event) -> None:
        transport = event.assoc._transport
        sock = getattr(transport, "socket", None) or transport.get_extra_info("ssl_object")
        versions.append(sock.version())

    server = front.serve(
        front.ae(), [(evt.EVT_ESTABLISHED, look)], ssl_context=certificates.for_server()
    )
    assoc = front.associate(
        front.ae(), server.server_address, tls_args=(certificates.for_client(), HOST)
    )

    assert [assoc.send_c_echo(number).Status for number in (1, 2, 3)] == [0x0000] * 3
    assert versions == ["TLSv1.3"]
    assoc.release()
    assert assoc.is_released


def test_there_is_no_ipv6(front: Front) -> None:
    """#984: it is one more kind of address."""
    server = front.serve(front.ae(), address=("::1", 0))

    assert front.associate(front.ae(), server.server_address).is_established


def test_host_names_are_not_resolved(front: Front) -> None:
    """#1033, #1034: they are, and every address is tried."""
    server = front.serve(front.ae())

    assoc = front.associate(front.ae(), ("localhost", server.server_address[1]))

    assert assoc.is_established


def test_a_bound_address_cannot_be_used_again_at_once(front: Front) -> None:
    """#597: it can, although the system remembers its last connection for a minute."""
    first, second = front.serve(front.ae()), front.serve(front.ae())
    with socket.create_server((HOST, 0)) as free:
        own = free.getsockname()

    assoc = front.associate(front.ae(), first.server_address, bind_address=own)
    assoc.release()
    assert eventually(lambda: not first.active_associations)
    again = front.associate(front.ae(), second.server_address, bind_address=own)

    assert again.is_established
    assert again.local["port"] == own[1]
