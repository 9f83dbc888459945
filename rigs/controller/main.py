"""What the Pico runs when it gets power; with the service jumper set, nothing."""

import board
from controller import Controller


def main() -> None:
    """Serve the host for ever."""
    controller = Controller()
    controller.begin()
    while True:
        controller.step()


if not board.service():
    main()
