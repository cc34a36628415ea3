"""Every service class, with other implementations on the other side (PS3.4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interop import dcmjs, dialogues, peer_scripts, pynetdicom3
from interop.clerk import Clerk
from interop.conversations import Conversation, Ear, ask_all, without_repeats
from interop.front import Front
from interop.peer_scripts import Answering
from pynetdicom import build_role
from pynetdicom.presentation import PresentationContext

pytestmark = [pytest.mark.interop, pytest.mark.slow]


# What dcmjs-dimse can say: it needs a context of each request's SOP class, splits texts at
# backslashes, puts an error's comment into the response after it as well, and takes FF01 for final.
FOR_DCMJS = (
    dialogues.WORKLIST,
    dialogues.PERFORMED_STEP,
    dialogues.COMMITMENT,
    dialogues.AVAILABILITY,
    dialogues.MEDIA,
    dialogues.VERIFICATION,
)


@pytest.fixture(scope="module")
def running_dcmjs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    script, folder = dcmjs.script("dcmjs_answers.js"), tmp_path_factory.mktemp("dcmjs")
    with peer_scripts.answering(script, folder, FOR_DCMJS) as answering:
        yield answering


@pytest.fixture
def dcmjs_peer(running_dcmjs: Answering) -> Answering:
    running_dcmjs.lines()  # what an earlier test has asked
    return running_dcmjs


@pytest.fixture(scope="module")
def running_peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    script = pynetdicom3.script("pynetdicom_answers.py")
    conversations = [*dialogues.CONVERSATIONS, dialogues.EVENTS]
    with_roles, folder = dialogues.EVENTS.contexts, tmp_path_factory.mktemp("pynetdicom")
    with peer_scripts.answering(script, folder, conversations, with_roles) as answering:
        yield answering


@pytest.fixture
def peer(running_peer: Answering) -> Answering:
    running_peer.lines()  # what an earlier test has asked
    return running_peer


def in_either_role(conversation: Conversation) -> list[PresentationContext]:
    contexts = conversation.presentation_contexts
    for context in contexts:
        context.scu_role = context.scp_role = True
    return contexts


@pytest.mark.parametrize("conversation", dialogues.CONVERSATIONS, ids=str)
def test_pynetdicom_3_answers_us(front: Front, peer: Answering, conversation: Conversation) -> None:
    contexts, ear = conversation.presentation_contexts, Ear()

    with front.associate(peer.port, contexts, evt_handlers=ear.handlers) as scu:
        told = ask_all(scu, ear, conversation)

    assert peer.heard() == conversation.questions
    assert told == conversation.told


@pytest.mark.parametrize("conversation", dialogues.CONVERSATIONS, ids=str)
def test_we_answer_pynetdicom_3(front: Front, conversation: Conversation) -> None:
    script, clerk = pynetdicom3.script("pynetdicom_asks.py"), Clerk(conversation)

    with front.accept(conversation.presentation_contexts, clerk.handlers) as scp:
        asked = peer_scripts.ask(script, scp.port, conversation.contexts, conversation.dialogues)

    assert without_repeats(clerk.heard) == conversation.questions
    assert asked.told == conversation.told


def test_pynetdicom_3_hears_of_events_from_us(front: Front, peer: Answering) -> None:
    events, ear = dialogues.EVENTS, Ear()
    as_scp = [build_role(uid, scp_role=True) for uid in events.contexts]

    with front.associate(
        peer.port, events.presentation_contexts, ext_neg=as_scp, evt_handlers=ear.handlers
    ) as scp:
        told = ask_all(scp, ear, events)

    assert peer.heard() == events.questions
    assert told == events.told


def test_we_hear_of_events_from_pynetdicom_3(front: Front) -> None:
    events, clerk = dialogues.EVENTS, Clerk(dialogues.EVENTS)
    script, as_scp = pynetdicom3.script("pynetdicom_asks.py"), (False, True)

    with front.accept(in_either_role(events), clerk.handlers) as scu:
        roles = [(uid, *as_scp) for uid in events.contexts]
        asked = peer_scripts.ask(script, scu.port, events.contexts, events.dialogues, roles=roles)

    assert without_repeats(clerk.heard) == events.questions
    assert asked.told == events.told


@pytest.mark.parametrize("conversation", FOR_DCMJS, ids=str)
def test_dcmjs_answers_us(front: Front, dcmjs_peer: Answering, conversation: Conversation) -> None:
    contexts, ear = conversation.presentation_contexts, Ear()

    with front.associate(dcmjs_peer.port, contexts, evt_handlers=ear.handlers) as scu:
        told = ask_all(scu, ear, conversation)

    assert dcmjs_peer.heard() == conversation.questions
    assert told == conversation.told


@pytest.mark.parametrize("conversation", FOR_DCMJS, ids=str)
def test_we_answer_dcmjs(front: Front, conversation: Conversation) -> None:
    script, clerk = dcmjs.script("dcmjs_asks.js"), Clerk(conversation)

    with front.accept(conversation.presentation_contexts, clerk.handlers) as scp:
        asked = peer_scripts.ask(script, scp.port, conversation.contexts, conversation.dialogues)

    assert clerk.heard == conversation.questions
    assert asked.told == conversation.told
