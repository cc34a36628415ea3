"""Programs set up the log and switches of their process; in-process tests put them back."""

import logging
from collections.abc import Iterator

import pytest

from pynetdicom import _config


@pytest.fixture(autouse=True)
def log_and_switches_are_put_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(_config, "UNRESTRICTED_STORAGE_SERVICE", False)
    names = ("pynetdicom", "pynetdicom._log", "pynetdicom.services")
    levels = [logging.getLogger(name).level for name in names]
    handlers = list(logging.getLogger("pynetdicom").handlers)
    yield
    logging.getLogger("pynetdicom").handlers[:] = handlers
    for name, level in zip(names, levels, strict=True):
        logging.getLogger(name).setLevel(level)
