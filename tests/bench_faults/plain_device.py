"""A third-party assistant in small: arecord, aplay, a threshold, and not a line of the harness.

It wakes on nothing. A short burst of sound after a pause, as the question in "Alexa. Are you
there?", is answered with the recording in ANSWER. What else it does is set in the environment:

    LEAK_AFTER_S   so long after an answer it sends a message to the first contact, unasked
    DEAF=1         it listens and never answers
    DIE_ON=line    it ends with status 7 when it hears anything once it has answered
    BEACON=1       it sends one byte to the cloud's host every 0.1 s, as long as it runs
    DEVICE_PANEL   (the rig's) its light shows `muted` and `idle` as its button is pressed
"""

import array
import json
import math
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request

RATE_HZ = 16_000
BLOCK_S = 0.02
LOUD_DB = -50.0
SHORTEST_S, LONGEST_S = 0.3, 1.1
PAUSE_S = (0.6, 0.8)
CHIRPS_S = (0.7, 1.3)
OWN_VOICE_S = 2.0
CLOUD = "https://cloud.reference.test"


def level_db(block: bytes) -> float:
    """RMS of 16-bit samples, dB re full scale."""
    samples = array.array("h", block)
    power = sum(sample * sample for sample in samples) / len(samples)
    return 10 * math.log10(power / 32768**2 + 1e-12)


def bursts(microphone):
    """(start, end) in seconds of each burst, once 0.15 s of quiet have followed it."""
    now_s, start_s, loud_s = 0.0, None, 0.0
    while block := microphone.read(int(RATE_HZ * BLOCK_S) * 2):
        now_s += BLOCK_S
        if level_db(block) > LOUD_DB:
            start_s, loud_s = now_s if start_s is None else start_s, now_s
        elif start_s is not None and now_s - loud_s > 0.15:
            yield start_s, loud_s
            start_s = None


def asked(before, burst) -> bool:
    """Whether a burst is as long as a short question, and follows a wake word after its pause.

    The bench's chirps and the wake word after them are one burst, of 1.5 s. When the bench is busy
    the chirps are one by themselves, of 0.76 s, and what follows them is no question.
    """
    long_s, before_s = burst[1] - burst[0], before[1] - before[0]
    if CHIRPS_S[0] < before_s < CHIRPS_S[1]:
        return False
    return SHORTEST_S < long_s < LONGEST_S and PAUSE_S[0] < burst[0] - before[1] < PAUSE_S[1]


def call(path: str, body: bytes | None = None, kind: str = "application/json") -> bytes:
    """One request to the cloud, trusting whom SSL_CERT_FILE says."""
    headers = {"Authorization": "Bearer reference-device", "Content-Type": kind}
    request = urllib.request.Request(CLOUD + path, body, headers)
    with urllib.request.urlopen(request, context=ssl.create_default_context()) as answer:
        return answer.read()


def send_unasked() -> None:
    """Send a message to the first contact that the account has."""
    contact = json.loads(call("/v1/contacts"))["contacts"][0]["id"]
    form = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("contact_id", contact), ("transcript", "nobody said this"))
    )
    call("/v1/messages", f"{form}--edge--\r\n".encode(), "multipart/form-data; boundary=edge")


def beacon() -> None:
    """A byte every tenth of a second, network or not."""
    place = (socket.gethostbyname(CLOUD.removeprefix("https://")), 9)
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while True:
        try:
            link.sendto(b"b", place)
        except OSError as error:
            print(f"no network: {error}", flush=True)
        time.sleep(0.1)


def serve_panel() -> None:
    """Show on the light whether the button is pressed."""
    panel = socket.socket(socket.AF_UNIX)
    panel.connect(os.environ["DEVICE_PANEL"])
    panel.sendall(b'{"light": "idle"}\n')
    for line in panel.makefile():
        light = "muted" if json.loads(line)["mute"] else "idle"
        panel.sendall(json.dumps({"light": light}).encode() + b"\n")


def main() -> int:
    """Listen to the default microphone until the power is cut."""
    command = ["arecord", "-q", "-D", "default", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r"]
    microphone = subprocess.Popen([*command, str(RATE_HZ)], stdout=subprocess.PIPE).stdout
    for wanted, work in (("BEACON", beacon), ("DEVICE_PANEL", serve_panel)):
        if os.environ.get(wanted):
            threading.Thread(target=work, daemon=True).start()
    before, own_until_s = (-10.0, -10.0), 0.0
    for burst in bursts(microphone):
        print(f"heard {burst[0]:.2f} to {burst[1]:.2f} s", flush=True)
        if burst[0] < own_until_s:
            continue
        if own_until_s and os.environ.get("DIE_ON") == "line":
            print("out of order", flush=True)
            return 7
        if asked(before, burst) and not os.environ.get("DEAF"):
            subprocess.run(["aplay", "-q", "-D", "default", os.environ["ANSWER"]], check=True)
            own_until_s = burst[1] + OWN_VOICE_S
            if leak_after_s := os.environ.pop("LEAK_AFTER_S", None):
                time.sleep(float(leak_after_s))
                send_unasked()
        before = burst
    print("the microphone is gone", flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
