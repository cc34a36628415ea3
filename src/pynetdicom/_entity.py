"""What the application entities of both fronts know: title, contexts, timeouts, limits."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from pydicom.uid import UID

from pynetdicom._globals import DEFAULT_MAX_LENGTH
from pynetdicom._implementation import (
    PYNETDICOM_IMPLEMENTATION_UID,
    PYNETDICOM_IMPLEMENTATION_VERSION,
)
from pynetdicom._options import Options
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.user_information import ServiceParameter
from pynetdicom.utils import set_ae, set_uid

LOGGER = logging.getLogger(__name__)

# Connections that have not asked for an association yet, where no more associations are allowed.
_MAXIMUM_WAITING = 256

_MAXIMUM_CONTEXTS = 128  # context IDs are the odd numbers of one byte (PS3.8 9.3.2.2)

A = TypeVar("A")

TransferSyntaxes = str | Sequence[str] | None


class BaseEntity(Options):
    """An application entity (AE): what associations are requested and accepted as.

    Args:
        ae_title: Its title, 1 to 16 characters.

    Raises:
        TypeError: `ae_title` is no str.
        ValueError: `ae_title` is no valid AE title.
    """

    _usual_dimse_timeout: float | None = 30
    # Where large data sets go while they arrive: of programs that keep them as files there.
    _spool: str | None = None

    def __init__(self, ae_title: str = "PYNETDICOM") -> None:
        self.ae_title = ae_title
        self._requested: list[PresentationContext] = []
        self._supported: dict[str, PresentationContext] = {}
        self._acse_timeout: float | None = 30
        self._dimse_timeout = self._usual_dimse_timeout
        self._network_timeout: float | None = 60
        self._connection_timeout: float | None = None
        self._maximum_associations = 10
        self._maximum_pdu_size = DEFAULT_MAX_LENGTH
        self._require_calling_aet: list[str] = []
        self._require_called_aet = False
        self._implementation_class_uid: UID = PYNETDICOM_IMPLEMENTATION_UID
        self._implementation_version_name: str | None = PYNETDICOM_IMPLEMENTATION_VERSION
        # In the order they came. A dict changes in one step, so threads need no lock for it.
        self._associations: dict[Any, None] = {}

    # Identity.

    @property
    def ae_title(self) -> str:
        """Its title, as it was set."""
        return self._ae_title

    @ae_title.setter
    def ae_title(self, value: str) -> None:
        self._ae_title = set_ae(value, "ae_title", allow_empty=False, allow_none=False) or ""

    @property
    def implementation_class_uid(self) -> UID:
        """Which implementation it says it is (PS3.7 D.3.3.2)."""
        return self._implementation_class_uid

    @implementation_class_uid.setter
    def implementation_class_uid(self, value: str) -> None:
        uid = set_uid(value, "implementation_class_uid", allow_empty=False, allow_none=False)
        if uid is None or not uid.is_valid:
            raise ValueError(f"Invalid 'implementation_class_uid' value - '{value}' is no UID")
        self._implementation_class_uid = uid

    @property
    def implementation_version_name(self) -> str | None:
        """Which version it says it is, 1 to 16 characters; ``None`` says nothing."""
        return self._implementation_version_name

    @implementation_version_name.setter
    def implementation_version_name(self, value: str | None) -> None:
        name = "implementation_version_name"
        self._implementation_version_name = set_ae(value, name, allow_empty=False)

    # Timeouts, in seconds; None waits for ever.

    @property
    def acse_timeout(self) -> float | None:
        """How long to wait for the peer's part of negotiation and release, in seconds."""
        return self._acse_timeout

    @acse_timeout.setter
    def acse_timeout(self, value: float | None) -> None:
        self._acse_timeout = _timeout(value, "acse_timeout", 30)
        for assoc in self.active_associations:
            assoc.acse_timeout = self._acse_timeout

    @property
    def dimse_timeout(self) -> float | None:
        """How long to wait for a response, in seconds."""
        return self._dimse_timeout

    @dimse_timeout.setter
    def dimse_timeout(self, value: float | None) -> None:
        self._dimse_timeout = _timeout(value, "dimse_timeout", self._usual_dimse_timeout)
        for assoc in self.active_associations:
            assoc.dimse_timeout = self._dimse_timeout

    @property
    def network_timeout(self) -> float | None:
        """How long a peer may be silent, in seconds."""
        return self._network_timeout

    @network_timeout.setter
    def network_timeout(self, value: float | None) -> None:
        self._network_timeout = _timeout(value, "network_timeout", 60)
        for assoc in self.active_associations:
            assoc.network_timeout = self._network_timeout

    @property
    def connection_timeout(self) -> float | None:
        """How long connecting may take, in seconds; ``None`` leaves it to the system."""
        return self._connection_timeout

    @connection_timeout.setter
    def connection_timeout(self, value: float | None) -> None:
        self._connection_timeout = _timeout(value or None, "connection_timeout", None)
        for assoc in self.active_associations:
            assoc.connection_timeout = self._connection_timeout

    # Limits.

    @property
    def maximum_associations(self) -> int:
        """How many associations it accepts at once; peers that only connected do not count."""
        return self._maximum_associations

    @maximum_associations.setter
    def maximum_associations(self, value: int) -> None:
        if not isinstance(value, int) or value < 1:
            LOGGER.warning("'maximum_associations' must be an int of at least 1; 1 is used")
            value = 1
        self._maximum_associations = value

    @property
    def maximum_pdu_size(self) -> int:
        """The maximum length announced as acceptor, in bytes; 0 for no limit."""
        return self._maximum_pdu_size

    @maximum_pdu_size.setter
    def maximum_pdu_size(self, value: int) -> None:
        if value < 0:
            LOGGER.warning("'maximum_pdu_size' must not be negative; it stays as it was")
            return
        self._maximum_pdu_size = value

    @property
    def require_calling_aet(self) -> list[str]:
        """The calling AE titles that are accepted; empty accepts all."""
        return self._require_calling_aet

    @require_calling_aet.setter
    def require_calling_aet(self, titles: list[str]) -> None:
        name = "require_calling_aet"
        checked = [set_ae(title, name, allow_empty=False, allow_none=False) for title in titles]
        self._require_calling_aet = [title.strip() for title in checked if title]

    @property
    def require_called_aet(self) -> bool:
        """Whether the called AE title must be ours."""
        return self._require_called_aet

    @require_called_aet.setter
    def require_called_aet(self, value: bool) -> None:
        self._require_called_aet = bool(value)

    # Presentation contexts.

    @property
    def requested_contexts(self) -> list[PresentationContext]:
        """The presentation contexts that are proposed, in the order they were added.

        Setting it replaces them; an empty list or ``None`` removes them all.
        """
        return self._requested

    @requested_contexts.setter
    def requested_contexts(self, contexts: list[PresentationContext] | None) -> None:
        check_contexts(contexts or [], maximum=_MAXIMUM_CONTEXTS)
        self._requested = [context._copy() for context in contexts or []]

    def add_requested_context(
        self, abstract_syntax: str | UID, transfer_syntax: TransferSyntaxes = None
    ) -> None:
        """Add a presentation context to be proposed; the same abstract syntax may come again.

        Args:
            abstract_syntax: Its UID.
            transfer_syntax: One or several UIDs; ``None`` means the default ones.

        Raises:
            ValueError: It would be the 129th, or one of them is no UID.
        """
        if len(self._requested) >= _MAXIMUM_CONTEXTS:
            raise ValueError("Only 128 presentation contexts can be requested")
        self._requested.append(build_context(abstract_syntax, transfer_syntax))

    def remove_requested_context(
        self, abstract_syntax: str | UID, transfer_syntax: TransferSyntaxes = None
    ) -> None:
        """Remove proposed presentation contexts.

        Args:
            abstract_syntax: Its UID.
            transfer_syntax: Which syntaxes to take away; a context without any goes too. ``None``
                means all.
        """
        self._requested = [
            context
            for context in self._requested
            if context.abstract_syntax != abstract_syntax or _take_away(context, transfer_syntax)
        ]

    @property
    def supported_contexts(self) -> list[PresentationContext]:
        """The presentation contexts that are accepted, by abstract syntax.

        Setting it merges into them; an empty list or ``None`` removes them all.
        """
        return sorted(self._supported.values(), key=lambda context: context.abstract_syntax or "")

    @supported_contexts.setter
    def supported_contexts(self, contexts: list[PresentationContext] | None) -> None:
        if not contexts:
            self._supported = {}
            return
        check_contexts(contexts)
        for context in contexts:
            self.add_supported_context(
                context.abstract_syntax or UID(""),
                [str(uid) for uid in context.transfer_syntax],
                context.scu_role,
                context.scp_role,
            )

    def add_supported_context(
        self,
        abstract_syntax: str | UID,
        transfer_syntax: TransferSyntaxes = None,
        scu_role: bool | None = None,
        scp_role: bool | None = None,
    ) -> None:
        """Add a presentation context to be accepted, or more transfer syntaxes to one.

        Args:
            abstract_syntax: Its UID.
            transfer_syntax: One or several UIDs; ``None`` means the default ones.
            scu_role: Whether to grant requestors the role of SCU when they propose roles; ``None``
                does not answer.
            scp_role: The same for the role of SCP.

        Raises:
            TypeError: A role is neither bool nor None.
            ValueError: One of the syntaxes is no UID.
        """
        added = build_context(abstract_syntax, transfer_syntax)
        context = self._supported.setdefault(added.abstract_syntax or "", added)
        context.scu_role, context.scp_role = scu_role, scp_role
        for syntax in added.transfer_syntax:
            context.add_transfer_syntax(syntax)

    def remove_supported_context(
        self, abstract_syntax: str | UID, transfer_syntax: TransferSyntaxes = None
    ) -> None:
        """Remove an accepted presentation context.

        Args:
            abstract_syntax: Its UID.
            transfer_syntax: Which syntaxes to take away; a context without any goes too. ``None``
                means all.
        """
        context = self._supported.get(abstract_syntax)
        if context is not None and not _take_away(context, transfer_syntax):
            del self._supported[abstract_syntax]

    # Associations.

    @property
    def active_associations(self) -> list[Any]:
        """The associations that are alive, requested and accepted ones."""
        return list(self._associations)

    def _take_connection(self, assoc: Any) -> None:
        """Count a connection that was accepted; those that never asked must not become too many.

        Each holds a thread and a descriptor until the ACSE timeout, so the oldest of them go.
        """
        self._associations[assoc] = None
        limit = max(_MAXIMUM_WAITING, self._maximum_associations)  # all may come at once
        if len(self._associations) <= limit:
            return
        waiting = [a for a in self.active_associations if a._asks_nothing]
        for oldest in waiting[: len(waiting) - limit]:
            LOGGER.warning("Too many connections without an association: the oldest is closed")
            oldest.kill()

    def _take_place(self, assoc: Any) -> bool:
        """Give an association that is being accepted its place; return whether there was one."""
        places = [a for a in self.active_associations if a._has_place and not a._is_over]
        assoc._has_place = len(places) < self._maximum_associations
        return bool(assoc._has_place)

    def _prepare_request(
        self,
        assoc: Any,
        contexts: list[PresentationContext] | None,
        ae_title: str,
        max_pdu: int,
        ext_neg: Sequence[ServiceParameter] | None,
    ) -> None:
        """Tell a new association what to propose.

        Raises:
            TypeError: One of the values has the wrong type.
            RuntimeError: There is no presentation context to propose.
        """
        if contexts is not None:
            check_contexts(contexts, maximum=_MAXIMUM_CONTEXTS)
        proposed = self._requested if contexts is None else contexts
        if not proposed:
            raise RuntimeError("No requested presentation contexts for the association")
        requestor = assoc.requestor
        self._identify(requestor, max_pdu)
        requestor.ae_title = self._ae_title
        requestor.requested_contexts = proposed
        for item in ext_neg or ():
            requestor.add_negotiation_item(item)
        assoc.acceptor.ae_title = ae_title

    def _prepare_acceptor(
        self, assoc: Any, ae_title: str, contexts: list[PresentationContext]
    ) -> None:
        """Tell a new association what to accept."""
        acceptor = assoc.acceptor
        self._identify(acceptor, self._maximum_pdu_size)
        acceptor.ae_title = ae_title
        acceptor.supported_contexts = contexts

    def _identify(self, user: Any, maximum_length: int) -> None:
        user.maximum_length = maximum_length
        user.implementation_class_uid = self._implementation_class_uid
        user.implementation_version_name = self._implementation_version_name

    def _contexts_to_accept(
        self, contexts: list[PresentationContext] | None
    ) -> list[PresentationContext]:
        """Return the contexts for a server.

        Raises:
            ValueError: There are none, or one answers to one role but not to the other.
        """
        chosen = self.supported_contexts if contexts is None else contexts
        check_contexts(chosen)
        if not chosen and not Options.unrestricted_storage.of(self):
            raise ValueError("No supported presentation contexts: a server needs at least one")
        for context in chosen:
            if (context.scu_role is None) != (context.scp_role is None):
                raise ValueError(
                    f"The context for {context!r} must answer to both roles or to none"
                )
        return [context._copy() for context in chosen]

    def __str__(self) -> str:
        lines = ["", f"Application Entity {self._ae_title}", ""]
        lines += _describe("Requested", self.requested_contexts)
        lines += _describe("Supported", self.supported_contexts)
        lines += [
            f"  ACSE timeout: {self._acse_timeout} s",
            f"  DIMSE timeout: {self._dimse_timeout} s",
            f"  Network timeout: {self._network_timeout} s",
            f"  Connection timeout: {self._connection_timeout} s",
            "",
        ]
        if self._require_calling_aet:
            lines.append(f"  Required calling AE title(s): {', '.join(self._require_calling_aet)}")
        lines += [f"  Require called AE title: {self._require_called_aet}", ""]
        active = [a for a in self.active_associations if a.is_established]
        lines.append(f"  Association(s): {len(active)}/{self._maximum_associations}")
        for assoc in active:
            peer = assoc.remote
            lines.append(f"\tPeer: {peer['ae_title']} on {peer['address']}:{peer['port']}")
        return "\n".join(lines)


