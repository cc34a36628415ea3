"""Peers by name: the configuration file (TOML).

    [peers.pacs]
    host = "pacs.example.org"
    port = 104
    ae_title = "ARCHIVE"
    calling_ae_title = "MODALITY"

A peer's entries take the place of the defaults of the options; options that are given win.
"""

import argparse
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pynetdicom.apps import _values
from pynetdicom.apps._output import plain

VARIABLE = "PYNETDICOM_CONFIG"


class ConfigurationError(Exception):
    """The configuration file is not as it should be; the message says where and why."""


@dataclass(frozen=True, slots=True)
class _Key:
    """What an entry is for: the option whose default it replaces, its kind, and what it may be."""

    option: str
    kind: type
    check: Callable[[str], Any] | None = None


_KEYS: Mapping[str, _Key] = {
    "host": _Key("addr", str),
    "port": _Key("port", int, _values.port),
    "ae_title": _Key("called_aet", str, _values.ae_title),
    "calling_ae_title": _Key("calling_aet", str, _values.ae_title),
    "acse_timeout": _Key("acse_timeout", float, _values.seconds),
    "dimse_timeout": _Key("dimse_timeout", float, _values.seconds),
    "network_timeout": _Key("network_timeout", float, _values.seconds),
    "max_pdu": _Key("max_pdu", int, _values.maximum_length),
    "tls": _Key("tls", bool),
    "cert": _Key("cert", Path),
    "key": _Key("key", Path),
    "ca": _Key("ca", Path),
    "tls_name": _Key("tls_name", str),
    "verify": _Key("verify", bool),
    "user": _Key("user", str),
    "password_variable": _Key("password_variable", str),
    "kerberos": _Key("kerberos", Path),
    "saml": _Key("saml", Path),
    "jwt": _Key("jwt", Path),
    "positive_response": _Key("positive_response", bool),
}
_REQUIRED = ("host", "port")
_KIND_NAMES = {
    str: "text in quotes",
    Path: "a path in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}
_HINTS = {
    "password": "no passwords are kept in this file: set PYNETDICOM_PASSWORD in the environment, "
    "or name another variable: password_variable",
    "no_verify": "it is verify = false",
    "address": "it is host",
    "called_ae_title": "it is ae_title",
    "called_aet": "it is ae_title",
    "calling_aet": "it is calling_ae_title",
}


def default_path() -> Path:
    """Return where the configuration file is, unless an option says otherwise."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    home = os.environ.get("XDG_CONFIG_HOME")
    # "All paths set in these environment variables must be absolute": others are to be ignored.
    folder = Path(home) if home and Path(home).is_absolute() else Path.home() / ".config"
    return folder / "pynetdicom" / "config.toml"


def find_path(option: str | None) -> Path | None:
    """Return the configuration file, ``None`` if there is none and none was asked for.

    Args:
        option: What `--config` says.
    """
    if option is not None:
        return Path(option)
    path = default_path()
    return path if os.environ.get(VARIABLE) or path.exists() else None


def read_peers(path: Path) -> dict[str, dict[str, Any]]:
    """Return the options of each peer of a configuration file.

    Raises:
        ConfigurationError: It cannot be read, or something in it makes no sense.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{plain(path)}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{plain(path)}: it is no text in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{plain(path)}: it is no TOML: {error}") from error
    try:
        return _peers(content, path.parent)
    except ConfigurationError as error:
        raise ConfigurationError(f"{plain(path)}: {error}") from None


def _peers(content: Mapping[str, Any], folder: Path) -> dict[str, dict[str, Any]]:
    for name in content:
        if name != "peers":
            raise ConfigurationError(f"unknown table or key {name!r}; there is [peers.NAME]")
    peers = content.get("peers", {})
    if not isinstance(peers, dict) or not all(isinstance(p, dict) for p in peers.values()):
        raise ConfigurationError("peers have to be tables: [peers.NAME]")
    return {name: _options(name, entries, folder) for name, entries in peers.items()}


def _options(name: str, entries: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    options = {}
    for key, value in entries.items():
        if key not in _KEYS:
            hint = _HINTS.get(key, f"there are {', '.join(_KEYS)}")
            raise ConfigurationError(f"peers.{name}: unknown key {key!r}; {hint}")
        try:
            options[_KEYS[key].option] = _value(_KEYS[key], value, folder)
        except (ValueError, argparse.ArgumentTypeError) as error:
            raise ConfigurationError(f"peers.{name}.{key}: {error}") from None
    for key in _REQUIRED:
        if key not in entries:
            raise ConfigurationError(f"peers.{name}: {key!r} is missing")
    return options


def _value(key: _Key, value: Any, folder: Path) -> Any:
    kinds: tuple[type, ...] = {Path: (str,), float: (int, float)}.get(key.kind, (key.kind,))
    # A bool is an int, to Python.
    if not isinstance(value, kinds) or isinstance(value, bool) != (key.kind is bool):
        raise ValueError(f"it has to be {_KIND_NAMES[key.kind]}")
    if value == "":
        raise ValueError("it is empty")
    if key.kind is Path:
        return str(folder / Path(str(value)).expanduser())  # relative to the file that names it
    return value if key.check is None else key.check(str(value))
