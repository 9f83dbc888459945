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
DEVICE_LOG = "device.log"
CLOCK = "clock.json"

FOLDER_MODE = 0o700
FILE_MODE = 0o600
