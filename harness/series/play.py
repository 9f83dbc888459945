"""One play, from an open rig to a sealed folder: recorded, written, judged, in this order."""

import platform
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from harness import __version__
from harness.bench.rig import Rig
from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.folder import EvidenceFolder, SoundFile
from harness.evidence.read import read_case
from harness.evidence.wire_facts import WireFacts
from harness.judge import judge
from harness.model.case import Case, RigFacts, Sense
from harness.model.ruling import Ruling
from harness.model.script import Script
from harness.model.timeline import Channel, Control, Interrupted, MessageReceived
from harness.report.explain import explain
from harness.report.page import page_of_folder
from harness.series.live_ruling import tell_ruling
from harness.stage.clips import Cast
from harness.stage.collect import Collector, Timeline
from harness.stage.control_facts import required_controls
from harness.stage.deeds import check_deeds
from harness.stage.idle import idle_profile, told, what_comes_later
from harness.stage.session import PASSED, RECORDING, Take, play
from harness.stage.sounds import Recording, flac, write_recordings


@dataclass(frozen=True, slots=True)
class Outcome:
    """A ruling, where its evidence lies, and what cut the play short (None for a whole one)."""

    ruling: Ruling
    evidence: Path
    stopped_by: BaseException | None


def play_and_rule(
    rig: Rig, script: Script, cast: Cast, progress: Callable[[str], None], evidence: Path | None
) -> Outcome:
    """Play a scene once and rule on it; evidence goes to a new folder in `evidence`.

    The ruling stands whatever happened; the caller raises what it says. Only a folder that cannot
    be written at all raises `RigError` here, and a deed that the rig cannot do `SceneError`.
    """
    check_deeds(rig, script)
    idle_profile(rig.file)  # one that does not fit is told before anything is played
    root = evidence or rig.file.evidence
    folder = EvidenceFolder.create(root, script.id, rig.clock.now_s())
    bare = Case(script, facts_of(rig, script), ())
    folder.write_case(bare, _versions())
    take = play(rig, script, cast, folder.folder, progress)
    _write_facts(take, folder)
    progress("ruling")
    case = read_case(folder.folder, torn_end=True)
    ruling = judge(case)
    # By name, not by place: a folder says the same wherever it lies.
    folder.write_ruling(ruling, explain(ruling, Path(folder.folder.name)))
    folder.write_text(layout.PAGE, page_of_folder(folder.folder, ruling))
    folder.seal()
    tell_ruling(rig.live, case, ruling, folder.folder.name)
    return Outcome(ruling, folder.folder, take.stopped_by)


def facts_of(rig: Rig, script: Script) -> RigFacts:
    """What the judge must know of this rig for this scene."""
    file = rig.file
    sources, senses = sorted({"S", "N", "I"} - rig.absent), list[Sense]()
    sources += sorted({each.source for each in script.afterwards})
    if file.device.prompts is not None or file.device.reading:
        sources.append("A")
        senses.append(Sense.AUDIBILITY)
    if rig.panel is not None:
        sources.append("L")
    if file.wire.destinations is not None or file.wire.idle_profile is not None:
        senses.append(Sense.CHANNELS)
    idle, unseen_uploads = told(idle_profile(file), rig.clock.now_s())
    later = what_comes_later(file, max(file.limits.watch_s, script.watch_s or 0.0))
    if file.device.open:
        sources.append("P")
        senses.append(Sense.PAYLOAD)
    return RigFacts(
        rig=file.name,
        device=file.device.called,
        firmware=file.device.firmware,
        sources=tuple(sorted(sources)),
        required_controls=required_controls(
            deeds=bool(script.doings),
            payload=file.device.open,
            account=bool(script.afterwards),
            absent=rig.untried,
            proxy=rig.proxy is not None,
        ),
        known_violations=file.known(script.id),
        limits=file.limits,
        listener=f"the {file.sound.listener_name}",
        senses=tuple(senses),
        destinations=file.wire.destinations,
        # Among traffic that hides whole uploads, less than that is hidden, too.
        blind_to=(Channel.TELEMETRY,) if unseen_uploads else file.wire.blind_to,
        knows_voices=file.device.knows_voices,
        sends_messages=file.device.sends_messages,
        policy=file.policy,
        idle=" ".join(filter(None, (idle, later))),
        unseen_uploads=unseen_uploads,
    )


def _versions() -> dict[str, str]:
    return {"sayso": __version__, "python": platform.python_version()}


def _write_facts(take: Take, folder: EvidenceFolder) -> None:
    """Write all that the take holds; what cannot be read or written is itself an event."""
    troubles = []
    for write in (_write_observed, _write_log):
        try:
            write(take, folder)
        except (RigError, OSError, ValueError, IndexError) as error:
            troubles.append(str(error))
    if troubles:
        why = f"the evidence is not whole: {'; '.join(troubles)}"
        folder.write_timeline([Interrupted(0.0, why)])


