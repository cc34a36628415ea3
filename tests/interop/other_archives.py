"""Archives of other projects, filled with our studies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from interop import peer_scripts, studies
from interop.conversations import Answer, Conversation, find
from interop.front import OUR_TITLE
from interop.processes import Command
from interop.studies import PENDING, WHOLE_STUDY, query
from pynetdicom.sop_class import (
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
)

EXPECTED = studies.selected(WHOLE_STUDY)
NO_STUDY = query("STUDY", StudyInstanceUID="1.2.3")
NO_PATIENT = query("PATIENT", PatientID="NOBODY")


@dataclass(frozen=True, slots=True)
class Archive:
    """A running archive of another project.

    Attributes:
        port: Where it listens.
        title: Its AE title.
        our_port: Where our SCP must listen for what it moves.
    """

    port: int
    title: str
    our_port: int


@contextmanager
def scripted_archive(
    script: Command, our_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Archive]:
    files = studies.files(tmp_path_factory.mktemp("studies"))
    models = [
        context.abstract_syntax or "" for context in studies.FIND + studies.GET + studies.MOVE
    ]
    answers = [Answer(PENDING, studies.answer(query("STUDY", StudyInstanceUID=""), EXPECTED[0]))]
    finds = Conversation(
        "finds",
        [*models, *studies.STORAGE_CLASSES],
        [
            find(StudyRootQueryRetrieveInformationModelFind, NO_STUDY, *answers),
            find(PatientRootQueryRetrieveInformationModelFind, NO_PATIENT),
        ],
    )
    with peer_scripts.answering(
        script,
        tmp_path_factory.mktemp("peer"),
        [finds],
        studies.STORAGE_CLASSES,
        is_endless=True,
        instances=[str(path) for path in files[: len(EXPECTED)]],
        destinations={OUR_TITLE: our_port},
        storage=studies.STORAGE_CLASSES,
    ) as running:
        yield Archive(running.port, peer_scripts.TITLE, our_port)
