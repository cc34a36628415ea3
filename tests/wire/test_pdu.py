"""The seven PDUs on the wire (PS3.8 9.3), byte by byte and both ways."""

from typing import Any

import pytest

from pynetdicom import _config, pdu
from pynetdicom.exceptions import RemoteProtocolError
from pynetdicom.pdu_items import (
    ApplicationContextItem,
    PresentationContextItemAC,
    PresentationContextItemRQ,
    PresentationDataValueItem,
    UserInformationItem,
)
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_P_ABORT, A_RELEASE, P_DATA
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.testing import build
from pynetdicom.user_information import MaximumLengthNotification

CALLED_AND_CALLING = (
    b"ACCEPTOR        "  # called AE title
    b"REQUESTOR       " + bytes(32)  # calling AE title  # reserved
)
APPLICATION_CONTEXT = b"\x10\0\0\x151.2.840.10008.3.1.1.1"
USER_INFORMATION = (
    b"\x50\0\0\x08"  # user information
    b"\x51\0\0\x04\0\0\x40\0"  # maximum length: 16384
)
PROPOSED = (
    b"\x20\0\0\x2e"  # presentation context
    b"\x01\0\0\0"  # ID, reserved
    b"\x30\0\0\x111.2.840.10008.1.1"  # abstract syntax: Verification
    b"\x40\0\0\x111.2.840.10008.1.2"  # transfer syntax: Implicit VR Little Endian
)
ACCEPTED = (
    b"\x21\0\0\x19"  # presentation context
    b"\x01\0\0\0"  # ID, reserved, result: acceptance, reserved
    b"\x40\0\0\x111.2.840.10008.1.2"  # transfer syntax: Implicit VR Little Endian
)
REJECTED = (
    b"\x21\0\0\x04"  # presentation context
    b"\x03\0\x04\0"  # ID, reserved, result: transfer syntaxes not supported, reserved
)


def associate(kind: int, *parts: bytes) -> bytes:
    body = b"\0\x01\0\0" + CALLED_AND_CALLING + b"".join(parts)  # protocol version 1, reserved
    return bytes([kind, 0]) + len(body).to_bytes(4, "big") + body


ASSOCIATE_RQ = associate(0x01, APPLICATION_CONTEXT, PROPOSED, USER_INFORMATION)
ASSOCIATE_AC = associate(0x02, APPLICATION_CONTEXT, ACCEPTED, REJECTED, USER_INFORMATION)
ASSOCIATE_RJ = (
    b"\x03\0\0\0\0\x04"  # PDU type, reserved, length
    b"\0\x02\x03\x01"  # reserved, result: transient, source: presentation, reason: congestion
)
P_DATA_TF = (
    b"\x04\0\0\0\0\x10"  # PDU type, reserved, length
    b"\0\0\0\x06\x03\x02data"  # PDV length, context ID, control header: data set, last
    b"\0\0\0\x02\x05\x01"  # PDV length, context ID, control header: command, not last
)
RELEASE_RQ = b"\x05\0\0\0\0\x04\0\0\0\0"
RELEASE_RP = b"\x06\0\0\0\0\x04\0\0\0\0"
ABORT = (
    b"\x07\0\0\0\0\x04"  # PDU type, reserved, length
    b"\0\0\x02\x06"  # reserved, reserved, source: provider, reason: invalid parameter value
)


def user_information() -> UserInformationItem:
    return UserInformationItem([build(MaximumLengthNotification, maximum_length_received=16384)])


def verification() -> PresentationContext:
    context = build_context("1.2.840.10008.1.1", "1.2.840.10008.1.2")
    context.context_id = 1
    return context


def accepted() -> PresentationContext:
    return build(PresentationContext, context_id=1, transfer_syntax=["1.2.840.10008.1.2"], result=0)


def rejected() -> PresentationContext:
    return build(PresentationContext, context_id=3, result=4)


def associate_rq() -> pdu.A_ASSOCIATE_RQ:
    return build(
        pdu.A_ASSOCIATE_RQ,
        called_ae_title="ACCEPTOR",
        calling_ae_title="REQUESTOR",
        variable_items=[
            ApplicationContextItem(),
            PresentationContextItemRQ(verification()),
            user_information(),
        ],
    )


def associate_ac() -> pdu.A_ASSOCIATE_AC:
    return build(
        pdu.A_ASSOCIATE_AC,
        called_ae_title="ACCEPTOR",
        calling_ae_title="REQUESTOR",
        variable_items=[
            ApplicationContextItem(),
            PresentationContextItemAC(accepted()),
            PresentationContextItemAC(rejected()),
            user_information(),
        ],
    )


