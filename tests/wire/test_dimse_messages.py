"""Messages in fragments (PS3.8 Annex E), and messages as handlers see them."""

from io import BytesIO
from typing import Any

import pytest

from pynetdicom import dimse_messages as messages
from pynetdicom.dimse_messages import (
    COMMAND,
    FRAGMENT_HEADER,
    LAST,
    MESSAGES,
    Assembler,
    DataSource,
    DIMSEMessage,
    MemorySink,
    batches,
    message_of,
    open_memory_sink,
)
from pynetdicom.dimse_primitives import (
    C_CANCEL,
    C_ECHO,
    C_FIND,
    C_STORE,
    N_GET,
    PRIMITIVES,
    DIMSEPrimitive,
)
from pynetdicom.exceptions import LocalProtocolError, RemoteProtocolError
from pynetdicom.pdu import P_DATA_TF
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.testing import build, pdus_in

ECHO_COMMAND = (
    b"\0\0\0\0\x04\0\0\0\x1e\0\0\0"  # command group length: 30
    b"\0\0\0\x01\x02\0\0\0\x30\0"  # command field: C-ECHO-RQ
    b"\0\0\x10\x01\x02\0\0\0\x07\0"  # message ID: 7
    b"\0\0\0\x08\x02\0\0\0\x01\x01"  # command data set type: none
)


def echo() -> C_ECHO:
    return build(C_ECHO, MessageID=7)


def store(data: bytes) -> C_STORE:
    return build(
        C_STORE,
        MessageID=1,
        AffectedSOPClassUID="1.2",
        AffectedSOPInstanceUID="1.3",
        DataSet=BytesIO(data),
    )


# Cutting.


def cut(primitive: DIMSEPrimitive, maximum_length: int, data: bytes | None = None) -> list[bytes]:
    """Return a message as its batches, each in one piece."""
    source = None if data is None else DataSource.of(data)
    return [b"".join(batch) for batch in batches(primitive, 1, maximum_length, source)]


def test_a_short_message_is_one_pdu() -> None:
    assert cut(echo(), 16382) == [
        b"\x04\0"  # PDU type, reserved
        b"\0\0\0\x30"  # PDU length: 48
        b"\0\0\0\x2c"  # PDV length: 44
        b"\x01"  # context ID
        b"\x03" + ECHO_COMMAND  # control header: command, last
    ]


def test_command_and_data_set_never_share_a_pdu() -> None:
    (wire,) = cut(store(b""), 16382, b"pixels")

    command, data = pdus_in(wire)
    assert command.presentation_data_value_items[0].data[0] == COMMAND | LAST
    assert data.encode() == b"\x04\0\0\0\0\x0c\0\0\0\x08\x01\x02pixels"


def test_an_empty_data_set_is_an_empty_fragment() -> None:
    (wire,) = cut(store(b""), 16382, b"")

    assert wire.endswith(b"\x04\0\0\0\0\x06\0\0\0\x02\x01\x02")


def test_no_pdu_is_longer_than_the_peer_wants() -> None:
    (wire,) = cut(echo(), 20)

    pdus = pdus_in(wire)
    assert [pdu.pdu_length for pdu in pdus] == [20, 20, 20]
    assert (
        b"".join(fragments(pdus))
        == b"\x01" + ECHO_COMMAND[:14] + b"\x01" + ECHO_COMMAND[14:28] + b"\x03" + ECHO_COMMAND[28:]
    )


def fragments(pdus: list[P_DATA_TF]) -> list[bytes]:
    return [item.data for pdu in pdus for item in pdu.presentation_data_value_items]


@pytest.mark.parametrize("maximum_length", [1, 6, 7])
def test_a_peer_that_wants_next_to_nothing_gets_a_byte_at_a_time(maximum_length: int) -> None:
    (wire,) = cut(echo(), maximum_length)

    assert {pdu.pdu_length for pdu in pdus_in(wire)} == {7}


def test_a_data_set_that_fills_its_fragments_has_no_empty_one_behind() -> None:
    (wire,) = cut(store(b""), 106, bytes(300))

    assert [len(data) for data in fragments(pdus_in(wire))][-3:] == [101, 101, 101]
    assert [data[0] for data in fragments(pdus_in(wire))][-3:] == [0, 0, LAST]


