"""The service primitives of the upper layer (PS3.8 7): what the core's events are.

The user information items are defined in `user_information` and can be imported from here.
"""

from typing import Any, Literal, TypeVar

from pydicom.uid import UID

from pynetdicom._globals import APPLICATION_CONTEXT_NAME
from pynetdicom._layout import Attribute, Compared, maybe, uid
from pynetdicom.presentation import PresentationContext
from pynetdicom.user_information import (
    AsynchronousOperationsWindowNegotiation as AsynchronousOperationsWindowNegotiation,
)
from pynetdicom.user_information import (
    ImplementationClassUIDNotification as ImplementationClassUIDNotification,
)
from pynetdicom.user_information import (
    ImplementationVersionNameNotification as ImplementationVersionNameNotification,
)
from pynetdicom.user_information import MaximumLengthNotification as MaximumLengthNotification
from pynetdicom.user_information import (
    SCP_SCU_RoleSelectionNegotiation as SCP_SCU_RoleSelectionNegotiation,
)
from pynetdicom.user_information import ServiceParameter as ServiceParameter
from pynetdicom.user_information import (
    SOPClassCommonExtendedNegotiation as SOPClassCommonExtendedNegotiation,
)
from pynetdicom.user_information import SOPClassExtendedNegotiation as SOPClassExtendedNegotiation
from pynetdicom.user_information import UserIdentityNegotiation as UserIdentityNegotiation
from pynetdicom.utils import set_ae

Item = TypeVar("Item", bound=ServiceParameter)

RESULTS = {0: "Accepted", 1: "Rejected Permanent", 2: "Rejected Transient"}

SOURCES = {
    1: "Service User",
    2: "Service Provider (ACSE)",
    3: "Service Provider (Presentation)",
}

# (source, diagnostic), PS3.8 Table 9-21.
DIAGNOSTICS = {
    (1, 1): "No reason given",
    (1, 2): "Application context name not supported",
    (1, 3): "Calling AE title not recognised",
    (1, 7): "Called AE title not recognised",
    (2, 1): "No reason given",
    (2, 2): "Protocol version not supported",
    (3, 0): "Reserved",
    (3, 1): "Temporary congestion",
    (3, 2): "Local limit exceeded",
}


def one_of(*allowed: int) -> Any:
    """Return a check for one of the numbers that the standard assigns."""

    def check(value: Any, name: str) -> int:
        if value not in allowed:
            raise ValueError(f"'{name}' must be one of {allowed}, not {value!r}")
        return int(value)

    return maybe(check)


def _title(value: Any, name: str) -> str | None:
    return set_ae(value, name, allow_empty=True, allow_none=True)


def _list_of(item_type: type) -> Any:
    def check(value: Any, name: str) -> list[Any]:
        if not isinstance(value, list):
            raise TypeError(f"'{name}' must be list, not '{type(value).__name__}'")
        for item in value:
            if not isinstance(item, item_type):
                raise TypeError(f"'{name}' must hold {item_type.__name__}, not {item!r}")
        return value

    return check


