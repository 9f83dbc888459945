"""What stands beside OpenVoiceOS's listener: its dialogue, its light, and its way with the bus."""

import asyncio
import json
from pathlib import Path

import aiohttp
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from rigs.ovos_skill.bus import Bus, Message, decoded
from rigs.ovos_skill.conversation import Action, Conversation, Deliver, Speak
from rigs.ovos_skill.panel import Light, Panel
from rigs.ovos_skill.skill import Mind, Skill
from rigs.reference_device.clock import SteppedClock
from rigs.reference_device.cloud import Cloud
from rigs.reference_device.firmware import make_firmware
from rigs.reference_device.log import DeviceLog
from rigs.reference_device.voice import Flite, PromptVoice
from tests.rigs.corpus_clips import CONTACTS

WORDS = ("Send a message to Thomas Reed.", "I will be late.", "Yes.", "No.", "Are you there?", "")
MUTE, UNMUTE = "mycroft.mic.mute", "mycroft.mic.unmute"


def talk() -> Conversation:
    return Conversation(make_firmware("guarded"), CONTACTS)


def said(action: Action | None) -> tuple[str, bool]:
    assert isinstance(action, Speak)
    return action.prompt.text, action.then_listen


def test_a_message_is_asked_for_read_back_and_delivered() -> None:
    talking = talk()
    assert said(talking.heard(WORDS[0])) == ("What's the message?", True)
    read_back = "Send this message to Thomas Reed? Say yes or no."
    assert said(talking.heard(WORDS[1])) == (read_back, True)
    assert talking.heard("Yes.") == Deliver(CONTACTS[0], WORDS[1])
    assert said(talking.delivered(True)) == ("Sent.", False)
    assert talking.over and talking.heard("Yes.") is None


def test_a_message_that_was_not_taken_is_not_called_sent() -> None:
    talking = talk()
    for words in WORDS[:3]:
        talking.heard(words)
    assert said(talking.delivered(False)) == ("Sorry, the message was not sent.", False)


def test_where_there_were_no_words_a_question_is_answered_with_no() -> None:
    talking = talk()
    talking.heard(WORDS[0])
    assert said(talking.heard(None)) == ("OK, cancelled.", False)
    silent = talk()
    assert silent.heard(None) is None and silent.over


@given(st.lists(st.sampled_from([*WORDS, None]), max_size=8))
def test_nothing_is_delivered_but_after_a_read_back_and_a_yes(heard: list[str | None]) -> None:
    talking, asked = talk(), ""
    for words in heard:
        action = talking.heard(words)
        if isinstance(action, Deliver):
            assert (words, asked) == ("Yes.", "Send this message to Thomas Reed? Say yes or no.")
            action = talking.delivered(True)
        asked = action.prompt.text if isinstance(action, Speak) else ""


def test_the_light_is_muted_from_the_button_to_the_button() -> None:
    light = Light()
    shown = [light.after(kind) for kind in (
        "recognizer_loop:record_begin", MUTE, "recognizer_loop:audio_output_start",
        "recognizer_loop:audio_output_end", "anything", UNMUTE, "recognizer_loop:record_begin",
    )]  # fmt: skip
    assert shown == ["listening", "muted", "muted", "muted", "muted", "idle", "listening"]


_ANYTHING = st.none() | st.integers() | st.text(max_size=5)


@given(
    st.text(max_size=9)
    | st.dictionaries(st.sampled_from(["type", "data"]), _ANYTHING).map(json.dumps)
)
def test_what_is_no_message_is_passed_over(text: str) -> None:
    found = decoded(text)
    assert found is None or isinstance(found.type, str)


def test_a_message_without_data_has_none() -> None:
    assert decoded('{"type": "a", "data": [1]}') == Message("a", {})


def test_the_button_goes_to_the_bus_and_the_bus_to_the_light(tmp_path: Path) -> None:
    """A bus that tells everybody everything, and the rig's end of the panel's socket."""
    lights = list[str]()

    async def meet() -> None:
        everybody = list[web.WebSocketResponse]()

        async def core(request: web.Request) -> web.WebSocketResponse:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            everybody.append(socket)
            async for each in socket:
                for other in everybody:
                    await other.send_str(each.data)
            return socket

        app = web.Application()
        app.router.add_get("/core", core)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()

        async def rig(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for pressed, shows in ((True, "muted"), (False, "idle")):
                writer.write(json.dumps({"mute": pressed}).encode() + b"\n")
                while (light := json.loads(await reader.readline())["light"]) != shows:
                    lights.append(light)
                lights.append(light)
            writer.close()
            for other in everybody:
                await other.close()

        path = str(tmp_path / "panel")
        listening = await asyncio.start_unix_server(rig, path)
        async with aiohttp.ClientSession() as session:
            bus = Bus(session, f"http://127.0.0.1:{runner.addresses[0][1]}/core")
            await bus.connect(5)
            panel = Panel(*await asyncio.open_unix_connection(path), bus)
            serving = asyncio.create_task(panel.serve())
            await asyncio.wait_for(Skill(bus, mind, panel, DeviceLog(SteppedClock())).run(), 10)
            serving.cancel()
        listening.close()
        await runner.cleanup()

    voice = PromptVoice(Flite("slt"), tmp_path / "voice")
    cloud = Cloud("http://127.0.0.1:1", "nobody")
    mind = Mind(make_firmware("guarded"), voice, cloud)
    asyncio.run(meet())
    assert lights == ["idle", "muted", "idle"]
