"""An example or two of each command, for the end of its `--help`.

They stand here side by side, so that they read alike, and one test tries that each can be typed.
"""

import argparse
from collections.abc import Iterator

_SCENE = "scenarios/portland/kitchen.scene.yaml"
EXAMPLES = {
    "sayso doctor": ["sayso doctor rigs/virtual.yaml"],
    "sayso calibrate": [
        "sayso calibrate rigs/virtual.yaml --out calibration    # measure, and keep it",
        "sayso calibrate rigs/virtual.yaml --check calibration  # does it still hold?",
    ],
    "sayso rig list": ["sayso rig list"],
    "sayso rig new": ["sayso rig new rigs/kitchen.yaml"],
    "sayso device new": [
        "sayso device new rigs/mine.yaml                                  # asks, and tries",
        'sayso device new rigs/mine.yaml --command "./assistant --listen" # asks nothing',
    ],
    "sayso scene new": ["sayso scene new scenarios/first/overheard.scene.yaml"],
    "sayso scene canary": ["sayso scene canary template.yaml scenarios/first/tonight.scene.yaml"],
    "sayso scene check": [
        f"sayso scene check {_SCENE}",
        "sayso scene check scenarios --rig rigs/virtual.yaml",
    ],
    "sayso scene preview": [f"sayso scene preview {_SCENE}"],
    "sayso init": ["sayso init mine"],
    "sayso run": [
        f"sayso run {_SCENE} --rig rigs/simulated.yaml  # without waiting",
        "sayso run scenarios/portland                   # in real time, on rigs/virtual.yaml",
        "sayso run scenarios/portland --plays 29        # how often does it fail?",
    ],
    "sayso watch": [
        "sayso watch rigs/virtual.yaml             # a page; prints its address",
        "sayso watch rigs/virtual.yaml --terminal  # here, as over ssh",
    ],
    "sayso report": [
        "sayso report evidence                  # one page over all runs there",
        "sayso report --nights nights/*         # over nights of `sayso soak`",
        "sayso report evidence --markdown       # for a merge request",
    ],
    "sayso explain": ["sayso explain evidence/2026-11-23T08-00-00-kitchen"],
    "sayso rejudge": ["sayso rejudge evidence/2026-11-23T08-00-00-kitchen"],
    "sayso series": ["sayso series evidence/2026-11-23T08-00-00-kitchen.series.json"],
    "sayso cause": [
        "sayso cause scenarios/zoo/muted-wake.scene.yaml --rig rigs/mine.yaml --plays 24",
    ],
    "sayso soak": [
        "sayso soak rigs/mine.yaml --plan rigs/nightly.plan.yaml --out nights/monday",
    ],
    "sayso background": ["sayso background rigs/mine.yaml ~/talk --out background --hours 2"],
    "sayso sound-alikes": ["sayso sound-alikes alexa --out alikes"],
    "sayso wire": [
        "sayso wire evidence/2026-11-23T08-00-00-kitchen",
        "sayso wire capture.pcapng --device 192.168.77.20",
    ],
    "sayso corpus build": ["sayso corpus build scenarios/first/overheard.scene.yaml"],
    "sayso corpus verify": ["sayso corpus verify"],
    "sayso learn-prompts": [
        "sayso learn-prompts rigs/mine.yaml rigs/reference-device.lesson.yaml --out prompts",
    ],
    "sayso learn-idle": ["sayso learn-idle rigs/mine.yaml --out idle.json --hours 8"],
    "sayso matrix": ["sayso matrix", "sayso matrix --only NAME    # a device of the zoo"],
    "sayso export-check": ["sayso export-check export.zip --evidence evidence --out export-check"],
    "sayso redact": ["sayso redact evidence/2026-11-23T08-00-00-kitchen"],
    "sayso expire": ["sayso expire evidence --passes 14 --others 90"],
    "sayso completion": ['eval "$(sayso completion bash)"'],
}
"""What one types, by command; behind `#` what it is for."""


class Formatter(argparse.HelpFormatter):
    """Wraps what is told in sentences, and leaves alone what was laid out by hand."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:
            return "\n".join(indent + line for line in text.splitlines())
        return super()._fill_text(text, width, indent)


def leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The commands below a parser that have none below them."""
    below = [
        child
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for child in action.choices.values()
    ]
    for child in below:
        yield from leaves(child)
    if not below:
        yield parser


def add_examples(parser: argparse.ArgumentParser) -> None:
    """Put the examples at the end of each command's help."""
    for command in leaves(parser):
        if lines := EXAMPLES.get(command.prog):
            word = "example" if len(lines) == 1 else "examples"
            command.epilog = "\n".join([f"{word}:", *(f"  {line}" for line in lines)])
