"""The simulated bench: all that a rig file of kind `simulated` describes, in memory, on one clock.

The room, the loudspeakers, the microphones and the tap are the simulated peers of the real ones;
the device and its cloud are made by the function that the rig file names. Nobody sleeps, nothing
listens on a socket, and no wall clock is read: whoever waits moves the clock, and on the way the
parts do what is due.
"""

import importlib
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from harness.bench.drivers.key_log import KeyLog
from harness.bench.drivers.namespaces import CLOUD_ADDRESS, DEVICE_ADDRESS
from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.drivers.simulated_rig import SimulatedBench, simulated_bench
from harness.bench.ports.stepped import OpenPeers, Surroundings
from harness.bench.prompt_files import PromptFiles
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile
from harness.errors import RigFileError

# Far from any real run, so that nobody takes the one for the other.
START_UNIX_S = 946_684_800.0


@contextmanager
def open_simulated_rig(file: RigFile) -> Iterator[Rig]:
    """Open the bench that `file` describes; the device is left off.

    Nobody else can hold it: each is a bench of its own. Raises `RigFileError` when there is no
    function of the name in the file, `RigError` when its parts cannot be made.
    """
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="sayso-simulated-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield _opened(file, folder, stack)


def _opened(file: RigFile, folder: Path, stack: ExitStack) -> Rig:
    assert file.simulated is not None
    open_peers = _entry(file, file.simulated.stepped)
    seed = file.simulated.seed
    clock = AgendaClock(START_UNIX_S)
    bench = simulated_bench(file, clock, device_log=folder / "device.log", seed=seed)
    stack.callback(bench.close)
    state = folder / "device-state"
    keys = KeyLog(folder / "tls-keys.log")
    around = replace(
        _surroundings(file, bench, state), keys=keys.path if file.device.open else None
    )
    peers = open_peers(around)
    stack.callback(peers.close)
    bench.power.given.append(peers.power_on)
    bench.power.taken.append(peers.power_off)
    bench.panel.pressed.append(peers.press_mute)
    dice = random.Random(seed)
    return replace(
        bench.rig,
        inbox=peers.inbox,
        account=peers.account,
        listening=peers.listening,
        prompts=PromptFiles(file, folder, bench.sound.rate_hz),
        canary_flows=peers.canary_flows,
        reset=lambda: _empty(state, around.log, keys),
        keys=keys.read,
        checks=(*bench.rig.checks, peers.trouble),
        new_mark=lambda count: dice.randbytes(count).hex(),
    )


def _surroundings(file: RigFile, bench: SimulatedBench, state: Path) -> Surroundings:
    assert file.simulated is not None
    cache = file.simulated.cache
    return Surroundings(
        file=file,
        agenda=bench.clock,
        sound=bench.sound,
        send=bench.tap.see,
        network_is_on=lambda: bench.link.is_on,
        network_is_poor=lambda: bench.link.is_poor,
        put=bench.link.put,
        show=bench.panel.show,
        muted=lambda: bench.panel.muted,
        device_address=DEVICE_ADDRESS,
        cloud_address=CLOUD_ADDRESS,
        folder=state,
        log=bench.rig.device_log,
        seed=file.simulated.seed,
        cache=None if cache is None else Path(cache).absolute(),
    )


def _empty(state: Path, log: Path, keys: KeyLog) -> None:
    keys.clear()
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(mode=0o700)
    log.unlink(missing_ok=True)


def _entry(file: RigFile, written: str) -> OpenPeers:
    module, _, function = written.partition(":")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise RigFileError(
            f"{file.path}: `simulated: stepped: {written}` cannot be used ({error}). Name a "
            "function that can be imported from the folder you work in (docs/simulated.md)"
        ) from error
    peers: OpenPeers = found
    return peers
