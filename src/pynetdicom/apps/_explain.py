"""Why something did not work, in words that a person can act on.

Each explanation is what happened, and below it what to do about it.
"""

import argparse
import errno
import logging
import socket
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

from pydicom import Dataset

from pynetdicom import Association
from pynetdicom.apps._output import plain
from pynetdicom.exceptions import RemoteProtocolError

HINT = "\n   "

# What the library says, if it says no more than that; other words are shown as they are.
_ABORTED = "Association Aborted"
_TIMEOUT = "timeout reached"

# Result source and diagnostic (PS3.8 Table 9-21).
_REJECTIONS = {
    (1, 3): "The peer does not know our AE title {calling!r}: make it known there, or use one that "
    "it knows: -aet TITLE",
    (1, 7): "The peer is not called {called!r}: name the AE title it has: -aec TITLE",
    (3, 1): "The peer is busy: try again later",
    (3, 2): "The peer has as many associations as it allows: try again later, or raise its limit",
}
_OTHER_REJECTION = (
    "Most peers take associations of known AE titles and addresses only: check what is "
    "configured there about {calling!r} and this machine"
)

_CONNECTING = {
    errno.ECONNREFUSED: "Nobody listens there: does the peer run, is PORT right?",
    errno.ETIMEDOUT: "Is HOST right, does a firewall drop the connection?",
    errno.EHOSTUNREACH: "Is HOST right, is the network up?",
    errno.ENETUNREACH: "Is HOST right, is the network up?",
    errno.ECONNRESET: "The peer, or a firewall, closed the connection at once",
}

_WRITING = {
    errno.ENOSPC: "the disk is full: make room",
    errno.EDQUOT: "the quota is used up: make room",
    errno.EFBIG: "the file would be larger than is allowed here (ulimit -f)",
    errno.EACCES: "no permission: who runs this program may not write there",
    errno.EPERM: "no permission: who runs this program may not write there",
    errno.EROFS: "the file system is read-only",
    errno.ENOENT: "the folder is gone",
    errno.ENOTDIR: "it is no folder",
    errno.ENAMETOOLONG: "the path is too long",
}


def no_association(
    assoc: Association, errors: Sequence[logging.LogRecord], args: argparse.Namespace
) -> str:
    """Return why an association was not made.

    Args:
        assoc: What `AE.associate` returned.
        errors: What the library logged meanwhile.
        args: The options of the program: the peer, both AE titles, TLS.
    """
    peer = f"{plain(args.addr)} port {args.port}"
    if assoc.is_rejected:
        return f"Rejected by {peer}: {_rejection(assoc)}"
    cause = cause_of(errors)
    match cause:
        case RemoteProtocolError():
            return f"No association with {peer}: {_not_dicom(cause, args)}"
        case OSError():
            return f"Unable to connect to {peer}: {connecting_text(cause, args)}"
    if assoc.rejected_contexts and not assoc.accepted_contexts:
        reasons = sorted({context.status for context in assoc.rejected_contexts})
        return (
            f"No association with {peer}: it accepts nothing that we propose "
            f"({', '.join(reasons)}){HINT}Is it the right node? What services and SOP classes it "
            "offers, its configuration or conformance statement tells"
        )
    reason = _last(errors)
    if _TIMEOUT in reason and args.acse_timeout:
        reason = f"no answer to the request within {args.acse_timeout:g} s (-ta)"
    text = f"No association with {peer}: {reason or 'no reason is known'}"
    return f"{text}{HINT}Is PORT that of a DICOM node, does it know our AE title?{_tls_hint(args)}"


def lost_association(errors: Sequence[logging.LogRecord], args: argparse.Namespace) -> str:
    """Return why an association ended before its time.

    Args:
        errors: What the library logged meanwhile.
        args: The options of the program: the timeouts.
    """
    cause = cause_of(errors)
    if isinstance(cause, OSError):
        return cause.strerror or str(cause)
    if cause is not None:
        return plain(cause)
    last = _last(errors)
    if _TIMEOUT in last and args.dimse_timeout:
        return f"no response within {args.dimse_timeout:g} s (-td)"
    return "the peer ended the association" if last in ("", _ABORTED) else last


