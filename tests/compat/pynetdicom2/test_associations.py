"""Associations begin, carry messages and end as programs for pynetdicom2 expect it."""

from __future__ import annotations

import socket
import threading
from io import BytesIO
from typing import Any

import pytest

from compat.pynetdicom2.entities import (
    CT,
    IMPLICIT,
    VERIFICATION,
    Entity,
    Peer,
    accepting,
    associated,
    client,
    connected,
    image,
    storing_client,
)
from pynetdicom import pdu as our_pdu
from pynetdicom.compat.pynetdicom2 import (
    applicationentity,
    asceprovider,
    dimsemessages,
    exceptions,
    pdu,
    sopclass,
    statuses,
    uids,
    userdataitems,
)
from pynetdicom.testing import acceptance, build, request


def echo(asce: asceprovider.AssociationRequester) -> statuses.Status:
    status: statuses.Status = asce.get_scu(VERIFICATION)(1)
    return status


def echo_request(message_id: int = 1) -> dimsemessages.CEchoRQMessage:
    message = dimsemessages.CEchoRQMessage()
    message.sop_class_uid, message.message_id = VERIFICATION, message_id
    return message


# They begin.


def test_an_association_is_established_released_and_over() -> None:
    with Entity(sopclass.verification_scp) as server:
        with client(sopclass.verification_scu).request_association(server.address) as asce:
            assert asce.association_established
            assert echo(asce).is_success
        assert not asce.association_established
        with pytest.raises(exceptions.AssociationReleasedError):
            echo(asce)


def test_hooks_see_the_request_and_the_response() -> None:
    seen: list[Any] = []

    class Client(applicationentity.ClientAE):
        def on_association_response(self, response: pdu.AAssociateAcPDU) -> None:
            seen.append(response)

    def on_association_request(asce: Any, assoc: Any) -> None:
        seen.extend([asce, assoc])

    asking = Client("CLIENT", [IMPLICIT]).add_scu(sopclass.verification_scu)
    hooks = {"on_association_request": on_association_request}
    with Entity(sopclass.verification_scp, **hooks) as server:
        remote = {**server.address, "username": "vivaldi", "password": "estro"}
        with asking.request_association(remote):
            acceptor, rq, ac = seen

    assert (rq.calling_ae_title, rq.called_ae_title) == ("CLIENT", "ENTITY")
    assert acceptor.remote_ae == "CLIENT"
    assert acceptor.sop_classes_as_scp == {1: (1, VERIFICATION, IMPLICIT)}
    identity = rq.variable_items[-1].user_data[-1]
    assert (identity.primary_field, identity.secondary_field) == ("vivaldi", "estro")
    assert identity.user_identity_type == 2
    assert [item.result_reason for item in ac.variable_items[1:-1]] == [0]


def test_the_acceptance_has_own_user_information_and_no_passwords() -> None:
    with Entity(sopclass.verification_scp) as server, connected(server.local_ae["port"]) as peer:
        rq = our_pdu.A_ASSOCIATE_RQ()
        rq.from_primitive(request(maximum_length=0))
        identity = userdataitems.UserIdentityNegotiationSubItem("vivaldi", "estro").ours()
        rq.variable_items[-1].user_data.append(identity)  # type: ignore[attr-defined]  # the user information
        peer.write(rq)
        answer = peer.read()
        peer.write(our_pdu.A_ABORT_RQ())

    items = {type(item).__name__: item for item in answer.user_information.user_data}
    assert items["MaximumLengthNotification"].maximum_length_received == 65536
    uid = items["ImplementationClassUIDNotification"].implementation_class_uid
    assert uid == asceprovider.IMPLEMENTATION_UID
    assert "UserIdentityNegotiation" not in items
    assert b"estro" not in answer.encode()


@pytest.mark.parametrize(
    ("remote", "kind", "secret"),
    [
        ({"username": "vivaldi"}, 1, "vivaldi"),
        ({"kerberos": b"ticket"}, 3, "ticket"),
        ({"saml": "assertion"}, 4, "assertion"),
        ({"jwt": "token"}, 5, "token"),
    ],
)
def test_users_identify_themselves_in_five_ways(
    remote: dict[str, Any], kind: int, secret: str
) -> None:
    seen: list[Any] = []
    hooks = {"on_association_request": lambda asce, assoc: seen.append(assoc)}

    with Entity(sopclass.verification_scp, **hooks) as server:
        asking = client(sopclass.verification_scu)
        with asking.request_association({**server.address, **remote}):
            identity = seen[0].variable_items[-1].user_data[-1]

    assert (identity.user_identity_type, identity.primary_field) == (kind, secret)
    assert secret not in repr(identity)


