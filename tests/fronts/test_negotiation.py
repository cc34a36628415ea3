"""What is negotiated besides contexts (PS3.7 D.3.3): identity, roles, extensions, window."""

from typing import Any

import pytest
from pydicom.uid import UID

from fronts.instances import ct_image
from fronts.peer import Peer, acceptance, listening
from fronts.stage import Front, Recorder
from pynetdicom import Association, build_role, evt
from pynetdicom.pdu_primitives import (
    AsynchronousOperationsWindowNegotiation,
    ServiceParameter,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)
from pynetdicom.sop_class import CTImageStorage, MRImageStorage, Verification

STORAGE_SERVICE = UID("1.2.840.10008.4.2")


def associate(
    front: Front, event: evt.EventType, handler: evt.Handler | None, *items: ServiceParameter
) -> Association:
    handlers: list[evt.EventHandlerType] = [(event, handler)] if handler else []
    server = front.serve(front.ae(), handlers)
    return front.associate(front.ae(), server.server_address, ext_neg=list(items))


def fails(event: evt.Event) -> Any:
    raise RuntimeError("no negotiations today")


# User identity.


def identity(kind: int, *, wants_answer: bool) -> UserIdentityNegotiation:
    item = UserIdentityNegotiation()
    item.user_identity_type, item.primary_field = kind, b"who"
    item.secondary_field = b"secret" if kind == 2 else None
    item.positive_response_requested = wants_answer
    return item


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5])
def test_an_identity_is_shown_to_the_handler(front: Front, kind: int) -> None:
    seen = Recorder()

    def verify(event: evt.Event) -> tuple[bool, bytes | None]:
        seen.note(event)
        return True, None

    assoc = associate(front, evt.EVT_USER_ID, verify, identity(kind, wants_answer=True))

    assert assoc.is_established
    (event,) = seen.events
    assert (event.user_id_type, event.primary_field) == (kind, b"who")
    assert event.secondary_field == (b"secret" if kind == 2 else None)
    assert event.assoc.requestor.user_identity == identity(kind, wants_answer=True)


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("wants_answer", [True, False])
def test_tickets_assertions_and_tokens_are_answered_when_asked(
    front: Front, kind: int, wants_answer: bool
) -> None:
    def verify(event: evt.Event) -> tuple[bool, bytes | None]:
        return True, b"welcome"

    assoc = associate(front, evt.EVT_USER_ID, verify, identity(kind, wants_answer=wants_answer))

    assert assoc.is_established
    answer = assoc.acceptor.user_identity
    is_answered = wants_answer and kind in (3, 4, 5)
    assert (answer.server_response if answer else None) == (b"welcome" if is_answered else None)


def test_an_identity_is_accepted_when_nobody_verifies_it(front: Front) -> None:
    assoc = associate(front, evt.EVT_USER_ID, None, identity(3, wants_answer=True))

    assert assoc.is_established
    assert assoc.acceptor.user_identity is None


@pytest.mark.parametrize(
    "answer", [(False, b"no"), None, True, (True, "text is no answer"), "nonsense"]
)
def test_an_identity_is_refused_when_the_handler_does_not_say_yes(
    front: Front, answer: Any
) -> None:
    def verify(event: evt.Event) -> Any:
        return answer

    assoc = associate(front, evt.EVT_USER_ID, verify, identity(3, wants_answer=True))

    assert assoc.is_rejected


def test_nobody_is_asked_about_an_identity_that_was_not_given(front: Front) -> None:
    assoc = associate(front, evt.EVT_USER_ID, fails)

    assert assoc.is_established


# Roles.


@pytest.mark.parametrize(
    ("proposed", "supported", "outcome", "answer"),
    [
        ((True, True), (True, True), (True, True), (True, True)),
        ((False, True), (False, True), (False, True), (False, True)),
        ((True, True), (True, False), (True, False), (True, False)),
        ((True, False), (True, True), (True, False), (True, False)),
        ((True, True), (None, None), (True, False), None),
    ],
)
def test_roles_are_negotiated(
    front: Front,
    proposed: tuple[bool, bool],
    supported: tuple[bool | None, bool | None],
    outcome: tuple[bool, bool],
    answer: tuple[bool, bool] | None,
) -> None:
    provider, roles = front.ae(), build_role(CTImageStorage, *proposed)
    provider.add_supported_context(CTImageStorage, None, *supported)
    server = front.serve(provider)

    assoc = front.associate(front.ae(), server.server_address, ext_neg=[roles])

    (other,) = server.active_associations
    ours = next(c for c in assoc.accepted_contexts if c.abstract_syntax == CTImageStorage)
    theirs = next(c for c in other.accepted_contexts if c.abstract_syntax == CTImageStorage)
    item = assoc.acceptor.role_selection.get(CTImageStorage)
    assert (ours.as_scu, ours.as_scp) == (theirs.as_scp, theirs.as_scu) == outcome
    assert (None if item is None else (item.scu_role, item.scp_role)) == answer
    assert assoc.requestor.role_selection == {CTImageStorage: roles}


