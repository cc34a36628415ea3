"""Presentation contexts, how both sides agree on them (PS3.8 7.1.1.13), and the prebuilt lists."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydicom.uid import UID

from pynetdicom import sop_class
from pynetdicom._globals import DEFAULT_TRANSFER_SYNTAXES
from pynetdicom.service_class import ServiceClass, StorageServiceClass
from pynetdicom.user_information import SCP_SCU_RoleSelectionNegotiation
from pynetdicom.utils import set_uid

# Results of a presentation context (PS3.8 Table 9-18), and our word for none yet.
ACCEPTED = 0x00
USER_REJECTION = 0x01
PROVIDER_REJECTION = 0x02
ABSTRACT_SYNTAX_NOT_SUPPORTED = 0x03
TRANSFER_SYNTAXES_NOT_SUPPORTED = 0x04

_STATUS = {
    None: "Pending",
    ACCEPTED: "Accepted",
    USER_REJECTION: "User Rejected",
    PROVIDER_REJECTION: "Provider Rejected",
    ABSTRACT_SYNTAX_NOT_SUPPORTED: "Abstract Syntax Not Supported",
    TRANSFER_SYNTAXES_NOT_SUPPORTED: "Transfer Syntax(es) Not Supported",
}

Roles = tuple[bool | None, bool | None]
RoleOutcome = tuple[bool, bool, bool, bool]

# Outcomes: requestor as SCU, requestor as SCP, acceptor as SCU, acceptor as SCP.
DEFAULT_ROLE: RoleOutcome = (True, False, False, True)
BOTH_SCU_SCP_ROLE: RoleOutcome = (True, True, True, True)
INVERTED_ROLE: RoleOutcome = (False, True, True, False)
CONTEXT_REJECTED: RoleOutcome = (False, False, False, False)

# What is proposed (SCU, SCP) and answered (SCU, SCP), and what comes of it (PS3.7 D.3.3.4).
# An answer cannot grant what was not proposed.
_T, _F = True, False
SCP_SCU_ROLES: dict[tuple[bool, bool], dict[tuple[bool, bool], RoleOutcome]] = {
    (_T, _T): {
        (_T, _T): BOTH_SCU_SCP_ROLE,
        (_T, _F): DEFAULT_ROLE,
        (_F, _T): INVERTED_ROLE,
        (_F, _F): CONTEXT_REJECTED,
    },
    (_T, _F): {
        (_T, _T): DEFAULT_ROLE,
        (_T, _F): DEFAULT_ROLE,
        (_F, _T): CONTEXT_REJECTED,
        (_F, _F): CONTEXT_REJECTED,
    },
    (_F, _T): {
        (_T, _T): INVERTED_ROLE,
        (_T, _F): CONTEXT_REJECTED,
        (_F, _T): INVERTED_ROLE,
        (_F, _F): CONTEXT_REJECTED,
    },
    (_F, _F): {
        (_T, _T): CONTEXT_REJECTED,
        (_T, _F): CONTEXT_REJECTED,
        (_F, _T): CONTEXT_REJECTED,
        (_F, _F): CONTEXT_REJECTED,
    },
}


class PresentationContextTuple(NamedTuple):
    """What a handler is told about the context of its request."""

    context_id: int
    abstract_syntax: UID
    transfer_syntax: UID


class PresentationContext:
    """An abstract syntax and the transfer syntaxes it may travel in (PS3.8 7.1.1.13).

    Attributes:
        result: ``None`` before the negotiation, then 0 accepted, 1 user rejection, 2 provider
            rejection, 3 abstract syntax, 4 transfer syntaxes not supported.
    """

    def __init__(self) -> None:
        self._context_id: int | None = None
        self._abstract_syntax: UID | None = None
        self._transfer_syntax: list[UID] = []
        self._scu_role: bool | None = None
        self._scp_role: bool | None = None
        self._as_scu: bool | None = None
        self._as_scp: bool | None = None
        self.result: int | None = None

    @property
    def context_id(self) -> int | None:
        """The ID: odd, from 1 to 255, ``None`` while it has none."""
        return self._context_id

    @context_id.setter
    def context_id(self, value: int | None) -> None:
        if value is not None and not (1 <= value <= 255 and value % 2):
            raise ValueError("'context_id' must be an odd integer between 1 and 255, inclusive")
        self._context_id = value

    @property
    def abstract_syntax(self) -> UID | None:
        """What is talked about, usually a SOP class."""
        return self._abstract_syntax

    @abstract_syntax.setter
    def abstract_syntax(self, uid: str | bytes | UID) -> None:
        self._abstract_syntax = set_uid(uid, "abstract_syntax", allow_none=False)

    @property
    def transfer_syntax(self) -> list[UID]:
        """The transfer syntaxes, in order of preference; setting them replaces them."""
        return self._transfer_syntax

    @transfer_syntax.setter
    def transfer_syntax(self, syntaxes: list[str] | list[bytes] | list[UID]) -> None:
        if not isinstance(syntaxes, list):
            raise TypeError("'transfer_syntax' must be a list of UIDs")
        self._transfer_syntax = []
        for syntax in syntaxes:
            self.add_transfer_syntax(syntax)

    def add_transfer_syntax(self, syntax: str | bytes | UID | None) -> None:
        """Add `syntax` behind the others, unless it is empty or already there.

        Raises:
            TypeError: `syntax` is of another type.
            ValueError: It is no UID.
        """
        uid = set_uid(syntax, "transfer_syntax")
        if uid and uid not in self._transfer_syntax:
            self._transfer_syntax.append(uid)

    @property
    def scu_role(self) -> bool | None:
        """As acceptor, whether to grant the requestor the role of SCU; ``None`` does not answer."""
        return self._scu_role

    @scu_role.setter
    def scu_role(self, value: bool | None) -> None:
        self._scu_role = _role(value, "scu_role")

    @property
    def scp_role(self) -> bool | None:
        """As acceptor, whether to grant the requestor the role of SCP; ``None`` does not answer."""
        return self._scp_role

    @scp_role.setter
    def scp_role(self, value: bool | None) -> None:
        self._scp_role = _role(value, "scp_role")

    @property
    def as_scu(self) -> bool | None:
        """Whether this side may act as SCU; ``None`` before the negotiation."""
        return self._as_scu

    @property
    def as_scp(self) -> bool | None:
        """Whether this side may act as SCP; ``None`` before the negotiation."""
        return self._as_scp

    @property
    def status(self) -> str:
        """The result in words."""
        return _STATUS.get(self.result, "Unknown")

    @property
    def as_tuple(self) -> PresentationContextTuple:
        """The context as handlers see it, with its one transfer syntax.

        Raises:
            ValueError: It has no ID or abstract syntax, or not just one transfer syntax.
        """
        if self._context_id is None or self._abstract_syntax is None:
            raise ValueError("The context has no ID or no abstract syntax")
        if len(self._transfer_syntax) != 1:
            raise ValueError("The context must have exactly one transfer syntax")
        return PresentationContextTuple(
            self._context_id, self._abstract_syntax, self._transfer_syntax[0]
        )

    def _copy(self) -> "PresentationContext":
        twin = PresentationContext()
        twin.__dict__.update(self.__dict__, _transfer_syntax=list(self._transfer_syntax))
        return twin

    def _decide(self, result: int, syntaxes: list[UID], roles: tuple[bool, bool]) -> None:
        self.result = result
        self._transfer_syntax = syntaxes
        self._as_scu, self._as_scp = roles

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PresentationContext):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(
            (
                self._abstract_syntax,
                self._context_id,
                tuple(self._transfer_syntax),
                self._as_scu,
                self._as_scp,
            )
        )

    def __repr__(self) -> str:
        return self._abstract_syntax.name if self._abstract_syntax is not None else "None"

    def __str__(self) -> str:
        lines = [] if self._context_id is None else [f"ID: {self._context_id}"]
        if self._abstract_syntax is not None:
            lines.append(f"Abstract Syntax: {self._abstract_syntax.name}")
        lines.append("Transfer Syntax(es):")
        lines += [f"    ={syntax.name}" for syntax in self._transfer_syntax] or ["    (none)"]
        if self.result is not None:
            lines.append(f"Result: {self.status}")
        if self._as_scu is not None or self._as_scp is not None:
            lines.append(f"Role: {_ROLE_NAMES[bool(self._as_scu), bool(self._as_scp)]}")
        return "\n".join(lines)


_ROLE_NAMES = {
    (True, True): "SCU and SCP",
    (True, False): "SCU only",
    (False, True): "SCP only",
    (False, False): "(none)",
}


def _role(value: Any, name: str) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise TypeError(f"'{name}' must be bool or None")
    return value


def build_context(
    abstract_syntax: str | UID, transfer_syntax: str | Sequence[str] | None = None
) -> PresentationContext:
    """Return a presentation context.

    Args:
        abstract_syntax: Its UID.
        transfer_syntax: One or several UIDs; ``None`` means the default ones, the uncompressed.

    Raises:
        ValueError: One of them is no UID.
    """
    if transfer_syntax is None:
        transfer_syntax = DEFAULT_TRANSFER_SYNTAXES
    elif isinstance(transfer_syntax, str):
        transfer_syntax = [transfer_syntax]
    context = PresentationContext()
    context.abstract_syntax = set_uid(abstract_syntax, "abstract_syntax") or UID("")
    context.transfer_syntax = list(transfer_syntax)
    return context


def build_role(
    uid: str | UID, scu_role: bool = False, scp_role: bool = False
) -> SCP_SCU_RoleSelectionNegotiation:
    """Return a role selection for ``associate(ext_neg=…)`` (PS3.7 D.3.3.4).

    Args:
        uid: The abstract syntax it is about.
        scu_role: Whether to propose that the requestor is SCU.
        scp_role: Whether to propose that the requestor is SCP.
    """
    role = SCP_SCU_RoleSelectionNegotiation()
    role.sop_class_uid = uid
    role.scu_role = scu_role
    role.scp_role = scp_role
    return role


def _outcome(proposed: Roles | None, answered: Roles | None) -> RoleOutcome:
    """Return who may do what; without a proposal or an answer the roles are the default ones."""
    if proposed is None or answered is None or None in proposed or None in answered:
        return DEFAULT_ROLE
    request = bool(proposed[0]), bool(proposed[1])
    return SCP_SCU_ROLES[request][bool(answered[0]), bool(answered[1])]


def _answer(
    rq: PresentationContext, ac: PresentationContext | None, proposed: Roles | None
) -> PresentationContext:
    """Return the acceptor's decision about one proposed context."""
    answer = _undecided(rq)
    refused = rq.transfer_syntax[:1]
    if ac is None:
        answer._decide(ABSTRACT_SYNTAX_NOT_SUPPORTED, refused, (False, False))
        return answer
    syntax = next((syntax for syntax in ac.transfer_syntax if syntax in rq.transfer_syntax), None)
    if syntax is None:
        answer._decide(TRANSFER_SYNTAXES_NOT_SUPPORTED, refused, (False, False))
        return answer
    outcome = _outcome(proposed, (ac.scu_role, ac.scp_role))
    if outcome == CONTEXT_REJECTED:
        answer._decide(USER_REJECTION, refused, (False, False))
        return answer
    answer._decide(ACCEPTED, [syntax], outcome[2:])
    if proposed is not None and ac.scu_role is not None and ac.scp_role is not None:
        answer._scu_role = bool(proposed[0]) and ac.scu_role
        answer._scp_role = bool(proposed[1]) and ac.scp_role
    return answer


