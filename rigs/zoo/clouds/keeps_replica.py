"""V34: a deletion never reaches the replica."""

from rigs.reference_cloud.services.records import Records
from rigs.reference_cloud.services.service import Parts


class KeepsReplica(Records):
    """Honest, but for a sync that was never written."""

    def purge_replica(self, recording_id: str) -> None:
        """Nothing happens."""


PARTS = Parts(records=KeepsReplica)
