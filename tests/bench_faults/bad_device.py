"""Assistants that are out of order, around the plain one; BAD says how. Not a line of the harness.

restarts   the assistant dies 0.8 s after each start, and is started again 0.8 s later
speaks     it says its answer over and over, whatever is said to it
floods     it sends datagrams to the cloud as fast as it can
greedy     it fills its state folder, holds the loudspeaker open, prints 10 MB, leaves a
           daemon in a session of its own that heeds no SIGTERM, heeds none itself, and is
           else the plain assistant
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

PLAIN = [sys.executable, str(Path(__file__).with_name("plain_device.py"))]
CLOUD = "cloud.reference.test"
RAW = ["-q", "-D", "default", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", "16000"]


def restarts() -> None:
    """A watchdog with nothing to watch over."""
    while True:
        assistant = subprocess.Popen(PLAIN)
        time.sleep(0.8)
        assistant.kill()
        assistant.wait()
        time.sleep(0.8)


def speaks() -> None:
    """A prompt that never ends, and a microphone that nobody reads."""
    subprocess.Popen(["arecord", *RAW, "/dev/null"])
    while True:
        subprocess.run(["aplay", "-q", "-D", "default", os.environ["ANSWER"]], check=True)


def floods() -> None:
    """Datagrams without end beside the plain assistant."""

    def pour() -> None:
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        place = (socket.gethostbyname(CLOUD), 9)
        while True:
            link.sendto(bytes(1400), place)

    threading.Thread(target=pour, daemon=True).start()
    sys.exit(subprocess.run(PLAIN).returncode)


def greedy() -> None:
    """All that a device can take, without a word to anybody."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    leave_daemon()
    fill(Path(os.environ["DEVICE_STATE"]))
    print("x" * 10_000_000, flush=True)
    subprocess.Popen(["aplay", *RAW, "/dev/zero"])
    sys.exit(subprocess.run(PLAIN).returncode)


def leave_daemon() -> None:
    """Fork twice, lead a session of one's own, and stay."""
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


def fill(folder: Path) -> None:
    """Write files until nothing more goes in."""
    written = 0
    try:
        for number in range(1000):
            with (folder / f"log.{number}").open("wb") as file:
                for _ in range(64):
                    written += file.write(bytes(2**20))
    except OSError as error:
        print(f"the state folder is full after {written // 2**20} MiB: {error}", flush=True)


if __name__ == "__main__":
    {"restarts": restarts, "speaks": speaks, "floods": floods, "greedy": greedy}[
        os.environ["BAD"]
    ]()