def test_further_user_items_are_sent() -> None:
    seen: list[Any] = []
    hooks = {"on_association_request": lambda asce, assoc: seen.append(assoc)}
    item = userdataitems.SOPClassExtendedNegotiationSubItem(VERIFICATION, b"\x01")

    with Entity(sopclass.verification_scp, **hooks) as server:
        asking = client(sopclass.verification_scu)
        with asking.request_association({**server.address, "user_data": [item]}):
            assert item in seen[0].variable_items[-1].user_data


def test_a_hook_rejects_an_association() -> None:
    def on_association_request(asce: Any, assoc: Any) -> None:
        raise exceptions.AssociationRejectedError(1, 1, 7)

    hooks = {"on_association_request": on_association_request}
    with Entity(sopclass.verification_scp, **hooks) as server:
        asking = client(sopclass.verification_scu)
        with (
            pytest.raises(exceptions.AssociationRejectedError) as caught,
            asking.request_association(server.address),
        ):
            pass

    assert (caught.value.result, caught.value.source, caught.value.diagnostic) == (1, 1, 7)


def test_a_connection_that_is_refused_is_told_with_its_reason() -> None:
    with Entity() as server:
        address = server.address
    asking = client(sopclass.verification_scu)

    with (
        pytest.raises(exceptions.AssociationAbortedError, match=r"No connection to 127.0.0.1:\d+"),
        asking.request_association(address),
    ):
        pass


def test_a_peer_that_does_not_answer_the_request_is_given_up() -> None:
    def play(peer: Peer) -> None:
        peer.read()
        assert isinstance(peer.read(), our_pdu.A_ABORT_RQ)

    asking = client(sopclass.verification_scu)
    asking.timeout = 0.1
    with accepting(play) as address, pytest.raises(exceptions.DCMTimeoutError):
        associated(asking, address)


def test_classes_that_are_served_are_proposed_with_the_role_of_scp() -> None:
    seen: list[Any] = []
    hooks = {"on_association_request": lambda asce, assoc: seen.append(assoc)}

    with (
        Entity(sopclass.verification_scp, **hooks) as server,
        Entity(sopclass.verification_scp, sopclass.modality_work_list_scp) as asking,
    ):
        asking.add_scu(sopclass.verification_scu).update_context_def_list([CT], True)
        with asking.request_association(server.address):
            items = seen[0].variable_items[-1].user_data

    worklist = uids.MODALITY_WORK_LIST_INFORMATION_FIND_SOP_CLASS
    roles = [i for i in items if isinstance(i, userdataitems.ScpScuRoleSelectionSubItem)]
    assert [(role.sop_class_uid, role.scu_role, role.scp_role) for role in roles] == [
        (VERIFICATION, 1, 1),
        (worklist, 0, 1),
        (CT, 0, 1),  # only to receive it, with C-GET
    ]


