"""The names that the documentation of pynetdicom2 lists for `asceprovider`, as it lists them."""

import inspect
import socketserver

import pytest

from pynetdicom.compat.pynetdicom2 import applicationentity, asceprovider, pdu
from pynetdicom.compat.pynetdicom2.asceprovider import PContextDef, build_pres_context_def_list


def test_a_context_definition_is_a_named_tuple() -> None:
    context = PContextDef(1, "1.2", ["1.2.840.10008.1.2"])

    assert context == (1, "1.2", ["1.2.840.10008.1.2"])
    assert PContextDef._fields == ("id", "sop_class", "supported_ts")


@pytest.mark.parametrize("kind", [dict, list, tuple])
def test_context_definitions_become_items_from_a_dict_or_a_list_of_pairs(kind: type) -> None:
    contexts = {1: PContextDef(1, "1.2", ["1.4"]), 3: PContextDef(3, "1.3", ["1.4", "1.5"])}

    items = build_pres_context_def_list(kind(contexts.items()))

    assert inspect.isgenerator(items)
    assert list(items) == [
        pdu.PresentationContextItemRQ(
            1, pdu.AbstractSyntaxSubItem("1.2"), [pdu.TransferSyntaxSubItem("1.4")]
        ),
        pdu.PresentationContextItemRQ(
            3,
            pdu.AbstractSyntaxSubItem("1.3"),
            [pdu.TransferSyntaxSubItem("1.4"), pdu.TransferSyntaxSubItem("1.5")],
        ),
    ]


@pytest.mark.parametrize(
    ("callable_", "parameters"),
    [
        (asceprovider.build_pres_context_def_list, "context_def_list"),
        (asceprovider.Association, "local_ae dul_socket max_pdu_length"),
        (asceprovider.Association.send, "self dimse_msg pc_id"),
        (asceprovider.Association.receive, "self"),
        (asceprovider.Association.kill, "self"),
        (asceprovider.Association.release, "self"),
        (
            asceprovider.AssociationAcceptor,
            "request client_address local_ae max_pdu_length",
        ),
        (asceprovider.AssociationAcceptor.kill, "self"),
        (asceprovider.AssociationAcceptor.abort, "self reason"),
        (asceprovider.AssociationAcceptor.reject, "self result source diag"),
        (asceprovider.AssociationAcceptor.accept, "self assoc_req"),
        (asceprovider.AssociationRequester, "local_ae max_pdu_length remote_ae"),
        (asceprovider.AssociationRequester.request, "self"),
        (asceprovider.AssociationRequester.get_scu, "self sop_class"),
        (asceprovider.AssociationRequester.abort, "self reason"),
        (applicationentity.ClientAE, "ae_title supported_ts max_pdu_length"),
        (
            applicationentity.AE,
            "ae_title port supported_ts max_pdu_length bind_and_activate",
        ),
    ],
)
def test_parameters_have_their_names_and_order(callable_: object, parameters: str) -> None:
    assert callable(callable_)
    assert list(inspect.signature(callable_).parameters) == parameters.split()


def test_classes_are_of_the_kinds_that_programs_count_on() -> None:
    assert issubclass(asceprovider.AssociationAcceptor, asceprovider.Association)
    assert issubclass(asceprovider.AssociationRequester, asceprovider.Association)
    assert issubclass(asceprovider.AssociationAcceptor, socketserver.StreamRequestHandler)
    assert issubclass(applicationentity.AE, socketserver.ThreadingTCPServer)
