"""The run's folder: everything the judge read, kept so that anybody can judge it again.

The idea: evidence is written before it is judged, and judged before it is shown. A folder holds
the case (script, rig, limits), the timeline, the controls, the recordings, the packets and the
ruling, and is sealed last with a manifest of SHA-256 sums. Flows in: facts and files from the
stage, the ruling from the judge. Flows out: the same case, read back and checked, and the same
ruling, byte for byte.
"""

from harness.evidence.folder import EvidenceFolder, SoundFile
from harness.evidence.read import read_case, read_events, read_script_and_rig
from harness.evidence.rejudge import rejudge, same_as_recorded
from harness.evidence.verify import Problem, ProblemKind, verify

__all__ = [
    "EvidenceFolder",
    "Problem",
    "ProblemKind",
    "SoundFile",
    "read_case",
    "read_events",
    "read_script_and_rig",
    "rejudge",
    "same_as_recorded",
    "verify",
]
