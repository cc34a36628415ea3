"""The DIMSE primitives as users set and read them (PS3.7 9.1 and 10.1)."""

from io import BytesIO
from typing import Any

import pytest
from pydicom.tag import Tag
from pydicom.uid import UID

from pynetdicom import _config
from pynetdicom import dimse_primitives as dimse
from pynetdicom.dimse_primitives import C_CANCEL, C_ECHO, C_FIND, C_MOVE, C_STORE, N_GET
from pynetdicom.testing import build

KINDS = list(dimse.PRIMITIVES.values())

# Primitive: elements as keywords, data set of request and response.
PARAMETERS: dict[type[dimse.DIMSEPrimitive], tuple[str, str | None, str | None]] = {
    C_ECHO: ("AffectedSOPClassUID ErrorComment", None, None),
    C_STORE: (
        "AffectedSOPClassUID AffectedSOPInstanceUID Priority MoveOriginatorApplicationEntityTitle "
        "MoveOriginatorMessageID OffendingElement ErrorComment ErrorID",
        "DataSet",
        None,
    ),
    C_FIND: (
        "AffectedSOPClassUID Priority OffendingElement ErrorComment ErrorID",
        "Identifier",
        "Identifier",
    ),
    dimse.C_GET: (
        "AffectedSOPClassUID Priority OffendingElement ErrorComment ErrorID "
        "NumberOfRemainingSuboperations NumberOfCompletedSuboperations "
        "NumberOfFailedSuboperations NumberOfWarningSuboperations",
        "Identifier",
        "Identifier",
    ),
    C_MOVE: (
        "AffectedSOPClassUID Priority MoveDestination OffendingElement ErrorComment ErrorID "
        "NumberOfRemainingSuboperations NumberOfCompletedSuboperations "
        "NumberOfFailedSuboperations NumberOfWarningSuboperations",
        "Identifier",
        "Identifier",
    ),
    C_CANCEL: ("", None, None),
    dimse.N_EVENT_REPORT: (
        "AffectedSOPClassUID AffectedSOPInstanceUID EventTypeID ErrorComment ErrorID",
        "EventInformation",
        "EventReply",
    ),
    N_GET: (
        "AffectedSOPClassUID RequestedSOPClassUID AffectedSOPInstanceUID RequestedSOPInstanceUID "
        "AttributeIdentifierList ErrorComment ErrorID",
        None,
        "AttributeList",
    ),
    dimse.N_SET: (
        "AffectedSOPClassUID RequestedSOPClassUID AffectedSOPInstanceUID RequestedSOPInstanceUID "
        "AttributeIdentifierList ErrorComment ErrorID",
        "ModificationList",
        "AttributeList",
    ),
    dimse.N_ACTION: (
        "AffectedSOPClassUID RequestedSOPClassUID AffectedSOPInstanceUID RequestedSOPInstanceUID "
        "ActionTypeID ErrorComment ErrorID",
        "ActionInformation",
        "ActionReply",
    ),
    dimse.N_CREATE: (
        "AffectedSOPClassUID AffectedSOPInstanceUID AttributeIdentifierList ErrorComment ErrorID",
        "AttributeList",
        "AttributeList",
    ),
    dimse.N_DELETE: (
        "AffectedSOPClassUID RequestedSOPClassUID AffectedSOPInstanceUID RequestedSOPInstanceUID "
        "ErrorComment ErrorID",
        None,
        None,
    ),
}
IN_ALL = {"MessageID", "MessageIDBeingRespondedTo", "Status"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_primitive_has_the_parameters_of_the_standard(kind: type[dimse.DIMSEPrimitive]) -> None:
    keywords, in_request, in_response = PARAMETERS[kind]

    assert {element.name for element in kind.elements} == IN_ALL | set(keywords.split())
    assert kind.data_keywords == (in_request, in_response)
    assert kind.msg_type == kind.__name__.replace("_", "-")


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_primitive_says_nothing(kind: type[dimse.DIMSEPrimitive]) -> None:
    value = kind()

    said = {element.name: getattr(value, element.name) for element in kind.elements}
    assert {name for name, parameter in said.items() if parameter is not None} <= {"Priority"}
    assert not value.is_response
    assert value.data_set is None
    assert not value.is_valid_request
    assert not value.is_valid_response


MINIMAL_REQUESTS: dict[type[dimse.DIMSEPrimitive], dict[str, Any]] = {
    C_ECHO: {"AffectedSOPClassUID": "1.2"},
    C_STORE: {
        "AffectedSOPClassUID": "1.2",
        "AffectedSOPInstanceUID": "1.3",
        "DataSet": BytesIO(b""),
    },
    C_FIND: {"AffectedSOPClassUID": "1.2", "Identifier": BytesIO(b"")},
    dimse.C_GET: {"AffectedSOPClassUID": "1.2", "Identifier": BytesIO(b"")},
    C_MOVE: {"AffectedSOPClassUID": "1.2", "Identifier": BytesIO(b""), "MoveDestination": "X"},
    dimse.N_EVENT_REPORT: {
        "AffectedSOPClassUID": "1.2",
        "AffectedSOPInstanceUID": "1.3",
        "EventTypeID": 1,
    },
    N_GET: {"RequestedSOPClassUID": "1.2", "RequestedSOPInstanceUID": "1.3"},
    dimse.N_SET: {
        "RequestedSOPClassUID": "1.2",
        "RequestedSOPInstanceUID": "1.3",
        "ModificationList": BytesIO(b""),
    },
    dimse.N_ACTION: {
        "RequestedSOPClassUID": "1.2",
        "RequestedSOPInstanceUID": "1.3",
        "ActionTypeID": 1,
    },
    dimse.N_CREATE: {"AffectedSOPClassUID": "1.2"},
    dimse.N_DELETE: {"RequestedSOPClassUID": "1.2", "RequestedSOPInstanceUID": "1.3"},
}
WITHOUT_ONE = [(kind, name) for kind, parameters in MINIMAL_REQUESTS.items() for name in parameters]


@pytest.mark.parametrize("kind", MINIMAL_REQUESTS)
def test_a_request_is_valid_with_its_mandatory_parameters(
    kind: type[dimse.DIMSEPrimitive],
) -> None:
    assert build(kind, MessageID=0, **MINIMAL_REQUESTS[kind]).is_valid_request
    assert not build(kind, **MINIMAL_REQUESTS[kind]).is_valid_request


@pytest.mark.parametrize(("kind", "missing"), WITHOUT_ONE)
def test_a_request_is_not_valid_without_one_of_them(
    kind: type[dimse.DIMSEPrimitive], missing: str
) -> None:
    rest = {name: value for name, value in MINIMAL_REQUESTS[kind].items() if name != missing}

    assert not build(kind, MessageID=1, **rest).is_valid_request


def test_a_cancel_names_a_message_and_is_no_response() -> None:
    cancel = build(C_CANCEL, MessageIDBeingRespondedTo=7)

    assert cancel.is_valid_request
    assert not cancel.is_response
    assert not cancel.is_valid_response


@pytest.mark.parametrize("kind", MINIMAL_REQUESTS)
def test_a_response_is_valid_with_what_it_responds_to_and_a_status(
    kind: type[dimse.DIMSEPrimitive],
) -> None:
    response = build(kind, MessageIDBeingRespondedTo=0, Status=0)

    assert response.is_response
    assert response.is_valid_response
    assert not build(kind, Status=0).is_valid_response
    assert not build(kind, MessageIDBeingRespondedTo=0).is_valid_response


@pytest.mark.parametrize(
    ("kind", "keyword", "is_response"),
    [
        (kind, keyword, is_response)
        for kind, (_, *keywords) in PARAMETERS.items()
        for is_response, keyword in zip((False, True), keywords, strict=True)
        if keyword
    ],
)
def test_the_data_set_is_found_under_its_name(
    kind: type[dimse.DIMSEPrimitive], keyword: str, is_response: bool
) -> None:
    data = BytesIO(b"data")
    value = build(kind, **{keyword: data})
    value.MessageIDBeingRespondedTo = 1 if is_response else None

    assert value.data_keyword == keyword
    assert value.data_set is data


NUMBERS = [
    (kind, element.name) for kind in KINDS for element in kind.elements if element.vr == "US"
]


@pytest.mark.parametrize(("kind", "name"), NUMBERS)
def test_a_number_has_two_bytes(kind: type[dimse.DIMSEPrimitive], name: str) -> None:
    value = kind()

    for wrong in (-1, 0x10000):
        with pytest.raises(ValueError, match=name):
            setattr(value, name, wrong)
    assert getattr(value, name) == getattr(kind(), name)


@pytest.mark.parametrize("name", ["MessageID", "MessageIDBeingRespondedTo", "Status"])
@pytest.mark.parametrize("wrong", ["1", 1.0, b"1"])
def test_a_number_is_an_int(name: str, wrong: Any) -> None:
    with pytest.raises(TypeError, match=name):
        build(C_ECHO, **{name: wrong})


@pytest.mark.parametrize("priority", [0, 1, 2])
def test_a_priority_is_one_of_three(priority: int) -> None:
    assert build(C_STORE, Priority=priority).Priority == priority
    assert C_STORE().Priority == 2


@pytest.mark.parametrize("wrong", [3, -1, None, "1"])
def test_there_is_no_other_priority(wrong: Any) -> None:
    with pytest.raises(ValueError, match="Priority"):
        build(C_FIND, Priority=wrong)


@pytest.mark.parametrize("value", ["1.2.3", b"1.2.3", b"1.2.3\0", UID("1.2.3")])
def test_a_uid_may_be_text_bytes_or_uid(value: Any) -> None:
    uid = build(C_ECHO, AffectedSOPClassUID=value).AffectedSOPClassUID

    assert isinstance(uid, UID)
    assert uid == "1.2.3"


def test_a_uid_is_checked_as_strictly_as_the_user_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    assert build(C_ECHO, AffectedSOPClassUID="1.02").AffectedSOPClassUID == "1.02"
    with pytest.raises(ValueError, match="AffectedSOPClassUID"):
        build(C_ECHO, AffectedSOPClassUID="1" * 65)

    monkeypatch.setattr(_config, "ENFORCE_UID_CONFORMANCE", True)

    with pytest.raises(ValueError, match="AffectedSOPClassUID"):
        build(C_ECHO, AffectedSOPClassUID="1.02")


def test_a_bad_originator_is_dropped_and_a_bad_destination_is_not() -> None:
    store = build(C_STORE, MoveOriginatorApplicationEntityTitle="FAR TOO LONG A TITLE")

    assert store.MoveOriginatorApplicationEntityTitle is None
    assert build(C_STORE, MoveOriginatorApplicationEntityTitle="").data_set is None
    with pytest.raises(ValueError, match="MoveDestination"):
        build(C_MOVE, MoveDestination="FAR TOO LONG A TITLE")
    with pytest.raises(ValueError, match="MoveDestination"):
        build(C_MOVE, MoveDestination="")
    with pytest.raises(TypeError, match="MoveDestination"):
        build(C_MOVE, MoveDestination=1)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(C_MOVE, "MoveDestination"), (C_STORE, "MoveOriginatorApplicationEntityTitle")],
)
def test_a_title_may_still_be_bytes(kind: type[dimse.DIMSEPrimitive], name: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"'{name}' is given as bytes"):
        primitive = build(kind, **{name: b"PACS"})

    assert getattr(primitive, name) == "PACS"


