"""What is shown when data sets, bytes, PDUs, contexts and application entities are printed."""

from io import BytesIO
from textwrap import dedent
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

from public.log_book import PROPOSED, decision, proposal
from pynetdicom import AE, build_context, build_role
from pynetdicom.dsutils import pretty_dataset, pretty_element
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_RJ, A_RELEASE_RQ, P_DATA_TF
from pynetdicom.pdu_items import AbstractSyntaxSubItem, PresentationContextItemRQ
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import CTImageStorage, Verification
from pynetdicom.user_information import UserIdentityNegotiation
from pynetdicom.utils import escaped, pretty_bytes


def text(golden: str) -> str:
    return dedent(golden).strip("\n")


@pytest.mark.parametrize(
    ("tag", "vr", "value", "golden"),
    [
        (
            0x00080060,
            "CS",
            "CT",
            "(0008,0060) CS [CT]                                     # 1 Modality",
        ),
        (
            0x00080060,
            "CS",
            "",
            "(0008,0060) CS (no value available)                     # 0 Modality",
        ),
        (
            0x00080060,
            "CS",
            None,
            "(0008,0060) CS (no value available)                     # 0 Modality",
        ),
        (
            0x00080008,
            "CS",
            [],
            "(0008,0008) CS (no value available)                     # 0 ImageType",
        ),
        (
            0x00080008,
            "CS",
            ["A"],
            "(0008,0008) CS [A]                                      # 1 ImageType",
        ),
        (
            0x00080008,
            "CS",
            ["A", "B"],
            "(0008,0008) CS [A\\B]                                    # 2 ImageType",
        ),
        (
            0x00100010,
            "PN",
            "Doe^J",
            "(0010,0010) PN [Doe^J]                                  # 1 PatientName",
        ),
        (
            0x00280010,
            "US",
            512,
            "(0028,0010) US [512]                                    # 1 Rows",
        ),
        (
            0x00280010,
            "US",
            0,
            "(0028,0010) US [0]                                      # 1 Rows",
        ),
        (
            0x00280030,
            "DS",
            ["1.5", "2"],
            "(0028,0030) DS [1.5\\2]                                  # 2 PixelSpacing",
        ),
        (
            0x00189098,
            "FD",
            1.25,
            "(0018,9098) FD [1.25]                                   # 1 TransmitterFrequency",
        ),
        (
            0x00280009,
            "AT",
            [0x00181063, 0x00181064],
            "(0028,0009) AT [(0018,1063)\\(0018,1064)]                # 2 FrameIncrementPointer",
        ),
        (
            0x00282000,
            "OB",
            b"\1\2",
            "(0028,2000) OB [01 02]                                  # 1 ICCProfile",
        ),
        (
            0x7FE00010,
            "OW",
            bytes(13),
            "(7FE0,0010) OW [00 00 00 00 00 00 00 00 00 00 00 00 00] # 1 PixelData",
        ),
        (
            0x7FE00010,
            "OW",
            bytes(14),
            "(7FE0,0010) OW (14 bytes of binary data)                # 1 PixelData",
        ),
        (
            0x7FE00010,
            "OB",
            b"",
            "(7FE0,0010) OB (no value available)                     # 0 PixelData",
        ),
        (
            0x00091001,
            "UN",
            b"abc\0",
            "(0009,1001) UN [b'abc\\x00']                             # 1 ",
        ),
        (
            0x00081030,
            "LO",
            "x" * 41,
            "(0008,1030) LO [xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx] # 1 StudyDescription",
        ),
        (
            0x00081110,
            "SQ",
            Sequence(),
            "(0008,1110) SQ (Sequence with 0 items)                  # 1 ReferencedStudySequence",
        ),
        (
            0x00081110,
            "SQ",
            Sequence([Dataset()]),
            "(0008,1110) SQ (Sequence with 1 item)                   # 1 ReferencedStudySequence",
        ),
    ],
)
def test_an_element_takes_one_line(tag: int, vr: str, value: Any, golden: str) -> None:
    assert pretty_element(DataElement(tag, vr, value)) == golden


def study() -> Dataset:
    inner, outer, whole = Dataset(), Dataset(), Dataset()
    inner.StudyInstanceUID = "1.2.3"
    outer.PatientID = "A"
    outer.ReferencedStudySequence = [inner]
    whole.PatientName = "Doe^J"
    whole.ReferencedPatientSequence = [outer, Dataset()]
    return whole


