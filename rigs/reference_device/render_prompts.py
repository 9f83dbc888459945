"""Write every prompt that a firmware can say for some contacts, as it will be played.

    python -m rigs.reference_device.render_prompts --firmware F --contacts CONTACTS.json --out DIR

CONTACTS.json is `["Thomas Reed", ...]`, or what the cloud answers: `{"contacts": [{"id", "name"}]}`
(the braces may be left out). DIR gets 48 kHz mono WAV files and `prompts.json`. The device plays
these very samples, times its --gain (1 unless said).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rigs.reference_device.contacts import Contact
from rigs.reference_device.errors import DeviceError, SetupError
from rigs.reference_device.firmware import make_firmware
from rigs.reference_device.options import (
    add_firmware_options,
    add_voice_options,
    make_synthesizer,
)
from rigs.reference_device.prompts import TEMPLATES, Prompt, all_prompts
from rigs.reference_device.sound_format import CARD_RATE_HZ
from rigs.reference_device.state import write_atomically
from rigs.reference_device.voice import PromptVoice, wav_bytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Render; 0, or 2 with a message when something is missing."""
    parser = argparse.ArgumentParser(prog="python -m rigs.reference_device.render_prompts")
    add_firmware_options(parser)
    parser.add_argument("--contacts", type=Path, required=True, metavar="JSON")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--also", nargs="*", default=[], choices=tuple(TEMPLATES), help="prompts beside its own"
    )
    add_voice_options(parser)
    given = parser.parse_args(arguments)
    try:
        synthesizer = make_synthesizer(given.voice, given.piper_model)
        contacts = read_contacts(given.contacts)
        with tempfile.TemporaryDirectory(prefix="device-prompts-") as cache:
            firmware = make_firmware(given.firmware, given.seed)
            prompts = all_prompts((*firmware.prompt_ids, *given.also), contacts)
            _write(prompts, PromptVoice(synthesizer, Path(cache)), given.out)
    except DeviceError as error:
        print(f"render_prompts: {error}", file=sys.stderr)
        return 2
    return 0


def read_contacts(path: Path) -> tuple[Contact, ...]:
    """Contacts of a JSON file: names, or objects with id and name."""
    try:
        found = json.loads(path.read_text())
        entries = found["contacts"] if isinstance(found, dict) else found
        return tuple(_contact(entry, number) for number, entry in enumerate(entries, 1))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupError(f'{path}: {error}; it must hold ["Thomas Reed", ...]') from error


def _contact(entry: object, number: int) -> Contact:
    if isinstance(entry, str):
        return Contact(f"c{number}", entry)
    if not isinstance(entry, dict):
        raise ValueError(f"contact {number} is neither a name nor an object")
    return Contact(str(entry["id"]), str(entry["name"]))


def _write(prompts: Sequence[Prompt], voice: PromptVoice, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    listed = []
    for prompt in prompts:
        file = f"{prompt.key}.wav"
        write_atomically(out / file, wav_bytes(voice.sound(prompt), CARD_RATE_HZ))
        listed.append(_entry(prompt, file, voice))
    write_atomically(out / "prompts.json", json.dumps(listed, indent=1).encode())


def _entry(prompt: Prompt, file: str, voice: PromptVoice) -> dict[str, object]:
    template = prompt.template
    named = prompt.contact if template.names_contact else None
    reads_back = template.states_act and template.says_full_name
    named_by_s = voice.named_by_s(prompt) if reads_back else None
    return {
        "id": prompt.key,
        "text": prompt.text,
        "file": file,
        "role": template.role,
        "states_act": template.states_act,
        "named_contact": named.name if named else None,
        "says_full_name": template.says_full_name,
        "named_by_s": None if named_by_s is None else round(named_by_s, 3),
    }


if __name__ == "__main__":
    sys.exit(main())
