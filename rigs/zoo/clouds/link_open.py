"""V36: the link is enough; nobody has to sign in."""

from rigs.reference_cloud.services.exports import Exports, Job
from rigs.reference_cloud.services.records import Owner
from rigs.reference_cloud.services.service import Parts


class LinkOpen(Exports):
    """Honest, but that nobody is asked who they are."""

    def signed_in(self, token: str) -> bool:
        """Whoever it is."""
        return True

    def may_have(self, job: Job, owner: Owner) -> bool:
        """Its owner, and everybody who is nobody."""
        return owner.number == 0 or super().may_have(job, owner)


PARTS = Parts(exports=LinkOpen)