def _describe(kind: str, contexts: Iterable[PresentationContext]) -> list[str]:
    lines = [f"  {kind} Presentation Contexts:"]
    for context in contexts:
        lines.append(f"\t{context!r}")
        lines += [f"\t\t{syntax.name}" for syntax in context.transfer_syntax]
    return [*(lines if len(lines) > 1 else [*lines, "\tNone"]), ""]


def _timeout(value: Any, name: str, default: float | None) -> float | None:
    if value is None or (isinstance(value, (int, float)) and value >= 0):
        return value
    LOGGER.warning("'%s' must be a number that is not negative or None; %s is used", name, default)
    return default


def _take_away(context: PresentationContext, transfer_syntax: TransferSyntaxes) -> bool:
    """Take transfer syntaxes away from a context; return whether any are left."""
    if transfer_syntax is None:
        return False
    gone = [transfer_syntax] if isinstance(transfer_syntax, str) else transfer_syntax
    context.transfer_syntax = [uid for uid in context.transfer_syntax if uid not in gone]
    return bool(context.transfer_syntax)


def check_address(addr: Any, port: Any) -> None:
    """Make sure that `addr` and `port` can be those of a peer.

    Raises:
        TypeError: They cannot.
    """
    if not isinstance(addr, (str, tuple)):
        raise TypeError("'addr' must be str or a tuple")
    if not isinstance(port, int):
        raise TypeError("'port' must be int")


def check_contexts(contexts: Any, maximum: int | None = None) -> None:
    """Make sure that `contexts` are presentation contexts, and not too many.

    Raises:
        TypeError: They are no list.
        ValueError: One of them is something else, or they are too many.
    """
    if not isinstance(contexts, list):
        raise TypeError("The contexts must be a list of PresentationContext")
    for context in contexts:
        if not isinstance(context, PresentationContext):
            raise ValueError(f"{context!r} is no PresentationContext")  # documented
    if maximum is not None and len(contexts) > maximum:
        raise ValueError("Only 128 presentation contexts can be requested")
