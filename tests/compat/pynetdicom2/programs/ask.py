"""Asks an archive all that it can answer. For pynetdicom2."""

import sys

from pydicom.dataset import Dataset
from pynetdicom2 import applicationentity, exceptions, sopclass, uids

IMPLICIT = "1.2.840.10008.1.2"


def query(patient_id):
    ds = Dataset()
    ds.QueryRetrieveLevel = "PATIENT"
    ds.PatientID = patient_id
    return ds


def show(status):
    kinds = ("success", "pending", "failure", "warning", "cancel")
    return hex(int(status)), [kind for kind in kinds if getattr(status, "is_" + kind)]


def find(asce, sop_class, patient_id, number):
    for match, status in asce.get_scu(sop_class)(query(patient_id), number):
        print("match", match and (match.PatientID, str(match.PatientName)), *show(status))


def main(port):
    remote = {"aet": "ARCHIVE", "address": "127.0.0.1", "port": port}
    client = applicationentity.ClientAE("CLIENT", [IMPLICIT])
    client.add_scu(sopclass.verification_scu).add_scu(sopclass.qr_find_scu)
    client.add_scu(sopclass.modality_work_list_scu).add_scu(sopclass.qr_move_scu)
    client.add_scu(sopclass.storage_scu, [uids.MR_IMAGE_STORAGE])
    with client.request_association(remote) as asce:
        accepted = sorted(asce.accepted_contexts.items())
        print([(key, str(c.sop_class), str(c.supported_ts)) for key, c in accepted])
        print("established", asce.association_established)
        print("echo", *show(asce.get_scu(uids.VERIFICATION_SOP_CLASS)(7)))
        find(asce, uids.PATIENT_ROOT_FIND_SOP_CLASS, "AC-2", 8)
        find(asce, uids.STUDY_ROOT_FIND_SOP_CLASS, "AV-1", 9)
        find(asce, uids.PATIENT_ROOT_FIND_SOP_CLASS, "NOBODY", 10)
        find(asce, uids.MODALITY_WORK_LIST_INFORMATION_FIND_SOP_CLASS, "AC-2", 11)
        move = asce.get_scu(uids.PATIENT_ROOT_MOVE_SOP_CLASS)
        for status, message in move(query(""), "STORE", 12):
            print("moved", *show(status), message.num_of_completed_sub_ops)
        try:
            asce.get_scu(uids.MR_IMAGE_STORAGE)
        except exceptions.ClassNotSupportedError as error:
            print("not supported:", error)
    print("established", asce.association_established)
    client.local_ae["aet"] = "STRANGER"
    try:
        with client.request_association(remote):
            print("accepted")
    except exceptions.AssociationRejectedError as error:
        print("rejected", error.result, error.source, error.diagnostic)


if __name__ == "__main__":
    main(int(sys.argv[1]))