def _undecided(rq: PresentationContext) -> PresentationContext:
    """Return a copy for the acceptor, whose roles are its answers, not what `rq` proposes."""
    answer = rq._copy()
    answer._scu_role = answer._scp_role = None
    return answer


def negotiate_as_acceptor(
    rq_contexts: list[PresentationContext],
    ac_contexts: list[PresentationContext],
    roles: Mapping[UID, Roles] | None = None,
) -> tuple[list[PresentationContext], list[SCP_SCU_RoleSelectionNegotiation]]:
    """Decide about the proposed contexts (PS3.8 9.3.3.2).

    Args:
        rq_contexts: What the requestor proposes.
        ac_contexts: What this side supports; its order of transfer syntaxes decides.
        roles: The requestor's role proposals: abstract syntax to (SCU, SCP).

    Returns:
        A decided context for each proposed one, accepted ones first, and the role selection
        answers.
    """
    roles = roles or {}
    supported = {context.abstract_syntax: context for context in ac_contexts}
    answers = []
    for rq in rq_contexts:
        uid = rq.abstract_syntax
        proposed = roles.get(uid) if uid is not None else None
        answers.append(_answer(rq, supported.get(uid), proposed))
    return _accepted_first(answers), _role_answers(answers)


def _accepted_first(answers: Iterable[PresentationContext]) -> list[PresentationContext]:
    return sorted(answers, key=lambda answer: answer.result != ACCEPTED)