class A_ASSOCIATE(Compared):
    """Request, indication, response and confirmation of an association (PS3.8 7.1).

    Attributes:
        result: 0 accepted, 1 rejected for good, 2 rejected for now; ``None`` in a request.
        result_source: 1 service user, 2 provider (ACSE), 3 provider (presentation).
        diagnostic: The reason of a rejection, PS3.8 Table 9-21.
    """

    mode = "normal"
    presentation_requirements = "Presentation Kernel"
    session_requirements = ""

    application_context_name: Attribute[UID | None] = Attribute(uid, APPLICATION_CONTEXT_NAME)
    calling_ae_title: Attribute[str | None] = Attribute(_title, None)
    called_ae_title: Attribute[str | None] = Attribute(_title, None)
    result: Attribute[int | None] = Attribute(one_of(0, 1, 2), None)
    result_source: Attribute[int | None] = Attribute(one_of(1, 2, 3), None)
    diagnostic: Attribute[int | None] = Attribute(one_of(*range(1, 11)), None)

    def __init__(self) -> None:
        self.user_information: list[ServiceParameter] = []
        self._proposed: list[PresentationContext] = []
        self._results: list[PresentationContext] = []
        # Addresses do not travel: the transport fills them in (PS3.8 7.1.1.6 and 7.1.1.7).
        self.calling_presentation_address: Any = None
        self.called_presentation_address: Any = None
        self.responding_presentation_address: Any = None

    @property
    def responding_ae_title(self) -> str | None:
        """The called AE title, which an answer must repeat (PS3.8 7.1.1.5)."""
        return self.called_ae_title

    @property
    def presentation_context_definition_list(self) -> list[PresentationContext]:
        """The proposed presentation contexts; empty in an answer."""
        return self._proposed

    @presentation_context_definition_list.setter
    def presentation_context_definition_list(self, value: list[PresentationContext]) -> None:
        self._proposed = _list_of(PresentationContext)(
            value, "presentation_context_definition_list"
        )

    @property
    def presentation_context_definition_results_list(self) -> list[PresentationContext]:
        """The decided presentation contexts; empty in a request."""
        return self._results

    @presentation_context_definition_results_list.setter
    def presentation_context_definition_results_list(
        self, value: list[PresentationContext]
    ) -> None:
        name = "presentation_context_definition_results_list"
        self._results = _list_of(PresentationContext)(value, name)

    def item(self, item_type: type[Item]) -> Item | None:
        """Return the first user information item of `item_type`, if there is one."""
        return next((i for i in self.user_information if isinstance(i, item_type)), None)

    @property
    def maximum_length_received(self) -> int | None:
        """The sender's maximum length, ``None`` when it sent none."""
        item = self.item(MaximumLengthNotification)
        return None if item is None else item.maximum_length_received

    @maximum_length_received.setter
    def maximum_length_received(self, value: int) -> None:
        self._set_item(MaximumLengthNotification, "maximum_length_received", value)

    @property
    def implementation_class_uid(self) -> str | None:
        """The sender's implementation class UID, ``None`` when it sent none."""
        item = self.item(ImplementationClassUIDNotification)
        return None if item is None else item.implementation_class_uid

    @implementation_class_uid.setter
    def implementation_class_uid(self, value: str) -> None:
        self._set_item(ImplementationClassUIDNotification, "implementation_class_uid", value)

    def _set_item(self, item_type: type[ServiceParameter], name: str, value: Any) -> None:
        item = self.item(item_type)
        if item is None:
            item = item_type()
            self.user_information.append(item)
        setattr(item, name, value)

    @property
    def result_str(self) -> str:
        """The result in words."""
        return RESULTS.get(-1 if self.result is None else self.result, "(no value available)")

    @property
    def source_str(self) -> str:
        """The source of the result in words."""
        return SOURCES.get(self.result_source or 0, "(no value available)")

    @property
    def reason_str(self) -> str:
        """The diagnostic in words."""
        pair = (self.result_source or 0, self.diagnostic or 0)
        return DIAGNOSTICS.get(pair, "(no value available)")


class A_RELEASE(Compared):
    """Request, indication, response and confirmation of a release (PS3.8 7.2).

    Attributes:
        reason: Fixed to "normal" by the standard when it is there at all.
        result: "affirmative" in a response and a confirmation, ``None`` in a request.
    """

    def __init__(self, result: Literal["affirmative"] | None = None) -> None:
        self.reason: str | None = None if result is None else "normal"
        self._result: str | None = None
        self.result = result

    @property
    def result(self) -> str | None:
        """Whether this is an answer."""
        return self._result

    @result.setter
    def result(self, value: str | None) -> None:
        if value not in (None, "affirmative"):
            raise ValueError("'result' must be None or 'affirmative'")
        self._result = value


class A_ABORT(Compared):
    """An abort by a service user (PS3.8 7.3)."""

    def __init__(self, source: int | None = None) -> None:
        self._source: int | None = None
        if source is not None:
            self.abort_source = source

    @property
    def abort_source(self) -> int:
        """Who aborts: 0 the service user, 2 the service provider."""
        if self._source is None:
            raise ValueError("The abort source is not set")
        return self._source

    @abort_source.setter
    def abort_source(self, value: int) -> None:
        self._source = one_of(0, 1, 2)(value, "abort_source")


class A_P_ABORT(Compared):
    """An abort by the service provider (PS3.8 7.4)."""

    def __init__(self, reason: int | None = None) -> None:
        self._reason: int | None = None
        if reason is not None:
            self.provider_reason = reason

    @property
    def provider_reason(self) -> int:
        """The reason, PS3.8 9.3.8."""
        if self._reason is None:
            raise ValueError("The provider reason is not set")
        return self._reason

    @provider_reason.setter
    def provider_reason(self, value: int) -> None:
        self._reason = one_of(0, 1, 2, 4, 5, 6)(value, "provider_reason")


class P_DATA(Compared):
    """Fragments of a message (PS3.8 7.6).

    Attributes:
        presentation_data_value_list: Pairs of context ID and bytes; the first byte is the message
            control header.
    """

    def __init__(self, values: list[tuple[int, bytes]] | None = None) -> None:
        self.presentation_data_value_list: list[tuple[int, bytes]] = (
            values if values is not None else []
        )
