"""Fixtures of the interoperability suite: the front under test, and the way to the peer."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest

from interop import dcmtk_archives, orthanc_archive, pynetdicom3, studies
from interop.front import OUR_TITLE, Front
from interop.links import Certificates, Link, make_certificates
from interop.other_archives import Archive, scripted_archive
from ports import free_port
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


@pytest.fixture(scope="module")
def our_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def dcmqrscp(our_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    files = studies.files(tmp_path_factory.mktemp("studies"))
    folder = tmp_path_factory.mktemp("dcmqrscp")
    with dcmtk_archives.dcmqrscp(folder, files, {OUR_TITLE: our_port}) as port:
        yield Archive(port, dcmtk_archives.TITLE, our_port)


@pytest.fixture(scope="module")
def orthanc(our_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with orthanc_archive.orthanc_archive(tmp_path_factory.mktemp("orthanc")) as running:
        running.know(OUR_TITLE, our_port)
        running.hold(studies.instances())
        yield Archive(running.port, orthanc_archive.TITLE, our_port)


@pytest.fixture(scope="module")
def pynetdicom(our_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    script = pynetdicom3.script("pynetdicom_answers.py")
    with scripted_archive(script, our_port, tmp_path_factory) as running:
        yield running
