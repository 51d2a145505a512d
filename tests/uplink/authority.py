"""Certificates for the tests, good ones and every kind of bad one; made anew each time, kept nowhere."""
import datetime
import ipaddress
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime.utcnow()
DAY = datetime.timedelta(days=1)


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def private_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class Authority:
    def __init__(self, text='Test authority'):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = name(text)
        self.certificate = self.sign(self.subject, self.key.public_key(), authority=True)

    def sign(self, subject, public, begin=NOW - DAY, end=NOW + 365 * DAY, hosts=(), client=False, authority=False, issuer=None):
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or self.subject)
                   .public_key(public).serial_number(x509.random_serial_number())
                   .not_valid_before(begin).not_valid_after(end)
                   .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True))
        if hosts:
            names = [x509.IPAddress(ipaddress.ip_address(h)) if h[0].isdigit() else x509.DNSName(h) for h in hosts]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if not authority:
            usage = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def pair(self, path, text, **how):
        """Writes certificate and key into one PEM file; returns its path."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.sign(name(text), key.public_key(), **how)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o400), 'wb') as f:
            f.write(certificate.public_bytes(serialization.Encoding.PEM) + private_pem(key))
        return path


def self_signed(path, hosts):
    """Nobody vouches for it but itself."""
    alone = Authority('alone')
    certificate = alone.sign(alone.subject, alone.key.public_key(), hosts=hosts)
    with open(path, 'wb') as f:
        f.write(certificate.public_bytes(serialization.Encoding.PEM) + private_pem(alone.key))
    return path
