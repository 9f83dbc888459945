"""V36: links are the numbers of the jobs, and whoever is signed in may have what a link names."""

from rigs.reference_cloud.services.exports import Exports, Job
from rigs.reference_cloud.services.records import Owner
from rigs.reference_cloud.services.service import Parts


class LinkGuessable(Exports):
    """Honest, but that it takes a link for a secret, and counts."""

    def link_of(self, job_id: int) -> str:
        """The number of the job."""
        return f"export-{job_id:06d}"

    def may_have(self, job: Job, owner: Owner) -> bool:
        """Who knows the link has been mailed it."""
        return True


PARTS = Parts(exports=LinkGuessable)
