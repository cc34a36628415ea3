"""PDUs and their items as text for people: in the log, and when they are printed.

What there is to say stands in tables by PDU type and item type (PS3.8 9.3, PS3.7 D.3.3), so that
this file needs none of their classes. What a user proves an identity with is never shown, only how
long it is: text ends up in log files.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydicom.uid import UID

from pynetdicom.utils import escaped, pretty_bytes

PDU_NAMES: Mapping[int, str] = {
    0x01: "A-ASSOCIATE-RQ",
    0x02: "A-ASSOCIATE-AC",
    0x03: "A-ASSOCIATE-RJ",
    0x04: "P-DATA-TF",
    0x05: "A-RELEASE-RQ",
    0x06: "A-RELEASE-RP",
    0x07: "A-ABORT",
}
ITEM_NAMES: Mapping[int, str] = {
    0x10: "Application Context",
    0x20: "Presentation Context RQ",
    0x21: "Presentation Context AC",
    0x30: "Abstract Syntax",
    0x40: "Transfer Syntax",
    0x50: "User Information",
    0x51: "Maximum Length",
    0x52: "Implementation Class UID",
    0x53: "Asynchronous Operations",
    0x54: "SCP/SCU Role Selection",
    0x55: "Implementation Version Name",
    0x56: "SOP Class Extended Negotiation",
    0x57: "SOP Class Common Extended Negotiation",
    0x58: "User Identity RQ",
    0x59: "User Identity AC",
}

Lines = list[str]

_REQUEST: Final = 0x01
_MAXIMUM_LENGTH: Final = 0x51
_CLASS_UID: Final = 0x52
_ROLE_SELECTION: Final = 0x54
_VERSION_NAME: Final = 0x55
_NONE: Final = "(no value available)"


def name_of(uid: str | None) -> str:
    """Return the name of a UID, itself if it has none."""
    return UID(uid or "").name


# In the log.

# By PDU type: the line above its block; the other types are not logged.
LOG_TITLES: Mapping[int, str] = {
    0x01: "Request Parameters:",
    0x02: "Accept Parameters:",
    0x03: "Reject Parameters:",
    0x07: "Abort Parameters:",
}
_REASONS: Mapping[int, tuple[tuple[str, str], ...]] = {
    0x03: (
        ("Result:    ", "result_str"),
        ("Source:    ", "source_str"),
        ("Reason:    ", "reason_str"),
    ),
    0x07: (("Abort Source: ", "source_str"), ("Abort Reason: ", "reason_str")),
}
_ROLES = {(True, True): "SCP/SCU", (True, False): "SCU", (False, True): "SCP"}
# By type of user identity: its name, what the primary and the secondary field hold.
_IDENTITIES: Mapping[int, tuple[str, tuple[str, ...]]] = {
    1: ("Username", ("Username",)),
    2: ("Username/Password", ("Username", "Password")),
    3: ("Kerberos", ("Kerberos Service Ticket",)),
    4: ("SAML", ("SAML Assertion",)),
    5: ("JSON Web Token", ("JSON Web Token",)),
}


def describe(pdu: Any, is_incoming: bool, abstract_syntaxes: Mapping[int, str | None]) -> Lines:
    """Return what the log says about an association request or its answer, or an abort.

    Args:
        pdu: One of the PDUs in `LOG_TITLES`.
        is_incoming: Whether it came from the peer.
        abstract_syntaxes: What was proposed, by context ID: an acceptance does not repeat it.
    """
    if pdu.pdu_type in _REASONS:
        return [label + getattr(pdu, name) for label, name in _REASONS[pdu.pdu_type]]
    items: dict[int, list[Any]] = {}
    for item in pdu.user_information.user_data if pdu.user_information else []:
        items.setdefault(item.item_type, []).append(item)
    is_request = pdu.pdu_type == _REQUEST
    whose = "Their" if is_incoming else "Our"
    maximum = _value(items, _MAXIMUM_LENGTH, "maximum_length_received")
    return [
        *_implementation(items, whose, 37 if is_incoming and is_request else 35),
        f"Application Context Name:    {pdu.application_context_name}",
        *_titles(pdu, is_request or is_incoming),
        f"{f'{whose} Max PDU Receive Size:':<29}{maximum}",
        *(_proposed(pdu, items) if is_request else _decided(pdu, items, abstract_syntaxes)),
        *_negotiated(items, _REQUESTED if is_request else _ACCEPTED),
    ]


def _value(items: Mapping[int, list[Any]], item_type: int, attribute: str) -> Any:
    return next((getattr(item, attribute) for item in items.get(item_type, ())), None)


def _implementation(items: Mapping[int, list[Any]], whose: str, width: int) -> Lines:
    absent = "(none)" if whose == "Our" else "unknown"
    class_uid = _value(items, _CLASS_UID, "implementation_class_uid") or absent
    version = _value(items, _VERSION_NAME, "implementation_version_name") or absent
    return [
        f"{f'{whose} Implementation Class UID:':<{width}}{class_uid}",
        f"{f'{whose} Implementation Version Name:':<{width}}{version}",
    ]


def _titles(pdu: Any, has_both: bool) -> Lines:
    if not has_both:  # an acceptance only repeats what the peer sent
        return [f"Responding Application Name: {pdu.called_ae_title}"]
    return [
        f"Calling Application Name:    {pdu.calling_ae_title}",
        f"Called Application Name:     {pdu.called_ae_title}",
    ]


def _role(items: Mapping[int, list[Any]], abstract_syntax: str | None) -> str:
    selections = items.get(_ROLE_SELECTION, ())
    item = next((item for item in selections if item.sop_class_uid == abstract_syntax), None)
    roles = (False, False) if item is None else (bool(item.scu_role), bool(item.scp_role))
    return _ROLES.get(roles, "Default")


def _proposed(pdu: Any, items: Mapping[int, list[Any]]) -> Lines:
    contexts = pdu.presentation_context
    lines = ["Presentation Context:" if len(contexts) == 1 else "Presentation Contexts:"]
    for context in contexts:
        plural = "Syntax" if len(context.transfer_syntax) == 1 else "Syntaxes"
        lines += [
            f"  Context ID:        {context.context_id} (Proposed)",
            f"    Abstract Syntax: ={name_of(context.abstract_syntax)}",
            f"    Proposed SCP/SCU Role: {_role(items, context.abstract_syntax)}",
            f"    Proposed Transfer {plural}:",
            *(f"      ={name_of(syntax)}" for syntax in context.transfer_syntax),
        ]
    return lines


def _decided(
    pdu: Any, items: Mapping[int, list[Any]], abstract_syntaxes: Mapping[int, str | None]
) -> Lines:
    lines = ["Presentation Contexts:"]
    for context in pdu.presentation_context:
        abstract_syntax = abstract_syntaxes.get(context.context_id)
        lines += [
            f"  Context ID:        {context.context_id} ({context.result_str})",
            f"    Abstract Syntax: ={name_of(abstract_syntax) or '(not proposed)'}",
        ]
        if context.result == 0:
            lines += [
                f"    Accepted SCP/SCU Role: {_role(items, abstract_syntax)}",
                f"    Accepted Transfer Syntax: ={name_of(context.transfer_syntax)}",
            ]
    return lines


def _extended(item: Any) -> Lines:
    information = item.service_class_application_information or b""
    return [f"  SOP Class: ={item.sop_class_uid}", *pretty_bytes(information, prefix="    ")]


def _common_extended(item: Any) -> Lines:
    related = [f"      ={name_of(uid)}" for uid in item.related_general_sop_class_identification]
    return [
        f"  SOP Class: ={name_of(item.sop_class_uid)}",
        f"    Service Class: ={name_of(item.service_class_uid)}",
        f"    Related General SOP Class{'(es):' if related else 'es: None'}",
        *related,
    ]


def _window(item: Any) -> Lines:
    return [
        f"  Maximum Invoked Operations:     {item.maximum_number_operations_invoked}",
        f"  Maximum Performed Operations:   {item.maximum_number_operations_performed}",
    ]


def _identity(item: Any) -> Lines:
    mode, names = _IDENTITIES[item.user_identity_type]
    fields = zip(names, (item.primary_field, item.secondary_field), strict=False)
    return [
        f"  Authentication Mode: {item.user_identity_type} - {mode}",
        *(f"  {name} (not dumped) length: {len(field or b'')}" for name, field in fields),
        f"  Positive Response Requested: {'Yes' if item.positive_response_requested else 'No'}",
    ]


_Sections = tuple[tuple[str, int, Callable[[Any], Lines] | None], ...]  # `None` just says "Yes"
_REQUESTED: _Sections = (
    ("Requested Extended Negotiation:", 0x56, _extended),
    ("Requested Common Extended Negotiation:", 0x57, _common_extended),
    ("Requested Asynchronous Operations Window Negotiation:", 0x53, _window),
    ("Requested User Identity Negotiation:", 0x58, _identity),
)
_ACCEPTED: _Sections = (
    ("Accepted Extended Negotiation:", 0x56, _extended),
    ("Accepted Asynchronous Operations Window Negotiation:", 0x53, _window),
    ("User Identity Negotiation Response:", 0x59, None),
)


def _negotiated(items: Mapping[int, list[Any]], sections: _Sections) -> Lines:
    lines = []
    for title, item_type, show in sections:
        found = items.get(item_type, [])
        if show is None or not found:
            lines.append(f"{title} {'Yes' if found else 'None'}")
        else:
            lines += [title, *(line for item in found for line in show(item))]
    return lines


# Printed.

_LABELS = {
    "called_ae_title": "Called AET",
    "calling_ae_title": "Calling AET",
    "presentation_context_id": "Context ID",
    "presentation_data_value": "Data value",
    "value": "Name",
}
_ABBREVIATION = re.compile(r"\b(scp|scu|sop|uid)\b", re.IGNORECASE)
_SECRETS = ("primary_field", "secondary_field", "server_response")
_SHOWN_BYTES: Final = 10


def print_pdu(pdu: Any) -> str:
    """Return what `print` shows of a PDU."""
    title = f"{PDU_NAMES[pdu.pdu_type]} PDU"
    head = [title, "=" * len(title), f"  PDU type: 0x{pdu.pdu_type:02X}"]
    return "\n".join([*head, f"  PDU length: {_size(pdu, 'pdu_length')}", *_attributes(pdu)])


def print_item(item: Any) -> str:
    """Return what `print` shows of an item of a PDU."""
    item_type = getattr(item, "item_type", None)
    lines = ["Presentation Data Value Item"]
    if item_type is not None:
        lines = [f"{ITEM_NAMES[item_type]} Item", f"  Item type: 0x{item_type:02X}"]
    size = f"  Item length: {_size(item, 'item_length')}"
    return "\n".join([*lines, size, *_attributes(item)])


def _size(subject: Any, attribute: str) -> str:
    try:
        return f"{getattr(subject, attribute)} bytes"
    except ValueError:
        return "(not complete)"  # something has to be assigned before it can be encoded


def _attributes(subject: Any) -> Lines:
    """Return what was assigned, each on a line of its own, and behind it the items."""
    lines: Lines = []
    nested: Lines = []
    for name, value in vars(subject).items():
        if isinstance(value, list) and value and hasattr(value[0], "item_length"):
            nested += [line for item in value for line in _nested(print_item(item))]
        else:
            words = getattr(subject, f"{name.partition('_')[0]}_str", None)
            lines.append(escaped(f"  {_label(name)}: {words or _printed(name, value)}"))
    return lines + nested


def _label(name: str) -> str:
    words = _LABELS.get(name) or name.replace("_", " ").capitalize()
    return _ABBREVIATION.sub(lambda found: found[0].upper(), words)


def _printed(name: str, value: Any) -> str:
    match value:
        case bytes() if name in _SECRETS:
            return f"({len(value)} bytes)"
        case bytes():
            more = " ..." if len(value) > _SHOWN_BYTES else ""
            return " ".join(f"0x{byte:02X}" for byte in value[:_SHOWN_BYTES]) + more
        case UID():
            return f"={value.name}"
        case list():
            return ", ".join(_printed(name, item) for item in value) or "(none)"
    return str(value)


def _nested(text: str) -> Lines:
    first, *rest = text.split("\n")
    return [f"  * {first}", *(f"    {line}" for line in rest)]
