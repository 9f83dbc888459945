"""A parrot: says again what was said to it, and tells a server how long that was.

parec, paplay, a threshold, and not a line of the harness. It knows of no bench: it opens the
default microphone and the default loudspeaker.
"""

import array
import socket
import subprocess
import time

RATE_HZ = 16_000
BLOCK = RATE_HZ // 20 * 2  # bytes in a twentieth of a second
LOUD = 150
PAUSE_BLOCKS = 16
SOUND = ["--format=s16le", f"--rate={RATE_HZ}", "--channels=1"]


def loudness(block: bytes) -> float:
    """Mean magnitude of 16-bit samples."""
    samples = array.array("h", block)
    return sum(map(abs, samples)) / len(samples)


def utterances(microphone):
    """What was said, once 0.8 s of quiet have followed it."""
    said, quiet = b"", 0
    while block := microphone.read(BLOCK):
        loud = loudness(block) > LOUD
        quiet = 0 if loud else quiet + 1
        if loud or said:
            said += block
        if said and quiet == PAUSE_BLOCKS:
            yield said
            said = b""


def main() -> None:
    """Listen, tell, repeat."""
    microphone = subprocess.Popen(["parec", *SOUND], stdout=subprocess.PIPE).stdout
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    deaf_until_s = 0.0
    for said in utterances(microphone):
        if time.monotonic() < deaf_until_s:
            continue
        link.sendto(b"heard %d bytes" % len(said), ("parrot.example.com", 4000))
        subprocess.run(["paplay", "--raw", *SOUND], input=said, check=True)
        deaf_until_s = time.monotonic() + 2.0


if __name__ == "__main__":
    main()
