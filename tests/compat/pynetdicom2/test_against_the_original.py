"""Programs for pynetdicom2 do the same on ours as on the original, and with either as their peer.

A wire in between remembers the messages. They are equal but for what `DIFFERENT` names, which are
mistakes of the original.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from compat.pynetdicom2.stage import ORIGINAL, OURS, Tap, output_of, serving
from interop.samples import data_set_of, named
from ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.slow]

IMPLICIT = "1.2.840.10008.1.2"
PAIRS = [(OURS, OURS), (OURS, ORIGINAL), (ORIGINAL, OURS)]
SAMPLES = named("CT_small.dcm", "MR_small_RLE.dcm", "SC_rgb_jpeg_dcmd.dcm", "examples_jpeg2k.dcm")

# Elements that the original sends with other values than the standard says.
DIFFERENT = {
    ("C_ECHO", "answers"): {"AffectedSOPClassUID"},  # empty
    ("C_MOVE", "answers"): {
        "NumberOfWarningSuboperations",  # counts all
        "NumberOfRemainingSuboperations",  # in the final response, too
    },
    ("C_STORE", "asks"): {
        "MoveOriginatorApplicationEntityTitle",  # its own
        "MoveOriginatorMessageID",  # that of the C-STORE
    },
}


def comparable(messages: list[Any]) -> list[Any]:
    return [
        (number, way, name, _without(elements, DIFFERENT.get((name, way), set())), data)
        for number, way, name, elements, data in messages
    ]


def _without(elements: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in elements.items() if name not in names}


def archive_conversations(client: str, server: str, folder: Path) -> dict[str, Any]:
    """Play all programs that ask an archive, and return whatever can be seen of it."""
    kept = folder / "kept"
    kept.mkdir(parents=True)
    store_port, port = free_port(), free_port()
    with (
        serving(server, folder, "store.py", store_port, kept, IMPLICIT),
        Tap(store_port).open() as to_store,
        serving(server, folder, "archive.py", port, to_store.port),
        Tap(port).open() as to_archive,
    ):
        printed = [output_of(client, name, to_archive.port) for name in ("ask.py", "by_hand.py")]
    return {
        "printed": printed,
        "to the archive": comparable(to_archive.messages()),
        "negotiated": to_archive.negotiations(),
        "moved": comparable(to_store.messages()),
        "kept": {path.name: data_set_of(path.read_bytes()) for path in sorted(kept.iterdir())},
    }


@pytest.fixture(scope="module")
def as_it_was(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return archive_conversations(ORIGINAL, ORIGINAL, tmp_path_factory.mktemp("original"))


@pytest.mark.parametrize(("client", "server"), PAIRS)
def test_an_archive_and_those_who_ask_it_say_the_same(
    as_it_was: dict[str, Any], client: str, server: str, tmp_path: Path
) -> None:
    seen = archive_conversations(client, server, tmp_path)

    assert seen["printed"] == as_it_was["printed"]
    assert seen["to the archive"] == as_it_was["to the archive"]
    assert seen["negotiated"] == as_it_was["negotiated"]
    assert seen["moved"] == as_it_was["moved"]
    assert seen["kept"] == as_it_was["kept"]
    assert len(seen["kept"]) == 3


@pytest.mark.parametrize(("client", "server"), PAIRS)
def test_files_arrive_as_they_are_in_whatever_transfer_syntax(
    client: str, server: str, tmp_path: Path
) -> None:
    port, kept = free_port(), tmp_path / "kept"
    kept.mkdir()
    syntaxes = {sample.transfer_syntax for sample in SAMPLES} | {IMPLICIT}

    with serving(server, tmp_path, "store.py", port, kept, *sorted(syntaxes)):
        printed = output_of(client, "send.py", port, "STORE", *[s.path for s in SAMPLES])

    assert printed.splitlines() == ["0x0 True"] * 5
    sent = {f"{sample.sop_instance}.dcm": sample.data_set for sample in SAMPLES}
    files = {path.name: data_set_of(path.read_bytes()) for path in kept.iterdir()}
    assert files.pop("1.2.3.99.dcm").endswith(b"Data^Set")
    assert files == sent


# With the original as keeper no report comes, not even to the original.
@pytest.mark.parametrize("client", [OURS, ORIGINAL])
def test_commitment_is_reported_by_an_association_of_its_own(client: str, tmp_path: Path) -> None:
    keeper, asker = free_port(), free_port()

    with serving(OURS, tmp_path, "commitment.py", keeper, asker, "keep"):
        printed = output_of(client, "commitment.py", asker, keeper, "ask")

    assert printed.splitlines() == [
        "0x0 True",
        "report 1.2.3.4 [('1.2.840.10008.5.1.4.1.1.2', '1.2.3.1')]",
        "failed [('1.2.840.10008.5.1.4.1.1.2', '1.2.3.9', 274)]",
        "came True",
    ]
