"""dcmjs-dimse and we verify each other and exchange sample files, over TCP and TLS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interop import dcmjs, dcmtk
from interop.front import (
    SUCCESS,
    Front,
    as_paths,
    assert_all_stored,
    assert_files_tell_the_transfer_syntax,
)
from interop.links import Link
from interop.receivers import Receiver
from interop.samples import (
    Sample,
    assert_same,
    by_path,
    numbered,
    of_even_length,
    storable_samples,
    varied_samples,
    without,
)

pytestmark = [pytest.mark.interop, pytest.mark.slow]

# Its dates are written with dots, which this peer refuses to write (and then sends nothing more).
NOT_ENCODABLE = ("ExplVR_BigEnd.dcm",)


@pytest.fixture(scope="module")
def peer(link: Link, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with dcmjs.storage_scp(tmp_path_factory.mktemp("dcmjs"), link) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def sent_to_dcmrecv(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """What DCMTK receives from this peer when it accepts the same contexts as we do."""
    with dcmtk.dcmrecv(tmp_path_factory.mktemp("reference"), Link()) as receiver:
        dcmjs.echo_and_store(encodable_samples(), receiver.port, Link())
        received = receiver.take()
    assert len(received) > 0.9 * len(encodable_samples())
    return received


def encodable_samples() -> tuple[Sample, ...]:
    return without(varied_samples(), NOT_ENCODABLE)


def test_dcmjs_answers_our_echo(front: Front, link: Link, peer: Receiver) -> None:
    assert front.echo(peer.port, link) == SUCCESS


@pytest.mark.usefixtures("files_sent_as_they_are")
def test_dcmjs_receives_every_file_unchanged(front: Front, link: Link, peer: Receiver) -> None:
    samples = of_even_length(storable_samples())

    statuses = front.send(as_paths(samples), peer.port, link)

    assert_all_stored(statuses, samples)
    assert_same(peer.take(), by_path(samples))


def test_we_answer_dcmjs_and_receive_what_dcmrecv_receives(
    front: Front, link: Link, sent_to_dcmrecv: list[bytes]
) -> None:
    with front.serve(link) as served:
        echo, *stores = dcmjs.echo_and_store(encodable_samples(), served.port, link)

    assert (echo, served.echoes) == (SUCCESS, 1)
    assert set(stores) == {SUCCESS}
    assert_same(served.data_sets, numbered(sent_to_dcmrecv))
    assert_files_tell_the_transfer_syntax(served)
