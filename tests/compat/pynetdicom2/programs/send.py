"""Sends files, each in the transfer syntax it has, and a data set. For pynetdicom2."""

import sys

from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom2 import applicationentity, sopclass, uids


def main(port, title, paths):
    remote = {"aet": title, "address": "127.0.0.1", "port": port}
    for path in paths:
        meta = dcmread(path, stop_before_pixels=True).file_meta
        client = applicationentity.ClientAE("CLIENT", [meta.TransferSyntaxUID])
        client.add_scu(sopclass.storage_scu, [meta.MediaStorageSOPClassUID])
        with client.request_association(remote) as asce:
            status = asce.get_scu(meta.MediaStorageSOPClassUID)(path, 1)
            print(hex(int(status)), status.is_success)
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = uids.CT_IMAGE_STORAGE, "1.2.3.99"
    ds.PatientName = "Data^Set"
    client = applicationentity.ClientAE("CLIENT", ["1.2.840.10008.1.2"])
    client.add_scu(sopclass.storage_scu, [uids.CT_IMAGE_STORAGE])
    with client.request_association(remote) as asce:
        status = asce.get_scu(uids.CT_IMAGE_STORAGE)(ds, 2)
        print(hex(int(status)), status.is_success)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
