"""What a play came to, told to whoever watched it: its ruling, and each chain as it was ruled."""

from contextlib import suppress

from harness.bench.ports.live import LiveFeed
from harness.judge import Chain, LinkState, chains
from harness.model.case import Case
from harness.model.live import LinkRuled, PlayRuled, Untold
from harness.model.ruling import Ruling
from harness.report.phrases import clock_time

_STEPS = 8


def tell_ruling(feed: LiveFeed, case: Case, ruling: Ruling, folder: str) -> None:
    """Tell what was ruled, with the chain of each message; `folder`: the name of the evidence."""
    if not feed.is_followed:
        return
    try:
        for number, chain in enumerate(chains(case, ruling), 1):
            for link in _links(number, chain):
                feed.tell(link)
        feed.tell(_ruled(ruling, folder))
    except Exception as error:  # nothing that is done for a watcher may cost the play
        with suppress(Exception):
            feed.tell(Untold(0, f"what was ruled: {error}"))


def _ruled(ruling: Ruling, folder: str) -> PlayRuled:
    return PlayRuled(
        outcome=ruling.outcome,
        messages=ruling.messages_in_words,
        uploads=ruling.uploads.value,
        headline=ruling.headline,
        violations=tuple(
            f"{finding.cls} at {clock_time(finding.at_s)}: {finding.cause}"
            for finding in ruling.findings
        ),
        folder=folder,
    )


def _links(number: int, chain: Chain) -> list[LinkRuled]:
    """The eight steps, and of what guards them all what broke."""
    return [
        LinkRuled(
            message=number,
            recipient=chain.message.recipient,
            name=link.name,
            state=link.state.value,
            at_s=link.at_s,
            said=link.quote,
        )
        for link in chain.links
        if link.condition <= _STEPS or link.state is LinkState.BROKEN
    ]
