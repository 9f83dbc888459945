"""What the reader says of captures of real programs: flows, names, uploads, and their sound."""

import json
from pathlib import Path

import pytest

from harness.bench.drivers.namespaces import DEVICE_ADDRESS
from harness.wire import UploadLimits, read_wire
from harness.wire.flows import FlowReader, read_files
from harness.wire.payload import Held, Room, held, read_connections
from tests.wire.payload.captures import sound
from tests.wire.recipes.making import FlowFacts, make
from tests.wire.recipes.stacks import HOST, RECIPES, Recipe, is_there

CAPTURES = Path(__file__).parent / "captures"
QUIC = Path(__file__).parents[1] / "payload" / "captures" / "http3.pcapng"
PROTOCOLS = {6: "tcp", 17: "udp"}
LIMIT_S = 0.02
every = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)


def flows_of(path: Path) -> list[FlowFacts]:
    """The flows of TCP and UDP by our own reader, in the form of tshark's."""
    reader = FlowReader()
    flows = [flow for batch in read_files([path], reader) for flow in batch.flows()]
    assert reader.reading.sound and not reader.reading.unnamed
    return [
        FlowFacts(
            PROTOCOLS[flow.protocol],
            (flow.a.port, flow.b.port),
            (flow.a.packets, flow.b.packets),
            (flow.a.payload_bytes, flow.b.payload_bytes),
            flow.server_name or "",
        )
        for flow in flows
        if flow.protocol in PROTOCOLS
    ]


def facts_of(recipe: Recipe, folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / f"{recipe.name}.json").read_text())
    return found


def expected(recipe: Recipe, folder: Path) -> list[FlowFacts]:
    flows = facts_of(recipe, folder)["flows"]
    assert isinstance(flows, list)
    return [
        FlowFacts(
            flow["protocol"],
            (flow["ports"][0], flow["ports"][1]),
            (flow["packets"][0], flow["packets"][1]),
            (flow["payload"][0], flow["payload"][1]),
            flow["name"],
        )
        for flow in flows
    ]


def told(recipe: Recipe, folder: Path) -> list[Held]:
    """What each upload of a capture holds."""
    path = folder / f"{recipe.name}.pcapng"
    room = Room(sound.heard().astype("f4") / 32768, sound.RATE_HZ)
    begins_unix_s = facts_of(recipe, folder)["begins_unix_s"]
    assert isinstance(begins_unix_s, float)
    connections = read_connections(path, DEVICE_ADDRESS)
    uploads = read_wire(path, DEVICE_ADDRESS, (), UploadLimits()).uploads
    return [held(u, connections, room, begins_unix_s, 6000) for u in uploads]


def assert_as_said(recipe: Recipe, folder: Path) -> None:
    """Its flows are tshark's, its uploads are known for such, and its sound is where it was."""
    path = folder / f"{recipe.name}.pcapng"
    assert sorted(flows_of(path), key=repr) == sorted(expected(recipe, folder), key=repr)
    report = read_wire(path, DEVICE_ADDRESS, (), UploadLimits())
    assert (report.dropped, report.malformed, report.truncated) == (0, 0, False)
    hosts = {upload.destination.rpartition(":")[0] for upload in report.uploads}
    assert hosts == ({HOST} if recipe.is_upload else set())
    if not recipe.is_upload:
        return
    found = told(recipe, folder)
    (only,) = found
    if recipe.reader and not is_there(recipe.reader):
        assert only.span is None and recipe.reader in only.trouble, "never excused"
        return
    assert only.span == pytest.approx(recipe.stretch, abs=LIMIT_S), only.trouble


@every
def test_what_is_said_of_a_real_programs_capture(recipe: Recipe) -> None:
    assert_as_said(recipe, CAPTURES)


@pytest.mark.slow
@pytest.mark.exhaustive
@every
def test_a_recipe_makes_the_same_again(recipe: Recipe, tmp_path: Path) -> None:
    if not recipe.can_be_made:
        pytest.skip(f"{recipe.program} or dumpcap is not installed")
    make(recipe, tmp_path)
    assert_as_said(recipe, tmp_path)


def test_the_browser_talks_to_others_too_and_each_is_named() -> None:
    (browser,) = (recipe for recipe in RECIPES if recipe.name == "browser")
    names = {flow.name for flow in flows_of(CAPTURES / f"{browser.name}.pcapng") if flow.name}
    assert HOST in names


def test_a_quic_client_is_named_and_its_uploads_are_seen() -> None:
    flows = flows_of(QUIC)
    assert [(flow.protocol, flow.name) for flow in flows] == [("udp", HOST)]
    uploads = read_wire(QUIC, "127.0.0.1", (), UploadLimits()).uploads
    assert [upload.destination for upload in uploads] == [f"{HOST}:4433"] * 2
