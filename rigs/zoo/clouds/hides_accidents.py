"""V35: the history leaves out what led to nothing."""

from rigs.reference_cloud.services.records import Records
from rigs.reference_cloud.services.service import Parts
from rigs.reference_cloud.services.shelf import Recording


class HidesAccidents(Records):
    """Honest, but that its history looks tidier than it was."""

    def history(self, token: str) -> tuple[Recording, ...]:
        """What led to a message."""
        return tuple(each for each in super().history(token) if self.meant(each))


PARTS = Parts(records=HidesAccidents)
