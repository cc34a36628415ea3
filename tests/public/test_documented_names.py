"""What the documentation of pynetdicom 3 names is there, and is called as it says.

What is left out on purpose is not in these tables: the modules `dul`, `dimse` and `timer` and the
class `StateMachine`, which were its engine room, and methods of `ServiceClass`, which is data here.
"""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest

from pynetdicom import AE, Association, dimse_primitives, evt
from pynetdicom import asyncio as awaiting
from pynetdicom.dimse_messages import _COMMAND_SET_KEYWORDS, MESSAGES
from pynetdicom.fsm import ACTIONS, EVENTS, STATES, TRANSITION_TABLE, InvalidEventError
from pynetdicom.pdu_primitives import A_RELEASE
from pynetdicom.testing import Pair
from pynetdicom.transport import AssociationSocket

_PRIMITIVES = """C_ECHO C_STORE C_FIND C_GET C_MOVE C_CANCEL N_EVENT_REPORT N_GET N_SET N_ACTION
    N_CREATE N_DELETE""".split()
_NEGOTIATION = """MaximumLengthNotification ImplementationClassUIDNotification
    ImplementationVersionNameNotification AsynchronousOperationsWindowNegotiation
    SCP_SCU_RoleSelectionNegotiation SOPClassExtendedNegotiation
    SOPClassCommonExtendedNegotiation UserIdentityNegotiation"""
_CONTEXTS = """AllStorage ApplicationEventLogging BasicWorklistManagement ColorPalette
    DefinedProcedureProtocol DisplaySystem HangingProtocol ImplantTemplate InstanceAvailability
    MediaCreationManagement MediaStorage ModalityPerformed NonPatientObject PrintManagement
    ProcedureStep ProtocolApproval QueryRetrieve RTMachineVerification RelevantPatientInformation
    Storage StorageCommitment SubstanceAdministration UnifiedProcedure Verification""".split()
_STATUSES = """SUCCESS FAILURE WARNING CANCEL PENDING UNKNOWN""".split()

