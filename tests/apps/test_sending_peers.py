"""`storescu` and `echoscu` with nodes of other makers: jobs, retries, journals, identities."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid

from apps.stage import CT, ENVIRONMENT, JPEG_2000, LOOPBACK, MR, files_in, run
from apps.test_dcmtk import dcmtk_storescp
from apps.test_peers import configure
from interop.links import Link
from interop.orthanc import orthanc
from interop.processes import running
from interop.pynetdicom3 import script, storage_scp
from ports import free_port
from pynetdicom.apps import storescu

pytestmark = pytest.mark.slow


@pytest.fixture
def images(tmp_path: Path) -> Sequence[Path]:
    """Different images."""
    folder = tmp_path / "images"
    folder.mkdir()
    paths = [folder / f"{number}.dcm" for number in range(12)]
    image = dcmread(CT)
    for path in paths:
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        image.save_as(path)
    return paths


@pytest.mark.interop("dcmtk")
def test_dcmtk_gets_it_over_several_associations(tmp_path: Path, images: Sequence[Path]) -> None:
    received = tmp_path / "received"
    received.mkdir()
    with dcmtk_storescp(received, "--fork") as port:
        sent = run("storescu", LOOPBACK, port, "--jobs", 4, "--strict", *images)

    assert sent.status == 0, sent.err
    assert len(files_in(received)) == len(images)


@pytest.mark.interop("dcmtk")
def test_a_server_of_dcmtk_that_takes_one_association_at_a_time(
    tmp_path: Path, images: Sequence[Path]
) -> None:
    received = tmp_path / "received"
    received.mkdir()
    with dcmtk_storescp(received) as port:
        sent = run("storescu", LOOPBACK, port, "--jobs", 3, "--strict", *images)

    assert sent.status == 0, sent.err
    assert len(files_in(received)) == len(images)


@pytest.mark.interop("dcmtk")
def test_a_server_of_dcmtk_that_is_started_late(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setattr("apps.test_dcmtk.free_port", lambda: port)

    with ExitStack() as stack:

        def start_it(seconds: float) -> None:
            stack.enter_context(dcmtk_storescp(tmp_path))

        words = [LOOPBACK, str(port), str(CT), str(MR), "--retries", "1"]
        status = storescu.main(words, pause=start_it)

    assert status == 0
    assert "W: Attempt 1 of 1 to go on in 1 s\n" in capsys.readouterr().err
    assert len(files_in(tmp_path)) == 2


@pytest.mark.interop("dcmtk")
def test_a_server_of_dcmtk_that_never_answers_is_given_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pauses: list[float] = []
    with dcmtk_storescp(tmp_path, "--abort-after") as port:
        words = [LOOPBACK, str(port), str(CT), "--retries", "2"]
        status = storescu.main(words, pause=pauses.append)

    assert (status, pauses) == (1, [1.0, 2.0])
    assert f"E: {CT}: the peer ended the association\n" in capsys.readouterr().err


@pytest.mark.interop("orthanc")
def test_orthanc_gets_what_it_has_not_got(tmp_path: Path, images: Sequence[Path]) -> None:
    with orthanc(tmp_path, Link()) as peer:
        config = configure(tmp_path, peer.port, 'ae_title = "ORTHANC"\n')
        words = ("--config", config, "--resume", "--journal", tmp_path / "journal", "--jobs", 2)
        first = run("storescu", "pacs", *images[:5], *words)
        second = run("storescu", "pacs", *images, *words, "--strict")
        stored = peer.stored()

    assert (first.status, second.status) == (0, 0)
    assert second.out.startswith("sent 7 of 12 files, 5 sent before, ")
    assert len(stored) == len(images)


@pytest.mark.interop
def test_pynetdicom_3_gets_it_over_several_associations(
    tmp_path: Path, images: Sequence[Path]
) -> None:
    with storage_scp(tmp_path, Link()) as peer:
        sent = run("storescu", LOOPBACK, peer.port, "--jobs", 3, "--strict", *images, JPEG_2000)
        received = peer.take()

    assert sent.status == 0, sent.err
    assert len(received) == len(images) + 1


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[int]:
    """The port of a node of pynetdicom 3 that lets in known users."""
    port = free_port()
    with running([*script("pynetdicom_identity.py"), str(port)], port, tmp_path / "log"):
        yield port


@pytest.mark.interop
def test_pynetdicom_3_is_told_who_the_user_is(
    guarded: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "token"
    token.write_text("a.b.c\n")
    monkeypatch.setitem(ENVIRONMENT, "PYNETDICOM_PASSWORD", "secret")

    alice = run("echoscu", LOOPBACK, guarded, "--user", "alice")
    mallory = run("echoscu", LOOPBACK, guarded, "--user", "mallory")
    confirmed = run("doctor", LOOPBACK, guarded, "--quick", "--jwt", token, "--positive-response")

    assert (alice.status, alice.err) == (0, "")
    assert mallory.status == 1
    assert "E: Rejected by " in mallory.err
    assert "ok  user identity     confirmed\n" in confirmed.out
