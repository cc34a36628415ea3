"""The journal of `storescu` tells what a peer has stored, whatever has happened to it."""

import os
import stat
from pathlib import Path

import pytest

from apps.stage import CT, LOOPBACK, MR, Node, node
from pynetdicom.apps import storescu
from pynetdicom.apps._journal import Journal, default_path
from pynetdicom.apps._proposal import look_into


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the journals."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "pynetdicom"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.dcm"
    path.write_bytes(CT.read_bytes())
    return path


def resume(there: Node, *words: object) -> int:
    return storescu.main([LOOPBACK, str(there.port), "--resume", *map(str, words)])


def test_what_was_sent_is_not_sent_again(
    image: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with node() as there:
        resume(there, image)
        capsys.readouterr()
        status = resume(there, image, "--strict", MR)

    assert (status, len(there.stored)) == (0, 2)
    assert capsys.readouterr().out.startswith("sent 1 of 2 files, 1 sent before, ")
    assert stat.S_IMODE((state / "storescu.journal").stat().st_mode) == 0o600


def test_nothing_left_to_send_is_no_failure(
    image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with node() as there:
        resume(there, image)
        capsys.readouterr()
        status = resume(there, image)

    assert (status, capsys.readouterr()) == (0, ("sent 0 of 1 file, 1 sent before\n", ""))
    assert len(there.requested) == 1


def test_without_being_told_no_journal_is_kept(image: Path, state: Path) -> None:
    with node() as there:
        storescu.main([LOOPBACK, str(there.port), str(image)])

    assert not state.exists()


def test_a_journal_may_be_kept_for_later(image: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with node() as there:
        words = [LOOPBACK, str(there.port), str(image), "--journal", str(journal)]
        storescu.main(words)
        storescu.main(words)
        storescu.main([*words, "--resume"])

    assert len(there.stored) == 2


def test_a_file_that_has_changed_is_sent(image: Path) -> None:
    with node() as there:
        resume(there, image)
        image.write_bytes(MR.read_bytes())
        resume(there, image)
        later = image.stat().st_mtime_ns + 1_000_000_000
        os.utime(image, ns=(later, later))
        resume(there, image)

    assert len(there.stored) == 3


def test_another_peer_gets_it(image: Path) -> None:
    with node() as first, node() as second:
        resume(first, image)
        resume(second, image)
        resume(first, image, "-aec", "OTHER")

    assert (len(first.stored), len(second.stored)) == (2, 1)


def test_what_the_peer_did_not_store_is_sent(image: Path) -> None:
    with node(statuses=(0xA700, 0xB000)) as there:
        resume(there, image)
        resume(there, image)
        resume(there, image)

    assert len(there.stored) == 2


def test_a_line_that_a_crash_cut_short_is_left_out(image: Path, state: Path) -> None:
    journal = state / "storescu.journal"
    with node() as there:
        resume(there, image, MR)
        journal.write_bytes(journal.read_bytes()[:-20])
        resume(there, image, MR)
        resume(there, image, MR)

    assert len(there.stored) == 3


def test_a_file_that_is_something_else_is_left_alone(
    image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = image.read_bytes()

    with node() as there, pytest.raises(SystemExit) as ended:
        resume(there, MR, "--journal", image)

    assert ended.value.code == 2
    assert "image.dcm: it is no journal of storescu, and is left" in capsys.readouterr().err
    assert (image.read_bytes(), there.requested) == (before, [])


def test_a_place_where_none_can_be_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        storescu.main([LOOPBACK, "104", str(CT), "--journal", str(tmp_path)])

    assert "Is a directory" in capsys.readouterr().err


def test_a_journal_that_is_full_does_not_stop_anything(
    image: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(journal: Journal, instance: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "add", refuse)
    with node() as there:
        status = resume(there, image, MR)

    assert (status, len(there.stored)) == (0, 2)
    assert "Not in the journal: " in capsys.readouterr().err


def test_names_that_are_no_text_are_kept(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.dcm"))
    odd.write_bytes(CT.read_bytes())

    with node() as there:
        resume(there, odd)
        resume(there, odd)

    assert len(there.stored) == 1


def test_a_file_that_is_gone_was_not_sent(image: Path, tmp_path: Path) -> None:
    instance = look_into(image)
    image.unlink()

    with Journal(tmp_path / "journal", "peer") as journal:
        assert not journal.has(instance)


def test_without_that_variable_it_is_below_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")

    assert default_path() == Path("/home/someone/.local/state/pynetdicom/storescu.journal")
