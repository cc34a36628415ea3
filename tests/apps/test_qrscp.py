"""`qrscp` keeps what it acknowledges, whatever happens; its options and its end."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from apps.objects import an_object, elements
from apps.our_archive import (
    GET,
    STUDY,
    archive,
    ask,
    final_of,
    kept_in,
    places,
    send,
    talking,
)
from apps.stage import (
    CT,
    DEADLINE,
    ENVIRONMENT,
    MR,
    Server,
    files_in,
    run,
)
from pynetdicom import dsutils
from pynetdicom.__main__ import main

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with archive(tmp_path) as running:
        yield running


def test_what_was_acknowledged_is_there_after_a_restart(tmp_path: Path) -> None:
    with archive(tmp_path) as server:
        send(server, CT, MR)
    with archive(tmp_path) as server, talking(server) as assoc:
        matches, _ = ask(assoc, "STUDY")

    assert len(matches) == 2


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    got: dict[str, bytes] = {}

    with archive(tmp_path) as server, talking(server) as assoc:
        for number in range(12):
            acknowledged.append(f"1.1.{number}")
            assert assoc.send_c_store(an_object(acknowledged[-1])).Status == 0x0000
        sender = Thread(target=assoc.send_c_store, args=(an_object("1.1.99"),))
        sender.start()
        server.process.send_signal(signal.SIGKILL)
        server.wait()
        sender.join(DEADLINE)
    with archive(tmp_path) as server, talking(server, on_store=kept_in(got)) as assoc:
        status, _ = final_of(assoc.send_c_get(elements(**STUDY), GET))

    assert status.Status == 0x0000
    assert set(acknowledged) <= set(got)
    assert all(got[uid] == content_of(uid) for uid in acknowledged)


def content_of(uid: str) -> bytes:
    """Return an object as it goes over the wire."""
    return dsutils.encode(an_object(uid), is_implicit_vr=False, is_little_endian=True) or b""


def test_the_same_again_is_fine_and_another_takes_its_place(tmp_path: Path) -> None:
    with archive(tmp_path) as server:
        first = send(server, an_object(), an_object())
        before = files_in(tmp_path / "objects")
        second = send(server, an_object(PatientName="Corelli"))
        with talking(server) as assoc:
            (match,), _ = ask(assoc, "STUDY", PatientName="")
        ended = server.end()

    assert (first, second) == ([0x0000, 0x0000], [0x0000])
    assert match.PatientName == "Corelli"
    assert len(before) == len(files_in(tmp_path / "objects")) == 1
    assert ended.err == "W: 1.2.3 was there with other contents and is replaced\n"


@pytest.mark.parametrize(
    ("values", "comment"),
    [
        ({"StudyInstanceUID": ""}, "StudyInstanceUID is missing"),
        ({"SeriesInstanceUID": "../../evil"}, "SeriesInstanceUID is no UID"),
    ],
)
def test_what_could_not_be_found_again_is_refused(
    server: Server, tmp_path: Path, values: dict[str, str], comment: str
) -> None:
    with talking(server) as assoc:
        status = assoc.send_c_store(an_object(**values))

    assert (status.Status, status.ErrorComment) == (0xA900, comment)
    assert files_in(tmp_path / "objects") == []


@pytest.mark.parametrize("uid", ["../../../tmp/evil", "/etc/passwd", "..", "CON", "1_2"])
def test_a_uid_is_never_a_path(server: Server, tmp_path: Path, uid: str) -> None:
    made = an_object(SOPInstanceUID=uid)

    with talking(server) as assoc:
        status = assoc.send_c_store(made)

    assert status.Status == 0xA900
    assert files_in(tmp_path / "objects") == []
    assert files_in(tmp_path) == ["index", "index-shm", "index-wal", "objects"]


def test_a_full_disk_is_answered_and_leaves_nothing(tmp_path: Path) -> None:
    with archive(tmp_path) as server:
        send(server, MR)
    # A file may have 256 KB here: enough for the index, and not for what comes.
    limit = ("sh", "-c", 'ulimit -f 512; exec "$0" "$@"')
    large = an_object(PixelData=bytes(600_000), Rows=1, Columns=1, BitsAllocated=8)

    with archive(tmp_path, wrapper=limit) as server:
        statuses = send(server, large, CT)
        ended = server.end()

    assert statuses == [0xA700, 0x0000]
    assert len(files_in(tmp_path / "objects")) == 2
    assert "E: 1.2.3 is not stored: the file would be larger than is allowed here" in ended.err


def test_an_index_that_cannot_be_written_is_answered_and_leaves_nothing(tmp_path: Path) -> None:
    with archive(tmp_path) as server:
        with sqlite3.connect(tmp_path / "index") as connection:
            connection.execute("DROP TABLE image")
        connection.close()
        statuses = send(server, CT)
        with talking(server) as assoc:
            _, found = ask(assoc, "STUDY", NumberOfStudyRelatedInstances="")
            ((got, _),) = assoc.send_c_get(elements(**STUDY), GET)
        ended = server.end()

    assert statuses == [0xA700]
    assert files_in(tmp_path / "objects") == []
    assert (found.Status, got.Status) == (0xC000, 0xC000)
    assert got.ErrorComment == "the index cannot be read"
    assert "is not stored: the index failed: no such table: image\n" in ended.err


def test_many_may_store_at_once(server: Server, tmp_path: Path) -> None:
    results: list[list[int]] = []
    lots = [[an_object(f"1.{lot}.{number}") for number in range(5)] for lot in range(6)]
    same = [an_object("2.1")]
    threads = [
        Thread(target=lambda lot=lot: results.append(send(server, *lot, *same))) for lot in lots
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)

    assert results == [[0x0000] * 6] * 6
    assert len(files_in(tmp_path / "objects")) == 31


def test_a_clean_archive_is_empty(tmp_path: Path) -> None:
    with archive(tmp_path) as server:
        send(server, CT, MR)

    cleaned = run("qrscp", "--clean", *places(tmp_path))
    with archive(tmp_path) as server, talking(server) as assoc:
        matches, _ = ask(assoc, "STUDY")

    assert (cleaned.status, cleaned.out, cleaned.err) == (0, "deleted 2 instances\n", "")
    assert (matches, files_in(tmp_path / "objects")) == ([], [])


def test_a_file_that_cannot_be_deleted_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with archive(tmp_path) as server:
        send(server, CT)
    (path,) = (tmp_path / "objects").iterdir()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "unlink", refuse)

    assert main(["qrscp", "--clean", *map(str, places(tmp_path))]) == 1
    error = capsys.readouterr().err
    assert f"Not all is deleted: {path} cannot be deleted: no permission" in error
    assert path.exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--instance-location", CT], f"Nothing can be kept in {CT}: File exists\n"),
        (["--database-location", CT], f"{CT} cannot be the index: file is not a database\n"),
        (["--database-location", "/"], "/ cannot be the index: unable to open database file\n"),
    ],
)
def test_places_that_cannot_be_used_are_named(
    tmp_path: Path, options: list[object], complaint: str
) -> None:
    finished = run("qrscp", "--port", 0, *places(tmp_path), *options)

    assert (finished.status, finished.err) == (1, f"E: {complaint}")


def test_without_sqlalchemy_it_says_what_to_install(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sqlalchemy.py").write_text("raise ModuleNotFoundError(name='sqlalchemy')\n")
    code = f"import sys; sys.path.insert(0, {str(hidden)!r})\n"
    code += "from pynetdicom.__main__ import main; sys.exit(main(['qrscp']))"

    finished = run_code(code, tmp_path)

    assert finished == (
        1,
        "E: The index of the archive needs SQLAlchemy, which is not installed\n"
        '   python -m pip install "sqlalchemy>=2"\n',
    )
    assert files_in(tmp_path) == ["hidden"]


def run_code(code: str, folder: Path) -> tuple[int, str]:
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    return finished.returncode, finished.stderr