ON_THE_WIRE: list[tuple[bytes, Any]] = [
    (ASSOCIATE_RQ, associate_rq()),
    (ASSOCIATE_AC, associate_ac()),
    (ASSOCIATE_RJ, build(pdu.A_ASSOCIATE_RJ, result=2, source=3, reason_diagnostic=1)),
    (
        P_DATA_TF,
        build(
            pdu.P_DATA_TF,
            presentation_data_value_items=[
                PresentationDataValueItem(3, b"\x02data"),
                PresentationDataValueItem(5, b"\x01"),
            ],
        ),
    ),
    (RELEASE_RQ, pdu.A_RELEASE_RQ()),
    (RELEASE_RP, pdu.A_RELEASE_RP()),
    (ABORT, build(pdu.A_ABORT_RQ, source=2, reason_diagnostic=6)),
]


@pytest.mark.parametrize(("wire", "value"), ON_THE_WIRE)
def test_a_pdu_is_written_as_the_standard_says(wire: bytes, value: Any) -> None:
    assert value.encode() == wire
    assert value.pdu_length == len(wire) - 6
    assert len(value) == len(wire)
    assert value.pdu_type == wire[0]


@pytest.mark.parametrize(("wire", "value"), ON_THE_WIRE)
@pytest.mark.parametrize("buffer", [bytes, bytearray, memoryview])
def test_a_pdu_is_read_as_the_standard_says(buffer: Any, wire: bytes, value: Any) -> None:
    received = pdu.PDU_TYPES[wire[0]]()

    received.decode(buffer(wire))

    assert received == value


@pytest.mark.parametrize(("wire", "_value"), ON_THE_WIRE)
def test_only_one_whole_pdu_of_its_type_is_decoded(wire: bytes, _value: Any) -> None:
    received = pdu.PDU_TYPES[wire[0]]()
    other_type = bytes([wire[0] % 7 + 1]) + wire[1:]

    with pytest.raises(RemoteProtocolError, match="cut short"):
        received.decode(wire[:5])
    with pytest.raises(RemoteProtocolError, match="not one whole"):
        received.decode(wire[:-1])
    with pytest.raises(RemoteProtocolError, match="not one whole"):
        received.decode(wire + b"\0")
    with pytest.raises(RemoteProtocolError, match="not one whole"):
        received.decode(other_type)


@pytest.mark.parametrize(("wire", "value"), ON_THE_WIRE)
def test_decoding_replaces_what_was_there(wire: bytes, value: Any) -> None:
    received = pdu.PDU_TYPES[wire[0]]()

    received.decode(wire)
    received.decode(wire)

    assert received == value


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (pdu.A_ASSOCIATE_RQ(), "protocol_version"),
        (pdu.A_ASSOCIATE_RJ(), "result"),
        (pdu.A_ASSOCIATE_RJ(), "source"),
        (pdu.A_ASSOCIATE_RJ(), "reason_diagnostic"),
        (pdu.A_ABORT_RQ(), "source"),
        (pdu.A_ABORT_RQ(), "reason_diagnostic"),
    ],
)
def test_a_field_holds_what_its_bytes_can(value: Any, name: str) -> None:
    largest = 0xFFFF if name == "protocol_version" else 0xFF

    for number in (0, largest):
        setattr(value, name, number)
        assert decoded(value.encode()) == value
    for number in (-1, largest + 1):
        with pytest.raises(ValueError, match=name):
            setattr(value, name, number)


def test_new_pdus_say_the_default() -> None:
    assert pdu.A_ASSOCIATE_RQ().encode() == b"\x01\0\0\0\0\x44\0\x01\0\0" + b" " * 32 + bytes(32)
    assert pdu.A_ASSOCIATE_RJ().encode() == b"\x03\0\0\0\0\x04\0\x01\x01\x01"
    assert pdu.P_DATA_TF().encode() == b"\x04\0\0\0\0\0"
    assert pdu.A_ABORT_RQ().encode() == b"\x07\0\0\0\0\x04\0\0\0\0"


def decoded(wire: bytes) -> Any:
    received = pdu.PDU_TYPES[wire[0]]()
    received.decode(wire)
    return received


# A-ASSOCIATE-RQ and -AC.


def test_a_request_shows_what_it_asks_for() -> None:
    request = decoded(ASSOCIATE_RQ)

    assert request.protocol_version == 1
    assert request.called_ae_title == "ACCEPTOR"
    assert request.calling_ae_title == "REQUESTOR"
    assert request.application_context_name == "1.2.840.10008.3.1.1.1"
    assert [item.context_id for item in request.presentation_context] == [1]
    assert request.user_information == user_information()


