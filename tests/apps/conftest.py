"""Programs set up the log of their process; in-process tests put it back."""

import logging
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from interop.links import OPENSSL_CONFIGURATION


@pytest.fixture(autouse=True)
def log_is_put_back() -> Iterator[None]:
    names = ("pynetdicom", "pynetdicom._handlers", "pynetdicom.services")
    levels = [logging.getLogger(name).level for name in names]
    handlers = list(logging.getLogger("pynetdicom").handlers)
    yield
    logging.getLogger("pynetdicom").handlers[:] = handlers
    for name, level in zip(names, levels, strict=True):
        logging.getLogger(name).setLevel(level)


@pytest.fixture(autouse=True)
def nobody_has_configured_anything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PYNETDICOM_CONFIG", "PYNETDICOM_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no configuration"))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, ca.pem, and a node's certificate and key, node.pem and .key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("peer missing: openssl")
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "openssl.cnf").write_text(OPENSSL_CONFIGURATION)
    new = "req -config openssl.cnf -newkey rsa:2048 -nodes"
    for arguments in (
        f"{new} -keyout ca.key -x509 -subj /CN=Tests -extensions authority -days 2 -out ca.pem",
        f"{new} -keyout node.key -out node.csr",
        "x509 -req -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
        "-extfile openssl.cnf -extensions node -out node.pem",
    ):
        command = [openssl, *arguments.split()]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    return folder
