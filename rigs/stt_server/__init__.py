"""The other side of assistants that have their speech recognised elsewhere: `POST /stt` with a WAV.

Idea: a maker's cloud for assistants that nobody here wrote. Flows in: one utterance a call. Flows
out: its words, as plain text. It runs beside the reference cloud, which keeps what was sent as
speech of the account and has the inboxes; ears are those of the reference device. It imports
nothing of the harness.
"""