def cause_of(errors: Sequence[logging.LogRecord]) -> BaseException | None:
    """Return the first exception that the library logged, in whatever way."""
    for record in errors:
        arguments = record.args.values() if isinstance(record.args, Mapping) else record.args
        for argument in arguments or ():
            if isinstance(argument, BaseException):
                return argument
        if record.exc_info and record.exc_info[1] is not None:
            return record.exc_info[1]
    return None


def _last(errors: Sequence[logging.LogRecord]) -> str:
    return plain(errors[-1].getMessage()) if errors else ""


def _rejection(assoc: Association) -> str:
    answer: Any = assoc.acceptor.primitive  # whose answer the rejection was
    number = (answer.result_source, answer.diagnostic)
    hint = _REJECTIONS.get(number, _OTHER_REJECTION).format(
        calling=plain(assoc.requestor.ae_title), called=plain(assoc.acceptor.ae_title)
    )
    return f"{answer.reason_str} ({answer.result_str}, {answer.source_str}){HINT}{hint}"


def _not_dicom(error: RemoteProtocolError, args: argparse.Namespace) -> str:
    hint = "Is PORT that of a DICOM node? Web servers and the like speak something else"
    return f"what it answered is not DICOM ({plain(error)}){HINT}{hint}{_tls_hint(args)}"


def _tls_hint(args: argparse.Namespace) -> str:
    if not args.tls:
        return f"{HINT}If it wants TLS: --tls"
    if args.cert is None:
        return f"{HINT}If it wants to see a certificate: --cert FILE --key FILE"
    return ""


def connecting_text(error: OSError, args: argparse.Namespace) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not accepted: {error.verify_message}{HINT}"
            "--ca FILE names the authority to trust, --tls-name NAME the name in the certificate"
        )
    if isinstance(error, ssl.SSLError):
        return (
            f"the TLS handshake failed: {error.reason or error}{HINT}"
            f"Does it speak TLS on this port? If not, leave out --tls{_tls_hint(args)}"
        )
    if isinstance(error, socket.gaierror):
        return f"{error.strerror}{HINT}The name is not known: is HOST right?"
    if isinstance(error, TimeoutError) and error.errno is None:
        what = (
            f"no answer within {args.network_timeout:g} s" if args.network_timeout else "no answer"
        )
        return f"{what}{HINT}{_CONNECTING[errno.ETIMEDOUT]}"
    hint = _CONNECTING.get(error.errno or 0)
    return (error.strerror or str(error)) + (f"{HINT}{hint}" if hint else "")


def cannot_listen(error: OSError, args: argparse.Namespace) -> str:
    """Return why a server could not be started."""
    where = f"{args.bind_address or 'all addresses'} port {args.port}"
    match error.errno:
        case errno.EADDRINUSE:
            hint = "Another program listens there: end it, or take another port"
        case errno.EACCES:
            hint = "Ports below 1024 are for administrators: take another one, 11112 is common"
        case errno.EADDRNOTAVAIL:
            hint = "This machine does not have that address: leave out -ba, or name one it has"
        case _:
            hint = "Is the address of -ba right?"
    return f"Unable to listen on {where}: {error.strerror or error}{HINT}{hint}"


def cannot_write(error: OSError) -> str:
    """Return why a file could not be written."""
    return _WRITING.get(error.errno or 0, error.strerror or str(error))


def status_text(status: Dataset, meanings: Mapping[int, tuple[str, str]]) -> str:
    """Return the status of a response in words.

    Args:
        status: What a `send_…` method returned.
        meanings: The status table of the service.
    """
    code: Any = status.get("Status")
    if code is None:
        return "no valid response came"
    if code == 0x0000:
        return "0x0000 Success"
    _, meaning = meanings.get(code, ("", "a status that the standard does not define"))
    comment = plain(status.get("ErrorComment") or "")
    return f"0x{code:04X} {meaning}" + (f" ({comment})" if comment else "")
