"""Messages one by one, without services: send, receive, release, abort. For pynetdicom2."""

import sys

from pydicom.dataset import Dataset
from pynetdicom2 import (
    applicationentity,
    asceprovider,
    dimsemessages,
    dsutils,
    exceptions,
    pdu,
    sopclass,
    uids,
)

IMPLICIT = "1.2.840.10008.1.2"


def associate(port):
    client = applicationentity.ClientAE("CLIENT", [IMPLICIT])
    client.add_scu(sopclass.verification_scu).add_scu(sopclass.qr_find_scu)
    remote = {"aet": "ARCHIVE", "address": "127.0.0.1", "port": port}
    asce = asceprovider.AssociationRequester(client, 16384, remote)
    print(sorted(asce.context_def_list), asce.association_established)
    asce.request()
    return asce


def main(port):
    asce = associate(port)
    context_id, syntax = asce.sop_classes_as_scu[uids.VERIFICATION_SOP_CLASS]
    print(context_id, str(syntax))
    echo = dimsemessages.CEchoRQMessage()
    echo.message_id = 3
    echo.sop_class_uid = uids.VERIFICATION_SOP_CLASS
    asce.send(echo, context_id)
    answer, answer_id = asce.receive()
    print(type(answer).__name__, answer_id, answer.message_id_being_responded_to, answer.status)

    find = dimsemessages.CFindRQMessage()
    find.message_id, find.priority = 4, dimsemessages.PRIORITY_HIGH
    find.sop_class_uid = uids.PATIENT_ROOT_FIND_SOP_CLASS
    ds = Dataset()
    ds.PatientID = "AC-2"
    find.data_set = dsutils.encode(ds, True, True)
    find_id, _ = asce.sop_classes_as_scu[uids.PATIENT_ROOT_FIND_SOP_CLASS]
    asce.send(find, find_id)
    while True:
        answer, _ = asce.receive()
        match = answer.data_set and dsutils.decode(answer.data_set, True, True)
        print(hex(answer.status), match and str(match.PatientName))
        if answer.status != 0xFF00:
            break
    print(isinstance(asce.release(), pdu.AReleaseRpPDU))

    asce = associate(port)
    asce.abort()
    asce.kill()
    silent = applicationentity.ClientAE("CLIENT", [IMPLICIT])
    silent.add_scu(sopclass.verification_scu)
    remote = {"aet": "ARCHIVE", "address": "127.0.0.1", "port": port}
    silent.timeout = 1.5
    with silent.request_association(remote) as asce:
        try:
            asce.receive()
        except exceptions.DCMTimeoutError as error:
            print(type(error).__name__)


if __name__ == "__main__":
    main(int(sys.argv[1]))
