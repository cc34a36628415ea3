"""What the peer agrees to: associations, roles, presentation contexts, echoes."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any

from pydicom.uid import UID

import pynetdicom
from pynetdicom import (
    AE,
    ALL_TRANSFER_SYNTAXES,
    DEFAULT_TRANSFER_SYNTAXES,
    Association,
    build_context,
    build_role,
)
from pynetdicom.apps import _arguments
from pynetdicom.apps._explain import lost_association, no_association, status_text
from pynetdicom.apps._output import count_text, errors_held, plain, progress
from pynetdicom.apps._requesting import Requestor, ended
from pynetdicom.apps.doctor._finding import Finding, milliseconds
from pynetdicom.apps.doctor._line import speaks_tls
from pynetdicom.pdu_primitives import AsynchronousOperationsWindowNegotiation
from pynetdicom.presentation import (
    TRANSFER_SYNTAXES_NOT_SUPPORTED,
    PresentationContext,
)
from pynetdicom.sop_class import (
    CTImageStorage,
    ModalityWorklistInformationFind,
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)
from pynetdicom.status import GENERAL_STATUS

_MAXIMUM_CONTEXTS = 128  # of an association (PS3.8 9.3.2.2)

# Most nodes know one of these: enough for an association.
_COMMON = (
    Verification,
    CTImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    ModalityWorklistInformationFind,
)

# The service: its list of presentation contexts, as the package names it.
_SERVICES = {
    "verification": "Verification",
    "storage": "",
    "query/retrieve": "QueryRetrieve",
    "worklist": "BasicWorklistManagement",
    "storage commitment": "StorageCommitment",
    "performed procedure step": "ModalityPerformed",
    "unified procedure step": "UnifiedProcedure",
    "print": "PrintManagement",
    "instance availability": "InstanceAvailability",
    "media creation": "MediaCreationManagement",
    "non-patient objects": "NonPatientObject",
    "hanging protocols": "HangingProtocol",
    "implant templates": "ImplantTemplate",
    "color palettes": "ColorPalette",
    "defined procedure protocols": "DefinedProcedureProtocol",
    "protocol approvals": "ProtocolApproval",
    "relevant patient information": "RelevantPatientInformation",
    "substance administration": "SubstanceAdministration",
    "RT machine verification": "RTMachineVerification",
    "inventory": "Inventory",
    "storage management": "StorageManagement",
    "display system": "DisplaySystem",
    "event logging": "ApplicationEventLogging",
}
STORAGE = "storage"


@dataclass(slots=True)
class Offer:
    """What the peer says to a SOP class.

    Attributes:
        result: What became of it, in words.
        asked: How many transfer syntaxes it was asked about.
        syntaxes: Those that it accepts.
        is_scp: Whether we may be its SCP: the peer may send objects of it in a C-GET.
    """

    service: str
    sop_class: UID
    result: str = "not asked"
    is_known: bool = False
    asked: int = 0
    syntaxes: list[UID] = field(default_factory=list)
    is_scp: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return what JSON can tell."""
        return {
            "service": self.service,
            "sop_class": self.sop_class,
            "name": self.sop_class.name,
            "result": self.result,
            "transfer_syntaxes": self.syntaxes,
            "scp_role": self.is_scp,
        }


def all_offers() -> list[Offer]:
    """Return the SOP classes to ask about; each belongs to the first service that names it."""
    offers: dict[UID, Offer] = {}
    for service, name in _SERVICES.items():
        contexts = (
            _arguments.storage_contexts()
            if service == STORAGE
            else getattr(pynetdicom, f"{name}PresentationContexts")
        )
        for context in contexts:
            uid = UID(context.abstract_syntax or "")
            offers.setdefault(uid, Offer(service, uid))
    return list(offers.values())


