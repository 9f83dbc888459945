"""`sayso learn-prompts`: have a device say its prompts, and keep them on file."""

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.errors import UserError
from harness.scene.lesson import load_lesson
from harness.series.learn import (
    LISTING,
    MICROPHONES,
    REPORT,
    Course,
    LearntPrompt,
    as_json,
    learn,
    write_course,
)
from harness.series.progress import ProgressLine


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser(
        "learn-prompts",
        help="have a device say its prompts, record them, and write a folder for the rig file",
        description="Says the lines of a lesson to the device, records what it answers in a quiet "
        "room, does so several times, and keeps of each prompt the take that is most like the "
        f"others. Writes a WAV file each, {LISTING} for `device: prompts: folder:`, and "
        f"{REPORT} (SNR and repeatability). Refuses noise, clipping, and takes that are not "
        "alike: exit code 2. See docs/learn-prompts.md.",
    )
    parser.add_argument("rig", type=Path, help="rig file")
    parser.add_argument("lesson", type=Path, help="what to say, and what it then says (YAML)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument("--takes", type=_count, default=5, help="of each prompt, 2 or more (5)")
    parser.add_argument(
        "--microphone",
        choices=MICROPHONES,
        help="which records (the device's where the rig knows the room, else the listener's)",
    )
    parser.add_argument("--force", action="store_true", help="write over prompts that are there")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=_learn)


def _count(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= 50:
        raise argparse.ArgumentTypeError(f"{text} is not from 2 to 50")
    return int(text)


def _learn(arguments: argparse.Namespace) -> int:
    lesson = load_lesson(arguments.lesson)
    file = load_rig(arguments.rig)
    listing = arguments.out / LISTING
    if listing.exists() and not arguments.force:
        raise UserError(f"{listing} is there already; give another folder, or --force")
    progress = ProgressLine(sys.stderr, "learn-prompts")
    # To be told to end takes the bench down as Ctrl-C does.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        course = learn(
            file,
            lesson,
            RealClock(),
            progress,
            takes=arguments.takes,
            microphone=arguments.microphone,
        )
    finally:
        signal.signal(signal.SIGTERM, before)
        progress.clear()
    write_course(course, arguments.out, force=arguments.force)
    if arguments.json:
        print(json.dumps(as_json(course), indent=1))
    else:
        print(told(course, arguments.out))
    return 0


def told(course: Course, folder: Path) -> str:
    """What was learnt, a line each, and what to write into the rig file."""
    lines = [_line(each) for each in course.prompts]
    return "\n".join(
        [
            f"by the {course.microphone}'s microphone, noise {course.noise_db:.0f} dB",
            *lines,
            f"In the rig file: device: prompts: {{command: ~, folder: {folder}}}",
        ]
    )


def _line(each: LearntPrompt) -> str:
    sound = each.sound
    return (
        f"{each.prompt.id:24} {sound.seconds:5.2f} s  SNR {sound.snr_db:5.1f} dB  "
        f"{sound.takes} takes, alike {sound.likeness:.3f} (least {sound.least_alike:.3f})"
    )