def test_an_acceptance_shows_what_it_grants() -> None:
    acceptance = decoded(ASSOCIATE_AC)

    assert acceptance.reserved_aet == "ACCEPTOR"
    assert acceptance.reserved_aec == "REQUESTOR"
    assert [item.result for item in acceptance.presentation_context] == [0, 4]


def test_a_request_becomes_the_indication_of_the_acceptors_user() -> None:
    indication = decoded(ASSOCIATE_RQ).to_primitive()

    assert indication.called_ae_title == "ACCEPTOR"
    assert indication.calling_ae_title == "REQUESTOR"
    assert indication.result is None
    assert indication.maximum_length_received == 16384
    assert indication.presentation_context_definition_list == [verification()]
    assert indication.presentation_context_definition_results_list == []


def test_an_acceptance_becomes_the_confirmation_of_the_requestors_user() -> None:
    confirmation = decoded(ASSOCIATE_AC).to_primitive()

    assert (confirmation.result, confirmation.result_source) == (0, 1)
    assert confirmation.presentation_context_definition_list == []
    assert confirmation.presentation_context_definition_results_list == [accepted(), rejected()]


def test_a_request_is_made_of_the_users_primitive() -> None:
    request = pdu.A_ASSOCIATE_RQ()

    request.from_primitive(
        build(
            A_ASSOCIATE,
            called_ae_title="ACCEPTOR",
            calling_ae_title="REQUESTOR",
            presentation_context_definition_list=[verification()],
            maximum_length_received=16384,
        )
    )

    assert request.encode() == ASSOCIATE_RQ


def test_an_acceptance_is_made_of_the_users_primitive() -> None:
    acceptance = pdu.A_ASSOCIATE_AC()

    acceptance.from_primitive(
        build(
            A_ASSOCIATE,
            called_ae_title="ACCEPTOR",
            calling_ae_title="REQUESTOR",
            presentation_context_definition_results_list=[accepted(), rejected()],
            maximum_length_received=16384,
        )
    )

    assert acceptance.encode() == ASSOCIATE_AC


def test_titles_that_were_never_set_are_sixteen_spaces() -> None:
    request = pdu.A_ASSOCIATE_RQ()

    request.from_primitive(A_ASSOCIATE())

    assert request.encode()[10:42] == b" " * 32


def test_items_that_are_missing_are_none() -> None:
    bare = decoded(associate(0x01))

    assert bare.application_context_name is None
    assert bare.user_information is None
    assert bare.presentation_context == []
    assert bare.to_primitive().application_context_name is None
    assert bare.to_primitive().user_information == []


def test_items_nobody_knows_are_skipped() -> None:
    request = decoded(
        associate(0x01, b"\x7f\0\0\x02??", PROPOSED, b"\x21\0\0\0", APPLICATION_CONTEXT)
    )

    assert [item.item_type for item in request.variable_items] == [0x20, 0x10]


def test_of_items_that_there_is_only_one_of_the_first_counts() -> None:
    request = decoded(
        associate(
            0x01,
            b"\x10\0\0\x031.2",
            APPLICATION_CONTEXT,
            USER_INFORMATION,
            b"\x50\0\0\x08\x51\0\0\x04\0\0\0\0",
            b"\x50\0\0\x02??",
        )
    )

    assert request.application_context_name == "1.2"
    assert request.to_primitive().maximum_length_received == 16384
    assert len(request.variable_items) == 2


@pytest.mark.parametrize(
    ("field", "title"),
    [
        (b"PACS            ", "PACS"),
        (b"  PACS          ", "PACS"),
        (b"PACS\0\0\0\0\0\0\0\0\0\0\0\0", "PACS"),
        (b" " * 16, ""),
        (bytes(16), ""),
        (b"R\xd6NTGEN         ", "R\\xd6NTGEN"),
        (b"A\\B\n            ", "A\\B\n"),
        (b"EXACTLY_SIXTEEN_", "EXACTLY_SIXTEEN_"),
    ],
)
def test_an_odd_title_is_left_to_the_application(field: bytes, title: str) -> None:
    wire = ASSOCIATE_RQ[:10] + field + field + ASSOCIATE_RQ[42:]

    indication = decoded(wire).to_primitive()

    assert indication.called_ae_title == title
    assert indication.calling_ae_title == title


