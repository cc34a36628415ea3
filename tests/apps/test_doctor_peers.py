"""`doctor` with nodes of other makers: what it says of them is so."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless

from apps.stage import CT, LOOPBACK, run
from apps.test_dcmtk import dcmtk_storescp, dcmtk_tls, our_tls
from interop.dcmtk_archives import TITLE, dcmqrscp
from interop.links import Link
from interop.orthanc import orthanc
from interop.pynetdicom3 import storage_scp

pytestmark = pytest.mark.slow


def examined(port: int, *words: object, host: str = LOOPBACK) -> tuple[dict[str, Any], list[Any]]:
    """Return the findings by name, and what each SOP class may be in."""
    finished = run("doctor", host, port, "--json", *words)
    told = json.loads(finished.out)
    assert finished.status == (0 if told["ok"] else 1)
    return {finding["name"]: finding for finding in told["findings"]}, told["sop_classes"]


def accepted(classes: list[Any], service: str) -> dict[str, list[str]]:
    return {
        each["name"]: each["transfer_syntaxes"]
        for each in classes
        if each["service"] == service and each["transfer_syntaxes"]
    }


@pytest.mark.interop("dcmtk")
def test_a_storage_server_of_dcmtk(tmp_path: Path) -> None:
    with dcmtk_storescp(tmp_path, "+xa") as port:
        findings, classes = examined(port)

    stored = accepted(classes, "storage")
    assert findings["implementation"]["version_name"].startswith("OFFIS_DCMTK_")
    assert findings["maximum PDU"]["bytes"] == 16384
    assert findings["echo"]["ok"]
    assert findings["roles"]["scp"] == 0
    assert JPEG2000Lossless in stored["CT Image Storage"]
    assert accepted(classes, "query/retrieve") == {}


@pytest.mark.interop("dcmtk", "openssl")
def test_a_storage_server_of_dcmtk_with_tls(tmp_path: Path, certificates: Path) -> None:
    with dcmtk_storescp(tmp_path, *dcmtk_tls(certificates)) as port:
        words = ("--quick", *our_tls(certificates))
        findings, _ = examined(port, *words, host="localhost")
        without, _ = examined(port)

    assert findings["TLS"]["version"] in ("TLSv1.2", "TLSv1.3")
    assert findings["certificate"]["subject"] == "CN=localhost"
    assert findings["echo"]["ok"]
    assert without["association"]["hints"][-1] == "It speaks TLS: --tls"


@pytest.mark.interop("dcmtk")
def test_an_archive_of_dcmtk(tmp_path: Path) -> None:
    with dcmqrscp(tmp_path, [CT], {"ANY": 104}) as port:
        findings, classes = examined(port, "-aec", TITLE, "-aet", "ANY", "--quick")
        stranger, _ = examined(port, "-aec", "STRANGER")

    assert findings["echo"]["ok"]
    assert findings["roles"]["scp"] > 0
    found = accepted(classes, "query/retrieve")
    assert ExplicitVRLittleEndian in found["Study Root Query/Retrieve Information Model - FIND"]
    assert not stranger["association"]["ok"]
    assert "-aec TITLE" in stranger["association"]["hints"][0]


@pytest.mark.interop("orthanc")
def test_orthanc(tmp_path: Path) -> None:
    with orthanc(tmp_path, Link()) as peer:
        findings, classes = examined(peer.port, "-aec", "ORTHANC", "--quick")

    assert findings["echo"]["ok"]
    assert "CT Image Storage" in accepted(classes, "storage")
    assert findings["contexts"]["ok"]


@pytest.mark.interop
def test_pynetdicom_3(tmp_path: Path) -> None:
    with storage_scp(tmp_path, Link()) as peer:
        findings, classes = examined(peer.port, "--quick")  # it takes 0.1 s for an association

    stored = accepted(classes, "storage")
    assert findings["implementation"]["version_name"] == "PYNETDICOM_304"
    assert findings["maximum PDU"]["bytes"] == 16382
    assert ExplicitVRLittleEndian in stored["CT Image Storage"]
