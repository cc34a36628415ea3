"""`findscu`, `getscu` and `movescu` against the archives of other projects (PS3.4 C and K)."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file

from interop import dcmtk_archives, orthanc_archive, peer_scripts, studies
from interop.front import OUR_TITLE
from interop.other_archives import EXPECTED, NO_STUDY, Archive
from interop.processes import DEADLINE, ENVIRONMENT, Command, run, unmeasured
from interop.studies import WHOLE_STUDY
from interop.test_worklist import ITEMS

pytestmark = [pytest.mark.interop, pytest.mark.slow]

STUDY = f"StudyInstanceUID={WHOLE_STUDY.StudyInstanceUID}"
WHOLE = ("-S", "-k", "QueryRetrieveLevel=STUDY", "-k", STUDY)
QUERY = ("-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientName=VIV*", "-k", "StudyInstanceUID")


@pytest.fixture(scope="module", params=["dcmqrscp", "orthanc"])
def archive(request: pytest.FixtureRequest) -> Archive:
    running: Archive = request.getfixturevalue(request.param)
    return running


@pytest.fixture(scope="module", params=["dcmqrscp", "orthanc", "pynetdicom"])
def source(request: pytest.FixtureRequest) -> Archive:
    running: Archive = request.getfixturevalue(request.param)
    return running


def ours(name: str, archive: Archive, *words: str | Path) -> Command:
    peer = ["127.0.0.1", str(archive.port), "-aec", archive.title, "-aet", OUR_TITLE]
    return [sys.executable, "-m", "pynetdicom", name, *peer, *words]


def in_folder(folder: Path) -> list[Dataset]:
    return studies.in_order(dcmread(path) for path in folder.rglob("*") if path.is_file())


def test_findscu_lists_what_an_archive_has(archive: Archive) -> None:
    output = run(ours("findscu", archive, *QUERY))

    assert f"StudyInstanceUID: {studies.ROOT}.1\n" in output
    assert f"StudyInstanceUID: {studies.ROOT}.2\n" in output
    assert output.endswith("\n2 matches\n")


def test_findscu_gives_scripts_what_an_archive_has(archive: Archive, tmp_path: Path) -> None:
    output = run(ours("findscu", archive, *QUERY, "--csv", "--json", tmp_path / "found.json"))

    header, *rows = csv.reader(io.StringIO(output))
    assert header == ["PatientName", "StudyInstanceUID"]
    expected = {f"{studies.ROOT}.1", f"{studies.ROOT}.2"}
    assert {uid for _, uid in rows} == expected
    found = [Dataset.from_json(each) for each in json.loads((tmp_path / "found.json").read_text())]
    assert {each.StudyInstanceUID for each in found} == expected


def test_findscu_stops_pynetdicom_when_told_to(pynetdicom: Archive) -> None:
    uid = f"StudyInstanceUID={NO_STUDY.StudyInstanceUID}"
    command = ours("findscu", pynetdicom, "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", uid)

    with subprocess.Popen(
        command,
        env=unmeasured(ENVIRONMENT),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=DEADLINE)

    assert first == "QueryRetrieveLevel: STUDY\n"
    assert process.returncode == 130
    assert "W: C-FIND is incomplete: 0xFE00 " in errors
    assert 0 < int(output.split()[-2].replace(",", "")) < 20_000


@pytest.mark.parametrize("server", ["dcmtk", "orthanc"])
def test_findscu_is_told_what_is_scheduled(server: str, tmp_path: Path) -> None:
    worklists = {
        "dcmtk": dcmtk_archives.wlmscpfs,
        "orthanc": orthanc_archive.orthanc_worklists,
    }
    step = "ScheduledProcedureStepSequence[0]."
    keys = ["-k", "PatientName", "-k", f"{step}Modality=MR", "-k", f"{step}ScheduledStationAETitle"]

    with worklists[server](tmp_path, ITEMS) as port:
        title = dcmtk_archives.TITLE if server == "dcmtk" else orthanc_archive.TITLE
        output = run(ours("findscu", Archive(port, title, 0), "-W", *keys, "--csv"))

    header, *rows = csv.reader(io.StringIO(output))
    assert header[1:] == [
        "ScheduledProcedureStepSequence.Modality",
        "ScheduledProcedureStepSequence.ScheduledStationAETitle",
    ]
    assert sorted(rows) == [
        ["Corelli^Arcangelo", "MR", "SCANNER"],
        ["Händel^Georg Friedrich", "MR", "SCANNER"],
    ]


def test_getscu_keeps_what_an_archive_gives(source: Archive, tmp_path: Path) -> None:
    output = run(ours("getscu", source, *WHOLE, "-od", tmp_path, "--strict"))

    assert in_folder(tmp_path) == EXPECTED
    assert "3 objects: 3 received, 0 warned, 0 failed; " in output


def test_getscu_takes_compressed_images_as_they_are_when_told(tmp_path: Path) -> None:
    image = Path(str(get_testdata_file("JPEG2000.dcm")))
    expected = dcmread(image)
    folder, keys = tmp_path / "got", ["-k", "QueryRetrieveLevel=PATIENT"]
    keys += ["-k", f"PatientID={expected.PatientID}"]
    prefers_jpeg_2000 = "+xw"

    with dcmtk_archives.dcmqrscp(tmp_path, [image], {}, prefers_jpeg_2000) as port:
        archive = Archive(port, dcmtk_archives.TITLE, 0)
        refused = run(ours("getscu", archive, *keys, "-od", folder))
        output = run(ours("getscu", archive, *keys, "-x", "JPEG2000", "-od", folder))

    assert "1 object: 0 received, 0 warned, 1 failed\nhint: images that the peer holds" in refused
    assert "1 object: 1 received, 0 warned, 0 failed; " in output
    (received,) = in_folder(folder)
    assert received == expected
    assert received.file_meta.TransferSyntaxUID == expected.file_meta.TransferSyntaxUID


def test_movescu_receives_what_it_asks_for(source: Archive, tmp_path: Path) -> None:
    here = ["--store", "--store-aet", OUR_TITLE, "--store-port", str(source.our_port), "-ba", ""]

    output = run(ours("movescu", source, *WHOLE, *here, "-od", tmp_path, "--layout", "--strict"))

    assert in_folder(tmp_path) == EXPECTED
    assert [path.name for path in tmp_path.iterdir()] == [EXPECTED[0].PatientID]
    assert "3 objects: 3 sent, 0 warned, 0 failed; " in output


def test_movescu_explains_a_destination_that_the_archive_does_not_know(source: Archive) -> None:
    output = run(ours("movescu", source, *WHOLE, "-aem", "NOBODY", "--strict"), expected=1)

    said = {
        dcmtk_archives.TITLE: "0xA801 The move destination is unknown",
        orthanc_archive.TITLE: "0xC000 Unable to process",
        peer_scripts.TITLE: "0xA801 The move destination is unknown",
    }
    assert said[source.title] in output
    assert re.search("hint: .* peer .*know the AE title 'NOBODY'", output)
