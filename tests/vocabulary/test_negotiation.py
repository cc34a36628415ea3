"""How both sides agree on contexts and roles (PS3.8 9.3.3.2, PS3.7 D.3.3.4)."""

from typing import Any

import pytest
from pydicom.uid import UID

from pynetdicom.presentation import (
    BOTH_SCU_SCP_ROLE,
    CONTEXT_REJECTED,
    DEFAULT_ROLE,
    INVERTED_ROLE,
    SCP_SCU_ROLES,
    PresentationContext,
    RoleOutcome,
    Roles,
    build_context,
    build_role,
    negotiate_as_acceptor,
    negotiate_as_requestor,
    negotiate_unrestricted,
)
from pynetdicom.sop_class import (
    CTImageStorage,
    HangingProtocolStorage,
    MRImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    Verification,
)
from pynetdicom.testing import build

IMPLICIT, EXPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
BOTH, SCU, SCP, NONE = (True, True), (True, False), (False, True), (False, False)


def proposed(context_id: int, uid: str, *syntaxes: str) -> PresentationContext:
    context = build_context(uid, list(syntaxes) or [IMPLICIT])
    context.context_id = context_id
    return context


def answered(context_id: int, result: int, *syntaxes: str) -> PresentationContext:
    return build(
        PresentationContext, context_id=context_id, result=result, transfer_syntax=list(syntaxes)
    )


def supported(uid: str, *syntaxes: str, roles: Roles = (None, None)) -> PresentationContext:
    context = build_context(uid, list(syntaxes) or [IMPLICIT])
    context.scu_role, context.scp_role = roles
    return context


def decisions(contexts: list[PresentationContext]) -> list[tuple[Any, ...]]:
    """Return ID, result and transfer syntaxes of each context."""
    return [(item.context_id, item.result, item.transfer_syntax) for item in contexts]


# The acceptor.


def test_a_context_both_know_is_accepted_in_the_default_roles() -> None:
    contexts, roles = negotiate_as_acceptor([proposed(1, Verification)], [supported(Verification)])

    assert decisions(contexts) == [(1, 0, [IMPLICIT])]
    assert contexts[0].abstract_syntax == Verification
    assert (contexts[0].as_scu, contexts[0].as_scp) == (False, True)
    assert roles == []


def test_the_acceptors_order_of_transfer_syntaxes_decides() -> None:
    contexts, _ = negotiate_as_acceptor(
        [proposed(1, Verification, IMPLICIT, EXPLICIT)],
        [supported(Verification, BIG, EXPLICIT, IMPLICIT)],
    )

    assert decisions(contexts) == [(1, 0, [EXPLICIT])]


def test_an_abstract_syntax_nobody_supports_is_rejected() -> None:
    contexts, _ = negotiate_as_acceptor(
        [proposed(1, CTImageStorage, EXPLICIT, IMPLICIT)], [supported(Verification)]
    )

    assert decisions(contexts) == [(1, 3, [EXPLICIT])]
    assert (contexts[0].as_scu, contexts[0].as_scp) == (False, False)


def test_a_context_without_a_common_transfer_syntax_is_rejected() -> None:
    contexts, _ = negotiate_as_acceptor(
        [proposed(1, Verification, EXPLICIT, BIG)], [supported(Verification, IMPLICIT)]
    )

    assert decisions(contexts) == [(1, 4, [EXPLICIT])]


def test_accepted_contexts_come_first_and_every_one_is_answered() -> None:
    contexts, _ = negotiate_as_acceptor(
        [
            proposed(1, CTImageStorage),
            proposed(3, Verification),
            proposed(5, Verification, BIG),
            proposed(7, Verification),
        ],
        [supported(Verification)],
    )

    assert decisions(contexts) == [
        (3, 0, [IMPLICIT]),
        (7, 0, [IMPLICIT]),
        (1, 3, [IMPLICIT]),
        (5, 4, [BIG]),
    ]


