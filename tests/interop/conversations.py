"""What is said by either side of a service: dialogues, and how they read in JSON for peers.

The same dialogue is spoken four times: we ask and a peer answers, a peer asks and we answer, and
both with either front. What an SCP hears must be what was asked, what an SCU is told must be what
was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from interop.front import SUCCESS, Handlers, Reply, Speaker
from pynetdicom import build_context, evt
from pynetdicom.presentation import PresentationContext

UNCOMPRESSED: list[str] = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]

# The statuses behind which a query goes on (PS3.4 C.4.1.1.4 and C.6.4.1.3).
GOING_ON = (0xFF00, 0xFF01, 0xB001)

# What a status says besides its number.
REMARKS = ("ErrorComment", "ErrorID", "OffendingElement")


def data(**elements: Any) -> Dataset:
    """Return a data set with these elements."""
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


@dataclass(frozen=True, slots=True)
class Answer:
    """What an SCP says: a status with its remarks, and a data set."""

    status: int = SUCCESS
    data_set: Dataset | None = None
    remarks: Dataset = field(default_factory=Dataset)

    def as_json(self) -> list[Any]:
        return [self.status, self.remarks.to_json_dict(), _to_json(self.data_set)]

    @property
    def as_returned(self) -> tuple[Dataset, Dataset | None]:
        """This answer as a handler returns it."""
        status = Dataset(dict(self.remarks.items()))
        status.Status = self.status
        return status, self.data_set


@dataclass(frozen=True, slots=True)
class Told:
    """What an SCU was told: the status, what it says besides, about what, and the data set."""

    status: int | None
    remarks: dict[str, Any]
    instance: str | None
    data_set: Dataset | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What an SCP was asked."""

    operation: str
    class_uid: str
    instance: str | None = None
    number: int | None = None
    tags: tuple[int, ...] | None = None
    data_set: Dataset | None = None

    @property
    def key(self) -> str:
        if self.operation.startswith("C-"):
            return f"{self.operation} {self.class_uid}"
        return f"{self.operation} {self.class_uid} {self.instance} {self.number}"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A request and its answers.

    Attributes:
        question: The request as an SCP must hear it.
        answers: What the SCP's handler says: one answer, or several to a query.
        meta: The abstract syntax of the context, when it is not the SOP class.
        destination: Where a C-MOVE goes.
        cancel_after: The response behind which the SCU has had enough.
    """

    question: Heard
    answers: tuple[Answer, ...] = ()
    meta: UID | None = None
    destination: str | None = None
    cancel_after: int | None = None

    @property
    def told(self) -> list[Told]:
        """What the SCU must be told."""
        if self.question.operation == "C-FIND":
            is_over = bool(self.answers) and self.answers[-1].status not in GOING_ON
            answers = self.answers if is_over else [*self.answers, DONE]
            said = [answer.as_returned for answer in answers]
            return [_told(status, None, data_set) for status, data_set in said]
        (answer,) = self.answers
        status, data_set = answer.as_returned
        if self.question.instance or data_set is None:
            return [_told(status, self.question.instance, data_set)]
        # The handler names the instance; the name goes into the response (PS3.7 10.1.5.1.4).
        rest = Dataset(dict(data_set.items()))
        del rest.AffectedSOPInstanceUID
        return [_told(status, data_set.AffectedSOPInstanceUID, rest)]

    def as_json(self, message_id: int) -> dict[str, Any]:
        asked = self.question
        return {
            "operation": asked.operation,
            "class": asked.class_uid,
            "instance": asked.instance,
            "number": asked.number,
            "tags": asked.tags,
            "dataset": _to_json(asked.data_set),
            "meta": self.meta,
            "destination": self.destination,
            "cancel_after": self.cancel_after,
            "message_id": message_id,
        }


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is said over one association.

    Attributes:
        name: What it is about.
        contexts: The abstract syntaxes that are proposed and accepted.
        dialogues: What is said.
    """

    name: str
    contexts: Sequence[str]
    dialogues: Sequence[Dialogue]

    def __str__(self) -> str:
        return self.name

    @property
    def presentation_contexts(self) -> list[PresentationContext]:
        return [build_context(uid, UNCOMPRESSED) for uid in self.contexts]

    @property
    def questions(self) -> list[Heard]:
        return [dialogue.question for dialogue in self.dialogues]

    @property
    def told(self) -> list[list[Told]]:
        return [dialogue.told for dialogue in self.dialogues]


DONE = Answer()


def find(model: str, identifier: Dataset, *found: Answer) -> Dialogue:
    return Dialogue(Heard("C-FIND", model, data_set=identifier), found)


def create(
    class_uid: UID,
    instance: str | None,
    data_set: Dataset | None,
    answer: Answer = DONE,
    meta: UID | None = None,
) -> Dialogue:
    return Dialogue(Heard("N-CREATE", class_uid, instance, data_set=data_set), (answer,), meta)


