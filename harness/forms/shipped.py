"""What comes with Sayso: in the checkout, or beside the package where it was installed."""

from pathlib import Path

from harness.errors import UserError

HOME = Path(__file__).resolve().parents[2]


def in_checkout(home: Path = HOME) -> bool:
    """Whether this is a checkout, where what is made once may lie, and not an installed package."""
    return (home / "pyproject.toml").is_file()


def shipped(name: str) -> Path:
    """A shipped file or folder by its path in the project, such as `rigs/virtual.yaml`.

    Raises `UserError` where this installation lacks it.
    """
    path = HOME / name
    if not path.exists():
        raise UserError(f"{name} is not in this installation ({HOME}); name a file of your own")
    return path
