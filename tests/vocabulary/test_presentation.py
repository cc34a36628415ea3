"""Presentation contexts as users build and read them (PS3.8 7.1.1.13)."""

from typing import Any

import pytest
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

import pynetdicom.presentation as module
from pynetdicom._globals import (
    ALL_TRANSFER_SYNTAXES,
    APPLICATION_CONTEXT_NAME,
    DEFAULT_MAX_LENGTH,
    DEFAULT_TRANSFER_SYNTAXES,
)
from pynetdicom.presentation import (
    PresentationContext,
    PresentationContextTuple,
    build_context,
    build_role,
)
from pynetdicom.sop_class import CTImageStorage, Verification
from pynetdicom.testing import build

PRIVATE = "1.2.3.4"


def test_a_new_context_says_nothing() -> None:
    context = PresentationContext()

    assert context.context_id is None
    assert context.abstract_syntax is None
    assert context.transfer_syntax == []
    assert context.result is None
    assert (context.scu_role, context.scp_role) == (None, None)
    assert (context.as_scu, context.as_scp) == (None, None)
    assert repr(context) == "None"
    assert str(context).split() == ["Transfer", "Syntax(es):", "(none)"]


@pytest.mark.parametrize("context_id", [1, 3, 127, 253, 255, None])
def test_a_context_id_is_odd(context_id: int | None) -> None:
    assert build(PresentationContext, context_id=context_id).context_id == context_id


@pytest.mark.parametrize("context_id", [-1, 0, 2, 254, 256, 257])
def test_no_other_context_id_is_taken(context_id: int) -> None:
    with pytest.raises(ValueError, match="odd integer between 1 and 255"):
        build(PresentationContext, context_id=context_id)


@pytest.mark.parametrize("uid", [PRIVATE, b"1.2.3.4", UID(PRIVATE)])
def test_an_abstract_syntax_may_be_text_bytes_or_uid(uid: Any) -> None:
    context = build(PresentationContext, abstract_syntax=uid)

    assert isinstance(context.abstract_syntax, UID)
    assert context.abstract_syntax == PRIVATE
    assert repr(context) == PRIVATE


@pytest.mark.parametrize(
    ("uid", "error"), [(None, TypeError), (1.2, TypeError), ("1" * 65, ValueError)]
)
def test_a_bad_abstract_syntax_is_refused(uid: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="abstract_syntax"):
        build(PresentationContext, abstract_syntax=uid)


def test_transfer_syntaxes_are_replaced_without_duplicates_and_blanks() -> None:
    context = build(PresentationContext, transfer_syntax=["1.1"])

    a_mix: Any = ["1.2", b"1.3", UID("1.2"), ""]
    context.transfer_syntax = a_mix

    assert context.transfer_syntax == ["1.2", "1.3"]
    assert all(isinstance(syntax, UID) for syntax in context.transfer_syntax)


def test_a_transfer_syntax_is_added_once() -> None:
    context = build(PresentationContext, transfer_syntax=["1.1"])

    for syntax in ("1.2", b"1.2", UID("1.1"), None, ""):
        context.add_transfer_syntax(syntax)

    assert context.transfer_syntax == ["1.1", "1.2"]


@pytest.mark.parametrize("syntaxes", ["1.2", ("1.2",), None])
def test_transfer_syntaxes_are_a_list(syntaxes: Any) -> None:
    with pytest.raises(TypeError, match="list of UIDs"):
        build(PresentationContext, transfer_syntax=syntaxes)


def test_a_bad_transfer_syntax_is_refused() -> None:
    with pytest.raises(ValueError, match="transfer_syntax"):
        PresentationContext().add_transfer_syntax("1" * 65)
    with pytest.raises(TypeError, match="transfer_syntax"):
        build(PresentationContext, transfer_syntax=[1])


@pytest.mark.parametrize("name", ["scu_role", "scp_role"])
@pytest.mark.parametrize("value", [True, False, None])
def test_a_role_is_granted_denied_or_left_open(name: str, value: bool | None) -> None:
    assert getattr(build(PresentationContext, **{name: value}), name) is value


@pytest.mark.parametrize("name", ["scu_role", "scp_role"])
@pytest.mark.parametrize("value", [1, 0, "yes"])
def test_a_role_is_nothing_else(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=name):
        build(PresentationContext, **{name: value})


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (None, "Pending"),
        (0, "Accepted"),
        (1, "User Rejected"),
        (2, "Provider Rejected"),
        (3, "Abstract Syntax Not Supported"),
        (4, "Transfer Syntax(es) Not Supported"),
        (5, "Unknown"),
    ],
)
def test_the_result_is_said_in_words(result: int | None, words: str) -> None:
    assert build(PresentationContext, result=result).status == words


def test_a_handler_is_told_id_and_syntaxes() -> None:
    context = build_context(Verification, ImplicitVRLittleEndian)
    context.context_id = 5

    assert context.as_tuple == PresentationContextTuple(5, Verification, ImplicitVRLittleEndian)