MODULES = {
    "": """__version__ PYNETDICOM_UID_PREFIX PYNETDICOM_IMPLEMENTATION_UID
        PYNETDICOM_IMPLEMENTATION_VERSION AE Association evt build_context build_role register_uid
        debug_logger DEFAULT_TRANSFER_SYNTAXES ALL_TRANSFER_SYNTAXES """
    + " ".join(f"{name}PresentationContexts" for name in _CONTEXTS),
    "_config": """LOG_HANDLER_LEVEL ENFORCE_UID_CONFORMANCE USE_SHORT_DIMSE_AET
        LOG_RESPONSE_IDENTIFIERS LOG_REQUEST_IDENTIFIERS STORE_SEND_CHUNKED_DATASET
        STORE_RECV_CHUNKED_DATASET PASS_CONTEXTVARS WINDOWS_TIMER_RESOLUTION CODECS VALIDATORS
        UNRESTRICTED_STORAGE_SERVICE""",
    "_globals": """DEFAULT_MAX_LENGTH APPLICATION_CONTEXT_NAME MODE_REQUESTOR MODE_ACCEPTOR
        DEFAULT_TRANSFER_SYNTAXES ALL_TRANSFER_SYNTAXES OptionalUIDType """
    + " ".join(f"STATUS_{name}" for name in _STATUSES),
    "_handlers": """debug_fsm debug_data standard_pdu_recv_handler standard_pdu_sent_handler
        standard_dimse_recv_handler standard_dimse_sent_handler""",
    "_validators": "validate_ae validate_ui",
    "acse": "ACSE",
    "ae": "ApplicationEntity",
    "association": "Association ServiceUser",
    "dimse_messages": "_COMMAND_SET_KEYWORDS DIMSEMessage C_CANCEL_RQ "
    + " ".join(f"{name}_RQ {name}_RSP" for name in _PRIMITIVES if name != "C_CANCEL"),
    "dimse_primitives": "DIMSEPrimitive DimsePrimitiveType DimseServiceType "
    + " ".join(_PRIMITIVES),
    "dsutils": """create_file_meta decode encode encode_file_meta pretty_dataset pretty_element
        split_dataset""",
    "events": """Event NotificationEvent InterventionEvent EventType EventHandlerType trigger
        get_default_handler EVT_REQUESTED EVT_ACCEPTED EVT_ESTABLISHED EVT_REJECTED EVT_RELEASED
        EVT_ABORTED EVT_CONN_OPEN EVT_CONN_CLOSE EVT_ACSE_RECV EVT_ACSE_SENT EVT_DIMSE_RECV
        EVT_DIMSE_SENT EVT_PDU_RECV EVT_PDU_SENT EVT_DATA_RECV EVT_DATA_SENT EVT_FSM_TRANSITION
        EVT_C_ECHO EVT_C_STORE EVT_C_FIND EVT_C_GET EVT_C_MOVE EVT_N_ACTION EVT_N_CREATE
        EVT_N_DELETE EVT_N_EVENT_REPORT EVT_N_GET EVT_N_SET EVT_ASYNC_OPS EVT_SOP_COMMON
        EVT_SOP_EXTENDED EVT_USER_ID""",
    "fsm": "STATES EVENTS ACTIONS TRANSITION_TABLE InvalidEventError",
    "pdu": """A_ASSOCIATE_RQ A_ASSOCIATE_AC A_ASSOCIATE_RJ P_DATA_TF A_RELEASE_RQ A_RELEASE_RP
        A_ABORT_RQ""",
    "pdu_items": """ApplicationContextItem PresentationContextItemRQ PresentationContextItemAC
        AbstractSyntaxSubItem TransferSyntaxSubItem UserInformationItem MaximumLengthSubItem
        ImplementationClassUIDSubItem AsynchronousOperationsWindowSubItem
        SCP_SCU_RoleSelectionSubItem ImplementationVersionNameSubItem
        SOPClassExtendedNegotiationSubItem SOPClassCommonExtendedNegotiationSubItem
        UserIdentitySubItemRQ UserIdentitySubItemAC PresentationDataValueItem PDU_ITEM_TYPES""",
    "pdu_primitives": "A_ASSOCIATE A_RELEASE A_ABORT A_P_ABORT P_DATA ServiceParameter "
    + _NEGOTIATION,
    "presentation": """PresentationContext PresentationContextTuple build_context build_role
        negotiate_as_acceptor negotiate_as_requestor negotiate_unrestricted SCP_SCU_ROLES
        DEFAULT_ROLE BOTH_SCU_SCP_ROLE CONTEXT_REJECTED INVERTED_ROLE """
    + " ".join(f"{name}PresentationContexts" for name in _CONTEXTS),
    "service_class": """ServiceClass VerificationServiceClass StorageServiceClass
        QueryRetrieveServiceClass BasicWorklistManagementServiceClass
        RelevantPatientInformationQueryServiceClass SubstanceAdministrationQueryServiceClass
        NonPatientObjectStorageServiceClass HangingProtocolQueryRetrieveServiceClass
        ColorPaletteQueryRetrieveServiceClass ImplantTemplateQueryRetrieveServiceClass
        DefinedProcedureProtocolQueryRetrieveServiceClass
        ProtocolApprovalQueryRetrieveServiceClass InventoryQueryRetrieveServiceClass
        UnifiedProcedureStepServiceClass""",
    "service_class_n": """DisplaySystemManagementServiceClass ProcedureStepServiceClass
        PrintManagementServiceClass StorageCommitmentServiceClass StorageManagementServiceClass
        ApplicationEventLoggingServiceClass InstanceAvailabilityNotificationServiceClass
        MediaCreationManagementServiceClass UnifiedProcedureStepServiceClass
        RTMachineVerificationServiceClass""",
    "sop_class": "SOPClass uid_to_sop_class uid_to_service_class register_uid",
    "status": "code_to_status code_to_category Status GENERAL_STATUS "
    + " ".join(f"STATUS_{name}" for name in _STATUSES),
    "transport": """AddressInformation T_CONNECT AssociationSocket RequestHandler AssociationServer
        ThreadedAssociationServer""",
    "utils": """decode_bytes make_target pretty_bytes set_ae set_timer_resolution set_uid
        validate_uid""",
}

ENTITY = """ae_title acse_timeout dimse_timeout network_timeout connection_timeout
    maximum_associations maximum_pdu_size implementation_class_uid implementation_version_name
    require_calling_aet require_called_aet requested_contexts supported_contexts
    active_associations add_requested_context add_supported_context remove_requested_context
    remove_supported_context associate start_server shutdown"""
ASSOCIATION = """is_established is_rejected is_aborted is_released requestor acceptor acse dul
    network_timeout_response ae mode is_requestor is_acceptor local remote accepted_contexts
    rejected_contexts acse_timeout connection_timeout dimse_timeout network_timeout abort release
    kill request bind unbind get_events get_handlers send_c_echo send_c_store send_c_find
    send_c_get send_c_move send_c_cancel send_n_action send_n_create send_n_delete
    send_n_event_report send_n_get send_n_set"""
