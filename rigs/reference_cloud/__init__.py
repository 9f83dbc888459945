"""The other side of the wire: the cloud that the reference device talks to.

Idea: a small HTTPS service with an account, contacts, speech upload and an inbox for each contact.
Flows in: speech and messages from a device over TLS, orders from an operator over a Unix socket.
Flows out: the inboxes and uploads, each with the time at which it came.

`docs/reference-cloud.md` is its contract; `python -m rigs.reference_cloud --help` starts it.
"""

VERSION = "1.0"
