"""The reference cloud without sockets: its own calls and store, asked by function."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.bench.drivers.cloud_inbox import CANARY_CONTACT, inbox_message
from harness.bench.ports.canary import CanaryFlow
from harness.bench.ports.inbox import Inbox, InboxMessage
from harness.bench.ports.stepped import Surroundings
from harness.errors import RigError
from rigs.reference_cloud.account_calls import KeeperCalls, OwnerCalls
from rigs.reference_cloud.calls import Answer, DeviceCalls, MessageForm, OperatorCalls
from rigs.reference_cloud.services.clock import CloudClock
from rigs.reference_cloud.services.service import HONEST, Services, parts_of
from rigs.reference_cloud.store import Store
from rigs.simulated.wire import Cable, TlsConnection

# As well as the virtual bench knows it, so that both are judged alike.
_UNCERTAINTY_S = 0.1
_CANARY_S = 0.05
_CANARY_LIMIT_S = 5.0
_CANARY_SIZES = (265, 193, 177)  # head, form and answer


class SteppedCloud:
    """The cloud: `calls` for devices, `owners` and its operator. Set `down` to the reason to stop
    it.
    """

    def __init__(
        self, folder: Path, now_s: Callable[[], float], dice: random.Random, variant: str = HONEST
    ) -> None:
        """Accounts are kept in `folder`; `ValueError` for a variant that there is not."""
        self._store = Store.in_memory()
        links = random.Random(folder.name)  # of its own: what is asked changes no play
        self._services = Services(
            folder, CloudClock(now_s), lambda: links.randbytes(16).hex(), parts_of(variant)
        )
        self.calls = DeviceCalls(self._store, self._services, lambda: dice.randbytes(16).hex())
        self.operator = OperatorCalls(self._store)
        self.owners = OwnerCalls(self._services)
        self.keeper = KeeperCalls(self._store, self._services)
        self.down: str | None = None

    def close(self) -> None:
        """Forget everything."""
        self._services.close()
        self._store.close()


class SteppedInbox(Inbox):
    """Reads the stepped cloud, and sends it canaries over the device's cable."""

    def __init__(self, around: Surroundings, cloud: SteppedCloud, cable: Cable) -> None:
        self._around, self.cloud, self._cable = around, cloud, cable
        assert around.file.cloud is not None  # of every rig but a bench
        self._token = around.file.cloud.token
        self._flows: list[CanaryFlow] = []

    def prepare(self, contacts: Sequence[str]) -> None:
        """Give the account exactly these contacts and empty every inbox."""
        self._flows.clear()
        self._check()
        self.cloud.operator.prepare(self._token, contacts)

    def messages(self) -> tuple[InboxMessage, ...]:
        """All that was received since `prepare`, canaries included, oldest first."""
        self._check()
        found = _content(self.cloud.operator.inbox(self._token))["messages"]
        return tuple(inbox_message(entry, _UNCERTAINTY_S) for entry in found)

    def audio(self, message_id: str) -> bytes:
        """The sound of a message as a WAV file; empty when it has none."""
        self._check()
        answer = self.cloud.operator.audio(message_id)
        if answer.wav is None:
            raise RigError(f"cloud: there is no message {message_id}")
        return answer.wav

    def send_canary(self, nonce: str) -> None:
        """Send a message marked `nonce` over a connection of its own, from the device's side."""
        agenda = self._around.agenda
        began_s = agenda.now_s()
        if self.cloud.down is not None or not self._around.network_is_on():
            agenda.wait_s(_CANARY_LIMIT_S)
            why = self.cloud.down or "the link is cut"
            raise RigError(
                f"inbox canary: the cloud cannot be reached from the device's side: {why}"
            )
        connection = TlsConnection(self._cable)
        agenda.wait_s(connection.ready_s)
        head, form, told = _CANARY_SIZES
        connection.send(bytes(head))
        connection.send(bytes(form))
        agenda.wait_s(1e-3)
        canary = MessageForm(CANARY_CONTACT, "canary", None, canary=nonce)
        answer = self.cloud.calls.unknown(self._token) or self.cloud.calls.message(
            self._token, canary
        )
        connection.receive(bytes(told))
        connection.close(1e-3)
        agenda.wait_s(_CANARY_S)
        self._flows.append(CanaryFlow(connection.source_port, began_s, agenda.now_s()))
        if answer.status != 201:
            raise RigError(f"inbox canary: the cloud refused it ({answer.status}: {answer.body})")

    def canary_flows(self) -> tuple[CanaryFlow, ...]:
        """The connections that canaries went over."""
        return tuple(self._flows)

    def _check(self) -> None:
        if self.cloud.down is not None:
            raise RigError(self.cloud.down)


def _content(answer: Answer) -> dict[str, list[dict[str, object]]]:
    if answer.status != 200 or answer.body is None:
        raise RigError(f"cloud: it answered {answer.status}: {answer.body}")
    return answer.body
