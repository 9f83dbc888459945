"""The reference device: a voice assistant made of real parts, and a program of its own.

The idea: `core.Device` is a state machine stepped by blocks of sound; everything with a thread, a
socket or a sound card is around it, so the same device runs in real time and on a simulated
clock. What it decides is in the three small policies of `firmware/`. Flows in: microphone blocks,
the mute button, the cloud's answers. Flows out: prompts, light, speech uploads, messages.
It imports nothing of `harness`; it is the other side.
"""
