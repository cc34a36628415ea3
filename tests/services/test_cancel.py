"""C-CANCEL (PS3.7 9.3.2.3)."""

import pytest

from pynetdicom._blocking import run
from pynetdicom.dimse_primitives import C_CANCEL
from pynetdicom.services.cancel import send_c_cancel
from pynetdicom.sop_class import (
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)
from pynetdicom.testing import build
from services.dialogue import ScriptedExchange, accepted, talk

MODEL = PatientRootQueryRetrieveInformationModelFind
OTHER = StudyRootQueryRetrieveInformationModelFind


def test_a_cancel_goes_by_the_context_of_the_query_model() -> None:
    exchange = talk(Verification, MODEL)

    run(send_c_cancel(exchange, 7, query_model=MODEL))

    (said,) = exchange.said
    assert said.message == build(C_CANCEL, MessageIDBeingRespondedTo=7)
    assert (said.context_id, said.data) == (3, None)


def test_a_cancel_goes_by_the_first_of_several_contexts() -> None:
    exchange = talk(OTHER, MODEL, MODEL)

    run(send_c_cancel(exchange, 7, query_model=MODEL))

    assert exchange.said[0].context_id == 3


def test_a_cancel_goes_by_the_context_it_is_told() -> None:
    exchange = talk(Verification, MODEL)

    run(send_c_cancel(exchange, 7, 5, MODEL))

    assert exchange.said[0].context_id == 5


def test_a_cancel_has_no_answer() -> None:
    exchange = talk(MODEL, peer=[build(C_CANCEL, MessageIDBeingRespondedTo=7)])

    run(send_c_cancel(exchange, 7, 1))

    assert len(exchange.peer) == 1


def test_a_cancel_that_goes_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="'context_id' or 'query_model'"):
        run(send_c_cancel(talk(MODEL), 7))
    with pytest.raises(ValueError, match="No presentation context"):
        run(send_c_cancel(talk(MODEL), 7, query_model=OTHER))
    with pytest.raises(ValueError, match="No presentation context"):
        run(send_c_cancel(ScriptedExchange(accepted(MODEL, roles="scp")), 7, query_model=MODEL))
    with pytest.raises(RuntimeError, match="must be established"):
        run(send_c_cancel(talk(MODEL, is_established=False), 7, 1))


@pytest.mark.parametrize("message_id", [-1, 0x10000])
def test_a_cancel_of_what_cannot_be_a_message_is_refused(message_id: int) -> None:
    with pytest.raises(ValueError, match="MessageIDBeingRespondedTo"):
        run(send_c_cancel(talk(MODEL), message_id, 1))
