"""What the servers of both fronts know: their associations, and handlers for all of them."""

from typing import Any, Generic, TypeVar, overload

from pynetdicom import events as evt
from pynetdicom._association import BaseAssociation

A = TypeVar("A", bound=BaseAssociation)


class BaseServer(Generic[A]):
    """Binds handlers to the events of the associations that are there and those that come.

    Attributes:
        ae: The application entity.
    """

    ae: Any
    _handlers: evt.Handlers

    @property
    def active_associations(self) -> list[A]:
        """Its associations that are alive."""
        return [assoc for assoc in self.ae.active_associations if assoc._server is self]

    def bind(
        self, event: evt.EventType, handler: evt.Handler, args: list[Any] | None = None
    ) -> None:
        """Bind a handler to an event of its present and future associations."""
        self._handlers.bind(event, handler, args)
        for assoc in self.active_associations:
            assoc.bind(event, handler, args)

    def unbind(self, event: evt.EventType, handler: evt.Handler) -> None:
        """Unbind a handler from its present and future associations."""
        self._handlers.unbind(event, handler)
        for assoc in self.active_associations:
            assoc.unbind(event, handler)

    def get_events(self) -> list[evt.EventType]:
        """Return the events with handlers, sorted by name."""
        return self._handlers.get_events()

    @overload
    def get_handlers(self, event: evt.NotificationEvent) -> list[evt.Binding]: ...

    @overload
    def get_handlers(self, event: evt.InterventionEvent) -> evt.Binding: ...

    def get_handlers(self, event: evt.EventType) -> evt.Binding | list[evt.Binding]:
        """Return (handler, args) of an intervention, a list of such pairs of a notification."""
        return self._handlers.get_handlers(event)
