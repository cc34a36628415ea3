"""DCMTK asks and answers AEs of pynetdicom 1.1."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset

from compat.stage import FIND, GET, MOVE, answers, identifier, image, started, statuses
from interop import dcmtk, dcmtk_archives
from interop.links import Link
from ports import free_port
from pynetdicom import AE, build_role
from pynetdicom.compat import v1
from pynetdicom.sop_class import CTImageStorage, Verification

pytestmark = [
    pytest.mark.interop("dcmtk"),
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*is the way of pynetdicom 1.1:DeprecationWarning"),
]


class Archive:
    """The callbacks of a small archive."""

    def __init__(self, destination: int = 0) -> None:
        self._destination = destination
        self.parameters: list[dict[str, Any]] = []

    def on_c_echo(self, context: Any, info: Any) -> int:
        self.parameters.append(info["parameters"])
        return 0x0000

    def on_c_find(self, dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        for name in ("First^Match", "Second^Match"):
            yield 0xFF00, identifier(name)

    def on_c_get(self, dataset: Dataset, context: Any, info: Any) -> Iterator[Any]:
        yield 2
        yield 0xFF00, image("One", "1.2.1")
        yield 0xFF00, image("Two", "1.2.2")

    def on_c_move(self, dataset: Dataset, move_aet: Any, context: Any, info: Any) -> Iterator[Any]:
        yield "127.0.0.1", self._destination
        yield from self.on_c_get(dataset, context, info)


@pytest.fixture(params=[AE, v1.AE])
def ae(request: pytest.FixtureRequest) -> Any:
    ae = request.param(ae_title="OLD")
    for syntax in (Verification, FIND, GET, MOVE):
        ae.add_supported_context(syntax)
    ae.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
    ae.add_requested_context(CTImageStorage)
    return ae


def set_callbacks(ae: Any, archive: Archive) -> None:
    for name in ("on_c_echo", "on_c_find", "on_c_get", "on_c_move"):
        setattr(ae, name, getattr(archive, name))


def test_dcmtk_echoes(ae: Any) -> None:
    archive = Archive()
    set_callbacks(ae, archive)

    with started(ae) as port:
        dcmtk.echoscu(port, Link(), "127.0.0.1")

    assert archive.parameters == [{"message_id": 1}]


def test_dcmtk_finds_what_a_callback_yields(ae: Any, tmp_path: Path) -> None:
    set_callbacks(ae, Archive())

    with started(ae) as port:
        matches, _ = dcmtk_archives.findscu(
            port, tmp_path, "-P", *dcmtk_archives.keys(identifier())
        )

    assert [match.PatientName for match in matches] == ["First^Match", "Second^Match"]


def test_dcmtk_gets_what_a_callback_yields(ae: Any, tmp_path: Path) -> None:
    set_callbacks(ae, Archive())

    with started(ae) as port:
        stored, output = dcmtk_archives.getscu(
            port, tmp_path, "-P", *dcmtk_archives.keys(identifier())
        )

    assert sorted(str(instance.PatientName) for instance in stored) == ["One", "Two"]
    assert dcmtk_archives.final_counters(output)["Completed"] == "2"


def test_dcmtk_has_moved_what_a_callback_yields(ae: Any, tmp_path: Path) -> None:
    destination = free_port()
    set_callbacks(ae, Archive(destination))

    with started(ae) as port:
        stored, _ = dcmtk_archives.movescu(
            port, tmp_path, destination, "-P", *dcmtk_archives.keys(identifier())
        )

    assert sorted(str(instance.PatientName) for instance in stored) == ["One", "Two"]


def test_an_archive_of_dcmtk_is_asked_with_letters(tmp_path: Path) -> None:
    received: list[str] = []

    def on_c_store(dataset: Dataset, context: Any, info: Any) -> int:
        received.append(str(dataset.PatientName))
        return 0x0000

    asker: Any = v1.AE(b"ASKER")
    for syntax in (FIND, GET, CTImageStorage):
        asker.add_requested_context(syntax)
    asker.on_c_store = on_c_store
    role = build_role(CTImageStorage, scu_role=True, scp_role=True)
    sent = image("From^Here")
    sent.PatientID, sent.StudyInstanceUID, sent.SeriesInstanceUID = "ID", "1.2.1", "1.2.2"
    wanted = identifier("From^Here")
    wanted.PatientID = "ID"

    with dcmtk_archives.dcmqrscp(tmp_path, [], {}) as port:
        assoc = asker.associate("localhost", port, ae_title=dcmtk_archives.TITLE, ext_neg=[role])
        kept = assoc.send_c_store(sent)
        found = answers(assoc.send_c_find(wanted, query_model="P"))
        got = statuses(assoc.send_c_get(wanted, 2, query_model="P"))
        assoc.release()

    assert kept.Status == 0x0000
    assert [match and str(match.PatientName) for _, match in found] == ["From^Here", None]
    assert (got[-1], received) == (0x0000, ["From^Here"])
