"""The associations of pynetdicom2: they begin, carry messages one by one, and end.

What is on the wire and in which order is the core's business (`pynetdicom.upper_layer`); here its
primitives become messages, PDUs and exceptions.
"""

import logging
import socketserver
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final, NamedTuple, NoReturn

from pydicom.uid import UID

from pynetdicom._globals import APPLICATION_CONTEXT_NAME as _APPLICATION_CONTEXT
from pynetdicom._implementation import (
    PYNETDICOM_IMPLEMENTATION_UID,
    PYNETDICOM_IMPLEMENTATION_VERSION,
)
from pynetdicom.compat.pynetdicom2 import pdu, userdataitems
from pynetdicom.compat.pynetdicom2.dimsemessages import DIMSEMessage, read_message
from pynetdicom.compat.pynetdicom2.dulprovider import DULServiceProvider, Received
from pynetdicom.compat.pynetdicom2.exceptions import (
    AssociationAbortedError,
    AssociationError,
    AssociationRejectedError,
    AssociationReleasedError,
    ClassNotSupportedError,
    DCMTimeoutError,
)
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.exceptions import LocalProtocolError
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_P_ABORT, A_RELEASE
from pynetdicom.presentation import PresentationContext, Roles, build_context, negotiate_as_acceptor
from pynetdicom.user_information import SCP_SCU_RoleSelectionNegotiation

LOGGER = logging.getLogger(__name__)

APPLICATION_CONTEXT_NAME: Final = str(_APPLICATION_CONTEXT)
IMPLEMENTATION_UID: Final = PYNETDICOM_IMPLEMENTATION_UID

_MOST_CONTEXTS: Final = 128  # their IDs are the odd numbers up to 255 (PS3.8 9.3.2.2)


class PContextDef(NamedTuple):
    """A presentation context.

    Attributes:
        id: Its ID, an odd number.
        sop_class: Its abstract syntax.
        supported_ts: Its transfer syntaxes; the one that was agreed on in an association.
    """

    id: int
    sop_class: Any
    supported_ts: Any


ContextDefList = Mapping[int, PContextDef] | Iterable[tuple[int, PContextDef]]


def build_pres_context_def_list(
    context_def_list: ContextDefList,
) -> Iterator[pdu.PresentationContextItemRQ]:
    """Yield the items that propose presentation contexts.

    Args:
        context_def_list: Pairs of ID and context, or a dict of them.
    """
    for context_id, context in dict(context_def_list).items():
        syntaxes = [pdu.TransferSyntaxSubItem(syntax) for syntax in context.supported_ts]
        name = pdu.AbstractSyntaxSubItem(context.sop_class)
        yield pdu.PresentationContextItemRQ(context_id, name, syntaxes)


