"""Makes `packed_websocket.pcapng` and its JSON: uploads over a WebSocket by a real stack.

Needs websockets, dumpcap and the right to capture on `lo`. From the project's root:

    python -m venv /var/tmp/peers && /var/tmp/peers/bin/pip install websockets numpy
    /var/tmp/peers/bin/python tests/wire/payload/captures/packed_websocket.py \
        tests/wire/payload/captures

The device is 127.0.0.1 and the cloud 127.0.0.2; nothing is encrypted. Two connections, whose
messages are packed one by one, as the stack does by itself: binary ones with samples as they are
heard, then texts of JSON with base64. `sound.py` is what the microphone heard, the JSON file says
from when on.
"""

import base64
import json
import sys
import threading
import time
from pathlib import Path

from loopback import record
from sound import RATE_HZ
from websockets.sync.client import connect
from websockets.sync.server import serve

CLOUD, PORT, CHUNK_S = "127.0.0.2", 4435, 0.1
STEP = round(CHUNK_S * RATE_HZ)


def take(connection):
    """The cloud: take every message."""
    for _ in connection:
        pass


def converse(said):
    """The two connections; the Unix time at which the recording began."""
    with serve(take, CLOUD, PORT) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with connect(f"ws://{CLOUD}:{PORT}/listen") as link:
            begins = time.time()
            link.send(json.dumps({"type": "start", "rate": RATE_HZ}))
            for at in range(RATE_HZ // 2, 3 * RATE_HZ // 2, STEP):
                time.sleep(max(0.0, begins + (at + STEP) / RATE_HZ - time.time()))
                link.send(said[at : at + STEP].tobytes())
        time.sleep(max(0.0, begins + 6 - time.time()))
        with connect(f"ws://{CLOUD}:{PORT}/realtime") as link:
            for at in range(3 * RATE_HZ, 3 * RATE_HZ + 12_800, STEP):
                audio = base64.b64encode(said[at : at + STEP].tobytes()).decode()
                link.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))
        server.shutdown()
    return begins


if __name__ == "__main__":
    record(Path(sys.argv[1]), "packed_websocket", PORT, converse)
