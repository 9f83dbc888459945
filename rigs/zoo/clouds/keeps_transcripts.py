"""V34: a deletion takes the sound from the replica, and leaves the words."""

from rigs.reference_cloud.services.records import Records
from rigs.reference_cloud.services.service import Parts


class KeepsTranscripts(Records):
    """Honest, but that the replica's words are another team's."""

    def purge_replica(self, recording_id: str) -> None:
        """The sound only."""
        self.replica.drop_sound(recording_id)


PARTS = Parts(records=KeepsTranscripts)
