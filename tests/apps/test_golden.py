"""What the programs print is as it was last looked at: `golden/*.txt`, 100 characters wide.

    PYTHONPATH=src:tests python tests/apps/test_golden.py

writes the files anew; look at what has changed.
"""

import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.stage import (
    BIG_ENDIAN,
    CT,
    DEADLINE,
    ENVIRONMENT,
    IMPLICIT,
    JPEG_2000,
    LOOPBACK,
    MR,
    command,
    free_port,
    node,
)
from apps.test_doctor import small_node
from pynetdicom import AE
from pynetdicom.sop_class import MRImageStorage, Verification

GOLDEN = Path(__file__).parent / "golden"

# What differs each time, and what stands for it.
VOLATILE = (
    (r"/\S*/(?=\w+\.\w+)", ".../"),
    (r"\bport \d+", "port PORT"),
    (r"\d+\.\d ms", "N.N ms"),
    (r"in \d+\.\d\d s \([^)]*\)", "in N.NN s (N/s)"),
    (r"PYNETDICOM_\w+", "PYNETDICOM_VERSION"),
)


def printed(*words: object, folder: str | Path | None = None) -> str:
    """Return a command, its output, what it says besides, and its exit status."""
    finished = subprocess.run(
        command(*words),
        cwd=folder,
        env={**ENVIRONMENT, "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    text = f"{finished.stdout}--- standard error\n{finished.stderr}--- exit status "
    text += f"{finished.returncode}\n"
    for pattern, replacement in VOLATILE:
        text = re.sub(pattern, replacement, text)
    return text


def echoscu() -> str:
    with node() as there:
        return printed("echoscu", LOOPBACK, there.port, "--repeat", 2, "-v")


def echoscu_unknown_title() -> str:
    def be_strict(ae: AE) -> None:
        ae.require_called_aet = True

    with node(be_strict) as there:
        return printed("echoscu", LOOPBACK, there.port)


def echoscu_unknown_peer() -> str:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.toml")
        config.write_text('[peers.pacs]\nhost = "pacs"\nport = 104\n')
        return printed("echoscu", "archive", "--config", config)


def storescu() -> str:
    with node(statuses=(0x0000, 0xB000)) as there:
        return printed("storescu", LOOPBACK, there.port, CT, MR, IMPLICIT)


def storescu_failures() -> str:
    def know_little(ae: AE) -> None:
        ae.supported_contexts = []
        ae.add_supported_context(Verification)
        ae.add_supported_context(MRImageStorage)

    with tempfile.TemporaryDirectory() as folder, node(know_little, statuses=(0xA700,)) as there:
        Path(folder, "notes.txt").write_text("no image")
        files = (Path(folder, "notes.txt"), MR, CT, JPEG_2000, BIG_ENDIAN)
        return printed("storescu", LOOPBACK, there.port, *files, "--strict")


def storescu_nobody() -> str:
    return printed("storescu", LOOPBACK, free_port(), CT, MR)


def doctor() -> str:
    with small_node() as there:
        return printed("doctor", LOOPBACK, there.port)


def doctor_nobody() -> str:
    return printed("doctor", LOOPBACK, free_port())


SCENES: tuple[Callable[[], str], ...] = (
    echoscu,
    echoscu_unknown_title,
    echoscu_unknown_peer,
    storescu,
    storescu_failures,
    storescu_nobody,
    doctor,
    doctor_nobody,
)


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_what_is_printed_is_as_it_was(scene: Callable[[], str]) -> None:
    assert scene() == (GOLDEN / f"{scene.__name__}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for each in SCENES:
        (GOLDEN / f"{each.__name__}.txt").write_text(each(), encoding="utf-8")