class Negotiator:
    """Asks the peer what it agrees to.

    Args:
        requestor: Asks for associations.
        logger: The program's.
    """

    def __init__(self, requestor: Requestor, logger: logging.Logger) -> None:
        self._requestor = requestor
        self._args = requestor.args
        self._logger = logger
        self._ae: AE = _arguments.make_ae(requestor.args.calling_aet, requestor.args)

    def examine_association(self) -> Iterator[Finding]:
        """Ask for an association as others do; tell what it is like, and how fast it answers."""
        window = AsynchronousOperationsWindowNegotiation()
        window.maximum_number_operations_invoked = 0
        window.maximum_number_operations_performed = 1
        contexts = [build_context(uid, DEFAULT_TRANSFER_SYNTAXES[:2]) for uid in _COMMON]
        began = perf_counter()
        with errors_held() as errors:
            assoc = self._requestor.associate(self._ae, self._logger, contexts, ext_neg=[window])
            if not assoc.is_established:
                yield self._why_not(assoc, errors)
                return
            with ended(assoc, self._logger):
                elapsed = perf_counter() - began
                text = f"accepted in {milliseconds(elapsed)}"
                yield Finding("association", True, text, values={"seconds": elapsed})
                yield from _about(assoc)
                if self._requestor.identity is not None:
                    yield _about_identity(assoc, self._args.positive_response)
                yield self._echo(assoc, errors)
                assoc.release()

    def _why_not(self, assoc: Association, errors: Sequence[logging.LogRecord]) -> Finding:
        text = no_association(assoc, errors, self._args)
        hints = []
        if not assoc.is_rejected and not self._args.tls and speaks_tls(self._args):
            hints = ["It speaks TLS: --tls"]
        return Finding.of_failure("association", text, *hints)

    def _echo(self, assoc: Association, errors: Sequence[logging.LogRecord]) -> Finding:
        """Tell how long answers take."""
        if Verification not in {c.abstract_syntax for c in assoc.accepted_contexts}:
            hint = "Every node that is asked for associations has to answer C-ECHO (PS3.4 A.1)"
            return Finding("echo", False, "the peer does not accept C-ECHO", (hint,))
        times = []
        for number in range(1, self._args.echoes + 1):
            began = perf_counter()
            status = assoc.send_c_echo(number % 0x10000)
            times.append(perf_counter() - began)
            if not status:
                reason = lost_association(errors, self._args)
                return Finding("echo", False, f"no answer: {reason}")
            if status.Status != 0x0000:
                return Finding("echo", False, status_text(status, GENERAL_STATUS))
        middle = median(times)
        text = f"0x0000 Success in {milliseconds(middle)} (median of {len(times)})"
        return Finding("echo", True, text, values={"seconds": middle, "times": times})

    def examine_contexts(self, offers: Sequence[Offer], *, is_quick: bool) -> Iterator[Finding]:
        """Ask about each SOP class and transfer syntax, over as many associations as it takes.

        Args:
            offers: What to ask about; learn what the peer says.
            is_quick: Whether the uncompressed transfer syntaxes are enough.
        """
        by_class = {offer.sop_class: offer for offer in offers}
        roles = [offer.sop_class for offer in offers if offer.service == STORAGE]
        proposals = [build_context(uid, DEFAULT_TRANSFER_SYNTAXES) for uid in by_class]
        with progress(self._args, what="association") as bar:
            for contexts in _chunks(proposals):
                yield from self._propose(contexts, by_class, roles)
                bar.advance()
            known = [offer for offer in offers if offer.is_known]
            for offer in known:
                offer.asked = len(_syntaxes(offer, is_quick=is_quick))
                offer.syntaxes.clear()  # one that the peer has chosen: the rest is still to be seen
            singles = (
                build_context(offer.sop_class, syntax)
                for offer in known
                for syntax in _syntaxes(offer, is_quick=is_quick)
            )
            for contexts in _chunks(singles):
                yield from self._propose(contexts, by_class, ())
                bar.advance()
            number = bar.done
        accepted = sum(bool(offer.syntaxes) for offer in offers)
        text = f"{accepted:,} of {len(offers):,} SOP classes accepted"
        text += f", asked over {count_text(number, 'association')}"
        yield Finding("contexts", accepted > 0, text, values={"associations": number})
        yield _about_roles(offers)

    def _propose(
        self,
        contexts: list[PresentationContext],
        by_class: dict[UID, Offer],
        roles: Iterable[UID],
    ) -> Iterator[Finding]:
        """Ask for an association with many contexts; nothing is found if it is just decided."""
        proposed = {context.abstract_syntax for context in contexts}
        items = [build_role(uid, scu_role=True, scp_role=True) for uid in roles if uid in proposed]
        with errors_held() as errors:
            assoc = self._requestor.associate(self._ae, self._logger, contexts, ext_neg=items)
            if not assoc.is_established and not assoc.rejected_contexts:
                text = no_association(assoc, errors, self._args)
                what = count_text(len(contexts), "context")
                yield Finding.of_failure("contexts", f"{what} proposed at once: {text}")
                return
            with ended(assoc, self._logger):
                _take_decisions(assoc, by_class)
                if assoc.is_established:
                    assoc.release()


