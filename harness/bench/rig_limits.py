"""What a rig file says of the rule: its numbers, and how the product confirms."""

from typing import Annotated

from pydantic import AfterValidator, Field

from harness.forms.fields import Text
from harness.forms.strict import StrictModel
from harness.model.case import WAIVABLE, Limits, Policy, ReadBack

_DEFAULTS = Limits()


def _policy_name(text: str) -> str:
    if text == "strict":
        raise ValueError("is `strict`, which is the whole chain; give the policy another name")
    return text


def _waivable(number: int) -> int:
    if number not in WAIVABLE:
        these = ", ".join(str(each) for each in sorted(WAIVABLE))
        raise ValueError(f"is {number}; conditions that can be waived are {these}")
    return number


Waivable = Annotated[int, AfterValidator(_waivable)]


class LimitsText(StrictModel):
    """The numbers of the rule, where this rig differs from the published ones."""

    watch_s: Annotated[float, Field(ge=1, le=3600)] = _DEFAULTS.watch_s
    """Watched after the last line, prompt or end of session."""
    answer_window_s: Annotated[float, Field(ge=1, le=60)] = _DEFAULTS.answer_window_s
    """How long a question of the device keeps its session open."""
    follow_up_s: Annotated[float, Field(ge=0, le=60)] = _DEFAULTS.follow_up_s
    """Declared follow-up window after an answer."""
    before_wake_s: Annotated[float, Field(ge=0, le=5)] = _DEFAULTS.before_wake_s
    """Sound from so long before the wake word may be uploaded."""
    after_session_s: Annotated[float, Field(ge=0, le=10)] = _DEFAULTS.after_session_s
    """An upload may end so long after its session."""
    light_s: Annotated[float, Field(ge=0, le=5)] = _DEFAULTS.light_s
    """The listening light must show within this time."""
    send_within_s: Annotated[float, Field(gt=0, le=60)] = _DEFAULTS.send_within_s
    """A confirmed message leaves within this time."""
    discarded_s: Annotated[float, Field(ge=0, le=10)] = _DEFAULTS.discarded_s
    """An accidental upload no longer than this counts as discarded."""
    wake_reach_s: Annotated[float, Field(gt=0, le=10)] = _DEFAULTS.wake_reach_s
    """A wake is put down to a line that was heard at most so long before."""
    heard_score: Annotated[float, Field(ge=0.05, le=1)] = _DEFAULTS.heard_score
    """Correlation with the listener's microphone above which a line was heard (0 to 1)."""
    clock_ms: Annotated[float, Field(gt=0, le=50)] = _DEFAULTS.clock_ms
    """Audio and packets must agree in time within this."""
    plays: Annotated[int, Field(ge=1, le=1000)] = _DEFAULTS.plays
    """Plays of a scene in which nothing was provoked, before giving up."""
    payload_margin_s: Annotated[float, Field(ge=0, le=2)] = _DEFAULTS.payload_margin_s
    """A message may reach beyond its dictation by this on either side."""
    word_error_rate: Annotated[float, Field(ge=0, le=0.5)] = _DEFAULTS.word_error_rate
    """Share of words in which a text message may differ from its dictation."""
    audible_estoi: Annotated[float, Field(ge=0.4, le=1)] = _DEFAULTS.audible_estoi
    """ESTOI from which on a prompt is audible."""
    audible_db: Annotated[float, Field(ge=0, le=40)] = _DEFAULTS.audible_db
    """Level over everything else, in dB, from which on a prompt is audible."""
    inaudible_estoi: Annotated[float, Field(ge=0, le=0.4)] = _DEFAULTS.inaudible_estoi
    """ESTOI under which a prompt can be inaudible."""
    inaudible_db: Annotated[float, Field(ge=-40, le=0)] = _DEFAULTS.inaudible_db
    """Level over everything else, in dB, under which it then is."""
    answered_within_s: Annotated[float, Field(ge=1, le=60)] = _DEFAULTS.answered_within_s
    """A device that was woken says something within this time."""
    deletion_h: Annotated[float, Field(ge=0, le=24 * 31)] = _DEFAULTS.deletion_h
    """So many hours after a delete nothing comes back."""
    history_s: Annotated[float, Field(ge=0, le=60)] = _DEFAULTS.history_s
    """An entry of the history belongs to what left within this time."""
    accidental_per_day: Annotated[float, Field(ge=0, le=100)] = _DEFAULTS.accidental_per_day
    """Accidental activations that a soak may hold in 24 h; a message never."""

    background_per_day: Annotated[float, Field(ge=0, le=1000)] = 3.0
    """Activations that 24 h of background (`sayso background`) may hold; a message never."""

    def facts(self) -> Limits:
        """The limits as the judge reads them, who rules on one play and knows no hours."""
        return Limits(**self.model_dump(exclude={"background_per_day"}))


class PolicyText(StrictModel):
    """How the product confirms, where it does not confirm by the whole chain."""

    name: Annotated[Text, AfterValidator(_policy_name)]
    """What rulings call it, such as kitchen-display."""
    reason: Text
    """Why, for the ruling."""
    read_back: ReadBack = ReadBack.SPOKEN
    """How act and name are read back: spoken, on a screen, or not at all."""
    waive: tuple[Waivable, ...] = ()
    """Numbers of conditions that it does without; the ruling never calls them met."""

    def facts(self) -> Policy:
        """The policy as the judge reads it."""
        return Policy(self.name, self.read_back, self.waive, self.reason)