@pytest.mark.parametrize(
    "wire",
    [
        b"\x01\0\0\0\0\0",
        b"\x01\0\0\0\0\x43" + ASSOCIATE_RQ[6:73],
        associate(0x01, b"\x20"),
        associate(0x01, b"\x20\0\0\x05\x01\0\0\0"),
        associate(0x01, PROPOSED[:-1]),
        associate(0x01, b"\x50\0\0\x02??"),
        associate(0x01, b"\x50\0\0\x05\x51\0\0\x02?"),
        associate(0x01, b"\x10\0\0\x41" + b"1" * 65),
        associate(0x01, b"\x10\0\0\x02\xff\xff"),
    ],
)
def test_a_request_that_does_not_add_up_is_refused(wire: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decoded(wire)


@pytest.mark.parametrize("wire", [ASSOCIATE_RQ, ASSOCIATE_AC])
def test_two_contexts_with_the_same_id_are_refused(wire: bytes) -> None:
    context = {0x01: PROPOSED, 0x02: ACCEPTED}[wire[0]]

    with pytest.raises(RemoteProtocolError, match="ID 1"):
        decoded(associate(wire[0], context, context))


@pytest.mark.parametrize("wire", [ASSOCIATE_RQ, ASSOCIATE_AC])
@pytest.mark.parametrize("context_id", [0, 2, 254])
def test_a_context_with_an_even_id_is_refused(wire: bytes, context_id: int) -> None:
    context = bytearray({0x01: PROPOSED, 0x02: ACCEPTED}[wire[0]])
    context[4] = context_id

    with pytest.raises(RemoteProtocolError, match="not odd"):
        decoded(associate(wire[0], bytes(context)))


# A-ASSOCIATE-RJ.


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((1, 1, 1), ("Rejected (Permanent)", "DUL service-user", "No reason given")),
        (
            (1, 1, 2),
            ("Rejected (Permanent)", "DUL service-user", "Application context name not supported"),
        ),
        (
            (1, 1, 3),
            ("Rejected (Permanent)", "DUL service-user", "Calling AE title not recognised"),
        ),
        ((1, 1, 7), ("Rejected (Permanent)", "DUL service-user", "Called AE title not recognised")),
        ((1, 1, 4), ("Rejected (Permanent)", "DUL service-user", "Reserved")),
        (
            (1, 2, 1),
            ("Rejected (Permanent)", "DUL service-provider (ACSE related)", "No reason given"),
        ),
        (
            (1, 2, 2),
            (
                "Rejected (Permanent)",
                "DUL service-provider (ACSE related)",
                "Protocol version not supported",
            ),
        ),
        (
            (2, 3, 1),
            (
                "Rejected (Transient)",
                "DUL service-provider (presentation related)",
                "Temporary congestion",
            ),
        ),
        (
            (2, 3, 2),
            (
                "Rejected (Transient)",
                "DUL service-provider (presentation related)",
                "Local limit exceeded",
            ),
        ),
        ((0, 0, 0), ("(no value available)", "(no value available)", "Reserved")),
        ((9, 9, 9), ("(no value available)", "(no value available)", "Reserved")),
    ],
)
def test_a_rejection_says_why_in_words(
    numbers: tuple[int, int, int], words: tuple[str, str, str]
) -> None:
    rejection = decoded(b"\x03\0\0\0\0\x04\0" + bytes(numbers))

    assert (rejection.result_str, rejection.source_str, rejection.reason_str) == words


def test_a_rejection_is_made_of_the_users_primitive_and_becomes_one() -> None:
    rejection = pdu.A_ASSOCIATE_RJ()
    primitive = build(A_ASSOCIATE, result=2, result_source=3, diagnostic=1)

    rejection.from_primitive(primitive)
    confirmation = rejection.to_primitive()

    assert rejection.encode() == ASSOCIATE_RJ
    assert (confirmation.result, confirmation.result_source, confirmation.diagnostic) == (2, 3, 1)


def test_a_rejection_is_one_whatever_its_numbers() -> None:
    confirmation = decoded(b"\x03\0\0\0\0\x04\0\0\x63\x64").to_primitive()

    assert (confirmation.result, confirmation.result_source, confirmation.diagnostic) == (
        1,
        99,
        100,
    )


# P-DATA-TF.


def test_fragments_become_a_p_data_primitive_and_back() -> None:
    primitive = P_DATA([(3, b"\x02data"), (5, b"\x01")])
    back = pdu.P_DATA_TF()

    back.from_primitive(primitive)

    assert decoded(P_DATA_TF).to_primitive() == primitive
    assert back.encode() == P_DATA_TF
    assert P_DATA().presentation_data_value_list == []


def test_a_fragment_shows_its_control_header() -> None:
    data, command = decoded(P_DATA_TF).presentation_data_value_items

    assert (data.context_id, data.data, data.item_length) == (3, b"\x02data", 6)
    assert data.message_control_header_byte == "00000010"
    assert command.message_control_header_byte == "00000001"


