"""The docs build as a site, without network, with every page in its place and no link broken."""

import os
import subprocess
import sys
from pathlib import Path

import harness

ROOT = Path(harness.__file__).parents[1]


def test_the_site_builds_and_fetches_nothing_from_elsewhere(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--site-dir",
        str(tmp_path / "s"),
    ]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "s" / "tutorial" / "index.html").read_text()
    assert 'src="http' not in page and 'rel="stylesheet" href="http' not in page
