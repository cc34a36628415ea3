"""The archive keeps what it says it keeps, whatever fails and whenever it is interrupted."""

import errno
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import FileDataset

from apps.objects import an_object, as_file
from apps.stage import files_in
from pynetdicom._files import versioned_file_name
from pynetdicom.apps.qrscp.archive import Archive, Entry, IndexFailedError, Instance, Kept
from pynetdicom.apps.qrscp.entry import NotArchivableError, entry_of
from pynetdicom.apps.qrscp.folder import Folder
from pynetdicom.apps.qrscp.handlers import EVERYTHING
from pynetdicom.apps.qrscp.index import SQLIndex
from pynetdicom.sop_class import CTImageStorage

UID = "1.2.3"
A_DAY = 86400


class Watched(SQLIndex):
    """An index that can fail, and tells what it was asked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.fails = False
        self.asked: Callable[[str], None] = lambda what: None

    def add(self, entry: Entry) -> Instance | None:
        self.asked("add")
        if self.fails:
            raise IndexFailedError("disk I/O error")
        return super().add(entry)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    index = Watched(tmp_path / "index.sqlite")
    yield Archive(index, Folder(tmp_path / "objects"), logging.getLogger("pynetdicom.apps.qrscp"))
    index.close()


@pytest.fixture
def folder(archive: Archive, tmp_path: Path) -> Path:
    return tmp_path / "objects"


def as_kept(made: FileDataset, name: str = "") -> tuple[Entry, list[bytes]]:
    """Return what the archive is given of an object."""
    content, uid = as_file(made), str(made.SOPInstanceUID)
    file = name or versioned_file_name(CTImageStorage, uid)
    digest, syntax = sha256(content).hexdigest(), str(made.file_meta.TransferSyntaxUID)
    instance = Instance(str(made.SOPClassUID), uid, syntax, file, len(content), digest)
    return entry_of(made, instance), [content]


def keep(archive: Archive, made: FileDataset) -> Kept:
    return archive.keep(*as_kept(made))


def kept(archive: Archive, uid: str = UID) -> Path:
    """Return where an object is."""
    instance = archive.index.get(uid)
    assert instance
    path = archive.sendable(instance)
    assert path
    return Path(path)


def index_of(archive: Archive) -> Watched:
    assert isinstance(archive.index, Watched)
    return archive.index


def test_a_kept_object_is_a_file_that_the_index_knows(archive: Archive, folder: Path) -> None:
    made = an_object()

    assert keep(archive, made) is Kept.NEW
    assert kept(archive).read_bytes() == as_file(made)
    assert files_in(folder) == [kept(archive).name]


def test_an_object_is_durable_before_it_is_known(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def noted(call: str) -> Callable[..., None]:
        real: Callable[..., None] = getattr(os, call)

        def note(*arguments: object) -> None:
            done.append(call)
            real(*arguments)

        return note

    for call in ("fsync", "replace"):
        monkeypatch.setattr(os, call, noted(call))
    index_of(archive).asked = done.append

    keep(archive, an_object())

    assert done == ["fsync", "replace", "fsync", "add"]


@pytest.mark.parametrize(
    ("call", "number"), [("writev", 1), ("fsync", 1), ("replace", 1), ("fsync", 2)]
)
def test_what_cannot_be_written_leaves_nothing_and_changes_nothing(
    archive: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    keep(archive, an_object())
    before = files_in(folder)

    with failing(monkeypatch, call, number), pytest.raises(OSError, match="No space left"):
        keep(archive, an_object(PatientName="Corelli"))

    assert files_in(folder) == before
    assert kept(archive).read_bytes() == as_file(an_object())


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> Iterator[None]:
    """Have a call of the system fail when it is made for the n-th time."""
    real, calls = getattr(os, call), []

    def fail(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        yield


def test_what_cannot_be_made_known_leaves_nothing(archive: Archive, folder: Path) -> None:
    index_of(archive).fails = True

    with pytest.raises(IndexFailedError):
        keep(archive, an_object())

    assert files_in(folder) == []
    assert archive.index.get(UID) is None


def test_a_new_version_that_cannot_be_made_known_leaves_the_last_one(
    archive: Archive, folder: Path
) -> None:
    keep(archive, an_object())
    index_of(archive).fails = True

    with pytest.raises(IndexFailedError):
        keep(archive, an_object(PatientName="Corelli"))

    assert len(files_in(folder)) == 1
    assert kept(archive).read_bytes() == as_file(an_object())


def test_the_same_object_again_changes_nothing(archive: Archive, folder: Path) -> None:
    keep(archive, an_object())
    before = files_in(folder)

    assert keep(archive, an_object()) is Kept.SAME
    assert files_in(folder) == before


def test_another_object_with_its_uid_takes_its_place(archive: Archive, folder: Path) -> None:
    changed = an_object(PatientName="Corelli")
    keep(archive, an_object())

    assert keep(archive, changed) is Kept.REPLACED
    assert kept(archive).read_bytes() == as_file(changed)
    assert len(files_in(folder)) == 1


def test_the_same_object_again_mends_a_file_that_was_lost(archive: Archive) -> None:
    keep(archive, an_object())
    kept(archive).unlink()

    assert keep(archive, an_object()) is Kept.SAME
    assert kept(archive).read_bytes() == as_file(an_object())


def test_a_last_version_that_cannot_be_deleted_is_no_failure(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keep(archive, an_object())

    with failing(monkeypatch, "unlink", 1):
        assert keep(archive, an_object(PatientName="Corelli")) is Kept.REPLACED

    assert "is not needed and cannot be deleted" in caplog.text


def damaged(path: Path, how: str) -> None:
    content = path.read_bytes()
    path.unlink()
    if how == "cut":
        path.write_bytes(content[:-1])
    elif how == "of zeros":
        path.write_bytes(bytes(len(content)))
    elif how == "another":
        path.write_bytes(as_file(an_object("1.2.4")))


@pytest.mark.parametrize("how", ["missing", "cut", "of zeros", "another"])
def test_a_damaged_file_is_not_sent(archive: Archive, how: str) -> None:
    keep(archive, an_object())
    damaged(kept(archive), how)
    instance = archive.index.get(UID)

    assert instance
    assert archive.sendable(instance) is None


def test_an_object_that_was_replaced_meanwhile_is_sent_as_it_is_now(archive: Archive) -> None:
    keep(archive, an_object())
    instance = archive.index.get(UID)
    keep(archive, an_object(PatientName="Corelli"))

    assert instance
    assert archive.sendable(instance) == kept(archive)


def write(folder: Path, made: FileDataset, *, is_old: bool = False) -> Path:
    """Write a file as an interruption leaves it: the index does not know it."""
    entry, (content,) = as_kept(made)
    path = folder / entry.instance.file
    path.write_bytes(content)
    age(path, A_DAY if is_old else 0)
    return path


def age(path: Path, seconds: float) -> None:
    now = path.stat().st_mtime
    os.utime(path, (now - seconds, now - seconds))


def test_a_whole_file_that_nobody_knows_is_made_known(archive: Archive, folder: Path) -> None:
    path = write(folder, an_object())

    archive.reconcile(EVERYTHING)

    assert kept(archive) == path


def test_an_index_that_is_lost_is_made_anew(archive: Archive, tmp_path: Path) -> None:
    keep(archive, an_object())
    before = archive.index.get(UID)
    index = SQLIndex(tmp_path / "another.sqlite")
    again = Archive(index, archive.files, logging.getLogger("pynetdicom.apps.qrscp"))

    again.reconcile(EVERYTHING)
    found = index.get(UID)
    index.close()

    assert found
    assert before
    assert (found.file, found.size) == (before.file, before.size)


@pytest.mark.parametrize(("is_old", "stays"), [(True, False), (False, True)])
def test_a_version_that_does_not_count_is_deleted_when_nobody_can_be_at_it(
    archive: Archive, folder: Path, is_old: bool, stays: bool
) -> None:
    keep(archive, an_object())
    path = write(folder, an_object(PatientName="Corelli"), is_old=is_old)

    archive.reconcile(EVERYTHING)

    assert path.exists() is stays
    assert kept(archive).read_bytes() == as_file(an_object())


def test_a_version_that_was_not_acknowledged_is_better_than_none(
    archive: Archive, folder: Path
) -> None:
    keep(archive, an_object())
    kept(archive).unlink()
    path = write(folder, an_object(PatientName="Corelli"))

    archive.reconcile(EVERYTHING)

    assert kept(archive) == path


@pytest.mark.parametrize(("seconds", "stays"), [(A_DAY, False), (0, True)])
def test_a_file_that_was_not_finished_is_deleted_when_nobody_can_be_at_it(
    archive: Archive, folder: Path, seconds: float, stays: bool
) -> None:
    path = folder / ".CT.1.2.3.0123456789abcdef.0123abcd-7.part"
    path.touch()
    age(path, seconds)

    archive.reconcile(EVERYTHING)

    assert path.exists() is stays


def test_a_file_that_another_process_deletes_meanwhile_is_no_failure(
    archive: Archive, folder: Path
) -> None:
    names = [f"CT.1.2.3.{number:016x}" for number in range(3)]
    for name in names:
        (folder / name).symlink_to("nowhere")

    archive.reconcile(EVERYTHING)

    assert files_in(folder) == names


def test_a_folder_without_permission_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    with pytest.raises(PermissionError, match="Permission denied"):
        Folder(tmp_path)


FOREIGN = ["notes.txt", "CT.1.2.3", ".part", "CT.1.2.3.0123456789abcdef.txt"]


def test_files_of_others_are_left_alone(archive: Archive, folder: Path) -> None:
    for name in FOREIGN:
        (folder / name).touch()
        age(folder / name, A_DAY)

    archive.reconcile(EVERYTHING)
    archive.clean(EVERYTHING)

    assert files_in(folder) == sorted(FOREIGN)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("CT.1.2.3.0123456789abcdef", b"", "The file has no 'DICM' prefix"),
        ("CT.9.9.9.0123456789abcdef", as_file(an_object()), "not called after what is in it"),
        (
            "CT.1.2.3.0123456789abcdef",
            as_file(an_object(StudyInstanceUID="")),
            "StudyInstanceUID is missing",
        ),
    ],
)
def test_a_file_that_makes_no_sense_is_told_of_and_left_alone(
    archive: Archive,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
    content: bytes,
    complaint: str,
) -> None:
    (folder / name).write_bytes(content)

    archive.reconcile(EVERYTHING)

    assert f"{name} is left alone: " in caplog.text
    assert complaint in caplog.text
    assert files_in(folder) == [name]


def test_an_archive_without_some_of_its_files_says_so_and_goes_on(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    keep(archive, an_object())
    keep(archive, an_object("1.2.4"))
    kept(archive).unlink()

    archive.reconcile(EVERYTHING)

    assert "1 of 2 instances have no file" in caplog.text
    assert archive.index.get(UID)


def test_a_clean_archive_has_nothing_known_or_not(archive: Archive, folder: Path) -> None:
    keep(archive, an_object())
    keep(archive, an_object("1.2.4"))
    write(folder, an_object("1.2.5"))

    assert archive.clean(EVERYTHING) == 2
    assert files_in(folder) == []
    assert list(archive.index.select(EVERYTHING)) == [[]]


def test_what_cannot_be_deleted_stays_known(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(archive, an_object())

    with failing(monkeypatch, "unlink", 1), pytest.raises(OSError, match="No space left"):
        archive.clean(EVERYTHING)

    assert kept(archive).exists()


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"SOPInstanceUID": "1.2.4"}, "SOPInstanceUID is another one in the data set"),
        ({"SOPClassUID": "1.2.4"}, "SOPClassUID is another one in the data set"),
        ({"StudyInstanceUID": ""}, "StudyInstanceUID is missing"),
        ({"SeriesInstanceUID": None}, "SeriesInstanceUID is missing"),
        ({"SeriesInstanceUID": "../1"}, "SeriesInstanceUID is no UID"),
        ({"StudyInstanceUID": "1" * 65}, "StudyInstanceUID is no UID"),
    ],
)
def test_an_object_that_could_not_be_found_again_is_not_taken(
    values: dict[str, Any], complaint: str
) -> None:
    instance = Instance(CTImageStorage, UID, "1.2.840.10008.1.2.1", "CT.1.2.3", 1, "")

    with pytest.raises(NotArchivableError, match=complaint):
        entry_of(an_object(UID, **values), instance)
