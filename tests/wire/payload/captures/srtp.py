"""Makes `srtp.pcapng` and `srtp.json`: Opus in encrypted RTP by a real stack of WebRTC, aiortc.

Needs aiortc, dumpcap and the right to capture on `lo`. From the project's root:

    python -m venv /var/tmp/webrtc && /var/tmp/webrtc/bin/pip install aiortc
    /var/tmp/webrtc/bin/python tests/wire/payload/captures/srtp.py tests/wire/payload/captures

Two peers on this machine: ICE, DTLS, then 2 s of `sound.py` as it is heard. Their addresses are
this machine's own; `srtp.json` says which one the device's is, and from when on was heard.
"""

import asyncio
import fractions
import json
import sys
import time
from pathlib import Path

from aiortc import AudioStreamTrack, RTCPeerConnection
from av import AudioFrame
from loopback import captured
from sound import RATE_HZ, heard

FROM_S, UNTIL_S, FRAME = 1.0, 3.0, 320


class Microphone(AudioStreamTrack):
    """Gives 20 ms of the sound each 20 ms, then silence."""

    def __init__(self):
        super().__init__()
        self._sound = heard()[round(FROM_S * RATE_HZ) : round(UNTIL_S * RATE_HZ)]
        self._count, self.began_unix_s = 0, None

    async def recv(self):
        self.began_unix_s = self.began_unix_s or time.time()
        await asyncio.sleep(
            max(0.0, self.began_unix_s + self._count * FRAME / RATE_HZ - time.time())
        )
        piece = self._sound[self._count * FRAME :][:FRAME]
        frame = AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(piece.tobytes().ljust(2 * FRAME, b"\0"))
        frame.sample_rate, frame.pts = RATE_HZ, self._count * FRAME
        frame.time_base = fractions.Fraction(1, RATE_HZ)
        self._count += 1
        return frame


async def converse():
    """Two peers, one of which speaks; when its sound had begun, and its address."""
    device, cloud, microphone = RTCPeerConnection(), RTCPeerConnection(), Microphone()
    device.addTrack(microphone)
    await device.setLocalDescription(await device.createOffer())
    await cloud.setRemoteDescription(device.localDescription)
    await cloud.setLocalDescription(await cloud.createAnswer())
    await device.setRemoteDescription(cloud.localDescription)
    await asyncio.sleep(UNTIL_S - FROM_S + 1.5)
    pair = device.getTransceivers()[0].sender.transport.transport.iceGatherer.getLocalCandidates()
    await device.close()
    await cloud.close()
    return microphone.began_unix_s - FROM_S, pair[0].ip


def main(target):
    """Make both files."""
    with captured(target / "srtp.pcapng", "udp and not port 53"):
        begins, address = asyncio.run(converse())
    told = {"begins_unix_s": begins, "device": address}
    (target / "srtp.json").write_text(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
