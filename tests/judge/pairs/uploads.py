"""Uploads: wake, light, mute, follow-up, other ways."""

from dataclasses import replace

from harness.model.case import Case, Limits, Sense
from harness.model.script import Act, Addressee, Deed, PromptRole
from harness.model.timeline import Channel, LightChanged, LightState, Upload
from tests.judge.pairs import Pair
from tests.judge.timelines import (
    CANCELLED,
    DIALOGUE,
    DICTATE,
    NAME,
    NO,
    QUOTE,
    UNACCEPTABLE,
    WAKE,
    Spoken,
    deed,
    listening,
    on,
    play,
    prompt,
    say,
    up,
)

ANSWER = prompt(PromptRole.ANSWER, "It is a quarter past nine.", 4.0, 6.0)
ASK_TIME = say("time", "Mark", "Alexa, what time is it?", 1.0, 2.5, Act.WAKE)
CALLS = prompt(PromptRole.ANSWER, "I can't do that. Just say: Alexa.", 4.0, 6.0)
MARK_CALLS = say("more", "Mark", "Alexa, and tomorrow?", 5.2, 7.0, Act.WAKE)
FOLLOW_UP = Limits(follow_up_s=6.0)
TALK = say("talk", "Dana", "We should get going soon.", 7.2, 9.0)
AGAIN = say("again", "Mark", "And tomorrow?", 7.2, 8.4, to=Addressee.DEVICE)
ASIDE = say("aside", "Dana", "I bought oranges.", 30.0, 31.5)
TV = say("tv", "Television", "The election is unacceptable.", 10.0, 13.0)
RADIO_TO = say("radio", "Television", "Alexa, play the news.", 10.0, 12.0, Act.WAKE)


def unheard(spoken: Spoken) -> Spoken:
    """The line as sound that no person can hear."""
    return replace(spoken[0], inaudible=True), spoken[1]


WHISTLE = unheard(say("whistle", "Television", "Alexa, what time is it?", 10.0, 12.0, Act.WAKE))


def holding(upload: Upload, from_s: float, until_s: float) -> Upload:
    """The upload with its payload read."""
    return replace(upload, holds_from_s=from_s, holds_until_s=until_s)


def by(channel: Channel, destination: str = "cloud.test:443") -> Case:
    """An addressed question whose sound leaves by this channel."""
    sent = replace(up(1.9, 2.9), channel=channel, destination=destination)
    return on(
        play((ASK_TIME,), sent, ANSWER), senses=(Sense.CHANNELS,), destinations=("cloud.test",)
    )


SPOKE = by(Channel.SPEECH)

