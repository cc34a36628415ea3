"""What the stories of the services are given."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from pynetdicom._blocking import run

Perform = Callable[[Any], Any]


@pytest.fixture(params=[run, asyncio.run], ids=["stepped", "awaited"])
def perform(request: pytest.FixtureRequest) -> Perform:
    """Both ways in which conversations are performed: stepped by hand, or by an event loop."""
    chosen: Perform = request.param
    return chosen
