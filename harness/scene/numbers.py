"""Numbers as they are spoken."""

# fmt: off
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on


def in_words(number: int) -> list[str]:
    """A whole number from 0 to 999,999 as it is spoken."""
    if number < 20:
        return [_ONES[number]]
    if number < 100:
        return [_TENS[number // 10 - 2], *(in_words(number % 10) if number % 10 else ())]
    name, size = ("hundred", 100) if number < 1_000 else ("thousand", 1_000)
    rest = number % size
    return [*in_words(number // size), name, *(in_words(rest) if rest else ())]
