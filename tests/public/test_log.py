"""What the log says about messages, word for word: programs watch these lines."""

import logging
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.tag import Tag

from public.log_book import association, lines_of, text
from pynetdicom import _config, _handlers, _log, dsutils, evt
from pynetdicom import dimse_primitives as dimse
from pynetdicom.dimse_messages import MESSAGES, message_of
from pynetdicom.pdu import A_ABORT_RQ
from pynetdicom.sop_class import (
    CTImageStorage,
    ModalityPerformedProcedureStep,
    MRImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
    StorageCommitmentPushModel,
    Verification,
)

RECEIVED = (evt.EVT_DIMSE_RECV, _handlers.standard_dimse_recv_handler)
SENT = (evt.EVT_DIMSE_SENT, _handlers.standard_dimse_sent_handler)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger="pynetdicom")
    return caplog


def tell(what: tuple[evt.NotificationEvent, Any], message: dimse.DIMSEPrimitive) -> list[str]:
    """Have a handler log a message of context 1; return what it returns."""
    event, handler = what
    message._context_id = 1
    lines: list[str] = handler(evt.Event(association(), event, {"message": message_of(message)}))
    return lines


def message(name: str, **parameters: Any) -> dimse.DIMSEPrimitive:
    """Return a message by the name of its service."""
    primitive: dimse.DIMSEPrimitive = getattr(dimse, name)()
    for keyword, value in parameters.items():
        setattr(primitive, keyword, value)
    return primitive


def encoded(**values: Any) -> BytesIO:
    data_set = Dataset()
    for keyword, value in values.items():
        setattr(data_set, keyword, value)
    return BytesIO(dsutils.encode(data_set, True, True) or b"")


REQUEST: dict[str, Any] = {"MessageID": 7}
RESPONSE: dict[str, Any] = {"MessageIDBeingRespondedTo": 7, "Status": 0x0000}
IMAGE: dict[str, Any] = {"AffectedSOPClassUID": CTImageStorage, "AffectedSOPInstanceUID": "1.2.3"}
STEP: dict[str, Any] = {
    "RequestedSOPClassUID": ModalityPerformedProcedureStep,
    "RequestedSOPInstanceUID": "1.2.4",
}
DONE_STEP: dict[str, Any] = {
    "AffectedSOPClassUID": ModalityPerformedProcedureStep,
    "AffectedSOPInstanceUID": "1.2.4",
}
COUNTS: dict[str, Any] = {
    "NumberOfRemainingSuboperations": 4,
    "NumberOfCompletedSuboperations": 3,
    "NumberOfFailedSuboperations": 2,
    "NumberOfWarningSuboperations": 1,
}
FIND = {"AffectedSOPClassUID": PatientRootQueryRetrieveInformationModelFind}
GET = {"AffectedSOPClassUID": PatientRootQueryRetrieveInformationModelGet}
MOVE = {"AffectedSOPClassUID": PatientRootQueryRetrieveInformationModelMove}

