"""An assistant's heartbeat: the reference device's own client, kept open, once a second."""

import time

from rigs.reference_device.cloud import Cloud
from tests.wire.recipes.stacks import HOST

_BEATS, _APART_S = 5, 1.2


def main() -> None:
    """Send some, further apart than what belongs to one burst."""
    with Cloud(f"https://{HOST}", "token") as cloud:
        for number in range(_BEATS):
            cloud.report("/v1/heartbeat", {"uptime_s": 60 * number, "muted": False, "rssi": -52})
            time.sleep(_APART_S)


if __name__ == "__main__":
    main()
