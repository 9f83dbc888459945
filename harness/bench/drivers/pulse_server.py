"""A private PulseAudio server: the air between loudspeakers and microphones of a virtual bench.

One null sink, `air`, carries every loudspeaker and every microphone as a channel, so all of them
share one sample clock and one recording holds the whole bench:

    0-3  rig loudspeakers   4  device loudspeaker   5  pilot   6  listener's mic   7  device's mic

The pilot is a running count of samples, written by the harness and heard by nobody: read back from
a recording it proves that not one sample was lost, doubled or moved.

The room process reads 0-4 and writes 6-7. The user's own sound server is never touched: this one
has a folder, a socket and a cookie-less protocol of its own, and finds no other configuration.
"""

import os
import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.bench.drivers.guests import ending
from harness.clock import Clock, Deadline
from harness.errors import RigError

RATE_HZ = 48_000
BLOCK = 480
MAX_LOUDSPEAKERS = 4
CHANNELS = 8
DEVICE_SPEAKER, PILOT, LISTENER_MIC, DEVICE_MIC = 4, 5, 6, 7
# The map that ALSA's pulse plugin gives an 8-channel stream; equal maps pass through untouched.
_AIR_MAP = "front-left,front-right,rear-left,rear-right,front-center,lfe,side-left,side-right"
_SERVER_PRIORITY = 60
_RUNAWAY_US = 2_000_000

# Without `norewinds` the monitor differs from what was played; without `remix=no` it is mixed.
_BENCH_PA = (
    "load-module module-native-protocol-unix socket={socket} auth-anonymous=1\n"
    "load-module module-null-sink sink_name=air norewinds=1"
    f" format=float32le rate={RATE_HZ} channels={CHANNELS} channel_map={_AIR_MAP}\n"
    "load-module module-remap-sink sink_name=dut_spk master=air remix=no"
    " channels=1 channel_map=mono master_channel_map=front-center\n"
    "load-module module-remap-sink sink_name=air_out master=air remix=no channels=2"
    " channel_map=front-left,front-right master_channel_map=side-left,side-right\n"
    "load-module module-remap-source source_name=dut_mic master=air.monitor remix=no"
    " channels=1 channel_map=mono master_channel_map=side-right\n"
    "set-default-sink dut_spk\n"
    "set-default-source dut_mic\n"
)

_ALSA_HEAD = """\
pcm_type.pulse { lib "PLUGIN" }
ctl_type.pulse { lib "CTLPLUGIN" }
pcm.hw { @args [ CARD ] @args.CARD { type string default "0" } type hw card $CARD }
"""
_ALSA_BENCH = """\
pcm.!default { type null }
pcm.rig_out { type asym playback.pcm { type pulse server "unix:SOCKET" device "air" }
  hint { show on description "Rig loudspeakers and pilot" } }
pcm.air_out { type asym playback.pcm { type pulse server "unix:SOCKET" device "air_out" }
  hint { show on description "What the room does to sound" } }
pcm.bench8 { type asym capture.pcm { type pulse server "unix:SOCKET" device "air.monitor" }
  hint { show on description "All channels of the bench" } }
"""
_ALSA_DEVICE = """\
pcm.!default { type asym
  playback.pcm { type pulse server "unix:SOCKET" device "dut_spk" }
  capture.pcm { type pulse server "unix:SOCKET" device "dut_mic" }
  hint { show on description "Microphone and loudspeaker of this device" } }
ctl.!default { type pulse server "unix:SOCKET" }
"""


@dataclass(frozen=True, slots=True)
class PulseFiles:
    """Where a server's things lie: its socket and the two ALSA configurations."""

    folder: Path
    socket: Path
    bench_alsa: Path
    device_alsa: Path
    log: Path

    @property
    def device_environment(self) -> dict[str, str]:
        """By which a device finds its own microphone and loudspeaker, and nothing else."""
        return {
            "PULSE_SERVER": f"unix:{self.socket}",
            "PULSE_SOURCE": "dut_mic",
            "PULSE_SINK": "dut_spk",
            "ALSA_CONFIG_PATH": str(self.device_alsa),
        }


def _plugin(name: str) -> Path:
    for found in sorted(Path("/usr/lib").glob(f"*/alsa-lib/{name}")):
        return found
    raise RigError(
        f"ALSA's PulseAudio plugin ({name}) is not installed; run `make setup`, "
        "or: sudo apt-get install libasound2-plugins"
    )