@pytest.mark.parametrize(
    ("maximum_length", "length", "pdu_length"),
    [
        (0, 3_000_000, 0x40000),  # no limit: 256 KiB a PDU
        (0x20000, 3_000_000, 0x20000),
        (1006, 3_000_000, 1006),
    ],
)
def test_a_large_data_set_is_read_and_written_in_parts(
    maximum_length: int, length: int, pdu_length: int
) -> None:
    data = bytes(range(250)) * (length // 250)
    asked: list[int] = []
    source = DataSource.of(data)

    def read(size: int) -> Any:
        asked.append(size)
        return source.read(size)

    whole = list(batches(store(b""), 1, maximum_length, DataSource(len(data), read)))

    assert len(whole) == len(asked) > 1
    assert max(asked) <= 0x100000
    assert sum(asked) == len(data)
    assert max(len(batch) for batch in whole) <= 1024
    pdus = pdus_in(b"".join(buffer for batch in whole for buffer in batch))
    assert max(pdu.pdu_length for pdu in pdus) == pdu_length
    assert b"".join(part[1:] for part in fragments(pdus) if not part[0] & COMMAND) == data


def test_a_data_set_that_fills_its_batches_has_no_empty_one_behind() -> None:
    data = bytes(2 * 1000 * 500)

    whole = cut(store(b""), 1006, data)

    assert len(whole) == 2
    assert len(fragments(pdus_in(whole[1]))) == 500


def test_fragments_in_memory_are_not_copied() -> None:
    data = b"pixels"

    (batch,) = batches(store(b""), 1, 16382, DataSource.of(data))

    view = batch[-1]
    assert isinstance(view, memoryview)
    assert view.obj is data


def test_a_source_that_runs_dry_is_told() -> None:
    source = DataSource(6, lambda size: bytes(size - 1))

    with pytest.raises(LocalProtocolError, match="shorter"):
        list(batches(store(b""), 1, 16382, source))


# Joining.


def assembler(limit: int = 1000, **options: Any) -> Assembler:
    return Assembler(options.get("open_sink", open_memory_sink), limit)


def test_a_command_in_one_fragment_is_a_message() -> None:
    message = assembler().add(5, COMMAND | LAST, ECHO_COMMAND)

    assert isinstance(message, C_ECHO)
    assert (message.MessageID, message._context_id) == (7, 5)


def test_a_message_is_complete_with_the_last_fragment_of_its_data_set() -> None:
    joined = assembler()
    (wire,) = cut(store(b""), 40, b"pixels" * 10)
    *but_one, last = fragments(pdus_in(wire))

    assert [joined.add(1, data[0], memoryview(data)[1:]) for data in but_one] == [None] * len(
        but_one
    )
    message = joined.add(1, last[0], last[1:])

    assert isinstance(message, C_STORE)
    assert message.DataSet is not None
    assert message.DataSet.read() == b"pixels" * 10


def test_the_sink_is_chosen_when_the_command_is_known() -> None:
    opened: list[tuple[DIMSEPrimitive, int]] = []

    def open_sink(primitive: DIMSEPrimitive, context_id: int) -> MemorySink:
        opened.append((primitive, context_id))
        return MemorySink()

    joined = assembler(open_sink=open_sink)
    (command, data) = fragments(pdus_in(cut(store(b""), 0, b"pixels")[0]))

    joined.add(3, command[0], command[1:])
    message = joined.add(3, data[0], data[1:])

    assert opened == [(message, 3)]


def test_a_data_set_nobody_expects_is_kept_nonetheless() -> None:
    joined = assembler()
    joined.add(1, COMMAND | LAST, ECHO_COMMAND[:-2] + b"\0\0")

    message = joined.add(1, LAST, b"what")

    assert isinstance(message, C_ECHO)
    assert vars(message)["DataSet"].getvalue() == b"what"


def test_what_was_joined_is_forgotten_when_discarded() -> None:
    joined = assembler()
    (command, data) = fragments(pdus_in(cut(store(b""), 0, b"pixels")[0]))
    joined.add(1, COMMAND, command[1:20])
    joined.discard()
    joined.add(1, command[0], command[1:])
    joined.add(1, 0, data[1:])
    joined.discard()

    message = joined.add(1, COMMAND | LAST, ECHO_COMMAND)

    assert isinstance(message, C_ECHO)


def test_contexts_count_only_after_they_were_negotiated() -> None:
    joined = assembler()
    joined.add(9, COMMAND | LAST, ECHO_COMMAND)

    joined.accepted = {1}

    with pytest.raises(RemoteProtocolError, match="context 9 was not accepted"):
        joined.add(9, COMMAND | LAST, ECHO_COMMAND)


# As handlers see them.


@pytest.mark.parametrize("kind", PRIMITIVES.values())
def test_every_request_and_response_has_its_view(kind: type[DIMSEPrimitive]) -> None:
    request = build(kind, MessageID=1, MessageIDBeingRespondedTo=None)
    response = build(kind, MessageIDBeingRespondedTo=1, Status=0)

    assert type(message_of(request)).__name__ == f"{kind.__name__}_RQ"
    assert type(message_of(response)) is MESSAGES.get(f"{kind.__name__}_RSP", messages.C_CANCEL_RQ)


def test_there_are_twenty_three_views() -> None:
    assert len(MESSAGES) == 23
    assert all(getattr(messages, name) is view for name, view in MESSAGES.items())


def test_a_message_shows_its_command_set_and_data_set() -> None:
    primitive = store(b"pixels")
    primitive._context_id = 3

    message = message_of(primitive)

    assert message.context_id == 3
    assert message.command_set.CommandField == 0x0001
    assert message.command_set.MessageID == 1
    assert message.command_set.AffectedSOPClassUID == "1.2"
    assert message.command_set.CommandDataSetType == 0x0001
    assert message.data_set.getvalue() == b"pixels"
    assert message.message_to_primitive() is primitive


def test_a_message_without_data_set_has_an_empty_one() -> None:
    message = message_of(echo())

    assert message.data_set.getvalue() == b""
    assert message.command_set.CommandDataSetType == 0x0101
    assert message.encoded_command_set == ECHO_COMMAND


def test_a_data_set_in_a_file_counts_as_one() -> None:
    primitive = store(b"")
    primitive.DataSet = None
    primitive._dataset_path = "somewhere.dcm"

    assert message_of(primitive).command_set.CommandDataSetType == 0x0001


def test_a_message_shows_the_data_set_that_is_sent_with_it() -> None:
    request = store(b"")
    request.DataSet = None

    message = message_of(request, DataSource.of(b"pixels"))

    assert message.data_set.getvalue() == b"pixels"
    assert message.command_set.CommandDataSetType == 0x0001


def test_an_empty_message_says_so() -> None:
    message = DIMSEMessage()

    assert message.context_id is None
    assert len(message.command_set) == 0
    assert message.data_set.getvalue() == b""
    with pytest.raises(ValueError, match="empty"):
        message.message_to_primitive()


def test_a_message_is_cut_into_p_data_primitives_and_joined_again() -> None:
    sent = messages.C_STORE_RQ()
    sent.primitive_to_message(store(b"pixels" * 20))

    primitives = list(sent.encode_msg(5, 60))
    received = messages.C_STORE_RQ()
    completed = [received.decode_msg(primitive) for primitive in primitives]

    assert completed == [False] * (len(primitives) - 1) + [True]
    assert all(len(item.presentation_data_value_list) == 1 for item in primitives)
    assert max(len(item.presentation_data_value_list[0][1]) for item in primitives) == 55
    assert received.context_id == 5
    assert received.data_set.getvalue() == b"pixels" * 20
    assert received.command_set == sent.command_set


def test_a_message_without_data_set_is_cut_too() -> None:
    message = message_of(echo())

    assert list(message.encode_msg(1, 0)) == [P_DATA([(1, b"\x03" + ECHO_COMMAND)])]


def test_fragments_of_several_messages_complete_the_first() -> None:
    received = messages.C_ECHO_RQ()

    assert received.decode_msg(P_DATA([(1, b"\x03" + ECHO_COMMAND)] * 2))


@pytest.mark.parametrize("value", [b"", b"\x02data"])
def test_what_is_no_fragment_of_a_message_is_refused(value: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        DIMSEMessage().decode_msg(P_DATA([(1, value)]))


def test_the_header_of_a_fragment_has_twelve_bytes() -> None:
    assert FRAGMENT_HEADER.size == 12


def test_some_messages_never_have_a_data_set() -> None:
    assert message_of(build(C_CANCEL, MessageIDBeingRespondedTo=1)).data_set.getvalue() == b""
    assert message_of(build(N_GET, MessageID=1)).data_set.getvalue() == b""
    assert build(C_FIND, MessageID=1, Identifier=BytesIO(b"")).data_set is not None
