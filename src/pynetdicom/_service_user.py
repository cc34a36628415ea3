"""What is known about one side of an association: its titles, address, items and contexts."""

from typing import Any, TypeVar

from pydicom.uid import UID

from pynetdicom._globals import DEFAULT_MAX_LENGTH, MODE_ACCEPTOR, MODE_REQUESTOR
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext
from pynetdicom.user_information import (
    AsynchronousOperationsWindowNegotiation,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
    SCP_SCU_RoleSelectionNegotiation,
    ServiceParameter,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)
from pynetdicom.utils import set_ae

Item = TypeVar("Item", bound=ServiceParameter)

_EXTENDED = (
    AsynchronousOperationsWindowNegotiation,
    SCP_SCU_RoleSelectionNegotiation,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)
# Items of which there can be one for each SOP class.
_PER_CLASS = (
    SCP_SCU_RoleSelectionNegotiation,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
)


class ServiceUser:
    """The requestor or the acceptor of an association.

    Before the negotiation the local side can be written to; afterwards both sides show what was
    sent and received.

    Attributes:
        primitive: The A-ASSOCIATE primitive of this side, ``None`` before it was sent or received.
        address_info: Where it is, ``None`` while unknown.
        accepted_common_extended: On an acceptor, what its EVT_SOP_COMMON handler accepted: SOP
            class to service class and related general SOP classes.
    """

    def __init__(self, assoc: Any, mode: str) -> None:
        if mode not in (MODE_REQUESTOR, MODE_ACCEPTOR):
            raise ValueError("'mode' must be 'requestor' or 'acceptor'")
        self.assoc = assoc
        self._mode = mode
        self.primitive: A_ASSOCIATE | None = None
        self.address_info: Any = None
        self._ae_title = ""
        self._contexts: list[PresentationContext] = []
        self._user_information: list[ServiceParameter] = []
        self._common_extended: dict[UID, tuple[UID, list[UID]]] = {}

    @property
    def mode(self) -> str:
        """``"requestor"`` or ``"acceptor"``."""
        return self._mode

    @property
    def is_requestor(self) -> bool:
        """Whether this side requests the association."""
        return self._mode == MODE_REQUESTOR

    @property
    def is_acceptor(self) -> bool:
        """Whether this side is asked for the association."""
        return self._mode == MODE_ACCEPTOR

    @property
    def writeable(self) -> bool:
        """Whether the negotiation has not begun."""
        return self.primitive is None

    def _check_writeable(self) -> None:
        if not self.writeable:
            raise RuntimeError("The negotiation has begun: nothing can be changed any more")

    def take(self, primitive: A_ASSOCIATE) -> None:
        """Become what the peer says of itself in `primitive`."""
        self.primitive = primitive
        self._user_information = primitive.user_information

    @property
    def ae_title(self) -> str:
        """The AE title."""
        return self._ae_title

    @ae_title.setter
    def ae_title(self, value: str) -> None:
        self._check_writeable()
        self._ae_title = set_ae(value, "ae_title", allow_empty=False, allow_none=False) or ""

    @property
    def address(self) -> str:
        """The IP address.

        Raises:
            ValueError: It is not known yet.
        """
        if self.address_info is None:
            raise ValueError("No address is known for this side of the association")
        return str(self.address_info.address)

    @property
    def port(self) -> int:
        """The TCP port.

        Raises:
            ValueError: It is not known yet.
        """
        if self.address_info is None:
            raise ValueError("No port is known for this side of the association")
        return int(self.address_info.port)

    @property
    def info(self) -> dict[str, Any]:
        """AE title, address, port, mode and maximum length in one dict."""
        known = self.address_info is not None
        return {
            "ae_title": self.ae_title,
            "address": self.address if known else None,
            "port": self.port if known else None,
            "mode": self.mode,
            "pdv_size": self.maximum_length,
        }

    # User information.

    @property
    def user_information(self) -> list[ServiceParameter]:
        """All its user information items."""
        return self._user_information

    @property
    def extended_negotiation(self) -> list[ServiceParameter]:
        """Its items of extended negotiation."""
        return [item for item in self._user_information if isinstance(item, _EXTENDED)]

    def _items(self, item_type: type[Item]) -> list[Item]:
        return [item for item in self._user_information if isinstance(item, item_type)]

    def _item(self, item_type: type[Item]) -> Item | None:
        return next(iter(self._items(item_type)), None)

    def _own(self, item_type: type[Item]) -> Item:
        """Return the item to write to, made if it is not there."""
        self._check_writeable()
        item = self._item(item_type)
        if item is None:
            item = item_type()
            self._user_information.append(item)
        return item

    @property
    def maximum_length(self) -> int:
        """The longest P-DATA-TF PDU it wants to receive, 0 for no limit."""
        item = self._item(MaximumLengthNotification)
        if item is None:
            return DEFAULT_MAX_LENGTH if self.writeable else 0
        return item.maximum_length_received

    @maximum_length.setter
    def maximum_length(self, value: int) -> None:
        self._own(MaximumLengthNotification).maximum_length_received = value

    @property
    def implementation_class_uid(self) -> UID | None:
        """Which implementation it is; ``None`` if it does not say."""
        item = self._item(ImplementationClassUIDNotification)
        return None if item is None else item.implementation_class_uid

    @implementation_class_uid.setter
    def implementation_class_uid(self, value: str) -> None:
        self._own(ImplementationClassUIDNotification).implementation_class_uid = value

    @property
    def implementation_version_name(self) -> str | None:
        """Which version it is; ``None`` if it does not say."""
        item = self._item(ImplementationVersionNameNotification)
        return None if item is None else item.implementation_version_name

    @implementation_version_name.setter
    def implementation_version_name(self, value: str | None) -> None:
        if value is None:
            self._check_writeable()
            item = self._item(ImplementationVersionNameNotification)
            if item is not None:
                self._user_information.remove(item)
            return
        self._own(ImplementationVersionNameNotification).implementation_version_name = value

    @property
    def asynchronous_operations(self) -> tuple[int, int]:
        """How many operations it may invoke and perform at once, (1, 1) unless negotiated."""
        item = self._item(AsynchronousOperationsWindowNegotiation)
        if item is None:
            return 1, 1
        return item.maximum_number_operations_invoked, item.maximum_number_operations_performed

    @property
    def role_selection(self) -> dict[UID, SCP_SCU_RoleSelectionNegotiation]:
        """Its role selections by SOP class."""
        items = self._items(SCP_SCU_RoleSelectionNegotiation)
        return {item.sop_class_uid: item for item in items if item.sop_class_uid is not None}

    @property
    def sop_class_extended(self) -> dict[UID, bytes]:
        """Its SOP class extended negotiations by SOP class."""
        return {
            item.sop_class_uid: item.service_class_application_information or b""
            for item in self._items(SOPClassExtendedNegotiation)
            if item.sop_class_uid is not None
        }

    @property
    def sop_class_common_extended(self) -> dict[UID, SOPClassCommonExtendedNegotiation]:
        """Its SOP class common extended negotiations by SOP class."""
        items = self._items(SOPClassCommonExtendedNegotiation)
        return {item.sop_class_uid: item for item in items if item.sop_class_uid is not None}

    @property
    def user_identity(self) -> UserIdentityNegotiation | None:
        """Its user identity: the request of a requestor, the answer of an acceptor."""
        return self._item(UserIdentityNegotiation)

    @property
    def accepted_common_extended(self) -> dict[UID, tuple[UID, list[UID]]]:
        """What an acceptor accepted: SOP class to service class and related classes.

        Raises:
            RuntimeError: This is a requestor.
        """
        if self.is_requestor:
            raise RuntimeError("'accepted_common_extended' is only available for the acceptor")
        return self._common_extended

    def add_negotiation_item(self, item: ServiceParameter) -> None:
        """Add an item of extended negotiation; one about the same thing is replaced.

        Raises:
            RuntimeError: The negotiation has begun.
            TypeError: It is no such item.
        """
        self._check_writeable()
        if not isinstance(item, _EXTENDED):
            raise TypeError(f"'item' must be an extended negotiation item, not {item!r}")
        self._user_information = [
            other for other in self._user_information if not _is_same_matter(item, other)
        ]
        self._user_information.append(item)

    def remove_negotiation_item(self, item: ServiceParameter) -> None:
        """Remove an item of extended negotiation.

        Raises:
            RuntimeError: The negotiation has begun.
        """
        self._check_writeable()
        self._user_information = [other for other in self._user_information if other != item]

    def reset_negotiation_items(self) -> None:
        """Remove all items of extended negotiation.

        Raises:
            RuntimeError: The negotiation has begun.
        """
        self._check_writeable()
        extended = self.extended_negotiation
        self._user_information = [item for item in self._user_information if item not in extended]

    # Presentation contexts.

    @property
    def requested_contexts(self) -> list[PresentationContext]:
        """The contexts a requestor proposes.

        Raises:
            AttributeError: This is an acceptor.
        """
        if self.is_acceptor:
            raise AttributeError("'requested_contexts' is only available for the requestor")
        return self._contexts

    @requested_contexts.setter
    def requested_contexts(self, contexts: list[PresentationContext]) -> None:
        if self.is_acceptor:
            raise AttributeError("'requested_contexts' is only available for the requestor")
        self._check_writeable()
        self._contexts = [context._copy() for context in contexts]
        for number, context in enumerate(self._contexts):
            context.context_id = 2 * number + 1

    @property
    def supported_contexts(self) -> list[PresentationContext]:
        """The contexts an acceptor supports.

        Raises:
            AttributeError: This is a requestor.
        """
        if self.is_requestor:
            raise AttributeError("'supported_contexts' is only available for the acceptor")
        return self._contexts

    @supported_contexts.setter
    def supported_contexts(self, contexts: list[PresentationContext]) -> None:
        if self.is_requestor:
            raise AttributeError("'supported_contexts' is only available for the acceptor")
        self._check_writeable()
        self._contexts = contexts

    def get_contexts(self, cx_type: str) -> list[PresentationContext]:
        """Return presentation contexts.

        Args:
            cx_type: "requested" or "pcdl" (what was proposed) of a requestor, "supported" or
                "pcdrl" (what was decided) of an acceptor.

        Raises:
            ValueError: This side has none of that kind.
        """
        own = "requested" if self.is_requestor else "supported"
        sent = "pcdl" if self.is_requestor else "pcdrl"
        if cx_type == own:
            return self._contexts
        if cx_type != sent:
            raise ValueError(f"'cx_type' must be '{own}' or '{sent}' for the {self.mode}")
        if self.primitive is None:
            return []
        if self.is_requestor:
            return self.primitive.presentation_context_definition_list
        return self.primitive.presentation_context_definition_results_list


def _is_same_matter(item: ServiceParameter, other: ServiceParameter) -> bool:
    if isinstance(item, _PER_CLASS) and isinstance(other, _PER_CLASS):
        return type(item) is type(other) and item.sop_class_uid == other.sop_class_uid
    return type(item) is type(other)