def test_nothing_proposed_is_nothing_answered() -> None:
    assert negotiate_as_acceptor([], [supported(Verification)]) == ([], [])


def test_the_proposal_itself_stays_as_it_was() -> None:
    proposal = proposed(1, Verification, IMPLICIT, EXPLICIT)

    negotiate_as_acceptor([proposal], [supported(Verification)])

    assert proposal == proposed(1, Verification, IMPLICIT, EXPLICIT)


# The requestor.


def test_an_accepted_context_keeps_its_abstract_syntax() -> None:
    contexts = negotiate_as_requestor(
        [proposed(1, Verification, IMPLICIT, EXPLICIT)], [answered(1, 0, EXPLICIT)]
    )

    assert decisions(contexts) == [(1, 0, [EXPLICIT])]
    assert contexts[0].abstract_syntax == Verification
    assert (contexts[0].as_scu, contexts[0].as_scp) == (True, False)


@pytest.mark.parametrize("result", [1, 2, 3, 4])
@pytest.mark.parametrize("syntaxes", [(), (IMPLICIT,)])
def test_a_rejected_context_may_come_with_or_without_syntax(
    result: int, syntaxes: tuple[str, ...]
) -> None:
    contexts = negotiate_as_requestor([proposed(1, Verification)], [answered(1, result, *syntaxes)])

    assert decisions(contexts) == [(1, result, list(syntaxes))]
    assert (contexts[0].as_scu, contexts[0].as_scp) == (False, False)


def test_a_context_that_was_not_answered_is_rejected_by_the_provider() -> None:
    contexts = negotiate_as_requestor([proposed(1, Verification, EXPLICIT, BIG)], [])

    assert decisions(contexts) == [(1, 2, [EXPLICIT])]


def test_an_answer_without_result_is_a_rejection() -> None:
    undecided = answered(1, 0)
    undecided.result = None

    assert decisions(negotiate_as_requestor([proposed(1, Verification)], [undecided])) == [
        (1, 2, [])
    ]


def test_an_answer_to_what_was_not_proposed_is_ignored() -> None:
    contexts = negotiate_as_requestor(
        [proposed(1, Verification)], [answered(3, 0, IMPLICIT), answered(1, 0, IMPLICIT)]
    )

    assert decisions(contexts) == [(1, 0, [IMPLICIT])]


def test_decided_contexts_come_in_the_order_of_their_ids() -> None:
    contexts = negotiate_as_requestor(
        [proposed(5, Verification), proposed(1, CTImageStorage), proposed(3, MRImageStorage)],
        [answered(5, 0, IMPLICIT), answered(3, 0, IMPLICIT), answered(1, 3)],
    )

    assert [context.context_id for context in contexts] == [1, 3, 5]


def test_a_requestor_proposes_something() -> None:
    with pytest.raises(ValueError, match="At least one"):
        negotiate_as_requestor([], [answered(1, 0, IMPLICIT)])


# Roles: proposal, answer, and what comes of it, for every pair there is.

ROLE_TABLE: list[tuple[Roles, Roles, RoleOutcome]] = [
    (BOTH, BOTH, BOTH_SCU_SCP_ROLE),
    (BOTH, SCU, DEFAULT_ROLE),
    (BOTH, SCP, INVERTED_ROLE),
    (BOTH, NONE, CONTEXT_REJECTED),
    (SCU, BOTH, DEFAULT_ROLE),
    (SCU, SCU, DEFAULT_ROLE),
    (SCU, SCP, CONTEXT_REJECTED),
    (SCU, NONE, CONTEXT_REJECTED),
    (SCP, BOTH, INVERTED_ROLE),
    (SCP, SCU, CONTEXT_REJECTED),
    (SCP, SCP, INVERTED_ROLE),
    (SCP, NONE, CONTEXT_REJECTED),
    (NONE, BOTH, CONTEXT_REJECTED),
    (NONE, SCU, CONTEXT_REJECTED),
    (NONE, SCP, CONTEXT_REJECTED),
    (NONE, NONE, CONTEXT_REJECTED),
]
LEFT_OPEN: list[tuple[Roles | None, Roles]] = [
    (None, BOTH),
    (None, (None, None)),
    ((None, True), BOTH),
    ((True, None), SCP),
    (BOTH, (None, None)),
    (SCP, (None, True)),
    (SCP, (True, None)),
]


