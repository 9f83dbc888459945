"""Secrets in a person's file: named, never written."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator

from harness.errors import UserError
from harness.forms.strict import StrictModel

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def variable_name(text: str) -> str:
    """`text`, where it can name an environment variable; `ValueError` otherwise."""
    if not _VARIABLE.fullmatch(text):
        raise ValueError(f"names `{text}`; a variable is letters, digits and _")
    return text


class Secret(StrictModel):
    """A secret by reference: `{env: NAME}`, the environment variable that holds it."""

    env: Annotated[str, AfterValidator(variable_name)]
    """The environment variable."""

    def value(self, environment: Mapping[str, str]) -> str:
        """The secret itself; `UserError` naming the variable where it is not set, or empty."""
        held = environment.get(self.env, "")
        if not held:
            raise UserError(
                f"the environment variable {self.env} is not set, which the rig file takes a "
                f"secret from; set it where sayso is started (export {self.env}=...)"
            )
        return held