def test_a_context_without_any_role_is_rejected_by_the_acceptor(front: Front) -> None:
    provider = front.ae()
    provider.add_supported_context(CTImageStorage, None, False, False)
    server = front.serve(provider)

    front.associate(
        front.ae(), server.server_address, ext_neg=[build_role(CTImageStorage, True, True)]
    )

    (other,) = server.active_associations
    assert [(c.abstract_syntax, c.result) for c in other.rejected_contexts] == [(CTImageStorage, 1)]


# SOP class extended negotiation.


def extended(uid: str, information: bytes) -> SOPClassExtendedNegotiation:
    item = SOPClassExtendedNegotiation()
    item.sop_class_uid, item.service_class_application_information = uid, information
    return item


def test_extended_negotiation_is_answered_by_the_handler(front: Front) -> None:
    seen = Recorder()

    def answer(event: evt.Event) -> dict[str, bytes]:
        seen.note(event)
        return {CTImageStorage: b"\x01\x00"}

    assoc = associate(
        front,
        evt.EVT_SOP_EXTENDED,
        answer,
        extended(CTImageStorage, b"\x01\x01"),
        extended(MRImageStorage, b"\x02"),
    )

    (event,) = seen.events
    assert event.app_info == {CTImageStorage: b"\x01\x01", MRImageStorage: b"\x02"}
    assert assoc.acceptor.sop_class_extended == {CTImageStorage: b"\x01\x00"}
    assert assoc.requestor.sop_class_extended == event.app_info


@pytest.mark.parametrize("answer", [None, {}, [], "nonsense", 1])
def test_without_an_answer_to_extended_negotiation_there_is_no_item(
    front: Front, answer: Any
) -> None:
    assoc = associate(
        front, evt.EVT_SOP_EXTENDED, lambda event: answer, extended(CTImageStorage, b"\x01")
    )

    assert assoc.is_established
    assert assoc.acceptor.sop_class_extended == {}