@pytest.mark.parametrize(
    "body",
    [
        b"\0\0\0\x01\x01",  # no control header
        b"\0\0\0\0",  # no context ID either
        b"\0\0\0",
        b"\0\0\0\x03\x01\x00",  # says more than there is
        b"\0\0\0\x02\x01\x00?",  # and stray bytes behind
    ],
)
def test_fragments_that_do_not_add_up_are_refused(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decoded(b"\x04\0" + len(body).to_bytes(4, "big") + body)


# A-RELEASE and A-ABORT.


@pytest.mark.parametrize("kind", [0x03, 0x05, 0x06, 0x07])
@pytest.mark.parametrize("body", [b"", b"\0\0\0", b"\0\0\0\0\0"])
def test_a_pdu_of_fixed_length_has_this_length(kind: int, body: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="instead of 4"):
        decoded(bytes([kind, 0, 0, 0, 0, len(body)]) + body)


@pytest.mark.parametrize("kind", [0x05, 0x06, 0x07])
def test_reserved_bytes_are_not_tested(kind: int) -> None:
    value = decoded(bytes([kind, 0xFF, 0, 0, 0, 4, 0xFF, 0xFF, 0, 0]))

    assert value == pdu.PDU_TYPES[kind]()


def test_a_release_becomes_a_primitive_and_back() -> None:
    asked, answered = pdu.A_RELEASE_RQ(), pdu.A_RELEASE_RP()
    asked.from_primitive(A_RELEASE())
    answered.from_primitive(A_RELEASE("affirmative"))

    assert asked.to_primitive() == A_RELEASE()
    assert answered.to_primitive() == A_RELEASE("affirmative")


@pytest.mark.parametrize(
    ("source", "reason", "primitive", "words"),
    [
        (0, 0, A_ABORT(0), ("DUL service-user", "(no value available)")),
        (0, 6, A_ABORT(0), ("DUL service-user", "(no value available)")),
        (1, 0, A_ABORT(0), ("Reserved", "(no value available)")),
        (9, 0, A_ABORT(0), ("(no value available)", "(no value available)")),
        (2, 0, A_P_ABORT(0), ("DUL service-provider", "No reason given")),
        (2, 1, A_P_ABORT(1), ("DUL service-provider", "Unrecognised PDU")),
        (2, 2, A_P_ABORT(2), ("DUL service-provider", "Unexpected PDU")),
        (2, 3, A_P_ABORT(0), ("DUL service-provider", "Reserved")),
        (2, 4, A_P_ABORT(4), ("DUL service-provider", "Unrecognised PDU parameter")),
        (2, 5, A_P_ABORT(5), ("DUL service-provider", "Unexpected PDU parameter")),
        (2, 6, A_P_ABORT(6), ("DUL service-provider", "Invalid PDU parameter value")),
        (2, 7, A_P_ABORT(0), ("DUL service-provider", "(no value available)")),
    ],
)
def test_an_abort_tells_who_and_why(
    source: int, reason: int, primitive: A_ABORT | A_P_ABORT, words: tuple[str, str]
) -> None:
    abort = decoded(b"\x07\0\0\0\0\x04\0\0" + bytes([source, reason]))

    assert abort.to_primitive() == primitive
    assert (abort.source_str, abort.reason_str) == words


@pytest.mark.parametrize(
    ("primitive", "numbers"),
    [(A_ABORT(0), b"\0\0"), (A_ABORT(2), b"\x02\0"), (A_P_ABORT(5), b"\x02\x05")],
)
def test_an_abort_is_made_of_the_users_primitive(
    primitive: A_ABORT | A_P_ABORT, numbers: bytes
) -> None:
    abort = pdu.A_ABORT_RQ()

    abort.from_primitive(primitive)

    assert abort.encode() == b"\x07\0\0\0\0\x04\0\0" + numbers


def test_a_pdu_of_no_kind_cannot_be_encoded() -> None:
    with pytest.raises(NotImplementedError):
        pdu.PDU().encode()
    with pytest.raises(NotImplementedError):
        pdu.PDU()._unpack(b"")


def test_texts_of_other_character_sets_can_be_read_when_the_user_names_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire = associate(0x01, b"\x10\0\0\x05\xef\xbc\x91.2")

    with pytest.raises(RemoteProtocolError, match="ascii"):
        decoded(wire)
    monkeypatch.setattr(_config, "CODECS", ("ascii", "utf-8"))

    assert decoded(wire).application_context_name == "\uff11.2"
