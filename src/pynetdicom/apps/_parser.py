"""The parser of the programs: it takes a peer as HOST PORT or by name, and completes words."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pynetdicom.apps import _values
from pynetdicom.apps._output import plain
from pynetdicom.apps._peers import ConfigurationError, default_path, find_path, read_peers

# Options of which one at most makes sense.
IDENTITIES = ("user", "kerberos", "saml", "jwt")

# Set while a shell asks what the word under the cursor may become.
COMPLETING = "_ARGCOMPLETE"


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Names the argument of an option once, as Python 3.13 does: `-s, --long VALUE`."""

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


class Parser(argparse.ArgumentParser):
    """Parses the arguments of a program.

    What precedes the files of a program that has both a peer and files is `HOST PORT` if the
    second word is a number, as it always was, and otherwise one word, the name of a peer.
    """

    _has_peer = False
    _has_paths = False

    def add_peer(self, paths: str) -> None:
        """Add the peer, and files behind it if `paths` says what they are for."""
        self._has_peer = True
        addr = self.add_argument(
            "addr",
            metavar="HOST",
            nargs="?",
            help="the peer's host name or IP address; or, without PORT, its name in the "
            "configuration file",
        )
        addr.completer = complete_peers  # type: ignore[attr-defined]  # argcomplete looks for it
        self.add_argument("port", metavar="PORT", nargs="?", help="the peer's TCP port")
        if paths:
            self._has_paths = True
            self.add_argument("path", metavar="PATH", nargs="*", help=paths)
        group = self.add_argument_group("peers by name")
        group.add_argument(
            "--config",
            metavar="FILE",
            help="the configuration file (TOML) with [peers.NAME]: host, port, ae_title, … "
            "(default: PYNETDICOM_CONFIG of the environment, or pynetdicom/config.toml in "
            "XDG_CONFIG_HOME, which is ~/.config)",
        )

    def parse_args(  # type: ignore[override]  # simpler: no other kind of namespace
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Return the options; leave with a message if they make no sense."""
        if COMPLETING in os.environ:
            import argcomplete  # noqa: PLC0415  # an extra, wanted by shells alone

            argcomplete.autocomplete(self, always_complete_options=False)
        words = list(sys.argv[1:] if args is None else args)
        if not self._has_peer:
            return super().parse_args(words, namespace)
        end = words.index("--") if "--" in words else len(words)
        words, literal = words[:end], words[end + 1 :]
        parsed = self.parse_intermixed_args(words, namespace)
        addr, *operands = self._operands(parsed, literal)
        peers = self._read_peers(parsed.config) if parsed.config is not None else None
        if operands and _is_number(operands[0]):
            self._check_ambiguity(addr, operands[0], peers)
            number, *operands = operands
            return self._place(parsed, addr, _port(self, number), operands)
        peer = self._named_peer(addr, operands, parsed.config, peers)
        if any(getattr(parsed, kind, None) for kind in IDENTITIES):  # instead of the file's
            peer = {name: value for name, value in peer.items() if name not in IDENTITIES}
        self.set_defaults(**peer)
        parsed = self.parse_intermixed_args(words, namespace)
        return self._place(parsed, peer["addr"], peer["port"], operands)

    def _operands(self, parsed: argparse.Namespace, literal: Sequence[str]) -> list[str]:
        """Return what is no option; what stands behind `--` is none either."""
        named = [word for word in (parsed.addr, parsed.port) if word is not None]
        operands = [*named, *getattr(parsed, "path", []), *literal]
        if not operands:
            missing = "HOST, PORT, PATH" if self._has_paths else "HOST, PORT"
            self.error(f"the following arguments are required: {missing}")
        return operands

    def _read_peers(self, config: str | None) -> dict[str, dict[str, Any]]:
        path = find_path(config)
        try:
            return {} if path is None else read_peers(path)
        except ConfigurationError as error:
            self.error(str(error))

    def _named_peer(
        self,
        name: str,
        operands: Sequence[str],
        config: str | None,
        peers: dict[str, dict[str, Any]] | None,
    ) -> dict[str, Any]:
        """Return the options of a peer; leave with a message if there is none."""
        peers = self._read_peers(None) if peers is None else peers
        if name in peers:
            return peers[name]
        where = plain(find_path(config) or default_path())
        known = f"; it has {', '.join(map(plain, peers))}" if peers else ""
        hint = f"(or a peer's name: {where} has no {plain(name)!r}{known})"
        if not operands:
            missing = "PORT, PATH" if self._has_paths else "PORT"
            self.error(f"the following arguments are required: {missing} {hint}")
        _port(self, operands[0], hint)
        raise AssertionError("what is no number is no port")

    def _check_ambiguity(self, addr: str, word: str, peers: dict[str, Any] | None) -> None:
        """Complain of the name of a peer with a file behind it that could be a port."""
        if not self._has_paths or not Path(word).exists():
            return
        if addr in (self._read_peers(None) if peers is None else peers):
            self.error(f"{word} may be a port or a file: write ./{word} if it is a file")

    def _place(
        self, parsed: argparse.Namespace, addr: str, number: int, operands: Sequence[str]
    ) -> argparse.Namespace:
        parsed.addr, parsed.port = addr, number
        if self._has_paths:
            parsed.path = list(operands)
            if not operands:
                self.error("the following arguments are required: PATH")
        elif operands:
            self.error(f"unrecognized arguments: {' '.join(operands)}")
        return parsed


def complete_peers(**context: Any) -> list[str]:
    """Return the names of the peers, for a shell that completes a word."""
    path = find_path(getattr(context.get("parsed_args"), "config", None))
    try:
        return [] if path is None else list(read_peers(path))
    except ConfigurationError:
        return []  # nobody wants to read of it while typing


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()


def _port(parser: argparse.ArgumentParser, word: str, hint: str = "") -> int:
    try:
        return _values.port(word)
    except argparse.ArgumentTypeError as error:
        parser.error(f"argument PORT: {error} {hint}".rstrip())
