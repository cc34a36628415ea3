"""Programs set up the log and switches of their process; in-process tests put them back."""

import logging
from collections.abc import Iterator

import pytest

from pynetdicom import _config


@pytest.fixture(autouse=True)
def log_and_switches_are_put_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(_config, "UNRESTRICTED_STORAGE_SERVICE", False)
    logger = logging.getLogger("pynetdicom")
    handlers, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)