def test_an_entity_that_serves_all_storage_classes_can_still_ask(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Entity(sopclass.verification_scp) as server, Entity(sopclass.storage_scp) as asking:
        asking.add_scu(sopclass.verification_scu)
        with asking.request_association(server.address) as asce:
            proposed = asce.context_def_list
            assert echo(asce).is_success

    assert sorted(proposed) == list(range(1, 256, 2))
    assert proposed[1].sop_class == VERIFICATION
    assert len(asking.context_def_list) == 140
    assert "140 presentation contexts are too many" in caplog.text


# They carry messages.


def test_messages_go_out_and_come_in_one_by_one() -> None:
    with Entity(sopclass.verification_scp) as server:
        asce = associated(client(sopclass.verification_scu), server.address)
        message = echo_request(7)

        asce.send(message, 1)
        answer, context_id = asce.receive()

        assert message.command_set.CommandGroupLength == 56
        assert isinstance(answer, dimsemessages.CEchoRSPMessage)
        assert (answer.message_id_being_responded_to, answer.status, context_id) == (7, 0, 1)
        assert isinstance(asce.release(), pdu.AReleaseRpPDU)


def test_a_context_that_was_not_accepted_is_not_used() -> None:
    with (
        Entity(sopclass.verification_scp) as server,
        client(sopclass.verification_scu).request_association(server.address) as asce,
    ):
        message = dimsemessages.CEchoRQMessage()
        with pytest.raises(exceptions.ClassNotSupportedError, match="context 3"):
            asce.send(message, 3)


@pytest.mark.parametrize("sop_class", [CT, "1.2.3"])
def test_a_class_that_is_not_accepted_has_no_service(sop_class: str) -> None:
    asking = client(sopclass.verification_scu).add_scu(sopclass.storage_scu, [CT])
    with (
        Entity(sopclass.verification_scp) as server,
        asking.request_association(server.address) as asce,
        pytest.raises(exceptions.ClassNotSupportedError, match=sop_class),
    ):
        asce.get_scu(sop_class)


def test_a_peer_without_a_limit_gets_messages_of_any_length() -> None:
    ds = image()
    ds.add_new(0x00090010, "LO", "PRIVATE")
    ds.add_new(0x00091000, "OB", bytes(100_000))
    kept: list[int] = []

    def on_receive_store(context: Any, file: Any) -> int:
        kept.append(len(file.read()))
        return 0

    with Entity(sopclass.storage_scp, on_receive_store=on_receive_store) as server:
        server.max_pdu_length = 0
        with storing_client().request_association(server.address) as asce:
            assert asce.get_scu(CT)(ds, 1).is_success
            assert asce.max_pdu_length == 65536

    assert kept[0] > 100_000


def test_a_message_that_a_class_has_no_method_for_is_answered() -> None:
    with (
        Entity(sopclass.verification_scp) as server,
        client(sopclass.verification_scu).request_association(server.address) as asce,
    ):
        message = dimsemessages.CFindRQMessage()
        message.sop_class_uid, message.message_id, message.priority = VERIFICATION, 3, 0
        asce.send(message, 1)
        answer, _ = asce.receive()

        assert answer.status == 0x0211  # type: ignore[attr-defined]  # a response
        assert echo(asce).is_success


def test_silence_is_a_timeout_and_no_end() -> None:
    asking = client(sopclass.verification_scu)
    with (
        Entity(sopclass.verification_scp) as server,
        asking.request_association(server.address) as asce,
    ):
        asking.timeout = 0.05
        with pytest.raises(exceptions.DCMTimeoutError):
            asce.receive()
        asking.timeout = 15
        assert echo(asce).is_success


# They end.


def test_an_acceptor_aborts_when_its_peer_is_silent() -> None:
    with Entity(sopclass.verification_scp) as server:
        server.timeout = 0.1
        asce = associated(client(sopclass.verification_scu), server.address)

        with pytest.raises(exceptions.AssociationAbortedError):
            asce.receive()


def test_a_release_by_the_peer_is_answered_and_told() -> None:
    answers: list[Any] = []

    def play(peer: Peer) -> None:
        rq = peer.read()
        ac = our_pdu.A_ASSOCIATE_AC()
        ac.from_primitive(acceptance(rq.to_primitive()))
        peer.write(ac)
        peer.write(our_pdu.A_RELEASE_RQ())
        answers.append(peer.read())

    with accepting(play) as address:
        asce = associated(client(sopclass.verification_scu), address)
        with pytest.raises(exceptions.AssociationReleasedError):
            asce.receive()

    assert answers == [our_pdu.A_RELEASE_RP()]


def test_releases_that_cross_end_the_association() -> None:
    answers: list[Any] = []

    def play(peer: Peer) -> None:
        rq = peer.read()
        ac = our_pdu.A_ASSOCIATE_AC()
        ac.from_primitive(acceptance(rq.to_primitive()))
        peer.write(ac)
        answers.append(peer.read())
        peer.write(our_pdu.A_RELEASE_RQ())
        answers.append(peer.read())
        peer.write(our_pdu.A_RELEASE_RP())
        assert peer.is_left()

    with accepting(play) as address:
        associated(client(sopclass.verification_scu), address).release()

    assert answers == [our_pdu.A_RELEASE_RQ(), our_pdu.A_RELEASE_RP()]


def test_a_release_that_is_not_answered_becomes_an_abort() -> None:
    def play(peer: Peer) -> None:
        ac = our_pdu.A_ASSOCIATE_AC()
        ac.from_primitive(acceptance(peer.read().to_primitive()))
        peer.write(ac)
        assert isinstance(peer.read(), our_pdu.A_RELEASE_RQ)
        assert peer.read() == our_pdu.A_ABORT_RQ()

    asking = client(sopclass.verification_scu)
    with accepting(play) as address:
        asce = associated(asking, address)
        asking.timeout = 0.1
        with pytest.raises(exceptions.DCMTimeoutError):
            asce.release()
        assert not asce.association_established


@pytest.mark.parametrize(("source", "reason"), [(0, 0), (2, 0), (2, 6)])
def test_an_abort_is_told_with_source_and_reason(source: int, reason: int) -> None:
    def play(peer: Peer) -> None:
        ac = our_pdu.A_ASSOCIATE_AC()
        ac.from_primitive(acceptance(peer.read().to_primitive()))
        peer.write(ac)
        peer.write(build(our_pdu.A_ABORT_RQ, source=source, reason_diagnostic=reason))

    with accepting(play) as address:
        asce = associated(client(sopclass.verification_scu), address)
        with pytest.raises(exceptions.AssociationAbortedError) as caught:
            asce.receive()
        with pytest.raises(exceptions.AssociationAbortedError):
            echo(asce)

    assert (caught.value.source, caught.value.reason_diag) == (source, reason)


def test_a_connection_that_is_lost_is_an_abort() -> None:
    def play(peer: Peer) -> None:
        ac = our_pdu.A_ASSOCIATE_AC()
        ac.from_primitive(acceptance(peer.read().to_primitive()))
        peer.write(ac)

    with accepting(play) as address:
        asce = associated(client(sopclass.verification_scu), address)
        with pytest.raises(exceptions.AssociationAbortedError):
            echo(asce)


def test_what_is_no_pdu_is_answered_with_an_abort() -> None:
    def play(peer: Peer) -> None:
        ac = our_pdu.A_ASSOCIATE_AC()
        ac.from_primitive(acceptance(peer.read().to_primitive()))
        peer.connection.sendall(ac.encode() + b"HTTP/1.1 400 Bad Request\r\n\r\n")
        assert peer.read() == build(our_pdu.A_ABORT_RQ, source=2, reason_diagnostic=1)

    with accepting(play) as address:
        asce = associated(client(sopclass.verification_scu), address)
        with pytest.raises(exceptions.AssociationAbortedError, match="PDU type 48H"):
            asce.receive()


def test_a_release_of_what_was_lost_tells_of_the_loss() -> None:
    lost = threading.Event()

    def play(peer: Peer) -> None:
        ac = our_pdu.A_ASSOCIATE_AC()
        ac.from_primitive(acceptance(peer.read().to_primitive()))
        peer.write(ac)
        peer.write(build(our_pdu.A_ABORT_RQ, source=2, reason_diagnostic=4))
        lost.set()

    with accepting(play) as address:
        asce = associated(client(sopclass.verification_scu), address)
        assert lost.wait(20)
        with pytest.raises(exceptions.AssociationAbortedError) as caught:
            asce.release()

    assert (caught.value.source, caught.value.reason_diag) == (2, 4)


def test_an_error_in_the_block_aborts_the_association() -> None:
    pdus: list[Any] = []

    def play(peer: Peer) -> None:
        ac = our_pdu.A_ASSOCIATE_AC()
        ac.from_primitive(acceptance(peer.read().to_primitive()))
        peer.write(ac)
        pdus.append(peer.read())

    with (
        accepting(play) as address,
        pytest.raises(ZeroDivisionError),
        client(sopclass.verification_scu).request_association(address),
    ):
        raise ZeroDivisionError

    assert pdus == [our_pdu.A_ABORT_RQ()]


def test_an_error_in_a_hook_ends_that_association_and_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls: list[int] = []

    def on_receive_echo(context: Any) -> int:
        calls.append(1)
        return 0 // (len(calls) - 1)

    asking = client(sopclass.verification_scu)
    with Entity(sopclass.verification_scp, on_receive_echo=on_receive_echo) as server:
        asce = associated(asking, server.address)
        with pytest.raises(exceptions.AssociationAbortedError):
            echo(asce)
        with asking.request_association(server.address) as asce:
            assert echo(asce).is_success

    assert "ZeroDivisionError" in capsys.readouterr().err


def test_an_acceptor_aborts_as_provider_with_a_reason() -> None:
    def abort(asce: Any, ctx: Any, msg: Any) -> None:
        asce.abort(6)

    with Entity(sopclass.sop_classes([VERIFICATION])(abort)) as server:
        asce = associated(client(sopclass.verification_scu), server.address)
        with pytest.raises(exceptions.AssociationAbortedError) as caught:
            echo(asce)

    assert (caught.value.source, caught.value.reason_diag) == (2, 6)


def test_a_server_that_quits_ends_its_associations_and_frees_its_port() -> None:
    begun = threading.Event()

    def on_receive_echo(context: Any) -> int:
        begun.set()
        return 0

    asking = client(sopclass.verification_scu)
    with Entity(sopclass.verification_scp, on_receive_echo=on_receive_echo) as server:
        asce = associated(asking, server.address)
        assert echo(asce).is_success
        assert begun.wait(20)

    with pytest.raises(exceptions.AssociationAbortedError):
        echo(asce)
    again = applicationentity.AE("AGAIN", server.local_ae["port"])
    again.quit()
    again.quit()


def test_a_connection_on_which_nothing_is_requested_is_closed() -> None:
    with Entity(sopclass.verification_scp) as server:
        server.timeout = 0.1
        with connected(server.local_ae["port"]) as peer:
            assert peer.is_left()


def test_an_acceptor_may_release_and_lets_the_requestor_answer_first() -> None:
    pdus: list[Any] = []

    def release(asce: Any, ctx: Any, msg: Any) -> None:
        asce.release()

    with (
        Entity(sopclass.sop_classes([VERIFICATION])(release)) as server,
        connected(server.local_ae["port"]) as peer,
    ):
        rq = our_pdu.A_ASSOCIATE_RQ()
        rq.from_primitive(request())
        peer.write(rq)
        pdus.append(peer.read())
        echo_rq = dimsemessages.CEchoRQMessage()
        echo_rq.sop_class_uid, echo_rq.message_id = VERIFICATION, 1
        for value in echo_rq.encode(1, 16384):
            peer.write(value)
        pdus.append(peer.read())
        peer.write(our_pdu.A_RELEASE_RQ())  # both at once
        peer.write(our_pdu.A_RELEASE_RP())
        pdus.append(peer.read())

    assert [type(value).__name__ for value in pdus] == [
        "A_ASSOCIATE_AC",
        "A_RELEASE_RQ",
        "A_RELEASE_RP",
    ]


def test_a_peer_that_does_not_read_is_killed_all_the_same() -> None:
    begun, done = threading.Event(), threading.Event()

    class Large(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            begun.set()
            return super().read(size)

    def play(peer: Peer) -> None:
        ac = our_pdu.A_ASSOCIATE_AC()
        ac.from_primitive(acceptance(peer.read().to_primitive()))
        peer.write(ac)
        assert done.wait(20)

    def send() -> None:
        message = dimsemessages.CFindRQMessage()
        message.sop_class_uid, message.message_id, message.priority = VERIFICATION, 1, 0
        message.data_set = Large(bytes(100_000_000))  # more than the network takes
        asce.send(message, 1)

    with accepting(play) as address:
        asce = associated(client(sopclass.verification_scu), address)
        sender = threading.Thread(target=send)
        sender.start()
        assert begun.wait(20)
        asce.kill()
        sender.join(20)
        done.set()
        assert not sender.is_alive()


def test_an_association_can_be_killed_while_it_waits() -> None:
    with Entity(sopclass.verification_scp) as server:
        asce = associated(client(sopclass.verification_scu), server.address)
        killer = threading.Timer(0.05, asce.kill)
        killer.start()

        with pytest.raises(exceptions.AssociationAbortedError):
            asce.receive()
        killer.join()


def test_a_port_that_is_taken_is_told() -> None:
    with Entity() as server, pytest.raises(OSError, match="in use"):
        applicationentity.AE("SECOND", server.local_ae["port"])


def test_to_construct_an_acceptor_is_to_run_its_association_to_the_end() -> None:
    echoes: list[Any] = []

    def on_receive_echo(context: Any) -> int:
        echoes.append(context)
        return 0

    with Entity(sopclass.verification_scp, on_receive_echo=on_receive_echo) as server:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            arguments = ours, ("peer", 0), server, 16384
            thread = threading.Thread(target=asceprovider.AssociationAcceptor, args=arguments)
            thread.start()
            peer = Peer(theirs)
            rq = our_pdu.A_ASSOCIATE_RQ()
            rq.from_primitive(request())
            peer.write(rq)
            assert peer.read().user_information.user_data[0].maximum_length_received == 16384
            for value in echo_request().encode(1, 16384):
                peer.write(value)
            assert isinstance(peer.read(), our_pdu.P_DATA_TF)
            assert thread.is_alive()
            peer.write(our_pdu.A_RELEASE_RQ())
            assert peer.read() == our_pdu.A_RELEASE_RP()
            theirs.shutdown(socket.SHUT_RDWR)
            thread.join(20)

    assert not thread.is_alive()
    assert echoes == [(1, VERIFICATION, IMPLICIT)]
