"""What the compiled reader is told and answers: numbers, by their place in one line of them."""

JOB, AT, END, BIG, WHY = range(5)  # AT goes in and comes out: the place, or the slot
SOUND, NAME_AT, NAME_SIZE, ALPN_AT, ALPN_SIZE, HIDDEN = range(5, 11)  # of a ClientHello
# How many lines each table has.
(
    N_DATA, N_KEPT, N_COUNTERS, N_FLOWS, N_SLOTS, N_HOLES, N_FRAGMENTS, N_EVENTS, N_SLICES,
    N_ROWS, N_INTERFACES, N_PACKET,
) = range(11, 23)  # fmt: skip
WORDS = 23

# Jobs.
(
    PCAPNG_PASS, PCAP_PASS, NEXT_BLOCK, RELEASE, END_SLICES, MERGE_ALL, INDEX_AGAIN, CLIENT_HELLO,
) = range(8)  # fmt: skip
