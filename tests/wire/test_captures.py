"""What real products were heard to say, and what the core makes of it.

Each file of `captures` says who sent the bytes and what is odd about them.
"""

from pathlib import Path
from typing import Any

import pytest

from machine.states import sta2
from pynetdicom.dimse_primitives import C_ECHO, C_FIND
from pynetdicom.fsm import State
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    A_RELEASE,
    ImplementationVersionNameNotification,
)
from pynetdicom.presentation import build_context
from pynetdicom.testing import Side, acceptance, build, pdus_in, request

CAPTURES = Path(__file__).with_name("captures")
NAMES = sorted(path.stem for path in CAPTURES.glob("*.hex"))
PIECES = pytest.mark.parametrize("piece", [0, 1, 100])


def capture(name: str) -> bytes:
    """Return the bytes of a capture; lines that begin with # are about them."""
    lines = (CAPTURES / f"{name}.hex").read_text("ascii").splitlines()
    return bytes.fromhex("".join(line for line in lines if not line.startswith("#")))


def first_pdu(wire: bytes) -> tuple[bytes, bytes]:
    """Return the first PDU, and the rest."""
    end = 6 + int.from_bytes(wire[2:6], "big")
    return wire[:end], wire[end:]


def version_of(primitive: A_ASSOCIATE) -> str | None:
    item = primitive.item(ImplementationVersionNameNotification)
    return None if item is None else item.implementation_version_name


@pytest.mark.parametrize("name", NAMES)
def test_a_capture_says_who_sent_it_and_what_is_odd(name: str) -> None:
    text = (CAPTURES / f"{name}.hex").read_text("ascii")

    assert text.startswith("# ")
    assert "# Odd: " in text


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_reserved_is_written_as_it_was_read(name: str) -> None:
    wire = capture(name)

    written = b"".join(pdu.encode() for pdu in pdus_in(wire))

    # A rejected context's transfer syntax is not kept: it means nothing.
    assert pdus_in(written) == pdus_in(wire)
    assert len(written) <= len(wire)


REQUESTORS: list[tuple[str, str, list[str], type[Any], bytes | None]] = [
    ("dcmtk-3.6.7-echoscu", "OFFIS_DCMTK_367", ["1.2.840.10008.1.1"], C_ECHO, None),
    (
        "dcmtk-3.6.7-findscu",
        "OFFIS_DCMTK_367",
        ["1.2.840.10008.5.1.4.31"],
        C_FIND,
        b"\x10\0\x10\0PN\0\0",
    ),
    ("pynetdicom-3.0.4-echoscu", "PYNETDICOM_304", ["1.2.840.10008.1.1"], C_ECHO, None),
]


@PIECES
@pytest.mark.parametrize(("name", "version", "classes", "kind", "data_set"), REQUESTORS)
def test_a_requestor_is_understood(
    name: str, version: str, classes: list[str], kind: type[Any], data_set: bytes | None, piece: int
) -> None:
    side = sta2()
    proposal, rest = first_pdu(capture(name))

    side.receive(proposal, piece)
    (indication,) = side.take_events()
    assert isinstance(indication, A_ASSOCIATE)
    side.send(acceptance(indication))
    side.receive(rest, piece)
    message, release = side.take_events()

    contexts = indication.presentation_context_definition_list
    assert [context.abstract_syntax for context in contexts] == classes
    assert version_of(indication) == version
    assert isinstance(message, kind)
    assert message.is_valid_request
    assert (message.data_set and message.data_set.getvalue()) == data_set
    assert release == A_RELEASE()
    assert side.core.state is State.STA8


CT, MR, PRIVATE = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.3.4.5"

ACCEPTORS: list[tuple[str, str, dict[int, int]]] = [
    ("dcmtk-3.6.7-storescp", "OFFIS_DCMTK_367", {1: 0, 3: 0, 5: 3, 7: 4}),
    ("orthanc-1.10.1", "OFFIS_DCMTK_367", {1: 0, 3: 0, 5: 3, 7: 0}),
    ("pynetdicom-3.0.4-storescp", "PYNETDICOM_304", {1: 0, 3: 0, 5: 3, 7: 0}),
]


def asking_side() -> Side:
    """Return a requestor that has proposed what the captured acceptors were asked."""
    side = Side(is_requestor=True)
    side.send(
        request(
            build_context("1.2.840.10008.1.1"),
            build_context(CT),
            build_context(PRIVATE),
            build_context(MR, "1.2.840.10008.1.2.4.50"),
        )
    )
    side.connect()
    return side


@PIECES
@pytest.mark.parametrize(("name", "version", "results"), ACCEPTORS)
def test_an_acceptor_is_understood(
    name: str, version: str, results: dict[int, int], piece: int
) -> None:
    side = asking_side()
    answer, rest = first_pdu(capture(name))
    response, released = first_pdu(rest)

    side.receive(answer, piece)
    (confirmation,) = side.take_events()
    assert isinstance(confirmation, A_ASSOCIATE)
    side.send(build(C_ECHO, MessageID=1, AffectedSOPClassUID="1.2.840.10008.1.1"))
    side.receive(response, piece)
    (echo,) = side.take_events()
    side.send(A_RELEASE())
    side.receive(released, piece)

    decided = confirmation.presentation_context_definition_results_list
    assert {context.context_id: context.result for context in decided} == results
    assert version_of(confirmation) == version
    assert isinstance(echo, C_ECHO)
    assert (echo.MessageIDBeingRespondedTo, echo.Status) == (1, 0)
    assert side.take_events() == [A_RELEASE("affirmative")]
    side.assert_closed()


def test_a_refusal_is_understood() -> None:
    side = asking_side()

    side.receive(capture("dcmtk-3.6.7-storescp-refuse"))

    (confirmation,) = side.take_events()
    assert isinstance(confirmation, A_ASSOCIATE)
    assert (confirmation.result_str, confirmation.source_str, confirmation.reason_str) == (
        "Rejected Permanent",
        "Service User",
        "No reason given",
    )
    side.assert_closed()
