"""Deeds in a scene file: mute, power and network, among the lines."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import SceneError
from harness.model.network import NetworkCondition
from harness.model.script import AfterLine, AfterPrompt, AtTime, Deed, Doing, PromptRole, Script
from harness.scene.loader import load_scene
from harness.scene.schema import SCHEMA_FOLDER
from harness.scene.sources import NoClips

GOOD = """\
title: A test
household:
  contacts: [Thomas Reed]
cast:
  mark: {voice: "kokoro:am_michael", role: resident, at: counter}
lines:
  - {do: network_off, when: {at_s: 0.5}}
  - {who: mark, says: "Alexa. A message to Thomas.", to: device, act: wake, when: {pause_s: 1}}
  - {do: mute, id: hand over, when: {after_prompt: read_back, pause_s: 0.2, within_s: 9}}
  - {do: unmute, when: {pause_s: 2}}
  - {do: unplug, when: {pause_s: 2}}
  - {who: mark, says: "So what?", to: room, when: {at_s: 20}}
"""
POOR = {"kbit_s": 16}


def loaded(folder: Path, text: str) -> Script:
    file = folder / "x.scene.yaml"
    file.write_text(text, encoding="utf-8")
    return load_scene(file, NoClips(), require_clips=False)


@pytest.fixture
def told(tmp_path: Path) -> Callable[[str], str]:
    """What is said of a scene of that text; fails where nothing is."""

    def load(text: str) -> str:
        with pytest.raises(SceneError) as caught:
            loaded(tmp_path, text)
        return str(caught.value)

    return load


def test_deeds_become_doings_between_the_lines(tmp_path: Path) -> None:
    script = loaded(tmp_path, GOOD)
    assert [line.id for line in script.lines] == ["02-mark", "06-mark"]
    assert script.doings == (
        Doing("01-network_off", Deed.NETWORK_OFF, AtTime(0.5), None),
        Doing("hand over", Deed.MUTE, AfterPrompt(PromptRole.READ_BACK, 0.2, 9.0), "02-mark"),
        Doing("04-unmute", Deed.UNMUTE, AfterLine(2.0), "hand over"),
        Doing("05-unplug", Deed.UNPLUG, AfterLine(2.0), "04-unmute"),
    )
    schema = yaml.safe_load((SCHEMA_FOLDER / "scene.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(yaml.safe_load(GOOD), schema)


def test_a_scene_without_deeds_is_as_it_was(tmp_path: Path) -> None:
    only_lines = "".join(line for line in GOOD.splitlines(keepends=True) if "{do:" not in line)
    script = loaded(tmp_path, only_lines)
    assert script.doings == () and [line.id for line in script.lines] == ["01-mark", "02-mark"]


@pytest.mark.parametrize(
    ("old", "new", "spot", "said"),
    [
        ("do: mute", "do: mutte", "mutte", "did you mean `mute`?"),
        ("do: mute", "do: no", "no, id", "must be one of `mute`, `unmute`"),
        ("do: unplug, when", "do: unplug, wen", "wen:", "did you mean `when`?"),
        ("id: hand over", "idd: hand over", "idd", "did you mean `id`?"),
        ("do: unplug, when", "do: unplug, who: mark, when", "who: mark, when: {pause_s: 2}",
         "`who` is not a key here"),
        ("do: mute, id", "do: unmute, id", "unmute, id", "write `do: mute` before it"),
        ("do: unplug", "do: plug_in", "plug_in", "`plug_in` without `unplug`"),
        ("do: unplug", "do: network_off", "network_off, when: {pause_s: 2}",
         "without a network already, since line 7"),
        ("do: unmute", "do: network_on", "network_on", None),
        ("do: unmute", "do: mute", "mute, when: {pause_s: 2}", "muted already, since line 9"),
        ("id: hand over", "id: 02-mark", "02-mark", "another entry is called `02-mark`"),
        ("id: hand over", "id: restored-x", "restored-x", "the stage's own"),
        ("{at_s: 20}", "{at_s: 0.2}", "0.2}", "before the 0.5 s of line 7"),
        ("{at_s: 0.5}", "{}", "{}", "`when` is empty"),
        (", within_s: 9", "", "{after_prompt", "also needs `within_s`"),
        ("{at_s: 20}", "{after_prompt: sent, pause_s: 1, within_s: 3}", "sent",
         "unplugged since line 11 and says nothing"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_place_and_a_way_out(
    tmp_path: Path, told: Callable[[str], str], old: str, new: str, spot: str, said: str | None
) -> None:
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    if said is None:
        assert len(loaded(tmp_path, text).doings) == 4
        return
    message = told(text)
    assert said in message
    before = text[: text.rindex(spot)]
    assert f":{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: " in message


def test_the_button_needs_power(told: Callable[[str], str]) -> None:
    message = told(GOOD + "  - {do: mute, when: {pause_s: 1}}\n")
    assert ":13:10: a device without power takes no `mute`" in message


AGAIN = ", how: {kbit_s: 9}"
_HOW = "how: {kbit_s: 64, delay_ms: 300, drop_percent: 2, no_udp_443: true}"


def poorly(how: str, more: str = "") -> str:
    """The good scene, with its network made poor in place of cut, and something after that."""
    return GOOD.replace("{do: network_off,", f"{{do: network_poor{how},") + more


def test_a_network_is_made_poor_as_it_says(tmp_path: Path) -> None:
    text = poorly(f", {_HOW}")
    first, *_ = loaded(tmp_path, text).doings
    assert first.deed is Deed.NETWORK_POOR
    assert first.network == NetworkCondition(64.0, 300.0, 2.0, True)
    assert "64 kbit/s, 300 ms late each way, 2 % lost, no UDP 443" in first.in_words
    schema = yaml.safe_load((SCHEMA_FOLDER / "scene.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(yaml.safe_load(text), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(poorly(", how: {}")), schema)


def test_one_poor_network_follows_another_or_a_cut(tmp_path: Path) -> None:
    rows = ("network_poor, how: {kbit_s: 16}", "network_off", "network_poor, how: {kbit_s: 16}",
            "network_on", "network_poor, how: {delay_ms: 9}")  # fmt: skip
    more = "".join(f"  - {{do: {row}, when: {{pause_s: 1}}}}\n" for row in rows)
    doings = loaded(tmp_path, poorly(", how: {kbit_s: 64}", more)).doings
    assert [d.network.kbit_s for d in doings if d.network is not None] == [64, 16, 16, None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (poorly(""), "`network_poor` needs `how`; write `{do: network_poor, how: {kbit_s: 16}"),
        (poorly(", how: {}"), "nothing is poor about this network; name at least one of `kbit_s`"),
        (poorly(", how: {delay_s: 2}"), "did you mean `delay_ms`?"),
        (poorly(", how: {delay_ms: 0}"), "`delay_ms` is `0`; it must be more than 0"),
        (poorly(", how: {drop_percent: 101}"), "it must be at most 100"),
        (poorly(", how: {kbit_s: fast}"), "`kbit_s` must be a number, not the text `fast`"),
        (poorly(", how: {no_udp_443: false}"), "nothing is poor about this network"),
        (poorly(", how: slow"), "`how` must be a map of `key: value`, not `slow`"),
        (GOOD.replace("do: mute", "do: mute, how: {kbit_s: 1}"), "`how` belongs to `{do: network"),
        (poorly(AGAIN, f"  - {{do: network_poor{AGAIN}, when: {{pause_s: 1}}}}"),
         "the network is so already, since line 7"),
    ],
)  # fmt: skip
def test_each_mistake_in_a_poor_network_is_told(
    told: Callable[[str], str], text: str, said: str
) -> None:
    assert said in told(text)


def test_a_scene_of_deeds_alone_is_refused(told: Callable[[str], str]) -> None:
    text = "".join(line for line in GOOD.splitlines(keepends=True) if "who:" not in line)
    assert "nothing is said in this scene" in told(text)


def fits(deeds: Sequence[Deed]) -> bool:
    """The rule, said another way: a deed changes one of three things, and it does change it."""
    now = {"sound": Deed.UNMUTE, "power": Deed.PLUG_IN, "network": Deed.NETWORK_ON}
    for deed in deeds:
        thing = _THING[deed]
        if now[thing] is deed or (thing == "sound" and now["power"] is Deed.UNPLUG):
            return False
        now[thing] = deed
    return True


_THING = {
    Deed.MUTE: "sound",
    Deed.UNMUTE: "sound",
    Deed.UNPLUG: "power",
    Deed.PLUG_IN: "power",
    Deed.NETWORK_OFF: "network",
    Deed.NETWORK_POOR: "network",
    Deed.NETWORK_ON: "network",
}


def written(deed: Deed) -> dict[str, Any]:
    """A deed as a scene file has it."""
    how = {"how": dict(POOR)} if deed is Deed.NETWORK_POOR else {}
    return {"do": deed.value, **how, "when": {"pause_s": 1}}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.sampled_from([d for d in Deed if not d.is_owners]), max_size=6))
def test_what_loads_takes_and_gives_by_turns(tmp_path: Path, deeds: list[Deed]) -> None:
    data: dict[str, Any] = yaml.safe_load(GOOD)
    data["lines"] = data["lines"][1:2] + [written(deed) for deed in deeds]
    text = yaml.safe_dump(data)
    if fits(deeds):
        assert [doing.deed for doing in loaded(tmp_path, text).doings] == deeds
    else:
        with pytest.raises(SceneError):
            loaded(tmp_path, text)
