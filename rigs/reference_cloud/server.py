"""Puts the two faces of the cloud onto their sockets, and takes them off again."""

import asyncio
import json
import os
import signal
import time
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from rigs.reference_cloud.account_api import KeeperApi, OwnerApi
from rigs.reference_cloud.account_calls import KeeperCalls, OwnerCalls
from rigs.reference_cloud.calls import DeviceCalls, OperatorCalls
from rigs.reference_cloud.certificates import Mint
from rigs.reference_cloud.device_api import DeviceApi
from rigs.reference_cloud.operator_api import OperatorApi
from rigs.reference_cloud.services.clock import CloudClock
from rigs.reference_cloud.services.service import HONEST, Services, parts_of
from rigs.reference_cloud.store import Store

_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says. `addresses` go into the certificate for clients without SNI.

    `variant`: honest, or the cloud of the zoo to be.
    """

    host: str
    port: int
    operator_socket: Path
    state: Path
    ca_cert: Path
    ca_key: Path
    ready_file: Path | None
    addresses: tuple[str, ...]
    variant: str = HONEST


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises `OSError`, `ValueError` or `sqlite3.Error` at start."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with AsyncExitStack() as open_now:
        store = Store(settings.state / "cloud.sqlite3")
        open_now.callback(store.close)
        mint = Mint(settings.ca_cert, settings.ca_key, settings.state / "certificates")
        services = _services(settings)
        open_now.callback(services.close)
        keeper = KeeperApi(KeeperCalls(store, services))
        operator = await _runner(open_now, OperatorApi(OperatorCalls(store), keeper).application())
        calls = DeviceCalls(store, services, _new_id)
        owners = OwnerApi(OwnerCalls(services))
        devices = await _runner(open_now, DeviceApi(calls, owners).application())
        await _listen_to_operator(operator, settings.operator_socket)
        open_now.callback(settings.operator_socket.unlink, missing_ok=True)
        context = mint.default_context(settings.addresses)
        await web.TCPSite(devices, settings.host, settings.port, ssl_context=context).start()
        _say_ready(settings.ready_file, devices.addresses[0])
        await stop.wait()


def _services(settings: Settings) -> Services:
    parts = parts_of(settings.variant)
    return Services(settings.state / "accounts", CloudClock(time.time), _new_id, parts)


def _new_id() -> str:
    return uuid.uuid4().hex


async def _runner(open_now: AsyncExitStack, app: web.Application) -> web.AppRunner:
    runner = web.AppRunner(app, shutdown_timeout=_GRACE_S)
    await runner.setup()
    open_now.push_async_callback(runner.cleanup)
    return runner


async def _listen_to_operator(runner: web.AppRunner, path: Path) -> None:
    usual = os.umask(0o177)  # the socket is the operator's alone from its first moment on
    try:
        await web.UnixSite(runner, path).start()
    finally:
        os.umask(usual)


def _say_ready(ready_file: Path | None, address: tuple[str, int]) -> None:
    host, port = address[:2]
    print(f"ready {host}:{port}", flush=True)
    if ready_file is not None:
        draft = ready_file.with_name(ready_file.name + ".draft")
        draft.write_text(json.dumps({"host": host, "port": port, "pid": os.getpid()}) + "\n")
        draft.replace(ready_file)
