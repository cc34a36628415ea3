"""Orthanc as an archive: query, retrieve, worklists and storage commitment, either side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset

from interop import studies
from interop.dcmtk_archives import worklist
from interop.links import Link
from interop.orthanc import Orthanc, orthanc
from interop.processes import missing

# Where Debian puts it.
WORKLISTS = Path("/usr/share/orthanc/plugins/libModalityWorklists.so")

TITLE = "ORTHANC"
# The name by which Orthanc knows another node; not its AE title.
NODE = "node"


class OrthancArchive(Orthanc):
    """A running Orthanc that knows another node."""

    def know(self, title: str, port: int) -> None:
        """Tell Orthanc where another node is."""
        address = {"AET": title, "Host": "localhost", "Port": port}
        self._json("PUT", f"modalities/{NODE}", address)

    def hold(self, instances: Sequence[Dataset]) -> None:
        for instance in instances:
            self.upload(studies.encoded(instance))

    def sop_instances(self) -> list[str]:
        """Return the SOP instance UIDs of what Orthanc holds, in order."""
        every = self._json("GET", "instances?expand")
        return sorted(each["MainDicomTags"]["SOPInstanceUID"] for each in every)

    def query(self, identifier: Dataset) -> tuple[str, list[dict[str, str]]]:
        """Let Orthanc query the node; return where the query is, and the answers by keyword."""
        keys = {each.keyword: str(each.value or "") for each in identifier}
        level = keys.pop("QueryRetrieveLevel").capitalize()
        path = self._post(f"modalities/{NODE}/query", {"Level": level, "Query": keys})
        found = self._json("GET", f"{path}/answers?expand&simplify")
        return path, found

    def retrieve(self, query: str) -> None:
        """Let Orthanc have all matches of a query moved to itself."""
        self._json("POST", f"{query}/retrieve", {"TargetAet": TITLE, "Synchronous": True})

    def commit(self) -> str:
        """Let Orthanc ask the node to keep what it holds; return where the answer will be."""
        return self._post(f"modalities/{NODE}/storage-commitment", {"Resources": self.instances()})

    def commitment(self, path: str) -> dict[str, Any]:
        """Return what Orthanc knows of an answer."""
        known: dict[str, Any] = self._json("GET", path)
        return known

    def _post(self, path: str, body: object) -> str:
        made: dict[str, str] = self._json("POST", path, body)
        return made["Path"].lstrip("/")


@contextmanager
def orthanc_archive(folder: Path) -> Iterator[OrthancArchive]:
    """Run an archive that lets everybody query and retrieve while the block lasts."""
    allowed = dict.fromkeys(("Find", "Get", "Move"), True)
    options = {f"DicomAlwaysAllow{name}": value for name, value in allowed.items()}
    with orthanc(folder, Link(), **options) as running:
        yield OrthancArchive(running.port, running.rest_port, running.link)


@contextmanager
def orthanc_worklists(folder: Path, items: Sequence[Dataset]) -> Iterator[int]:
    """Run a worklist server with these items while the block lasts, and give its port."""
    if not WORKLISTS.exists():
        missing(f"Orthanc ({WORKLISTS} is not installed)")
    worklist(folder / "worklists", items)
    options = {
        "Plugins": [str(WORKLISTS)],
        "Worklists": {"Enable": True, "Database": str(folder / "worklists")},
        "DicomAlwaysAllowFindWorklist": True,
    }
    with orthanc(folder, Link(), **options) as running:
        yield running.port
