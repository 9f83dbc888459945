"""V29: communications off only takes the entry out of the app's menu; the service goes on."""

from rigs.reference_cloud.services.records import Records
from rigs.reference_cloud.services.service import Parts


class HidesTheMenu(Records):
    """Honest, but that whoever calls the service is served."""

    def may_send(self, token: str) -> bool:
        """The app does not offer it."""
        return True


PARTS = Parts(records=HidesTheMenu)
