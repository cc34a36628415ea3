"""Orthanc and we verify each other and exchange sample files, over TCP and TLS.

Orthanc decodes and encodes anew what it stores and what it sends. So what it holds after our
C-STORE is compared, byte for byte, with what it holds after DCMTK's; and what we receive from it
with what DCMTK receives from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from interop import dcmtk
from interop.front import (
    SUCCESS,
    Front,
    as_paths,
    assert_all_stored,
    assert_files_tell_the_transfer_syntax,
)
from interop.links import Link
from interop.orthanc import Orthanc, orthanc
from interop.samples import (
    Sample,
    assert_same,
    by_path,
    consistent,
    numbered,
    of_even_length,
    one_per_instance,
    sound_samples,
    without,
)

pytestmark = [pytest.mark.interop, pytest.mark.slow]

# They lack the identifiers of patient, study and series by which Orthanc files its instances.
REFUSED = (
    "JPEGLSNearLossless_08.dcm",
    "JPEGLSNearLossless_16.dcm",
    "SC_rgb_jls_lossy_line.dcm",
    "SC_rgb_jls_lossy_sample.dcm",
)


# They end with data set trailing padding, which Orthanc keeps; but DCMTK's SCU cuts it off.
PADDED = ("CT_small.dcm", "MR_small.dcm", "MR_small_padded.dcm", "examples_rgb_color.dcm")


@pytest.fixture(scope="module")
def archive(link: Link, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with orthanc(tmp_path_factory.mktemp("orthanc"), link) as running:
        yield running


@pytest.fixture(scope="module")
def kept_from_storescu(archive: Orthanc, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """What Orthanc holds when DCMTK has sent it the files (but for the padded ones)."""
    folder = tmp_path_factory.mktemp("storescu")
    samples = without(archivable_samples(), PADDED)
    dcmtk.storescu(samples, archive.port, archive.link, folder)
    return archive.take()


@pytest.fixture
def filled_archive(archive: Orthanc) -> Iterator[Orthanc]:
    for sample in archivable_samples():
        archive.upload(sample.path.read_bytes())
    yield archive
    archive.forget()


@pytest.fixture
def sent_to_dcmrecv(filled_archive: Orthanc, tmp_path: Path) -> list[bytes]:
    """What DCMTK's SCP receives when Orthanc sends all it holds."""
    with dcmtk.dcmrecv(tmp_path, filled_archive.link) as receiver:
        filled_archive.send_to(receiver.port)
        return receiver.take()


def archivable_samples() -> tuple[Sample, ...]:
    samples = without(of_even_length(sound_samples()), REFUSED)
    return one_per_instance(consistent(samples))


def test_orthanc_answers_our_echo(front: Front, link: Link, archive: Orthanc) -> None:
    assert front.echo(archive.port, link) == SUCCESS


@pytest.mark.usefixtures("files_sent_as_they_are")
def test_orthanc_keeps_what_we_send_as_it_keeps_what_dcmtk_sends(
    front: Front, link: Link, archive: Orthanc, kept_from_storescu: list[bytes]
) -> None:
    samples = archivable_samples()
    padded = [sample for sample in samples if sample.name in PADDED]

    statuses = front.send(as_paths(samples), archive.port, link)

    assert_all_stored(statuses, samples)
    assert_same(archive.take(), numbered(kept_from_storescu) | by_path(padded))


def test_we_answer_the_echo_of_orthanc(front: Front, link: Link, archive: Orthanc) -> None:
    with front.serve(link) as served:
        archive.echo_to(served.port)

    assert served.echoes == 1


def test_we_receive_from_orthanc_what_dcmrecv_receives(
    front: Front, link: Link, filled_archive: Orthanc, sent_to_dcmrecv: list[bytes]
) -> None:
    with front.serve(link) as served:
        account = filled_archive.send_to(served.port)

    assert account["FailedInstancesCount"] == 0
    assert_same(served.data_sets, numbered(sent_to_dcmrecv))
    assert_files_tell_the_transfer_syntax(served)
