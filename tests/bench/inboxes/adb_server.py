"""An adb server with a phone, as the protocol's description has it, on a real socket.

It knows nothing of the driver: what it reads and writes stands here in bytes.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable

SERIAL = "R58M12ABCDE"
HEAD = "Current Notification Manager state:\n"
TAIL = "  \n  mUseAttentionLight=false\n  Archive:\n    NotificationRecord(0x1: pkg=archived)\n"


def record(
    package: str, number: int, title: str, text: str, when: int = 1, flags: str = "AUTO_CANCEL"
) -> str:
    """A notification in the form that Android 16 prints with --noredact."""
    key = f"0|{package}|{number}|some tag|10154"
    return (
        f"    NotificationRecord(0x0da1fbeb: pkg={package} user=UserHandle{{0}} id={number} "
        f"tag=some tag importance=4 key={key}: Notification(channel=c vis=PRIVATE))\n"
        f"      uid=10154 userId=0\n      opPkg={package}\n      flags={flags}\n"
        f"      key={key}\n      seen=false\n      groupKey=0|{package}|g:1\n"
        f"      notification=\n            when={when}/1779530853648\n            extras={{\n"
        f"                android.title=String ({title})\n"
        "                android.reduced.images=Boolean (true)\n"
        f"                android.text=String ({text})\n"
        "                android.showWhen=Boolean (true)\n            }\n"
        "      mCreationTimeMs=1779530881264\n      mUpdateTimeMs=1779530881264\n"
    )


class AdbServer:
    """`files`: by path. `shown`: notifications. `refuses`: what every transport is refused with."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.folders = {"/sdcard/voice"}
        self.shown: list[str] = []
        self.refuses: str | None = None
        self.says: Callable[[str], str | None] = lambda command: None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._over = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._over:
                connection.close()
                return
            with connection:
                self._serve(connection)

    def _serve(self, line: socket.socket) -> None:
        while (length := _exactly(line, 4)) != b"":
            service = _exactly(line, int(length, 16)).decode()
            if service == f"host:transport:{SERIAL}" and self.refuses is None:
                line.sendall(b"OKAY")
            elif service.startswith("host:"):
                why = (self.refuses or f"device '{service[15:]}' not found").encode()
                line.sendall(b"FAIL%04x" % len(why) + why)
                return
            elif service.startswith("shell:"):
                line.sendall(b"OKAY")
                command, _, after = service[6:].rpartition("; echo ")
                output, code = self._shell(command)
                for part in (output, after.replace("$?", str(code)), "\r\n"):
                    line.sendall(part.encode())  # the phone's terminal ends lines so
                return
            elif service == "sync:":
                line.sendall(b"OKAY")
                self._sync(line)
                return

    def _shell(self, command: str) -> tuple[str, int]:
        own = self.says(command)
        if own is not None:
            return own, 0
        words = command.split()
        if words[0] == "dumpsys":
            listed = "  Notification List:\n" + "".join(self.shown) if self.shown else ""
            return (HEAD + listed + TAIL).replace("\n", "\r\n"), 0
        if words[:4] == ["cmd", "notification", "post", "-t"]:
            _, _, _, _, title, tag, text = words
            self.shown.append(record("com.android.shell", hash(tag) % 999, title, text))
            return "posting:\r\n", 0
        if words[:2] == ["test", "-d"]:
            return "", int(words[2] not in self.folders)
        if words[0] == "echo":
            self.files[words[3]] = words[1].encode() + b"\n"
            return "", 0
        return f"/system/bin/sh: {words[0]}: not found\r\n", 127

    def _sync(self, line: socket.socket) -> None:
        request = _exactly(line, 8)
        path = _exactly(line, struct.unpack("<I", request[4:])[0]).decode()
        if request[:4] == b"LIST":
            self._list(line, path)
        elif request[:4] == b"RECV" and path in self.files:
            content = self.files[path]
            for at in range(0, len(content), 65_536):
                part = content[at : at + 65_536]
                line.sendall(b"DATA" + struct.pack("<I", len(part)) + part)
            line.sendall(b"DONE" + struct.pack("<I", 0))
        else:
            why = b"open failed: No such file or directory"
            line.sendall(b"FAIL" + struct.pack("<I", len(why)) + why)

    def _list(self, line: socket.socket, folder: str) -> None:
        entries = [(".", 0o40755, 0), ("..", 0o40755, 0), ("thumbs", 0o40755, 0)]
        for path, content in self.files.items():
            where, _, name = path.rpartition("/")
            if where == folder:
                entries.append((name, 0o100644, len(content)))
        for name, mode, size in entries:
            head = struct.pack("<IIII", mode, size, int(time.time()), len(name.encode()))
            line.sendall(b"DENT" + head + name.encode())
        line.sendall(b"DONE" + struct.pack("<IIII", 0, 0, 0, 0))


def _exactly(line: socket.socket, count: int) -> bytes:
    came = b""
    while len(came) < count and (part := line.recv(count - len(came))):
        came += part
    return came