SIDE = """ae_title address_info primitive mode is_acceptor is_requestor info maximum_length
    implementation_class_uid implementation_version_name extended_negotiation role_selection
    asynchronous_operations sop_class_extended sop_class_common_extended user_identity
    user_information writeable get_contexts add_negotiation_item remove_negotiation_item
    reset_negotiation_items"""
ACSE = """acceptor requestor assoc dul socket acse_timeout negotiate_association negotiate_release
    send_abort send_ap_abort send_accept send_reject send_release send_request is_aborted
    is_release_requested"""
SOCKET = "close connect ready recv send tls_args select_timeout get_local_addr"
QUEUES = ("event_queue", "provider_queue")  # asking for these says what to do instead
EVENT = """dataset dataset_path encoded_dataset file_meta identifier is_cancelled move_destination
    action_information action_type attribute_list event_information event_type
    attribute_identifiers modification_list message_id"""

_N = "class_uid, instance_uid, msg_id=1, meta_uid=None"
_SERVER = "ssl_context=None, evt_handlers=None, ae_title=None, contexts=None"

# Of both fronts.
SIGNATURES = {
    "AE.__init__": "ae_title='PYNETDICOM'",
    "AE.add_requested_context": "abstract_syntax, transfer_syntax=None",
    "AE.add_supported_context": (
        "abstract_syntax, transfer_syntax=None, scu_role=None, scp_role=None"
    ),
    "AE.remove_requested_context": "abstract_syntax, transfer_syntax=None",
    "AE.remove_supported_context": "abstract_syntax, transfer_syntax=None",
    "AE.associate": (
        "addr, port, contexts=None, ae_title='ANY-SCP', max_pdu=16382, ext_neg=None, "
        "bind_address=None, tls_args=None, evt_handlers=None"
    ),
    "AE.shutdown": "",
    "Association.bind": "event, handler, args=None",
    "Association.unbind": "event, handler",
    "Association.get_handlers": "event",
    "Association.send_c_echo": "msg_id=1",
    "Association.send_c_store": (
        "dataset, msg_id=1, priority=2, originator_aet=None, originator_id=None"
    ),
    "Association.send_c_find": "dataset, query_model, msg_id=1, priority=2",
    "Association.send_c_get": "dataset, query_model, msg_id=1, priority=2",
    "Association.send_c_move": "dataset, move_aet, query_model, msg_id=1, priority=2",
    "Association.send_c_cancel": "msg_id, context_id=None, query_model=None",
    "Association.send_n_action": f"dataset, action_type, {_N}",
    "Association.send_n_create": "dataset, class_uid, instance_uid=None, msg_id=1, meta_uid=None",
    "Association.send_n_delete": _N,
    "Association.send_n_event_report": f"dataset, event_type, {_N}",
    "Association.send_n_get": f"identifier_list, {_N}",
    "Association.send_n_set": f"dataset, {_N}",
    "Association.release": "",
}
OF_THE_BLOCKING_FRONT = {
    # The port is for programs of 1.1.
    "AE.__init__": "ae_title='PYNETDICOM', port=None",
    "AE.make_server": (
        "address, ae_title=None, contexts=None, ssl_context=None, evt_handlers=None, "
        "server_class=None, **kwargs"
    ),
    "AE.start_server": f"address, block=True, {_SERVER}",
    "Association.abort": "block=True",
}
OF_THE_ASYNCIO_FRONT = {"AE.start_server": f"address, {_SERVER}", "Association.abort": ""}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_its_names(module: str) -> None:
    found = vars(import_module(f"pynetdicom.{module}".rstrip(".")))

    assert [name for name in MODULES[module].split() if name not in found] == []


@pytest.mark.parametrize("entity", [AE(), awaiting.AE()])
def test_an_ae_has_its_names(entity: Any) -> None:
    assert [name for name in ENTITY.split() if not hasattr(entity, name)] == []


@pytest.mark.parametrize("kind", [Association, awaiting.Association])
def test_an_association_has_its_names(kind: Any) -> None:
    assoc = Association(AE(), "requestor")
    names = ASSOCIATION.split()

    assert [name for name in names if not (hasattr(kind, name) or hasattr(assoc, name))] == []
    assert [name for name in SIDE.split() if not hasattr(assoc.requestor, name)] == []
    assert [name for name in SIDE.split() if not hasattr(assoc.acceptor, name)] == []


