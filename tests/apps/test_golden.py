"""What the programs print is as it was last looked at: `golden/*.txt`, 100 characters wide.

    PYTHONPATH=src:tests python tests/apps/test_golden.py

writes the files anew; look at what has changed.
"""

import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.archives import UIDS, WHOLE_PATIENT, archive
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
    node,
)
from apps.test_doctor import small_node
from ports import free_port
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
    return timeless(f"{text}{finished.returncode}\n")


def timeless(text: str) -> str:
    """Return a text without what differs each time."""
    for pattern, replacement in VOLATILE:
        text = re.sub(pattern, replacement, text)
    return text


def shown(*words: object, has_rich: bool = True) -> str:
    """Return what a command prints on a terminal."""
    program = [sys.executable, "-c", WITHOUT_RICH] if not has_rich else command()
    ours, terminal = pty.openpty()
    with subprocess.Popen(
        [*program, *map(str, words)],
        env={**ENVIRONMENT, "COLUMNS": "100", "TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        with os.fdopen(ours, "rb") as screen:
            text = b"".join(iter(lambda: read_some(screen.fileno()), b""))
        process.wait(DEADLINE)
    return timeless(re.sub(r" *\r\n", "\n", text.decode()))


# Python takes a module that is None for one that is not installed.
WITHOUT_RICH = """
import sys
sys.modules["rich"] = None
from pynetdicom.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def read_some(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # which is how Linux says that nobody is left to write
        return b""


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


STUDIES = ("-k", "QueryRetrieveLevel=STUDY", "-k", "PatientName", "-k", "StudyInstanceUID")


def findscu() -> str:
    with archive() as asked:
        return printed("findscu", *asked.words, *STUDIES)


def findscu_csv() -> str:
    with archive() as asked:
        return printed("findscu", *asked.words, *STUDIES, "--csv")


def findscu_json() -> str:
    with archive() as asked:
        return printed("findscu", *asked.words, *STUDIES, "--json")


def findscu_terminal() -> str:
    with archive() as asked:
        return shown("findscu", *asked.words, *STUDIES, "-k", "PatientSex")


def findscu_terminal_without_rich() -> str:
    with archive() as asked:
        return shown("findscu", *asked.words, *STUDIES, "-k", "PatientSex", has_rich=False)


def getscu() -> str:
    with tempfile.TemporaryDirectory() as folder, archive() as asked:
        return printed("getscu", *asked.words, *WHOLE_PATIENT, "-od", folder)


def getscu_failures() -> str:
    with tempfile.TemporaryDirectory() as folder, archive() as asked:
        Path(folder, f"MR.{UIDS[2]}").mkdir()  # where a file is to be
        return printed("getscu", *asked.words, *WHOLE_PATIENT, "--strict", folder=folder)


def movescu() -> str:
    with node() as viewer, archive() as asked:
        asked.holds.destinations["VIEWER"] = viewer.port
        return printed("movescu", *asked.words, *WHOLE_PATIENT, "-aem", "VIEWER")


def movescu_failures() -> str:
    with node(statuses=(0xA700, 0xB000)) as viewer, archive() as asked:
        asked.holds.destinations["VIEWER"] = viewer.port
        return printed("movescu", *asked.words, *WHOLE_PATIENT, "-aem", "VIEWER", "--strict")


def movescu_nobody() -> str:
    with archive() as asked:
        return printed("movescu", *asked.words, *WHOLE_PATIENT, "-aem", "NOBODY")


def movescu_store() -> str:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, archive() as asked:
        asked.holds.destinations["STORESCP"] = port
        words = ["--store", "--store-port", port, "-od", folder]
        return printed("movescu", *asked.words, *WHOLE_PATIENT, *words)


SCENES: tuple[Callable[[], str], ...] = (
    echoscu,
    echoscu_unknown_title,
    echoscu_unknown_peer,
    storescu,
    storescu_failures,
    storescu_nobody,
    doctor,
    doctor_nobody,
    findscu,
    findscu_csv,
    findscu_json,
    findscu_terminal,
    findscu_terminal_without_rich,
    getscu,
    getscu_failures,
    movescu,
    movescu_failures,
    movescu_nobody,
    movescu_store,
)


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_what_is_printed_is_as_it_was(scene: Callable[[], str]) -> None:
    assert scene() == (GOLDEN / f"{scene.__name__}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for each in SCENES:
        (GOLDEN / f"{each.__name__}.txt").write_text(each(), encoding="utf-8")
