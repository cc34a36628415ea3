"""What users of earlier versions saw happen to their data.

Each story is named after what was seen, and begins with the numbers of the threads. The page
`docs/explanation/what-users-saw.md` has them all.
"""

import logging
import zlib
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from fronts.instances import ct_image
from fronts.peer import Peer
from fronts.stage import Front, Recorder
from pynetdicom import AE, Association, build_context, evt, pdu, register_uid, sop_class
from pynetdicom.service_class import StorageServiceClass
from pynetdicom.sop_class import CTImageStorage, SOPClass

PRIVATE = UID("1.2.826.0.1.3680043.9.9999.42")


class Archive:
    """Keeps the bytes it is sent, and the transfer syntaxes they came in."""

    def __init__(self) -> None:
        self.files: list[bytes] = []
        self.syntaxes: list[str] = []
        self.faults: list[str] = []

    def keep(self, event: evt.Event) -> int:
        self.files.append(event.encoded_dataset(include_meta=False))
        self.syntaxes.append(event.context.transfer_syntax)
        try:
            event.dataset.items()
        except ValueError as fault:
            self.faults.append(str(fault))
            return 0xC210
        return 0x0000


def sending(front: Front, ae: AE, keep: evt.Handler, proposed: Any = None) -> Association:
    """Return an association with a server for `ae` that proposes these contexts."""
    server = front.serve(ae, [(evt.EVT_C_STORE, keep)])
    return front.associate(front.ae(), server.server_address, contexts=proposed)


def takes(front: Front, *syntaxes: str) -> AE:
    """Return an AE that accepts CT images in these transfer syntaxes."""
    ae = front.ae()
    ae.supported_contexts = []
    ae.add_supported_context(CTImageStorage, list(syntaxes))
    return ae


def saved(folder: Path, syntax: UID, size: int = 100) -> tuple[Path, bytes]:
    """Return a file, and the bytes of its data set."""
    path = folder / "instance.dcm"
    ct_image(syntax, size).save_as(path, enforce_file_format=True)
    group_length = int.from_bytes(path.read_bytes()[140:144], "little")
    return path, path.read_bytes()[144 + group_length :]


@pytest.mark.parametrize("size", [2, 16_376, 16_384, 100_000, 1_000_002])
def test_pixel_data_is_cut_short_in_the_temporary_file(front: Front, size: int) -> None:
    """#765, #756: the file has every byte, whatever the size."""
    seen: list[Dataset] = []

    def look(event: evt.Event) -> int:
        seen.append(dcmread(event.dataset_path))
        return 0x0000

    ae = front.ae()
    ae.receive_into_files = True

    status = sending(front, ae, look).send_c_store(ct_image(size=size))

    assert status.Status == 0x0000
    assert [len(dataset.PixelData) for dataset in seen] == [size]
    assert seen == [ct_image(size=size)]


def test_explicit_vr_is_sent_as_implicit_although_both_were_accepted(front: Front) -> None:
    """#472: a context with the data's own encoding is preferred."""
    archive = Archive()
    proposed = [
        build_context(CTImageStorage, ImplicitVRLittleEndian),
        build_context(CTImageStorage, ExplicitVRLittleEndian),
    ]

    assoc = sending(front, front.ae(), archive.keep, proposed)
    assoc.send_c_store(ct_image(ExplicitVRLittleEndian))

    assert archive.syntaxes == [ExplicitVRLittleEndian]


def test_native_data_are_not_changed_to_what_the_peer_accepts(front: Front, tmp_path: Path) -> None:
    """#446, #992, #976: what is not compressed is changed on the way; nobody has to decide."""
    archive = Archive()
    path, _ = saved(tmp_path, ExplicitVRLittleEndian)

    assoc = sending(front, takes(front, ImplicitVRLittleEndian), archive.keep)

    assert assoc.send_c_store(path).Status == 0x0000
    assert archive.syntaxes == [ImplicitVRLittleEndian]


def test_compressed_data_for_a_peer_that_takes_native_fail_without_a_reason(front: Front) -> None:
    """#922, #704, #312: the library does not decompress; it says what does not fit."""
    archive = Archive()
    assoc = sending(front, takes(front, ImplicitVRLittleEndian), archive.keep)

    with pytest.raises(ValueError, match=r"'CT Image Storage' with transfer syntax 'JPEG Baseline"):
        assoc.send_c_store(ct_image(JPEGBaseline8Bit))

    assert assoc.is_established


