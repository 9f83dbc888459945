"""Rig files of real benches: the examples load, and what makes no sense is told with its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.bench.drivers.interface_sound import interface_setup
from harness.bench.rigfile import load_rig
from harness.errors import RigFileError
from harness.forms.secret import Secret

RIGS = Path(__file__).resolve().parents[2] / "rigs"
GOOD = """\
name: mine
kind: bench
sound:
  loudspeakers: {table: [1.5, 2.5, 1.2], tv: [4.2, 1, 1.5]}
  listener: [3.4, 3.1, 1.1]
device:
  name: my device
  firmware: "7"
  at: [2.6, 0.5, 1]
  control: {voice: "kokoro:af_heart", at: table, says: "Are you there?"}
bench:
  sound:
    interface: Scarlett
    outputs: {table: 1, tv: 2}
    inputs: {listener: 1}
  tap: {interface: eth1, mac: "74:75:48:01:02:03"}
  power:
    driver: kmtronic
    options: {port: "usb:0403:6001"}
"""


def test_the_example_names_all_its_hardware() -> None:
    file = load_rig(RIGS / "bench.example.yaml")
    bench = file.bench
    assert bench is not None and bench.tap is not None and bench.power is not None
    assert (bench.power.driver, bench.power.leave) == ("kmtronic", "open")
    assert bench.power.options["channels"] == 2
    setup = interface_setup(file)
    assert setup.outputs == (0, 1, 2)
    assert (setup.listener, setup.device, setup.loop_out, setup.loop_in) == (0, 1, 3, 3)
    assert (setup.inputs_needed, setup.outputs_needed) == (4, 4)
    assert file.device.called == "kitchen speaker (Example Inc. Speaker 4)"
    assert (file.room, file.cloud, file.device.command) == (None, None, None)


def test_the_satellite_on_a_pi_is_a_bench_with_a_proxy_and_no_tap() -> None:
    file = load_rig(RIGS / "wyoming-pi.example.yaml")
    assert file.proxy is not None and file.proxy.driver == "wyoming"
    assert file.bench is not None and file.bench.tap is None and file.device.open


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("device: {open: false}", "takes `device: open: true`"),
        (
            "bench: {panel: {driver: wyoming, options: {satellite: 10.0.0.2}}}",
            "has a panel already",
        ),
        ("proxy: {driver: wyomin}", "no proxy driver `wyomin`; did you mean `wyoming`"),
        ("proxy: {options: {satelite: 10.0.0.2}}", "did you mean `satellite`"),
        ("proxy: {options: {listen: 80}}", "at least 1024"),
    ],
)
def test_a_proxy_that_makes_no_sense_is_told(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "rig.yaml"
    file.write_text(f"extends: {RIGS / 'wyoming-pi.example.yaml'}\n{text}\n")
    with pytest.raises(RigFileError) as told:
        load_rig(file)
    assert why in str(told.value)


def test_a_simulated_device_has_no_proxy(tmp_path: Path) -> None:
    file = tmp_path / "rig.yaml"
    proxy = "proxy: {driver: wyoming, options: {satellite: 10.77.0.2}}"
    file.write_text(f"extends: {RIGS / 'simulated.yaml'}\ndevice: {{open: true}}\n{proxy}\n")
    with pytest.raises(RigFileError, match="no server that could be told"):
        load_rig(file)


def test_the_pi_is_a_bench_with_another_device() -> None:
    file = load_rig(RIGS / "pi.yaml")
    assert file.bench is not None and file.bench.power is not None
    assert file.bench.power.driver == "tasmota"
    assert file.device.prompts is not None and file.device.prompts.command is not None
    assert file.device.prompts.command[-3] == "{contacts}"
    assert file.known("portland/kitchen") == ("V04",)


def test_all_but_sound_may_be_absent(tmp_path: Path) -> None:
    file = tmp_path / "bare.yaml"
    file.write_text(GOOD[: GOOD.index("  tap:")])
    bench = load_rig(file).bench
    assert bench is not None
    assert (bench.tap, bench.power, bench.panel, bench.inbox) == (None, None, None, None)
    assert interface_setup(load_rig(file)).inputs_needed == 1


@pytest.mark.parametrize(
    ("right", "wrong", "place", "said"),
    [
        ("    driver: kmtronic", "    driver: kmtronik", ":18:13: ", "`kmtronic`"),
        ('{port: "usb:0403:6001"}', "{prot: x}", ":19:15: ", "did you mean `port`"),
        ('{port: "usb:0403:6001"}', '{port: "usb:1"}', ":19:21: ", "usb:VENDOR:PRODUCT"),
        ('{port: "usb:0403:6001"}', "{port: x, channel: 9}", ":19:33: ", "at most 8"),
        ('    options: {port: "usb:0403:6001"}', "", ":18:5: ", "`port` is missing"),
        ("{table: 1, tv: 2}", "{table: 1}", ":14:14: ", "`tv` has no output"),
        ("{table: 1, tv: 2}", "{table: 1, tv: 1}", ":14:14: ", "output 1 stands here 2 times"),
        ("{table: 1, tv: 2}", "{table: 1, tb: 2, tv: 3}", ":14:29: ", "at `tb`"),
        ("{listener: 1}", "{listener: 1, device: 1}", ":15:13: ", "input 1 stands here 2"),
        ("{listener: 1}", "{listener: 0}", ":15:24: ", "at least 1"),
        ("74:75:48:01:02:03", "74:75", ":16:31: ", "a MAC address such as"),
        ("interface: eth1", "interface: no such", ":16:20: ", "`ip link`"),
        ("kind: bench", "kind: virtual", ":", "`bench` is for `kind: bench`"),
        ("kind: bench", "kind: bensh", ":2:7: ", "did you mean `bench`"),
        ('  firmware: "7"', '  firmware: "7"\n  panel: true', ":9:10: ", "`bench: panel: ...`"),
        ('  firmware: "7"', '  firmware: "7"\n  open: true', ":9:9: ", "SSLKEYLOGFILE"),
        ('03"}', '03", key_log: keys}', ":16:61: ", "`device: open: true`"),
        ('  firmware: "7"', '  firmware: "7"\n  command: [x]', ":9:12: ", "means nothing on a"),
        (
            "  power:",
            "  link: {bridge: br0, device_side: eth1, cloud_side: eth1}\n  power:",
            ":17:",
            "names one interface twice",
        ),
        (
            "  power:",
            "  link: {bridge: br0, device_side: eth2, cloud_side: eth0}\n  power:",
            ":16:20: ",
            "capture there (`device_side`)",
        ),
        (
            "bench:\n",
            'wire: {tap: {mac: "02:00:00:00:00:01"}}\nbench:\n',
            ":11:19: ",
            "take this one out",
        ),
        (
            "    interface: Scarlett",
            "    microphones: Scarlett\n    interface: Scarlett",
            ":",
            "leave `microphones` out",
        ),
        ('03"}', '03", ssh: {host: ap}}', ":16:57: ", "needs the device's address"),
        ('03"}', '03", ssh: {hots: ap}}', ":16:58: ", "did you mean `host`"),
        ("74:75:48:01:02:03", "75:75:48:01:02:03", ":16:31: ", "an address of many"),
        ("  power:", "  inbox: {driver: imp}\n  power:", ":17:19: ", "no inbox driver `imp`"),
    ],
)
def test_mistakes_are_told_where_they_stand(
    told: Callable[[str], str], right: str, wrong: str, place: str, said: str
) -> None:
    assert GOOD.count(right) == 1
    what = told(GOOD.replace(right, wrong))
    assert place in what and said in what


def test_nobody_takes_the_rigs_word_for_what_its_inbox_shows(told: Callable[[str], str]) -> None:
    silent = GOOD.replace("  control:", "  sends_messages: false\n  control:")
    inbox = "  inbox: {driver: folder, options: {contacts: {Thomas Reed: /tmp}}}\n  power:"
    assert "take `sends_messages` out" in told(silent.replace("  power:", inbox))


def test_a_bench_needs_its_hardware_and_a_virtual_rig_its_programs(
    told: Callable[[str], str],
) -> None:
    assert "`bench` is missing" in told(GOOD[: GOOD.index("bench:\n  sound")])
    virtual = told(GOOD[: GOOD.index("bench:\n  sound")].replace("kind: bench", "kind: virtual"))
    for part in ("`room` is missing", "`cloud` is missing", "`command` is missing"):
        assert part in virtual


def test_a_secret_is_named_and_never_written() -> None:
    secret = Secret.model_validate({"env": "BENCH_MAIL"})
    assert secret.value({"BENCH_MAIL": "s3cret"}) == "s3cret"
    with pytest.raises(Exception, match="BENCH_MAIL is not set"):
        secret.value({"BENCH_MAIL": ""})
    for wrong in ("s3cret", {"env": "no such name"}, {"env": "A", "or": "b"}):
        with pytest.raises(ValueError, match="Secret"):
            Secret.model_validate(wrong)


def test_what_a_tap_on_another_machine_cannot_have_is_told(told: Callable[[str], str]) -> None:
    ring = "wire: {tap: {address: 10.0.0.2, ring: {file_s: 60}}}\nbench:\n"
    link = "  link: {bridge: br0, device_side: eth1, cloud_side: eth0}\n  power:"
    text = GOOD.replace("bench:\n", ring).replace('03"}', '03", ssh: {host: ap}}')
    what = told(text.replace("  power:", link))
    assert "writes one file; take `ring` out" in what
    assert "a link of this machine is not seen by a tap on another" in what
