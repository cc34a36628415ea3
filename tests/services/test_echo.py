"""C-ECHO, both sides of it (PS3.7 9.1.5, PS3.4 A)."""

from typing import Any

import pytest
from pydicom import Dataset

from pynetdicom import evt
from pynetdicom.dimse_primitives import C_ECHO
from pynetdicom.services import serve
from pynetdicom.services.echo import send_c_echo
from pynetdicom.sop_class import CTImageStorage, Verification
from pynetdicom.testing import build
from services.conftest import Perform
from services.dialogue import ScriptedExchange, accepted, raises, respond, talk

REQUEST = build(C_ECHO, MessageID=7, AffectedSOPClassUID=Verification)


def answered(perform: Perform, handler: Any = None) -> C_ECHO:
    """Return our response to a request."""
    exchange = talk(Verification, handlers={evt.EVT_C_ECHO: handler} if handler else {})
    request = build(C_ECHO, MessageID=7, AffectedSOPClassUID=Verification)
    request._context_id = 1
    perform(serve(exchange, request))
    (said,) = exchange.said
    assert said.context_id == 1
    response: C_ECHO = said.message
    return response


# As user.


def test_the_request_has_the_message_id_it_was_given(perform: Perform) -> None:
    exchange = talk(Verification, peer=[respond(C_ECHO, 0x0000)])

    status = perform(send_c_echo(exchange, msg_id=7))

    (said,) = exchange.said
    assert (said.message, said.context_id, said.data) == (REQUEST, 1, None)
    assert status.Status == 0x0000


def test_message_id_1_is_the_default(perform: Perform) -> None:
    exchange = talk(Verification)

    perform(send_c_echo(exchange))

    assert exchange.messages[0].MessageID == 1


@pytest.mark.parametrize("status", [0x0000, 0x0122, 0x0210, 0x0211, 0x1234])
def test_any_status_is_returned(perform: Perform, status: int) -> None:
    exchange = talk(Verification, peer=[respond(C_ECHO, status)])

    assert perform(send_c_echo(exchange)).Status == status


def test_a_status_comes_with_what_the_response_says_of_it(perform: Perform) -> None:
    response = respond(C_ECHO, 0x0122, ErrorComment="not here", AffectedSOPClassUID=Verification)
    exchange = talk(Verification, peer=[response])

    status = perform(send_c_echo(exchange))

    expected = Dataset()
    expected.Status, expected.ErrorComment = 0x0122, "not here"
    assert status.Status == 0x0122
    assert status.ErrorComment == "not here"


def test_without_a_response_the_status_is_empty(perform: Perform) -> None:
    assert perform(send_c_echo(talk(Verification))) == Dataset()


def test_nothing_is_sent_when_the_association_is_not_established(perform: Perform) -> None:
    exchange = talk(Verification, is_established=False)

    with pytest.raises(RuntimeError, match="must be established"):
        perform(send_c_echo(exchange))

    assert exchange.said == []


@pytest.mark.parametrize(
    "contexts", [accepted(CTImageStorage), accepted(Verification, roles="scp"), []]
)
def test_a_context_in_which_we_are_scu_is_needed(perform: Perform, contexts: Any) -> None:
    exchange = ScriptedExchange(contexts)

    with pytest.raises(ValueError, match=r"No presentation context for 'Verification SOP Class'"):
        perform(send_c_echo(exchange))

    assert exchange.said == []


@pytest.mark.parametrize(
    ("number", "kind"), [(-1, ValueError), (65536, ValueError), ("1", TypeError)]
)
def test_a_message_id_has_two_bytes(perform: Perform, number: Any, kind: type[Exception]) -> None:
    exchange = talk(Verification)

    with pytest.raises(kind):
        perform(send_c_echo(exchange, msg_id=number))

    assert exchange.said == []


# As provider.


def test_a_request_is_answered_although_nobody_handles_it(perform: Perform) -> None:
    response = answered(perform)

    assert (response.MessageIDBeingRespondedTo, response.Status) == (7, 0x0000)
    assert response.AffectedSOPClassUID == Verification


@pytest.mark.parametrize("status", [0x0000, 0x0122, 0x0210, 0x0211, 0x0212])
def test_the_handler_decides_the_status(perform: Perform, status: int) -> None:
    assert answered(perform, lambda event: status).Status == status


def test_a_status_the_service_does_not_know_is_sent_with_a_warning(
    perform: Perform, caplog: pytest.LogCaptureFixture
) -> None:
    assert answered(perform, lambda event: 0x1234).Status == 0x1234
    assert "Unknown status value returned by callback - 0x1234" in caplog.text


def test_the_handler_may_say_more_about_the_status(perform: Perform) -> None:
    status = Dataset()
    status.Status, status.ErrorComment = 0x0210, "twice"

    response = answered(perform, lambda event: status)

    assert (response.Status, response.ErrorComment) == (0x0210, "twice")


@pytest.mark.parametrize(
    "returned", [None, "0000", b"\x00\x00", -1, 0x10000, 1.0, Dataset(), [0x0210], True]
)
def test_whatever_nonsense_a_handler_returns_the_peer_learns_that_we_are_here(
    perform: Perform, returned: Any
) -> None:
    response = answered(perform, lambda event: returned)

    assert response.Status == (0x0001 if returned is True else 0x0000)


def test_a_handler_that_fails_is_logged_and_the_peer_learns_that_we_are_here(
    perform: Perform, caplog: pytest.LogCaptureFixture
) -> None:
    assert answered(perform, raises).Status == 0x0000
    assert "Exception in the handler bound to 'evt.EVT_C_ECHO'" in caplog.text