# Each message once, and what stands between the bars of its block.
BLOCKS: dict[str, tuple[dict[str, Any], str]] = {
    "C_ECHO_RQ": (
        {**REQUEST, "AffectedSOPClassUID": Verification},
        """
        Message Type                  : C-ECHO RQ
        Presentation Context ID       : 1
        Message ID                    : 7
        Affected SOP Class UID        : Verification SOP Class
        """,
    ),
    "C_ECHO_RSP": (
        {**RESPONSE, "AffectedSOPClassUID": Verification},
        """
        Message Type                  : C-ECHO RSP
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        Affected SOP Class UID        : Verification SOP Class
        Status                        : 0x0000 - Success
        """,
    ),
    "C_STORE_RQ": (
        {
            **REQUEST,
            **IMAGE,
            "Priority": 1,
            "MoveOriginatorApplicationEntityTitle": "ARCHIVE",
            "MoveOriginatorMessageID": 3,
            "DataSet": encoded(PatientName="Doe^J"),
        },
        """
        Message Type                  : C-STORE RQ
        Presentation Context ID       : 1
        Message ID                    : 7
        Affected SOP Class UID        : CT Image Storage
        Affected SOP Instance UID     : 1.2.3
        Move Originator               : ARCHIVE
        Data Set                      : Present
        Priority                      : High
        """,
    ),
    "C_STORE_RSP": (
        {
            **RESPONSE,
            **IMAGE,
            "Status": 0xC123,
            "OffendingElement": [Tag(0x00100010), Tag(0x00100020)],
            "ErrorComment": "Not today",
            "ErrorID": 12,
        },
        """
        Message Type                  : C-STORE RSP
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        Affected SOP Class UID        : CT Image Storage
        Affected SOP Instance UID     : 1.2.3
        Status                        : 0xC123 - Failure
        Offending Element             : (0010,0010), (0010,0020)
        Error Comment                 : Not today
        Error ID                      : 12
        """,
    ),
    "C_FIND_RQ": (
        {**REQUEST, **FIND, "Priority": 2, "Identifier": None},
        """
        Message Type                  : C-FIND RQ
        Presentation Context ID       : 1
        Message ID                    : 7
        Affected SOP Class UID        : Patient Root Query/Retrieve Information Model - FIND
        Identifier                    : None
        Priority                      : Low
        """,
    ),
    "C_FIND_RSP": (
        {**RESPONSE, **FIND, "Status": 0xFF00},
        """
        Message Type                  : C-FIND RSP
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        Affected SOP Class UID        : Patient Root Query/Retrieve Information Model - FIND
        Identifier                    : None
        Status                        : 0xFF00 - Pending
        """,
    ),
    "C_GET_RQ": (
        {**REQUEST, **GET, "Priority": 0},
        """
        Message Type                  : C-GET RQ
        Presentation Context ID       : 1
        Message ID                    : 7
        Affected SOP Class UID        : Patient Root Query/Retrieve Information Model - GET
        Identifier                    : None
        Priority                      : Medium
        """,
    ),
    "C_GET_RSP": (
        {**RESPONSE, **GET, **COUNTS, "Status": 0xFF00},
        """
        Message Type                  : C-GET RSP
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        Affected SOP Class UID        : Patient Root Query/Retrieve Information Model - GET
        Remaining Sub-operations      : 4
        Completed Sub-operations      : 3
        Failed Sub-operations         : 2
        Warning Sub-operations        : 1
        Identifier                    : None
        Status                        : 0xFF00 - Pending
        """,
    ),
    "C_MOVE_RQ": (
        {**REQUEST, **MOVE, "Priority": 2, "MoveDestination": "STORE"},
        """
        Message Type                  : C-MOVE RQ
        Presentation Context ID       : 1
        Message ID                    : 7
        Affected SOP Class UID        : Patient Root Query/Retrieve Information Model - MOVE
        Move Destination              : STORE
        Identifier                    : None
        Priority                      : Low
        """,
    ),
    "C_MOVE_RSP": (
        {**RESPONSE, **MOVE, **COUNTS, "Status": 0xA702},
        """
        Message Type                  : C-MOVE RSP
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        Affected SOP Class UID        : Patient Root Query/Retrieve Information Model - MOVE
        Remaining Sub-operations      : 4
        Completed Sub-operations      : 3
        Failed Sub-operations         : 2
        Warning Sub-operations        : 1
        Identifier                    : None
        Status                        : 0xA702 - Failure
        """,
    ),
    "C_CANCEL_RQ": (
        {"MessageIDBeingRespondedTo": 7},
        """
        Message Type                  : C-CANCEL RQ
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        """,
    ),
    "N_EVENT_REPORT_RQ": (
        {
            **REQUEST,
            "AffectedSOPClassUID": StorageCommitmentPushModel,
            "AffectedSOPInstanceUID": "1.2.840.10008.1.20.1.1",
            "EventTypeID": 1,
            "EventInformation": encoded(TransactionUID="1.2.5"),
        },
        """
        Message Type                  : N-EVENT-REPORT RQ
        Presentation Context ID       : 1
        Message ID                    : 7
        Affected SOP Class UID        : Storage Commitment Push Model SOP Class
        Affected SOP Instance UID     : 1.2.840.10008.1.20.1.1
        Event Type ID                 : 1
        Event Information             : Present
        """,
    ),
    "N_EVENT_REPORT_RSP": (
        {**RESPONSE, "EventTypeID": 1},
        """
        Message Type                  : N-EVENT-REPORT RSP
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        Event Type ID                 : 1
        Event Reply                   : None
        Status                        : 0x0000 - Success
        """,
    ),
    "N_GET_RQ": (
        {**REQUEST, **STEP, "AttributeIdentifierList": [Tag(0x00100010), Tag(0x00100020)]},
        """
        Message Type                  : N-GET RQ
        Presentation Context ID       : 1
        Message ID                    : 7
        Requested SOP Class UID       : Modality Performed Procedure Step SOP Class
        Requested SOP Instance UID    : 1.2.4
        Attribute Identifier List     : (2 Attribute Tag(s))
        """,
    ),
    "N_GET_RSP": (
        {**RESPONSE, **DONE_STEP, "AttributeList": encoded(PatientName="Doe^J")},
        """
        Message Type                  : N-GET RSP
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        Affected SOP Class UID        : Modality Performed Procedure Step SOP Class
        Affected SOP Instance UID     : 1.2.4
        Attribute List                : Present
        Status                        : 0x0000 - Success
        """,
    ),
    "N_SET_RQ": (
        {**REQUEST, **STEP, "ModificationList": encoded(PatientName="Doe^J")},
        """
        Message Type                  : N-SET RQ
        Presentation Context ID       : 1
        Message ID                    : 7
        Requested SOP Class UID       : Modality Performed Procedure Step SOP Class
        Requested SOP Instance UID    : 1.2.4
        Modification List             : Present
        """,
    ),
    "N_SET_RSP": (
        {**RESPONSE, **DONE_STEP, "Status": 0x0107},
        """
        Message Type                  : N-SET RSP
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        Affected SOP Class UID        : Modality Performed Procedure Step SOP Class
        Affected SOP Instance UID     : 1.2.4
        Attribute List                : None
        Status                        : 0x0107 - Warning
        """,
    ),
    "N_ACTION_RQ": (
        {**REQUEST, **STEP, "ActionTypeID": 2, "ActionInformation": encoded(TransactionUID="1.2")},
        """
        Message Type                  : N-ACTION RQ
        Presentation Context ID       : 1
        Message ID                    : 7
        Requested SOP Class UID       : Modality Performed Procedure Step SOP Class
        Requested SOP Instance UID    : 1.2.4
        Action Type ID                : 2
        Action Information            : Present
        """,
    ),
    "N_ACTION_RSP": (
        {**RESPONSE, **DONE_STEP, "ActionTypeID": 2, "Status": 0x0123},
        """
        Message Type                  : N-ACTION RSP
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        Affected SOP Class UID        : Modality Performed Procedure Step SOP Class
        Affected SOP Instance UID     : 1.2.4
        Action Type ID                : 2
        Action Reply                  : None
        Status                        : 0x0123 - Failure
        """,
    ),
    "N_CREATE_RQ": (
        {**REQUEST, **DONE_STEP, "AttributeList": encoded(PatientName="Doe^J")},
        """
        Message Type                  : N-CREATE RQ
        Presentation Context ID       : 1
        Message ID                    : 7
        Affected SOP Class UID        : Modality Performed Procedure Step SOP Class
        Affected SOP Instance UID     : 1.2.4
        Attribute List                : Present
        """,
    ),
    "N_CREATE_RSP": (
        {**RESPONSE, **DONE_STEP},
        """
        Message Type                  : N-CREATE RSP
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        Affected SOP Class UID        : Modality Performed Procedure Step SOP Class
        Affected SOP Instance UID     : 1.2.4
        Attribute List                : None
        Status                        : 0x0000 - Success
        """,
    ),
    "N_DELETE_RQ": (
        {**REQUEST, **STEP},
        """
        Message Type                  : N-DELETE RQ
        Presentation Context ID       : 1
        Message ID                    : 7
        Requested SOP Class UID       : Modality Performed Procedure Step SOP Class
        Requested SOP Instance UID    : 1.2.4
        """,
    ),
    "N_DELETE_RSP": (
        {**RESPONSE, **DONE_STEP},
        """
        Message Type                  : N-DELETE RSP
        Presentation Context ID       : 1
        Message ID Being Responded To : 7
        Affected SOP Class UID        : Modality Performed Procedure Step SOP Class
        Affected SOP Instance UID     : 1.2.4
        Status                        : 0x0000 - Success
        """,
    ),
}

