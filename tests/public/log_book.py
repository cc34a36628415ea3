"""What the stories about the log need: a log book, as much of an association as is looked at."""

from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest
from pydicom.uid import ImplicitVRLittleEndian, JPEGBaseline8Bit

from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (
    CTImageStorage,
    MRImageStorage,
    StorageCommitmentPushModel,
    Verification,
)
from pynetdicom.user_information import ImplementationVersionNameNotification, ServiceParameter


def lines_of(log: pytest.LogCaptureFixture, level: int) -> list[str]:
    """Return what was logged at one level under the name that programs know."""
    name = "pynetdicom._handlers"
    return [r.getMessage() for r in log.records if r.levelno == level and r.name == name]


def context(context_id: int, abstract_syntax: str, *syntaxes: str) -> PresentationContext:
    made = build_context(abstract_syntax, list(syntaxes) or [ImplicitVRLittleEndian])
    made.context_id = context_id
    return made


def association(*proposed: PresentationContext) -> Any:
    """Return as much of an association as the handlers look at."""
    request = A_ASSOCIATE()
    request.presentation_context_definition_list = list(proposed)
    accepted = [context(1, Verification)]
    return SimpleNamespace(
        ae=SimpleNamespace(),
        requestor=SimpleNamespace(primitive=request),
        accepted_contexts=accepted,
        is_requestor=True,
    )


def text(golden: str) -> list[str]:
    return dedent(golden).strip("\n").split("\n")


def associate(
    primitive: A_ASSOCIATE, items: list[ServiceParameter], *, version: str | None = "TOOL_1"
) -> A_ASSOCIATE:
    primitive.calling_ae_title, primitive.called_ae_title = "ECHOSCU", "ANY-SCP"
    primitive.maximum_length_received = 16382
    primitive.implementation_class_uid = "1.2.3.9"
    if version is not None:
        item = ImplementationVersionNameNotification()
        item.implementation_version_name = version
        primitive.user_information.append(item)
    primitive.user_information += items
    return primitive


def proposal(
    *proposed: PresentationContext, items: list[ServiceParameter] | None = None
) -> A_ASSOCIATE_RQ:
    primitive = associate(A_ASSOCIATE(), items or [])
    primitive.presentation_context_definition_list = list(proposed)
    pdu = A_ASSOCIATE_RQ()
    pdu.from_primitive(primitive)
    return pdu


def decision(
    *results: int, items: list[ServiceParameter] | None = None, version: str | None = "TOOL_1"
) -> A_ASSOCIATE_AC:
    """Return an acceptance with one result for each of `PROPOSED`."""
    primitive = associate(A_ASSOCIATE(), items or [], version=version)
    decided = [context(2 * n + 1, Verification) for n in range(len(results))]
    for made, result in zip(decided, results, strict=True):
        made.result = result
    primitive.presentation_context_definition_results_list = decided
    pdu = A_ASSOCIATE_AC()
    pdu.from_primitive(primitive)
    return pdu


PROPOSED = (
    context(1, Verification),
    context(3, CTImageStorage, ImplicitVRLittleEndian, JPEGBaseline8Bit),
    context(5, MRImageStorage),
    context(7, "1.2.3.4"),
    context(9, StorageCommitmentPushModel),
)
