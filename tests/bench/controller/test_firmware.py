"""The firmware's own parts, and that they keep to what MicroPython has."""

import ast
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.drivers import controller_link
from tests.bench.controller.pico import FIRMWARE

HAS = {"array", "binascii", "machine", "micropython", "select", "sys", "time"}
OWN = {path.stem for path in FIRMWARE.glob("*.py")}
# What MicroPython's compiler refuses, or what its libraries on a Pico do not have.
REFUSED = (ast.Match, ast.AsyncFunctionDef, ast.TryStar)


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"firmware_{name}", FIRMWARE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lines, lights = load("lines"), load("lights")
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=120)


@given(TEXT, st.data())
def test_both_ends_seal_alike_and_a_bent_byte_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = lines.seal(text)
    assert sealed == controller_link.seal(text)
    assert lines.unseal(sealed[:-1]) == controller_link.unseal(sealed[:-1]) == text
    at = data.draw(st.integers(0, len(sealed) - 2))
    bent = bytearray(sealed[:-1])
    bent[at] ^= data.draw(st.integers(1, 255))
    assert lines.unseal(bytes(bent)) is None
    assert controller_link.unseal(bytes(bent)) is None


@given(st.binary(max_size=60))
def test_noise_is_no_line(noise: bytes) -> None:
    assert lines.unseal(noise) == controller_link.unseal(noise)


@given(st.lists(TEXT, max_size=8), st.integers(1, 30))
def test_lines_are_cut_wherever_they_come_in_pieces(texts: list[str], size: int) -> None:
    reader, came = lines.LineReader(), b"".join(lines.seal(text) for text in texts)
    found = [line for at in range(0, len(came), size) for line in reader.take(came[at : at + size])]
    assert [lines.unseal(line) for line in found] == texts


@given(
    spans=st.lists(st.tuples(st.integers(1, 40), st.integers(60, 300)), max_size=8),
    period_ms=st.integers(1, 20),
    start=st.integers(0, lights.MASK),
)
def test_edges_of_a_dimmed_light(spans: list[tuple[int, int]], period_ms: int, start: int) -> None:
    """Lit in spans of so many dimming periods, with so many dark milliseconds between."""
    light = lights.Light(2000, 64500)
    light.watch(10_000, 20_000, 30_000)
    at_ms, bright, truth = 1, set(), []
    for periods, dark_ms in spans:
        shines = range(at_ms, at_ms + periods * period_ms, period_ms)
        bright |= set(shines)
        truth += [(True, shines[0]), (False, shines[-1] + 1)]
        at_ms = shines[-1] + dark_ms
    told = []
    for ms in range(at_ms + 100):
        stamp = (start + ms * 1000) & lights.MASK
        edge = light.take(stamp, 30_000 if ms in bright else 6000)
        if edge is not None:
            told.append((light.lit, ((edge - start) & lights.MASK) // 1000))
    assert told == [(False, 0), *truth]
    assert not light.broken


def test_samples_that_are_overwritten_are_counted() -> None:
    samples = lights.Samples()
    for count in (10, 255, 256, 1000):
        for n in range(count):
            samples.take(n, n, n)
        lost, read = samples.lost(), 0
        while (sample := samples.next()) is not None:
            read += 1
        assert lost + read == count
        assert (lost == 0) is (count < lights.RING)
    del sample


def test_the_interrupt_makes_no_int_that_needs_memory() -> None:
    """On the Pico ints beyond 30 bits lie on the heap, which an interrupt may not touch."""
    samples = lights.Samples()
    for n in range(70_000):
        samples.take(lights.MASK, 65_535, 65_535)
        assert 0 <= samples._put < 2**30
        if n % 100 == 0:
            assert samples.lost() == 0
            while samples.next() is not None:
                pass
    used = lights.Samples.take.__code__.co_names
    ints = {name: vars(lights)[name] for name in used if isinstance(vars(lights).get(name), int)}
    assert ints and all(0 <= value < 2**30 for value in ints.values())


@pytest.mark.parametrize("path", sorted(FIRMWARE.glob("*.py")), ids=lambda path: path.name)
def test_it_keeps_to_what_micropython_has(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = set()
    for node in ast.walk(tree):
        assert not isinstance(node, REFUSED), f"{path.name}:{node}"
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
        if isinstance(node, ast.FormattedValue):
            assert node.conversion == -1
            assert not any(isinstance(n, ast.Constant) and isinstance(n.value, str)
                           for n in ast.walk(node.value))  # fmt: skip
    assert imported <= HAS | OWN
    if path.stem != "board":
        assert not imported & {"machine", "micropython", "time", "select", "sys"}
