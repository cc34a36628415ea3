"""Instances on their way: from memory and files, into memory and files, whatever goes wrong."""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from fronts.instances import ct_image
from fronts.peer import Peer, association_request, encoded, store_request
from fronts.stage import Front, Recorder, eventually
from pynetdicom import Association, _config, _sink, evt, pdu
from pynetdicom.sop_class import CTImageStorage


class Store:
    """A provider that keeps what it is sent, as bytes."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.metas: list[Any] = []

    def handle(self, event: evt.Event) -> int:
        self.kept.append(event.encoded_dataset())
        self.metas.append(event.file_meta)
        return 0x0000


def associate(front: Front, handler: evt.Handler, syntaxes: list[UID] | None = None) -> Association:
    provider, user = front.ae(), front.ae()
    if syntaxes:
        provider.supported_contexts = []
        provider.add_supported_context(CTImageStorage, [str(syntax) for syntax in syntaxes])
    user.requested_contexts = []
    offered = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian]
    for syntax in [*offered, ExplicitVRBigEndian, RLELossless]:
        user.add_requested_context(CTImageStorage, syntax)
    server = front.serve(provider, [(evt.EVT_C_STORE, handler)])
    return front.associate(user, server.server_address)


def saved(folder: Path, dataset: Dataset) -> Path:
    path = folder / "instance.dcm"
    dataset.save_as(path, enforce_file_format=True)
    return path


def test_a_data_set_arrives(front: Front) -> None:
    seen: list[Dataset] = []

    def keep(event: evt.Event) -> int:
        seen.append(event.dataset)
        assert event.dataset is event.dataset
        return 0x0000

    status = associate(front, keep).send_c_store(ct_image(), msg_id=3, priority=1)

    assert status.Status == 0x0000
    assert seen == [ct_image()]


def test_the_request_says_where_the_instance_comes_from(front: Front) -> None:
    seen: list[Any] = []

    def note(event: evt.Event) -> int:
        seen.append(event.request)
        return 0x0000

    associate(front, note).send_c_store(
        ct_image(), msg_id=3, priority=1, originator_aet="MOVER", originator_id=9
    )

    (request,) = seen
    assert (request.MessageID, request.Priority) == (3, 1)
    assert request.AffectedSOPClassUID == CTImageStorage
    assert request.AffectedSOPInstanceUID == "1.2.3.4"
    assert request.MoveOriginatorApplicationEntityTitle == "MOVER"
    assert request.MoveOriginatorMessageID == 9


@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless],
)
def test_a_file_arrives_as_it_is_by_a_context_with_its_syntax(
    front: Front, tmp_path: Path, syntax: UID
) -> None:
    store, image = Store(), ct_image(syntax)
    if syntax == RLELossless:
        image.PixelData = bytes.fromhex(
            "feff00e0 00000000 feff00e0 04000000 01020304 feffdde0 00000000"
        )
        image["PixelData"].VR = "OB"
        image["PixelData"].is_undefined_length = True
    path = saved(tmp_path, image)

    status = associate(front, store.handle, [syntax]).send_c_store(path)

    assert status.Status == 0x0000
    (content,) = store.kept
    meta = dcmread(path, stop_before_pixels=True).file_meta
    length = meta.FileMetaInformationGroupLength + 144
    assert content.endswith(path.read_bytes()[length:])
    assert store.metas[0].TransferSyntaxUID == syntax


@pytest.mark.parametrize("as_path", [str, Path])
def test_paths_may_be_text_or_paths(front: Front, tmp_path: Path, as_path: Any) -> None:
    store = Store()

    status = associate(front, store.handle).send_c_store(as_path(saved(tmp_path, ct_image())))

    assert status.Status == 0x0000
    (content,) = store.kept
    target = tmp_path / "kept.dcm"
    target.write_bytes(content)
    assert dcmread(target) == ct_image()


@pytest.mark.parametrize(
    ("own", "accepted"),
    [
        (ImplicitVRLittleEndian, ExplicitVRLittleEndian),
        (ExplicitVRLittleEndian, ImplicitVRLittleEndian),
        (ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian),
        (DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian),
    ],
)
@pytest.mark.parametrize("source", ["memory", "file"])
def test_uncompressed_instances_are_changed_to_what_was_accepted(
    front: Front, tmp_path: Path, own: UID, accepted: UID, source: str
) -> None:
    image: Any = ct_image(own)
    seen: list[tuple[UID, Dataset]] = []

    def keep(event: evt.Event) -> int:
        seen.append((event.context.transfer_syntax, event.dataset))
        return 0x0000

    assoc = associate(front, keep, [accepted])

    status = assoc.send_c_store(image if source == "memory" else saved(tmp_path, image))

    assert status.Status == 0x0000
    assert seen == [(accepted, ct_image(own))]


@pytest.mark.parametrize(
    ("own", "accepted"),
    [
        (RLELossless, ImplicitVRLittleEndian),
        (ImplicitVRLittleEndian, RLELossless),
        (ImplicitVRLittleEndian, ExplicitVRBigEndian),
    ],
)
def test_what_cannot_be_changed_needs_a_context_with_its_syntax(
    front: Front, own: UID, accepted: UID
) -> None:
    image = ct_image(own)
    if own == RLELossless:
        del image.PixelData
    assoc = associate(front, Store().handle, [accepted])

    with pytest.raises(ValueError, match="No presentation context for 'CT Image Storage'"):
        assoc.send_c_store(image)

    assert assoc.is_established


def test_a_file_that_goes_in_pieces_needs_a_context_with_its_syntax(
    front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, ct_image(ExplicitVRLittleEndian))
    assoc = associate(front, Store().handle, [ImplicitVRLittleEndian])
    assert assoc.send_c_store(path).Status == 0x0000

    monkeypatch.setattr(_config, "STORE_SEND_CHUNKED_DATASET", True)

    with pytest.raises(ValueError, match="No presentation context"):
        assoc.send_c_store(path)


def test_a_file_that_becomes_shorter_aborts(
    front: Front, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store()
    path = saved(tmp_path, ct_image(size=3_000_000))
    assoc = associate(front, store.handle)

    def truncate(event: evt.Event) -> None:
        os.truncate(path, 2_000_000)

    assoc.bind(evt.EVT_DIMSE_SENT, truncate)
    status = assoc.send_c_store(path)

    assert "Status" not in status
    assert assoc.is_aborted
    assert store.kept == []
    assert "became shorter" in caplog.text


def test_an_association_can_be_used_after_what_could_not_be_sent(
    front: Front, tmp_path: Path
) -> None:
    assoc = associate(front, Store().handle)
    nonsense = tmp_path / "nonsense"
    nonsense.write_bytes(b"no DICOM at all")

    with pytest.raises(Exception, match="File is missing DICOM"):
        assoc.send_c_store(nonsense)
    with pytest.raises(FileNotFoundError):
        assoc.send_c_store(tmp_path / "missing")
    with pytest.raises(AttributeError):
        assoc.send_c_store(Dataset())

    assert assoc.send_c_store(ct_image()).Status == 0x0000


# Straight into files.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where data sets are received into files."""
    monkeypatch.setattr(_config, "STORE_RECV_CHUNKED_DATASET", True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_a_data_set_can_be_received_into_a_file(front: Front, folder: Path, syntax: UID) -> None:
    seen: list[Any] = []

    def look(event: evt.Event) -> int:
        assert event.request.DataSet is None
        content = event.dataset_path.read_bytes()
        assert event.encoded_dataset() == content
        seen.append((dcmread(event.dataset_path), event.dataset, event.dataset_path.parent))
        assert content.endswith(event.encoded_dataset(include_meta=False))
        return 0x0000

    status = associate(front, look, [syntax]).send_c_store(ct_image(syntax))

    assert status.Status == 0x0000
    ((from_file, from_event, where),) = seen
    assert from_file == from_event == ct_image(syntax)
    assert from_file.file_meta.TransferSyntaxUID == syntax
    assert where == folder
    assert eventually(lambda: left_in(folder) == [])


def _raise(path: Path) -> int:
    raise RuntimeError("no")


def _remove(path: Path) -> int:
    path.unlink()
    return 0x0000


def _nothing(path: Path) -> int:
    return 0x0000


@pytest.mark.parametrize("do", [_raise, _remove, _nothing])
def test_the_file_is_removed_whatever_its_handler_does(front: Front, folder: Path, do: Any) -> None:
    status = associate(front, lambda event: do(event.dataset_path)).send_c_store(ct_image())

    assert status.Status == (0xC211 if do is _raise else 0x0000)
    assert eventually(lambda: left_in(folder) == [])


def test_a_handler_may_keep_the_file_by_moving_it(front: Front, folder: Path) -> None:
    def keep(event: evt.Event) -> int:
        event.dataset_path.rename(folder / "kept")
        return 0x0000

    associate(front, keep).send_c_store(ct_image())

    assert left_in(folder) == ["kept"]
    assert dcmread(folder / "kept") == ct_image()


@pytest.mark.parametrize(("room", "is_noticed_late"), [(50_000, False), (10**6, True)])
def test_a_full_disk_is_told_and_ends_nothing(
    front: Front,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    room: int,
    is_noticed_late: bool,
) -> None:
    asked = Recorder()

    def full(descriptor: int, *args: Any, **kwargs: Any) -> Any:
        return _Full(descriptor, room, is_noticed_late=is_noticed_late)

    assoc = associate(front, asked.note)
    with monkeypatch.context() as patch:
        patch.setattr(_sink, "open", full, raising=False)
        status = assoc.send_c_store(ct_image(size=100_000))

    assert status.Status == 0xA700
    assert asked.events == []
    assert eventually(lambda: left_in(folder) == [])
    assert assoc.is_established


class _Full:
    """A file on a disk that has some room, but not enough; some notice that only at the end."""

    def __init__(self, descriptor: int, room: int, *, is_noticed_late: bool) -> None:
        self._file = os.fdopen(descriptor, "wb")
        self._left = room
        self._is_noticed_late = is_noticed_late

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise OSError(28, "No space left on device")
        return len(data)

    def close(self) -> None:
        self._file.close()
        if self._is_noticed_late:
            raise OSError(28, "No space left on device")


def test_a_folder_that_is_missing_is_told(
    front: Front, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "missing"))

    status = associate(front, Store().handle).send_c_store(ct_image())

    assert status.Status == 0xA700


