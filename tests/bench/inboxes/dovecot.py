"""A real IMAP server: dovecot, in a folder and on ports of its own. Only root may start it so."""

import datetime as dt
import ipaddress
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "bench", "not-a-secret"
CAN_RUN = os.getuid() == 0
PROGRAM = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")

_CONFIG = """
base_dir = {base}
state_dir = {base}
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def self_signed(folder: Path, address: str) -> tuple[Path, Path]:
    """A certificate for an IP address that signs itself, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.bench.test")])
    now = dt.datetime.now(dt.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "mail.crt", folder / "mail.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Dovecot:
    """Runs until `stop`; `deliver` puts a mail there as a mail server does."""

    def __init__(self, folder: Path, certificate: tuple[Path, Path] | None = None) -> None:
        assert PROGRAM is not None
        self.folder, self.port, self.secure_port = folder, free_port(), free_port()
        me = self._owner = pwd.getpwnam("nobody")  # root may have no mail
        config = folder / "dovecot.conf"
        lines = ""
        if certificate is not None:
            lines = f"ssl_cert = <{certificate[0]}\nssl_key = <{certificate[1]}"
        config.write_text(
            _CONFIG.format(
                base=folder / "run",
                folder=folder,
                uid=me.pw_uid,
                gid=me.pw_gid,
                port=self.port,
                secure_port=self.secure_port,
                password=PASSWORD,
                ssl="yes" if certificate else "no",
                certificate=lines,
            )
        )
        (folder / "run").mkdir(exist_ok=True)
        for part in ("cur", "new", "tmp"):
            (folder / "mail" / part).mkdir(parents=True, exist_ok=True)
            self._give(folder / "mail" / part)
        self._give(folder / "mail")
        self._start()

    def _start(self) -> None:
        assert PROGRAM is not None
        self._process = subprocess.Popen(
            [PROGRAM, "-F", "-c", str(self.folder / "dovecot.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(200):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def restart(self) -> None:
        self.stop()
        self._start()

    def stop(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)  # those that serve somebody too
        self._process.wait(10)

    def deliver(self, name: str, content: bytes) -> None:
        made = self.folder / "mail" / "tmp" / name
        made.write_bytes(content)
        self._give(made)
        made.rename(self.folder / "mail" / "new" / name)

    def _give(self, path: Path) -> None:
        os.chown(path, self._owner.pw_uid, self._owner.pw_gid)
