"""Start the device. Exit codes: 0 stopped by SIGTERM or Ctrl-C, 1 sound failed, 2 set-up failed."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rigs.reference_device.clock import WallClock
from rigs.reference_device.cloud import Cloud
from rigs.reference_device.errors import DeviceError, SetupError
from rigs.reference_device.log import DeviceLog
from rigs.reference_device.options import Options, make_parts, parse
from rigs.reference_device.panel import Panel
from rigs.reference_device.run import Runner
from rigs.reference_device.sound import Sound
from rigs.reference_device.state import State
from rigs.reference_device.uplink import Uplink


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until stopped; the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = parse(arguments)
    try:
        _run(options)
    except KeyboardInterrupt:
        return 0
    except SetupError as error:
        print(f"reference device: {error}", file=sys.stderr)
        return 2
    except DeviceError as error:
        print(f"reference device: {error}", file=sys.stderr)
        return 1
    return 0


def _run(options: Options) -> None:
    clock = WallClock()
    log = DeviceLog(clock)
    state = State(_state_folder(options))
    runner = Runner(make_parts(options, state.voice_cache), state, clock, log)
    runner.panel = Panel(os.environ.get("DEVICE_PANEL"), runner.take_mute)
    runner.uplink = Uplink(
        lambda: Cloud(options.cloud, options.token), runner.take_cloud, runner.facts
    )
    with Sound(runner.take_block, options.gain) as runner.sound:
        runner.uplink.start()
        log.say(
            "started",
            {
                "firmware": options.firmware,
                "realtime": runner.sound.realtime,
                "latencies_s": runner.sound.latencies_s,
            },
        )
        runner.run()


def _state_folder(options: Options) -> Path:
    named = os.environ.get("DEVICE_STATE")
    folder = Path(named) if named else options.state
    if folder is None:
        raise SetupError("no state folder: set DEVICE_STATE, or give --state DIR")
    return folder


if __name__ == "__main__":
    sys.exit(main())