@pytest.mark.parametrize(
    "context",
    [
        build_context(Verification, ImplicitVRLittleEndian),
        build(PresentationContext, context_id=1, transfer_syntax=["1.2"]),
        build(PresentationContext, context_id=1, abstract_syntax="1.2"),
        build(
            PresentationContext,
            context_id=1,
            abstract_syntax="1.2",
            transfer_syntax=["1.3", "1.4"],
        ),
    ],
)
def test_a_context_that_is_not_decided_is_not_for_handlers(context: PresentationContext) -> None:
    with pytest.raises(ValueError, match="context"):
        _ = context.as_tuple


def test_contexts_are_equal_when_all_they_say_is() -> None:
    one, same = build_context(Verification), build_context(Verification)

    assert one == same
    assert hash(one) == hash(same)
    assert one != build_context(CTImageStorage)
    assert one != build_context(Verification, "1.2")
    assert one != Verification
    same.scu_role = True
    assert one != same


def test_a_context_is_shown_in_lines() -> None:
    context = build_context(Verification, ExplicitVRLittleEndian)
    context.context_id = 1
    context._decide(0, context.transfer_syntax, (True, False))

    assert repr(context) == "Verification SOP Class"
    assert str(context).splitlines() == [
        "ID: 1",
        "Abstract Syntax: Verification SOP Class",
        "Transfer Syntax(es):",
        "    =Explicit VR Little Endian",
        "Result: Accepted",
        "Role: SCU only",
    ]


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ((True, True), "Role: SCU and SCP"),
        ((False, True), "Role: SCP only"),
        ((False, False), "Role: (none)"),
    ],
)
def test_the_roles_are_said_in_words(roles: tuple[bool, bool], words: str) -> None:
    context = build_context(Verification)
    context._decide(0, [], roles)

    assert str(context).splitlines()[-1] == words


# Building.


def test_a_context_is_built_with_the_uncompressed_syntaxes() -> None:
    one, other = build_context(Verification), build_context(Verification)

    one.add_transfer_syntax("1.2.3")

    assert one.abstract_syntax == Verification
    assert other.transfer_syntax == DEFAULT_TRANSFER_SYNTAXES
    assert len(DEFAULT_TRANSFER_SYNTAXES) == 4


@pytest.mark.parametrize("syntaxes", ["1.2", UID("1.2"), ["1.2"], [b"1.2"]])
def test_a_context_is_built_with_one_or_several_syntaxes(syntaxes: Any) -> None:
    assert build_context(Verification, syntaxes).transfer_syntax == ["1.2"]


def test_a_context_cannot_be_built_of_what_is_no_uid() -> None:
    with pytest.raises(ValueError, match="abstract_syntax"):
        build_context("1" * 65)
    with pytest.raises(ValueError, match="transfer_syntax"):
        build_context(Verification, ["1" * 65])


def test_a_role_selection_is_built() -> None:
    role = build_role(CTImageStorage, scp_role=True)

    assert role.sop_class_uid == CTImageStorage
    assert (role.scu_role, role.scp_role) == (False, True)


# The lists that are there.

PREBUILT = {
    "AllStoragePresentationContexts": 170,
    "StoragePresentationContexts": 120,
    "ApplicationEventLoggingPresentationContexts": 2,
    "BasicWorklistManagementPresentationContexts": 1,
    "ColorPalettePresentationContexts": 3,
    "DefinedProcedureProtocolPresentationContexts": 3,
    "DisplaySystemPresentationContexts": 1,
    "HangingProtocolPresentationContexts": 3,
    "ImplantTemplatePresentationContexts": 9,
    "InstanceAvailabilityPresentationContexts": 1,
    "MediaCreationManagementPresentationContexts": 1,
    "MediaStoragePresentationContexts": 1,
    "NonPatientObjectPresentationContexts": 9,
    "PrintManagementPresentationContexts": 12,
    "ProcedureStepPresentationContexts": 3,
    "ModalityPerformedPresentationContexts": 3,
    "ProtocolApprovalPresentationContexts": 3,
    "QueryRetrievePresentationContexts": 13,
    "RelevantPatientInformationPresentationContexts": 3,
    "RTMachineVerificationPresentationContexts": 2,
    "StorageCommitmentPresentationContexts": 1,
    "SubstanceAdministrationPresentationContexts": 2,
    "UnifiedProcedurePresentationContexts": 5,
    "VerificationPresentationContexts": 1,
}


@pytest.mark.parametrize("name", PREBUILT)
def test_a_prebuilt_list_is_sorted_and_uncompressed(name: str) -> None:
    contexts = getattr(module, name)
    uids = [context.abstract_syntax for context in contexts]

    assert len(contexts) == PREBUILT[name]
    assert uids == sorted(set(uids))
    assert all(context.transfer_syntax == DEFAULT_TRANSFER_SYNTAXES for context in contexts)
    assert {context.context_id for context in contexts} == {None}


def test_the_constants_of_users_are_here() -> None:
    assert len(ALL_TRANSFER_SYNTAXES) == len(set(ALL_TRANSFER_SYNTAXES)) == 45
    assert ALL_TRANSFER_SYNTAXES[:4] == DEFAULT_TRANSFER_SYNTAXES
    assert DEFAULT_MAX_LENGTH == 16382
    assert APPLICATION_CONTEXT_NAME == "1.2.840.10008.3.1.1.1"
