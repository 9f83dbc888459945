"""Certificates for whatever server name a client asks for, signed by the rig's authority."""

import datetime as dt
import hashlib
import ipaddress
import re
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.(?!-)[A-Za-z0-9_-]{1,63})*\.?")
_MOST_NAMES = 1000
_LIFETIME = dt.timedelta(days=397)


class Mint:
    """Makes TLS contexts, one for each server name, and keeps them.

    One key serves all names: the certificates differ, and making them takes under a millisecond.
    """

    def __init__(self, ca_cert: Path, ca_key: Path, folder: Path) -> None:
        """Load the authority; leaf certificates are written to `folder` (made private).

        Raises `OSError` or `ValueError` when the authority cannot be read.
        """
        self._authority = x509.load_pem_x509_certificate(ca_cert.read_bytes())
        key = serialization.load_pem_private_key(ca_key.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{ca_key}: not an elliptic-curve key; make the authority anew")
        self._authority_key = key
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._key_path = folder / "leaf.key"
        self._key_path.touch(mode=0o600)
        self._key_path.write_bytes(_pem(self._leaf_key))
        self._contexts: dict[str, ssl.SSLContext] = {}

    def default_context(self, addresses: tuple[str, ...]) -> ssl.SSLContext:
        """The context to listen with: good for `addresses`, swapped when a name is asked for."""
        names: list[x509.GeneralName] = [x509.DNSName("localhost")]
        names += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        context = self._context("default", names)
        context.sni_callback = self._choose
        return context

    def _choose(
        self, connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext
    ) -> int | None:
        if name is None:
            return None
        host = name.lower().rstrip(".")
        if host not in self._contexts:
            if len(host) > 253 or not _HOST_NAME.fullmatch(host):
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            if len(self._contexts) >= _MOST_NAMES:
                self._contexts.clear()
            self._contexts[host] = self._context(host, [x509.DNSName(host)])
        connection.context = self._contexts[host]
        return None

    def _context(self, name: str, names: list[x509.GeneralName]) -> ssl.SSLContext:
        path = self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.crt"
        certificate = self._certificate(name, names)
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(path, self._key_path)
        return context

    def _certificate(self, name: str, names: list[x509.GeneralName]) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        identifier = self._authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._authority.subject)
            .public_key(self._leaf_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(max(now - _LIFETIME, self._authority.not_valid_before_utc))
            .not_valid_after(min(now + _LIFETIME, self._authority.not_valid_after_utc))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(authority, critical=False)
            .sign(self._authority_key, hashes.SHA256())
        )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
