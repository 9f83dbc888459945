"""Numbers that others publish: blocks of pcapng, link types, bounds of what is read.

pcapng: IETF draft-ietf-opsawg-pcapng. Links: LINKTYPE_ of the tcpdump group.
"""

PACKET_BLOCK, OLD_PACKET_BLOCK = 6, 2
SECTION, INTERFACE, SIMPLE_PACKET, STATISTICS, SECRETS = 0x0A0D0D0A, 1, 3, 5, 10
LARGEST_BLOCK = 64 * 2**20

NULL, ETHERNET, RAW, LOOP, COOKED, RAW_IPV4, RAW_IPV6, COOKED_2 = 0, 1, 101, 108, 113, 228, 229, 276
LINUX_COOKED = (COOKED, COOKED_2)
RAW_OF_OLD = (12, 14)

LONGEST_NAME = 255  # bytes of a name in DNS or in a ClientHello
