"""The command line of the skill. Exit codes: 0 the bus went away, 1 could not start."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from rigs.ovos_skill.bus import Bus
from rigs.ovos_skill.panel import Panel
from rigs.ovos_skill.skill import Mind, Skill
from rigs.reference_device.clock import WallClock
from rigs.reference_device.cloud import Cloud
from rigs.reference_device.errors import DeviceError
from rigs.reference_device.firmware import make_firmware
from rigs.reference_device.log import DeviceLog
from rigs.reference_device.options import add_voice_options, make_synthesizer
from rigs.reference_device.prompts import make_prompt
from rigs.reference_device.voice import PromptVoice

_BUS_WITHIN_S = 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer until the bus goes away."""
    parser = argparse.ArgumentParser(
        prog="python -m rigs.ovos_skill",
        description="Mind, voice, button and light beside OpenVoiceOS's listener. See "
        "docs/devices/ovos-listener.md.",
    )
    parser.add_argument("--bus", default="ws://127.0.0.1:8181/core", metavar="URL")
    parser.add_argument("--cloud", default="https://cloud.reference.test", metavar="URL")
    parser.add_argument("--token", default="reference-device", help="the account's token")
    parser.add_argument("--help-prompt", default="cannot_help")
    parser.add_argument("--listens-after-s", type=float, default=0.0, help="once it has asked (0)")
    add_voice_options(parser)
    given = parser.parse_args(arguments)
    state = Path(os.environ.get("DEVICE_STATE", "."))
    try:
        voice = PromptVoice(make_synthesizer(given.voice, given.piper_model), state / "voice")
        policy = make_firmware("guarded")
        for prompt_id in ("am_here", given.help_prompt):  # spoken at once when they are wanted
            voice.sound(make_prompt(prompt_id))
        cloud = Cloud(given.cloud, given.token)
        mind = Mind(policy, voice, cloud, given.help_prompt, given.listens_after_s)
        asyncio.run(_run(given.bus, mind, os.environ.get("DEVICE_PANEL")))
    except (DeviceError, OSError, ValueError) as error:
        print(f"skill: {error}", file=sys.stderr)
        return 1
    return 0


async def _run(url: str, mind: Mind, socket: str | None) -> None:
    async with aiohttp.ClientSession() as session:
        bus = Bus(session, url)
        await bus.connect(_BUS_WITHIN_S)
        log = DeviceLog(WallClock())
        log.say("on the bus")
        if socket is None:
            await Skill(bus, mind, None, log).run()
            return
        reader, writer = await asyncio.open_unix_connection(socket)
        panel = Panel(reader, writer, bus)
        button = asyncio.create_task(panel.serve())
        try:
            await Skill(bus, mind, panel, log).run()
        finally:
            button.cancel()


if __name__ == "__main__":
    sys.exit(main())
