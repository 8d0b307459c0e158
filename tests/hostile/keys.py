"""Keys and certificates for tokens that look like Google's."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from firebase_admin import credentials
from google.auth.credentials import AnonymousCredentials

KEY_ID = "key-1"
PROJECT = "some-project"


class Nobody(credentials.Base):  # type: ignore[misc] # the library is untyped
    """No account: checking tokens needs none."""

    def get_credential(self) -> AnonymousCredentials:
        return AnonymousCredentials()


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def certificate(key: rsa.RSAPrivateKey) -> str:
    name, now = x509.Name([]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
