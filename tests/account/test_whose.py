"""Whose a recording is: what was witnessed decides, then the sound, then nothing does."""

from harness.account.facts import account_facts
from harness.account.owner import Told
from harness.account.sound import digest_of
from harness.account.whose import Known
from harness.bench.ports.account import Export, ExportFile, History, HistoryItem
from harness.model.account import EntryHeard, ExportItem, Whose
from rigs.reference_cloud.services.exports import wav

OURS = wav(b"\1\0" * 400)
FILE = ExportFile("1.wav", OURS, None)


def by_sound(audio: bytes, at_unix_s: float | None, unsure_s: float) -> tuple[Whose, str]:
    return Whose.FOREIGN, f"{len(audio)} bytes of {at_unix_s} +- {unsure_s}"


def test_what_was_witnessed_decides_before_the_sound() -> None:
    known = Known(frozenset({digest_of(OURS)}), frozenset(), by_sound)
    assert known.whose_file(FILE)[0] is Whose.OURS
    assert Known(frozenset(), frozenset(), by_sound).whose_file(FILE)[0] is Whose.FOREIGN
    odd = ExportFile("2.wav", b"no sound", None)
    assert known.whose_file(odd)[0] is Whose.UNREADABLE


def test_where_nobody_saw_it_the_sound_is_asked() -> None:
    file = ExportFile("1.wav", OURS, None, 7.0, None, 30.0)
    asked = Known(None, frozenset(), by_sound).whose_file(file)
    assert asked == (Whose.FOREIGN, f"{len(OURS)} bytes of 7.0 +- 30.0")
    assert Known(None).whose_file(file)[0] is Whose.UNKNOWN


def test_words_alone_are_known_by_their_entry() -> None:
    words = ExportFile("3", None, "call home", entry_id="m1")
    assert Known(None, frozenset({"m1"})).whose_file(words)[0] is Whose.OURS
    assert Known(None).whose_file(words)[0] is Whose.UNKNOWN


def told() -> Told:
    """A history with a sound in it, and an export with another."""
    item = HistoryItem("u1", 5.0, 30.0, "interaction", "call home", has_audio=True)
    strange = ExportFile("Anna at the doctor.wav", wav(b"\2\0" * 99), None, 5.0, "u9", 54_001.0)
    return Told(
        histories=[(9.0, History((item,), saving=True))],
        heard=[(9.0, item, OURS)],
        exports=[(9.0, Export((FILE, strange)))],
        witnessed=frozenset({digest_of(OURS)}),
    )


def test_the_sounds_of_a_history_become_facts() -> None:
    facts = list(account_facts(told(), lambda unix_s: unix_s))
    (heard,) = (fact for fact in facts if isinstance(fact, EntryHeard))
    assert (heard.entry_id, heard.whose, heard.at_s) == ("u1", Whose.OURS, 9.0)
    assert heard.sha256 == digest_of(OURS)


def test_of_a_strangers_file_neither_name_nor_entry_is_told() -> None:
    facts = list(account_facts(told(), lambda unix_s: unix_s))
    ours, strange = (fact for fact in facts if isinstance(fact, ExportItem))
    assert (ours.item_id, strange.item_id) == ("1.wav", "number 2")
    assert strange.whose is Whose.FOREIGN and strange.entry_id is None


def test_a_time_without_a_zone_says_nothing_of_a_deletion() -> None:
    facts = list(account_facts(told(), lambda unix_s: unix_s))
    assert [fact.recorded_s for fact in facts if isinstance(fact, ExportItem)] == [None, None]