@pytest.mark.parametrize("wrong", [b"data", "data", 1, memoryview(b"data"), bytearray(b"data")])
def test_a_data_set_is_a_stream(wrong: Any) -> None:
    with pytest.raises(TypeError, match="DataSet"):
        build(C_STORE, DataSet=wrong)


def test_a_comment_has_at_most_64_characters() -> None:
    assert build(C_ECHO, ErrorComment="?" * 65).ErrorComment == "?" * 64
    assert build(C_ECHO, ErrorComment=None).ErrorComment is None
    with pytest.raises(TypeError, match="ErrorComment"):
        build(C_ECHO, ErrorComment=1)


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        (None, None),
        ([], []),
        (0x00100020, [0x00100020]),
        ("PatientID", [0x00100020]),
        ((0x0010, 0x0020), [0x00100020]),
        ([(0x0010, 0x0020), "PatientName", 0x00080018], [0x00100020, 0x00100010, 0x00080018]),
        (("PatientID", "PatientName"), [0x00100020, 0x00100010]),
        ([0x00100020], [0x00100020]),
    ],
)
def test_tags_may_be_given_in_many_ways(value: Any, tags: list[int] | None) -> None:
    assert build(N_GET, AttributeIdentifierList=value).AttributeIdentifierList == (
        None if tags is None else [Tag(tag) for tag in tags]
    )


@pytest.mark.parametrize(
    ("value", "error"),
    [("Patient's name", ValueError), (-1, ValueError), (1 << 32, OverflowError)],
)
def test_what_is_no_tag_is_refused(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="OffendingElement"):
        build(C_STORE, OffendingElement=value)


def test_the_keywords_of_users_are_here() -> None:
    assert C_STORE.REQUEST_KEYWORDS == (
        "MessageID",
        "AffectedSOPClassUID",
        "AffectedSOPInstanceUID",
        "Priority",
        "DataSet",
    )
    assert C_ECHO.RESPONSE_KEYWORDS == ("MessageIDBeingRespondedTo", "Status")
    assert "NumberOfFailedSuboperations" in C_MOVE.STATUS_OPTIONAL_KEYWORDS
    assert dimse.DimsePrimitiveType is dimse.DimseServiceType is dimse.DIMSEPrimitive
