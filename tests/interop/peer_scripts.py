"""The scripts in `peers/` that ask or answer anything: what they are given and what they say.

An asking script reads one JSON object from its standard input::

    title, called: AE titles;  contexts: [abstract syntax, transfer syntaxes] each
    roles: [SOP class, SCU role, SCP role] each
    requests: as `Dialogue.as_json` makes them
    reports: how many N-EVENT-REPORTs it is to wait for;  wait: how long, in seconds
    refuses: UIDs of instances it does not want

and prints a JSON object a line: {request, status, details, instance, dataset} for each response,
{stored} for each C-STORE and {report, instance, dataset} for each N-EVENT-REPORT it is sent.

An answering script reads a JSON object from a file::

    title: its AE title
    contexts: [abstract syntax, transfer syntaxes, SCU role, SCP role] each, or without the roles
    answers: [status, details, dataset] by `Heard.key`, a list of them to a query
    is_endless: whether it goes on answering a query until it is told to stop
    instances: paths of what a C-GET or C-MOVE gives;  destinations: ports by AE title
    storage: the SOP classes of the instances
    reports: [event type, dataset] to be sent behind an N-ACTION, by action type

and appends a JSON object a line to another file: {operation, class, instance, number, tags,
dataset} for each request, {operation: "reported", status} for each report.

Data sets are in the DICOM JSON model (PS3.18 F).
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset

from interop.conversations import (
    UNCOMPRESSED,
    Conversation,
    Dialogue,
    Heard,
    Told,
    heard_by_json,
    told_by_json,
)
from interop.processes import DEADLINE, Command, run, running
from ports import free_port

TITLE = "PEER"


@dataclass(slots=True)
class Asked:
    """What an asking script has to tell.

    Attributes:
        told: What it was told in answer to each of its requests.
        details: The whole status of each answer.
        stored: The instances it was sent.
        reports: The events it was told of: type, instance and information.
    """

    told: list[list[Told]] = field(default_factory=list)
    details: list[list[Dataset]] = field(default_factory=list)
    stored: list[Dataset] = field(default_factory=list)
    reports: list[tuple[int, str, Dataset]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answering:
    """A running answering script.

    Attributes:
        port: Where it listens.
        notes: The file it writes.
    """

    port: int
    notes: Path

    def heard(self) -> list[Heard]:
        """Return what it was asked since the last call."""
        return [heard_by_json(line) for line in self.lines()]

    def lines(self) -> list[dict[str, Any]]:
        """Return what it noted since the last call."""
        lines = self.notes.read_text().splitlines()
        self.notes.write_text("")
        return [json.loads(line) for line in lines]


def ask(
    script: Command,
    port: int,
    contexts: Iterable[str],
    dialogues: Iterable[Dialogue],
    **options: Any,
) -> Asked:
    """Let a script ask, and return what it has to tell.

    Args:
        script: The command that runs it.
        port: Where the SCP listens.
        contexts: The abstract syntaxes to propose.
        dialogues: What to ask; their answers do not matter.
        options: Further values of its input.
    """
    given = {
        "title": TITLE,
        "called": "ANY-SCP",
        "contexts": [[uid, UNCOMPRESSED] for uid in contexts],
        "roles": [],
        "refuses": [],
        "reports": 0,
        "wait": DEADLINE / 2,
        "requests": [each.as_json(number) for number, each in enumerate(dialogues, 1)],
        **options,
    }
    lines = run([*script, str(port)], given=json.dumps(given)).splitlines()
    return _asked([json.loads(line) for line in lines if line.startswith("{")])


@contextmanager
def answering(
    script: Command,
    folder: Path,
    conversations: Sequence[Conversation],
    with_roles: Container[str] = (),
    **options: Any,
) -> Iterator[Answering]:
    """Let a script answer what the conversations contain while the block lasts.

    Args:
        script: The command that runs it.
        folder: Where its files go.
        conversations: What it is to be asked.
        with_roles: The SOP classes for which it accepts either role.
        options: Further values of its input.
    """
    peer, given = Answering(free_port(), folder / "heard"), folder / "script.json"
    peer.notes.touch()
    classes = sorted({uid for conversation in conversations for uid in conversation.contexts})
    values = {
        "title": TITLE,
        "contexts": [
            [uid, UNCOMPRESSED, *([True, True] if uid in with_roles else [])] for uid in classes
        ],
        "answers": _answers(conversations),
        "is_endless": False,
        "instances": [],
        "destinations": {},
        "storage": [],
        "reports": {},
        **options,
    }
    given.write_text(json.dumps(values))
    with running([*script, str(peer.port), given, peer.notes], peer.port, folder / "log"):
        yield peer


def _answers(conversations: Iterable[Conversation]) -> Mapping[str, Any]:
    answers: dict[str, Any] = {}
    for dialogue in (each for conversation in conversations for each in conversation.dialogues):
        said: list[Any] = [answer.as_json() for answer in dialogue.answers]
        if dialogue.question.operation != "C-FIND":
            (said,) = said
        assert answers.setdefault(dialogue.question.key, said) == said
    return answers


def _asked(lines: Iterable[dict[str, Any]]) -> Asked:
    asked = Asked()
    for line in lines:
        if "stored" in line:
            asked.stored.append(Dataset.from_json(line["stored"]))
        elif "report" in line:
            information = Dataset.from_json(line["dataset"] or {})
            asked.reports.append((line["report"], line["instance"], information))
        else:
            _add_answer(asked, line)
    return asked


def _add_answer(asked: Asked, line: dict[str, Any]) -> None:
    if line["request"] == len(asked.told):
        asked.told.append([])
        asked.details.append([])
    asked.told[-1].append(told_by_json(line))
    asked.details[-1].append(Dataset.from_json(line["details"]))