INCOMING_BAR = "========================== INCOMING DIMSE MESSAGE =========================="
OUTGOING_BAR = "========================== OUTGOING DIMSE MESSAGE =========================="
END_BAR = "============================ END DIMSE MESSAGE ============================="


def test_the_blocks_cover_every_message() -> None:
    assert set(BLOCKS) == set(MESSAGES)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_received_message_is_shown_at_debug(name: str, log: pytest.LogCaptureFixture) -> None:
    parameters, golden = BLOCKS[name]

    tell(RECEIVED, message(name.rpartition("_")[0], **parameters))

    assert lines_of(log, logging.DEBUG) == [INCOMING_BAR, *text(golden), END_BAR]


@pytest.mark.parametrize("name", BLOCKS)
def test_a_sent_message_is_shown_in_the_same_words(
    name: str, log: pytest.LogCaptureFixture
) -> None:
    parameters, golden = BLOCKS[name]

    tell(SENT, message(name.rpartition("_")[0], **parameters))

    assert lines_of(log, logging.DEBUG) == [OUTGOING_BAR, *text(golden), END_BAR]


@pytest.mark.parametrize(
    ("what", "received", "golden"),
    [
        (RECEIVED, message("C_ECHO", **REQUEST), "Received Echo Request (MsgID 7)"),
        (
            RECEIVED,
            message("C_ECHO", **RESPONSE),
            "Received Echo Response (Status: 0x0000 - Success)",
        ),
        (RECEIVED, message("C_STORE", **REQUEST, **IMAGE), "Received Store Request"),
        (
            RECEIVED,
            message("C_STORE", MessageIDBeingRespondedTo=7, Status=0xA700),
            "Received Store Response (Status: 0xA700 - Failure)",
        ),
        (
            RECEIVED,
            message("C_STORE", MessageIDBeingRespondedTo=7, Status=0x1234),
            "Received Store Response (Status: 0x1234 - Unknown)",
        ),
        (RECEIVED, message("N_GET", **RESPONSE), "Received Get Response"),
        (SENT, message("C_STORE", **REQUEST, **IMAGE), "Sending Store Request: MsgID 7, (CT)"),
        (
            SENT,
            message("C_STORE", **REQUEST, AffectedSOPClassUID=MRImageStorage),
            "Sending Store Request: MsgID 7, (MR)",
        ),
        (
            SENT,
            message("C_STORE", **REQUEST, AffectedSOPClassUID="1.2.3.4"),
            "Sending Store Request: MsgID 7",
        ),
    ],
)
def test_some_messages_are_announced_at_info(
    what: Any, received: dimse.DIMSEPrimitive, golden: str, log: pytest.LogCaptureFixture
) -> None:
    tell(what, received)

    assert lines_of(log, logging.INFO) == [golden]


