"""Makes `grpc_calls.pcapng` and `grpc_calls.json`: uploads over gRPC by a real stack, grpcio.

Needs grpcio, dumpcap and the right to capture on `lo`. From the project's root:

    python -m venv /var/tmp/peers && /var/tmp/peers/bin/pip install grpcio numpy
    /var/tmp/peers/bin/python tests/wire/payload/captures/grpc_calls.py tests/wire/payload/captures

The device is 127.0.0.1 and the cloud 127.0.0.2; nothing is encrypted, since grpcio logs no keys.
Two calls: samples that are streamed as they are heard, then a message that is compressed.
`sound.py` is what the microphone heard, `grpc_calls.json` says from when on.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from loopback import record
from sound import RATE_HZ

CLOUD, PORT, CHUNK_S = "127.0.0.2", 4434, 0.1


def field(number, content):
    """A field of bytes."""
    size, length = len(content), b""
    while size > 0x7F:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def config():
    """What comes before the sound: its form, its rate, a language."""
    rate = bytes([2 << 3, RATE_HZ & 0x7F | 0x80, RATE_HZ >> 7 & 0x7F | 0x80, RATE_HZ >> 14])
    return field(1, field(1, b"\x08\x01" + rate + field(3, b"en-US")) + b"\x10\x01")


class Cloud(grpc.GenericRpcHandler):
    """Takes every call, and answers with nothing."""

    def service(self, details):
        def take(messages, context):
            for _ in messages:
                pass
            return b""

        return grpc.stream_unary_rpc_method_handler(take)


def converse(said):
    """The two calls; the Unix time at which the recording began."""
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((Cloud(),))
    server.add_insecure_port(f"{CLOUD}:{PORT}")
    server.start()
    with grpc.insecure_channel(f"{CLOUD}:{PORT}") as channel:
        call = channel.stream_unary("/speech.Speech/Stream")
        begins = time.time()
        step = round(CHUNK_S * RATE_HZ)

        def streamed():
            yield config()
            for at in range(RATE_HZ // 2, 3 * RATE_HZ // 2, step):
                time.sleep(max(0.0, begins + (at + step) / RATE_HZ - time.time()))
                yield field(2, said[at : at + step].tobytes())

        def message():
            yield config() + field(2, said[3 * RATE_HZ : 3 * RATE_HZ + 12_800].tobytes())

        call(streamed())
        time.sleep(max(0.0, begins + 6 - time.time()))
        call(message(), compression=grpc.Compression.Gzip)
    server.stop(None)
    return begins


if __name__ == "__main__":
    record(Path(sys.argv[1]), "grpc_calls", PORT, converse)
