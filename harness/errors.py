"""Everything Sayso can raise, drawn as a tree.

    SaysoError
    ├── ConsentViolation      (also AssertionError)  something left the room that no consent covers
    ├── ExpectationUnmet      (also AssertionError)  the device wrongly refused or ignored somebody
    ├── UserError                                    what you wrote or typed is not right
    │   ├── SceneError                               a scene file
    │   ├── RigFileError                             a rig file
    │   └── CorpusError                              a voice clip or a corpus manifest
    └── RigError                                     the bench is not right
        ├── RigBusy                                  somebody else holds the rig
        ├── DeviceError                              the device died, hangs, or never listened
        └── Inconclusive                             nothing was proven either way

The two at the top are verdicts about the *device*; pytest shows them as failed.
`UserError` is about what was handed in, `RigError` about the bench: both say what, where, and
what to do next, and neither is ever a pass.
"""


class SaysoError(Exception):
    """Base of everything raised on purpose by this package."""


class ConsentViolation(SaysoError, AssertionError):
    """At least one thing left the room that no consent covers."""


class ExpectationUnmet(SaysoError, AssertionError):
    """Somebody really asked for something and the device did not do it."""


class UserError(SaysoError):
    """A scene, rig file, clip or command line that is not right: exit code 3."""


class SceneError(UserError):
    """A scene file that is not right; the message names file, line and a suggestion."""


class RigFileError(UserError):
    """A rig file that is not right; the message names file, line and a suggestion."""


class CorpusError(UserError):
    """A clip that is missing, unreadable, or not in the form its manifest promises."""


class RigError(SaysoError):
    """The bench is not as it must be: exit code 2."""


class RigBusy(RigError):
    """Another process holds the rig; the message says which."""


class DeviceError(RigError):
    """The device under test died, hangs, or never opened its microphone."""


class Inconclusive(RigError):
    """Neither consent nor its absence was proven."""
