"""How a broken condition becomes a finding: one constructor for each thing it can hang on.

A constructor fills in what the class says: condition, text, limits, sources. What one finding has
more than others is added by `also`; `in_words` writes its sentence last.
"""

from dataclasses import dataclass, replace

from harness.judge.classes import CLASSES, proof
from harness.judge.facts import Frame, Said
from harness.judge.rule import CONDITIONS, LIMITS
from harness.judge.wording import clock_text, shorten, span_text, split_at
from harness.model.ruling import Finding, Grade, Part
from harness.model.timeline import DeedDone, MessageReceived, PromptHeard, Upload

THE_DEVICE = "the device"
Value = tuple[str, float, str]


@dataclass(frozen=True, slots=True)
class Broken:
    """A finding, and the beginning (s) of the activation or session it belongs to.

    Findings are named activation by activation, in each by class: that is the order in which the
    chain breaks. `suspected`: it rests on uploads that only sizes and times tell, so it proves
    nothing.
    """

    anchor_s: float
    finding: Finding
    suspected: bool = False


def on_nothing(
    frame: Frame,
    cls: str,
    at_s: float,
    cause: str,
    detail: str = "",
    grade: Grade | None = None,
) -> Finding:
    """A finding that hangs on nothing that was said."""
    return _of_class(frame, cls, at_s, cause, detail, grade)


def on_line(
    frame: Frame,
    cls: str,
    said: Said,
    cause: str,
    detail: str = "",
    grade: Grade | None = None,
) -> Finding:
    """A finding that hangs on a line."""
    return _quoting(frame, cls, said, said.start_s, said.line.says, cause, detail, grade)


def on_line_until(
    frame: Frame,
    cls: str,
    said: Said,
    at_s: float,
    cause: str,
    detail: str = "",
    grade: Grade | None = None,
) -> Finding:
    """A finding that hangs on what of a line had been said by `at_s`."""
    quote = split_at(said.line.says, _share(said, at_s))[0]
    return _quoting(frame, cls, said, said.start_s, quote, cause, detail, grade)


def on_line_from(
    frame: Frame, cls: str, said: Said, at_s: float, cause: str, detail: str = ""
) -> Finding:
    """A finding that hangs on what of a line was said from `at_s` on."""
    quote = split_at(said.line.says, _share(said, at_s))[1]
    return _quoting(frame, cls, said, max(at_s, said.start_s), quote, cause, detail, None)


def on_prompt(frame: Frame, cls: str, prompt: PromptHeard, cause: str, detail: str = "") -> Finding:
    """A finding that hangs on what the device said."""
    bare = _of_class(frame, cls, prompt.start_s, cause, detail, None)
    return replace(
        bare, quote=shorten(prompt.text), who=THE_DEVICE, rests_on=(prompt_text(prompt),)
    )


def also(
    finding: Finding,
    *rests_on: str,
    measured: tuple[Value, ...] = (),
    condition: int | None = None,
    part: Part | None = None,
) -> Finding:
    """The finding with more facts and measured values, or for another condition or part."""
    number = finding.condition if condition is None else condition
    facts = tuple(dict.fromkeys((*finding.rests_on, *rests_on)))
    return replace(
        finding,
        rests_on=facts,
        values=(*measured, *finding.values),
        condition=number,
        part=part or finding.part,
    )


def in_words(frame: Frame, finding: Finding) -> Finding:
    """The finding with its condition's text and its sentence, once nothing more is added."""
    condition = CONDITIONS[finding.condition]
    said = f": {finding.who} “{finding.quote}”" if finding.quote is not None else ""
    detail = f" ({finding.detail})" if finding.detail else ""
    number = f"condition {condition.number}, " if condition.number else "the rule on "
    sentence = (
        f"{finding.cause[:1].upper()}{finding.cause[1:]} at {clock_text(finding.at_s)}{said}"
        f"{detail}: {finding.cls}, {CLASSES[finding.cls].name}. This breaks {number}"
        f"{condition.name[:1].lower()}{condition.name[1:]}."
    )
    return replace(finding, rule=condition.on(frame.limits), sentence=sentence)


def line_text(said: Said) -> str:
    """A line as a fact in words."""
    to = said.line.to.value
    quote = shorten(said.line.says)
    return f"{said.by.name} to the {to}, “{quote}”, {span_text(said.start_s, said.end_s)}"


def prompt_text(prompt: PromptHeard) -> str:
    """A prompt as a fact in words."""
    return f"the device, “{shorten(prompt.text)}”, {span_text(prompt.start_s, prompt.end_s)}"


def upload_text(upload: Upload) -> str:
    """An upload as a fact in words."""
    where = f"upload to {upload.destination}, {span_text(upload.start_s, upload.end_s)}"
    where += f" ({upload.why.rstrip('.')})" if upload.why else ""
    if upload.holds_from_s is None or upload.holds_until_s is None:
        return where
    return f"{where}, holding {span_text(upload.holds_from_s, upload.holds_until_s)}"


def message_text(message: MessageReceived) -> str:
    """A message as a fact in words."""
    return (
        f"message {message.message_id} to {message.recipient} at {clock_text(message.at_s)}, "
        f"give or take {message.uncertainty_s:.2f} s"
    )


def deed_text(deed: DeedDone) -> str:
    """A deed of the bench as a fact in words."""
    made = "" if deed.network is None else f" ({deed.network.in_words})"
    return f"{deed.deed.value.replace('_', ' ')}{made} at {clock_text(deed.at_s)}"


def _of_class(
    frame: Frame, cls: str, at_s: float, cause: str, detail: str, grade: Grade | None
) -> Finding:
    info, sources = CLASSES[cls], proof(cls, frame.rig.sources)
    limits = tuple(
        (name, float(getattr(frame.limits, name)), LIMITS[name][0]) for name in info.limits
    )
    return Finding(
        cls, info.part, at_s, cause, None, None, None, sources, grade, detail, info.condition,
        values=limits,
    )  # fmt: skip


def _quoting(
    frame: Frame,
    cls: str,
    said: Said,
    at_s: float,
    quote: str,
    cause: str,
    detail: str,
    grade: Grade | None,
) -> Finding:
    bare = _of_class(frame, cls, at_s, cause, detail, grade)
    return replace(
        bare,
        quote=shorten(quote),
        who=said.by.name,
        to=said.line.to.value,
        rests_on=(line_text(said),),
    )


def _share(said: Said, at_s: float) -> float:
    length_s = said.end_s - said.start_s
    return 0.0 if length_s <= 0 else (at_s - said.start_s) / length_s