def _take_decisions(assoc: Association, by_class: dict[UID, Offer]) -> None:
    for context in assoc.accepted_contexts:
        offer = by_class[UID(context.abstract_syntax or "")]
        offer.result, offer.is_known = "accepted", True
        offer.is_scp |= bool(context.as_scp)
        offer.syntaxes += context.transfer_syntax
    for context in assoc.rejected_contexts:
        offer = by_class[UID(context.abstract_syntax or "")]
        if not offer.syntaxes:
            offer.result = plain(context.status)
        offer.is_known |= context.result == TRANSFER_SYNTAXES_NOT_SUPPORTED


def _about(assoc: Association) -> Iterator[Finding]:
    """Tell what the answer to the request says of the peer."""
    peer = assoc.acceptor
    uid, version = peer.implementation_class_uid, peer.implementation_version_name
    text = f"{plain(uid or 'no class UID')}, {plain(version or 'no version name')}"
    values: dict[str, Any] = {"class_uid": uid, "version_name": version}
    yield Finding("implementation", None, text, values=values)
    length = peer.maximum_length
    text = f"{length:,} bytes" if length else "no limit"
    yield Finding("maximum PDU", None, text, values={"bytes": length})
    invoked, performed = peer.asynchronous_operations
    text = "one at a time" if invoked == 1 else f"{invoked or 'any number'} at once"
    values = {"invoked": invoked, "performed": performed}
    yield Finding("operations", None, text, values=values)


def _about_identity(assoc: Association, is_answer_wanted: bool) -> Finding:
    if assoc.acceptor.user_identity is not None:
        return Finding("user identity", True, "confirmed", values={"is_confirmed": True})
    text = "sent; not confirmed, so nobody may have looked at it"
    if not is_answer_wanted:
        text = "sent; whether anybody looks at it, --positive-response asks"
    return Finding("user identity", None, text, values={"is_confirmed": False})


def _about_roles(offers: Sequence[Offer]) -> Finding:
    stored = [offer for offer in offers if offer.service == STORAGE and offer.syntaxes]
    number = sum(offer.is_scp for offer in stored)
    text = f"we may be SCP of {number:,} of the {len(stored):,} storage classes"
    text += ", as C-GET needs" if number else ": no C-GET"
    return Finding("roles", None, text, values={"scp": number, "of": len(stored)})


def _syntaxes(offer: Offer, *, is_quick: bool) -> Sequence[str]:
    if is_quick or offer.service != STORAGE:
        return DEFAULT_TRANSFER_SYNTAXES
    return list(dict.fromkeys([*DEFAULT_TRANSFER_SYNTAXES, *ALL_TRANSFER_SYNTAXES]))


def _chunks(contexts: Iterable[PresentationContext]) -> Iterator[list[PresentationContext]]:
    chunk: list[PresentationContext] = []
    for context in contexts:
        chunk.append(context)
        if len(chunk) == _MAXIMUM_CONTEXTS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
