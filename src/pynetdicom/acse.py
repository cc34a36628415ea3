"""How associations begin and end (PS3.8 7.1 to 7.4, PS3.7 D.3): negotiation, release, abort.

`ACSE` is written once for both fronts. Its `async` methods wait for the peer; the others only hand
a primitive to the core. Flags are set and events told before a primitive goes out, since users look
at the other side's flags as soon as a call returns.
"""

import logging
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from pydicom.uid import UID

from pynetdicom import events as evt
from pynetdicom._globals import APPLICATION_CONTEXT_NAME
from pynetdicom._options import Options
from pynetdicom._service_user import ServiceUser
from pynetdicom.fsm import State
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_P_ABORT, A_RELEASE, DIAGNOSTICS
from pynetdicom.presentation import (
    ACCEPTED,
    PresentationContext,
    Roles,
    negotiate_as_acceptor,
    negotiate_as_requestor,
    negotiate_unrestricted,
)
from pynetdicom.upper_layer import ACSEPrimitive, UpperLayer
from pynetdicom.user_information import (
    AsynchronousOperationsWindowNegotiation,
    ServiceParameter,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)

LOGGER = logging.getLogger(__name__)

# Result, source and diagnostic of a rejection (PS3.8 Table 9-21).
Rejection = tuple[int, int, int]
CALLING_TITLE_NOT_RECOGNISED: Rejection = (1, 1, 3)
CALLED_TITLE_NOT_RECOGNISED: Rejection = (1, 1, 7)
IDENTITY_REFUSED: Rejection = (2, 2, 1)
LIMIT_EXCEEDED: Rejection = (2, 3, 2)


class NegotiatingAssociation(Protocol):
    """What an association offers to its `ACSE`."""

    requestor: ServiceUser
    acceptor: ServiceUser
    dul: Any
    is_established: bool
    is_rejected: bool
    is_aborted: bool
    is_released: bool
    acse_timeout: float | None
    dimse_timeout: float | None
    _abandoned: set[int]
    _core: UpperLayer
    _handlers: evt.Handlers

    @property
    def ae(self) -> Any:
        """The application entity."""

    @property
    def is_requestor(self) -> bool:
        """Whether this side requests the association."""

    def _put(self, primitive: ACSEPrimitive) -> None:
        """Hand a primitive to the core, and what it says to the transport."""

    def _flush(self) -> None:
        """Hand what the core says to the transport."""

    async def _receive_acse(self, timeout: float | None) -> ACSEPrimitive | None:
        """Return the next answer of the peer, ``None`` when the association ended before."""

    @property
    def _is_over(self) -> bool:
        """Whether the association has ended."""

    async def _await(self, ready: Callable[[], object], timeout: float | None) -> bool:
        """Wait until `ready()`; return False when that took longer than `timeout` seconds."""

    async def _call(self, event: evt.InterventionEvent, **attributes: Any) -> Any:
        """Return what the handler of an intervention returns."""

    def _set_contexts(self, contexts: list[PresentationContext]) -> None:
        """Take the decided presentation contexts."""

    @property
    def _decided_contexts(self) -> list[PresentationContext]:
        """The decided presentation contexts."""

    def release(self) -> Any:
        """Release the association, and wait for the peer."""

    def _take_place(self) -> bool:
        """Count among the associations of the AE; return whether there is room."""


