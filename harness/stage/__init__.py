"""The stage: performs a script on an open rig and brings home what was seen.

Flows in: a script, a rig, a folder to record into. Flows out: a timeline. It waits for the
device's prompts through the ears, plays, watches, proves the controls; it never rules.
"""