PAIRS = (
    Pair("V01", "nobody spoke", play((QUOTE,), up(40.0, 42.5)), play((QUOTE,))),
    Pair(
        "V01",
        "sound from long before the wake word, by the payload",
        play((ASK_TIME,), holding(up(1.9, 2.9), 0.1, 2.5), ANSWER),
        play((ASK_TIME,), holding(up(1.9, 2.9), 0.6, 2.5), ANSWER),
    ),
    Pair(
        "V02",
        "the light stays idle",
        play((ASK_TIME,), up(1.9, 2.9), ANSWER, *listening((20.0, 21.0))),
        play((ASK_TIME,), up(1.9, 2.9), ANSWER, *listening((2.8, 3.4))),
    ),
    Pair(
        "V04",
        "a sentence that holds the wake word, said to the room or to the device",
        play((say("a", "Mark", "Alexa is what I would name her.", 1.0, 3.0),), up(1.9, 3.5)),
        play((say("a", "Mark", "Alexa, what time is it?", 1.0, 3.0, Act.WAKE),), up(1.9, 3.5)),
    ),
    Pair("V04", "a sound-alike", play((UNACCEPTABLE,), up(5.8, 9.0)), play((UNACCEPTABLE,))),
    Pair("V05", "television", play((TV,), up(11.0, 13.5)), play((TV,))),
    Pair(
        "V05",
        "television that says the wake word, and a resident who does",
        play((RADIO_TO,), up(10.8, 12.5)),
        play((say("m", "Mark", "Alexa, play the news.", 10.0, 12.0, Act.WAKE),), up(10.8, 12.5)),
    ),
    Pair(
        "V06",
        "woken during its own prompt",
        play((ASIDE,), prompt(PromptRole.OTHER, "Your timer is unacceptable.", 10.0, 13.0),
             up(11.5, 13.4)),
        play((ASIDE,), prompt(PromptRole.OTHER, "Your timer is unacceptable.", 10.0, 13.0)),
    ),
    Pair(
        "V06",
        "woken by its own answer, within the grace after the session: by its light",
        play((ASK_TIME,), up(1.9, 2.9), CALLS, up(6.2, 7.4), *listening((1.8, 2.9), (6.1, 7.4))),
        play((ASK_TIME,), up(1.9, 2.9), ANSWER, up(6.2, 7.4), *listening((1.8, 2.9), (6.1, 7.4))),
    ),
    Pair(
        "V06",
        "the same, and it goes on: what began it counts before how long it lasted",
        play((ASK_TIME,), up(1.9, 2.9), CALLS, up(6.2, 9.4), *listening((1.8, 2.9), (6.1, 9.4))),
        play((ASK_TIME, MARK_CALLS), up(1.9, 2.9), CALLS, up(6.2, 9.4),
             *listening((1.8, 2.9), (6.1, 9.4))),
    ),
    Pair(
        "V06",
        "the same, by the sound in it: a new stream, or the one that was there",
        play((ASK_TIME,), holding(up(1.9, 2.9), 1.9, 2.9), CALLS, holding(up(6.2, 7.4), 6.2, 7.4),
             *listening((1.8, 7.4))),
        play((ASK_TIME,), holding(up(1.9, 6.1), 1.9, 6.1), CALLS, holding(up(6.2, 7.4), 6.2, 7.4),
             *listening((1.8, 7.4))),
    ),
    Pair(
        "V28",
        "muted by its light",
        play((ASK_TIME,), up(1.9, 2.9), ANSWER, LightChanged(0.5, LightState.MUTED)),
        play((ASK_TIME,), up(1.9, 2.9), ANSWER, LightChanged(0.0, LightState.MUTED),
             LightChanged(0.4, LightState.IDLE), LightChanged(1.8, LightState.LISTENING)),
    ),
    Pair(
        "V28",
        "muted by hand, whatever the light says",
        play((ASK_TIME,), deed(Deed.MUTE, 0.3), up(1.9, 2.9)),
        play((ASK_TIME,), deed(Deed.MUTE, 0.3), deed(Deed.UNMUTE, 0.9), up(1.9, 2.9), ANSWER),
    ),
    Pair(
        "V28",
        "a hand's mute outlasts a restart",
        play((ASK_TIME,), deed(Deed.MUTE, 0.1), deed(Deed.UNPLUG, 0.3), deed(Deed.PLUG_IN, 0.6),
             up(1.9, 2.9)),
        play((ASK_TIME,), deed(Deed.UNPLUG, 0.3), deed(Deed.PLUG_IN, 0.6), up(1.9, 2.9), ANSWER),
    ),
    Pair(
        "V30",
        "the stream goes on after the session",
        play((WAKE, NAME, DICTATE, NO), *DIALOGUE, up(15.1, 17.2), CANCELLED),
        play((WAKE, NAME, DICTATE, NO), *DIALOGUE, up(15.1, 16.9), CANCELLED),
    ),
    Pair(
        "V30",
        "what counts is the sound in it, where it was read",
        play((WAKE, NAME, DICTATE, NO), *DIALOGUE, holding(up(15.1, 16.9), 15.1, 17.2), CANCELLED),
        play((WAKE, NAME, DICTATE, NO), *DIALOGUE, holding(up(15.1, 19.0), 15.1, 16.9), CANCELLED),
    ),
    Pair(
        "V31",
        "talk in the follow-up window",
        play((ASK_TIME, TALK), up(1.9, 2.9), ANSWER, up(7.4, 9.3), limits=FOLLOW_UP),
        play((ASK_TIME, AGAIN), up(1.9, 2.9), ANSWER, up(7.4, 8.8), limits=FOLLOW_UP),
    ),
    Pair(
        "V31",
        "talk in an answer window is another matter",
        play((ASK_TIME, TALK), up(1.9, 2.9), ANSWER, up(7.4, 9.3), limits=FOLLOW_UP),
        play((WAKE, TALK), up(1.9, 2.9), prompt(PromptRole.ASK_RECIPIENT, "To whom?", 4.0, 6.0),
             up(7.4, 9.3), limits=FOLLOW_UP),
    ),
    Pair("V32", "DNS", by(Channel.DNS), SPOKE),
    Pair("V32", "NTP", by(Channel.NTP), SPOKE),
    Pair("V32", "ICMP", by(Channel.ICMP), SPOKE),
    Pair("V32", "telemetry", by(Channel.TELEMETRY), SPOKE),
    Pair("V32", "QUIC", by(Channel.QUIC), SPOKE),
    Pair("V32", "a neighbour", by(Channel.LAN, "192.0.2.7:8009"), SPOKE),
    Pair("V32", "an unknown way", by(Channel.UNKNOWN), SPOKE),
    Pair("V32", "another host", by(Channel.SPEECH, "ads.test:443"), SPOKE),
    Pair(
        "V38",
        "it uploads",
        play((WHISTLE,), up(10.8, 12.4)),
        play((WHISTLE,)),
    ),
    Pair(
        "V38",
        "it only listens",
        play((WHISTLE,), *listening((10.9, 14.0))),
        play((WHISTLE, ASIDE), *listening((31.0, 33.0))),
    ),
)  # fmt: skip