def change(
    class_uid: UID,
    instance: str,
    data_set: Dataset,
    answer: Answer = DONE,
    meta: UID | None = None,
) -> Dialogue:
    return Dialogue(Heard("N-SET", class_uid, instance, data_set=data_set), (answer,), meta)


def look_at(
    class_uid: UID,
    instance: str,
    tags: tuple[int, ...],
    answer: Answer,
    meta: UID | None = None,
) -> Dialogue:
    return Dialogue(Heard("N-GET", class_uid, instance, tags=tags), (answer,), meta)


def act(
    class_uid: UID,
    instance: str,
    number: int,
    data_set: Dataset | None,
    answer: Answer = DONE,
    meta: UID | None = None,
) -> Dialogue:
    return Dialogue(
        Heard("N-ACTION", class_uid, instance, number, data_set=data_set), (answer,), meta
    )


def report(
    class_uid: UID,
    instance: str,
    number: int,
    data_set: Dataset | None,
    answer: Answer = DONE,
    meta: UID | None = None,
) -> Dialogue:
    asked = Heard("N-EVENT-REPORT", class_uid, instance, number, data_set=data_set)
    return Dialogue(asked, (answer,), meta)


def delete(
    class_uid: UID,
    instance: str,
    answer: Answer = DONE,
    meta: UID | None = None,
) -> Dialogue:
    return Dialogue(Heard("N-DELETE", class_uid, instance), (answer,), meta)


@dataclass(slots=True)
class Ear:
    """Hears which command sets come over an association of ours.

    Attributes:
        command: The last one: not all that it says is returned by the method that asked.
    """

    command: Dataset = field(default_factory=Dataset)

    @property
    def handlers(self) -> Handlers:
        return [(evt.EVT_DIMSE_RECV, self.hear)]

    def hear(self, event: evt.Event) -> None:
        self.command = event.message.command_set


def ask(scu: Speaker, ear: Ear, dialogue: Dialogue, message_id: int) -> list[Told]:
    """Ask over an association of ours."""
    asked, replies = dialogue.question, list(_replies(scu, dialogue, message_id))
    if asked.operation == "C-FIND":
        return [_told(status, None, data_set) for status, data_set in replies]
    ((status, data_set),) = replies
    return [_told(status, ear.command.get("AffectedSOPInstanceUID"), data_set)]


def ask_all(scu: Speaker, ear: Ear, conversation: Conversation) -> list[list[Told]]:
    """Ask everything over an association of ours."""
    numbered = enumerate(conversation.dialogues, 1)
    return [ask(scu, ear, dialogue, number) for number, dialogue in numbered]


def _replies(scu: Speaker, dialogue: Dialogue, message_id: int) -> Iterable[Reply]:
    asked, last = dialogue.question, (message_id, dialogue.meta)
    named = asked.class_uid, asked.instance
    match asked.operation:
        case "C-FIND":
            return scu.send_c_find(asked.data_set, asked.class_uid, message_id)
        case "N-EVENT-REPORT":
            return [scu.send_n_event_report(asked.data_set, asked.number, *named, *last)]
        case "N-GET":
            return [scu.send_n_get(list(asked.tags or ()), *named, *last)]
        case "N-SET":
            return [scu.send_n_set(asked.data_set, *named, *last)]
        case "N-ACTION":
            return [scu.send_n_action(asked.data_set, asked.number, *named, *last)]
        case "N-CREATE":
            return [scu.send_n_create(asked.data_set, *named, *last)]
        case _:
            return [(scu.send_n_delete(*named, *last), None)]


def told_by_json(line: dict[str, Any]) -> Told:
    """Return what the SCU of a peer says it was told."""
    status = Dataset.from_json(line["details"] or {})
    status.Status = line["status"]
    return _told(status, line["instance"], _from_json(line["dataset"]))


def heard_by_json(line: dict[str, Any]) -> Heard:
    """Return what the SCP of a peer says it was asked."""
    tags = None if line["tags"] is None else tuple(line["tags"])
    named = line["operation"], line["class"], line["instance"] or None, line["number"]
    return Heard(*named, tags, _from_json(line["dataset"]))


def without_repeats(heard: Iterable[Heard]) -> list[Heard]:
    """Leave out what was asked again: a peer may have missed the answer."""
    return [each for each, _ in groupby(heard)]


def _told(status: Dataset, instance: str | None, data_set: Dataset | None) -> Told:
    remarks = {key: status[key].value for key in REMARKS if key in status}
    return Told(status.get("Status"), remarks, instance, data_set or None)


def _to_json(data_set: Dataset | None) -> Any:
    return None if data_set is None else data_set.to_json_dict()


def _from_json(data_set: Any) -> Dataset | None:
    return Dataset.from_json(data_set) if data_set else None
