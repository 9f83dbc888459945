"""A scene that is right in all it says, and a corpus that has a recording of everything."""

from pathlib import Path

GOOD = """\
title: A test
about: what it is for
household:
  contacts: [Thomas Reed, Grace Miller]
  guests_may_consent: false
cast:
  dana: {voice: "kokoro:af_heart", role: resident, at: table}
  mark: {voice: "kokoro:am_michael", role: guest, at: counter}
background:
  - {sound: kitchen_noise, at: window, level_db: -30}
lines:
  - {who: dana, says: "So what?", to: room, when: {at_s: 0.5}}
  - {who: mark, says: "Alexa. A message.", to: device, act: [wake, request], when: {pause_s: 1}}
  - {who: mark, says: "Thomas Reed.", to: device, act: name, names: Thomas Reed, when: {pause_s: 2}}
  - {who: mark, says: "Yes.", to: device, act: confirm, level_db: -6,
     when: {after_prompt: read_back, pause_s: 0.7, within_s: 12}}
expect:
  messages: [{to: Thomas Reed}]
  answered: true
watch_s: 25
demands: [V04]
"""


class Folder:
    """A corpus that has one recording of everything."""

    def __init__(self, clip: Path) -> None:
        self.clip_path = clip

    def clip(self, voice: str, text: str) -> Path:
        return self.clip_path

    def sound(self, name: str) -> Path:
        return self.clip_path
