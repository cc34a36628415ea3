"""What is known about one side of an association, before and after the negotiation."""

from typing import Any

import pytest
from pydicom.uid import UID

from pynetdicom import build_context, build_role
from pynetdicom._address import AddressInformation
from pynetdicom._globals import DEFAULT_MAX_LENGTH
from pynetdicom.association import ServiceUser
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    AsynchronousOperationsWindowNegotiation,
    ImplementationVersionNameNotification,
    ServiceParameter,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)
from pynetdicom.sop_class import CTImageStorage, Verification


@pytest.fixture
def requestor() -> ServiceUser:
    return ServiceUser(None, "requestor")


@pytest.fixture
def acceptor() -> ServiceUser:
    return ServiceUser(None, "acceptor")


def extended(uid: str = CTImageStorage, information: bytes = b"\x01") -> ServiceParameter:
    item = SOPClassExtendedNegotiation()
    item.sop_class_uid, item.service_class_application_information = uid, information
    return item


def common(uid: str = CTImageStorage) -> ServiceParameter:
    item = SOPClassCommonExtendedNegotiation()
    item.sop_class_uid, item.service_class_uid = uid, "1.2.840.10008.4.2"
    return item


def identity(name: bytes = b"somebody") -> ServiceParameter:
    item = UserIdentityNegotiation()
    item.user_identity_type, item.primary_field = 1, name
    return item


def window(invoked: int = 5) -> ServiceParameter:
    item = AsynchronousOperationsWindowNegotiation()
    item.maximum_number_operations_invoked = invoked
    return item


def test_a_side_is_one_of_two(requestor: ServiceUser, acceptor: ServiceUser) -> None:
    assert (requestor.mode, requestor.is_requestor, requestor.is_acceptor) == (
        "requestor",
        True,
        False,
    )
    assert (acceptor.mode, acceptor.is_requestor, acceptor.is_acceptor) == (
        "acceptor",
        False,
        True,
    )
    with pytest.raises(ValueError, match="mode"):
        ServiceUser(None, "both")


def test_a_new_side_knows_nothing(requestor: ServiceUser) -> None:
    assert requestor.writeable
    assert requestor.primitive is None
    assert requestor.info == {
        "ae_title": "",
        "address": None,
        "port": None,
        "mode": "requestor",
        "pdv_size": DEFAULT_MAX_LENGTH,
    }
    assert (requestor.implementation_class_uid, requestor.implementation_version_name) == (
        None,
        None,
    )
    assert requestor.asynchronous_operations == (1, 1)
    assert requestor.user_information == requestor.extended_negotiation == []
    assert (requestor.role_selection, requestor.user_identity) == ({}, None)
    assert (requestor.sop_class_extended, requestor.sop_class_common_extended) == ({}, {})


@pytest.mark.parametrize("name", ["address", "port"])
def test_an_address_must_be_known(requestor: ServiceUser, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        getattr(requestor, name)

    requestor.address_info = AddressInformation("127.0.0.1", 104)

    assert getattr(requestor, name) == {"address": "127.0.0.1", "port": 104}[name]


def test_what_a_side_says_of_itself_can_be_set(requestor: ServiceUser) -> None:
    requestor.ae_title = "TITLE"
    requestor.maximum_length = 4096
    requestor.implementation_class_uid = "1.2.3"
    requestor.implementation_version_name = "V1"
    requestor.implementation_version_name = "V2"

    assert (requestor.ae_title, requestor.maximum_length) == ("TITLE", 4096)
    assert requestor.implementation_class_uid == UID("1.2.3")
    assert requestor.implementation_version_name == "V2"
    assert len(requestor.user_information) == 3


def test_a_version_can_be_kept_secret(requestor: ServiceUser) -> None:
    requestor.implementation_version_name = None
    requestor.implementation_version_name = "V1"
    requestor.implementation_version_name = None

    assert requestor.user_information == []


@pytest.mark.parametrize("title", ["", None])
def test_a_side_needs_a_title(requestor: ServiceUser, title: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        requestor.ae_title = title


# Items of extended negotiation.


def test_items_can_be_added_and_looked_at(requestor: ServiceUser) -> None:
    role = build_role(CTImageStorage, True, True)
    for item in (role, extended(), common(), identity(), window()):
        requestor.add_negotiation_item(item)

    assert requestor.role_selection == {CTImageStorage: role}
    assert requestor.sop_class_extended == {CTImageStorage: b"\x01"}
    assert requestor.sop_class_common_extended == {CTImageStorage: common()}
    assert requestor.user_identity == identity()
    assert requestor.asynchronous_operations == (5, 1)
    assert len(requestor.extended_negotiation) == 5


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        (extended(), extended(information=b"\x02"), 1),
        (extended(), extended(uid=Verification), 2),
        (extended(), common(), 2),
        (identity(), identity(b"somebody else"), 1),
        (window(), window(6), 1),
        (identity(), window(), 2),
        (extended(), identity(), 2),
    ],
)
def test_an_item_about_the_same_matter_is_replaced(
    requestor: ServiceUser, first: ServiceParameter, second: ServiceParameter, count: int
) -> None:
    requestor.add_negotiation_item(first)
    requestor.add_negotiation_item(second)

    assert len(requestor.extended_negotiation) == count
    assert requestor.extended_negotiation[-1] is second


