"""AEs of 1.1 know their port, and are started and stopped; each old line shows the new one."""

import re
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compat.stage import associate, offer, started
from interop.processes import DEADLINE, ENVIRONMENT
from ports import free_port
from public.seeds import wait_for_servers
from pynetdicom import AE
from pynetdicom._callbacks import MEANINGS
from pynetdicom.sop_class import Verification

QUIETLY = pytest.mark.filterwarnings("ignore:.*is the way of pynetdicom 1.1:DeprecationWarning")


def told(old_way: Callable[[], object]) -> str:
    """Return what the one warning says."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        old_way()
    [warning] = caught
    assert warning.category is DeprecationWarning
    assert warning.filename == __file__
    return str(warning.message)


@pytest.mark.parametrize("name", MEANINGS)
def test_setting_a_callback_shows_its_modern_form(name: str) -> None:
    ae = AE()

    message = told(lambda: setattr(ae, name, print))

    assert message.startswith(f"AE.{name} is the way of pynetdicom 1.1. The modern form is: ")
    assert "evt.EVT_" in message


def test_the_modern_form_names_the_event() -> None:
    ae: Any = AE()

    message = told(lambda: setattr(ae, "on_c_store", print))

    assert message.endswith(": ae.start_server(address, evt_handlers=[(evt.EVT_C_STORE, handler)])")


def test_a_subclass_with_callbacks_is_told_where_it_is_defined() -> None:
    def define() -> None:
        class Server(AE):
            def on_c_echo(self, context: Any, info: Any) -> int:
                return 0

    assert told(define).startswith("Server.on_c_echo is the way of pynetdicom 1.1.")


def test_a_port_shows_how_a_server_is_started_today() -> None:
    assert told(lambda: AE(port=11112)).endswith(": ae.start_server(('', 11112))")


def test_stopping_and_quitting_show_their_modern_form() -> None:
    ae = AE()

    assert told(ae.stop).endswith("ae.shutdown()")
    assert told(ae.quit).endswith("ae.shutdown()")
    assert told(ae.cleanup_associations).endswith("nothing, leave it out")


def test_starting_shows_its_modern_form() -> None:
    ae = offer(AE())
    context = ae.supported_contexts[0]
    ae.supported_contexts = []
    ae.add_supported_context(context.abstract_syntax, scu_role=True)

    assert told(ae.start).endswith(": ae.start_server(('', 0))")


@QUIETLY
def test_start_serves_until_another_thread_stops_it_and_can_be_called_again() -> None:
    ae = offer(AE())

    for _ in range(2):
        with started(ae) as port:
            assoc = associate(port)
            ae.stop()
            assoc.join(10)

        assert assoc.is_aborted
        assert ae.active_associations == []


@QUIETLY
def test_stop_aborts_requested_associations_too() -> None:
    ae: Any = offer(AE())
    ae.add_requested_context(Verification)
    peer = offer(AE())
    server = peer.start_server(("127.0.0.1", 0), block=False)

    with started(ae):
        assoc = ae.associate("127.0.0.1", server.server_address[1])
        ae.stop()
    server.shutdown()

    assert assoc.is_aborted


@QUIETLY
def test_quit_ends_it_like_stop() -> None:
    ae = offer(AE())
    thread = threading.Thread(target=ae.start, kwargs={"select_timeout": 0.1})

    thread.start()
    wait_for_servers(ae, 1)
    ae.quit()
    thread.join(10)

    assert not thread.is_alive()


@QUIETLY
def test_without_contexts_it_does_not_start() -> None:
    with pytest.raises(ValueError, match="No supported presentation contexts"):
        AE().start()


@QUIETLY
def test_a_context_with_one_role_is_logged_and_start_returns(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ae = AE()
    ae.add_supported_context(Verification, scp_role=True)

    ae.start()

    assert "both roles" in caplog.text


@QUIETLY
@pytest.mark.parametrize("port", [-1, "11112", 1.5])
def test_a_bad_port_is_refused(port: Any) -> None:
    with pytest.raises(ValueError, match="'port' must be an int"):
        AE(port=port)


@QUIETLY
def test_an_ae_knows_where_it_is() -> None:
    ae = AE(port=11112)

    assert (ae.port, ae.bind_addr, ae.client_socket) == (11112, "", None)
    assert re.fullmatch(r"[\d.]+", ae.address)


@QUIETLY
def test_the_client_socket_is_that_of_the_association() -> None:
    ae: Any = AE()
    ae.add_requested_context(Verification)
    peer = offer(AE())
    server = peer.start_server(("127.0.0.1", 0), block=False)

    assoc = ae.associate("127.0.0.1", server.server_address[1])
    peer_of_socket = ae.client_socket.getpeername()
    assoc.release()
    server.shutdown()

    assert peer_of_socket == server.server_address


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another way to interrupt")
def test_the_user_can_interrupt_start(tmp_path: Path) -> None:
    port, script = free_port(), tmp_path / "server.py"
    script.write_text(
        "from pynetdicom import AE\n"
        f"ae = AE(port={port})\n"
        "ae.add_supported_context('1.2.840.10008.1.1')\n"
        "ae.start()\n"
        "print('ended')\n"
    )
    command = [sys.executable, "-W", "ignore", str(script)]
    process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE)
    try:
        wait_for_echo(port)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=DEADLINE)
    finally:
        process.kill()

    assert (process.returncode, output) == (0, b"ended\n")


def wait_for_echo(port: int) -> None:
    pause = threading.Event()
    for _ in range(int(DEADLINE / 0.05)):
        if associate(port).is_established:
            return
        pause.wait(0.05)
    pytest.fail("the server does not listen")