def test_bad_entries_of_an_answer_are_logged_and_left_out(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(event: evt.Event) -> dict[str, Any]:
        return {CTImageStorage: "text", MRImageStorage: b"\x02", "1" * 65: b"\x03"}

    assoc = associate(front, evt.EVT_SOP_EXTENDED, answer, extended(CTImageStorage, b"\x01"))

    assert assoc.acceptor.sop_class_extended == {MRImageStorage: b"\x02"}
    assert caplog.text.count("returned a bad item") == 2


@pytest.mark.parametrize(
    ("event", "item"),
    [
        (evt.EVT_SOP_EXTENDED, extended(CTImageStorage, b"\x01")),
        (evt.EVT_SOP_COMMON, None),
        (evt.EVT_ASYNC_OPS, AsynchronousOperationsWindowNegotiation()),
    ],
)
def test_a_handler_of_a_negotiation_that_fails_rejects_nothing(
    front: Front,
    event: evt.InterventionEvent,
    item: ServiceParameter | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assoc = associate(front, event, fails, item or common(CTImageStorage))

    assert assoc.is_established
    assert assoc.acceptor.extended_negotiation == []
    assert f"Exception raised in handler bound to 'evt.{event}'" in caplog.text


# SOP class common extended negotiation.


def common(uid: str, service: str = STORAGE_SERVICE) -> SOPClassCommonExtendedNegotiation:
    item = SOPClassCommonExtendedNegotiation()
    item.sop_class_uid, item.service_class_uid = uid, service
    item.related_general_sop_class_identification = [MRImageStorage]
    return item


def test_an_accepted_common_negotiation_decides_the_service_class(front: Front) -> None:
    private = UID("1.2.3.4.5")
    stored = Recorder()

    def accept(event: evt.Event) -> dict[UID, Any]:
        return {**event.items, MRImageStorage: "no item"}

    def store(event: evt.Event) -> int:
        stored.note(event)
        return 0x0000

    provider, user = front.ae(), front.ae()
    provider.add_supported_context(private)
    user.add_requested_context(private)
    server = front.serve(provider, [(evt.EVT_SOP_COMMON, accept), (evt.EVT_C_STORE, store)])
    assoc = front.associate(user, server.server_address, ext_neg=[common(private)])
    (other,) = server.active_associations

    assert other.acceptor.accepted_common_extended == {private: (STORAGE_SERVICE, [MRImageStorage])}
    assert other.requestor.sop_class_common_extended == {private: common(private)}
    status = assoc.send_c_store(_instance(private))
    assert (status.Status, stored.names) == (0x0000, ["C_STORE"])


@pytest.mark.parametrize("answer", [None, [], "nonsense"])
def test_another_answer_to_common_negotiation_accepts_nothing(front: Front, answer: Any) -> None:
    server = front.serve(front.ae(), [(evt.EVT_SOP_COMMON, lambda event: answer)])

    assoc = front.associate(front.ae(), server.server_address, ext_neg=[common(CTImageStorage)])

    (other,) = server.active_associations
    assert assoc.is_established
    assert other.acceptor.accepted_common_extended == {}


def _instance(sop_class: UID) -> Any:
    dataset = ct_image()
    dataset.SOPClassUID = sop_class
    return dataset


# Asynchronous operations window.


def window(invoked: int, performed: int) -> AsynchronousOperationsWindowNegotiation:
    item = AsynchronousOperationsWindowNegotiation()
    item.maximum_number_operations_invoked = invoked
    item.maximum_number_operations_performed = performed
    return item


def test_a_window_is_answered_with_one_operation_at_a_time(front: Front) -> None:
    seen = Recorder()

    def answer(event: evt.Event) -> tuple[int, int]:
        seen.note(event)
        return 7, 8

    assoc = associate(front, evt.EVT_ASYNC_OPS, answer, window(5, 6))

    (event,) = seen.events
    assert (event.nr_invoked, event.nr_performed) == (event.invoked, event.performed) == (5, 6)
    assert event.assoc.requestor.asynchronous_operations == (5, 6)
    assert assoc.acceptor.extended_negotiation == [window(1, 1)]
    assert assoc.acceptor.asynchronous_operations == (1, 1)


def test_a_window_is_not_answered_when_nobody_handles_it(front: Front) -> None:
    assoc = associate(front, evt.EVT_ASYNC_OPS, None, window(5, 6))

    assert assoc.is_established
    assert assoc.acceptor.extended_negotiation == []


# What the AE says of itself.


def test_implementations_introduce_themselves(front: Front) -> None:
    ours, theirs = front.ae(), front.ae()
    ours.implementation_class_uid, ours.implementation_version_name = UID("1.2.3"), "OURS"
    theirs.implementation_class_uid, theirs.implementation_version_name = UID("1.2.4"), None
    server = front.serve(theirs)

    assoc = front.associate(ours, server.server_address)

    (other,) = server.active_associations
    assert other.requestor.implementation_class_uid == "1.2.3"
    assert other.requestor.implementation_version_name == "OURS"
    assert assoc.acceptor.implementation_class_uid == "1.2.4"
    assert assoc.acceptor.implementation_version_name is None


def test_a_peer_without_a_maximum_length_has_no_limit(front: Front) -> None:
    def says_no_length(peer: Peer) -> None:
        answer = acceptance(peer.hear())
        answer.variable_items[-1].user_data.clear()  # type: ignore[attr-defined]  # user items
        peer.say(answer)
        peer.hear_the_end()

    with listening(says_no_length) as address:
        assoc = front.associate(front.ae(), address)
        assoc.abort()

    assert assoc.acceptor.maximum_length == 0
    assert assoc.acceptor.implementation_class_uid is None


def test_negotiations_of_a_call_do_not_stay_with_the_ae(front: Front) -> None:
    server, ae = front.serve(front.ae()), front.ae()
    front.associate(ae, server.server_address, ext_neg=[build_role(Verification, True, True)])

    assoc = front.associate(ae, server.server_address)

    assert assoc.requestor.extended_negotiation == []
