"""The options that several programs have, and what they are turned into."""

import argparse
import ssl

from pynetdicom import (
    AE,
    DEFAULT_TRANSFER_SYNTAXES,
    AllStoragePresentationContexts,
    StoragePresentationContexts,
    __version__,
)
from pynetdicom._channel import TLSArguments
from pynetdicom._globals import DEFAULT_MAX_LENGTH
from pynetdicom.apps._parser import HelpFormatter, Parser
from pynetdicom.apps._values import ae_title as ae_title
from pynetdicom.apps._values import listening_port as listening_port
from pynetdicom.apps._values import maximum_length as maximum_length
from pynetdicom.apps._values import port as port
from pynetdicom.apps._values import retries as retries
from pynetdicom.apps._values import seconds as seconds
from pynetdicom.apps._values import times as times
from pynetdicom.presentation import PresentationContext

IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN = DEFAULT_TRANSFER_SYNTAXES


def make_parser(name: str, operands: str, description: str, epilog: str) -> Parser:
    """Return a parser with the options that every program has.

    Args:
        name: The program.
        operands: What has to follow its options.
        description: What it does, in a sentence.
        epilog: Examples.
    """
    parser = Parser(
        prog=f"pynetdicom {name}",
        usage=f"pynetdicom {name} [options] {operands}".rstrip(),
        description=description,
        epilog=epilog,
        formatter_class=HelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    group = parser.add_argument_group("general options")
    group.add_argument("-h", "--help", action="help", help="show this and exit")
    version = f"pynetdicom {name} {__version__}"
    group.add_argument("--version", action="version", version=version, help="show it and exit")
    level = group.add_mutually_exclusive_group()
    level.add_argument("-q", "--quiet", action="store_true", help="print nothing")
    level.add_argument("-v", "--verbose", action="store_true", help="say what is going on")
    level.add_argument("-d", "--debug", action="store_true", help="show PDUs and messages, too")
    level.add_argument(
        "-ll",
        "--log-level",
        metavar="LEVEL",
        choices=("critical", "fatal", "error", "warn", "info", "debug", "trace"),
        help="the least important lines to show: critical, error, warn (default), info or debug",
    )
    return parser


def add_peer(parser: Parser, paths: str = "") -> None:
    """Add where the peer is: HOST PORT, or a name of the configuration file.

    Args:
        parser: Where to.
        paths: What the files and folders behind it are for, if there are any.
    """
    parser.add_peer(paths)


def add_titles(parser: argparse.ArgumentParser, calling: str) -> None:
    """Add the AE titles of a program that asks for associations."""
    group = parser.add_argument_group("AE titles")
    group.add_argument(
        "-aet",
        "--calling-aet",
        metavar="TITLE",
        type=ae_title,
        default=calling,
        help=f"ours (default {calling})",
    )
    group.add_argument(
        "-aec",
        "--called-aet",
        metavar="TITLE",
        type=ae_title,
        default="ANY-SCP",
        help="the peer's (default ANY-SCP)",
    )


def add_listening(parser: argparse.ArgumentParser, title: str) -> None:
    """Add where a program that is asked for associations listens, and as what."""
    parser.add_argument(
        "port",
        metavar="PORT",
        type=listening_port,
        help="the TCP port to listen on; 0 takes a free one and tells which",
    )
    add_own_title(parser, title)


def add_own_title(parser: argparse.ArgumentParser, title: str) -> None:
    """Add as what a program that is asked for associations listens, and on which address."""
    parser.add_argument(
        "-aet",
        "--ae-title",
        metavar="TITLE",
        type=ae_title,
        default=title,
        help=f"our AE title (default {title})",
    )
    parser.add_argument(
        "-ba",
        "--bind-address",
        metavar="ADDRESS",
        default="",
        help="the address to listen on: 127.0.0.1 for this machine alone, :: for IPv6 "
        "(default: all IPv4 addresses)",
    )


def add_network(parser: argparse.ArgumentParser) -> None:
    """Add timeouts and limits."""
    group = parser.add_argument_group("network options")
    for flag, name, what in (
        ("-ta", "acse", "for the peer's part of negotiation and release"),
        ("-td", "dimse", "for a response"),
        ("-tn", "network", "for a connection, and for a peer that went silent"),
    ):
        group.add_argument(
            flag,
            f"--{name}-timeout",
            metavar="SECONDS",
            type=seconds,
            default=30.0,
            help=f"how long to wait {what} (default 30; 0 for ever)",
        )
    group.add_argument(
        "-pdu",
        "--max-pdu",
        metavar="BYTES",
        type=maximum_length,
        default=DEFAULT_MAX_LENGTH,
        help=f"the largest PDU we want to receive (default {DEFAULT_MAX_LENGTH}; 0 for no limit)",
    )


def add_tls(parser: argparse.ArgumentParser, *, is_server: bool) -> None:
    """Add the options of TLS (PS3.15 B)."""
    group = parser.add_argument_group("TLS options")
    group.add_argument("--tls", action="store_true", default=None, help="use TLS")
    if not is_server:
        group.add_argument(
            "--no-tls",
            action="store_false",
            dest="tls",
            help="use no TLS, whatever the configuration file says",
        )
    group.add_argument("--cert", metavar="FILE", help="our certificate (PEM)")
    group.add_argument("--key", metavar="FILE", help="its key (PEM), if that is another file")
    group.add_argument(
        "--ca",
        metavar="FILE",
        help="the authorities whose certificates we trust (PEM)"
        + ("" if is_server else "; default: those of the system"),
    )
    if not is_server:
        group.add_argument(
            "--tls-name",
            metavar="NAME",
            help="the name in the peer's certificate, if that is not HOST",
        )
    group.add_argument(
        "--no-verify",
        action="store_false",
        dest="verify",
        help="let in peers without certificate"
        if is_server
        else "do not check the peer's certificate: anybody may be the peer",
    )
    if not is_server:
        group.add_argument(
            "--verify",
            action="store_true",
            default=True,
            help="check it (default), whatever the configuration file says",
        )


def add_transfer_syntaxes(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add which of the uncompressed transfer syntaxes are wanted.

    Args:
        parser: Where to.
        verb: "request" or "prefer".
    """
    title = {"request": "of uncompressed objects", "prefer": "when the peer leaves a choice"}[verb]
    group = parser.add_argument_group(f"transfer syntaxes, {title}")
    choice = group.add_mutually_exclusive_group()
    if verb == "prefer":
        choice.add_argument(
            "-x=",
            "--prefer-uncompr",
            action="store_true",
            help="prefer the uncompressed ones (default)",
        )
    implicit = "--implicit" if verb == "prefer" else "--request-implicit"
    only = "accept" if verb == "prefer" else "request"
    little, big = f"{verb} explicit VR little endian", f"{verb} explicit VR big endian"
    if verb == "request":
        little, big = f"{little} alone", f"{big} alone"
    choice.add_argument("-xe", f"--{verb}-little", action="store_true", help=little)
    choice.add_argument("-xb", f"--{verb}-big", action="store_true", help=big)
    choice.add_argument(
        "-xi", implicit, action="store_true", help=f"{only} implicit VR little endian alone"
    )


def requested_syntaxes(args: argparse.Namespace) -> list[str]:
    """Return the uncompressed transfer syntaxes to request, all of them by default."""
    if args.request_little:
        return [EXPLICIT]
    if args.request_big:
        return [BIG_ENDIAN]
    return [IMPLICIT] if args.request_implicit else list(DEFAULT_TRANSFER_SYNTAXES)


def preferred_syntaxes(args: argparse.Namespace, supported: list[str]) -> list[str]:
    """Return the transfer syntaxes to accept, the best first.

    Explicit VR comes before implicit VR unless asked otherwise: it is what most files are in, and
    what keeps the value representations of private elements.
    """
    if args.implicit:
        return [IMPLICIT]
    first = [EXPLICIT, BIG_ENDIAN] if not args.prefer_big else [BIG_ENDIAN, EXPLICIT]
    ordered = [*first, IMPLICIT, *supported]
    return list(dict.fromkeys(ordered))


def make_ae(title: str, args: argparse.Namespace) -> AE:
    """Return an AE with the timeouts and limits of the options."""
    ae = AE(title)
    ae.acse_timeout = args.acse_timeout
    ae.dimse_timeout = args.dimse_timeout
    ae.network_timeout = args.network_timeout
    ae.connection_timeout = args.network_timeout
    ae.maximum_pdu_size = args.max_pdu
    return ae


def storage_contexts() -> list[PresentationContext]:
    """Return contexts for the storage classes, retired ones that are still about too."""
    contexts = [*AllStoragePresentationContexts, *StoragePresentationContexts]
    return list({context.abstract_syntax: context for context in contexts}.values())


def client_tls(parser: argparse.ArgumentParser, args: argparse.Namespace) -> TLSArguments | None:
    """Return what `AE.associate` wants for TLS; leave with a message if it is not possible."""
    _check_tls(parser, args, "tls_name")
    if not args.tls:
        return None
    context = _context(parser, args, ssl.Purpose.SERVER_AUTH)
    if not args.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context, args.tls_name or args.addr


def server_tls(parser: argparse.ArgumentParser, args: argparse.Namespace) -> ssl.SSLContext | None:
    """Return the context for a server; leave with a message if it is not possible."""
    _check_tls(parser, args)
    if not args.tls:
        return None
    if args.cert is None:
        parser.error("--tls: a server needs --cert FILE (and --key FILE)")
    if args.ca is None and args.verify:
        parser.error(
            "--tls: whom may a server let in? --ca FILE: peers with a certificate of that "
            "authority; --no-verify: anybody"
        )
    context = _context(parser, args, ssl.Purpose.CLIENT_AUTH)
    if args.verify:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _check_tls(parser: argparse.ArgumentParser, args: argparse.Namespace, *more: str) -> None:
    given = [f"--{n.replace('_', '-')}" for n in ("cert", "key", "ca", *more) if getattr(args, n)]
    if not args.verify:
        given.append("--no-verify")
    if given and args.tls is None:
        parser.error(f"{given[0]} goes with --tls, which is not given")
    if args.key is not None and args.cert is None:
        parser.error("--key goes with --cert, which is not given")


def _context(
    parser: argparse.ArgumentParser, args: argparse.Namespace, purpose: ssl.Purpose
) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(purpose, cafile=args.ca)
    except OSError as error:
        parser.error(f"--ca {args.ca}: {_reason(error)}")
    try:
        if args.cert is not None:
            context.load_cert_chain(args.cert, args.key)
    except OSError as error:
        parser.error(f"--cert {args.cert}: {_reason(error)}")
    return context


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"no certificate or key as PEM is in it, or they do not belong together ({error})"
    return error.strerror or str(error)