def test_slightly_invalid_files_cannot_be_sent(front: Front, tmp_path: Path) -> None:
    """#539, #891, #561: the bytes of a file go out as they are."""
    path, _ = saved(tmp_path, ExplicitVRLittleEndian)
    # A decimal string that is none, behind its time: nothing that pydicom would write again.
    broken = bytes.fromhex("2800 3000") + b"DS" + (8).to_bytes(2, "little") + b"nonsense"
    path.write_bytes(path.read_bytes() + broken)
    archive = Archive()
    proposed = [build_context(CTImageStorage, ExplicitVRLittleEndian)]

    assoc = sending(front, front.ae(), archive.keep, proposed)

    assert assoc.send_c_store(path).Status == 0x0000
    assert archive.files[0].endswith(broken)


def test_private_classes_are_not_accepted(front: Front) -> None:
    """#505: an option takes them."""
    ae, archive, image = front.ae(), Archive(), ct_image()
    ae.unrestricted_storage = True
    image.SOPClassUID = PRIVATE

    assoc = sending(front, ae, archive.keep, [build_context(PRIVATE)])

    assert assoc.send_c_store(image).Status == 0x0000
    assert len(archive.files) == 1


def test_a_private_class_is_not_served_although_it_was_accepted(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """#799: whoever knows the class can register it."""
    keyword = "StoryPrivateStorage"
    # What is registered here is forgotten afterwards.
    monkeypatch.setattr(sop_class, keyword, PRIVATE, raising=False)
    monkeypatch.setitem(sop_class._SOP_CLASSES, PRIVATE, SOPClass(PRIVATE))
    monkeypatch.setitem(sop_class._STORAGE_CLASSES, keyword, SOPClass(PRIVATE))
    register_uid(PRIVATE, keyword, StorageServiceClass)
    ae, archive, image = front.ae(), Archive(), ct_image()
    ae.add_supported_context(PRIVATE)
    image.SOPClassUID = PRIVATE

    assoc = sending(front, ae, archive.keep, [build_context(PRIVATE)])

    assert assoc.send_c_store(image).Status == 0x0000


def test_deflated_data_hang(front: Front) -> None:
    """#930: they arrive."""
    archive = Archive()
    proposed = [build_context(CTImageStorage, DeflatedExplicitVRLittleEndian)]

    assoc = sending(front, front.ae(), archive.keep, proposed)

    image = ct_image(DeflatedExplicitVRLittleEndian, size=100_000)
    assert assoc.send_c_store(image).Status == 0x0000
    assert len(zlib.decompress(archive.files[0], wbits=-zlib.MAX_WBITS)) > 100_000


def test_a_small_deflated_message_fills_the_memory(front: Front) -> None:
    """#1086: what is inflated has the limit of any data set."""
    archive, ae = Archive(), front.ae()
    ae.maximum_data_set_length = 65_536
    proposed = [build_context(CTImageStorage, DeflatedExplicitVRLittleEndian)]

    assoc = sending(front, ae, archive.keep, proposed)
    status = assoc.send_c_store(ct_image(DeflatedExplicitVRLittleEndian, size=10_000_000))

    assert status.Status == 0xC210
    assert archive.faults == ["The deflated data set has more than 65536 bytes"]
    assert assoc.is_established


def test_a_header_that_announces_four_gigabytes_gets_them(front: Front) -> None:
    """#1086: it is answered with an abort at once, before there is anything to keep."""
    ended = Recorder(evt.EVT_CONN_CLOSE)
    server = front.serve(front.ae(), ended.handlers)

    with Peer.associated(server.server_address) as peer:
        peer.say(b"\x04\x00\xff\xff\xff\xff")
        answer = peer.hear()

    assert isinstance(answer, pdu.A_ABORT_RQ)
    ended.wait_for(evt.EVT_CONN_CLOSE)


def test_the_log_is_full_of_what_nobody_asked_for(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    """#480, #911: a line or two for an operation at INFO, and no patient."""
    caplog.set_level(logging.INFO, logger="pynetdicom")

    assoc = sending(front, front.ae(), Archive().keep)
    caplog.clear()
    assoc.send_c_store(ct_image())

    assert 0 < len(caplog.records) <= 4
    assert "Story^Told" not in caplog.text