def test_the_outcomes_are_who_may_do_what() -> None:
    # Requestor as SCU, requestor as SCP, acceptor as SCU, acceptor as SCP.
    assert DEFAULT_ROLE == (True, False, False, True)
    assert BOTH_SCU_SCP_ROLE == (True, True, True, True)
    assert INVERTED_ROLE == (False, True, True, False)
    assert CONTEXT_REJECTED == (False, False, False, False)


@pytest.mark.parametrize(("proposal", "answer", "outcome"), ROLE_TABLE)
def test_the_role_table_is_as_in_the_standard(
    proposal: tuple[bool, bool], answer: tuple[bool, bool], outcome: RoleOutcome
) -> None:
    assert SCP_SCU_ROLES[proposal][answer] == outcome


@pytest.mark.parametrize(("proposal", "answer", "outcome"), ROLE_TABLE)
def test_the_acceptor_decides_about_the_roles(
    proposal: Roles, answer: Roles, outcome: RoleOutcome
) -> None:
    (context,), roles = negotiate_as_acceptor(
        [proposed(1, Verification)],
        [supported(Verification, roles=answer)],
        {UID(Verification): proposal},
    )

    is_accepted = outcome != CONTEXT_REJECTED
    assert context.result == (0 if is_accepted else 1)
    assert (context.as_scu, context.as_scp) == outcome[2:]
    granted = [(role.sop_class_uid, role.scu_role, role.scp_role) for role in roles]
    both = (bool(proposal[0] and answer[0]), bool(proposal[1] and answer[1]))
    assert granted == ([(Verification, *both)] if is_accepted else [])


@pytest.mark.parametrize(("proposal", "answer", "outcome"), ROLE_TABLE)
def test_the_requestor_learns_its_roles(
    proposal: Roles, answer: Roles, outcome: RoleOutcome
) -> None:
    request = proposed(1, Verification)
    request.scu_role, request.scp_role = proposal

    (context,) = negotiate_as_requestor(
        [request], [answered(1, 0, IMPLICIT)], {UID(Verification): answer}
    )

    assert context.result == 0
    assert (context.as_scu, context.as_scp) == outcome[:2]


@pytest.mark.parametrize(("proposal", "answer"), LEFT_OPEN)
def test_roles_that_one_side_leaves_open_are_the_default_ones(
    proposal: Roles | None, answer: Roles
) -> None:
    proposals = {} if proposal is None else {UID(Verification): proposal}
    request = proposed(1, Verification)
    request.scu_role, request.scp_role = proposal or (None, None)

    (accepted,), roles = negotiate_as_acceptor(
        [proposed(1, Verification)], [supported(Verification, roles=answer)], proposals
    )
    (confirmed,) = negotiate_as_requestor(
        [request],
        [answered(1, 0, IMPLICIT)],
        {UID(Verification): answer} if proposal else {},
    )

    assert (accepted.result, confirmed.result) == (0, 0)
    assert (accepted.as_scu, accepted.as_scp) == DEFAULT_ROLE[2:]
    assert (confirmed.as_scu, confirmed.as_scp) == DEFAULT_ROLE[:2]
    assert roles == [] or proposal not in (None, BOTH)


def test_a_proposal_that_was_not_answered_leaves_the_default_roles() -> None:
    request = proposed(1, CTImageStorage)
    request.scu_role, request.scp_role = SCP

    (context,) = negotiate_as_requestor([request], [answered(1, 0, IMPLICIT)])

    assert (context.as_scu, context.as_scp) == (True, False)


