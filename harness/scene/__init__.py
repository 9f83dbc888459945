"""Scene files and the voices that speak them.

A scene is data: who sits where, who says what to whom, and what they want of the device.
Flows in: `*.scene.yaml` and the clips of the corpus. Flows out: `harness.model.script.Script`,
checked so thoroughly that nothing after it needs to ask whether a scene makes sense.
"""
