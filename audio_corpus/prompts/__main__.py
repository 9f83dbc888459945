"""Renders the test set: `python -m audio_corpus.prompts [--only ENGINE ...] [--write-manifest]`.

What is in the cache already is not rendered again. Ends 1 where a clip is not, sample for sample,
what the manifest says; `--write-manifest` makes what is there the manifest instead, and needs all.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from audio_corpus.prompts.build import render, versions_here
from audio_corpus.prompts.clips import Store, differing, write_manifest
from audio_corpus.prompts.texts import SPLITS, prompts, talk
from harness.errors import CorpusError


def main(arguments: Sequence[str] | None = None) -> int:
    """Render what is missing and hold it against the manifest."""
    parser = argparse.ArgumentParser(prog="python -m audio_corpus.prompts", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="ENGINE", help="kokoro, piper, flite, espeak")
    parser.add_argument("--write-manifest", action="store_true")
    chosen = parser.parse_args(arguments)
    store = Store.default()
    every = [line for split in SPLITS for line in (*prompts(split), *talk(split))]
    lines = [line for line in every if not chosen.only or line.engine in chosen.only]
    try:
        render([line for line in lines if not store.has(line)], store, _told)
        if chosen.write_manifest:
            versions = versions_here(store)
            write_manifest({line: store.known(line) for line in every}, versions)
            return 0
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 2
    other = differing(lines, store)
    for line in other:
        print(f"not as in the manifest: {line.voice} {json.dumps(line.text)}")
    print(f"{len(lines) - len(other)} of {len(lines)} clips are as the manifest says")
    return 1 if other else 0


def _told(done: int, of: int, what: str) -> None:
    if done % 20 == 0:
        print(f"{done} of {of}: {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
