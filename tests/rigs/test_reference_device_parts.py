"""The device's smaller parts: resampler, echo gate, endpoints, state, panel, voice, cloud."""

import ast
import json
import socket
import subprocess
import sys
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rigs.reference_device.actions import AskName, SendDatagram, SendMessage, SendReport
from rigs.reference_device.cloud import Cloud
from rigs.reference_device.contacts import Contact
from rigs.reference_device.echo import EchoGate
from rigs.reference_device.endpoint import Endpoint, Endpointer, EndpointLimits
from rigs.reference_device.errors import NetworkError, SetupError
from rigs.reference_device.options import make_parts, make_synthesizer, parse
from rigs.reference_device.panel import Panel
from rigs.reference_device.prompts import TEMPLATES, make_prompt
from rigs.reference_device.render_prompts import main as render_main
from rigs.reference_device.render_prompts import read_contacts
from rigs.reference_device.sound_format import DownSampler, Pcm, resample
from rigs.reference_device.spotter import WakeSpotter
from rigs.reference_device.state import State
from rigs.reference_device.uplink import CallFailed, Uplink
from rigs.reference_device.vad import SileroVoiceActivity
from rigs.reference_device.voice import Flite, PromptVoice, read_wav
from rigs.reference_device.wake import make_engine
from tests.rigs.corpus_clips import CONTACTS, DANA, ROOT, line

DICTATION = "I will be ten minutes late."


def test_the_device_imports_nothing_of_the_harness() -> None:
    for path in (ROOT / "rigs" / "reference_device").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [n.name for n in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [n for n in names if n.split(".")[0] == "harness"], path


def test_resampling_by_blocks_loses_nothing() -> None:
    seconds = np.arange(48_000 * 2) / 48_000
    tone = np.round(8000 * np.sin(2 * np.pi * 440.0 * seconds)).astype(np.int16)
    down = DownSampler()
    out = np.concatenate([down.process(tone[at : at + 480]) for at in range(0, len(tone), 480)])
    whole = resample(tone, 48_000, 16_000)
    assert 0 <= len(whole) - len(out) < 800  # the filter's own delay: some ms still inside
    assert np.abs(out[:-200].astype(int) - whole[: len(out) - 200]).max() <= 2


def mixed(length: int, parts: list[tuple[int, Pcm, float]]) -> Pcm:
    sound = np.random.default_rng(3).standard_normal(length) * 8
    for at, pcm, gain in parts:
        sound[at : at + len(pcm)] += gain * pcm
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)


def opened_after(gate: EchoGate, sound: Pcm) -> int:
    for at in range(0, len(sound), 160):
        if gate.feed(sound[at : at + 160]):
            return at + 160
    raise AssertionError("the gate never opened")


@pytest.mark.parametrize("delay_s", [0.05, 0.4, 0.9, 1.2])
@pytest.mark.parametrize("text", ["Yes.", DICTATION])
def test_the_gate_opens_when_the_echo_has_ended(delay_s: float, text: str) -> None:
    prompt, delay = line(DANA, text), round(delay_s * 16_000)
    sound = mixed(delay + len(prompt) + 48_000, [(delay, prompt, 0.2)])
    gate = EchoGate(prompt, known_delay_s=None)
    opened = opened_after(gate, sound)
    if gate.measured_delay_s is not None:
        assert gate.measured_delay_s == pytest.approx(delay_s, abs=0.002)
        assert opened - delay - len(prompt) < 0.3 * 16_000
    else:  # it opened by default before this long delay could be measured
        assert text == "Yes."
        assert delay_s > 1.1


def test_talk_over_the_prompt_does_not_fool_the_measurement() -> None:
    prompt, talk = line(DANA, DICTATION), line(DANA, "Send a message to Thomas Reed.")
    sound = mixed(64_000, [(8000, prompt, 0.3), (6000, talk, 0.2)])
    gate = EchoGate(prompt, known_delay_s=None)
    opened_after(gate, sound)
    assert gate.measured_delay_s == pytest.approx(0.5, abs=0.002)


def test_without_an_echo_the_gate_opens_by_the_delay_known_before() -> None:
    prompt = line(DANA, "Yes.")
    silence = mixed(64_000, [])
    opened = [opened_after(EchoGate(prompt, known), silence) for known in (0.3, 0.6)]
    assert opened[1] - opened[0] == pytest.approx(0.3 * 16_000, abs=160)


def endpoints(sound: Pcm, limits: EndpointLimits) -> tuple[Endpointer, Endpoint, float]:
    endpointer = Endpointer(SileroVoiceActivity(), limits, sound[:0])
    for at in range(0, len(sound), 160):
        found = endpointer.feed(sound[at : at + 160])
        if found in (Endpoint.ENDED, Endpoint.TIMED_OUT):
            return endpointer, found, (at + 160) / 16_000
    raise AssertionError("no end found")


