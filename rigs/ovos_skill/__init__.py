"""What stands in for the rest of OpenVoiceOS beside its listener: mind, voice, button and light.

Idea: the listener only wakes, records, and has what it recorded recognised; whoever answers hangs
on the same message bus. That is this, in place of ovos-core, ovos-audio and a skill that sends
messages: it takes utterances off the bus, decides as the reference device's guarded firmware does,
speaks with that device's voice, and tells the listener to listen on. Flows in: messages of the bus,
and the button. Flows out: prompts, messages for the cloud, and the light. It imports nothing of the
harness.
"""
