"""The established implementation and we verify each other and exchange every sample file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interop import pynetdicom3
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
    distinct,
    of_even_length,
    sound_samples,
    storable_samples,
)

pytestmark = [pytest.mark.interop, pytest.mark.slow]


@pytest.fixture(scope="module")
def peer(link: Link, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with pynetdicom3.storage_scp(tmp_path_factory.mktemp("pynetdicom"), link) as receiver:
        yield receiver


def test_pynetdicom_3_answers_our_echo(front: Front, link: Link, peer: Receiver) -> None:
    assert front.echo(peer.port, link) == SUCCESS


@pytest.mark.usefixtures("files_sent_as_they_are")
def test_pynetdicom_3_receives_every_file_unchanged(
    front: Front, link: Link, peer: Receiver
) -> None:
    samples = of_even_length(storable_samples())

    statuses = front.send(as_paths(samples), peer.port, link)

    assert_all_stored(statuses, samples)
    assert_same(peer.take(), by_path(samples))


def test_pynetdicom_3_receives_every_dataset_as_pydicom_encodes_it(
    front: Front, link: Link, peer: Receiver
) -> None:
    samples = sound_samples()

    statuses = front.send(as_datasets(samples), peer.port, link)

    assert_all_stored(statuses, samples)
    assert_same(peer.take(), as_pydicom_encodes_them(samples))


@pytest.mark.usefixtures("reception")
def test_we_answer_and_receive_every_file_unchanged(front: Front, link: Link) -> None:
    samples = of_even_length(storable_samples())

    with front.serve(link) as served:
        echo, *stores = pynetdicom3.echo_and_store(samples, served.port, link)

    # The peer asks again when it has missed an answer: so more may arrive than was to be sent.
    assert echo == SUCCESS
    assert served.echoes >= 1
    assert_all_stored(stores, samples)
    assert_same(set(served.data_sets), distinct(by_path(samples)))
    assert_files_tell_the_transfer_syntax(served)
