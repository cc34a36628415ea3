"""Starts archives of others that hold the files of a folder: dcmqrscp of DCMTK, and Orthanc.

Orthanc takes its files over the network, so this is also the program that starts and fills it:
`python -m benchmarks.archives PORT --folder FOLDER --source FILES`.
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from benchmarks.processes import BenchmarkError, Command, free_port, run, serving

DESTINATION = "SINK"  # the AE title of where C-MOVE moves to
ARCHIVE_TITLE = "ANY-SCP"

DCMQRSCP = """\
NetworkTCPPort = {port}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
sink = ({title}, localhost, {destination})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
{archive} {folder} RW (1000, 1024mb) ANY
AETable END
"""


def program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise BenchmarkError(f"{name} is not installed")
    return path


def dcmqrscp(port: int, folder: Path, source: Path, destination: int) -> Path:
    """Register the files in `source` and return the configuration of dcmqrscp."""
    files = [str(path) for path in sorted(source.glob("*.dcm"))]
    run(Command([program("dcmqridx"), str(folder), *files], os.environ))
    configuration = folder / "dcmqrscp.cfg"
    configuration.write_text(
        DCMQRSCP.format(
            port=port,
            title=DESTINATION,
            destination=destination,
            archive=ARCHIVE_TITLE,
            folder=folder,
        )
    )
    return configuration


def orthanc_configuration(port: int, folder: Path, destination: int) -> dict[str, object]:
    return {
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [],
        "HttpPort": free_port(),
        "RemoteAccessAllowed": False,
        "DicomPort": port,
        "DicomAet": ARCHIVE_TITLE,
        "DicomModalities": {"sink": [DESTINATION, "127.0.0.1", destination or free_port()]},
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowMove": True,
        "TranscodeDicomProtocol": False,
        "SynchronousCMove": True,
    }


def main() -> None:
    """Start Orthanc, fill it, and keep it until the standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--source", type=Path)
    parser.add_argument("--destination", type=int)
    arguments = parser.parse_args()
    configuration = arguments.folder / "orthanc.json"
    content = orthanc_configuration(arguments.port, arguments.folder, arguments.destination)
    configuration.write_text(json.dumps(content))
    environment = {**os.environ, "TCP_NODELAY": "1"}
    start = [program("Orthanc"), str(configuration)]
    with serving(Command(start, environment, says_ready=False, port=arguments.port)):
        files = [str(path) for path in sorted(arguments.source.glob("*.dcm"))]
        fill = [program("storescu"), "127.0.0.1", str(arguments.port), *files]
        run(Command(fill, environment))
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