class Association:
    """What both sides of an association have in common.

    Args:
        local_ae: The application entity it belongs to.
        dul_socket: The connection of an acceptor, ``None`` for a requestor.
        max_pdu_length: The longest PDU this side wants to receive.

    Attributes:
        ae: The application entity.
        dul: The upper layer.
        association_established: Whether messages can be sent and received.
        max_pdu_length: The longest PDU that both sides take.
        accepted_contexts: The accepted presentation contexts by ID.
    """

    def __init__(self, local_ae: Any, dul_socket: Any, max_pdu_length: int) -> None:
        self.ae = local_ae
        self.dul: DULServiceProvider = DULServiceProvider(
            local_ae.store_in_file, local_ae.get_file, dul_socket, max_pdu_length
        )
        self.dul.timeout = local_ae.timeout or self.dul.timeout
        self.association_established: bool = False
        self.max_pdu_length: int = max_pdu_length
        self.accepted_contexts: dict[int, PContextDef] = {}
        self._end: AssociationError | None = None

    def send(self, dimse_msg: DIMSEMessage, pc_id: int) -> None:
        """Send a message.

        Args:
            dimse_msg: The message.
            pc_id: The ID of the accepted presentation context it goes by.

        Raises:
            AssociationError: The association has ended.
            ClassNotSupportedError: The context was not accepted.
            DIMSEProcessingError: The message lacks something.
        """
        self._check_end()
        if pc_id not in self.accepted_contexts:
            raise ClassNotSupportedError(f"Presentation context {pc_id} was not accepted")
        dimse_msg.set_length()
        try:
            self.dul.send(dimse_msg.to_primitive(), pc_id, dimse_msg.source())
        except LocalProtocolError as error:
            raise AssociationAbortedError(2, 0, str(error)) from error

    def receive(self) -> tuple[DIMSEMessage, int]:
        """Wait for the next message and return it with the ID of its presentation context.

        Raises:
            AssociationReleasedError: The peer released the association, which was answered.
            AssociationAbortedError: It was aborted, or the connection lost.
            DCMTimeoutError: No PDU came within the timeout of the application entity.
        """
        self._check_end()
        event = self._next()
        if isinstance(event, DIMSEPrimitive):
            return read_message(event), event._context_id or 0
        if isinstance(event, A_RELEASE):
            self.dul.send(A_RELEASE("affirmative"))
            self._over(AssociationReleasedError("The peer released the association"))
        raise LocalProtocolError(f"{event} cannot be here")

    def release(self) -> pdu.AReleaseRpPDU:
        """Release the association and wait until the peer agrees (PS3.8 7.2).

        Raises:
            AssociationAbortedError: It was aborted instead.
            DCMTimeoutError: The peer did not answer, and the association was aborted.
        """
        self._check_end()
        with suppress(LocalProtocolError):  # it has ended: how, comes next
            self.dul.send(A_RELEASE())
        owes_answer = False
        while True:  # answers that nobody has waited for may come before the peer's agreement
            try:
                event = self._next()
            except DCMTimeoutError:
                self._abort(0, 0)
                raise
            if isinstance(event, A_RELEASE) and event.result is not None:
                break
            if isinstance(event, A_RELEASE):  # both sides at once: the requestor answers first
                owes_answer = not self._answers_first
                if self._answers_first:
                    self.dul.send(A_RELEASE("affirmative"))
        if owes_answer:
            self.dul.send(A_RELEASE("affirmative"))
        self._end = AssociationReleasedError("The association was released")
        self._close()
        return pdu.AReleaseRpPDU()

    _answers_first = True

    def kill(self) -> None:
        """End the association at once, in whatever thread it is used."""
        self.association_established = False
        self.dul.kill()

    def _next(self) -> Received:
        """Wait for what comes next, unless it is the end."""
        event = self.dul.receive(self.ae.timeout)
        if isinstance(event, A_ABORT):
            self._over(AssociationAbortedError(event.abort_source, 0))
        if isinstance(event, A_P_ABORT):
            why = str(self.dul.error or "")
            self._over(AssociationAbortedError(2, event.provider_reason, why))
        return event

    def _abort(self, source: int, reason: int) -> None:
        with suppress(LocalProtocolError):  # it has ended
            self.dul.send(pdu.AAbortPDU(source, reason).to_primitive())
        self._end = self._end or AssociationAbortedError(source, reason, "This side aborted")
        self._close()

    def _over(self, error: AssociationError) -> NoReturn:
        self._end = error
        self._close()
        raise error

    def _close(self) -> None:
        self.association_established = False
        self.dul.stop()

    def _check_end(self) -> None:
        if self._end is not None:
            raise self._end.with_traceback(None)

    def _accept_contexts(self, contexts: Iterable[PContextDef], peer_length: int | None) -> None:
        self.accepted_contexts.update({context.id: context for context in contexts})
        self.dul.accepted_contexts = self.accepted_contexts
        self.max_pdu_length = min(self.max_pdu_length, peer_length or self.max_pdu_length)
        self.association_established = True

    def _own_items(self) -> list[userdataitems.UserItem]:
        return [
            userdataitems.MaximumLengthSubItem(self.dul.max_pdu_length),
            userdataitems.ImplementationClassUIDSubItem(IMPLEMENTATION_UID),
            userdataitems.ImplementationVersionNameSubItem(PYNETDICOM_IMPLEMENTATION_VERSION),
        ]


