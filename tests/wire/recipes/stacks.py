"""The recipes: which program sends what, in which form, and by which command."""

from dataclasses import dataclass
from shutil import which

HOST = "cloud.reference.test"
MQTT_PORT, RTP_PORT = 8883, 5004
_FFMPEG = ("ffmpeg", "-v", "error", "-re", "-i", "{sound}", "-c:a", "libopus", "-application",
           "voip")  # fmt: skip
_CURL = ("curl", "-sS", "-m", "20", "--cacert", "{authority}")
_BROWSER = (
    "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-default-apps", "--disable-quic", "--no-proxy-server",
    "--ignore-certificate-errors", "--user-data-dir={folder}/profile",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipe:
    """A program, and what it is made to send.

    `stretch`: from when to when (s) of the sound, None where it sends none. `coded`: the sound's
    form and subtype, as soundfile names them. `command`: its words, with `{sound}`, `{folder}`,
    `{python}` and `{authority}` to be filled in. `until`: the path of a request after which the
    program is no longer waited for; empty where it ends by itself. `open`: whether its keys are at
    hand, or it needs none. `is_upload`: whether what it sends is one, by the plain limits.
    `is_read`: whether the harness can tell what sound is in it.
    """

    name: str
    stretch: tuple[float, float] | None
    coded: tuple[str, str]
    command: tuple[str, ...]
    until: str = ""
    is_upload: bool = True
    is_read: bool = True

    @property
    def program(self) -> str:
        """What must be installed."""
        return "python3" if self.command[0] == "{python}" else self.command[0]

    @property
    def can_be_made(self) -> bool:
        """Whether its program is here."""
        return which(self.program) is not None and which("dumpcap") is not None


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
        is_read=False,
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