@pytest.mark.parametrize("item", ["CT", None, ImplementationVersionNameNotification()])
def test_other_things_are_no_items(requestor: ServiceUser, item: Any) -> None:
    with pytest.raises(TypeError, match="extended negotiation"):
        requestor.add_negotiation_item(item)


def test_items_can_be_removed(requestor: ServiceUser) -> None:
    requestor.maximum_length = 5
    requestor.add_negotiation_item(extended())
    requestor.add_negotiation_item(identity())
    requestor.add_negotiation_item(window())

    requestor.remove_negotiation_item(identity())
    requestor.remove_negotiation_item(common())

    assert requestor.extended_negotiation == [extended(), window()]
    requestor.reset_negotiation_items()
    assert requestor.extended_negotiation == []
    assert requestor.maximum_length == 5


# Contexts.


def test_contexts_of_a_requestor_are_numbered_copies(requestor: ServiceUser) -> None:
    context = build_context(CTImageStorage)

    requestor.requested_contexts = [build_context(Verification), context]

    assert [c.context_id for c in requestor.requested_contexts] == [1, 3]
    assert context.context_id is None
    assert requestor.get_contexts("requested") == requestor.requested_contexts
    assert requestor.get_contexts("pcdl") == []


def test_contexts_of_an_acceptor_are_what_it_supports(acceptor: ServiceUser) -> None:
    acceptor.supported_contexts = [build_context(Verification)]

    assert acceptor.get_contexts("supported") == acceptor.supported_contexts
    assert acceptor.get_contexts("pcdrl") == []


def test_each_side_has_its_own_contexts(requestor: ServiceUser, acceptor: ServiceUser) -> None:
    with pytest.raises(AttributeError, match="requestor"):
        _ = acceptor.requested_contexts
    with pytest.raises(AttributeError, match="requestor"):
        acceptor.requested_contexts = []
    with pytest.raises(AttributeError, match="acceptor"):
        _ = requestor.supported_contexts
    with pytest.raises(AttributeError, match="acceptor"):
        requestor.supported_contexts = []
    with pytest.raises(RuntimeError, match="acceptor"):
        _ = requestor.accepted_common_extended
    assert acceptor.accepted_common_extended == {}


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("requestor", "supported"),
        ("requestor", "pcdrl"),
        ("acceptor", "requested"),
        ("acceptor", "pcdl"),
        ("acceptor", "all"),
    ],
)
def test_a_side_has_no_other_contexts(mode: str, kind: str) -> None:
    with pytest.raises(ValueError, match="cx_type"):
        ServiceUser(None, mode).get_contexts(kind)


# After the negotiation.


def negotiated(mode: str) -> ServiceUser:
    primitive = A_ASSOCIATE()
    primitive.presentation_context_definition_list = [build_context(Verification)]
    primitive.presentation_context_definition_results_list = [build_context(CTImageStorage)]
    user = ServiceUser(None, mode)
    user.take(primitive)
    return user


def test_a_negotiated_side_shows_what_it_said() -> None:
    requestor, acceptor = negotiated("requestor"), negotiated("acceptor")

    assert [c.abstract_syntax for c in requestor.get_contexts("pcdl")] == [Verification]
    assert [c.abstract_syntax for c in acceptor.get_contexts("pcdrl")] == [CTImageStorage]
    assert (requestor.maximum_length, acceptor.maximum_length) == (0, 0)
    assert not requestor.writeable


@pytest.mark.parametrize(
    ("mode", "name", "value"),
    [
        ("requestor", "ae_title", "X"),
        ("requestor", "maximum_length", 1),
        ("requestor", "implementation_class_uid", "1.2"),
        ("requestor", "implementation_version_name", "X"),
        ("requestor", "implementation_version_name", None),
        ("requestor", "requested_contexts", []),
        ("acceptor", "supported_contexts", []),
    ],
)
def test_a_negotiated_side_cannot_be_changed(mode: str, name: str, value: Any) -> None:
    with pytest.raises(RuntimeError, match="negotiation has begun"):
        setattr(negotiated(mode), name, value)


def test_items_of_a_negotiated_side_cannot_be_changed() -> None:
    user = negotiated("requestor")

    with pytest.raises(RuntimeError):
        user.add_negotiation_item(identity())
    with pytest.raises(RuntimeError):
        user.remove_negotiation_item(identity())
    with pytest.raises(RuntimeError):
        user.reset_negotiation_items()
