"""A sound interface's parts: which device is meant, the pilot on its cable, its time stamps."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.bench.drivers.interface_pilot import PERIOD, pilot_losses, pilot_noise, pilot_place
from harness.bench.drivers.interface_streams import pyaudio_callbacks
from harness.bench.drivers.interface_sweep import first_arrival, short_sweep
from harness.bench.drivers.interface_worker import InterfaceSetup, InterfaceWorker
from harness.bench.drivers.pulse_server import LISTENER_MIC, PILOT
from harness.bench.drivers.sound_devices import SoundDevice, UsbCard, find_device, usb_cards
from harness.bench.drivers.sound_worker import FIELDS, OFFSET, SYNCED
from harness.bench.drivers.stamp_jumps import stamp_jumps
from harness.errors import RigError

RATE_HZ = 48_000
NOISE = pilot_noise()
Sound = NDArray[np.float32]
DEVICES = (
    SoundDevice(0, "HDA Intel PCH: ALC257 Analog (hw:0,0)", 2, 2, 44_100.0),
    SoundDevice(1, "Scarlett 18i8 USB: Audio (hw:2,0)", 18, 20, 48_000.0),
    SoundDevice(2, "Scarlett 18i8 USB: Audio (hw:3,0)", 18, 20, 48_000.0),
    SoundDevice(3, "pulse", 32, 32, 44_100.0),
)
CARDS = {2: UsbCard("1235", "8203", "A1"), 3: UsbCard("1235", "8203", "B2")}


def meant(wanted: str, inputs: int = 4, outputs: int = 4) -> int:
    return find_device(wanted, DEVICES, CARDS, inputs=inputs, outputs=outputs).index


def test_an_interface_is_named_by_part_of_its_name_or_by_usb() -> None:
    assert meant("pulse") == 3
    assert meant("hda intel", 2, 2) == 0
    assert meant("usb:1235:8203:B2") == 2


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("usb:1235:8203", "means 2 sound devices"),
        ("Scarlett", "means 2 sound devices"),
        ("Scarlet 8i6", "is not there.*There are: HDA Intel"),
        ("usb:dead:beef", "`usb:dead:beef` is not there"),
        ("usb:1", "is no USB identity"),
        ("HDA", "has not 4 inputs and 4 outputs.*named by `microphones`"),
    ],
)
def test_what_is_not_one_interface_is_said(wanted: str, why: str) -> None:
    with pytest.raises(RigError, match=why):
        meant(wanted)


def test_usb_identities_are_the_kernels(tmp_path: Path) -> None:
    card = tmp_path / "proc/asound/card2"
    card.mkdir(parents=True)
    (card / "usbid").write_text("1235:8203\n")
    (tmp_path / "proc/asound/card0").mkdir()
    device = tmp_path / "sys/class/sound/card2/device"
    device.mkdir(parents=True)
    (device.parent / "serial").write_text("A1\n")
    cards = usb_cards(tmp_path)
    assert cards == {2: UsbCard("1235", "8203", "A1")}
    assert cards[2].identity == "usb:1235:8203:A1"


# --- the pilot on the cable -------------------------------------------------------------------


def cable(first: int, count: int, gain: float = 0.5, seed: int = 1) -> Sound:
    """What comes back of the pilot from output sample `first` on: softer, with noise."""
    dice = np.random.default_rng(seed)
    sent = NOISE[np.arange(first, first + count) % PERIOD]
    heard: Sound = (gain * sent + 0.001 * dice.standard_normal(count)).astype(np.float32)
    return heard


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 3 * PERIOD), st.sampled_from([0.02, 0.5, -1.0]))
def test_any_stretch_of_the_pilot_tells_where_it_is(first: int, gain: float) -> None:
    place = pilot_place(cable(first, 16_384, gain), NOISE)
    assert place is not None
    assert abs((place - first + PERIOD / 2) % PERIOD - PERIOD / 2) < 0.1


def test_noise_is_no_pilot() -> None:
    noise = np.random.default_rng(3).standard_normal(16_384).astype(np.float32)
    assert pilot_place(noise, NOISE) is None
    assert pilot_place(np.zeros(16_384, np.float32), NOISE) is None


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2 * PERIOD), st.integers(-20_000, 20_000))
def test_a_whole_pilot_lost_nothing(first: int, offset: int) -> None:
    assert pilot_losses(cable(first - offset, 60_000), first, offset) == []


@settings(max_examples=15, deadline=None)
@given(st.integers(10_000, 50_000), st.integers(1, 1500))
def test_a_lost_sample_is_found_near_where_it_was(at: int, lost: int) -> None:
    whole = cable(0, 70_000)
    losses = pilot_losses(np.concatenate((whole[:at], whole[at + lost :])), 0, 0)
    assert losses and abs(losses[0].index - at) <= 4096
    assert any("jumps by" in loss.what or "%" in loss.what for loss in losses)


def test_silence_on_the_cable_and_none_at_all_are_losses() -> None:
    gap = cable(0, 60_000)
    gap[30_000:30_480] = 0.0  # a block of 10 ms that was played as silence
    (loss,) = pilot_losses(gap, 0, 0)
    assert abs(loss.index - 30_000) < 4096 and "% of the pilot" in loss.what
    unplugged = pilot_losses(np.zeros(20_000, np.float32), 0, 0)
    assert len(unplugged) == 4 and "did not come back" in unplugged[0].what


# --- the sweep in the room --------------------------------------------------------------------


def test_the_first_arrival_counts_not_the_loudest_echo() -> None:
    sweep, heard = short_sweep(), np.zeros(96_000, np.float32)
    heard[30_000 : 30_000 + len(sweep)] += 0.2 * sweep
    heard[30_400 : 30_400 + len(sweep)] += 0.25 * sweep
    heard += 0.002 * np.random.default_rng(1).standard_normal(len(heard)).astype(np.float32)
    place = first_arrival(heard, sweep)
    assert place is not None and abs(place - 30_000) < 24  # half a millisecond
    assert first_arrival(np.zeros(96_000, np.float32), sweep) is None
    hiss = np.random.default_rng(2).standard_normal(96_000).astype(np.float32)
    assert first_arrival(hiss, sweep) is None


# --- time stamps ------------------------------------------------------------------------------


def stamps(blocks: int, seed: int) -> NDArray[np.float64]:
    """One a block of 480: some come in bunches, and those lie whole blocks too early."""
    dice = np.random.default_rng(seed)
    index = 480.0 * np.arange(blocks)
    early = 0.01 * dice.integers(0, 3, blocks) * (dice.random(blocks) < 0.5)
    return np.stack((index, 1.7e9 + index * (1 + 3e-5) / RATE_HZ - early), axis=1)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_stamps_that_wobble_are_no_loss(seed: int) -> None:
    assert stamp_jumps(stamps(2000, seed), RATE_HZ) == []


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(300, 1700), st.floats(0.008, 2.0))
def test_sound_that_never_came_moves_all_later_stamps(seed: int, at: int, lost_s: float) -> None:
    told = stamps(2000, seed)
    told[at:, 1] += lost_s
    (loss,) = stamp_jumps(told, RATE_HZ)
    assert abs(loss.index - 480 * at) < 480 * 100
    assert "never came in" in loss.what


# --- the worker -------------------------------------------------------------------------------

SETUP = InterfaceSetup("sounddevice", "x", (2, 0), 1, None, 3, 0, 0.2)


def when(seconds: float) -> Any:
    return SimpleNamespace(
        currentTime=seconds, inputBufferAdcTime=seconds - 0.01, outputBufferDacTime=seconds + 0.1
    )


def test_what_went_out_lies_beside_what_came_in(tmp_path: Path) -> None:
    state = np.zeros(FIELDS, dtype=np.int64)
    worker = InterfaceWorker(state, None, ("", 0), SETUP)
    np.save(tmp_path / "s.npy", np.full(100, 0.25, np.float32))
    worker.do({"play": str(tmp_path / "s.npy"), "position": 0, "at": 1000, "id": 1})
    gone = []
    for _ in range(6):
        block = np.ones((480, 4), np.float32)
        worker.out(block, 480, when(5.0), 0)
        gone.append(block)
    out = np.concatenate(gone)
    assert np.flatnonzero(out[:, 2]).tolist() == list(range(1000, 1100))
    assert not out[:, 0].any() and not out[:, 1].any()
    assert np.array_equal(out[:, 3], NOISE[: len(out)])
    assert state[SYNCED] == 0
    worker.do({"offset": 700, "id": 2})
    assert (state[OFFSET], state[SYNCED]) == (700, 1)
    for _ in range(5):
        came = np.zeros((480, 2), np.float32)
        came[:, 1] = 0.5
        worker.hear(came, 480, when(5.0), 0)
    rows = [worker._blocks.get() for _ in range(5)]
    laid = np.concatenate([np.frombuffer(r[1], np.float32).reshape(-1, 8) for r in rows])  # type: ignore[index, arg-type]
    assert np.flatnonzero(laid[:, 0]).tolist() == list(range(1700, 1800))
    assert (laid[:, LISTENER_MIC] == 0.5).all()
    count = np.rint(laid[700:, PILOT] * 2**23)
    assert (np.diff(count) == 1).all() and count[0] == 1


def test_pyaudio_hands_over_sixteen_bits() -> None:
    class Loop:
        heard = np.zeros(0)

        def out(self, data: Sound, frames: int, when: Any, flags: Any) -> None:
            data[:] = np.array([[1.0, -1.0]] * frames) * np.linspace(0, 1.2, frames)[:, None]

        def hear(self, data: Sound, frames: int, when: Any, flags: Any) -> None:
            self.heard, self.when = data, when

    loop = Loop()
    heard, wanted = pyaudio_callbacks(loop, 2, 2)
    info = {"current_time": 1.0, "input_buffer_adc_time": 0.9, "output_buffer_dac_time": 1.1}
    data, go_on = wanted(None, 64, info, 0)
    assert (len(data), go_on) == (64 * 4, 0)
    heard(data, 64, info, 0)
    assert loop.when.inputBufferAdcTime == 0.9
    ramp = np.clip(np.linspace(0, 1.2, 64), 0, 1)
    assert np.allclose(loop.heard[:, 0], ramp, atol=2**-15)
    assert np.allclose(loop.heard[:, 1], -ramp, atol=2**-15)  # clipped, never wrapped