@pytest.mark.parametrize(
    ("what", "other"),
    [
        (SENT, message("C_ECHO", **REQUEST)),
        (SENT, message("C_ECHO", **RESPONSE)),
        (RECEIVED, message("C_FIND", **REQUEST, **FIND)),
        (RECEIVED, message("N_SET", **RESPONSE)),
    ],
)
def test_other_messages_are_left_to_the_conversations(
    what: Any, other: dimse.DIMSEPrimitive, log: pytest.LogCaptureFixture
) -> None:
    tell(what, other)

    assert lines_of(log, logging.INFO) == []


def test_a_handler_returns_the_lines_it_logged(log: pytest.LogCaptureFixture) -> None:
    lines = tell(RECEIVED, message("C_STORE", **REQUEST, **IMAGE))

    assert lines == [record.getMessage() for record in log.records]


def test_nothing_is_formatted_when_nobody_reads_the_log(log: pytest.LogCaptureFixture) -> None:
    # Given messages and PDUs that cannot be looked at, and a log of warnings
    log.set_level(logging.WARNING, logger="pynetdicom")
    event = SimpleNamespace(message=None, pdu=A_ABORT_RQ(), assoc=None)

    # When all handlers are called
    lines = [handler(event) for handler in _log.STANDARD]

    # Then none of them has tried
    assert lines == [[], [], [], []]
    assert not _log.is_wanted()


