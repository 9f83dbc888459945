"""Closed devices: uploads told from idle traffic by nothing but sizes and times.

Idea: what a device sends when nobody speaks is learnt once and kept as a profile: for each
destination, the most it ever sent within windows of time. What goes beyond it, with margin for what
the hours of learning cannot have shown, is an upload, and is only *suspected* to be one.
Flows in: captures of an idle device. Flows out: a `Profile`, which also says which uploads would be
seen among this traffic and which would not; with it, the uploads of a play and why each is one.
"""
