"""Which bytes of a TCP stream are new: a retransmission is not a second upload."""

_MODULUS = 2**32
_FAR = 2**24


class TcpStream:
    """One direction of one connection. Counts each byte of it once, whatever the order."""

    def __init__(self, first_sequence: int) -> None:
        """`first_sequence`: sequence number of the first byte that is to be counted."""
        self._expected = first_sequence
        self._gaps: list[tuple[int, int]] = []

    def take(self, sequence: int, length: int) -> int:
        """How many of `length` bytes at `sequence` (32 bits) had not come before."""
        ahead = (sequence - self._expected + _MODULUS // 2) % _MODULUS - _MODULUS // 2
        start = self._expected + ahead
        end = start + length
        if ahead > _FAR or ahead < -_FAR:  # not of this stream any more: begin anew
            self._expected, self._gaps = end, []
            return length
        fresh = self._fill_gaps(start, end)
        if ahead > 0:
            self._gaps.append((self._expected, start))
        if end > self._expected:
            fresh += end - max(start, self._expected)
            self._expected = end
        return fresh

    def in_order(self, sequence: int) -> bool:
        """Whether a segment at `sequence` is exactly the next one, with nothing missing before."""
        return not self._gaps and (sequence - self._expected) % _MODULUS == 0

    def _fill_gaps(self, start: int, end: int) -> int:
        """Bytes of [start, end) that fall into gaps, which are thereby filled."""
        filled, left = 0, []
        for gap_start, gap_end in self._gaps:
            low, high = max(gap_start, start), min(gap_end, end)
            if low >= high:
                left.append((gap_start, gap_end))
                continue
            filled += high - low
            left += [gap for gap in ((gap_start, low), (high, gap_end)) if gap[0] < gap[1]]
        self._gaps = left
        return filled