def _role_answers(
    answers: Iterable[PresentationContext],
) -> list[SCP_SCU_RoleSelectionNegotiation]:
    by_uid = {
        answer.abstract_syntax: build_role(
            answer.abstract_syntax or "", bool(answer.scu_role), bool(answer.scp_role)
        )
        for answer in answers
        if answer.scu_role is not None
    }
    return list(by_uid.values())


def negotiate_as_requestor(
    rq_contexts: list[PresentationContext],
    ac_contexts: list[PresentationContext],
    roles: Mapping[UID, Roles] | None = None,
) -> list[PresentationContext]:
    """Return the proposed contexts as the acceptor decided them (PS3.8 9.3.3.2).

    Args:
        rq_contexts: What this side proposed, with its role proposals.
        ac_contexts: What the acceptor answered; it need not repeat the abstract syntaxes.
        roles: The acceptor's role answers: abstract syntax to (SCU, SCP).

    Raises:
        ValueError: Nothing was proposed.
    """
    if not rq_contexts:
        raise ValueError("At least one requested presentation context is needed")
    roles = roles or {}
    answered = {context.context_id: context for context in ac_contexts}
    decided = []
    for rq in rq_contexts:
        context = rq._copy()
        ac = answered.get(rq.context_id)
        if ac is None:
            context._decide(PROVIDER_REJECTION, rq.transfer_syntax[:1], (False, False))
        elif ac.result != ACCEPTED:
            context._decide(ac.result or PROVIDER_REJECTION, ac.transfer_syntax, (False, False))
        else:
            uid = rq.abstract_syntax
            granted = roles.get(uid) if uid is not None else None
            outcome = _outcome((rq.scu_role, rq.scp_role), granted)
            context._decide(ACCEPTED, ac.transfer_syntax, outcome[:2])
        decided.append(context)
    return sorted(decided, key=lambda context: context.context_id or 0)


