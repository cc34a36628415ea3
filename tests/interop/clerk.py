"""An SCP of ours for any service: it notes what it is asked and says what it was told to say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset

from interop.conversations import Answer, Conversation, Heard
from interop.front import Handlers
from pynetdicom import evt


@dataclass(slots=True)
class Clerk:
    """Handlers that answer as a conversation says.

    Attributes:
        conversation: The questions to come, with their answers.
        heard: What was asked.
        associations: By which association it was.
    """

    conversation: Conversation
    heard: list[Heard] = field(default_factory=list)
    associations: list[Any] = field(default_factory=list)

    @property
    def handlers(self) -> Handlers:
        return [
            (evt.EVT_C_FIND, self.find),
            (evt.EVT_N_EVENT_REPORT, self.event_report),
            (evt.EVT_N_GET, self.get),
            (evt.EVT_N_SET, self.set),
            (evt.EVT_N_ACTION, self.action),
            (evt.EVT_N_CREATE, self.create),
            (evt.EVT_N_DELETE, self.delete),
        ]

    def find(self, event: evt.Event) -> Iterator[tuple[Dataset, Dataset | None]]:
        model = event.request.AffectedSOPClassUID
        question = Heard("C-FIND", model, data_set=event.identifier)
        for answer in self._answers(event, question):
            yield answer.as_returned

    def event_report(self, event: evt.Event) -> tuple[Dataset, Dataset | None]:
        information = event.event_information or None
        return self._answer(
            event, Heard("N-EVENT-REPORT", *_affected(event), event.event_type, None, information)
        )

    def get(self, event: evt.Event) -> tuple[Dataset, Dataset | None]:
        tags = tuple(int(tag) for tag in event.attribute_identifiers)
        return self._answer(event, Heard("N-GET", *_requested(event), tags=tags))

    def set(self, event: evt.Event) -> tuple[Dataset, Dataset | None]:
        modifications = event.modification_list
        return self._answer(event, Heard("N-SET", *_requested(event), data_set=modifications))

    def action(self, event: evt.Event) -> tuple[Dataset, Dataset | None]:
        information = event.action_information or None
        return self._answer(
            event, Heard("N-ACTION", *_requested(event), event.action_type, None, information)
        )

    def create(self, event: evt.Event) -> tuple[Dataset, Dataset | None]:
        attributes = event.attribute_list or None
        return self._answer(event, Heard("N-CREATE", *_affected(event), data_set=attributes))

    def delete(self, event: evt.Event) -> Dataset:
        return self._answer(event, Heard("N-DELETE", *_requested(event)))[0]

    def _answer(self, event: evt.Event, question: Heard) -> tuple[Dataset, Dataset | None]:
        return self._answers(event, question)[0].as_returned

    def _answers(self, event: evt.Event, question: Heard) -> tuple[Answer, ...]:
        self.heard.append(question)
        self.associations.append(event.assoc)
        known = {each.question.key: each.answers for each in self.conversation.dialogues}
        return known[question.key]


def _affected(event: evt.Event) -> tuple[str, str | None]:
    return event.request.AffectedSOPClassUID, event.request.AffectedSOPInstanceUID


def _requested(event: evt.Event) -> tuple[str, str | None]:
    return event.request.RequestedSOPClassUID, event.request.RequestedSOPInstanceUID
