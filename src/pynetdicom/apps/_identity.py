"""On whose behalf a program asks (PS3.7 D.3.3.7)."""

import argparse
import os
import sys
from enum import IntEnum
from getpass import getpass
from pathlib import Path

from pynetdicom.apps._parser import IDENTITIES
from pynetdicom.pdu_primitives import UserIdentityNegotiation

VARIABLE = "PYNETDICOM_PASSWORD"
ASK = "-"  # the password is not in the command line, where everybody on this machine can see it

# The length of a field is a number of 16 bits (PS3.7 Table D.3-14).
_LONGEST = 0xFFFF


class _Type(IntEnum):
    """The types of an identity (PS3.7 Table D.3-14)."""

    USER_NAME = 1
    USER_NAME_AND_PASSCODE = 2
    KERBEROS = 3
    SAML = 4
    JWT = 5


def add_identity(parser: argparse.ArgumentParser) -> None:
    """Add who the user is."""
    group = parser.add_argument_group("user identity")
    kinds = group.add_mutually_exclusive_group()
    kinds.add_argument("--user", metavar="NAME", help="the user's name")
    kinds.add_argument("--kerberos", metavar="FILE", help="send this Kerberos service ticket")
    kinds.add_argument("--saml", metavar="FILE", help="send this SAML assertion")
    kinds.add_argument("--jwt", metavar="FILE", help="send this JSON web token")
    group.add_argument(
        "--password",
        metavar="TEXT",
        help=f"goes with --user; {ASK} asks for it, or reads a line of standard input (default: "
        f"{VARIABLE} of the environment, if it is set; others can see what is typed here)",
    )
    group.add_argument(
        "--positive-response",
        action="store_true",
        help="ask the peer to confirm the identity, and tell if it does not",
    )


def identity_of(
    parser: argparse.ArgumentParser, args: argparse.Namespace
) -> UserIdentityNegotiation | None:
    """Return the identity to send, if any; leave with a message if it is not possible."""
    kinds = [kind for kind in IDENTITIES if getattr(args, kind)]
    if not kinds:
        for name in ("password", "positive_response"):
            if getattr(args, name):
                option = name.replace("_", "-")
                parser.error(f"--{option} goes with an identity, such as --user, and none is given")
        return None
    if len(kinds) > 1:
        parser.error(f"the peer's entries name several identities: {', '.join(kinds)}")
    item = UserIdentityNegotiation()
    item.positive_response_requested = args.positive_response
    if args.user:
        password = _password(parser, args)
        item.user_identity_type = (
            _Type.USER_NAME if password is None else _Type.USER_NAME_AND_PASSCODE
        )
        item.primary_field = _field(parser, args.user.encode(), "--user")
        if password is not None:
            item.secondary_field = _field(parser, password.encode(), "--password")
        return item
    if args.password is not None:
        parser.error(f"--password goes with --user, not with --{kinds[0]}")
    item.user_identity_type = _Type[kinds[0].upper()]
    item.primary_field = _token(parser, getattr(args, kinds[0]), f"--{kinds[0]}")
    return item


def _password(parser: argparse.ArgumentParser, args: argparse.Namespace) -> str | None:
    variable = getattr(args, "password_variable", None)  # of the configuration file
    if args.password is None and variable is not None and variable not in os.environ:
        parser.error(f"the password is to be in {variable} of the environment, which is not set")
    if args.password is None:
        return os.environ.get(variable or VARIABLE)
    if args.password != ASK:
        return str(args.password)
    if sys.stdin.isatty():
        return getpass(f"Password of {args.user}: ")
    line = sys.stdin.readline()
    if not line:
        parser.error("--password -: standard input has no line to read")
    return line.rstrip("\r\n")


def _token(parser: argparse.ArgumentParser, path: str, option: str) -> bytes:
    try:
        token = Path(path).read_bytes()
    except OSError as error:
        parser.error(f"{option} {path}: {error.strerror or error}")
    # Editors end a file with a line break that is no part of a token; a ticket is binary.
    return _field(parser, token if option == "--kerberos" else token.strip(), option)


def _field(parser: argparse.ArgumentParser, value: bytes, option: str) -> bytes:
    if not 0 < len(value) <= _LONGEST:
        parser.error(f"{option} is 1 to {_LONGEST} bytes long, not {len(value)}")
    return value