def negotiate_unrestricted(
    rq_contexts: list[PresentationContext],
    ac_contexts: list[PresentationContext],
    roles: Mapping[UID, Roles] | None = None,
) -> tuple[list[PresentationContext], list[SCP_SCU_RoleSelectionNegotiation]]:
    """Decide about the proposed contexts, accepting whatever may be storage.

    A private, unknown or storage abstract syntax is accepted with the requestor's first transfer
    syntax and the roles it proposes; all others are decided as usual.
    """
    roles = roles or {}
    storage = [rq for rq in rq_contexts if _may_be_storage(rq)]
    others = [rq for rq in rq_contexts if not _may_be_storage(rq)]
    decided, role_items = negotiate_as_acceptor(others, ac_contexts, roles)
    accepted = []
    for rq in storage:
        proposed = roles.get(rq.abstract_syntax or UID(""))
        outcome = BOTH_SCU_SCP_ROLE if proposed is None else _outcome(proposed, proposed)
        answer = _undecided(rq)
        answer._decide(ACCEPTED, rq.transfer_syntax[:1], outcome[2:])
        if proposed is not None:
            answer._scu_role, answer._scp_role = bool(proposed[0]), bool(proposed[1])
        accepted.append(answer)
    return _accepted_first(accepted + decided), _role_answers(accepted) + role_items