class AssociationAcceptor(Association, socketserver.StreamRequestHandler):
    """An association that a peer requests; to construct it is to run it to its end.

    Args:
        request: The connection.
        client_address: Where it comes from.
        local_ae: The application entity.
        max_pdu_length: The longest PDU this side wants to receive.

    Attributes:
        is_killed: Whether it is to end.
        sop_classes_as_scp: What was accepted: ID to (ID, SOP class, transfer syntax).
        remote_ae: The calling AE title.
    """

    _answers_first = False

    def __init__(
        self, request: Any, client_address: Any, local_ae: Any, max_pdu_length: int
    ) -> None:
        self.is_killed: bool = False
        self.sop_classes_as_scp: dict[int, tuple[int, UID, UID]] = {}
        self.remote_ae: Any = b""
        Association.__init__(self, local_ae, request, max_pdu_length)
        self.dul.begin()
        socketserver.StreamRequestHandler.__init__(self, request, client_address, local_ae)

    def kill(self) -> None:
        """End the association at once, in whatever thread it is used."""
        self.is_killed = True
        super().kill()

    def abort(self, reason: int) -> None:
        """Abort the association as service provider.

        Args:
            reason: Why (PS3.8 9.3.8).
        """
        self._abort(2, reason)

    def reject(self, result: int, source: int, diag: int) -> None:
        """Reject the association (PS3.8 Table 9-21).

        Args:
            result: 1 for good, 2 for now.
            source: 1 service user, 2 service provider (ACSE), 3 service provider (presentation).
            diag: The reason.
        """
        self.dul.send(pdu.AAssociateRjPDU(result, source, diag).to_primitive())
        self._end = AssociationRejectedError(result, source, diag)
        self._close()

    def accept(self, assoc_req: pdu.AAssociateRqPDU) -> None:
        """Accept the association, with the contexts whose services this side has.

        Args:
            assoc_req: The request.
        """
        self.remote_ae = assoc_req.calling_ae_title
        request = assoc_req.ours().to_primitive()
        decided, roles = self._decide(request)
        response = A_ASSOCIATE()
        vars(response).update(  # titles are sent back as they came, valid or not
            called_ae_title=assoc_req.called_ae_title,
            calling_ae_title=assoc_req.calling_ae_title,
            result=0,
            result_source=1,
        )
        response.presentation_context_definition_results_list = decided
        response.user_information = [*(item.ours() for item in self._own_items()), *roles]
        for context in decided:
            if context.result == 0:
                number, uid = context.context_id or 0, context.abstract_syntax or UID("")
                self.sop_classes_as_scp[number] = number, uid, context.transfer_syntax[0]
        contexts = (PContextDef(*values) for values in self.sop_classes_as_scp.values())
        self._accept_contexts(contexts, request.maximum_length_received)
        self.dul.send(response)

    def _decide(
        self, request: A_ASSOCIATE
    ) -> tuple[list[PresentationContext], list[SCP_SCU_RoleSelectionNegotiation]]:
        """Decide about each proposed context: the first transfer syntax we know counts."""
        proposed_roles: dict[UID, Roles] = {
            item.sop_class_uid or UID(""): (item.scu_role, item.scp_role)
            for item in request.user_information
            if isinstance(item, SCP_SCU_RoleSelectionNegotiation)
        }
        decided: list[PresentationContext] = []
        roles: dict[UID | None, SCP_SCU_RoleSelectionNegotiation] = {}
        for context in request.presentation_context_definition_list:
            supported = self._supported(context)
            answer, answered_roles = negotiate_as_acceptor([context], supported, proposed_roles)
            decided += answer
            roles |= {role.sop_class_uid: role for role in answered_roles}
        return decided, list(roles.values())

    def _supported(self, proposed: PresentationContext) -> list[PresentationContext]:
        uid = proposed.abstract_syntax
        if uid is None or uid not in self.ae.supported_scp:
            return []
        syntaxes = [item for item in proposed.transfer_syntax if item in self.ae.supported_ts]
        context = build_context(uid, syntaxes or list(self.ae.supported_ts))
        context.scu_role = context.scp_role = True  # a service may be for both sides
        return [context]

    def handle(self) -> None:
        """Serve the peer until the association ends."""
        self.ae._has_begun(self)
        try:
            self._establish()
            while not self.is_killed and self._end is None:
                message, context_id = self.receive()
                _, sop_class, syntax = self.sop_classes_as_scp[context_id]
                context = PContextDef(context_id, sop_class, syntax)
                self.ae.supported_scp[sop_class](self, context, message)
        except AssociationError as error:
            LOGGER.info("The association with %s ended: %s", self.client_address, error)
        except DCMTimeoutError:
            LOGGER.info("%s was silent for %s s", self.client_address, self.ae.timeout)
            self._abort(0, 0)
        except Exception:  # of a hook: whoever runs the server is told
            self._abort(0, 0)
            raise

    def finish(self) -> None:
        """Close what is left of the connection."""
        self.dul.kill()
        self.ae._has_ended(self)
        super().finish()

    def _establish(self) -> None:
        request = self._next()
        if not isinstance(request, A_ASSOCIATE):
            raise LocalProtocolError(f"{request} cannot be here")
        assoc_req = pdu.AAssociateRqPDU.of_primitive(request)
        try:
            self.ae.on_association_request(self, assoc_req)
        except AssociationRejectedError as error:
            self.reject(error.result, error.source, error.diagnostic)
        else:
            self.accept(assoc_req)


