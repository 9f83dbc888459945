"""The button and the light of the rig, put on the message bus.

The button is a switch: pressed, `mycroft.mic.mute` is said. The light follows what is said on the
bus: muted from one `mycroft.mic.mute` to the next `mycroft.mic.unmute`. Nobody asks the listener
whether it is muted.
"""

import asyncio
import json

from rigs.ovos_skill.bus import Bus, Message

_MUTES = {"mycroft.mic.mute": True, "mycroft.mic.unmute": False}
_SHOWS = {
    "recognizer_loop:record_begin": "listening",
    "recognizer_loop:record_end": "thinking",
    "recognizer_loop:utterance": "thinking",
    "recognizer_loop:speech.recognition.unknown": "idle",
    "recognizer_loop:audio_output_start": "speaking",
    "recognizer_loop:audio_output_end": "idle",
}


class Light:
    """What the light shows, by what was said on the bus."""

    def __init__(self) -> None:
        self._muted, self._state = False, "idle"

    def after(self, kind: str) -> str:
        """What it shows once a message of that type was said."""
        self._muted = _MUTES.get(kind, self._muted)
        self._state = _SHOWS.get(kind, self._state)
        return "muted" if self._muted else self._state


class Panel:
    """Connected to the rig's socket, `reader` and `writer`, and to the bus."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, bus: Bus
    ) -> None:
        self._reader, self._writer, self._bus = reader, writer, bus
        self._light, self._shown = Light(), ""
        self._show("idle")

    async def serve(self) -> None:
        """Say on the bus what the button does, until the rig hangs up."""
        while line := await self._reader.readline():
            pressed = json.loads(line)["mute"]
            await self._bus.say(Message("mycroft.mic.mute" if pressed else "mycroft.mic.unmute"))

    def follow(self, kind: str) -> None:
        """A message was said on the bus."""
        self._show(self._light.after(kind))

    def _show(self, state: str) -> None:
        if state != self._shown:
            self._shown = state
            self._writer.write(json.dumps({"light": state}).encode() + b"\n")
