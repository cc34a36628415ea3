"""An archive of three instances: verification, queries, a worklist, retrieval. For pynetdicom2."""

import sys
import threading
from itertools import repeat

from pydicom.dataset import Dataset
from pynetdicom2 import applicationentity, exceptions, sopclass, statuses, uids

IMPLICIT = "1.2.840.10008.1.2"


def instance(number):
    ds = Dataset()
    ds.SOPClassUID = uids.CT_IMAGE_STORAGE
    ds.SOPInstanceUID = f"1.2.3.{number}"
    ds.PatientID = "AV-1" if number < 3 else "AC-2"
    ds.PatientName = "Vivaldi^Antonio" if number < 3 else "Corelli^Arcangelo"
    ds.StudyInstanceUID = "1.2.3"
    ds.BitsAllocated = 8
    ds.PixelData = bytes(range(256)) * 400  # several PDUs
    return ds


INSTANCES = [instance(number) for number in (1, 2, 3)]


class Archive(applicationentity.AE):
    destination_port = 0

    def on_association_request(self, asce, assoc):
        if assoc.calling_ae_title.strip("\0 ") == "STRANGER":
            raise exceptions.AssociationRejectedError(1, 1, 3)

    def on_receive_echo(self, context):
        print("echo", context.id, context.sop_class, context.supported_ts, flush=True)
        return statuses.SUCCESS

    def on_receive_find(self, context, ds):
        print("find", ds.PatientID, flush=True)
        if ds.PatientID == "BROKEN":
            yield None, statuses.C_FIND_UNABLE_TO_PROCESS
            return
        found = repeat(INSTANCES[0], 100000) if ds.PatientID == "MANY" else matching(ds)
        for item in found:
            match = Dataset()
            match.PatientID, match.PatientName = item.PatientID, item.PatientName
            yield match, statuses.C_FIND_PENDING

    def on_receive_move(self, context, ds, destination):
        print("move", ds.PatientID, destination.strip("\0 "), flush=True)
        if destination.strip("\0 ") != "STORE":
            return None, 0, iter(())
        found = matching(ds)
        store = {"aet": "STORE", "address": "127.0.0.1", "port": self.destination_port}
        return store, len(found), iter(found)


def matching(ds):
    return [item for item in INSTANCES if ds.PatientID in ("", item.PatientID)]


if __name__ == "__main__":
    port, destination_port = map(int, sys.argv[1:])
    archive = Archive("ARCHIVE", port, [IMPLICIT])
    archive.destination_port = destination_port
    archive.add_scp(sopclass.verification_scp).add_scp(sopclass.qr_find_scp)
    archive.add_scp(sopclass.modality_work_list_scp).add_scp(sopclass.qr_move_scp)
    archive.add_scu(sopclass.storage_scu, [uids.CT_IMAGE_STORAGE])
    with archive:
        threading.Event().wait()  # until somebody ends the program