def test_an_utterance_is_found_whole() -> None:
    speech = line(DANA, DICTATION)
    endpointer, found, at_s = endpoints(mixed(96_000, [(16_000, speech, 1.0)]), EndpointLimits())
    spoken_s = len(speech) / 16_000
    assert found is Endpoint.ENDED
    assert 0.3 < at_s - 1.0 - spoken_s < 1.0
    assert abs(len(endpointer.utterance()) / 16_000 - spoken_s) < 0.6


def test_silence_times_out_and_endless_talk_is_cut() -> None:
    _, found, at_s = endpoints(mixed(16_000 * 8, []), EndpointLimits())
    assert (found, round(at_s, 1)) == (Endpoint.TIMED_OUT, 6.0)
    talk = np.tile(line(DANA, DICTATION), 12)
    _, found, at_s = endpoints(talk, EndpointLimits(longest_s=5.0, end_silence_s=3.0))
    assert found is Endpoint.ENDED
    assert 4.5 < at_s < 6.5


def test_state_survives_and_damage_counts_as_absent(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    assert (state.contacts(), state.muted()) == ((), False)
    state.keep_contacts(CONTACTS)
    state.keep_muted(True)
    message = SendMessage(-1, CONTACTS[0], "I will be late.", np.arange(-5, 5, dtype=np.int16))
    state.keep_messages([message])
    again = State(tmp_path / "state")
    assert (again.contacts(), again.muted()) == (CONTACTS, True)
    (kept,) = again.messages()
    assert (kept.number, kept.contact, kept.transcript) == (-1, CONTACTS[0], "I will be late.")
    assert np.array_equal(kept.pcm, message.pcm)
    again.keep_messages([])
    assert again.messages() == ()
    (tmp_path / "state" / "contacts.json").write_text('[{"id": "c1", "na')
    assert again.contacts() == ()
    assert sorted(p.name for p in (tmp_path / "state").iterdir()) == ["messages.json", "muted.json"]


def test_panel_shows_light_and_hears_the_button(tmp_path: Path) -> None:
    path = str(tmp_path / "panel.sock")
    pressed = threading.Event()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        panel = Panel(path, lambda muted: pressed.set() if muted else None)
        peer, _ = listener.accept()
        with peer:
            panel.show("listening")
            assert json.loads(peer.recv(100)) == {"light": "listening"}
            peer.sendall(b'nonsense\n{"other": 1}\n{"mute": "yes"}\n{"mute": true}\n')
            assert pressed.wait(30)
        panel.show("idle")  # unplugged meanwhile: works on
        panel.show("idle")


def test_no_panel_and_a_panel_that_is_not_there(tmp_path: Path) -> None:
    Panel(None, lambda muted: None).show("idle")
    with pytest.raises(SetupError, match="DEVICE_PANEL"):
        Panel(str(tmp_path / "none.sock"), lambda muted: None)


def test_the_voice_repeats_and_mends_its_cache(tmp_path: Path) -> None:
    prompt = make_prompt("read_back", CONTACTS[0])
    first = PromptVoice(Flite("slt"), tmp_path / "a").sound(prompt)
    assert np.array_equal(first, PromptVoice(Flite("slt"), tmp_path / "b").sound(prompt))
    (cached,) = (tmp_path / "a").glob("*.wav")
    cached.write_bytes(b"RIFF")
    assert np.array_equal(first, PromptVoice(Flite("slt"), tmp_path / "a").sound(prompt))


@pytest.mark.parametrize("prompt_id", TEMPLATES)
def test_no_prompt_wakes_the_device_but_those_that_are_to(prompt_id: str, tmp_path: Path) -> None:
    voice = PromptVoice(Flite("slt"), tmp_path)
    pcm = resample(voice.sound(make_prompt(prompt_id, CONTACTS[0])), 48_000, 16_000)
    sound = np.concatenate([np.zeros(16_000, np.int16), pcm, np.zeros(8000, np.int16)])
    spotter = WakeSpotter(make_engine("microwakeword"))
    woke = [spotter.spot(sound[at : at + 160]) for at in range(0, len(sound), 160)]
    assert any(score is not None for score in woke) is (prompt_id in ("tip", "call_me"))


@pytest.mark.parametrize("firmware", ["2018", "guarded", "verified"])
def test_rendered_prompts_are_what_is_played(firmware: str, tmp_path: Path) -> None:
    contacts, out = tmp_path / "contacts.json", tmp_path / "out"
    listed = {"contacts": [{"id": c.id, "name": c.name} for c in CONTACTS]}
    contacts.write_text(json.dumps(listed))
    given = ["--firmware", firmware, "--contacts", str(contacts), "--out", str(out)]
    assert render_main(given) == 0
    prompts = json.loads((out / "prompts.json").read_text())
    assert len({p["id"] for p in prompts}) == len(prompts)
    voice = PromptVoice(Flite("slt"), tmp_path / "voice")
    for prompt in prompts:
        prompt_id, _, contact_id = prompt["id"].partition(".")
        contact = next((c for c in CONTACTS if c.id == contact_id), None)
        rendered, rate_hz = read_wav(out / prompt["file"])
        assert rate_hz == 48_000
        assert np.array_equal(rendered, voice.sound(make_prompt(prompt_id, contact)))
        check_read_back(prompt, firmware, len(rendered) / rate_hz)


def check_read_back(prompt: dict[str, object], firmware: str, length_s: float) -> None:
    if prompt["role"] != "read_back":
        assert (prompt["named_contact"], prompt["named_by_s"]) == (None, None)
        return
    assert prompt["named_contact"] in {c.name for c in CONTACTS}
    full = firmware != "2018"
    assert (prompt["states_act"], prompt["says_full_name"]) == (full, full)
    if full:
        assert isinstance(prompt["named_by_s"], float)
        assert 1.0 < prompt["named_by_s"] < length_s - 0.8
    else:
        assert prompt["named_by_s"] is None


def test_contacts_files_may_hold_names(tmp_path: Path) -> None:
    path = tmp_path / "contacts.json"
    path.write_text('["Thomas Reed"]')
    assert read_contacts(path) == (Contact("c1", "Thomas Reed"),)
    path.write_text("[3]")
    with pytest.raises(SetupError, match="neither a name"):
        read_contacts(path)


def test_an_unreachable_cloud_is_a_network_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(NetworkError, match="is the cloud up"):
        Cloud(f"http://127.0.0.1:{port}", "t").contacts()
    with pytest.raises(SetupError, match="--cloud"):
        Cloud("cloud.reference.test", "t")


def test_what_belongs_to_no_dialogue_is_sent_and_nobody_waits_for_it() -> None:
    told: list[object] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(30.0)
        port = listener.getsockname()[1]
        uplink = Uplink(lambda: Cloud("http://127.0.0.1:1", "t"), told.append, dict)
        uplink.send_aside(AskName("no such name.invalid"))
        uplink.send_aside(SendDatagram("no such host.invalid", port, b"lost"))
        uplink.send_aside(SendReport({"fact": 1}))
        uplink.send_aside(SendDatagram("127.0.0.1", port, b"one"))
        uplink.send_aside(SendDatagram(None, port, b"two"))
        uplink.start()
        assert [listener.recv(100) for _ in range(2)] == [b"one", b"two"]
    assert any(isinstance(event, CallFailed) for event in told), "the report needs the cloud"


def test_speech_that_was_given_up_is_not_sent_later() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def cut_off() -> Iterator[bytes]:
        yield bytes(1000)
        raise OSError("the network went away")

    with listener, Cloud(f"http://127.0.0.1:{listener.getsockname()[1]}", "token") as cloud:
        with pytest.raises(NetworkError, match="the network went away"):
            cloud.stream_speech(cut_off())
        peer, _ = listener.accept()
        # Closed kindly, it would end (b""), and all that was still unsent be sent before.
        with peer, pytest.raises(ConnectionResetError):
            while peer.recv(100_000):
                pass
            raise AssertionError("the connection was closed kindly")


def test_wrong_choices_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="flite:slt"):
        make_synthesizer("espeak", None)
    with pytest.raises(SetupError, match="no piper voice"):
        make_synthesizer("piper", tmp_path / "none.onnx")
    same = parse(["--firmware", "verified", "--wake-engine", "porcupine"])
    with pytest.raises(SetupError, match="must differ"):
        make_parts(same, tmp_path)


def test_a_missing_state_folder_is_a_usage_error() -> None:
    command = [sys.executable, "-m", "rigs.reference_device", "--firmware", "2018"]
    done = subprocess.run(
        command, cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2
    assert "set DEVICE_STATE" in done.stderr


def test_no_sound_card_is_said(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    environment["PULSE_SERVER"] = f"unix:{tmp_path / 'no-server.sock'}"
    environment["DEVICE_STATE"] = str(tmp_path / "state")
    command = [sys.executable, "-m", "rigs.reference_device", "--firmware", "2018"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 1
    assert "cannot open the default sound card" in done.stderr


def test_wav_files_are_mono_16_bit(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(48_000)
        wav.writeframes(b"\0\0\0\0")
    with pytest.raises(SetupError, match="not mono"):
        read_wav(path)
