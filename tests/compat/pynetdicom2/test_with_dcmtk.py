"""Programs for pynetdicom2 and DCMTK understand each other in both roles, whoever runs them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from pydicom import dcmread

from compat.pynetdicom2.stage import ORIGINAL, OURS, output_of, serving
from interop import dcmtk, dcmtk_archives, studies
from interop.links import Link
from interop.samples import named
from ports import free_port

pytestmark = [pytest.mark.interop("dcmtk"), pytest.mark.slow]

IMPLICIT = "1.2.840.10008.1.2"
either = pytest.mark.parametrize("who", [OURS, ORIGINAL])

SAMPLES = named("CT_small.dcm", "MR_small_RLE.dcm", "JPEG-lossy.dcm", "examples_rgb_color.dcm")


@either
def test_echoscu_is_answered(who: str, tmp_path: Path) -> None:
    port = free_port()

    with serving(who, tmp_path, "archive.py", port, 0) as log:
        output = dcmtk.echoscu(port, Link())

    assert "Received Echo Response (Success)" in output
    assert log.read_text().startswith("echo 1 1.2.840.10008.1.1 1.2.840.10008.1.2\n")


@either
def test_storescu_stores_in_a_folder(who: str, tmp_path: Path) -> None:
    port, kept = free_port(), tmp_path / "kept"
    kept.mkdir()
    syntaxes = sorted({sample.transfer_syntax for sample in SAMPLES})

    with serving(who, tmp_path, "store.py", port, kept, *syntaxes):
        output = dcmtk.storescu(SAMPLES, port, Link(), tmp_path)

    assert output.count("Received Store Response (Success)") == len(SAMPLES)
    # DCMTK leaves out group lengths and padding.
    pixels = {path.name: dcmread(path).PixelData for path in kept.iterdir()}
    assert pixels == {f"{s.sop_instance}.dcm": s.read().PixelData for s in SAMPLES}


@either
@pytest.mark.parametrize("model", ["-P", "-S", "-W"])
def test_findscu_finds(who: str, model: str, tmp_path: Path) -> None:
    port = free_port()
    keys = ["-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=AC-2"]

    with serving(who, tmp_path, "archive.py", port, 0):
        found, output = dcmtk_archives.findscu(port, tmp_path, model, *keys)

    assert [str(match.PatientName) for match in found] == ["Corelli^Arcangelo"]
    assert "Received Final Find Response (Success)" in output


def test_findscu_that_cancels_gets_no_more(tmp_path: Path) -> None:
    port = free_port()
    keys = ["-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=MANY"]

    with serving(OURS, tmp_path, "archive.py", port, 0):
        found, output = dcmtk_archives.findscu(port, tmp_path, "-P", "--cancel", "2", *keys)

    assert "Received Final Find Response (Cancel" in output
    assert 2 <= len(found) < 100000


def test_findscu_is_told_that_its_query_fails(tmp_path: Path) -> None:
    port = free_port()
    keys = ["-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=BROKEN"]

    with serving(OURS, tmp_path, "archive.py", port, 0):
        _, output = dcmtk_archives.findscu(port, tmp_path, "-P", *keys)

    assert "Received Final Find Response (Failed: UnableToProcess)" in output


@either
def test_movescu_is_sent_what_it_asks_for(who: str, tmp_path: Path) -> None:
    port, receiver, folder = free_port(), free_port(), tmp_path / "moved"
    folder.mkdir()
    options = ["-P", "-aem", "STORE", "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=AV-1"]

    with serving(who, tmp_path, "archive.py", port, receiver):
        got, output = dcmtk_archives.movescu(port, folder, receiver, *options)

    assert [instance.SOPInstanceUID for instance in got] == ["1.2.3.1", "1.2.3.2"]
    counters = dcmtk_archives.final_counters(output)
    # The last response has no number of remaining ones (PS3.4 C.4.2.1.6), but the original's has.
    assert counters.pop("Remaining") == ("none" if who == OURS else "0")
    assert counters == {"Completed": "2", "Failed": "0", "Warning": "0"}


def test_movescu_is_told_that_a_destination_is_unknown(tmp_path: Path) -> None:
    port, receiver, folder = free_port(), free_port(), tmp_path / "moved"
    folder.mkdir()
    options = ["-P", "-aem", "NOWHERE", "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID="]

    with serving(OURS, tmp_path, "archive.py", port, receiver):
        _, output = dcmtk_archives.movescu(port, folder, receiver, *options, expected=69)

    assert "0xa801" in output


@either
def test_storescp_receives_what_we_send(who: str, tmp_path: Path) -> None:
    with dcmtk.storescp(tmp_path, Link()) as receiver:
        printed = output_of(who, "send.py", receiver.port, "ANY", *[s.path for s in SAMPLES])
        received = receiver.take()

    assert printed.splitlines() == ["0x0 True"] * (len(SAMPLES) + 1)
    assert {sample.data_set for sample in SAMPLES} < set(received)


def test_dcmqrscp_is_queried_and_gives_and_moves_its_studies(tmp_path: Path) -> None:
    store_port, moved = free_port(), tmp_path / "moved"
    moved.mkdir()
    given = tmp_path / "given"
    given.mkdir()
    files = studies.files(given)
    title = dcmtk_archives.TITLE

    with (
        serving(OURS, tmp_path, "store.py", store_port, moved),
        dcmtk_archives.dcmqrscp(tmp_path, files, {"STORE": store_port}) as port,
    ):
        printed = output_of(OURS, "retrieve.py", port, title, "STORE").splitlines()

    got = [uid for line in printed[::2] for _, uid in ast.literal_eval(line.partition(" ")[2])]
    uids = sorted(instance.SOPInstanceUID for instance in studies.instances())
    assert sorted(got) == uids
    assert printed[1::2] == ["moved 0x0"] * len(printed[::2])
    assert sorted(path.stem for path in moved.iterdir()) == uids


def test_dcmqrscp_moves_the_same_for_the_original_and_gives_it_nothing(tmp_path: Path) -> None:
    store_port, moved = free_port(), tmp_path / "moved"
    moved.mkdir()
    given = tmp_path / "given"
    given.mkdir()
    files = studies.files(given)
    arguments = dcmtk_archives.TITLE, "STORE"

    with (
        serving(OURS, tmp_path, "store.py", store_port, moved),
        dcmtk_archives.dcmqrscp(tmp_path, files, {"STORE": store_port}) as port,
    ):
        ours = output_of(OURS, "retrieve.py", port, *arguments).splitlines()
        original = output_of(ORIGINAL, "retrieve.py", port, *arguments).splitlines()

    assert original[1::2] == ours[1::2]
    # It does not propose to be SCP of what it wants to get (PS3.4 C.5.3).
    assert original[::2] == [f"{line.partition(' ')[0]} []" for line in ours[::2]]
