"""Lessons: read strictly, with every mistake told where it stands."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UserError
from harness.scene.corpus import Corpus
from harness.scene.lesson import load_lesson

SHIPPED = Path(__file__).parents[2] / "rigs" / "reference-device.lesson.yaml"
PROMPT = {"id": "here", "text": "I am here.", "role": "answer"}
NAMING = {**PROMPT, "id": "back", "named_contact": "Thomas Reed"}
LESSON = {
    "voice": "kokoro:am_michael",
    "at": "window",
    "contacts": ["Thomas Reed"],
    "conversations": [[{"says": ["Alexa.", "Are you there?"], "prompt": PROMPT}]],
}


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "some.lesson.yaml"
    path.write_text(json.dumps({**LESSON, **changes}))
    return path


def turns(*prompts: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return [[{"says": ["Alexa."], "prompt": prompt} for prompt in prompts]]


def test_what_is_shipped_can_be_given() -> None:
    lesson = load_lesson(SHIPPED)
    corpus = Corpus.load()
    assert all(corpus.clip(lesson.text.voice, line).is_file() for line in lesson.lines)
    ids = [prompt.id for prompt in lesson.prompts]
    assert ids[0] == "am_here"
    assert len(ids) == 6


def test_what_a_lesson_leaves_out(tmp_path: Path) -> None:
    lesson = load_lesson(written(tmp_path))
    assert (lesson.text.pause_s, lesson.text.answer_within_s) == (0.6, 8.0)
    (prompt,) = lesson.prompts
    assert (prompt.states_act, prompt.named_contact, prompt.named_by_s) == (False, None, None)
    assert lesson.lines == ("Alexa.", "Are you there?")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"conversations": turns(PROMPT, PROMPT)}, "`here` is learnt twice"),
        ({"conversations": turns({**NAMING, "named_contact": "Tom Reed"})}, "not among `contacts`"),
        ({"conversations": turns({**PROMPT, "says_full_name": True})}, "needs `named_contact`"),
        ({"conversations": turns({**PROMPT, "named_by_s": 1.0})}, "needs `named_contact`"),
        ({"conversations": turns({**PROMPT, "id": "../here"})}, "id"),
        ({"conversations": turns({**PROMPT, "role": "anser"})}, "answer"),
        ({"conversations": [[{"says": ["Alexa."]}]]}, "no turn has a `prompt`"),
        ({"conversations": [[]]}, "conversations"),
        ({"voise": "kokoro:am_michael"}, "did you mean `voice`"),
    ],
)
def test_mistakes_are_told(changes: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=told):
        load_lesson(written(tmp_path, **changes))