def _may_be_storage(context: PresentationContext) -> bool:
    uid = context.abstract_syntax or UID("")
    known = sop_class.uid_to_service_class(uid)
    return uid.is_private or known in (StorageServiceClass, ServiceClass)


def _contexts(uids: Iterable[str]) -> list[PresentationContext]:
    return [build_context(uid) for uid in sorted(uids)]


def _family(classes: Mapping[str, str]) -> list[PresentationContext]:
    return _contexts(classes.values())


AllStoragePresentationContexts: list[PresentationContext] = _family(sop_class._STORAGE_CLASSES)
StoragePresentationContexts: list[PresentationContext] = _contexts(
    sop_class._STORAGE_PRESENTATION_UIDS
)
ApplicationEventLoggingPresentationContexts: list[PresentationContext] = _family(
    sop_class._APPLICATION_EVENT_CLASSES
)
BasicWorklistManagementPresentationContexts: list[PresentationContext] = _family(
    sop_class._BASIC_WORKLIST_CLASSES
)
ColorPalettePresentationContexts: list[PresentationContext] = _family(
    sop_class._COLOR_PALETTE_CLASSES
)
DefinedProcedureProtocolPresentationContexts: list[PresentationContext] = _family(
    sop_class._DEFINED_PROCEDURE_CLASSES
)
DisplaySystemPresentationContexts: list[PresentationContext] = _family(
    sop_class._DISPLAY_SYSTEM_CLASSES
)
HangingProtocolPresentationContexts: list[PresentationContext] = _family(
    sop_class._HANGING_PROTOCOL_CLASSES
)
ImplantTemplatePresentationContexts: list[PresentationContext] = _family(
    sop_class._IMPLANT_TEMPLATE_CLASSES
)
InstanceAvailabilityPresentationContexts: list[PresentationContext] = _family(
    sop_class._INSTANCE_AVAILABILITY_CLASSES
)
InventoryPresentationContexts: list[PresentationContext] = _family(sop_class._INVENTORY_CLASSES)
MediaCreationManagementPresentationContexts: list[PresentationContext] = _family(
    sop_class._MEDIA_CREATION_CLASSES
)
MediaStoragePresentationContexts: list[PresentationContext] = _family(
    sop_class._MEDIA_STORAGE_CLASSES
)
NonPatientObjectPresentationContexts: list[PresentationContext] = _family(
    sop_class._NON_PATIENT_OBJECT_CLASSES
)
PrintManagementPresentationContexts: list[PresentationContext] = _family(
    sop_class._PRINT_MANAGEMENT_CLASSES
)
ProcedureStepPresentationContexts: list[PresentationContext] = _family(
    sop_class._PROCEDURE_STEP_CLASSES
)
ModalityPerformedPresentationContexts: list[PresentationContext] = _family(
    sop_class._PROCEDURE_STEP_CLASSES
)
ProtocolApprovalPresentationContexts: list[PresentationContext] = _family(
    sop_class._PROTOCOL_APPROVAL_CLASSES
)
QueryRetrievePresentationContexts: list[PresentationContext] = _family(sop_class._QR_CLASSES)
RelevantPatientInformationPresentationContexts: list[PresentationContext] = _family(
    sop_class._RELEVANT_PATIENT_QUERY_CLASSES
)
RTMachineVerificationPresentationContexts: list[PresentationContext] = _family(
    sop_class._RT_MACHINE_VERIFICATION_CLASSES
)
StorageCommitmentPresentationContexts: list[PresentationContext] = _family(
    sop_class._STORAGE_COMMITMENT_CLASSES
)
StorageManagementPresentationContexts: list[PresentationContext] = _family(
    sop_class._STORAGE_MANAGEMENT_CLASSES
)
SubstanceAdministrationPresentationContexts: list[PresentationContext] = _family(
    sop_class._SUBSTANCE_ADMINISTRATION_CLASSES
)
UnifiedProcedurePresentationContexts: list[PresentationContext] = _family(
    sop_class._UNIFIED_PROCEDURE_STEP_CLASSES
)
VerificationPresentationContexts: list[PresentationContext] = _family(
    sop_class._VERIFICATION_CLASSES
)
