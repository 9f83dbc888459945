"""The test set of the ears: device speech with exact truth, and hours without any.

Flows in: texts (`wordings.json`, `names.json`, `talk.json`), voices (`set.json`), a seed. Flows
out: clips, rendered once and kept in the cache, each with its hash in `manifest.json`; and
recordings, mixed piece by piece, with every source beside them. No sound is in git: see README.md.
"""
