"""The application entity of pynetdicom 1.1, with its defaults and with AE titles as bytes."""

import copy
import logging
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from pydicom.uid import UID

from pynetdicom import ae, association
from pynetdicom.compat.v1.association import Association
from pynetdicom.compat.v1.presentation import DEFAULT_TRANSFER_SYNTAXES
from pynetdicom.compat.v1.utils import as_text, padded
from pynetdicom.pdu_primitives import A_ASSOCIATE

TransferSyntaxes = str | Sequence[str] | None


# What callbacks answer that nobody has set; the others are to be implemented.
_ANSWERS: Final[dict[str, Any]] = {
    "on_c_echo": 0x0000,
    "on_sop_class_extended": None,
    "on_sop_class_common_extended": {},
    "on_association_requested": None,
    "on_association_accepted": None,
    "on_association_rejected": None,
    "on_association_released": None,
    "on_association_aborted": None,
    "on_make_connection": None,
    "on_receive_connection": None,
}


def setup_logger() -> logging.Logger:
    """Write warnings and errors to the standard error stream, as 1.1 did when it was imported."""
    logger = logging.getLogger("pynetdicom")
    if all(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname).1s: %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.WARNING)
    return logger


class ApplicationEntity(ae.ApplicationEntity):
    """An application entity (AE) as pynetdicom 1.1 had it.

    Args:
        ae_title: Its AE title; what is longer than 16 characters is cut.
        port: Where `start` listens, 0 for a free port.
    """

    _association_class: type[association.Association] = Association
    _usual_dimse_timeout: float | None = None

    def __init__(self, ae_title: str | bytes = b"PYNETDICOM", port: int = 0) -> None:
        super().__init__(as_text(ae_title))
        self.port = port
        self.maximum_associations = 2

    @classmethod
    def _remind(cls, old: str, new: str) -> None:
        """Say nothing: who imports this class knows."""

    def _default_callback(self, name: str) -> Callable[..., Any]:
        def callback(*args: Any) -> Any:
            if name not in _ANSWERS:
                raise NotImplementedError(f"Set 'AE.{name}' to a function")
            return _ANSWERS[name]

        return callback

    # Titles.

    @property
    def ae_title(self) -> Any:
        """Its title, 16 bytes."""
        return padded(self._ae_title)

    @ae_title.setter
    def ae_title(self, value: str | bytes) -> None:
        self._ae_title = as_text(value)

    @property
    def require_calling_aet(self) -> Any:
        """The calling AE titles that are accepted, 16 bytes each; empty accepts all."""
        return [padded(title) for title in self._require_calling_aet]

    @require_calling_aet.setter
    def require_calling_aet(self, titles: Iterable[str | bytes]) -> None:
        self._require_calling_aet = [as_text(title) for title in titles]

    def _shown_title(self, title: str | None) -> bytes | None:
        return None if title is None else padded(title)

    def _shown_primitive(self, primitive: A_ASSOCIATE) -> A_ASSOCIATE:
        shown = copy.copy(primitive)
        for name in ("calling_ae_title", "called_ae_title"):
            vars(shown)[name] = self._shown_title(getattr(primitive, name))
        return shown

    # Contexts.

    def add_requested_context(
        self, abstract_syntax: str | UID, transfer_syntax: TransferSyntaxes = None
    ) -> None:
        """Add a presentation context to be proposed, with three transfer syntaxes by default."""
        super().add_requested_context(abstract_syntax, transfer_syntax or DEFAULT_TRANSFER_SYNTAXES)

    def add_supported_context(
        self,
        abstract_syntax: str | UID,
        transfer_syntax: TransferSyntaxes = None,
        scu_role: bool | None = None,
        scp_role: bool | None = None,
    ) -> None:
        """Add a presentation context to be accepted, with three transfer syntaxes by default."""
        syntaxes = transfer_syntax or DEFAULT_TRANSFER_SYNTAXES
        super().add_supported_context(abstract_syntax, syntaxes, scu_role, scp_role)

    # Associations.

    def associate(
        self,
        addr: Any,
        port: int,
        contexts: Any = None,
        ae_title: str | bytes = b"ANY-SCP",
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Request an association and return it when it is decided (PS3.8 7.1).

        Args:
            addr: The peer's IP address or host name.
            port: The peer's TCP port.
            contexts: The presentation contexts to propose; ``None`` for `requested_contexts`.
            ae_title: The peer's AE title.
            *args: ``max_pdu`` (16382) and ``ext_neg``, and what came later.
            **kwargs: The same by name.
        """
        return super().associate(addr, port, contexts, as_text(ae_title), *args, **kwargs)

    def _take_place(self, assoc: Any) -> bool:
        with self._lock:  # requested associations took places, too
            others = [a for a in self.active_associations if a is not assoc and not a._is_over]
            taken = [a for a in others if a.is_requestor or a._has_place]
            assoc._has_place = len(taken) < self.maximum_associations
            return bool(assoc._has_place)

    # Serving.

    @property
    def local_socket(self) -> Any:
        """The socket that listens, ``None`` without one."""
        server = next(iter(self._servers), None)
        return None if server is None else server.socket

    def quit(self) -> None:
        """Do as `stop`."""
        warnings.warn("AE.quit() has another name: AE.stop()", DeprecationWarning, stacklevel=2)
        self.shutdown()
