"""Relays, supplies and plugs: one contact of each, closed and opened from afar.

Each driver says what its maker's manual says, and reads back where the hardware can. None has been
seen on hardware yet: docs/drivers.md says what each was checked against.
"""
