"""What is encoded and decoded again is what it was, whatever it is."""

from typing import Any

import pytest
from hypothesis import given

from pynetdicom import command_set
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.pdu_items import PresentationDataValueItem
from wire import strategies

pytestmark = pytest.mark.slow


@given(strategies.pdu_item_values)
def test_an_item_survives_the_wire(item: Any) -> None:
    received = type(item)()
    received.decode(item.encode())

    assert received == item
    assert received.encode() == item.encode()
    assert len(received) == len(item.encode())


@given(strategies.fragments)
def test_a_fragment_survives_the_wire(fragment: PresentationDataValueItem) -> None:
    received = PresentationDataValueItem()
    received.decode(fragment.encode())

    assert received == fragment
    assert len(received) == len(fragment.encode())


@given(strategies.pdus)
def test_a_pdu_survives_the_wire(pdu: Any) -> None:
    received = type(pdu)()
    received.decode(pdu.encode())

    assert received == pdu
    assert received.encode() == pdu.encode()
    assert len(received) == len(pdu.encode())


@given(strategies.primitives())
def test_a_command_set_survives_the_wire(primitive: DIMSEPrimitive) -> None:
    encoded = command_set.encode(primitive, primitive.data_set is not None)

    received, has_data_set = command_set.decode(encoded)

    assert has_data_set == (primitive.data_set is not None)
    assert type(received) is type(primitive)
    assert received.is_response == primitive.is_response
    assert parameters_of(received) == parameters_of(primitive)
    assert command_set.encode(received, has_data_set) == encoded


def parameters_of(primitive: DIMSEPrimitive) -> dict[str, Any]:
    """Return the parameters that travel in the command set."""
    return {element.name: getattr(primitive, element.name) for element in primitive.elements}
