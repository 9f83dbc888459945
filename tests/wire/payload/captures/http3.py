"""Makes `http3.pcapng` and `http3.json`: uploads over HTTP/3 by a real stack, aioquic.

Needs aioquic, dumpcap and the right to capture on `lo`. From the project's root:

    python -m venv /var/tmp/peers && /var/tmp/peers/bin/pip install aioquic numpy scipy soundfile
    /var/tmp/peers/bin/python tests/wire/payload/captures/http3.py tests/wire/payload/captures

The device is 127.0.0.1 and the cloud 127.0.0.2. One connection, two requests: plain samples that
are streamed as they are heard, then Ogg with Opus at once. What the cloud gets is dropped now and
then before it reads it, so that the capture, which is on the device's side, sees things sent twice.
`sound.py` is what the microphone heard, `http3.json` says from when on.
"""

import asyncio
import io
import json
import ssl
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import soundfile
from aioquic.asyncio import QuicConnectionProtocol, connect, serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from loopback import captured
from sound import RATE_HZ, heard

HOST, CLOUD, PORT = "cloud.reference.test", "127.0.0.2", 4433
CHUNK_S, DROP_EVERY = 0.1, 9


class Cloud(QuicConnectionProtocol):
    """Answers each request once it is whole."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = None
        self.count = 0

    def datagram_received(self, data, addr):
        self.count += 1
        if self.count < 8 or self.count % DROP_EVERY:
            super().datagram_received(data, addr)

    def quic_event_received(self, event):
        self.http = self.http or H3Connection(self._quic)
        for found in self.http.handle_event(event):
            if isinstance(found, HeadersReceived | DataReceived) and found.stream_ended:
                self.http.send_headers(found.stream_id, [(b":status", b"204")], end_stream=True)
                self.transmit()


class Device(QuicConnectionProtocol):
    """Sends requests."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = H3Connection(self._quic)
        self.ended = {}

    def quic_event_received(self, event):
        for found in self.http.handle_event(event):
            if isinstance(found, HeadersReceived | DataReceived) and found.stream_ended:
                self.ended[found.stream_id].set()

    async def post(self, path, kind, chunks):
        """One request; `chunks` are sent one after the other, each when its time has come."""
        stream = self._quic.get_next_available_stream_id()
        self.ended[stream] = asyncio.Event()
        heads = [
            (b":method", b"POST"),
            (b":scheme", b"https"),
            (b":authority", HOST.encode()),
            (b":path", path),
            (b"content-type", kind),
        ]
        self.http.send_headers(stream, heads)
        for at_s, chunk in chunks:
            await asyncio.sleep(max(0.0, at_s - time.time()))
            self.http.send_data(stream, chunk, end_stream=False)
            self.transmit()
        self.http.send_data(stream, b"", end_stream=True)
        self.transmit()
        await self.ended[stream].wait()


def authority(folder):
    """A certificate that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), False)
    pem = serialization.Encoding.PEM
    none = serialization.NoEncryption()
    (folder / "c.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem))
    form = serialization.PrivateFormat.PKCS8
    (folder / "k.pem").write_bytes(key.private_bytes(pem, form, none))


async def converse(folder, said):
    """The two requests; how many seconds after the recording's beginning the first began."""
    ours = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
    ours.load_cert_chain(folder / "c.pem", folder / "k.pem")
    server = await serve(CLOUD, PORT, configuration=ours, create_protocol=Cloud)
    with (folder / "keys").open("w") as keys:
        theirs = QuicConfiguration(
            alpn_protocols=H3_ALPN,
            server_name=HOST,
            verify_mode=ssl.CERT_NONE,
            secrets_log_file=keys,
        )
        async with connect(CLOUD, PORT, configuration=theirs, create_protocol=Device) as device:
            begins = time.time()  # the microphone's recording begins here
            step = round(CHUNK_S * RATE_HZ)
            streamed = [
                (begins + (at + step) / RATE_HZ, said[at : at + step].tobytes())
                for at in range(RATE_HZ // 2, 2 * RATE_HZ, step)
            ]
            await device.post(b"/v1/speech", b"audio/L16; rate=8000", streamed)
            file = io.BytesIO()
            some = said[3 * RATE_HZ : 5 * RATE_HZ].astype(np.float32) / 32768
            soundfile.write(file, some, RATE_HZ, format="OGG", subtype="OPUS")
            whole = file.getvalue()
            half = len(whole) // 2
            later = [(begins + 6.5, whole[:half]), (begins + 6.5, whole[half:])]
            await device.post(b"/v1/message", b"audio/ogg", later)
            await asyncio.sleep(0.2)
    server.close()
    return begins


def main(target):
    """Make the files in `target`."""
    said = heard()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        authority(folder)
        bare = folder / "bare.pcapng"
        with captured(bare, f"udp port {PORT}"):
            begins = asyncio.run(converse(folder, said))
        out = target / "http3.pcapng"
        subprocess.run(
            ["editcap", "--inject-secrets", f"tls,{folder / 'keys'}", bare, out], check=True
        )
    (target / "http3.json").write_text(json.dumps({"begins_unix_s": begins}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
