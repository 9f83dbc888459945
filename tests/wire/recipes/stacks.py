"""The recipes: which program sends what, in which form, and by which command."""

from dataclasses import dataclass
from importlib.util import find_spec
from shutil import which

HOST = "cloud.reference.test"
MQTT_PORT, RTP_PORT = 8883, 5004
_FFMPEG = ("ffmpeg", "-v", "error", "-re", "-i", "{sound}", "-c:a", "libopus", "-application",
           "voip")  # fmt: skip
_TO_RTP = f"rtp://{HOST}:{RTP_PORT}?pkt_size=172"
_GST = ("gst-launch-1.0", "-q", "filesrc", "location={sound}", "!", "wavparse", "!",
        "audioconvert", "!", "audioresample")  # fmt: skip
_TO_UDP = ("!", "udpsink", f"host={HOST}", f"port={RTP_PORT}")
_CURL = ("curl", "-sS", "-m", "20", "--cacert", "{authority}")
_TAKES = f"https://{HOST}/v1/messages"
_BROWSER = (
    "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-default-apps", "--disable-quic", "--no-proxy-server",
    "--ignore-certificate-errors", "--user-data-dir={folder}/profile",
)  # fmt: skip


def is_there(name: str) -> bool:
    """Whether a program, or a package of Python with a dot in its name, is installed."""
    if "." not in name:
        return which(name) is not None
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@dataclass(frozen=True, slots=True)
class Recipe:
    """A program, and what it is made to send.

    `stretch`: from when to when (s) of the sound, None where it sends none. `coded`: the sound's
    form and subtype, as soundfile names them. `command`: its words, with `{sound}`, `{folder}`,
    `{python}` and `{authority}` to be filled in. `until`: the path of a request after which the
    program is no longer waited for; empty where it ends by itself. `coded_by`: what ffmpeg is told
    to make of the sound first, in `{folder}/coded`. `is_packed`: Zstandard is wanted of it first,
    in `{folder}/packed`. `reader`: a program or package without which nobody can tell what sound is
    in it.
    `is_upload`: whether what it sends is one, by the plain limits.
    """

    name: str
    stretch: tuple[float, float] | None
    coded: tuple[str, str]
    command: tuple[str, ...]
    until: str = ""
    coded_by: tuple[str, ...] = ()
    is_packed: bool = False
    reader: str = ""
    is_upload: bool = True

    @property
    def program(self) -> str:
        """What must be installed."""
        return "python3" if self.command[0] == "{python}" else self.command[0]

    @property
    def can_be_made(self) -> bool:
        """Whether its programs are here."""
        needed = [self.program, "dumpcap", *(["ffmpeg"] if self.coded_by else [])]
        packed = not self.is_packed or is_there(self.reader)
        return packed and all(map(is_there, needed))


RECIPES = (
    Recipe(
        "curl",
        (3.0, 3.8),
        ("FLAC", "PCM_16"),
        (
            *_CURL,
            "-H",
            "Content-Type: audio/flac",
            "--data-binary",
            "@{sound}",
            f"https://{HOST}/v1/messages",
        ),
    ),
    Recipe(
        "curl-json",
        (1.2, 2.4),
        ("FLAC", "PCM_16"),
        (
            *_CURL,
            "-H",
            "Content-Type: application/json",
            "--data-binary",
            "@{folder}/request.json",
            f"https://{HOST}/v1/speech:recognize",
        ),
    ),
    Recipe(
        "browser",
        (1.0, 3.0),
        ("MP3", "MPEG_LAYER_III"),
        (*_BROWSER, f"https://{HOST}/page"),
        until="/v1/messages",
    ),
    Recipe(
        "ffmpeg-https",
        (0.5, 4.0),
        ("WAV", "PCM_16"),
        (
            *_FFMPEG,
            "-b:a",
            "32k",
            "-page_duration",
            "100000",
            "-f",
            "ogg",
            "-method",
            "POST",
            "-content_type",
            "audio/ogg",
            f"https://{HOST}/v1/speech",
        ),
    ),
    Recipe(
        "ffmpeg-rtp",
        (0.5, 4.0),
        ("WAV", "PCM_16"),
        (*_FFMPEG, "-b:a", "24k", "-f", "rtp", f"rtp://{HOST}:{RTP_PORT}"),
    ),
    Recipe(
        "ffmpeg-rtp-g722",
        (0.8, 2.8),
        ("WAV", "PCM_16"),
        ("ffmpeg", "-v", "error", "-re", "-i", "{sound}", "-c:a", "g722", "-f", "rtp", _TO_RTP),
        reader="ffmpeg",
    ),
    Recipe(
        "gst-rtp-opus",
        (1.3, 4.7),
        ("WAV", "PCM_16"),
        (*_GST, "!", "opusenc", "bitrate=24000", "audio-type=voice", "!", "rtpopuspay", *_TO_UDP),
    ),
    Recipe(
        "gst-rtp-pcmu",
        (0.9, 2.5),
        ("WAV", "PCM_16"),
        (*_GST, "!", "mulawenc", "!", "rtppcmupay", "max-ptime=20000000", *_TO_UDP),
    ),
    Recipe(
        "gst-rtp-pcma",
        (2.2, 3.6),
        ("WAV", "PCM_16"),
        (*_GST, "!", "alawenc", "!", "rtppcmapay", "max-ptime=20000000", *_TO_UDP),
    ),
    Recipe(
        "gst-rtp-l16",
        (3.1, 4.0),
        ("WAV", "PCM_16"),
        (*_GST, "!", "rtpL16pay", "max-ptime=20000000", *_TO_UDP),
    ),
    Recipe(
        "curl-zstd",
        (1.0, 1.7),
        ("WAV", "PCM_16"),
        (*_CURL, "-H", "Content-Encoding: zstd", "--data-binary", "@{folder}/packed", _TAKES),
        is_packed=True,
        reader="backports.zstd",
    ),
    Recipe(
        "curl-aac",
        (1.5, 3.5),
        ("WAV", "PCM_16"),
        (*_CURL, "-H", "Content-Type: audio/aac", "--data-binary", "@{folder}/coded", _TAKES),
        coded_by=("-c:a", "aac", "-b:a", "32k", "-f", "adts"),
        reader="ffmpeg",
    ),
    Recipe(
        "curl-webm",
        (0.7, 3.9),
        ("WAV", "PCM_16"),
        (*_CURL, "-H", "Content-Type: audio/webm", "--data-binary", "@{folder}/coded", _TAKES),
        coded_by=("-c:a", "libopus", "-b:a", "24k", "-f", "webm", "-live", "1"),
    ),
    Recipe(
        "curl-mp4",
        (2.0, 4.3),
        ("WAV", "PCM_16"),
        (*_CURL, "-H", "Content-Type: audio/mp4", "--data-binary", "@{folder}/coded", _TAKES),
        coded_by=(
            "-c:a",
            "aac",
            "-b:a",
            "32k",
            "-f",
            "mp4",
            "-movflags",
            "empty_moov",
            "-frag_duration",
            "500000",
        ),
        reader="ffmpeg",
    ),
    Recipe(
        "mqtt",
        (2.0, 2.5),
        ("RAW", "PCM_16"),
        ("{python}", "-m", "tests.wire.recipes.mqtt", "{sound}", "{authority}"),
    ),
    Recipe(
        "heartbeat",
        None,
        ("RAW", "PCM_16"),
        ("{python}", "-m", "tests.wire.recipes.heartbeat"),
        is_upload=False,
    ),
)
