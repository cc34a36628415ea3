"""DCMTK and we verify each other and exchange every sample file, over TCP and TLS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from interop import dcmtk
from interop.front import (
    SUCCESS,
    Front,
    as_datasets,
    as_paths,
    assert_all_stored,
    assert_files_tell_the_transfer_syntax,
)
from interop.links import Link
from interop.receivers import Receiver
from interop.samples import (
    as_pydicom_encodes_them,
    assert_same,
    by_path,
    named,
    numbered,
    of_even_length,
    sound_samples,
    storable_samples,
)

pytestmark = [pytest.mark.interop, pytest.mark.slow]


@pytest.fixture(scope="module")
def storescp(link: Link, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with dcmtk.storescp(tmp_path_factory.mktemp("storescp"), link) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def dcmrecv(link: Link, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with dcmtk.dcmrecv(tmp_path_factory.mktemp("dcmrecv"), link) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """DCMTK's own SCP, to see what its SCUs send: they encode every data set anew."""
    with dcmtk.dcmrecv(tmp_path_factory.mktemp("reference"), Link()) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def what_storescu_sends(
    reference: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> list[bytes]:
    folder = tmp_path_factory.mktemp("storescu")
    dcmtk.storescu(sound_samples(), reference.port, Link(), folder)
    return taken_from(reference)


@pytest.fixture(scope="module")
def what_dcmsend_sends(reference: Receiver) -> list[bytes]:
    dcmtk.dcmsend(sound_samples(), reference.port)
    return taken_from(reference)


def taken_from(reference: Receiver) -> list[bytes]:
    received = reference.take()
    assert len(received) == len(sound_samples())
    return received


def test_storescp_answers_our_echo(front: Front, link: Link, storescp: Receiver) -> None:
    assert front.echo(storescp.port, link) == SUCCESS


def test_dcmrecv_answers_our_echo(front: Front, link: Link, dcmrecv: Receiver) -> None:
    assert front.echo(dcmrecv.port, link) == SUCCESS


@pytest.mark.usefixtures("files_sent_as_they_are")
def test_storescp_receives_every_file_unchanged(
    front: Front, link: Link, storescp: Receiver
) -> None:
    samples = of_even_length(storable_samples())

    statuses = front.send(as_paths(samples), storescp.port, link)

    assert_all_stored(statuses, samples)
    assert_same(storescp.take(), by_path(samples))


@pytest.mark.usefixtures("files_sent_as_they_are")
def test_dcmrecv_receives_every_file_unchanged(front: Front, link: Link, dcmrecv: Receiver) -> None:
    samples = of_even_length(storable_samples())

    statuses = front.send(as_paths(samples), dcmrecv.port, link)

    assert_all_stored(statuses, samples)
    assert_same(dcmrecv.take(), by_path(samples))


@pytest.mark.usefixtures("files_sent_as_they_are")
def test_storescp_receives_in_the_small_pieces_it_asks_for(front: Front, tmp_path: Path) -> None:
    samples = named("CT_small.dcm", "examples_palette.dcm", "liver_1frame.dcm")

    with dcmtk.storescp(tmp_path, Link(), "--max-pdu", "4096") as receiver:
        statuses = front.send(as_paths(samples), receiver.port, Link())

    assert_all_stored(statuses, samples)
    assert_same(receiver.take(), by_path(samples))


def test_storescp_receives_every_dataset_as_pydicom_encodes_it(
    front: Front, link: Link, storescp: Receiver
) -> None:
    samples = sound_samples()

    statuses = front.send(as_datasets(samples), storescp.port, link)

    assert_all_stored(statuses, samples)
    assert_same(storescp.take(), as_pydicom_encodes_them(samples))


@pytest.mark.usefixtures("files_sent_as_they_are")
def test_a_deflated_file_of_odd_length_is_padded_on_its_way(
    front: Front, link: Link, storescp: Receiver
) -> None:
    # DCMTK aborts when a fragment is of odd length; so deflated data end with a null (PS3.5 A.5).
    (deflated,) = named("image_dfl.dcm")

    statuses = front.send(as_paths([deflated]), storescp.port, link)

    assert_all_stored(statuses, [deflated])
    assert storescp.take() == [deflated.data_set + b"\0"]


def test_an_abort_by_storescp_is_an_empty_status(front: Front, link: Link, tmp_path: Path) -> None:
    (instance,) = as_paths(named("CT_small.dcm"))

    with dcmtk.storescp(tmp_path, link, "--abort-after") as receiver:
        status = front.send_to_aborting_peer(instance, receiver.port, link)

    assert status is None


def test_we_answer_echoscu(front: Front, link: Link) -> None:
    with front.serve(link) as served:
        output = dcmtk.echoscu(served.port, link)

    assert "Received Echo Response (Success)" in output
    assert served.echoes == 1


@pytest.mark.usefixtures("reception")
def test_we_receive_from_storescu_what_storescp_receives(
    front: Front, link: Link, what_storescu_sends: list[bytes], tmp_path: Path
) -> None:
    with front.serve(link) as served:
        dcmtk.storescu(sound_samples(), served.port, link, tmp_path)

    assert_same(served.data_sets, numbered(what_storescu_sends))
    assert_files_tell_the_transfer_syntax(served)


@pytest.mark.usefixtures("reception")
def test_we_receive_from_dcmsend_what_storescp_receives(
    front: Front, what_dcmsend_sends: list[bytes]
) -> None:
    # This version of the program does not know TLS.
    with front.serve(Link()) as served:
        dcmtk.dcmsend(sound_samples(), served.port)

    assert_same(served.data_sets, numbered(what_dcmsend_sends))
    assert_files_tell_the_transfer_syntax(served)


def test_we_serve_on_when_storescu_has_aborted(front: Front, link: Link, tmp_path: Path) -> None:
    with front.serve(link) as served:
        dcmtk.storescu(named("CT_small.dcm"), served.port, link, tmp_path, "--abort")
        dcmtk.echoscu(served.port, link)

    assert (len(served.data_sets), served.echoes) == (1, 1)
