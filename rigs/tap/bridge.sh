#!/bin/sh
# A bridge with the device on one port and its network on the other; capture on the bridge (docs/tap.md).
#   bridge.sh up DEVICE_PORT NETWORK_PORT     for instance: sudo rigs/tap/bridge.sh up eth1 eth0
#   bridge.sh down
# The network port may be the one that this machine itself goes out by: its address moves to the
# bridge only if you ask for it there (dhclient br0, or your network manager).
set -eu
bridge=br0
case "${1-} $#" in
"up 3")
    ip link add "$bridge" type bridge stp_state 0 forward_delay 0 mcast_snooping 0
    for port in "$2" "$3"; do
        # Packets joined by the interface are none that ever were on the cable.
        if command -v ethtool >/dev/null; then ethtool -K "$port" gro off gso off tso off || true; fi
        ip link set "$port" master "$bridge"
        ip link set "$port" up
    done
    ip link set "$bridge" up
    ;;
"down 1")
    ip link delete "$bridge"
    ;;
*)
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 3
    ;;
esac
