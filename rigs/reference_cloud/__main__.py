"""The command line of the reference cloud."""

import argparse
import asyncio
import ipaddress
import logging
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from rigs.reference_cloud.server import Settings, serve
from rigs.reference_cloud.services.service import HONEST


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cloud until it is told to stop: 0 then, 1 when it could not start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    settings = _settings(arguments)
    if settings.ready_file is not None:
        settings.ready_file.unlink(missing_ok=True)
    try:
        asyncio.run(serve(settings))
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"reference cloud: cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def _settings(arguments: Sequence[str] | None) -> Settings:
    parser = argparse.ArgumentParser(
        prog="python -m rigs.reference_cloud",
        description="The cloud of the reference device. docs/reference-cloud.md is its contract.",
    )
    parser.add_argument("--listen", default="0.0.0.0:443", metavar="HOST:PORT", type=_host_port)
    parser.add_argument("--operator-socket", required=True, type=Path, metavar="PATH")
    parser.add_argument("--state", required=True, type=Path, metavar="DIR")
    parser.add_argument("--ca-cert", required=True, type=Path, metavar="FILE")
    parser.add_argument("--ca-key", required=True, type=Path, metavar="FILE")
    parser.add_argument("--ready-file", type=Path, metavar="PATH", help="written once listening")
    parser.add_argument(
        "--address",
        action="append",
        default=[],
        type=_address,
        metavar="IP",
        help="an address that clients without SNI may check the certificate against",
    )
    parser.add_argument(
        "--variant", default=HONEST, metavar="NAME", help="a cloud of rigs/zoo/clouds to be"
    )
    given = parser.parse_args(arguments)
    host, port = given.listen
    return Settings(
        host=host,
        port=port,
        operator_socket=given.operator_socket,
        state=given.state,
        ca_cert=given.ca_cert,
        ca_key=given.ca_key,
        ready_file=given.ready_file,
        addresses=tuple(given.address),
        variant=given.variant,
    )


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 0.0.0.0:443")
    return host.strip("[]"), int(port)


def _address(text: str) -> str:
    return str(ipaddress.ip_address(text))


if __name__ == "__main__":
    sys.exit(main())
