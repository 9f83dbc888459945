"""Kinds of value that several forms share: what is allowed, and what to say of the rest."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.json_schema import WithJsonSchema

Seconds = Annotated[float, Field(ge=0, le=3600)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
VIOLATION_CLASSES = tuple(f"V{number:02d}" for number in range(1, 40))
_NAME = re.compile(r"\w[\w -]{0,40}")


def _class_id(text: str) -> str:
    if text not in VIOLATION_CLASSES:
        raise ValueError(f"is `{text}`; violation classes are V01 to V{len(VIOLATION_CLASSES)}")
    return text


def _voice(text: str) -> str:
    engine, colon, voice = text.partition(":")
    if not (engine.strip() and colon and voice.strip()):
        raise ValueError(f'is `{text}`; write engine and voice, such as "kokoro:af_heart"')
    return text


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"is named `{text}`; use letters, digits, blanks, - and _")
    return text


ClassId = Annotated[
    str,
    AfterValidator(_class_id),
    WithJsonSchema({"type": "string", "enum": list(VIOLATION_CLASSES)}),
]
Name = Annotated[str, AfterValidator(_name)]
VoiceName = Annotated[
    str, AfterValidator(_voice), WithJsonSchema({"type": "string", "pattern": "^[^:]+:.+$"})
]