def test_the_role_of_a_class_is_answered_once_for_all_its_contexts() -> None:
    _, roles = negotiate_as_acceptor(
        [proposed(1, CTImageStorage), proposed(3, CTImageStorage, EXPLICIT)],
        [supported(CTImageStorage, IMPLICIT, EXPLICIT, roles=BOTH)],
        {UID(CTImageStorage): BOTH},
    )

    assert roles == [build_role(CTImageStorage, scu_role=True, scp_role=True)]


def test_roles_of_the_proposing_context_itself_are_no_answer() -> None:
    request = proposed(1, Verification)
    request.scu_role, request.scp_role = BOTH

    (context,), roles = negotiate_as_acceptor([request], [supported(Verification)])

    assert roles == []
    assert (context.as_scu, context.as_scp) == (False, True)


# Whatever may be storage.

PRIVATE, UNKNOWN = "1.2.3.4.5", "1.2.840.10008.999"
FIND = PatientRootQueryRetrieveInformationModelFind


@pytest.mark.parametrize("uid", [PRIVATE, UNKNOWN, CTImageStorage])
def test_unrestricted_storage_accepts_what_may_be_storage(uid: str) -> None:
    contexts, roles = negotiate_unrestricted([proposed(1, uid, BIG, IMPLICIT)], [])

    assert decisions(contexts) == [(1, 0, [BIG])]
    assert (contexts[0].as_scu, contexts[0].as_scp) == (True, True)
    assert roles == []


@pytest.mark.parametrize("uid", [Verification, FIND, HangingProtocolStorage])
def test_unrestricted_storage_decides_about_the_rest_as_usual(uid: str) -> None:
    refused, _ = negotiate_unrestricted([proposed(1, uid, EXPLICIT)], [])
    accepted, _ = negotiate_unrestricted(
        [proposed(1, uid, EXPLICIT, IMPLICIT)], [supported(uid, IMPLICIT)]
    )

    assert decisions(refused) == [(1, 3, [EXPLICIT])]
    assert decisions(accepted) == [(1, 0, [IMPLICIT])]


@pytest.mark.parametrize(
    ("proposal", "outcome"),
    [
        (BOTH, BOTH_SCU_SCP_ROLE),
        (SCU, DEFAULT_ROLE),
        (SCP, INVERTED_ROLE),
        (NONE, CONTEXT_REJECTED),
    ],
)
def test_unrestricted_storage_grants_the_roles_that_are_proposed(
    proposal: Roles, outcome: RoleOutcome
) -> None:
    (context,), roles = negotiate_unrestricted([proposed(1, PRIVATE)], [], {UID(PRIVATE): proposal})

    assert context.result == 0
    assert (context.as_scu, context.as_scp) == outcome[2:]
    assert roles == [build_role(PRIVATE, bool(proposal[0]), bool(proposal[1]))]


def test_unrestricted_storage_answers_all_contexts_and_all_roles() -> None:
    contexts, roles = negotiate_unrestricted(
        [proposed(1, MRImageStorage, BIG), proposed(3, FIND), proposed(5, PRIVATE)],
        [supported(FIND, roles=BOTH)],
        {UID(FIND): BOTH, UID(PRIVATE): SCP},
    )

    assert [context.context_id for context in contexts] == [1, 5, 3]
    assert {context.result for context in contexts} == {0}
    assert roles == [
        build_role(PRIVATE, scp_role=True),
        build_role(FIND, scu_role=True, scp_role=True),
    ]


def test_unrestricted_storage_puts_the_rejected_last() -> None:
    contexts, _ = negotiate_unrestricted([proposed(1, FIND), proposed(3, PRIVATE)], [])

    assert [(context.context_id, context.result) for context in contexts] == [(3, 0), (1, 3)]
