"""A shell is given what the word under the cursor may become."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from apps.stage import DEADLINE, ENVIRONMENT, command
from apps.test_peers import configure
from pynetdicom.apps import completion

pytestmark = pytest.mark.skipif(find_spec("argcomplete") is None, reason="no argcomplete here")


def completed(typed: str, folder: Path) -> list[str]:
    """Return what a shell would be told when TAB is pressed behind what is typed."""
    answer = folder / "answer"
    subprocess.run(
        command(),
        env={
            **ENVIRONMENT,
            "PYNETDICOM_CONFIG": configure(folder, 104),
            "_ARGCOMPLETE": "1",
            "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
            "COMP_LINE": typed,
            "COMP_POINT": str(len(typed)),
            "IFS": "\n",
        },
        cwd=folder,
        stdin=subprocess.DEVNULL,
        timeout=DEADLINE,
        check=True,
    )
    return [word.strip() for word in answer.read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("pynetdicom stores", ["storescu", "storescp"]),
        ("pynetdicom storescu --cer", ["--cert"]),
        ("pynetdicom storescu -ll w", ["warn"]),
        ("pynetdicom storescu pa", ["pacs"]),
        ("pynetdicom storescu pacs conf", ["config.toml"]),
        ("pynetdicom echoscu --config bad.toml pa", []),
        ("pynetdicom nothing ", []),
    ],
)
def test_what_may_be_meant(tmp_path: Path, typed: str, expected: list[str]) -> None:
    (tmp_path / "bad.toml").write_text("[")

    assert completed(typed, tmp_path) == expected


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_a_shell_is_taught(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert completion.main([shell]) == 0
    assert "_ARGCOMPLETE" in capsys.readouterr().out


def test_what_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "argcomplete.shell_integration", None)

    assert completion.main(["bash"]) == 1
    assert "pip install 'pynetdicom[apps]'" in capsys.readouterr().err
