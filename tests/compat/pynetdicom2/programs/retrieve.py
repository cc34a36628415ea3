"""Retrieves everything by C-GET, and asks with C-FIND and C-MOVE. For pynetdicom2."""

import sys

from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom2 import applicationentity, c_find, sopclass, statuses, uids


class Client(applicationentity.ClientAE):
    def on_receive_store(self, context, ds):
        return statuses.SUCCESS


def main(port, title, destination):
    remote = {"aet": title, "address": "127.0.0.1", "port": port}
    ds = Dataset()
    ds.QueryRetrieveLevel = "STUDY"
    ds.PatientID = ""
    ds.StudyInstanceUID = ""
    matches = [match for match, _ in c_find(remote, "CLIENT", ds, uids.STUDY_ROOT_FIND_SOP_CLASS)]
    studies = sorted(match.StudyInstanceUID for match in matches if match is not None)
    client = Client("CLIENT", ["1.2.840.10008.1.2.1"])
    client.add_scu(sopclass.qr_get_scu).add_scu(sopclass.qr_move_scu)
    classes = [uids.CT_IMAGE_STORAGE, uids.MR_IMAGE_STORAGE]
    client.update_context_def_list(classes, store_in_file=True)
    with client.request_association(remote) as asce:
        get = asce.get_scu(uids.STUDY_ROOT_GET_SOP_CLASS)
        move = asce.get_scu(uids.STUDY_ROOT_MOVE_SOP_CLASS)
        for number, study in enumerate(studies, 1):
            wanted = Dataset()
            wanted.QueryRetrieveLevel = "STUDY"
            wanted.StudyInstanceUID = study
            got = [(c.sop_class, dcmread(file).SOPInstanceUID) for c, file in get(wanted, number)]
            print(study, sorted((str(c), str(uid)) for c, uid in got))
            final = [hex(int(status)) for status, _ in move(wanted, destination, number)][-1]
            print("moved", final)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
