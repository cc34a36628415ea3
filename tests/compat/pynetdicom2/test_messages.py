"""Messages of pynetdicom2: attributes, command set and bytes say the same."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pydicom import Dataset

from pynetdicom.compat.pynetdicom2 import dimsemessages as messages
from pynetdicom.compat.pynetdicom2 import exceptions
from pynetdicom.dimse_messages import Assembler, open_memory_sink

# Command field, name, own elements: PS3.7 9.3 and 10.3.
TABLE = """
0001 CStoreRQMessage AffectedSOPClassUID MessageID Priority AffectedSOPInstanceUID MoveOriginatorApplicationEntityTitle MoveOriginatorMessageID
8001 CStoreRSPMessage AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
0010 CGetRQMessage AffectedSOPClassUID MessageID Priority
8010 CGetRSPMessage AffectedSOPClassUID MessageIDBeingRespondedTo Status NumberOfRemainingSuboperations NumberOfCompletedSuboperations NumberOfFailedSuboperations NumberOfWarningSuboperations
0020 CFindRQMessage AffectedSOPClassUID MessageID Priority
8020 CFindRSPMessage AffectedSOPClassUID MessageIDBeingRespondedTo Status
0021 CMoveRQMessage AffectedSOPClassUID MessageID MoveDestination Priority
8021 CMoveRSPMessage AffectedSOPClassUID MessageIDBeingRespondedTo Status NumberOfRemainingSuboperations NumberOfCompletedSuboperations NumberOfFailedSuboperations NumberOfWarningSuboperations
0030 CEchoRQMessage AffectedSOPClassUID MessageID
8030 CEchoRSPMessage AffectedSOPClassUID MessageIDBeingRespondedTo Status
0100 NEventReportRQMessage AffectedSOPClassUID MessageID AffectedSOPInstanceUID EventTypeID
8100 NEventReportRSPMessage AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID EventTypeID
0110 NGetRQMessage RequestedSOPClassUID MessageID RequestedSOPInstanceUID AttributeIdentifierList
8110 NGetRSPMessage AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
0120 NSetRQMessage RequestedSOPClassUID MessageID RequestedSOPInstanceUID
8120 NSetRSPMessage AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
0130 NActionRQMessage RequestedSOPClassUID MessageID RequestedSOPInstanceUID ActionTypeID
8130 NActionRSPMessage AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID ActionTypeID
0140 NCreateRQMessage AffectedSOPClassUID MessageID AffectedSOPInstanceUID
8140 NCreateRSPMessage AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
0150 NDeleteRQMessage RequestedSOPClassUID MessageID RequestedSOPInstanceUID
8150 NDeleteRSPMessage AffectedSOPClassUID MessageIDBeingRespondedTo Status AffectedSOPInstanceUID
0FFF CCancelRQMessage MessageIDBeingRespondedTo
"""  # noqa: E501  # a table
ROWS = [line.split() for line in TABLE.strip().splitlines()]

# A value for each attribute that a message may have.
VALUES: dict[str, Any] = {
    "sop_class_uid": "1.2.840.10008.1.1",
    "message_id": 7,
    "message_id_being_responded_to": 8,
    "status": 0x0107,
    "priority": messages.PRIORITY_LOW,
    "affected_sop_instance_uid": "1.2.3",
    "requested_sop_instance_uid": "1.2.4",
    "move_destination": "STORE",
    "move_originator_aet": "MOVER",
    "move_originator_message_id": 9,
    "event_type_id": 2,
    "action_type_id": 1,
    "attribute_identifier_list": [0x00100010, 0x00100020],
    "num_of_remaining_sub_ops": 4,
    "num_of_completed_sub_ops": 3,
    "num_of_failed_sub_ops": 2,
    "num_of_warning_sub_ops": 1,
}


def attributes_of(message: messages.DIMSEMessage) -> list[str]:
    return [name for name in VALUES if getattr(type(message), name, None) is not None]


def filled(name: str) -> messages.DIMSEMessage:
    message: messages.DIMSEMessage = getattr(messages, name)()
    for attribute in attributes_of(message):
        setattr(message, attribute, VALUES[attribute])
    return message


def joined(message: messages.DIMSEMessage, length: int) -> messages.DIMSEMessage:
    """Return what arrives when a message is sent in PDUs of a length."""
    assembler, arrived = Assembler(open_memory_sink, 10_000), None
    for value in message.encode(1, length):
        (item,) = value.data_value_items
        assert value.pdu_length <= length
        arrived = assembler.add(item.context_id, item.data_value[0], item.data_value[1:])
    assert arrived is not None
    return messages.read_message(arrived)


def test_there_are_twenty_three_messages() -> None:
    assert {f"{field:04X}": kind.__name__ for field, kind in messages.MESSAGE_TYPE.items()} == {
        row[0]: row[1] for row in ROWS
    }


@pytest.mark.parametrize("row", ROWS, ids=[row[1] for row in ROWS])
def test_a_message_has_its_elements_empty_at_first(row: list[str]) -> None:
    field, name, *keywords = row

    message = getattr(messages, name)()

    assert message.command_field == message.command_set.CommandField == int(field, 16)
    assert message.command_fields == ["CommandGroupLength", *keywords]
    assert message.command_set.CommandDataSetType == messages.NO_DATASET
    assert {getattr(message, attribute) for attribute in attributes_of(message)} == {""}
    assert message.data_set is None


@pytest.mark.parametrize("name", [row[1] for row in ROWS])
@pytest.mark.parametrize("length", [32, 16384])
def test_what_is_set_arrives(name: str, length: int) -> None:
    sent = filled(name)

    received = joined(sent, length)

    assert type(received) is type(sent)
    for attribute in attributes_of(sent):
        assert getattr(received, attribute) == VALUES[attribute]
    assert received.data_set is None


def test_the_group_length_is_set_on_demand() -> None:
    message = filled("CEchoRQMessage")

    message.set_length()

    assert message.command_set.CommandGroupLength == 56


def test_a_data_set_is_said_to_be_there_and_arrives() -> None:
    message = filled("CFindRQMessage")

    message.data_set = b"12345678"

    assert message.command_set.CommandDataSetType == 0x0001
    assert joined(message, 12).data_set == b"12345678"


def test_a_file_is_sent_from_where_it_stands() -> None:
    message, file = filled("CStoreRQMessage"), BytesIO(b"headerdata")
    file.seek(6)

    message.data_set = file

    assert joined(message, 16384).data_set == b"data"


def test_a_message_can_be_made_of_a_command_set() -> None:
    command_set = Dataset()
    command_set.CommandField, command_set.MessageID = 0x0030, 5

    message = messages.CEchoRQMessage(command_set)

    assert message.message_id == 5
    assert message.sop_class_uid == ""


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("CEchoRQMessage", "MessageID and AffectedSOPClassUID"),
        ("CEchoRSPMessage", "MessageIDBeingRespondedTo and Status"),
        ("CCancelRQMessage", "MessageIDBeingRespondedTo"),
    ],
)
def test_a_message_that_lacks_what_it_must_have_is_not_sent(name: str, missing: str) -> None:
    message = getattr(messages, name)()

    with pytest.raises(
        exceptions.DIMSEProcessingError, match=f"{name} needs a value for {missing}"
    ):
        message.set_length()


def test_a_value_that_cannot_be_is_told_with_its_name() -> None:
    message = filled("CStoreRQMessage")
    message.priority = 9  # type: ignore[attr-defined]  # it has one

    with pytest.raises(exceptions.DIMSEProcessingError, match="'Priority' must be 0"):
        list(message.encode(1, 100))


def test_pieces_are_marked_with_whether_another_one_follows() -> None:
    assert list(messages.chunks([1, 2, 3], 2)) == [([1, 2], True), ([3], False)]
    assert list(messages.chunks(b"1234", 2)) == [(b"12", True), (b"34", False)]


@pytest.mark.parametrize("data", [b"", b"12", b"12345", b"123456"])
def test_fragments_fit_into_pdus_with_their_headers(data: bytes) -> None:
    fragments = list(messages.fragment(data, 8, 0, 2))

    assert fragments == list(messages.fragment_file(BytesIO(data), 8, 0, 2))
    assert b"".join(piece for piece, _ in fragments) == data
    assert [header for _, header in fragments[:-1]] == [0] * (len(fragments) - 1)
    assert [header for _, header in fragments[-1:]] == [2] * len(fragments[-1:])


def test_properties_name_their_element_by_keyword_or_tag() -> None:
    class Message(messages.CEchoRQMessage):
        other = messages.dimse_property((0x0000, 0x0700))

    message = Message()
    message.other = 1

    assert message.command_set.Priority == 1
    assert messages.value_or_none(message.command_set["Priority"]) == 1
    assert messages.value_or_none(message.command_set["MessageID"]) is None
