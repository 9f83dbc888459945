"""Which uploads are the scene's: those that left in it, and those that hold what was heard in it.

What a cut network holds back leaves when TCP tries again, a minute later perhaps, when the watch is
over and the closing controls run. An open device's payload tells that it is the scene's sound. Of a
closed device nothing does: there only a longer watch helps.
"""

from harness.model.timeline import Upload


def is_of_scene(upload: Upload, scene_end_s: float, before_wake_s: float) -> bool:
    """Whether an upload (on the run's clock, the scene from 0 to `scene_end_s`) is the scene's.

    `before_wake_s`: so much sound before its wake word an upload of the closing controls may hold.
    """
    if upload.end_s > 0.0 and upload.start_s < scene_end_s:
        return True
    if upload.holds_from_s is None or upload.holds_until_s is None:
        return False
    return upload.holds_until_s > 0.0 and upload.holds_from_s < scene_end_s - before_wake_s
