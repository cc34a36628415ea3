"""Storage commitment, both sides: `PORT PORT keep` or `PORT PORT ask`. For pynetdicom2."""

import sys
import threading

from pynetdicom2 import applicationentity, sopclass, uids

IMPLICIT = "1.2.840.10008.1.2"
CT = uids.CT_IMAGE_STORAGE


class Node(applicationentity.AE):
    other = None

    def __init__(self, *args):
        super().__init__(*args)
        self.reported = threading.Event()

    def on_commitment_request(self, remote_ae, uids):
        pairs = [(str(c), str(i)) for c, i in uids]
        kept = [pair for pair in pairs if not pair[1].endswith("9")]
        lost = [(*pair, sopclass.StorageCommitment.NO_SUCH_OBJECT_INSTANCE) for pair in pairs]
        return self.other, kept, [item for item in lost if item[1].endswith("9")]

    def on_commitment_response(self, transaction_uid, success, failure):
        print("report", transaction_uid, [tuple(map(str, pair)) for pair in success])
        print("failed", [(str(c), str(i), int(reason)) for c, i, reason in failure], flush=True)
        self.reported.set()


def main(port, other, role):
    node = Node(role.upper(), port, [IMPLICIT])
    node.other = {"aet": "ASK" if role == "keep" else "KEEP", "address": "127.0.0.1", "port": other}
    node.add_scp(sopclass.StorageCommitment())
    if role == "keep":
        with node:
            threading.Event().wait()  # until somebody ends the program
        return
    node.add_scu(sopclass.storage_commitment_scu)
    with node:
        with node.request_association(node.other) as asce:
            ask = asce.get_scu(uids.STORAGE_COMMITMENT_SOP_CLASS)
            status = ask("1.2.3.4", [(CT, "1.2.3.1"), (CT, "1.2.3.9")], 5)
            print(hex(int(status)), status.is_success, flush=True)
        print("came", node.reported.wait(30))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
