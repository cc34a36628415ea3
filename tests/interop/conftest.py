"""Fixtures of the interoperability suite: the front under test, and the way to the peer."""

from __future__ import annotations

from importlib import import_module

import pytest

from interop.front import Front
from interop.links import Certificates, Link, make_certificates
from pynetdicom import _config


@pytest.fixture(params=["blocking", "asyncio"])
def front(request: pytest.FixtureRequest) -> Front:
    # Imported by name: so the blocking half also runs against an implementation without asyncio.
    module = import_module(f"interop.front_{request.param}")
    made: Front = getattr(module, request.param.capitalize())()
    return made


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module", params=["TCP", "TLS"])
def link(request: pytest.FixtureRequest) -> Link:
    if request.param == "TCP":
        return Link()
    return Link(request.getfixturevalue("certificates"))


@pytest.fixture
def files_sent_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_config, "STORE_SEND_CHUNKED_DATASET", True)


@pytest.fixture(params=["in memory", "in a file"])
def reception(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(_config, "STORE_RECV_CHUNKED_DATASET", request.param == "in a file")
    return str(request.param)
