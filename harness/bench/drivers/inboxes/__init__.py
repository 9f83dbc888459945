"""Inboxes of real recipients: a mailbox, a folder, an HTTP endpoint, a phone, a person.

A `Source` says what lies there now; `WatchedInbox` looks again and again and so knows, on the
harness's own clock, between which two looks a message came. None has been seen on a bench yet:
docs/inboxes.md says what each was checked against.
"""
