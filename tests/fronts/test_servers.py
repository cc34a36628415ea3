"""Servers and what belongs to an AE: starting, ending, sharing, limits."""

import socket
from typing import Any

import pytest

from fronts.peer import Peer
from fronts.stage import PATIENCE, Front, Recorder, eventually
from pynetdicom import _config, build_context, evt
from pynetdicom.sop_class import CTImageStorage


def is_reachable(address: Any) -> bool:
    try:
        socket.create_connection(address[:2], PATIENCE).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_server_says_where_it_listens(front: Front) -> None:
    server = front.serve(front.ae("SERVER"))

    host, port = server.server_address[:2]

    assert host == "127.0.0.1"
    assert is_reachable((host, port))
    assert server.ae_title == "SERVER"


def test_a_server_without_a_host_listens_everywhere(front: Front) -> None:
    server = front.serve(front.ae(), address=("", 0))

    assert server.server_address[0] == "0.0.0.0"
    assert is_reachable(("127.0.0.1", server.server_address[1]))


def test_a_server_may_have_its_own_title_and_contexts(front: Front) -> None:
    ae = front.ae("OTHER")
    ae.require_called_aet = True
    server = front.serve(ae, ae_title="SERVER", contexts=[build_context(CTImageStorage)])

    assoc = front.associate(front.ae(), server.server_address, ae_title="SERVER")
    other = front.associate(front.ae(), server.server_address, ae_title="OTHER")

    assert [c.abstract_syntax for c in assoc.accepted_contexts] == [CTImageStorage]
    assert other.is_rejected


def test_two_servers_of_an_ae_share_its_limit(front: Front) -> None:
    ae = front.ae()
    ae.maximum_associations = 2
    one, other = front.serve(ae), front.serve(ae)

    associations = [
        front.associate(front.ae(), server.server_address) for server in (one, other, one, other)
    ]

    assert [assoc.is_established for assoc in associations] == [True, True, False, False]
    assert [assoc.is_rejected for assoc in associations] == [False, False, True, True]


def test_peers_that_only_connect_take_no_place(front: Front) -> None:
    ae = front.ae()
    ae.maximum_associations = 1
    server = front.serve(ae)
    with Peer.at(server.server_address), Peer.at(server.server_address):
        assoc = front.associate(front.ae(), server.server_address)

    assert assoc.is_established


def test_a_server_that_is_shut_down_ends_its_associations(front: Front) -> None:
    ae = front.ae()
    server = front.serve(ae)
    address = server.server_address
    ended = Recorder(evt.EVT_ABORTED)
    assoc = front.associate(front.ae(), address, ended.handlers)

    server.shutdown()

    ended.wait_for(evt.EVT_ABORTED)
    assert assoc.is_aborted
    assert not is_reachable(address)
    assert eventually(lambda: not server.active_associations)


def test_a_server_may_be_shut_down_twice(front: Front) -> None:
    server = front.serve(front.ae())

    server.shutdown()
    server.shutdown()


def test_an_ae_that_is_shut_down_ends_all_its_associations(front: Front) -> None:
    ae, other = front.ae(), front.ae()
    mine, theirs = front.serve(ae), front.serve(other)
    address = mine.server_address
    accepted = front.associate(other, address)
    requested = front.associate(ae, theirs.server_address)

    ae.shutdown()

    assert requested.is_aborted
    assert eventually(lambda: accepted.is_aborted)
    assert not is_reachable(address)
    assert ae.active_associations == []
    assert eventually(lambda: not other.active_associations)


def test_active_associations_are_those_of_both_kinds(front: Front) -> None:
    ae, other = front.ae(), front.ae()
    server = front.serve(ae)
    assoc = front.associate(ae, front.serve(other).server_address)
    front.associate(other, server.server_address)

    assert assoc in ae.active_associations
    assert sorted(a.mode for a in ae.active_associations) == ["acceptor", "requestor"]
    assert server.active_associations != [assoc]


def test_timeouts_of_an_ae_reach_its_associations(front: Front) -> None:
    ae = front.ae()
    assoc = front.associate(ae, front.serve(front.ae()).server_address)

    ae.acse_timeout, ae.dimse_timeout, ae.network_timeout, ae.connection_timeout = 1, 2, 3, 4
    assoc.dimse_timeout = None

    assert (assoc.acse_timeout, assoc.dimse_timeout) == (1, None)
    assert (assoc.network_timeout, assoc.connection_timeout) == (3, 4)


def test_an_ae_describes_itself_and_who_it_talks_to(front: Front) -> None:
    ae = front.ae("DESCRIBED")
    ae.require_calling_aet = ["A", "B"]
    server = front.serve(front.ae())

    assoc = front.associate(ae, server.server_address, ae_title="SOMEBODY")

    text = str(ae)
    assert "Application Entity DESCRIBED" in text
    assert "Required calling AE title(s): A, B" in text
    assert "Association(s): 1/10" in text
    assert f"Peer: SOMEBODY on 127.0.0.1:{assoc.remote['port']}" in text


# What cannot be served.


def test_a_server_needs_a_context(front: Front) -> None:
    ae = front.ae()
    ae.supported_contexts = []

    with pytest.raises(ValueError, match="at least one"):
        front.serve(ae)


def test_a_server_needs_no_context_when_everything_is_stored(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_config, "UNRESTRICTED_STORAGE_SERVICE", True)
    ae = front.ae()
    ae.supported_contexts = []

    server = front.serve(ae)

    assert front.associate(front.ae(), server.server_address).is_established


@pytest.mark.parametrize("roles", [(True, None), (None, False)])
def test_a_context_of_a_server_answers_to_both_roles_or_none(
    front: Front, roles: tuple[bool | None, bool | None]
) -> None:
    ae = front.ae()
    ae.add_supported_context(CTImageStorage, None, *roles)

    with pytest.raises(ValueError, match="both roles"):
        front.serve(ae)


def test_a_port_that_is_taken_is_an_error(front: Front) -> None:
    server = front.serve(front.ae())

    with pytest.raises(OSError, match="in use"):
        front.serve(front.ae(), address=server.server_address)


@pytest.mark.parametrize("title", ["", "X" * 17])
def test_a_server_needs_a_proper_title(front: Front, title: str) -> None:
    with pytest.raises(ValueError, match="ae_title"):
        front.serve(front.ae(), ae_title=title)