def test_the_association_control_has_its_names() -> None:
    assoc = Association(AE(), "requestor")

    assert [name for name in ACSE.split() if not hasattr(assoc.acse, name)] == []
    assert assoc.acse.dul is assoc.dul
    assert assoc.acse.acse_timeout == assoc.acse_timeout == 30


def test_an_association_is_negotiated_where_it_is_made() -> None:
    assoc = Association(AE(), "requestor")

    with pytest.raises(RuntimeError, match=r"made: by AE\.associate\(\), or by the server"):
        assoc.acse.negotiate_association()


def test_a_socket_has_its_names() -> None:
    assoc = Association(AE(), "requestor")
    transport = AssociationSocket(assoc)
    assoc.set_socket(socket=transport)

    assert [name for name in SOCKET.split() if not hasattr(transport, name)] == []
    assert assoc.acse.socket is transport


@pytest.mark.parametrize("queue", QUEUES)
def test_a_socket_says_that_there_are_no_queues(queue: str) -> None:
    with pytest.raises(AttributeError, match=r"no queues.*: bind"):
        getattr(AssociationSocket(None), queue)


def test_an_event_has_its_names() -> None:
    assert [name for name in EVENT.split() if not hasattr(evt.Event, name)] == []


def _signatures(package: Any, names: Any) -> dict[str, str]:
    return {name: _signature(package, *name.split(".")) for name in names}


def _signature(package: Any, kind: str, method: str) -> str:
    parameters = list(
        inspect.signature(getattr(getattr(package, kind), method)).parameters.values()
    )
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in parameters[1:]]
    return ", ".join(str(parameter) for parameter in bare)


def test_the_blocking_front_is_called_as_documented() -> None:
    expected = {**SIGNATURES, **OF_THE_BLOCKING_FRONT}

    assert _signatures(import_module("pynetdicom"), expected) == expected


@pytest.mark.parametrize("package", ["pynetdicom", "pynetdicom.asyncio"])
def test_a_method_shows_nothing_of_what_is_behind_it(package: str) -> None:
    kind = import_module(package).Association
    methods = [name for name in ASSOCIATION.split() if name.startswith("send_")]

    firsts = {next(iter(inspect.signature(getattr(kind, name)).parameters)) for name in methods}

    assert firsts == {"self"}
    assert kind.send_c_echo.__doc__.startswith("Ask the peer ")


def test_the_asyncio_front_is_called_as_documented() -> None:
    expected = {**SIGNATURES, **OF_THE_ASYNCIO_FRONT}

    assert _signatures(awaiting, expected) == expected


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_has_the_elements_of_its_primitive(message: str) -> None:
    service, _, direction = message.rpartition("_")
    primitive = getattr(dimse_primitives, service)
    needed = primitive.RESPONSE_KEYWORDS if direction == "RSP" else primitive.REQUEST_KEYWORDS

    keywords = _COMMAND_SET_KEYWORDS[message]

    assert keywords[:3] == ["CommandGroupLength", "CommandField", "CommandDataSetType"]
    declared = {element.name for element in primitive.elements}
    assert {*needed} - {*primitive.data_keywords} <= {*keywords[3:]} <= declared


def test_the_state_table_can_be_asked_with_strings() -> None:
    assert (len(STATES), len(EVENTS), len(ACTIONS)) == (13, 19, 28)
    assert TRANSITION_TABLE["Evt9", "Sta6"] == "DT-1"
    assert ("Evt9", "Sta1") not in TRANSITION_TABLE


def test_what_the_state_table_has_not_is_an_invalid_event() -> None:
    core = Pair().requestor.core

    with pytest.raises(InvalidEventError, match="Evt11 is not possible in Sta1"):
        core.send(A_RELEASE())


# Hooks that subclasses override.


def test_an_ae_may_have_another_kind_of_socket() -> None:
    made: list[Any] = []

    class Special(AE):
        def _create_socket(self, assoc: Any, address: Any, tls_args: Any) -> AssociationSocket:
            made.append((assoc, address, tls_args))
            return super()._create_socket(assoc, address, tls_args)

    with serving(AE()) as port:
        ae = Special()
        ae.add_requested_context("1.2.840.10008.1.1")
        assoc = ae.associate("127.0.0.1", port)
        assoc.release()

    assert made == [(assoc, None, None)]


@contextmanager
def serving(ae: AE) -> Iterator[int]:
    """Yield the port of a server for Verification."""
    ae.add_supported_context("1.2.840.10008.1.1")
    server = ae.start_server(("127.0.0.1", 0), block=False)
    yield server.server_address[1]
    server.shutdown()
