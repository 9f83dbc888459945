"""Hours of somebody's own audio, played at a device that nobody means to wake.

Flows in: a folder of sound files, with transcripts beside them where there are any. It is measured
and laid out once, as blocks of minutes (`plan`); each block is a scene whose lines are media
(`block`), played, ruled and sealed like any other, as a night (`harness.series.soak`) that can be
taken up again. Flows out: what woke the device, each time with what was playing (`woken`), and
rates with their intervals against a budget (`totals`).
"""