def test_no_file_is_left_of_a_data_set_that_is_not_finished(front: Front, folder: Path) -> None:
    ended = Recorder(evt.EVT_CONN_CLOSE)
    server = front.serve(front.ae(), ended.handlers)
    message = b"".join(encoded(store_request(), 3, bytes(10_000)))
    with Peer.associated(server.server_address) as peer:
        peer.say(message[:-2_000])
        assert eventually(lambda: left_in(folder) != [])

    ended.wait_for(evt.EVT_CONN_CLOSE)
    assert eventually(lambda: left_in(folder) == [])


def test_only_a_data_set_in_a_file_has_a_path(front: Front) -> None:
    faults: list[str] = []

    def look(event: evt.Event) -> int:
        try:
            event.dataset_path  # noqa: B018  # asking is the point
        except TypeError as fault:
            faults.append(str(fault))
        return 0x0000

    associate(front, look).send_c_store(ct_image())

    assert faults == ["The data set is not in a file: set the AE's 'receive_into_files' first"]


# Limits.


def test_a_data_set_over_the_limit_is_answered_with_an_abort(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_config, "MAXIMUM_DATA_SET_LENGTH", 1000)
    store, ended = Store(), Recorder(evt.EVT_ABORTED)
    server = front.serve(front.ae(), [(evt.EVT_C_STORE, store.handle), *ended.handlers])

    with Peer.at(server.server_address) as peer:
        peer.say(association_request())
        assert isinstance(peer.hear(), pdu.A_ASSOCIATE_AC)
        peer.say_message(store_request(), 3, bytes(1000))
        assert isinstance(peer.hear(), pdu.P_DATA_TF)
        peer.say_message(store_request(), 3, bytes(1002))
        value = peer.hear()

    assert isinstance(value, pdu.A_ABORT_RQ)
    ended.wait_for(evt.EVT_ABORTED)
    assert len(store.kept) == 1


@pytest.mark.parametrize("maximum_length", [0, 100, 4096, 1_000_000])
def test_messages_are_cut_to_what_the_peer_takes(front: Front, maximum_length: int) -> None:
    provider = front.ae()
    provider.maximum_pdu_size = maximum_length
    seen: list[Dataset] = []
    lengths: list[int] = []

    def keep(event: evt.Event) -> int:
        seen.append(event.dataset)
        return 0x0000

    def measure(event: evt.Event) -> None:
        lengths.append(event.pdu.pdu_length)

    server = front.serve(provider, [(evt.EVT_C_STORE, keep)])
    assoc = front.associate(front.ae(), server.server_address)
    assoc.bind(evt.EVT_PDU_SENT, measure)

    status = assoc.send_c_store(ct_image(size=20_000))

    assert status.Status == 0x0000
    assert [len(dataset.PixelData) for dataset in seen] == [20_000]
    assert max(lengths) <= (maximum_length or 1_000_000)