class AssociationRequester(Association):
    """An association that this side requests.

    Args:
        local_ae: The application entity.
        max_pdu_length: The longest PDU this side wants to receive.
        remote_ae: Whom to ask: `aet`, `address`, `port`; optionally who asks: `username`,
            `password`, `kerberos`, `saml`, `jwt`; and `user_data`, further user items.

    Attributes:
        context_def_list: The presentation contexts to propose, by ID.
        remote_ae: Whom to ask.
        sop_classes_as_scu: What was accepted: SOP class to (ID, transfer syntax).
    """

    def __init__(self, local_ae: Any, max_pdu_length: int, remote_ae: dict[str, Any]) -> None:
        super().__init__(local_ae, None, max_pdu_length)
        self.context_def_list: dict[int, PContextDef] = _fitting(local_ae)
        self.remote_ae = remote_ae
        self.sop_classes_as_scu: dict[Any, tuple[int, UID]] = {}

    def request(self) -> pdu.AAssociateAcPDU:
        """Request the association; return the acceptance.

        Raises:
            AssociationRejectedError: The peer rejected it.
            AssociationAbortedError: It was aborted, or no connection was possible.
            DCMTimeoutError: The peer did not answer.
        """
        answer = self._ask()
        if not isinstance(answer, A_ASSOCIATE):
            raise LocalProtocolError(f"{answer} cannot be here")
        if answer.result:
            numbers = answer.result_source or 0, answer.diagnostic or 0
            self._over(AssociationRejectedError(answer.result, *numbers))
        response = pdu.AAssociateAcPDU.of_primitive(answer)
        accepted = [
            proposed._replace(supported_ts=item.transfer_syntax[0])
            for item in answer.presentation_context_definition_results_list
            if item.result == 0 and (proposed := self.context_def_list.get(item.context_id or 0))
        ]
        for context in accepted:
            self.sop_classes_as_scu.setdefault(
                context.sop_class, (context.id, context.supported_ts)
            )
        self._accept_contexts(accepted, answer.maximum_length_received)
        self.ae.on_association_response(response)
        return response

    def _ask(self) -> Received:
        remote = self.remote_ae
        items = [
            pdu.ApplicationContextItem(APPLICATION_CONTEXT_NAME),
            *build_pres_context_def_list(self.context_def_list),
            pdu.UserInformationItem(self._user_items()),
        ]
        request = pdu.AAssociateRqPDU(remote["aet"], self.ae.local_ae["aet"], items)
        try:
            self.dul.connect(request.ours().to_primitive(), (remote["address"], remote["port"]))
            return self._next()
        except OSError as error:
            where = f"{remote['address']}:{remote['port']}"
            self._over(AssociationAbortedError(0, 0, f"No connection to {where}: {error}"))
        except DCMTimeoutError:
            self._abort(0, 0)
            raise

    def _user_items(self) -> list[userdataitems.UserItem]:
        items = [*self._own_items(), *self._roles()]
        items += _identity(self.remote_ae)
        return items + list(self.remote_ae.get("user_data") or [])

    def _roles(self) -> Iterator[userdataitems.UserItem]:
        """Yield the role of SCP for what this side serves, or proposes only to receive (C-GET)."""
        for sop_class in dict.fromkeys(item.sop_class for item in self.context_def_list.values()):
            is_scu = sop_class in self.ae.supported_scu
            if not is_scu or sop_class in self.ae.supported_scp:
                yield userdataitems.ScpScuRoleSelectionSubItem(sop_class, int(is_scu), 1)

    def get_scu(self, sop_class: str) -> Callable[..., Any]:
        """Return the service for a SOP class, bound to this association and its context.

        Args:
            sop_class: The UID.

        Raises:
            ClassNotSupportedError: The peer did not accept it, or this side has no service.
        """
        context = self.context_for(sop_class)
        if sop_class not in self.ae.supported_scu:
            raise ClassNotSupportedError(f"SOP Class {sop_class} not supported as SCU")
        return partial(self.ae.supported_scu[sop_class], self, context)

    def context_for(self, sop_class: str) -> PContextDef:
        """Return the accepted presentation context for a SOP class.

        Args:
            sop_class: The UID.

        Raises:
            ClassNotSupportedError: The peer did not accept it.
        """
        if sop_class not in self.sop_classes_as_scu:
            raise ClassNotSupportedError(f"SOP Class {sop_class} not supported as SCU")
        context_id, syntax = self.sop_classes_as_scu[sop_class]
        return PContextDef(context_id, sop_class, syntax)

    def abort(self, reason: int = 0) -> None:
        """Abort the association as service user.

        Args:
            reason: Why; a service user's reason does not travel (PS3.8 9.3.8).
        """
        del reason
        self._abort(0, 0)


