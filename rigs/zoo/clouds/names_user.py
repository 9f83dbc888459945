"""V39: what stands beside a recording in the queue says whose it is."""

from rigs.reference_cloud.services.records import Owner
from rigs.reference_cloud.services.review import Review
from rigs.reference_cloud.services.service import Parts
from rigs.reference_cloud.services.shelf import Recording


class NamesUser(Review):
    """Honest, but that it hands on the account for debugging."""

    def beside(self, owner: Owner, recording: Recording) -> dict[str, str]:
        """The usual, and the account."""
        return {**super().beside(owner, recording), "source": f"account/{owner.name}"}


PARTS = Parts(review=NamesUser)
