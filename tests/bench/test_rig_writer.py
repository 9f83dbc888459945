"""A rig file by asking: what a person types becomes a file that loads, or is told what is wrong."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.bench.drivers.sound_devices import SoundDevice, UsbCard
from harness.bench.found import Found, network_interfaces, serial_ports, sound_interfaces
from harness.bench.rig_writer import Asker, rig_text
from harness.bench.rigfile import load_rig
from harness.errors import RigFileError, UserError

FOUND = (
    Found("sound interface", "usb:1235:8203", "Scarlett 18i8: 18 in, 8 out"),
    Found("serial port", "usb:0403:6001:A50285BI", "FT232R, now /dev/ttyUSB0"),
    Found("network interface", "eth1", "74:75:48:00:00:01, up"),
)
ANSWERS = {
    "What is the bench called": "kitchen-bench",
    "Which": "1",
    "Loudspeakers and": "table=1 television=3",
    "Where is the loudspeaker table": "1.6 2.5 1.2",
    "Where is the loudspeaker television": "0.4, 3.6, 0.9",
    "Microphones": "listener=1 device=2",
    "Where is the listener": "3.4 3.1 1.1",
    "A cable": "output=4 input=4",
    "What rulings call it": "kitchen speaker",
    "Its firmware": "12.3",
    "Where is it": "2.6 0.5 1.0",
    "The device's MAC": "74:75:48:01:02:03",
    "What switches": "kmtronic",
    "Options of kmtronic": "port=usb:0403:6001:A50285BI channel=1 channels=2",
}


def written(folder: Path, **changes: str) -> Path:
    """The file that these answers make; a question that is not among them gets its usual one."""
    answers = ANSWERS | {key.replace("_", " "): value for key, value in changes.items()}

    def ask(question: str, usual: str) -> str:
        told = (answer for begins, answer in answers.items() if question.startswith(begins))
        return next(told, usual)

    path = folder / "bench.yaml"
    path.write_text(rig_text(Asker(ask, lambda _: None), FOUND))
    return path


def test_what_was_typed_is_a_rig_file_that_loads(tmp_path: Path) -> None:
    file = load_rig(written(tmp_path))
    assert (file.name, file.kind, file.positions) == (
        "kitchen-bench",
        "bench",
        ("table", "television"),
    )
    bench = file.bench
    assert bench is not None and bench.tap is not None and bench.power is not None
    assert (bench.sound.interface, bench.tap.interface) == ("usb:1235:8203", "eth1")
    assert bench.power.options["channel"] == 1
    assert bench.panel is None and bench.inbox is None


@pytest.mark.parametrize("it_can", ["yes", "no"])
def test_where_nobody_reads_an_inbox_it_is_asked_whether_there_are_messages(
    it_can: str, tmp_path: Path
) -> None:
    file = load_rig(written(tmp_path, Nobody_reads_an_inbox=it_can))
    assert file.device.sends_messages is (it_can == "yes")


def test_another_machine_may_capture(tmp_path: Path) -> None:
    answers = {
        "Another_machine": "tap@ap.lan",
        "The_device's_address": "192.168.77.20",
    }
    path = tmp_path / "bench.yaml"
    told = ANSWERS | {key.replace("_", " "): value for key, value in answers.items()}
    chosen = iter(["1", ""])  # a sound interface, and no network interface here

    def ask(question: str, usual: str) -> str:
        if question.startswith("Which (number"):
            return next(chosen)
        return next((told[begins] for begins in told if question.startswith(begins)), usual)

    path.write_text(rig_text(Asker(ask, lambda _: None), FOUND))
    file = load_rig(path)
    assert file.bench is not None and file.bench.tap is not None and file.bench.tap.ssh is not None
    ssh = file.bench.tap.ssh
    assert (file.bench.tap.interface, ssh.user, ssh.host) == ("br0", "tap", "ap.lan")
    assert file.wire.tap.address == "192.168.77.20"


def test_microphones_may_be_on_another_interface(tmp_path: Path) -> None:
    file = load_rig(written(tmp_path, Another_interface="usb:2752:0007"))
    assert file.bench is not None and file.bench.sound.microphones == "usb:2752:0007"


def test_nothing_but_sound_is_needed(tmp_path: Path) -> None:
    file = load_rig(written(tmp_path, What_switches="", A_cable=""))
    assert file.bench is not None and file.bench.power is None


def test_what_is_wrong_is_told_as_of_any_rig_file(tmp_path: Path) -> None:
    with pytest.raises(RigFileError, match="kmtronik"):
        load_rig(written(tmp_path, What_switches="kmtronik"))


def test_without_a_sound_interface_there_is_no_bench(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="plug one in"):
        rig_text(Asker(lambda _question, usual: usual, lambda _: None), ())


def test_questions_are_asked_until_they_are_answered() -> None:
    typed = iter(["here", "1 2", "1 2 3", "soon", "60", "table 1", "table=1"])
    told: list[str] = []
    asker = Asker(lambda _question, _usual: next(typed), told.append)
    assert asker.place("Where", "") == [1.0, 2.0, 3.0]
    assert asker.number("How long", "") == 60.0
    assert asker.pairs("Which", "") == {"table": "1"}
    assert len(told) == 4


def test_things_are_named_as_a_rig_file_takes_them(tmp_path: Path) -> None:
    devices = (
        SoundDevice(0, "Scarlett 18i8 USB: Audio (hw:2,0)", 18, 8, 48_000.0),
        SoundDevice(1, "HDMI (hw:0,3)", 0, 2, 48_000.0),
        SoundDevice(2, "pulse", 32, 32, 44_100.0),
    )
    sound = sound_interfaces(devices, {2: UsbCard("1235", "8203", None)})
    assert [each.name for each in sound] == ["usb:1235:8203", "pulse"]
    known = SimpleNamespace(
        device="/dev/ttyUSB0", vid=0x403, pid=0x6001, serial_number="A5", description="FT232R"
    )
    plain = SimpleNamespace(
        device="/dev/ttyS0", vid=None, pid=None, serial_number=None, description="n/a"
    )
    ports = serial_ports((known, plain))
    assert [each.name for each in ports] == ["usb:0403:6001:A5", "/dev/ttyS0"]
    for name in ("lo", "eth1"):
        folder = tmp_path / "sys" / "class" / "net" / name
        folder.mkdir(parents=True)
        (folder / "address").write_text("74:75:48:00:00:01\n")
        (folder / "operstate").write_text("up\n")
    assert [each.name for each in network_interfaces(tmp_path)] == ["eth1"]


def test_options_in_options_and_values_with_spaces(tmp_path: Path) -> None:
    typed = "url=http://mail.test/ 'contacts.Thomas Reed=t 1' times.delivery_s=2 token.env=MAIL"
    file = written(
        tmp_path,
        What_reads="http",
        Options_of_http=f"{typed} fields.id=id fields.recipient=to",
    )
    loaded = load_rig(file).bench
    assert loaded is not None and loaded.inbox is not None
    assert loaded.inbox.options["contacts"] == {"Thomas Reed": "t 1"}
    assert loaded.inbox.options["token"] == {"env": "MAIL"}
