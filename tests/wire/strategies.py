"""Hypothesis strategies for everything that can be on the wire, and how hard to try.

The default profile is the same in every run, so that a change that breaks nothing fails nothing.
`HYPOTHESIS_PROFILE=long` tries a hundred times as much, at random.
"""

import os
from io import BytesIO
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from pynetdicom import pdu, pdu_items
from pynetdicom import user_information as items
from pynetdicom.dimse_primitives import PRIMITIVES, DIMSEPrimitive
from pynetdicom.presentation import PresentationContext
from pynetdicom.testing import build

settings.register_profile("quick", max_examples=100, deadline=None, derandomize=True, database=None)
settings.register_profile("long", max_examples=10000, deadline=None, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

Strategy = st.SearchStrategy

ushorts = st.integers(0, 0xFFFF)
octets = st.binary(max_size=40)
printable = st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="\\")

uids = st.lists(st.integers(0, 9999999).map(str), min_size=1, max_size=8).map(".".join)


def text(longest: int, shortest: int = 1) -> Strategy[str]:
    """Return text that survives the wire: the spaces around it do not count."""
    long_enough = st.text(printable, max_size=longest).map(str.strip)
    return long_enough.filter(lambda value: len(value) >= shortest)


titles = text(16)


# Negotiation items.

maximum_lengths = st.builds(
    lambda length: build(items.MaximumLengthNotification, maximum_length_received=length),
    st.integers(0, 0xFFFFFFFF),
)
implementation_uids = st.builds(
    lambda uid: build(items.ImplementationClassUIDNotification, implementation_class_uid=uid), uids
)
versions = st.builds(
    lambda name: build(
        items.ImplementationVersionNameNotification, implementation_version_name=name
    ),
    titles,
)
windows = st.builds(
    lambda invoked, performed: build(
        items.AsynchronousOperationsWindowNegotiation,
        maximum_number_operations_invoked=invoked,
        maximum_number_operations_performed=performed,
    ),
    ushorts,
    ushorts,
)
roles = st.builds(
    lambda uid, scu, scp: build(
        items.SCP_SCU_RoleSelectionNegotiation, sop_class_uid=uid, scu_role=scu, scp_role=scp
    ),
    uids,
    st.booleans(),
    st.booleans(),
)
extended = st.builds(
    lambda uid, information: build(
        items.SOPClassExtendedNegotiation,
        sop_class_uid=uid,
        service_class_application_information=information,
    ),
    uids,
    octets,
)
common_extended = st.builds(
    lambda uid, service, related: build(
        items.SOPClassCommonExtendedNegotiation,
        sop_class_uid=uid,
        service_class_uid=service,
        related_general_sop_class_identification=related,
    ),
    uids,
    uids,
    st.lists(uids, max_size=3),
)
identities = st.builds(
    lambda kind, wants_answer, primary, secondary: build(
        items.UserIdentityNegotiation,
        user_identity_type=kind,
        positive_response_requested=wants_answer,
        primary_field=primary,
        secondary_field=secondary if kind == 2 else None,
    ),
    st.integers(1, 5),
    st.booleans(),
    octets,
    octets,
)
identity_answers = st.builds(
    lambda answer: build(items.UserIdentityNegotiation, server_response=answer), octets
)

negotiation_items: Strategy[items.ServiceParameter] = st.one_of(
    maximum_lengths,
    implementation_uids,
    versions,
    windows,
    roles,
    extended,
    common_extended,
    identities,
    identity_answers,
)

# The other items.

application_contexts = uids.map(pdu_items.ApplicationContextItem)
abstract_syntaxes = uids.map(pdu_items.AbstractSyntaxSubItem)
transfer_syntaxes = uids.map(pdu_items.TransferSyntaxSubItem)
user_information = st.lists(negotiation_items, max_size=6).map(pdu_items.UserInformationItem)
context_ids = st.integers(0, 127).map(lambda number: 2 * number + 1)


def context(
    context_id: int, abstract: str, transfer: list[str], result: int | None = None
) -> PresentationContext:
    return build(
        PresentationContext,
        context_id=context_id,
        abstract_syntax=abstract,
        transfer_syntax=transfer,
        result=result,
    )