def test_only_announcements_are_made_when_debug_is_off(log: pytest.LogCaptureFixture) -> None:
    log.set_level(logging.INFO, logger="pynetdicom")

    lines = tell(RECEIVED, message("C_STORE", **REQUEST, **IMAGE))

    assert lines == ["Received Store Request"]


# Identifiers.


def query(**parameters: Any) -> dimse.DIMSEPrimitive:
    identifier = encoded(QueryRetrieveLevel="PATIENT", PatientName="Doe^J")
    return message("C_FIND", **parameters, **FIND, Identifier=identifier)


IDENTIFIER = [
    "(0008,0052) CS [PATIENT]                                # 1 QueryRetrieveLevel",
    "(0010,0010) PN [Doe^J]                                  # 1 PatientName",
    "",
]


@pytest.mark.parametrize(
    ("what", "parameters", "head"),
    [
        (SENT, REQUEST, ["", "# Request Identifier"]),
        (RECEIVED, REQUEST, ["Find SCP Request Identifier:", "", "# DICOM Dataset"]),
        (SENT, RESPONSE, ["Find SCP Response Identifier:", "", "# DICOM Dataset"]),
        (RECEIVED, RESPONSE, ["", "# Response Identifier"]),
    ],
)
def test_an_identifier_is_shown_behind_its_message(
    what: Any, parameters: dict[str, Any], head: list[str], log: pytest.LogCaptureFixture
) -> None:
    tell(what, query(**parameters))

    lines = lines_of(log, logging.DEBUG)
    assert lines[lines.index(END_BAR) + 1 :] == [*head, *IDENTIFIER]


def test_no_patient_is_named_at_info(log: pytest.LogCaptureFixture) -> None:
    log.set_level(logging.INFO, logger="pynetdicom")

    tell(SENT, query(**REQUEST))
    tell(RECEIVED, query(**RESPONSE))

    assert "Doe" not in log.text


@pytest.mark.parametrize(
    ("switch", "parameters"),
    [("LOG_REQUEST_IDENTIFIERS", REQUEST), ("LOG_RESPONSE_IDENTIFIERS", RESPONSE)],
)
def test_identifiers_can_be_kept_out_of_the_log(
    switch: str,
    parameters: dict[str, Any],
    log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_config, switch, False)

    tell(SENT, query(**parameters))
    tell(RECEIVED, query(**parameters))

    assert "Identifier                    : Present" in log.text
    assert "Doe" not in log.text


def test_a_data_set_that_is_no_identifier_stays_out_of_the_log(
    log: pytest.LogCaptureFixture,
) -> None:
    tell(RECEIVED, message("C_STORE", **REQUEST, **IMAGE, DataSet=encoded(PatientName="Doe^J")))

    assert "Doe" not in log.text


def test_an_identifier_that_cannot_be_decoded_takes_one_line(
    log: pytest.LogCaptureFixture,
) -> None:
    broken = BytesIO(b"\x28\x00\x10\x00\x03\x00\x00\x00abc")  # Rows of three bytes

    tell(RECEIVED, message("C_FIND", **REQUEST, **FIND, Identifier=broken))

    assert lines_of(log, logging.DEBUG)[-2:] == ["(cannot be decoded: BytesLengthException)", ""]


def test_what_a_peer_writes_cannot_begin_a_new_line(log: pytest.LogCaptureFixture) -> None:
    comment = "bad\r\nI: Association Accepted\x1b[2K"

    tell(RECEIVED, message("C_ECHO", **RESPONSE, ErrorComment=comment))

    shown = "Error Comment                 : bad\\r\\nI: Association Accepted\\x1b[2K"
    assert shown in lines_of(log, logging.DEBUG)
