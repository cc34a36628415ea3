"""Programs as users write them: the same text runs on this library and on pynetdicom 3.

Each is started as `python -m benchmarks.user_programs` in an environment of its own, which
decides what `pynetdicom` is.
"""

import argparse
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydicom.uid import ExplicitVRLittleEndian

from benchmarks.memory import PeakMemory, private_bytes
from pynetdicom import AE, _config, evt
from pynetdicom.sop_class import CTImageStorage, EnhancedCTImageStorage, Verification

HOST = "127.0.0.1"


def entity(*, explicit: bool = False) -> AE:
    """Set an AE up, with the default transfer syntaxes or just the one of the files."""
    ae = AE(ae_title="BENCHMARK")
    ae.maximum_associations = 2000
    for sop_class in (Verification, CTImageStorage, EnhancedCTImageStorage):
        ae.add_requested_context(sop_class, ExplicitVRLittleEndian if explicit else None)
        ae.add_supported_context(sop_class)
    return ae


class Stopwatch:
    """Counts, and says when the time is over: what is slow need not do all that is asked."""

    def __init__(self, seconds: float) -> None:
        self.count = 0
        self._started = time.perf_counter()
        self._deadline = self._started + seconds
        self._used = time.process_time()

    def is_over(self) -> bool:
        self.count += 1
        return time.perf_counter() > self._deadline

    def result(self) -> dict[str, float]:
        seconds = time.perf_counter() - self._started
        return {
            "seconds": seconds,
            "cpu": time.process_time() - self._used,
            "count": self.count,
        }


def echo_scu(arguments: argparse.Namespace) -> dict[str, float]:
    assoc = entity().associate(HOST, arguments.port)
    watch = Stopwatch(arguments.seconds)
    for _ in range(arguments.count):
        if assoc.send_c_echo().Status != 0x0000:
            sys.exit("C-ECHO failed")
        if watch.is_over():
            break
    result = watch.result()
    assoc.release()
    return result


def cycle_scu(arguments: argparse.Namespace) -> dict[str, float]:
    ae = entity()
    watch = Stopwatch(arguments.seconds)
    for _ in range(arguments.count):
        assoc = ae.associate(HOST, arguments.port)
        if assoc.send_c_echo().Status != 0x0000:
            sys.exit("C-ECHO failed")
        assoc.release()
        if watch.is_over():
            break
    return watch.result()


def store_scu(arguments: argparse.Namespace) -> dict[str, float]:
    paths = sorted(arguments.folder.glob("*.dcm")) * arguments.repeat
    assoc = entity(explicit=arguments.explicit).associate(HOST, arguments.port)
    watch = Stopwatch(arguments.seconds)
    for path in paths:
        if assoc.send_c_store(path).Status != 0x0000:
            sys.exit("C-STORE failed")
        if watch.is_over():
            break
    result = watch.result()
    assoc.release()
    return result


def store_memory_scu(arguments: argparse.Namespace) -> dict[str, float]:
    """Send one large file and measure the peak memory above that of an idle association."""
    _config.STORE_SEND_CHUNKED_DATASET = arguments.chunked
    path = next(arguments.folder.glob("*.dcm"))
    assoc = entity().associate(HOST, arguments.port)
    assoc.send_c_echo()
    with PeakMemory() as memory:
        status = assoc.send_c_store(path).Status
    assoc.release()
    return {"status": status, "peak": memory.peak, "anonymous": memory.anonymous}


def idle_scu(arguments: argparse.Namespace) -> dict[str, float]:
    """Hold idle associations until the standard input ends."""
    ae = entity()
    first = ae.associate(HOST, arguments.port)
    before = private_bytes(os.getpid())
    others = [ae.associate(HOST, arguments.port) for _ in range(arguments.count - 1)]
    each = (private_bytes(os.getpid()) - before) / len(others)
    print("ready", flush=True)
    sys.stdin.read()
    for assoc in [first, *others]:
        assoc.abort()
    return {"each": each}


def threads_scu(arguments: argparse.Namespace) -> dict[str, float]:
    """Echo in several threads, each with its own association, and count what gets lost."""
    ae = entity()
    answered = [0] * arguments.repeat

    def echo(number: int) -> None:
        assoc = ae.associate(HOST, arguments.port)
        for _ in range(arguments.count):
            if assoc.send_c_echo().get("Status") != 0x0000:
                break
            answered[number] += 1
        assoc.release()

    threads = [threading.Thread(target=echo, args=(n,)) for n in range(arguments.repeat)]
    watch = Stopwatch(arguments.seconds)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watch.count = sum(answered)
    return {**watch.result(), "lost": arguments.repeat * arguments.count - watch.count}


def scp(arguments: argparse.Namespace) -> dict[str, float]:
    """Serve until the standard input ends; objects are dropped, or kept when a folder is given."""
    _config.STORE_RECV_CHUNKED_DATASET = arguments.folder is not None

    def handle_store(_event: evt.Event) -> int:
        return 0x0000

    def handle_store_to_file(event: evt.Event) -> int:
        shutil.move(event.dataset_path, arguments.folder / f"{event.request.MessageID}.dcm")
        return 0x0000

    handler = handle_store_to_file if arguments.folder else handle_store
    return serve(entity(), arguments, [(evt.EVT_C_STORE, handler)])


def look_scp(arguments: argparse.Namespace) -> dict[str, float]:
    """Look at the pixels of each object."""

    def handle_store(event: evt.Event) -> int:
        return 0x0000 if len(event.dataset.PixelData) else 0xC000

    return serve(entity(), arguments, [(evt.EVT_C_STORE, handle_store)])


def serve(ae: AE, arguments: argparse.Namespace, handlers: list[Any]) -> dict[str, float]:
    """Serve until the standard input ends."""
    ae.maximum_pdu_size = arguments.maximum_length
    server = ae.start_server((HOST, arguments.port), block=False, evt_handlers=handlers)
    print("ready", flush=True)
    sys.stdin.read()
    server.shutdown()
    return {}


def main(programs: Mapping[str, Callable[[argparse.Namespace], dict[str, float]]]) -> None:
    """Run one program and print what it measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", choices=programs)
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, default=1, help="messages, cycles or associations")
    parser.add_argument("--repeat", type=int, default=1, help="files again, retrievals, threads")
    parser.add_argument("--seconds", type=float, default=10.0, help="stop then, done or not")
    parser.add_argument("--folder", type=Path, help="files to send, or where to put them")
    parser.add_argument("--chunked", action="store_true", help="set STORE_SEND_CHUNKED_DATASET")
    parser.add_argument("--explicit", action="store_true", help="propose Explicit VR only")
    parser.add_argument("--matches", type=int, default=0, help="of each query")
    parser.add_argument("--destination", type=int, default=0, help="the port to move to")
    parser.add_argument("--maximum-length", type=int, default=16384)
    arguments = parser.parse_args()
    print(json.dumps(programs[arguments.program](arguments)))


PROGRAMS = {
    "echo-scu": echo_scu,
    "cycle-scu": cycle_scu,
    "store-scu": store_scu,
    "store-memory-scu": store_memory_scu,
    "idle-scu": idle_scu,
    "threads-scu": threads_scu,
    "scp": scp,
    "look-scp": look_scp,
}

if __name__ == "__main__":
    main(PROGRAMS)
