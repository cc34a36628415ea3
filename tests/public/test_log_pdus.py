"""What the log says about PDUs, word for word: programs watch these lines."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from public.log_book import PROPOSED, association, decision, lines_of, proposal, text
from pynetdicom import AE, _config, _handlers, build_role, evt
from pynetdicom.pdu import (
    A_ABORT_RQ,
    A_ASSOCIATE_RJ,
    A_ASSOCIATE_RQ,
    A_RELEASE_RP,
    A_RELEASE_RQ,
    P_DATA_TF,
    PDU,
)
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import CTImageStorage, MRImageStorage, Verification
from pynetdicom.user_information import (
    AsynchronousOperationsWindowNegotiation,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)

PDU_RECEIVED = (evt.EVT_PDU_RECV, _handlers.standard_pdu_recv_handler)
PDU_SENT = (evt.EVT_PDU_SENT, _handlers.standard_pdu_sent_handler)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger="pynetdicom")
    return caplog


def tell_pdu(
    what: tuple[evt.NotificationEvent, Any], pdu: PDU, *proposed: PresentationContext
) -> list[str]:
    """Have a handler log a PDU; return what it returns."""
    event, handler = what
    lines: list[str] = handler(evt.Event(association(*proposed), event, {"pdu": pdu}))
    return lines


def test_a_received_request_says_who_asks_for_what(log: pytest.LogCaptureFixture) -> None:
    role = build_role(CTImageStorage, scu_role=True, scp_role=True)

    tell_pdu(PDU_RECEIVED, proposal(*PROPOSED[:2], items=[role]))

    assert lines_of(log, logging.DEBUG) == text("""
        Request Parameters:
        ======================= INCOMING A-ASSOCIATE-RQ PDU ========================
        Their Implementation Class UID:      1.2.3.9
        Their Implementation Version Name:   TOOL_1
        Application Context Name:    1.2.840.10008.3.1.1.1
        Calling Application Name:    ECHOSCU
        Called Application Name:     ANY-SCP
        Their Max PDU Receive Size:  16382
        Presentation Contexts:
          Context ID:        1 (Proposed)
            Abstract Syntax: =Verification SOP Class
            Proposed SCP/SCU Role: Default
            Proposed Transfer Syntax:
              =Implicit VR Little Endian
          Context ID:        3 (Proposed)
            Abstract Syntax: =CT Image Storage
            Proposed SCP/SCU Role: SCP/SCU
            Proposed Transfer Syntaxes:
              =Implicit VR Little Endian
              =JPEG Baseline (Process 1)
        Requested Extended Negotiation: None
        Requested Common Extended Negotiation: None
        Requested Asynchronous Operations Window Negotiation: None
        Requested User Identity Negotiation: None
        ========================== END A-ASSOCIATE-RQ PDU ==========================
    """)


def test_a_sent_request_says_what_we_ask_for(log: pytest.LogCaptureFixture) -> None:
    tell_pdu(PDU_SENT, proposal(PROPOSED[0]))

    assert lines_of(log, logging.DEBUG)[:10] == text("""
        Request Parameters:
        ======================= OUTGOING A-ASSOCIATE-RQ PDU ========================
        Our Implementation Class UID:      1.2.3.9
        Our Implementation Version Name:   TOOL_1
        Application Context Name:    1.2.840.10008.3.1.1.1
        Calling Application Name:    ECHOSCU
        Called Application Name:     ANY-SCP
        Our Max PDU Receive Size:    16382
        Presentation Context:
          Context ID:        1 (Proposed)
    """)


def test_a_received_acceptance_names_what_was_proposed(log: pytest.LogCaptureFixture) -> None:
    # The acceptance itself does not repeat the abstract syntaxes.
    tell_pdu(PDU_RECEIVED, decision(0, 1, 2, 3, 4), *PROPOSED)

    assert lines_of(log, logging.DEBUG) == text("""
        Accept Parameters:
        ======================= INCOMING A-ASSOCIATE-AC PDU ========================
        Their Implementation Class UID:    1.2.3.9
        Their Implementation Version Name: TOOL_1
        Application Context Name:    1.2.840.10008.3.1.1.1
        Calling Application Name:    ECHOSCU
        Called Application Name:     ANY-SCP
        Their Max PDU Receive Size:  16382
        Presentation Contexts:
          Context ID:        1 (Accepted)
            Abstract Syntax: =Verification SOP Class
            Accepted SCP/SCU Role: Default
            Accepted Transfer Syntax: =Implicit VR Little Endian
          Context ID:        3 (User Rejection)
            Abstract Syntax: =CT Image Storage
          Context ID:        5 (Provider Rejection)
            Abstract Syntax: =MR Image Storage
          Context ID:        7 (Rejected - Abstract Syntax Not Supported)
            Abstract Syntax: =1.2.3.4
          Context ID:        9 (Rejected - Transfer Syntax Not Supported)
            Abstract Syntax: =Storage Commitment Push Model SOP Class
        Accepted Extended Negotiation: None
        Accepted Asynchronous Operations Window Negotiation: None
        User Identity Negotiation Response: None
        ========================== END A-ASSOCIATE-AC PDU ==========================
    """)


def test_a_sent_acceptance_says_who_responds(log: pytest.LogCaptureFixture) -> None:
    answer = UserIdentityNegotiation()
    answer.server_response = b"ticket"
    role = build_role(Verification, scp_role=True)

    tell_pdu(PDU_SENT, decision(0, items=[answer, role]), *PROPOSED)

    assert lines_of(log, logging.DEBUG) == text("""
        Accept Parameters:
        ======================= OUTGOING A-ASSOCIATE-AC PDU ========================
        Our Implementation Class UID:      1.2.3.9
        Our Implementation Version Name:   TOOL_1
        Application Context Name:    1.2.840.10008.3.1.1.1
        Responding Application Name: ANY-SCP
        Our Max PDU Receive Size:    16382
        Presentation Contexts:
          Context ID:        1 (Accepted)
            Abstract Syntax: =Verification SOP Class
            Accepted SCP/SCU Role: SCP
            Accepted Transfer Syntax: =Implicit VR Little Endian
        Accepted Extended Negotiation: None
        Accepted Asynchronous Operations Window Negotiation: None
        User Identity Negotiation Response: Yes
        ========================== END A-ASSOCIATE-AC PDU ==========================
    """)


@pytest.mark.parametrize(
    ("what", "golden"),
    [
        (PDU_RECEIVED, "Their Implementation Version Name: unknown"),
        (PDU_SENT, "Our Implementation Version Name:   (none)"),
    ],
)
def test_a_peer_need_not_tell_its_version(
    what: Any, golden: str, log: pytest.LogCaptureFixture
) -> None:
    tell_pdu(what, decision(0, version=None), *PROPOSED)

    assert golden in lines_of(log, logging.DEBUG)


def test_an_answer_to_what_was_not_proposed_is_shown_as_such(
    log: pytest.LogCaptureFixture,
) -> None:
    tell_pdu(PDU_RECEIVED, decision(0))

    assert "    Abstract Syntax: =(not proposed)" in lines_of(log, logging.DEBUG)


def test_a_request_without_user_information_is_shown_too(log: pytest.LogCaptureFixture) -> None:
    tell_pdu(PDU_RECEIVED, A_ASSOCIATE_RQ())

    assert "Their Max PDU Receive Size:  None" in lines_of(log, logging.DEBUG)


def test_extended_negotiation_is_spelled_out(log: pytest.LogCaptureFixture) -> None:
    extended = SOPClassExtendedNegotiation()
    extended.sop_class_uid = CTImageStorage
    extended.service_class_application_information = bytes(range(18))
    common = SOPClassCommonExtendedNegotiation()
    common.sop_class_uid = MRImageStorage
    common.service_class_uid = "1.2.840.10008.4.2"
    common.related_general_sop_class_identification = [CTImageStorage, "1.2.3"]
    unrelated = SOPClassCommonExtendedNegotiation()
    unrelated.sop_class_uid = "1.2.3"
    unrelated.service_class_uid = "1.2.840.10008.4.2"
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked = 3
    window.maximum_number_operations_performed = 0

    tell_pdu(PDU_SENT, proposal(items=[extended, common, unrelated, window]))

    assert lines_of(log, logging.DEBUG)[9:-1] == text("""
        Requested Extended Negotiation:
          SOP Class: =1.2.840.10008.5.1.4.1.1.2
            00  01  02  03  04  05  06  07  08  09  0a  0b  0c  0d  0e  0f
            10  11
        Requested Common Extended Negotiation:
          SOP Class: =MR Image Storage
            Service Class: =Storage Service Class
            Related General SOP Class(es):
              =CT Image Storage
              =1.2.3
          SOP Class: =1.2.3
            Service Class: =Storage Service Class
            Related General SOP Classes: None
        Requested Asynchronous Operations Window Negotiation:
          Maximum Invoked Operations:     3
          Maximum Performed Operations:   0
        Requested User Identity Negotiation: None
    """)


@pytest.mark.parametrize(
    ("identity_type", "secondary", "golden"),
    [
        (1, None, ["1 - Username", "Username (not dumped) length: 6"]),
        (
            2,
            b"swordfish",
            [
                "2 - Username/Password",
                "Username (not dumped) length: 6",
                "Password (not dumped) length: 9",
            ],
        ),
        (3, None, ["3 - Kerberos", "Kerberos Service Ticket (not dumped) length: 6"]),
        (4, None, ["4 - SAML", "SAML Assertion (not dumped) length: 6"]),
        (5, None, ["5 - JSON Web Token", "JSON Web Token (not dumped) length: 6"]),
    ],
)
def test_what_proves_an_identity_is_never_logged(
    identity_type: int, secondary: bytes | None, golden: list[str], log: pytest.LogCaptureFixture
) -> None:
    identity = UserIdentityNegotiation()
    identity.user_identity_type = identity_type
    identity.primary_field = b"nobody"
    identity.secondary_field = secondary
    identity.positive_response_requested = True

    tell_pdu(PDU_RECEIVED, proposal(items=[identity]))

    shown = lines_of(log, logging.DEBUG)
    begin = shown.index("Requested User Identity Negotiation:") + 1
    mode, *fields = golden
    assert shown[begin:-1] == [
        f"  Authentication Mode: {mode}",
        *(f"  {field}" for field in fields),
        "  Positive Response Requested: Yes",
    ]
    assert "nobody" not in log.text
    assert "swordfish" not in log.text


@pytest.mark.parametrize(
    ("numbers", "golden"),
    [
        ((1, 1, 3), ["Permanent", "DUL service-user", "Calling AE title not recognised"]),
        ((2, 2, 1), ["Transient", "DUL service-provider (ACSE related)", "No reason given"]),
        (
            (2, 3, 2),
            ["Transient", "DUL service-provider (presentation related)", "Local limit exceeded"],
        ),
    ],
)
def test_a_rejection_gives_its_reason(
    numbers: tuple[int, int, int], golden: list[str], log: pytest.LogCaptureFixture
) -> None:
    pdu = A_ASSOCIATE_RJ()
    pdu.result, pdu.source, pdu.reason_diagnostic = numbers

    tell_pdu(PDU_RECEIVED, pdu)

    result, source, reason = golden
    assert lines_of(log, logging.DEBUG) == [
        "Reject Parameters:",
        "======================= INCOMING A-ASSOCIATE-RJ PDU ========================",
        f"Result:    Rejected ({result})",
        f"Source:    {source}",
        f"Reason:    {reason}",
        "========================== END A-ASSOCIATE-RJ PDU ==========================",
    ]


@pytest.mark.parametrize(
    ("numbers", "source", "reason"),
    [
        ((0, 0), "DUL service-user", "(no value available)"),
        ((2, 6), "DUL service-provider", "Invalid PDU parameter value"),
        ((9, 9), "(no value available)", "(no value available)"),
    ],
)
def test_an_abort_gives_its_reason(
    numbers: tuple[int, int], source: str, reason: str, log: pytest.LogCaptureFixture
) -> None:
    pdu = A_ABORT_RQ()
    pdu.source, pdu.reason_diagnostic = numbers

    tell_pdu(PDU_SENT, pdu)

    assert lines_of(log, logging.DEBUG) == [
        "Abort Parameters:",
        "=========================== OUTGOING A-ABORT PDU ===========================",
        f"Abort Source: {source}",
        f"Abort Reason: {reason}",
        "============================= END A-ABORT PDU ==============================",
    ]


@pytest.mark.parametrize("pdu", [A_RELEASE_RQ(), A_RELEASE_RP(), P_DATA_TF()])
def test_data_and_releases_are_not_worth_a_line(pdu: PDU, log: pytest.LogCaptureFixture) -> None:
    lines = tell_pdu(PDU_RECEIVED, pdu) + tell_pdu(PDU_SENT, pdu)

    assert lines == []
    assert not log.records


# Associations.


@pytest.fixture
def scene() -> Iterator[tuple[AE, int]]:
    """Return an AE, and the port where it also listens."""
    ae = AE()
    ae.add_requested_context(Verification)
    ae.add_supported_context(Verification)
    server = ae.start_server(("127.0.0.1", 0), block=False)
    yield ae, server.server_address[1]
    server.shutdown()


def test_both_sides_of_an_association_tell_their_story(
    scene: tuple[AE, int], log: pytest.LogCaptureFixture
) -> None:
    # Given a log at INFO
    log.set_level(logging.INFO, logger="pynetdicom")
    ae, port = scene

    # When an echo goes there and back
    assoc = ae.associate("127.0.0.1", port)
    assoc.send_c_echo(msg_id=3)
    assoc.release()

    # Then the standard handlers have told of it, in this order
    assert lines_of(log, logging.INFO) == [
        "Received Echo Request (MsgID 3)",
        "Received Echo Response (Status: 0x0000 - Success)",
    ]


def test_a_rejected_request_is_in_the_log_of_both_sides(
    scene: tuple[AE, int], log: pytest.LogCaptureFixture
) -> None:
    ae, port = scene
    ae.require_called_aet = True

    ae.associate("127.0.0.1", port, ae_title="WRONG")

    bars = [line for line in lines_of(log, logging.DEBUG) if "INCOMING" in line]
    assert bars == [
        "======================= INCOMING A-ASSOCIATE-RQ PDU ========================",
        "======================= INCOMING A-ASSOCIATE-RJ PDU ========================",
    ]


def test_the_standard_handlers_can_be_left_out(
    scene: tuple[AE, int], log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_config, "LOG_HANDLER_LEVEL", "none")
    ae, port = scene

    assoc = ae.associate("127.0.0.1", port)
    assoc.send_c_echo()
    assoc.release()

    assert lines_of(log, logging.DEBUG) + lines_of(log, logging.INFO) == []
