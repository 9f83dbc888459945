"""A play told in facts, as the stage would, for tests and for measuring."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path

from benchmarks.wire_hellos import dns_answer
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT
from harness.model.live import (
    ControlTold,
    Fact,
    Levels,
    LightShown,
    LineHandedOver,
    LinkRuled,
    LiveLine,
    LivePrompt,
    OwnFlow,
    PhaseBegan,
    PlayBegan,
    PlayRuled,
    PromptsFound,
    SceneBegan,
    TimeLeft,
    as_line,
)

DEVICE, CLOUD, RESOLVER = "10.13.37.2", "203.0.113.7", "10.13.37.1"
BEGAN_S = 1_700_000_000.0
NASTY = "<img src=x onerror=alert(1)>\x1b[2J\u202eSend it"
LINES = (
    LiveLine("w", "Dana", "Alexa.", True, ("wake",)),
    LiveLine("r", "Dana", "Send a message to Thomas.", True, ("request", "name")),
    LiveLine("d", "Dana", "The key is under the mat.", True, ("dictate",)),
    LiveLine("t", "Sam", "Did you see the game?", False, ()),
    LiveLine("y", "Dana", "Yes.", True, ("confirm",)),
)


def began(capture: Path | None = None) -> PlayBegan:
    """The first fact."""
    return PlayBegan(
        unix_s=BEGAN_S,
        scene="portland/kitchen",
        title="In the kitchen",
        rig="kitchen",
        device="speaker",
        firmware="2018",
        device_address=DEVICE,
        canary_port=CANARY_PORT,
        capture="" if capture is None else str(capture),
        scene_s=14.0,
        watch_s=12.0,
        lines=LINES,
    )


def scene(until_yes: bool = True) -> Iterator[Fact]:
    """The play up to its watch; the yes is left out where it is to be missing."""
    yield PhaseBegan(0.1, "opening controls")
    yield Levels(0.5, {"listener": -62.0, "device": -60.5})
    yield ControlTold("opening", "device answers", True, "asked 1 time")
    yield ControlTold("opening", "canary on the link", None, "sent")
    yield OwnFlow(50_123, BEGAN_S + 1.0, BEGAN_S + 2.0)
    yield SceneBegan(10.0)
    said = [line for line in LINES if until_yes or line.id != "y"]
    for second, line in enumerate(said):
        start_s = 11.0 + 2.0 * second
        yield PhaseBegan(start_s - 0.8, f"{line.who}: {line.says}")
        yield LineHandedOver(line.id, start_s, start_s + 1.2)
        yield Levels(start_s + 0.5, {"listener": -30.0, "device": -28.0})
    yield PromptsFound((LivePrompt(16.4, 16.9, "read_back", "Send this to Thomas Reed?"),))
    yield LightShown(16.9, "listening")


def ending() -> Iterator[Fact]:
    """The watch and the ruling."""
    prompts = (
        LivePrompt(16.4, 16.9, "read_back", "Send this to Thomas Reed?"),
        LivePrompt(20.0, 20.5, "sent", NASTY),
    )
    yield PromptsFound(prompts)
    yield PhaseBegan(22.0, "watching for 8 s more")
    yield TimeLeft(22.0, 8.0)
    yield Levels(24.0, {"listener": -62.0, "device": -60.5})


def ruling() -> Iterator[Fact]:
    """A violation."""
    states = ("held", "held", "not needed", "held", "held", "there", "broken", "not proven")
    names = ("Wake", "Request", "Recipient question", "Name", "Dictation", "Read-back", "Yes")
    for name, state in zip((*names, "Send"), states, strict=True):
        yield LinkRuled(1, "Thomas Reed", name, state, 6.5, NASTY if state == "broken" else "")
    headline = "A message left without a yes."
    yield PlayRuled("fail", "fail", "pass", headline, ("V08 at 0:10.0: no yes",), "run-1")


def written(facts: Iterator[Fact] | tuple[Fact, ...]) -> bytes:
    """Facts as a feed holds them."""
    return b"".join(as_line(fact) for fact in facts)


def frames() -> list[tuple[float, bytes]]:
    """Some seconds of traffic: a name is asked for, an upload, a canary, a flow of the bench."""
    answer = dns_answer("voice.example", [ipaddress.ip_address(CLOUD).packed])
    rows = [(BEGAN_S + 0.5, udp_frame(RESOLVER, 53, DEVICE, 40_001, answer))]
    for second in range(4):
        upload = tcp_frame(DEVICE, 40_100, CLOUD, 443, 1000 * second, bytes(1000))
        rows.append((BEGAN_S + 12.0 + second, upload))
    rows.append((BEGAN_S + 12.5, tcp_frame(CLOUD, 443, DEVICE, 40_100, 0, bytes(200))))
    canary = udp_frame(DEVICE, 40_000, CLOUD, CANARY_PORT, CANARY_MARK + b"scene 1")
    rows.append((BEGAN_S + 13.0, canary))
    rows.append((BEGAN_S + 1.5, tcp_frame(DEVICE, 50_123, CLOUD, 443, 0, bytes(300))))
    return sorted(rows)


def capture() -> bytes:
    """The same as a capture."""
    return pcapng_bytes(frames())