def _identity(
    remote: Mapping[str, Any],
) -> list[userdataitems.UserIdentityNegotiationSubItem]:
    """Return the user identity that a remote AE's dict holds, if any (PS3.7 D.3.3.7)."""
    identity = userdataitems.UserIdentityNegotiationSubItem
    if "username" in remote:
        password = remote.get("password")
        if password is None:
            return [identity(remote["username"], user_identity_type=1)]
        return [identity(remote["username"], password)]
    kinds = (("kerberos", 3), ("saml", 4), ("jwt", 5))
    return [identity(remote[k], user_identity_type=kind) for k, kind in kinds if k in remote][:1]


def _fitting(ae: Any) -> dict[int, PContextDef]:
    """Return what an application entity proposes, at most as many contexts as there can be.

    What it only serves is left out first: a peer rarely needs it in an association of ours.
    """
    contexts: dict[int, PContextDef] = ae.copy_context_def_list()
    if all(number < 2 * _MOST_CONTEXTS for number in contexts):
        return contexts
    ordered = sorted(contexts.values(), key=lambda context: _is_only_served(ae, context.sop_class))
    LOGGER.warning(
        "%s presentation contexts are too many to be proposed, %s at most; left out: %s",
        len(ordered),
        _MOST_CONTEXTS,
        ", ".join(str(context.sop_class) for context in ordered[_MOST_CONTEXTS:]),
    )
    numbered = enumerate(ordered[:_MOST_CONTEXTS])
    return {2 * n + 1: context._replace(id=2 * n + 1) for n, context in numbered}


def _is_only_served(ae: Any, sop_class: Any) -> bool:
    return sop_class in ae.supported_scp and sop_class not in ae.supported_scu
