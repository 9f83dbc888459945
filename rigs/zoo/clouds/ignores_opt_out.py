"""V39: the sampler takes recordings whatever the account has said."""

from rigs.reference_cloud.services.records import Owner
from rigs.reference_cloud.services.review import Review
from rigs.reference_cloud.services.service import Parts
from rigs.reference_cloud.services.shelf import Recording


class IgnoresOptOut(Review):
    """Honest, but that it asks nobody."""

    def may_take(self, owner: Owner, recording: Recording) -> bool:
        """Whatever was meant for the device."""
        return self.records.meant(recording)


PARTS = Parts(review=IgnoresOptOut)
