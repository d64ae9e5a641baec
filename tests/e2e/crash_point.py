"""crash_point.c from the test's side: built once, told where to kill."""

from __future__ import annotations

import mmap
import pathlib
import struct
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).with_name("crash_point.c")
KINDS = (
    "none", "log_write", "log_sync", "log_synced", "provider_send", "database_write",
    "database_sync",
)  # fmt: skip


class CrashPoint:
    def __init__(self, provider_port: int):
        self.directory = tempfile.TemporaryDirectory(prefix="purser-crash-")
        library = pathlib.Path(self.directory.name) / "crash_point.so"
        control = pathlib.Path(self.directory.name) / "control"
        command = ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True)
        control.write_bytes(struct.pack("4i", 0, 0, 0, provider_port))
        with open(control, "r+b") as file:
            self.shared = mmap.mmap(file.fileno(), 16)
        self.environment = {"LD_PRELOAD": str(library), "CRASH_CONTROL": str(control)}

    def arm(self, kind: str, count: int) -> None:
        """The gateway dies at the count-th event of this kind from now on."""
        self.disarm()
        self.shared[4:12] = struct.pack("2i", count, 0)
        self.shared[0:4] = struct.pack("i", KINDS.index(kind))

    def disarm(self) -> None:
        self.shared[0:4] = struct.pack("i", 0)

    @property
    def fired(self) -> bool:
        return struct.unpack("i", self.shared[8:12])[0] == 1

    def remove(self) -> None:
        self.shared.close()
        self.directory.cleanup()
