"""Which switches an AE may have its own way: one process may be several nodes.

The switches of `_config` hold for the whole process. Those that say how a node behaves are options
of its AE, too, and read through `Option.of()`; the others say how values are checked and written,
where no AE is known.
"""

from typing import Generic, Self, TypeVar, overload

from pynetdicom import _config

T = TypeVar("T")


class Option(Generic[T]):
    """An attribute of an AE that overrides a switch, unless it is ``None``.

    Args:
        switch: The switch's name in `_config`.
        choices: The values it may have; without any, numbers from 1.
    """

    def __init__(self, switch: str, *choices: T) -> None:
        self.switch = switch
        self._choices = choices

    def __set_name__(self, owner: type[object], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, ae: None, owner: type[object]) -> Self: ...

    @overload
    def __get__(self, ae: object, owner: type[object]) -> T | None: ...

    def __get__(self, ae: object | None, owner: type[object]) -> Self | T | None:
        return self if ae is None else vars(ae).get(self._name)

    def __set__(self, ae: object, value: T | None) -> None:
        if value is not None and not self._is_allowed(value):
            choices = ", ".join(map(repr, self._choices)) or "a number from 1"
            raise ValueError(f"'{self._name}' must be {choices} or None, not {value!r}")
        vars(ae)[self._name] = value

    def _is_allowed(self, value: T) -> bool:
        if self._choices:
            return value in self._choices
        return isinstance(value, int) and value >= 1

    def of(self, ae: object) -> T:
        """Return what holds for `ae`: its own value, or else that of the switch as it is now."""
        own = vars(ae).get(self._name)
        value: T = getattr(_config, self.switch) if own is None else own
        return value


class Options:
    """The options of an AE; each is ``None``, and so left to its switch, until it is set."""

    unrestricted_storage: Option[bool] = Option("UNRESTRICTED_STORAGE_SERVICE", False, True)
    """Whether it accepts any storage, private or unknown abstract syntax as storage.

    ``None`` leaves it to ``_config.UNRESTRICTED_STORAGE_SERVICE``.
    """

    receive_into_files: Option[bool] = Option("STORE_RECV_CHUNKED_DATASET", False, True)
    """Whether received C-STORE data sets go to temporary files, ``event.dataset_path``.

    ``None`` leaves it to ``_config.STORE_RECV_CHUNKED_DATASET``.
    """

    send_files_unchanged: Option[bool] = Option("STORE_SEND_CHUNKED_DATASET", False, True)
    """Whether ``send_c_store(path)`` insists on an accepted context with the file's own encoding.

    ``None`` leaves it to ``_config.STORE_SEND_CHUNKED_DATASET``.
    """

    maximum_data_set_length: Option[int] = Option("MAXIMUM_DATA_SET_LENGTH")
    """The most bytes of one received data set; a longer one is answered with an A-ABORT.

    Associations take it when they are made. ``None`` leaves it to
    ``_config.MAXIMUM_DATA_SET_LENGTH``.
    """

    log_handler_level: Option[str] = Option("LOG_HANDLER_LEVEL", "standard", "none")
    """``"none"`` keeps the four logging handlers off its new associations.

    ``None`` leaves it to ``_config.LOG_HANDLER_LEVEL``.
    """

    log_request_identifiers: Option[bool] = Option("LOG_REQUEST_IDENTIFIERS", False, True)
    """Whether identifiers of requests, which name patients, are logged at DEBUG.

    ``None`` leaves it to ``_config.LOG_REQUEST_IDENTIFIERS``.
    """

    log_response_identifiers: Option[bool] = Option("LOG_RESPONSE_IDENTIFIERS", False, True)
    """Whether identifiers of responses, which name patients, are logged at DEBUG.

    ``None`` leaves it to ``_config.LOG_RESPONSE_IDENTIFIERS``.
    """
