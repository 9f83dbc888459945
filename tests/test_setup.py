"""The set-up: what it asks for, what it refuses, and that its locks are complete and nameless."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SETUP = ROOT / "setup"
LOCKS = sorted(
    [
        *SETUP.glob("*.lock"),
        *ROOT.glob("audio_corpus/*.lock"),
        *ROOT.glob("rigs/third_party/*/*.lock"),
    ]
)
NOBODY = 65534

# Spelt in halves: this file is searched too.
REGISTRY_HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry.npm" + "js",
    "deb." + "debian.org",
    "pi" + "wheels.org",
]
NOT_COMMITTED = {
    ".git", ".cache", ".venv", ".venv-corpus", "node_modules", "__pycache__", "evidence",
    ".hypothesis", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache",
    "allure-report", "allure-results", "out", "sayso.egg-info",
}  # fmt: skip


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with exactly this environment."""
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def bare_checkout() -> Iterator[Path]:
    """A checkout with only the set-up in it, and `tools/`: a PATH without the bench's programs.

    Not below `tmp_path`, which other users may not enter.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(SETUP, folder / "setup", ignore=shutil.ignore_patterns("node_modules"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        (folder / "tools").mkdir()
        for tool in ("mkdir", "flock", "sha256sum", "cut", "cat", "uname", "id"):
            found = shutil.which(tool)
            assert found, f"{tool} is part of every Debian"
            (folder / "tools" / tool).symlink_to(found)
        folder.chmod(0o755)
        yield folder


def as_ordinary_user(folder: Path) -> list[str]:
    """What to put before a command so that it has no right to install; hands `folder` over."""
    if os.geteuid() != 0:
        return []
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    setpriv = shutil.which("setpriv")
    assert setpriv, "setpriv is part of every Debian"
    return [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]


def test_check_names_what_is_missing_and_what_installs_it(bare_checkout: Path) -> None:
    result = run(
        ["/bin/bash", str(bare_checkout / "setup" / "setup.sh"), "--check"],
        PATH=str(bare_checkout / "nothing"),
        PYTHON=sys.executable,
    )
    assert result.returncode == 2
    missing = ["pulseaudio", "pulseaudio-utils", "tshark", "wireshark-common", "flite", "gcc"]
    command = next(line for line in result.stderr.splitlines() if "sudo apt-get install" in line)
    assert set(missing) <= set(command.split())
    assert "the bench's private sound server" in result.stderr
    assert not (bare_checkout / ".venv").exists()


def test_missing_python_is_named_too(bare_checkout: Path) -> None:
    result = run(
        ["/bin/bash", str(bare_checkout / "setup" / "setup.sh"), "--check"],
        PATH=str(bare_checkout / "nothing"),
    )
    assert result.returncode == 2
    assert "runs everything (3.11 or newer)" in result.stderr


def test_check_is_content_where_everything_is_there() -> None:
    result = run(
        ["/bin/bash", str(SETUP / "setup.sh"), "--check"],
        PATH=os.environ["PATH"],
        PYTHON=sys.executable,
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_python_that_is_too_old_or_not_there_is_refused(bare_checkout: Path) -> None:
    result = run(
        ["/bin/bash", str(bare_checkout / "setup" / "setup.sh"), "--check"],
        PATH=os.environ["PATH"],
        PYTHON="/nowhere/python3",
    )
    assert result.returncode == 2
    assert "PYTHON=/nowhere/python3 does not run, or is older than Python 3.11" in result.stderr


@pytest.mark.parametrize(
    ("has_apt", "reason"),
    [(False, "there is no apt here to install them"), (True, "you may not install them")],
)
def test_set_up_stops_where_it_cannot_install(
    bare_checkout: Path, has_apt: bool, reason: str
) -> None:
    apt = shutil.which("apt-get")
    if has_apt and not apt:
        pytest.skip("this system has no apt")
    if has_apt and apt:
        (bare_checkout / "tools" / "apt-get").symlink_to(apt)
    result = run(
        [
            *as_ordinary_user(bare_checkout),
            *("/bin/bash", str(bare_checkout / "setup" / "setup.sh")),
        ],
        PATH=str(bare_checkout / "tools"),
    )
    assert result.returncode == 2
    assert reason in result.stderr
    assert "sudo apt-get install --no-install-recommends" in result.stderr
    assert not (bare_checkout / ".venv").exists()


def test_unknown_option_is_a_usage_error() -> None:
    result = run(["/bin/bash", str(SETUP / "setup.sh"), "--chekc"], PATH=os.environ["PATH"])
    assert result.returncode == 3
    assert "setup/setup.sh --check" in result.stderr


def requirements(lock: Path) -> Mapping[str, tuple[str, int]]:
    """Name (lower case) -> version and number of hashes, for each requirement of a lock."""
    text = re.sub(r"^#.*\n", "", lock.read_text(), flags=re.MULTILINE).replace("\\\n", "")
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = re.match(r"([A-Za-z0-9._-]+)==(\S+)", line)
        assert match, f"{lock.name}: not a pinned requirement: {line[:80]}"
        found[match[1].lower()] = (match[2], len(re.findall(r"--hash=sha256:[0-9a-f]{64}", line)))
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_every_requirement_has_a_hash_and_no_address(lock: Path) -> None:
    assert all(hashes for _, hashes in requirements(lock).values())
    assert "://" not in lock.read_text()


def test_lock_holds_the_versions_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + [
        line
        for extra in ("device", "reading", "cloud", "live", "test", "dev")
        for line in extras[extra]
    ]
    locked = requirements(SETUP / "python.lock")
    for line in wanted:
        name, _, version = line.partition(";")[0].partition("==")
        name = re.split(r"[<>=]", name)[0].lower()
        assert name in locked, f"{name} is not in setup/python.lock: run setup/lock.sh"
        assert not version or locked[name][0] == version, f"{line}: run setup/lock.sh"


def test_allure_lock_has_hashes_and_no_addresses() -> None:
    text = (SETUP / "allure" / "package-lock.json").read_text()
    assert "://" not in text
    assert text.count('"integrity": "sha512-') == text.count('    "node_modules/')


def committed_files() -> Iterator[Path]:
    """Every text file that a commit could hold."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_COMMITTED]
        for name in names:
            path = Path(folder, name)
            if path.suffix not in {".flac", ".wav", ".onnx", ".png"}:
                yield path


def test_no_registry_host_is_named_anywhere() -> None:
    for path in committed_files():
        text = path.read_text(errors="replace")
        named = [host for host in REGISTRY_HOSTS if host in text]
        assert not named, f"{path.relative_to(ROOT)} names {named}"


def test_imports_go_one_way() -> None:
    command = Path(sys.prefix) / "bin" / "lint-imports"
    result = subprocess.run(
        [command, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stdout


RESULT = """{"uuid": "a", "name": "kitchen", "fullName": "portland#kitchen", "status": "failed",
"start": 1790000000000, "stop": 1790000028000}"""


def test_allure_writes_a_page_that_tells_nobody(tmp_path: Path) -> None:
    allure = Path(sys.prefix) / "bin" / "allure"
    if not allure.exists():
        pytest.skip("Allure is not installed in this environment: run make setup")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "a-result.json").write_text(RESULT)
    page = tmp_path / "report" / "index.html"
    result = subprocess.run(
        [allure, "awesome", "--single-file", "--output", page.parent, tmp_path / "results"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "googletagmanager" not in page.read_text()
