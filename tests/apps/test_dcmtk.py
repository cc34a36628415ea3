"""The programs with those of DCMTK at the other end: TLS, refusals, aborts.

Plain exchanges of files are in `tests/interop`.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from apps.stage import (
    CT,
    DEADLINE,
    ENVIRONMENT,
    JPEG_2000,
    LOOPBACK,
    MR,
    answers,
    files_in,
    run,
    serving,
    until,
)
from ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.interop("dcmtk")]


@contextmanager
def dcmtk_storescp(folder: Path, *options: str) -> Iterator[int]:
    """Run DCMTK's storescp; return its port."""
    port = free_port()
    process = subprocess.Popen(
        ["storescp", *options, "-od", str(folder), str(port)],
        env={**ENVIRONMENT, "TCP_NODELAY": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: answers(port) or process.poll() is not None)
        yield port
    finally:
        process.kill()
        process.wait(DEADLINE)


def dcmtk(program: str, *words: object) -> str:
    finished = subprocess.run(
        [program, *map(str, words)],
        env={**ENVIRONMENT, "TCP_NODELAY": "1"},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    return finished.stdout + finished.stderr


def dcmtk_tls(certificates: Path) -> list[str]:
    files = [str(certificates / name) for name in ("node.key", "node.pem", "ca.pem")]
    return ["+tls", *files[:2], "+cf", files[2]]


def our_tls(certificates: Path) -> list[str]:
    files = [str(certificates / name) for name in ("node.pem", "node.key", "ca.pem")]
    return ["--tls", "--cert", files[0], "--key", files[1], "--ca", files[2]]


def test_storescu_sends_over_tls(tmp_path: Path, certificates: Path) -> None:
    with dcmtk_storescp(tmp_path, *dcmtk_tls(certificates)) as port:
        sent = run("storescu", "localhost", port, CT, MR, *our_tls(certificates))

    assert sent.status == 0, sent.err
    assert len(files_in(tmp_path)) == 2


def test_storescp_receives_over_tls(tmp_path: Path, certificates: Path) -> None:
    with serving("storescp", "-od", tmp_path, *our_tls(certificates)) as server:
        address = ("localhost", server.port)
        printed = dcmtk("storescu", "-v", *dcmtk_tls(certificates), *address, CT)
        anonymous = dcmtk("storescu", "+tla", "+cf", certificates / "ca.pem", *address, MR)

    assert "Received Store Response (Success)" in printed
    assert "F: " in anonymous
    assert len(files_in(tmp_path)) == 1


def test_a_node_that_refuses_everybody(tmp_path: Path) -> None:
    with dcmtk_storescp(tmp_path, "--refuse") as port:
        sent = run("storescu", LOOPBACK, port, CT)

    assert sent.status == 1
    assert f"E: Rejected by {LOOPBACK} port {port}: No reason given" in sent.err


def test_a_node_that_aborts_in_mid_file(tmp_path: Path) -> None:
    with dcmtk_storescp(tmp_path, "--abort-during") as port:
        sent = run("storescu", LOOPBACK, port, CT, MR)

    assert sent.status == 1
    assert f"E: {CT}: " in sent.err
    assert "Traceback" not in sent.err
    assert sent.out == "sent 0 of 2 files, 1 failed, 1 not tried\n"


def test_a_node_that_aborts_after_a_file(tmp_path: Path) -> None:
    with dcmtk_storescp(tmp_path, "--abort-after") as port:
        sent = run("storescu", LOOPBACK, port, CT)

    assert sent.status == 1
    assert f"E: {CT}: the peer ended the association\n" in sent.err


def test_a_node_that_takes_implicit_alone_gets_what_can_be_converted(tmp_path: Path) -> None:
    with dcmtk_storescp(tmp_path, "+xi") as port:
        sent = run("storescu", LOOPBACK, port, CT, JPEG_2000, MR)

    assert sent.status == 0
    assert "sent 2 of 3 files" in sent.out
    assert len(files_in(tmp_path)) == 2


def test_a_sender_that_aborts_is_no_matter(tmp_path: Path) -> None:
    with serving("storescp", "-od", tmp_path) as server:
        dcmtk("storescu", "--abort", LOOPBACK, server.port, CT)
        sent = run("storescu", LOOPBACK, server.port, MR)

    assert sent.status == 0
    assert len(files_in(tmp_path)) == 2