def _write_observed(take: Take, folder: EvidenceFolder) -> None:
    with ThreadPoolExecutor(1) as beside:
        written = beside.submit(_write_recordings, take, folder)
        timeline = Collector(take, folder.folder, written.result).timeline()
    folder.write_timeline(timeline.events)
    folder.write_controls([e for e in timeline.events if isinstance(e, Control)])
    folder.write_traffic(timeline.sent)
    _write_clock(timeline, folder)
    _write_wire(take, timeline, folder)
    _write_events(take, timeline, folder)
    _write_sounds(take, timeline, folder, written.result())


def _write_log(take: Take, folder: EvidenceFolder) -> None:
    if take.rig.device_log.exists():
        folder.write_bytes(layout.DEVICE_LOG, take.rig.device_log.read_bytes())


def _write_clock(timeline: Timeline, folder: EvidenceFolder) -> None:
    line = timeline.clock
    if line is None:
        return
    folder.write_json(
        layout.CLOCK,
        {
            "scene_start_index": timeline.start_index,
            "first_index": line.first,
            "first_unix_s": line.origin_s,
            "seconds_per_sample": line.slope_s,
            "spread_s": line.spread_s,
            "stamps_kept": line.kept,
        },
    )


def _write_wire(take: Take, timeline: Timeline, folder: EvidenceFolder) -> None:
    """What `sayso wire` must know to read the capture as this play did."""
    line = timeline.clock
    if line is None:
        return
    facts = WireFacts(
        device=take.rig.device_address,
        own_flows=take.rig.canary_flows(),
        nonces=tuple(sorted(nonce.decode() for nonce in take.nonces())),
        zero_s=line.at(timeline.start_index),
        pace=1 / (line.slope_s * take.rig.microphone.rate_hz),
    )
    folder.write_json(layout.WIRE, facts.content())


def _write_events(take: Take, timeline: Timeline, folder: EvidenceFolder) -> None:
    """What device and server said to each other through a proxy, on the run's clock."""
    line = timeline.clock
    if take.rig.proxy is None or line is None:
        return
    rate_hz = take.rig.microphone.rate_hz
    said = [
        {
            "at_s": round((line.index(event.unix_s) - timeline.start_index) / rate_hz, 4),
            "known_to_s": round(event.known_to_s, 4),
            "by": "device" if event.by_device else "server",
            "type": event.type,
        }
        for event in take.rig.proxy.events()
    ]
    folder.write_json(layout.EVENTS, {"events": said})


def _write_recordings(take: Take, folder: EvidenceFolder) -> list[Recording]:
    positions = take.rig.loudspeaker.positions
    everywhere = (
        Recording(layout.PLAYED, f"what was played at: {', '.join(positions)}", positions),
        Recording(layout.LISTENER, "what the listener's microphone heard", ("listener",)),
        Recording(layout.DEVICE, "what the device's microphone heard", ("device",)),
    )
    there = take.rig.microphone.channels
    wanted = tuple(each for each in everywhere if set(each.channels) <= set(there))
    return write_recordings(take.rig.microphone, wanted, folder.path)


def _write_sounds(
    take: Take, timeline: Timeline, folder: EvidenceFolder, written: Sequence[Recording]
) -> None:
    microphone = take.rig.microphone
    starts_at_s = (microphone.started_at() - timeline.start_index) / microphone.rate_hz
    sounds = [SoundFile(w.name, w.what, starts_at_s) for w in written]
    sounds += _write_clips(timeline, folder)
    folder.write_sounds([*sounds, *_write_messages(take, timeline, folder)])
    for name in (RECORDING, Path(RECORDING).with_suffix(".times").name, PASSED):
        (folder.folder / name).unlink(missing_ok=True)


def _write_clips(timeline: Timeline, folder: EvidenceFolder) -> list[SoundFile]:
    """The sound of speech that nobody scripted."""
    for clip in timeline.clips:
        folder.write_bytes(clip.name, flac(clip.samples, clip.rate_hz))
    what = "speech that nobody scripted, without what was played"
    return [SoundFile(clip.name, what, clip.starts_at_s) for clip in timeline.clips]


def _write_messages(take: Take, timeline: Timeline, folder: EvidenceFolder) -> list[SoundFile]:
    """The sound of every message that reached somebody."""
    sounds = []
    for message in (e for e in timeline.events if isinstance(e, MessageReceived)):
        if message.audio_s:
            name = f"message-{_safe(message.message_id)}.wav"
            folder.write_bytes(name, take.rig.inbox.audio(message.message_id))
            what = f"the message that reached {message.recipient}"
            sounds.append(SoundFile(name, what, message.at_s))
    return sounds


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name) or "unnamed"
