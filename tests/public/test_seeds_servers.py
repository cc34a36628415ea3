"""The programs about servers from which users have learnt pynetdicom 3 and 1.5."""

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ImplicitVRLittleEndian

from public.seeds import (
    EXTRA,
    LOGGER,
    PATIENCE,
    Blocking,
    Dialect,
    Seen,
    echo,
    port_of,
    wait_for_servers,
)
from public.seeds import dialect as dialect
from public.seeds import logging_as_before as logging_as_before
from public.seeds import peer as peer
from pynetdicom import (
    AE,
    build_context,
    debug_logger,
    evt,
)
from pynetdicom.sop_class import (
    CTImageStorage,
    Verification,
)
from pynetdicom.transport import ThreadedAssociationServer

pytestmark = pytest.mark.filterwarnings("ignore:.* since pynetdicom 2.0:DeprecationWarning")


# Association: listening for requests.


def test_a_server_that_blocks(dialect: Dialect) -> None:
    ae = AE()
    ae.add_supported_context(dialect.verification)

    with Blocking(ae, lambda: ae.start_server((dialect.everywhere, 0))) as (server,):
        assert echo(port_of(server)).is_released


@pytest.mark.slow
def test_a_server_that_blocks_ends_with_ctrl_c() -> None:
    program = """
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification
ae = AE()
ae.add_supported_context(Verification)
handlers = [(evt.EVT_RELEASED, lambda event: print("ready", flush=True))]
server = ae.start_server(("127.0.0.1", 0), block=False)
print(server.server_address[1], flush=True)
ae.start_server(("127.0.0.1", 0))
print("over", flush=True)
ae.shutdown()
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert echo(port).is_released
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE)

    assert (output.strip(), process.returncode) == ("over", 0)


def test_two_servers_of_one_ae(dialect: Dialect) -> None:
    ae = AE()
    ae.add_supported_context(dialect.verification)
    started: list[ThreadedAssociationServer] = []

    def program() -> None:
        started.append(ae.start_server((dialect.everywhere, 0), block=False))
        ae.start_server((dialect.everywhere, 0), block=True)

    with Blocking(ae, program):
        servers = wait_for_servers(ae, 2)
        outcomes = [echo(port_of(server)).is_released for server in servers]
        assert started[0] in servers

    assert outcomes == [True, True]


def test_a_server_with_a_title_of_its_own(dialect: Dialect) -> None:
    ae = AE()
    ae.add_supported_context(dialect.verification)
    ae.require_called_aet = True

    def program() -> None:
        ae.start_server((dialect.everywhere, 0), ae_title=dialect.title("STORE_SCP"))

    with Blocking(ae, program) as (server,):
        assert echo(port_of(server), "STORE_SCP").is_released
        assert echo(port_of(server), "PYNETDICOM").is_rejected


def test_a_server_with_contexts_of_its_own(dialect: Dialect) -> None:
    ae = AE()
    supported_cx = [build_context("1.2.840.10008.1.1")]

    def program() -> None:
        ae.start_server((dialect.everywhere, 0), contexts=supported_cx)

    with Blocking(ae, program) as (server,):
        assert echo(port_of(server)).is_released

    assert ae.supported_contexts == []


def test_handlers_of_a_server(dialect: Dialect) -> None:
    debug_logger()
    seen = Seen()
    handlers = [
        (evt.EVT_CONN_OPEN, seen.handle_open),
        (evt.EVT_ACCEPTED, seen.handle_accepted, ["optional", "parameters"]),
    ]
    ae = AE()
    ae.add_supported_context(dialect.verification)

    def program() -> None:
        ae.start_server((dialect.everywhere, 0), evt_handlers=handlers)

    with Blocking(ae, program) as (server,):
        assert echo(port_of(server)).is_released
        seen.wait_for(EXTRA)

    assert [line.partition(" (")[0] for line in seen.lines] == ["Connected with remote at", EXTRA]


def test_handlers_bound_to_a_running_server(dialect: Dialect) -> None:
    debug_logger()
    seen = Seen()
    handlers = [(evt.EVT_CONN_OPEN, seen.handle_open)]
    ae = AE()
    ae.add_supported_context(dialect.verification)
    scp = ae.start_server((dialect.everywhere, 0), block=False, evt_handlers=handlers)
    client = AE()
    client.add_requested_context(dialect.verification)
    open_one = client.associate("127.0.0.1", port_of(scp))

    scp.unbind(evt.EVT_CONN_OPEN, seen.handle_open)
    scp.bind(evt.EVT_CONN_CLOSE, seen.handle_close)
    LOGGER.info("Bindings changed")
    before = f"('127.0.0.1', {open_one.requestor.port})"
    open_one.release()
    later = echo(port_of(scp))
    after = f"('127.0.0.1', {later.requestor.port})"

    seen.wait_for(f"Disconnected from remote at {before}")
    seen.wait_for(f"Disconnected from remote at {after}")
    scp.shutdown()
    assert sorted(seen.lines) == sorted(
        [
            f"Connected with remote at {before}",
            f"Disconnected from remote at {before}",
            f"Disconnected from remote at {after}",
        ]
    )


def test_a_shutdown_ends_servers_and_associations(peer: Any) -> None:
    ae = AE()
    ae.add_supported_context(Verification)
    ae.add_requested_context(Verification)
    server = ae.start_server(("127.0.0.1", 0), block=False)
    requested = ae.associate("127.0.0.1", port_of(peer))
    served = ae.associate("127.0.0.1", port_of(server))

    ae.shutdown()

    assert (requested.is_aborted, served.is_aborted) == (True, True)
    assert not echo(port_of(server)).is_established


def test_a_handler_of_c_store(dialect: Dialect) -> None:
    ae = AE()
    ae.add_supported_context(CTImageStorage)

    def handle_store(event: evt.Event) -> int:
        return 0x0000

    handlers = [(evt.EVT_C_STORE, handle_store)]

    def program() -> None:
        ae.start_server((dialect.everywhere, 0), evt_handlers=handlers)

    image = Dataset()
    image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, "1.2.3"
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    client = AE()
    client.add_requested_context(CTImageStorage)

    with Blocking(ae, program) as (server,):
        assoc = client.associate("127.0.0.1", port_of(server))
        assert assoc.send_c_store(image).Status == 0x0000
        assoc.release()
