"""The configuration file: what is not said on the command line, and the move destinations."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from configparser import ConfigParser, Error, SectionProxy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pynetdicom.apps import _arguments

BUNDLED: Final = Path(__file__).with_name("default.ini")
LEVELS: Final = ("critical", "error", "warn", "info", "debug")

_OWN: Final = "DEFAULT"


def _level(text: str) -> str:
    if text not in LEVELS:
        raise argparse.ArgumentTypeError(f"one of {', '.join(LEVELS)}, not {text!r}")
    return text


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("a path is missing")
    return Path(text)


# The keys of our own section, which are the names of the options, too.
_KEYS: Final[Mapping[str, Callable[[str], Any]]] = {
    "ae_title": _arguments.ae_title,
    "port": _arguments.listening_port,
    "bind_address": str,
    "max_pdu": _arguments.maximum_length,
    "acse_timeout": _arguments.seconds,
    "dimse_timeout": _arguments.seconds,
    "network_timeout": _arguments.seconds,
    "instance_location": _path,
    "database_location": _path,
    "log_level": _level,
}


class SettingsError(Exception):
    """A configuration file makes no sense; the message says where."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a configuration file says.

    Attributes:
        values: By the name of the option.
        destinations: Host and port of each AE to which objects may be moved, by AE title.
        ignored: What in it means nothing here.
    """

    values: Mapping[str, Any]
    destinations: Mapping[str, tuple[str, int]]
    ignored: Sequence[str]


def read_settings(path: Path | None) -> Settings:
    """Return what a configuration file says, and the bundled one where it says nothing.

    Args:
        path: The file, ``None`` for the bundled one. Its destinations are all there are.

    Raises:
        OSError: It cannot be read.
        SettingsError: It makes no sense.
    """
    bundled = _read(BUNDLED)
    if path is None:
        return bundled
    own = _read(path)
    return Settings({**bundled.values, **own.values}, own.destinations, own.ignored)


def bundled_lines() -> str:
    """Return the bundled configuration without its remarks, as an example in a text."""
    lines = BUNDLED.read_text(encoding="utf-8").splitlines()
    return "\n".join(f"    {line}" for line in lines if line and not line.startswith("#"))


def _read(path: Path) -> Settings:
    # With no section of defaults: what we are is nothing that a destination inherits.
    parser = ConfigParser(default_section="", interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8"), str(path))
    except (Error, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no configuration file: {error}") from error
    values, destinations, ignored = {}, {}, []
    for name in parser.sections():
        section = parser[name]
        known = _KEYS if name == _OWN else ("address", "port")
        ignored += [f"[{name}] {key}" for key in section if key not in known]
        if name == _OWN:
            own = [key for key in section if key in _KEYS]
            values = {key: _value(path, section, key, _KEYS[key]) for key in own}
        else:
            title = _title(path, name)
            destinations[title] = _destination(path, section)
    return Settings(values, destinations, ignored)


def _title(path: Path, name: str) -> str:
    try:
        return _arguments.ae_title(name)
    except argparse.ArgumentTypeError as error:
        raise SettingsError(f"{path}: [{name}]: {error}") from error


def _destination(path: Path, section: SectionProxy) -> tuple[str, int]:
    for key in ("address", "port"):
        if not section.get(key):
            raise SettingsError(f"{path}: [{section.name}]: it has no {key}")
    return section["address"], _value(path, section, "port", _arguments.port)


def _value(path: Path, section: SectionProxy, key: str, convert: Callable[[str], Any]) -> Any:
    try:
        return convert(section[key])
    except argparse.ArgumentTypeError as error:
        raise SettingsError(f"{path}: [{section.name}] {key}: {error}") from error