def _write_files(folder: Path) -> PulseFiles:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = PulseFiles(
        folder,
        folder / "pulse.sock",
        folder / "bench.asoundrc",
        folder / "device.asoundrc",
        folder / "pulseaudio.log",
    )
    (folder / "bench.pa").write_text(_BENCH_PA.format(socket=files.socket))
    head = _ALSA_HEAD.replace("CTLPLUGIN", str(_plugin("libasound_module_ctl_pulse.so")))
    head = head.replace("PLUGIN", str(_plugin("libasound_module_pcm_pulse.so")))
    for path, body in ((files.bench_alsa, _ALSA_BENCH), (files.device_alsa, _ALSA_DEVICE)):
        path.write_text(head + body.replace("SOCKET", str(files.socket)))
    return files


class PulseServer:
    """A running private sound server; a context manager that leaves nothing behind."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._clock = clock
        self.files = _write_files(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self.realtime = False

    def __enter__(self) -> "PulseServer":
        program = shutil.which("pulseaudio")
        if program is None:
            raise RigError("pulseaudio is not installed; run `make setup`")
        self.files.socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "KILL", program, "-n", "--daemonize=no"),
                *("--exit-idle-time=-1", "--use-pid-file=no"),
                *("--realtime=no", "--high-priority=no"),  # set by ourselves, once it runs
                *("-F", str(self.files.folder / "bench.pa")),
                f"--log-target=file:{self.files.log}",
            ],
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.files.folder)}
            | {"XDG_RUNTIME_DIR": str(self.files.folder), "LANG": "C.UTF-8"},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._await_ready()
        except BaseException:
            self.__exit__()
            raise
        self.realtime = raise_priority(self._process.pid, _SERVER_PRIORITY, all_threads=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        if self._process is not None:
            self._process.wait()
        self.files.socket.unlink(missing_ok=True)

    def _await_ready(self) -> None:
        deadline = Deadline.after(self._clock, 5.0)
        while not deadline.passed():
            if self.trouble():
                break
            if self.pactl("info") is not None and self.pactl("list", "short", "sources"):
                return
            self._clock.wait_s(0.02)
        tail = self.files.log.read_text()[-400:] if self.files.log.exists() else "(no log)"
        raise RigError(f"the bench's sound server did not start within 5 s; its log ends: {tail}")

    def pactl(self, *arguments: str) -> str | None:
        """What `pactl` prints for this server, or None when the server does not answer."""
        try:
            done = self._run_pactl(arguments)
        except subprocess.TimeoutExpired:  # it hangs, which is no answer either
            return None
        return done.stdout if done.returncode == 0 else None

    def _run_pactl(self, arguments: tuple[str, ...]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["pactl", "--server", f"unix:{self.files.socket}", *arguments],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
        )

    def trouble(self) -> str | None:
        """Why the server is not serving; None while it is."""
        if self._process is None or self._process.poll() is None:
            return None
        return f"sound server: pulseaudio ended by itself ({ending(self._process.returncode)})"

    def microphone_is_open(self) -> bool:
        """Whether some program is listening to the device's microphone right now."""
        sources = self.pactl("list", "short", "sources") or ""
        rows = [line.split("\t") for line in sources.splitlines()]
        wanted = {row[0] for row in rows if len(row) > 1 and row[1] == "dut_mic"}
        outputs = self.pactl("list", "short", "source-outputs") or ""
        return any(row.split("\t")[1] in wanted for row in outputs.splitlines() if "\t" in row)


def raise_priority(pid: int, priority: int, *, all_threads: bool = False) -> bool:
    """Put a process under SCHED_FIFO; False where this user may not (expect dropouts then).

    A thread of it that then computes for two seconds without ever waiting is ended by the kernel
    (RLIMIT_RTTIME): two such threads would take a two-core machine away from everything else.
    """
    try:
        _end_runaways(pid)
        tasks = [int(entry.name) for entry in Path(f"/proc/{pid}/task").iterdir()]
        for task in tasks if all_threads else [pid]:
            os.sched_setscheduler(task, os.SCHED_FIFO, os.sched_param(priority))
    except (PermissionError, ProcessLookupError):
        return False
    return True


def _end_runaways(pid: int) -> None:
    """Lower the time a process may compute in real time; where it has set less itself, that holds.

    (To raise it again would need a right of its own.)
    """
    soft, hard = resource.prlimit(pid, resource.RLIMIT_RTTIME)
    wanted = [
        limit if now == resource.RLIM_INFINITY else min(now, limit)
        for now, limit in ((soft, _RUNAWAY_US), (hard, 2 * _RUNAWAY_US))
    ]
    resource.prlimit(pid, resource.RLIMIT_RTTIME, (wanted[0], wanted[1]))
