"""V36: the export job takes its account from a list by number: lists count from 0, these from 1."""

from rigs.reference_cloud.services.exports import Exports
from rigs.reference_cloud.services.records import Owner
from rigs.reference_cloud.services.service import Parts


class MixesTenants(Exports):
    """Honest, but for one in an index."""

    def whose(self, owner_number: int) -> Owner:
        """The account after the one that asked; after the last one, the first."""
        owners = self.records.owners()
        return owners[owner_number % len(owners)]


PARTS = Parts(exports=MixesTenants)
