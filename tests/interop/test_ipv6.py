"""Over IPv6 too: dcmjs-dimse stands for the peers, since its sockets take either protocol."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from interop import dcmjs
from interop.front import SUCCESS, Front, as_paths, assert_all_stored
from interop.links import Link
from interop.processes import missing
from interop.receivers import Receiver
from interop.samples import assert_same, by_path, named

pytestmark = [pytest.mark.interop, pytest.mark.slow]

LOOPBACK = "::1"


@pytest.fixture(scope="module", autouse=True)
def _loopback() -> None:
    try:
        socket.create_server((LOOPBACK, 0), family=socket.AF_INET6).close()
    except OSError as error:
        missing(f"IPv6 loopback interface ({error})")


@pytest.fixture(scope="module")
def peer(link: Link, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with dcmjs.storage_scp(tmp_path_factory.mktemp("dcmjs"), link) as receiver:
        yield receiver


@pytest.mark.usefixtures("files_sent_as_they_are")
def test_we_verify_and_store_over_ipv6(front: Front, link: Link, peer: Receiver) -> None:
    samples = named("CT_small.dcm", "reportsi.dcm")

    echo = front.echo(peer.port, link, LOOPBACK)
    statuses = front.send(as_paths(samples), peer.port, link, LOOPBACK)

    assert echo == SUCCESS
    assert_all_stored(statuses, samples)
    assert_same(peer.take(), by_path(samples))


def test_we_are_verified_and_sent_to_over_ipv6(front: Front, link: Link) -> None:
    samples = named("CT_small.dcm", "reportsi.dcm")

    with front.serve(link, LOOPBACK) as served:
        statuses = dcmjs.echo_and_store(samples, served.port, link, LOOPBACK)

    assert statuses == [SUCCESS] * 3
    assert (served.echoes, len(served.data_sets)) == (1, 2)
