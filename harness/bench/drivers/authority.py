"""The rig's own certificate authority, which the device is told to trust and the cloud signs with.

It exists on this machine only, and is good for nothing else: keep its key private all the same.
"""

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness.errors import RigError

_LIFETIME = dt.timedelta(days=5 * 365)
_RENEW_BEFORE_END = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Authority:
    """Where the authority's certificate and its private key lie (PEM files)."""

    certificate: Path
    key: Path


def open_authority(folder: Path, now: dt.datetime | None = None) -> Authority:
    """The authority kept in `folder`; made there when missing, unusable, or near its end.

    `now` (with time zone; default the machine's clock) is what its end is compared with. Raises
    `RigError` when the folder cannot be written.
    """
    now = now or dt.datetime.now(dt.UTC)
    authority = Authority(folder / "authority.crt", folder / "authority.key")
    try:
        if not _usable(authority, now):
            _make(authority, now)
    except OSError as error:
        raise RigError(
            f"certificate authority: cannot be kept in {folder}: {error}. "
            "Make the folder writable for you, or name another one in the rig file."
        ) from error
    return authority


def _usable(authority: Authority, now: dt.datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
        key = serialization.load_pem_private_key(authority.key.read_bytes(), password=None)
    except (FileNotFoundError, ValueError):
        return False  # never made, or half written by a run that was killed: made anew
    if certificate.public_key() != key.public_key():
        return False
    authority.key.chmod(0o600)
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return first <= now < last - _RENEW_BEFORE_END


def _make(authority: Authority, now: dt.datetime) -> None:
    authority.key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(authority.key, pem, 0o600)
    certificate = _certificate(key, now).public_bytes(serialization.Encoding.PEM)
    _write(authority.certificate, certificate, 0o644)


def _certificate(key: ec.EllipticCurvePrivateKey, now: dt.datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sayso rig authority")])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write in one step, private from the first moment on."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=mode, exist_ok=False)
    draft.write_bytes(content)
    draft.replace(path)