class ACSE:
    """The Association Control Service Element of one association.

    Args:
        assoc: The association.
    """

    def __init__(self, assoc: NegotiatingAssociation) -> None:
        self._assoc = assoc
        self._owes_release_response = False

    @property
    def assoc(self) -> NegotiatingAssociation:
        """The association."""
        return self._assoc

    @property
    def dul(self) -> Any:
        """The association's `dul`."""
        return self._assoc.dul

    @property
    def socket(self) -> Any:
        """The association's socket object, ``None`` without a connection."""
        return self._assoc.dul.socket

    @property
    def acse_timeout(self) -> float | None:
        """How long to wait for the peer's part of negotiation and release, in seconds."""
        return self._assoc.acse_timeout

    @property
    def requestor(self) -> ServiceUser:
        """The side that requests the association."""
        return self._assoc.requestor

    @property
    def acceptor(self) -> ServiceUser:
        """The side that is asked for the association."""
        return self._assoc.acceptor

    # The requestor's side.

    def request_primitive(self) -> A_ASSOCIATE:
        """Return the A-ASSOCIATE request, from what the requestor's side holds."""
        requestor, acceptor = self.requestor, self.acceptor
        primitive = A_ASSOCIATE()
        primitive.calling_ae_title = requestor._ae_title
        primitive.called_ae_title = acceptor._ae_title
        primitive.calling_presentation_address = requestor.address_info
        primitive.called_presentation_address = acceptor.address_info
        primitive.presentation_context_definition_list = requestor.requested_contexts
        primitive.user_information = requestor.user_information
        for context in requestor.requested_contexts:
            role = requestor.role_selection.get(context.abstract_syntax or UID(""))
            if role is not None:
                context.scu_role, context.scp_role = bool(role.scu_role), bool(role.scp_role)
        return primitive

    def negotiate_association(self) -> NoReturn:
        """Refuse: an association is negotiated where it is made.

        Raises:
            RuntimeError: Always.
        """
        raise RuntimeError(
            "An association is negotiated where it is made: by AE.associate(), or by the server "
            "that accepts its connection"
        )

    def send_request(self) -> None:
        """Hand the A-ASSOCIATE request to the core, which sends it once connected."""
        assoc = self._assoc
        primitive = self.request_primitive()
        self.requestor.primitive = primitive
        LOGGER.info("Requesting Association")
        assoc._core.send(primitive)
        self._tell(evt.EVT_ACSE_SENT, primitive=primitive)
        self._tell(evt.EVT_REQUESTED)

    async def finish_request(self) -> None:
        """Wait for the answer to the request and act on it (PS3.8 7.1.2)."""
        assoc = self._assoc
        answer = await assoc._receive_acse(assoc.acse_timeout)
        if assoc.is_aborted or assoc.is_rejected or assoc.is_released:
            return  # perhaps right behind an answer that accepted it
        if isinstance(answer, A_ASSOCIATE):
            self._accepted(answer)
        else:
            LOGGER.error("ACSE timeout reached while waiting for response to association request")
            self.abort(A_ABORT(2))

    def _accepted(self, answer: A_ASSOCIATE) -> None:
        assoc = self._assoc
        self.acceptor.take(answer)
        roles: dict[UID, Roles] = {
            uid: (role.scu_role, role.scp_role)
            for uid, role in self.acceptor.role_selection.items()
        }
        decided = negotiate_as_requestor(
            self.requestor.requested_contexts,
            answer.presentation_context_definition_results_list,
            roles,
        )
        assoc._set_contexts(decided)
        if any(context.result == ACCEPTED for context in decided):
            LOGGER.info("Association Accepted")
            assoc.is_established = True
            self._tell(evt.EVT_ACCEPTED)
            self._tell(evt.EVT_ESTABLISHED)
            return
        LOGGER.error("No accepted presentation contexts")
        self._tell(evt.EVT_ACCEPTED)
        self.abort(A_ABORT(2))

    def rejected_by_peer(self, answer: A_ASSOCIATE) -> None:
        """Note that the peer rejected the association."""
        assoc = self._assoc
        self.acceptor.primitive = answer
        assoc.is_rejected = True
        LOGGER.error("Association Rejected")
        LOGGER.error("Result: %s, Source: %s", answer.result_str, answer.source_str)
        LOGGER.error("Reason: %s", answer.reason_str)
        self._tell(evt.EVT_REJECTED)

    # The acceptor's side.

    async def negotiate_as_acceptor(self, indication: A_ASSOCIATE) -> None:
        """Decide about an association request and answer it (PS3.8 7.1.2, PS3.7 D.3)."""
        assoc = self._assoc
        self.requestor.take(indication)
        self.requestor._ae_title = indication.calling_ae_title or ""
        self._tell(evt.EVT_REQUESTED)
        if self._is_over:
            return  # a handler rejected or aborted it
        rejection = self._check_titles(indication)
        items, is_identified = await self._answer_identity()
        items += await self._answer_extended()
        if not is_identified:
            rejection = IDENTITY_REFUSED
        if not assoc._take_place():
            rejection = LIMIT_EXCEEDED
        if self._is_over:
            return
        if rejection is not None:
            self.send_reject(*rejection)
            return
        self._negotiate_contexts(items)
        self.send_accept()

    @property
    def _is_over(self) -> bool:
        return self._assoc.is_rejected or self._assoc.is_aborted

    def _check_titles(self, indication: A_ASSOCIATE) -> Rejection | None:
        ae = self._assoc.ae
        calling = (indication.calling_ae_title or "").strip()
        called = (indication.called_ae_title or "").strip()
        rejection = None
        if ae._require_calling_aet and calling not in ae._require_calling_aet:
            rejection = CALLING_TITLE_NOT_RECOGNISED
        if ae.require_called_aet and called != self.acceptor._ae_title.strip():
            rejection = CALLED_TITLE_NOT_RECOGNISED
        return rejection

    async def _answer_identity(self) -> tuple[list[ServiceParameter], bool]:
        """Return the answer to a user identity, and whether it was accepted (PS3.7 D.3.3.7)."""
        item = self.requestor.user_identity
        if item is None:
            return [], True
        try:
            is_verified, answer = await self._assoc._call(
                evt.EVT_USER_ID,
                user_id_type=item.user_identity_type,
                primary_field=item.primary_field,
                secondary_field=item.secondary_field,
            )
            response = UserIdentityNegotiation()
            response.server_response = answer
        except evt.HandlerNotBoundError:
            return [], True
        except Exception:
            LOGGER.exception("Exception in handler bound to 'evt.EVT_USER_ID'")
            return [], False
        if not is_verified:
            LOGGER.info("User identity failed verification")
        wants_answer = item.positive_response_requested and item.user_identity_type in (3, 4, 5)
        is_answered = wants_answer and answer is not None
        return [response] if is_answered else [], bool(is_verified)

    async def _answer_extended(self) -> list[ServiceParameter]:
        """Return the answers to what else the requestor negotiates (PS3.7 D.3.3.3 to D.3.3.6)."""
        items: list[ServiceParameter] = []
        app_info = self.requestor.sop_class_extended
        if app_info:
            answer = await self._ask(evt.EVT_SOP_EXTENDED, app_info=app_info)
            items += _extended_items(answer)
        common = self.requestor.sop_class_common_extended
        if common:
            accepted = await self._ask(evt.EVT_SOP_COMMON, items=common)
            self.acceptor._common_extended = {
                uid: (item.service_class_uid, item.related_general_sop_class_identification)
                for uid, item in accepted.items()
                if isinstance(item, SOPClassCommonExtendedNegotiation)
                and item.service_class_uid is not None
            }
        return items + await self._answer_window()

    async def _answer_window(self) -> list[ServiceParameter]:
        items = self.requestor.user_information
        if not any(isinstance(item, AsynchronousOperationsWindowNegotiation) for item in items):
            return []
        invoked, performed = self.requestor.asynchronous_operations
        try:
            await self._assoc._call(
                evt.EVT_ASYNC_OPS,
                nr_invoked=invoked,
                nr_performed=performed,
                invoked=invoked,
                performed=performed,
            )
        except evt.HandlerNotBoundError:
            return []
        except Exception:
            LOGGER.exception("Exception raised in handler bound to 'evt.EVT_ASYNC_OPS'")
            return []
        return [AsynchronousOperationsWindowNegotiation()]  # one operation at a time

    async def _ask(self, event: evt.InterventionEvent, **attributes: Any) -> dict[UID, Any]:
        """Return the dict a handler answers with, an empty one instead of anything else."""
        try:
            answer = await self._assoc._call(event, **attributes)
        except Exception:
            LOGGER.exception("Exception raised in handler bound to 'evt.%s'", event)
            return {}
        if isinstance(answer, dict):
            return answer
        if answer is not None:
            LOGGER.error("The handler of '%s' returned %r, not a dict", event, answer)
        return {}

    def _negotiate_contexts(self, items: list[ServiceParameter]) -> None:
        roles: dict[UID, Roles] = {
            uid: (bool(role.scu_role), bool(role.scp_role))
            for uid, role in self.requestor.role_selection.items()
        }
        negotiate = (
            negotiate_unrestricted
            if Options.unrestricted_storage.of(self._assoc.ae)
            else negotiate_as_acceptor
        )
        decided, role_items = negotiate(
            self.requestor.get_contexts("pcdl"), self.acceptor.supported_contexts, roles
        )
        self._assoc._set_contexts(decided)
        self.acceptor._user_information += [*role_items, *items]

    def send_accept(self) -> None:
        """Accept the association with what was negotiated (PS3.8 7.1.2)."""
        assoc = self._assoc
        request = self.requestor.primitive or A_ASSOCIATE()
        primitive = A_ASSOCIATE()
        primitive.__dict__.update(
            application_context_name=APPLICATION_CONTEXT_NAME,
            calling_ae_title=request.calling_ae_title,
            called_ae_title=request.called_ae_title,
            result=0,
            result_source=1,
        )
        primitive.user_information = self.acceptor.user_information
        primitive.presentation_context_definition_results_list = assoc._decided_contexts
        self.acceptor.primitive = primitive
        LOGGER.info("Accepting Association")
        assoc._core.send(primitive)
        assoc.is_established = True
        self._tell(evt.EVT_ACSE_SENT, primitive=primitive)
        self._tell(evt.EVT_ACCEPTED)
        self._tell(evt.EVT_ESTABLISHED)
        assoc._flush()

    def send_reject(self, result: int, source: int, diagnostic: int) -> None:
        """Reject the association (PS3.8 7.1.2).

        Args:
            result: 1 for good, 2 for now.
            source: 1 service user, 2 provider (ACSE), 3 provider (presentation).
            diagnostic: The reason, PS3.8 Table 9-21.

        Raises:
            ValueError: The numbers do not go together.
        """
        if result not in (1, 2) or (source, diagnostic) not in DIAGNOSTICS:
            raise ValueError(f"No rejection has result {result}, source {source}, {diagnostic}")
        primitive = A_ASSOCIATE()
        primitive.result, primitive.result_source = result, source
        primitive.diagnostic = diagnostic
        self.acceptor.primitive = primitive
        self._assoc.is_rejected = True
        LOGGER.info("Rejecting Association")
        self._tell(evt.EVT_ACSE_SENT, primitive=primitive)
        self._tell(evt.EVT_REJECTED)
        self._assoc._put(primitive)

    # Release and abort.

    async def release(self) -> None:
        """Release the association and wait for the peer to agree (PS3.8 7.2)."""
        assoc = self._assoc
        LOGGER.info("Releasing Association")
        # A peer that still answers a request we left early may not hear a release (3.x does not).
        await assoc._await(lambda: not assoc._abandoned or assoc._is_over, assoc.dimse_timeout)
        if assoc._is_over:
            return
        self.send_release()
        await assoc._receive_acse(assoc.acse_timeout)
        if not assoc.is_aborted and not assoc.is_released:
            LOGGER.error("No answer to the release request within %s s", assoc.acse_timeout)
            self.abort(A_ABORT(2))

    def negotiate_release(self) -> Any:
        """Release the association; the same as its `release()`, to be awaited in asyncio."""
        return self._assoc.release()

    def send_release(self, is_response: bool = False) -> None:
        """Send an A-RELEASE request, or the response to one."""
        primitive = A_RELEASE("affirmative" if is_response else None)
        self._tell(evt.EVT_ACSE_SENT, primitive=primitive)
        self._assoc._put(primitive)

    def _released(self) -> None:
        assoc = self._assoc
        assoc.is_released, assoc.is_established = True, False
        self._tell(evt.EVT_RELEASED)

    def released_by_peer(self) -> None:
        """Answer an A-RELEASE indication (PS3.8 7.2.2); a collision is resolved in its order."""
        state = self._assoc._core.state
        if state is State.STA8:
            self._released_by_peer()
        elif state is State.STA9:  # collision, we requested the association: answer first
            self.send_release(is_response=True)
        else:  # collision, the peer requested the association: its answer comes first
            self._owes_release_response = True

    def _released_by_peer(self) -> None:
        assoc = self._assoc
        primitive = A_RELEASE("affirmative")
        assoc.is_released, assoc.is_established = True, False
        self._tell(evt.EVT_ACSE_SENT, primitive=primitive)
        self._tell(evt.EVT_RELEASED)
        assoc._put(primitive)

    def release_confirmed(self) -> None:
        """Act on an A-RELEASE confirmation: the association has ended."""
        self._released()
        if self._owes_release_response:
            self._owes_release_response = False
            self.send_release(is_response=True)

    def send_abort(self, source: int) -> None:
        """Abort the association (PS3.8 7.3).

        Args:
            source: 0 service user, 2 service provider.

        Raises:
            ValueError: It is another number.
        """
        if source not in (0, 2):
            raise ValueError("'source' must be 0 or 2")
        self.abort(A_ABORT(source))

    def send_ap_abort(self, reason: int) -> None:
        """Abort the association as its service provider (PS3.8 7.4).

        Args:
            reason: PS3.8 9.3.8: 0, 1, 2, 4, 5 or 6.

        Raises:
            ValueError: It is another number.
        """
        self.abort(A_P_ABORT(reason))

    def abort(self, primitive: A_ABORT | A_P_ABORT) -> None:
        """Send an abort and end the association, unless it has ended."""
        assoc = self._assoc
        if assoc.is_aborted or assoc.is_released:
            return
        LOGGER.info("Aborting Association")
        self._tell(evt.EVT_ACSE_SENT, primitive=primitive)
        self.aborted()
        if assoc._core.state not in (State.STA1, State.STA2, State.STA13):
            assoc._put(primitive)

    def aborted(self) -> None:
        """Note that the association was aborted, by whomever."""
        assoc = self._assoc
        if assoc.is_aborted or assoc.is_released or assoc.is_rejected:
            return
        assoc.is_aborted, assoc.is_established = True, False
        self._tell(evt.EVT_ABORTED)

    def is_release_requested(self) -> bool:
        """Return whether the peer asked for a release that is not answered yet."""
        return self._owes_release_response or self._assoc._core.state is State.STA8

    def is_aborted(self, abort_type: str = "both") -> bool:
        """Return whether the association was aborted.

        Args:
            abort_type: "both"; "a-abort" and "a-p-abort" are accepted.
        """
        if abort_type not in ("both", "a-abort", "a-p-abort"):
            raise ValueError("'abort_type' must be 'both', 'a-abort' or 'a-p-abort'")
        return self._assoc.is_aborted

    def _tell(self, event: evt.NotificationEvent, **attributes: Any) -> None:
        evt.trigger(self._assoc, event, attributes)


def _extended_items(answer: dict[UID, bytes]) -> list[ServiceParameter]:
    items: list[ServiceParameter] = []
    for uid, information in answer.items():
        item = SOPClassExtendedNegotiation()
        try:
            item.sop_class_uid = uid
            item.service_class_application_information = information
        except (TypeError, ValueError):
            LOGGER.exception("The handler of 'EVT_SOP_EXTENDED' returned a bad item for %s", uid)
            continue
        items.append(item)
    return items
