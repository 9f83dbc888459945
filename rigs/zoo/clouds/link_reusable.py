"""V36: a link goes on giving the export, however often it was used."""

from rigs.reference_cloud.services.exports import Exports, Job
from rigs.reference_cloud.services.service import Parts


class LinkReusable(Exports):
    """Honest, but that it never looks how often a link was used."""

    def is_new(self, job: Job) -> bool:
        """As new."""
        return True


PARTS = Parts(exports=LinkReusable)
