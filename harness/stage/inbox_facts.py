"""Messages that arrived, for the timeline."""

from collections.abc import Callable

from harness.bench.ports.account import Delivered
from harness.model.timeline import MessageReceived
from harness.stage.session import Take


def messages_received(take: Take, at: Callable[[float], float]) -> list[MessageReceived]:
    """Every message but the canaries; `at` turns Unix time into the run's seconds."""
    senders = () if take.owner is None else take.owner.told.senders
    sent_as = {sent.message_id: sent for sent in senders}
    unknown = Delivered("", None, None)
    return [
        MessageReceived(
            message_id=m.message_id,
            recipient=m.recipient,
            at_s=at(m.unix_s),
            uncertainty_s=m.uncertainty_s,
            audio_s=m.audio_s,
            transcript=m.transcript,
            sha256=m.sha256,
            account=sent_as.get(m.message_id, unknown).account,
            profile=sent_as.get(m.message_id, unknown).profile,
        )
        for m in take.messages
        if m.canary is None
    ]