proposed_contexts = st.builds(
    context, context_ids, uids, st.lists(uids, min_size=1, max_size=4, unique=True)
)
accepted_contexts = st.builds(context, context_ids, uids, st.tuples(uids).map(list), st.just(0))
rejected_contexts = st.builds(context, context_ids, uids, st.just([]), st.integers(1, 4))
proposed_items = proposed_contexts.map(pdu_items.PresentationContextItemRQ)
decided_items = st.one_of(accepted_contexts, rejected_contexts).map(
    pdu_items.PresentationContextItemAC
)
pdu_item_values: Strategy[Any] = st.one_of(
    application_contexts,
    abstract_syntaxes,
    transfer_syntaxes,
    user_information,
    proposed_items,
    decided_items,
    negotiation_items,
)

# PDUs.


def _associate(kind: Any, contexts: Strategy[Any]) -> Strategy[Any]:
    return st.builds(
        lambda called, calling, version, name, found, information: build(
            kind,
            called_ae_title=called,
            calling_ae_title=calling,
            protocol_version=version,
            variable_items=[name, *found, information],
        ),
        text(16, shortest=0),
        text(16, shortest=0),
        ushorts,
        application_contexts,
        st.lists(contexts, max_size=4, unique_by=lambda item: item.context_id),
        user_information,
    )


octet = st.integers(0, 255)
associate_requests = _associate(pdu.A_ASSOCIATE_RQ, proposed_items)
associate_accepts = _associate(pdu.A_ASSOCIATE_AC, decided_items)
associate_rejects = st.builds(
    lambda result, source, reason: build(
        pdu.A_ASSOCIATE_RJ, result=result, source=source, reason_diagnostic=reason
    ),
    octet,
    octet,
    octet,
)
fragments = st.builds(
    pdu_items.PresentationDataValueItem, octet, st.binary(min_size=1, max_size=30)
)
data_transfers = st.builds(
    lambda found: build(pdu.P_DATA_TF, presentation_data_value_items=found),
    st.lists(fragments, min_size=1, max_size=4),
)
aborts = st.builds(
    lambda source, reason: build(pdu.A_ABORT_RQ, source=source, reason_diagnostic=reason),
    octet,
    octet,
)
pdus: Strategy[Any] = st.one_of(
    associate_requests,
    associate_accepts,
    associate_rejects,
    data_transfers,
    st.builds(pdu.A_RELEASE_RQ),
    st.builds(pdu.A_RELEASE_RP),
    aborts,
)

# DIMSE primitives.

_ELEMENTS: dict[str, Strategy[Any]] = {
    "US": ushorts,
    "UI": uids,
    "AE": titles,
    "LO": text(64),
    "AT": st.lists(st.integers(0, 0xFFFFFFFF), min_size=1, max_size=3),
}


@st.composite
def primitives(draw: st.DrawFn) -> DIMSEPrimitive:
    """Draw a request or a response with any of its parameters, data set included."""
    kind = draw(st.sampled_from(list(PRIMITIVES.values())))
    value = kind()
    optional = {element.name: _ELEMENTS[element.vr] for element in kind.elements}
    is_response = kind.msg_type != "C-CANCEL" and draw(st.booleans())
    for name in ("MessageID", "MessageIDBeingRespondedTo", "Status", "Priority"):
        optional.pop(name, None)
    required = dict.fromkeys(_IDENTITY[kind.msg_type == "C-CANCEL", is_response], ushorts)
    if not is_response and hasattr(kind, "Priority"):
        required["Priority"] = st.integers(0, 2)
    for name, parameter in draw(st.fixed_dictionaries(required, optional=optional)).items():
        setattr(value, name, parameter)
    if value.data_keyword is not None:
        data = draw(st.none() | st.binary(max_size=300))
        setattr(value, value.data_keyword, None if data is None else BytesIO(data))
    return value


_IDENTITY = {
    (False, False): ("MessageID",),
    (False, True): ("MessageIDBeingRespondedTo", "Status"),
    (True, False): ("MessageIDBeingRespondedTo",),
}