def test_a_data_set_shows_what_is_in_its_sequences() -> None:
    # The lines of sequences are not indented: programs know them so.
    assert pretty_dataset(study()) == [
        "(0008,1120) SQ (Sequence with 2 items)                  # 1 ReferencedPatientSequence",
        "  (Sequence item #1)",
        "(0008,1110) SQ (Sequence with 1 item)                   # 1 ReferencedStudySequence",
        "      (Sequence item #1)",
        "        (0020,000D) UI [1.2.3]                                  # 1 StudyInstanceUID",
        "    (0010,0020) LO [A]                                      # 1 PatientID",
        "  (Sequence item #2)",
        "(0010,0010) PN [Doe^J]                                  # 1 PatientName",
    ]


def test_a_data_set_can_be_indented() -> None:
    lines = pretty_dataset(study(), 1, "..")

    assert lines[1] == "....(Sequence item #1)"
    assert lines[-1] == "..(0010,0010) PN [Doe^J]                                  # 1 PatientName"


def test_an_empty_data_set_has_no_lines() -> None:
    assert pretty_dataset(Dataset()) == []


# Bytes.


def test_bytes_are_shown_sixteen_to_a_line() -> None:
    assert pretty_bytes(bytes(range(18))) == [
        "  00  01  02  03  04  05  06  07  08  09  0a  0b  0c  0d  0e  0f",
        "  10  11",
    ]


def test_a_stream_is_shown_from_its_start() -> None:
    stream = BytesIO(b"\1\2\3")
    stream.seek(2)

    assert pretty_bytes(stream) == ["  01  02  03"]
    assert stream.tell() == 2


def test_the_format_of_bytes_can_be_chosen() -> None:
    lines = pretty_bytes(bytes(range(5)), ">", ",", items_per_line=4, max_size=None, suffix="<")

    assert lines == [">00,01,02,03<", ">04<"]


def test_too_many_bytes_are_cut_at_a_whole_line() -> None:
    assert pretty_bytes(bytes(20), items_per_line=4, max_size=10) == [
        "  Only dumping 10 bytes.",
        "  00  00  00  00",
        "  00  00  00  00",
    ]


# Text of peers.


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("ECHOSCU", "ECHOSCU"),
        ("山田^太郎", "山田^太郎"),
        ("a\nb\r\t\0", "a\\nb\\r\\t\\x00"),
        ("\x1b[31mred\x7f\x85", "\\x1b[31mred\\x7f\\x85"),
        ("\u202egnp.exe\u2028", "\\u202egnp.exe\\u2028"),
    ],
)
def test_control_characters_are_escaped(written: str, shown: str) -> None:
    assert escaped(written) == shown


# PDUs.


def test_a_request_is_printed_with_its_items() -> None:
    role = build_role(CTImageStorage, scu_role=True)
    identity = UserIdentityNegotiation()
    identity.user_identity_type = 2
    identity.primary_field, identity.secondary_field = b"nobody", b"swordfish"

    printed = str(proposal(PROPOSED[0], items=[role, identity]))

    assert printed == text("""
        A-ASSOCIATE-RQ PDU
        ==================
          PDU type: 0x01
          PDU length: 234 bytes
          Called AET: ANY-SCP
          Calling AET: ECHOSCU
          * Application Context Item
              Item type: 0x10
              Item length: 21 bytes
              Name: =DICOM Application Context Name
          * Presentation Context RQ Item
              Item type: 0x20
              Item length: 46 bytes
              Context ID: 1
              * Abstract Syntax Item
                  Item type: 0x30
                  Item length: 17 bytes
                  Name: =Verification SOP Class
              * Transfer Syntax Item
                  Item type: 0x40
                  Item length: 17 bytes
                  Name: =Implicit VR Little Endian
          * User Information Item
              Item type: 0x50
              Item length: 87 bytes
              * Maximum Length Item
                  Item type: 0x51
                  Item length: 4 bytes
                  Maximum length received: 16382
              * Implementation Class UID Item
                  Item type: 0x52
                  Item length: 7 bytes
                  Implementation class UID: =1.2.3.9
              * Implementation Version Name Item
                  Item type: 0x55
                  Item length: 6 bytes
                  Implementation version name: TOOL_1
              * SCP/SCU Role Selection Item
                  Item type: 0x54
                  Item length: 29 bytes
                  SOP class UID: =CT Image Storage
                  SCU role: True
                  SCP role: False
              * User Identity RQ Item
                  Item type: 0x58
                  Item length: 21 bytes
                  User identity type: 2
                  Primary field: (6 bytes)
                  Secondary field: (9 bytes)
    """)


