"""A folder that takes everything. For pynetdicom2."""

import sys
import threading

from pynetdicom2 import StorageAE, sopclass, statuses


class Store(StorageAE):
    def on_receive_store(self, context, ds):
        return statuses.SUCCESS


if __name__ == "__main__":
    port, folder, *syntaxes = sys.argv[1:]
    store = Store(folder, "STORE", int(port), syntaxes or None)
    store.add_scp(sopclass.storage_scp).add_scp(sopclass.verification_scp)
    with store:
        threading.Event().wait()  # until somebody ends the program
