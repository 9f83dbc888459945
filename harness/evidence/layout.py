"""Names and format versions of the files in an evidence folder: the one place that knows them."""

FORMAT_VERSION = 1

CASE = "case.json"
TIMELINE = "timeline.jsonl"
CONTROLS = "controls.json"
RULING = "ruling.json"
RULING_TEXT = "ruling.txt"
SOUNDS = "sounds.json"
TRAFFIC = "traffic.json"
PAGE = "page.html"
MANIFEST = "manifest.json"

PLAYED = "played.flac"
LISTENER = "listener.flac"
DEVICE = "device.flac"
NETWORK = "network.pcapng"
WIRE = "wire.json"
DEVICE_LOG = "device.log"
CLOCK = "clock.json"
EVENTS = "events.json"

JUDGED = (CASE, TIMELINE)
"""All that a ruling rests on; without these two a run cannot be judged."""

FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
SHA256 = r"[0-9a-f]{64}"
MOST_BYTES = {MANIFEST: 16 << 20, CASE: 64 << 20, RULING: 1 << 30, TIMELINE: 2 << 30}
"""More than this in a file is no evidence of a run but a mistake, or a trap."""

FOLDER_MODE = 0o700
FILE_MODE = 0o600
