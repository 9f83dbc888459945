"""Who a message can go to, and which of them some words mean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of the account: the cloud's id and the full name."""

    id: str
    name: str

    @property
    def first_name(self) -> str:
        """The first word of the name."""
        return self.name.split()[0]
