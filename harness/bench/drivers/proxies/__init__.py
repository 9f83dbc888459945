"""What stands between an open device and its server, and hands on every byte unchanged.

Idea: the server is told that the device is here, so what the two say passes this machine, without
a bridge or an access point. `pipes.py` moves bytes, `record.py` writes them down as packets of the
connection that the two ends believe in, `worker.py` is the process that does both, and `wyoming.py`
is the driver. Flows in: connections. Flows out: a capture like any other, the satellite's light,
and an account of what was taken in and what was handed on.
"""
