"""The programs that come with the library, against DCMTK's counterparts."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from interop import dcmtk
from interop.links import Link
from interop.processes import Command, program, run, running
from interop.samples import (
    Sample,
    assert_same,
    by_path,
    consistent,
    data_set_of,
    encoded_by_pydicom,
    numbered,
    of_even_length,
    one_per_instance,
    sound_samples,
)
from ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.slow]

PLAIN = Link()


def ours(name: str, *arguments: str | Path) -> Command:
    return [sys.executable, "-m", "pynetdicom", name, *arguments]


@contextmanager
def our_server(name: str, folder: Path, *options: str | Path) -> Iterator[int]:
    port = free_port()
    command = ours(name, "-ba", "127.0.0.1", *options, str(port))
    with running(command, port, folder / f"{name}.log"):
        yield port


def storable_either_way() -> tuple[Sample, ...]:
    """Return samples that are the same bytes whether a program decodes them or not."""
    samples = one_per_instance(consistent(of_even_length(sound_samples())))
    return tuple(each for each in samples if each.data_set == encoded_by_pydicom(each))


def copied(samples: Sequence[Sample], folder: Path) -> Path:
    """Copy each sample into a folder of its own, since some are named alike."""
    for number, sample in enumerate(samples):
        (folder / str(number)).mkdir(parents=True)
        shutil.copy(sample.path, folder / str(number) / sample.name)
    return folder


def test_echoscu_verifies_storescp_as_often_as_told(tmp_path: Path) -> None:
    with dcmtk.storescp(tmp_path, PLAIN, "--verbose") as receiver:
        run(ours("echoscu", "127.0.0.1", str(receiver.port), "--repeat", "3"))

    assert (tmp_path / "storescp.log").read_text().count("Received Echo Request") == 3


def test_echoscu_fails_when_nobody_listens() -> None:
    output = run(ours("echoscu", "127.0.0.1", str(free_port())), expected=1)

    assert "connect" in output


def test_echoscp_answers_dcmtk(tmp_path: Path) -> None:
    with our_server("echoscp", tmp_path) as port:
        output = dcmtk.echoscu(port, PLAIN)

    assert "Received Echo Response (Success)" in output


def test_storescu_sends_a_folder_to_storescp(tmp_path: Path) -> None:
    samples = storable_either_way()
    folder = copied(samples, tmp_path / "samples")

    with dcmtk.storescp(tmp_path, PLAIN) as receiver:
        run(ours("storescu", "-cx", "-r", "127.0.0.1", str(receiver.port), folder))

    assert_same(receiver.take(), by_path(samples))


def test_storescu_fails_when_nobody_listens(tmp_path: Path) -> None:
    sample = sound_samples()[0]

    output = run(ours("storescu", "127.0.0.1", str(free_port()), sample.path), expected=1)

    assert "connect" in output


def test_storescp_keeps_what_dcmtk_sends(tmp_path: Path) -> None:
    samples = storable_either_way()
    received, reference = tmp_path / "ours", tmp_path / "dcmtk"
    received.mkdir()
    reference.mkdir()

    with dcmtk.dcmrecv(reference, PLAIN) as receiver:
        dcmtk.storescu(samples, receiver.port, PLAIN, tmp_path)
    with our_server("storescp", tmp_path, "-od", received) as port:
        dcmtk.storescu(samples, port, PLAIN, tmp_path)

    files = list(received.iterdir())
    assert_same([data_set_of(file.read_bytes()) for file in files], numbered(receiver.take()))
    assert {file.name.partition(".")[2] for file in files} == {
        each.sop_instance for each in samples
    }


def test_storescp_answers_the_echo_of_dcmtk(tmp_path: Path) -> None:
    with our_server("storescp", tmp_path, "--ignore") as port:
        output = dcmtk.echoscu(port, PLAIN)

    assert "Received Echo Response (Success)" in output


def test_storescp_refuses_verification_when_told(tmp_path: Path) -> None:
    command = [program("echoscu", "DCMTK"), "127.0.0.1"]

    with our_server("storescp", tmp_path, "--no-echo") as port:
        output = run([*command, str(port)], expected=1)

    assert "No Acceptable Presentation Contexts" in output
