"""Storage commitment: the answer comes later, on the same association or on another (PS3.4 J)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from pydicom.dataset import Dataset

from interop import dialogues, orthanc_archive, peer_scripts, pynetdicom3, studies
from interop.conversations import data
from interop.front import OUR_TITLE, SUCCESS, Front, Handlers
from interop.orthanc_archive import OrthancArchive
from interop.processes import DEADLINE
from ports import free_port
from pynetdicom import build_context, build_role, evt
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance

pytestmark = [pytest.mark.interop, pytest.mark.slow]

REQUEST, ALL_KEPT, SOME_LOST = 1, 1, 2
PUSH_MODEL = (StorageCommitmentPushModel, StorageCommitmentPushModelInstance)
CONTEXTS = [build_context(StorageCommitmentPushModel)]
# Who opens an association to tell of the result is the SCP all the same (PS3.4 J.3.3).
AS_SCP = [build_role(StorageCommitmentPushModel, scp_role=True)]


def in_either_role() -> list[PresentationContext]:
    context = build_context(StorageCommitmentPushModel)
    context.scu_role = context.scp_role = True
    return [context]


@dataclass(slots=True)
class Reports:
    """An SCU of ours that is told of results."""

    queue: Queue[tuple[int, Dataset]] = field(default_factory=Queue)

    @property
    def handlers(self) -> Handlers:
        return [(evt.EVT_N_EVENT_REPORT, self.report)]

    def report(self, event: evt.Event) -> tuple[int, None]:
        self.queue.put((event.event_type, event.event_information))
        return SUCCESS, None

    def next(self) -> tuple[int, Dataset]:
        return self.queue.get(timeout=DEADLINE)


@dataclass(slots=True)
class Requests:
    """An SCP of ours that is asked to keep instances, and has something done about it."""

    then: Callable[[evt.Event], None]
    information: list[Dataset] = field(default_factory=list)

    @property
    def handlers(self) -> Handlers:
        return [(evt.EVT_N_ACTION, self.action)]

    def action(self, event: evt.Event) -> tuple[int, None]:
        self.information.append(event.action_information)
        self.then(event)
        return SUCCESS, None


@pytest.fixture(scope="module")
def our_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def orthanc(our_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancArchive]:
    with orthanc_archive.orthanc_archive(tmp_path_factory.mktemp("orthanc")) as running:
        running.know(OUR_TITLE, our_port)
        running.hold(studies.instances())
        yield running


def test_pynetdicom_3_reports_to_us_on_the_same_association(front: Front, tmp_path: Path) -> None:
    script, reports = pynetdicom3.script("pynetdicom_answers.py"), Reports()
    result = [SOME_LOST, dialogues.COMMITMENT_RESULT.to_json_dict()]

    with (
        peer_scripts.answering(
            script, tmp_path, [dialogues.COMMITMENT], reports={REQUEST: result}
        ) as peer,
        front.associate(peer.port, CONTEXTS, evt_handlers=reports.handlers) as scu,
    ):
        status, _ = scu.send_n_action(dialogues.COMMITMENT_REQUEST, REQUEST, *PUSH_MODEL)
        report = reports.next()

    assert status.Status == SUCCESS
    assert report == (SOME_LOST, dialogues.COMMITMENT_RESULT)


def test_we_report_to_pynetdicom_3_on_the_same_association(front: Front) -> None:
    script, associations = pynetdicom3.script("pynetdicom_asks.py"), Queue[Any]()
    requests = Requests(lambda event: associations.put(event.assoc))

    with (
        ThreadPoolExecutor(1) as thread,
        front.accept(CONTEXTS, requests.handlers) as scp,
    ):
        asking = thread.submit(
            peer_scripts.ask,
            script,
            scp.port,
            dialogues.COMMITMENT.contexts,
            dialogues.COMMITMENT.dialogues,
            reports=1,
        )
        speaker = scp.speak(associations.get(timeout=DEADLINE))
        status, _ = speaker.send_n_event_report(dialogues.COMMITMENT_RESULT, SOME_LOST, *PUSH_MODEL)
        asked = asking.result(DEADLINE)

    assert requests.information == [dialogues.COMMITMENT_REQUEST]
    assert asked.told == dialogues.COMMITMENT.told
    assert status.Status == SUCCESS
    assert asked.reports == [(SOME_LOST, PUSH_MODEL[1], dialogues.COMMITMENT_RESULT)]


def test_orthanc_reports_to_us_on_another_association(
    front: Front, orthanc: OrthancArchive, our_port: int
) -> None:
    kept, reports = studies.instances()[0], Reports()
    request = data(
        TransactionUID=f"{studies.ROOT}.90",
        ReferencedSOPSequence=[reference(kept), reference(kept, unknown=True)],
    )

    with front.accept(in_either_role(), reports.handlers, our_port):
        with front.associate(orthanc.port, CONTEXTS) as scu:
            status, _ = scu.send_n_action(request, REQUEST, *PUSH_MODEL)
        event, result = reports.next()

    (lost,) = result.FailedSOPSequence
    assert status.Status == SUCCESS
    assert (event, result.TransactionUID) == (SOME_LOST, request.TransactionUID)
    assert result.ReferencedSOPSequence == [reference(kept)]
    assert lost.ReferencedSOPInstanceUID == reference(kept, unknown=True).ReferencedSOPInstanceUID


def test_we_report_to_orthanc_on_another_association(
    front: Front, orthanc: OrthancArchive, our_port: int
) -> None:
    requests = Requests(lambda event: None)

    with front.accept(CONTEXTS, requests.handlers, our_port):
        path = orthanc.commit()
    (request,) = requests.information
    before = orthanc.commitment(path)["Status"]
    with front.associate(orthanc.port, CONTEXTS, ext_neg=AS_SCP) as scp:
        status, _ = scp.send_n_event_report(request, ALL_KEPT, *PUSH_MODEL)

    after = orthanc.commitment(path)
    assert (before, after["Status"]) == ("Pending", "Success")
    assert status.Status == SUCCESS
    assert sorted(each["SOPInstanceUID"] for each in after["Success"]) == orthanc.sop_instances()


def reference(instance: Dataset, *, unknown: bool = False) -> Dataset:
    uid = f"{instance.SOPInstanceUID}.99" if unknown else instance.SOPInstanceUID
    return data(ReferencedSOPClassUID=instance.SOPClassUID, ReferencedSOPInstanceUID=uid)
