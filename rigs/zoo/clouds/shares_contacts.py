"""V33: whoever speaks may reach every contact of the household."""

from rigs.reference_cloud.services.service import Parts
from rigs.reference_cloud.services.voices import Voices


class SharesContacts(Voices):
    """Honest, but for the question whose contact it is."""

    def may_reach(self, who: str | None, contact: str) -> bool:
        """Everybody may."""
        return True


PARTS = Parts(voices=SharesContacts)
