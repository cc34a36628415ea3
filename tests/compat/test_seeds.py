"""The programs from which users learnt pynetdicom 1.1 run as they stand.

Only ports and addresses are others, which the page itself left open.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom import Dataset

from compat.stage import image, offer, started
from interop import dcmtk
from interop.links import Link
from interop.processes import DEADLINE, ENVIRONMENT, program, running
from interop.samples import storable_samples
from ports import free_port
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage

pytestmark = pytest.mark.slow  # they run as programs

STORE_SCP = """\
from pynetdicom import AE, StoragePresentationContexts

ae = AE(port=11112)

ae.supported_contexts = StoragePresentationContexts

def on_c_store(dataset, context, info):
    return 0x0000

ae.on_c_store = on_c_store

ae.start()
"""

ECHO_SCU = """\
from pynetdicom import AE, VerificationPresentationContexts

ae = AE(ae_title=b'MYAE')

ae.requested_contexts = VerificationPresentationContexts

assoc = ae.associate('192.168.2.1', 104)

if assoc.is_established:
    status = assoc.send_c_echo()

    assoc.release()
"""

WAYS = {
    "with the modern AE": [sys.executable],
    "as for 1.1": [sys.executable, "-m", "pynetdicom.compat", "pynetdicom1"],
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> list[str]:
    return WAYS[request.param]


@contextmanager
def store_scp(way: list[str], folder: Path) -> Iterator[int]:
    """Run the first program; yield its port."""
    port, script = free_port(), folder / "store_scp.py"
    script.write_text(STORE_SCP.replace("11112", str(port)))
    with running([*way, script], port, folder / "log"):
        yield port


def run_echo_scu(way: list[str], folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    """Run the second program to its end."""
    script = folder / "echo_scu.py"
    script.write_text(ECHO_SCU.replace("'192.168.2.1', 104", f"'127.0.0.1', {port}"))
    return subprocess.run(
        [*way, script],
        env=ENVIRONMENT,
        timeout=DEADLINE,
        capture_output=True,
        text=True,
        check=True,
    )


def test_the_store_scp_takes_an_image(way: list[str], tmp_path: Path) -> None:
    ae = AE()
    ae.add_requested_context(CTImageStorage)

    with store_scp(way, tmp_path) as port:
        assoc = ae.associate("127.0.0.1", port)
        status = assoc.send_c_store(image())
        assoc.release()

    assert status.Status == 0x0000


@pytest.mark.interop("dcmtk")
def test_the_store_scp_takes_images_from_dcmtk(way: list[str], tmp_path: Path) -> None:
    uncompressed = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
    samples = [s for s in storable_samples() if s.transfer_syntax in uncompressed][:5]

    with store_scp(way, tmp_path) as port:
        output = dcmtk.storescu(samples, port, Link(), tmp_path)

    assert output.count("Received Store Response (Success)") == len(samples)


@pytest.mark.filterwarnings("ignore:.*is the way of pynetdicom 1.1:DeprecationWarning")
def test_the_echo_scu_echoes(way: list[str], tmp_path: Path) -> None:
    calls = []

    def on_c_echo(context: object, info: dict[str, Dataset]) -> int:
        calls.append(info["requestor"]["ae_title"])
        return 0x0000

    ae = offer(AE("ECHO"))
    ae.on_c_echo = on_c_echo

    with started(ae) as port:
        run_echo_scu(way, tmp_path, port)

    assert calls == ["MYAE"]


@pytest.mark.interop("dcmtk")
def test_the_echo_scu_is_answered_by_dcmtk(way: list[str], tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "storescp.log"
    command = [program("storescp", "DCMTK"), "-v", "--ignore", str(port)]

    with running(command, port, log):
        run_echo_scu(way, tmp_path, port)

    assert "Received Echo Request" in log.read_text()


def test_with_the_modern_ae_each_old_line_is_told_how_it_is_written_today(tmp_path: Path) -> None:
    ae = offer(AE("ECHO"))
    server = ae.start_server(("127.0.0.1", 0), block=False)

    told = run_echo_scu(WAYS["with the modern AE"], tmp_path, server.server_address[1]).stderr
    server.shutdown()

    assert re.findall(r"echo_scu.py:(\d+): DeprecationWarning", told) == ["3"]


def test_as_for_1_1_nobody_is_told_anything(tmp_path: Path) -> None:
    ae = offer(AE("ECHO"))
    server = ae.start_server(("127.0.0.1", 0), block=False)

    told = run_echo_scu(WAYS["as for 1.1"], tmp_path, server.server_address[1]).stderr
    server.shutdown()

    assert told == ""