def test_a_decided_context_is_printed_with_its_result() -> None:
    printed = str(decision(3).presentation_context[0])

    assert printed == text("""
        Presentation Context AC Item
          Item type: 0x21
          Item length: 25 bytes
          Context ID: 1
          Result reason: Rejected - Abstract Syntax Not Supported
          * Transfer Syntax Item
              Item type: 0x40
              Item length: 17 bytes
              Name: =Implicit VR Little Endian
    """)


def test_fragments_are_printed_with_their_first_bytes() -> None:
    pdu = P_DATA_TF()
    pdu.from_primitive(P_DATA([(1, b"\3abcdefghijk"), (3, b"\0xyz")]))

    assert str(pdu) == text("""
        P-DATA-TF PDU
        =============
          PDU type: 0x04
          PDU length: 26 bytes
          * Presentation Data Value Item
              Item length: 13 bytes
              Context ID: 1
              Data value: 0x03 0x61 0x62 0x63 0x64 0x65 0x66 0x67 0x68 0x69 ...
          * Presentation Data Value Item
              Item length: 5 bytes
              Context ID: 3
              Data value: 0x00 0x78 0x79 0x7A
    """)


def test_a_rejection_is_printed_in_words() -> None:
    pdu = A_ASSOCIATE_RJ()
    pdu.result, pdu.source, pdu.reason_diagnostic = 2, 3, 2

    assert str(pdu) == text("""
        A-ASSOCIATE-RJ PDU
        ==================
          PDU type: 0x03
          PDU length: 4 bytes
          Result: Rejected (Transient)
          Source: DUL service-provider (presentation related)
          Reason diagnostic: Local limit exceeded
    """)


def test_an_abort_is_printed_in_words() -> None:
    pdu = A_ABORT_RQ()
    pdu.source, pdu.reason_diagnostic = 2, 1

    assert str(pdu).split("\n")[4:] == [
        "  Source: DUL service-provider",
        "  Reason diagnostic: Unrecognised PDU",
    ]


def test_a_release_has_nothing_to_print_but_its_type() -> None:
    assert str(A_RELEASE_RQ()).split("\n")[2:] == ["  PDU type: 0x05", "  PDU length: 4 bytes"]


def test_what_a_peer_writes_cannot_break_out_of_its_line() -> None:
    pdu = proposal()
    pdu.calling_ae_title = "EVIL\n  Called AET: GOOD"

    assert "  Calling AET: EVIL\\n  Called AET: GOOD" in str(pdu).split("\n")


def test_an_item_that_is_not_complete_can_be_printed() -> None:
    item = proposal(items=[UserIdentityNegotiation()]).user_information

    assert "Item length: (not complete)" in str(item)
    assert str(AbstractSyntaxSubItem()).startswith("Abstract Syntax Item")
    assert str(PresentationContextItemRQ()).startswith("Presentation Context RQ Item")


# Contexts and application entities.


def test_a_context_is_printed_with_its_syntaxes() -> None:
    context = build_context(Verification, ["1.2.840.10008.1.2", "1.2.3.4"])
    context.context_id = 3
    context.result = 4

    assert str(context) == text("""
        ID: 3
        Abstract Syntax: Verification SOP Class
        Transfer Syntax(es):
            =Implicit VR Little Endian
            =1.2.3.4
        Result: Transfer Syntax(es) Not Supported
    """)


def test_a_context_without_syntaxes_says_so() -> None:
    assert str(PresentationContext()) == "Transfer Syntax(es):\n    (none)"


def test_an_application_entity_is_printed_with_its_contexts_and_limits() -> None:
    ae = AE("STORE")
    ae.add_supported_context(CTImageStorage, "1.2.840.10008.1.2")
    ae.require_calling_aet = ["A", "B"]

    assert str(ae).expandtabs(4) == "\n" + text("""
        Application Entity STORE

          Requested Presentation Contexts:
            None

          Supported Presentation Contexts:
            CT Image Storage
                Implicit VR Little Endian

          ACSE timeout: 30 s
          DIMSE timeout: 30 s
          Network timeout: 60 s
          Connection timeout: None s

          Required calling AE title(s): A, B
          Require called AE title: False

          Association(s): 0/10
    """)
