"""Handlers to bind for logging, and those that document what each event wants."""

import logging
from typing import Any

import pytest

from public.log_book import PROPOSED, association, lines_of, proposal
from pynetdicom import _handlers, build_role, evt
from pynetdicom.pdu import A_RELEASE_RP, A_RELEASE_RQ
from pynetdicom.sop_class import CTImageStorage


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger="pynetdicom")
    return caplog


def test_a_step_of_the_state_machine_takes_one_line(log: pytest.LogCaptureFixture) -> None:
    step = {
        "current_state": "Sta6",
        "fsm_event": "Evt9",
        "action": "DT-1",
        "next_state": "Sta6",
    }
    requestor, acceptor = association(), association()
    acceptor.is_requestor = False

    _handlers.debug_fsm(evt.Event(requestor, evt.EVT_FSM_TRANSITION, step))
    _handlers.debug_fsm(evt.Event(acceptor, evt.EVT_FSM_TRANSITION, step))

    assert lines_of(log, logging.DEBUG) == [
        "R: Sta6 + Evt9 -> DT-1 -> Sta6",
        "A: Sta6 + Evt9 -> DT-1 -> Sta6",
    ]


def debug_data(data: bytes, *args: Any) -> None:
    _handlers.debug_data(evt.Event(association(), evt.EVT_DATA_RECV, {"data": data}), *args)


def test_a_pdu_can_be_shown_as_bytes(log: pytest.LogCaptureFixture) -> None:
    debug_data(bytes([4, 0, 0, 0, 0, 26, *range(26)]))

    assert lines_of(log, logging.DEBUG) == [
        "=========================== DEBUG - ENCODED PDU ============================",
        " 04 00 00 00 00 1a 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12",
        " 13 14 15 16 17 18 19",
        "============================= END ENCODED PDU ==============================",
    ]


def test_a_request_can_be_shown_as_its_items(log: pytest.LogCaptureFixture) -> None:
    role = build_role(CTImageStorage, scu_role=True)
    pdu = proposal(PROPOSED[0], items=[role])

    debug_data(pdu.encode(), None, False, True)

    assert lines_of(log, logging.DEBUG) == [
        "=========================== DEBUG - PDU SUMMARY ============================",
        "   0: 0x01 - A-ASSOCIATE-RQ (209 bytes)",
        "  74: 0x10 - Application Context (21 bytes)",
        "  99: 0x20 - Presentation Context RQ (46 bytes) - 1",
        " 107: 0x30 - Abstract Syntax (17 bytes) - Verification SOP Class",
        " 128: 0x40 - Transfer Syntax (17 bytes) - Implicit VR Little Endian",
        " 149: 0x50 - User Information (62 bytes)",
        " 153: 0x51 - Maximum Length (4 bytes)",
        " 161: 0x52 - Implementation Class UID (7 bytes)",
        " 172: 0x55 - Implementation Version Name (6 bytes)",
        " 182: 0x54 - SCP/SCU Role Selection (29 bytes) - CT Image Storage, SCU 1, SCP 0",
        "============================= END PDU SUMMARY ==============================",
    ]


@pytest.mark.parametrize(
    ("data", "golden"),
    [
        (
            b"\x03\x00\x00\x00\x00\x04\x00\x02\x03\x02",
            ["  0: 0x03 - A-ASSOCIATE-RJ (4 bytes) - Result 2, Source 3, Reason 2"],
        ),
        (
            b"\x07\x00\x00\x00\x00\x04\x00\x00\x02\x06",
            ["  0: 0x07 - A-ABORT (4 bytes) - Source 2, Reason 6"],
        ),
        (
            b"\x04\x00\x00\x00\x00\x0e\x00\x00\x00\x03\x01\x03a\x00\x00\x00\x03\x05\x00b",
            [
                "  0: 0x04 - P-DATA-TF (14 bytes)",
                "  6:        PDV - context ID 1, length 3",
                " 13:        PDV - context ID 5, length 3",
            ],
        ),
        (b"\x05\x00\x00\x00\x00\x04\x00\x00\x00\x00", ["  0: 0x05 - A-RELEASE-RQ (4 bytes)"]),
        (b"GET /", [" 0: 0x47 - Unknown (5513263 bytes)"]),
        (b"\x03", [" 0: 0x03 - A-ASSOCIATE-RJ (0 bytes) - Result 0, Source 0, Reason 0"]),
        (b"", [" 0: 0x00 - Unknown (0 bytes)"]),
    ],
)
def test_every_pdu_has_a_summary(
    data: bytes, golden: list[str], log: pytest.LogCaptureFixture
) -> None:
    debug_data(data, None, False, True)

    assert lines_of(log, logging.DEBUG)[1:-1] == golden


def test_a_pdu_that_is_cut_short_is_shown_as_far_as_it_goes(
    log: pytest.LogCaptureFixture,
) -> None:
    debug_data(proposal(PROPOSED[0]).encode()[:110], None, False, True)

    assert lines_of(log, logging.DEBUG)[3:-1] == [
        "  99: 0x20 - Presentation Context RQ (46 bytes) - 1"
    ]


def test_one_type_of_pdus_can_be_chosen(log: pytest.LogCaptureFixture) -> None:
    debug_data(A_RELEASE_RQ().encode(), 0x06)
    debug_data(A_RELEASE_RP().encode(), 0x06)

    assert [line for line in lines_of(log, logging.DEBUG) if "=" not in line] == [
        " 06 00 00 00 00 04 00 00 00 00"
    ]


@pytest.mark.parametrize("event", [*evt._INTERVENTION_EVENTS, *evt._NOTIFICATION_EVENTS])
def test_every_event_has_its_handler_documented(event: evt.EventType) -> None:
    documented = [
        handler.__doc__ for name, handler in vars(_handlers).items() if name.startswith("doc_")
    ]

    assert [event.name in (text or "") for text in documented].count(True) == 1
