"""Reads and opens records, written from docs/RECORD.md alone: nothing of the firmware, nothing of laneopen.

CBOR by hand, everything else by Python's `cryptography`. Reads just what units write, and says so
with ValueError when something else comes.
"""
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key, load_pem_private_key

P256 = ec.SECP256R1()
KEM, SUITE = b'KEM\0\x10', b'HPKE\0\x10\0\x01\0\x02'
COMMITMENT = b'laneseal content key commitment v1\x01'


class Tag:
    def __init__(self, number, value):
        self.number, self.value = number, value


def cbor(data, at=0):
    """One item: (value, where it ends)."""
    major, n = data[at] >> 5, data[at] & 31
    at += 1
    if n > 27:
        raise ValueError('CBOR of indefinite length at %d' % (at - 1))
    if n > 23:
        size = 1 << (n - 24)
        n, at = int.from_bytes(data[at:at + size], 'big'), at + size
    if major == 0:
        return n, at
    if major == 1:
        return -1 - n, at
    if major in (2, 3):
        if at + n > len(data):
            raise ValueError('a string longer than the data at %d' % at)
        return (data[at:at + n] if major == 2 else data[at:at + n].decode()), at + n
    if major == 4:
        items = []
        for _ in range(n):
            item, at = cbor(data, at)
            items.append(item)
        return items, at
    if major == 5:
        pairs = {}
        for _ in range(n):
            key, at = cbor(data, at)
            pairs[key], at = cbor(data, at)
        return pairs, at
    if major == 6:
        value, at = cbor(data, at)
        return Tag(n, value), at
    raise ValueError('no CBOR of a record at %d' % (at - 1))


def head(major, n):
    return bytes([major << 5 | n]) if n < 24 else bytes([major << 5 | 24, n]) if n < 256 else \
        bytes([major << 5 | 25]) + n.to_bytes(2, 'big')


def bstr(data):
    return head(2, len(data)) + data


def tstr(text):
    return head(3, len(text)) + text.encode()


class Recipient:
    def __init__(self, item):
        self.protected, unprotected, self.wrapped = item
        header = cbor(self.protected)[0]
        if header[1] != 53:
            raise ValueError('a recipient of algorithm %r' % header[1])
        self.key_id, self.ek = header[4], unprotected[-4]


def split(data):
    """Where the passages lie in a file of records, one behind another: [(from, to)]. Entries without a body are passed over."""
    found, at = [], 0
    while at < len(data):
        entry, end = cbor(data, at)
        if entry.number != 18:
            raise ValueError('no record at %d' % at)
        if 9 in cbor(entry.value[2])[0]:
            _, end = cbor(data, end)
            found.append((at, end))
        at = end
    return found


class Record:
    """The parts of one record: a signed entry with its body."""

    def __init__(self, data):
        entry, at = cbor(data)
        body, end = cbor(data, at)
        if (entry.number, body.number, end) != (18, 96, len(data)):
            raise ValueError('not a passage')
        self.entry = cbor(entry.value[2])[0]
        self.header_bytes = self.entry[9]
        self.header = cbor(self.header_bytes)[0]
        self.commitment = self.header[8]
        protected, unprotected, self.text, recipients = body.value
        self.aad = head(4, 3) + tstr('Encrypt') + bstr(protected) + bstr(self.header_bytes)
        self.iv = unprotected[5]
        self.recipients = [Recipient(r) for r in recipients]


def point(public):
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Key:
    """A private key of P-256, from PEM or DER."""

    def __init__(self, data):
        load = load_pem_private_key if b'-----BEGIN' in data else load_der_private_key
        self.private = load(data, None)
        self.point = point(self.private.public_key())
        self.key_id = hashlib.sha256(self.point).digest()[:16]


def mac(key, data):
    return hmac.digest(key, data, 'sha256')


def extract(suite, salt, label, ikm):
    return mac(salt or bytes(32), b'HPKE-v1' + suite + label + ikm)


def expand(suite, prk, label, info, n):
    return mac(prk, n.to_bytes(2, 'big') + b'HPKE-v1' + suite + label + info + b'\x01')[:n]


def unwrap(key, recipient):
    """The content key, by RFC 9180 in base mode. InvalidTag when this key is not the one."""
    info = head(4, 4) + tstr('HPKE Recipient') + b'\x03' + bstr(recipient.protected) + bstr(b'')
    peer = ec.EllipticCurvePublicKey.from_encoded_point(P256, recipient.ek)
    dh = key.private.exchange(ec.ECDH(), peer)
    secret = expand(KEM, extract(KEM, b'', b'eae_prk', dh), b'shared_secret', recipient.ek + key.point, 32)
    context = b'\0' + extract(SUITE, b'', b'psk_id_hash', b'') + extract(SUITE, b'', b'info_hash', info)
    prk = extract(SUITE, secret, b'secret', b'')
    nonce = expand(SUITE, prk, b'base_nonce', context, 12)
    return AESGCM(expand(SUITE, prk, b'key', context, 32)).decrypt(nonce, recipient.wrapped, b'')


def plain_of(content_key, record):
    if mac(content_key, COMMITMENT) != record.commitment:
        raise ValueError('the commitment does not fit')
    return AESGCM(content_key).decrypt(record.iv, record.text, record.aad)


def open_with(content_key, record):
    """The passage as a map. ValueError or InvalidTag when the record is altered."""
    plain = plain_of(content_key, record)
    passage, end = cbor(plain)
    if plain[end:].strip(b'\0') or passage[1] != record.header[7]:
        raise ValueError('padding, or passage')
    return passage


def content_key(key, record):
    """For whom the record is meant: finds itself by the key id. None when it is not meant for this key."""
    for recipient in record.recipients:
        if recipient.key_id == key.key_id:
            return unwrap(key, recipient)
    return None


def tries(key, record):
    """A thief's way: this key on every recipient's place, whatever the key ids say. How many content keys come out."""
    found = 0
    for recipient in record.recipients:
        try:
            unwrap(key, recipient)
            found += 1
        except InvalidTag:
            pass
    return found


def policy(data):
    """The map of a policy file."""
    item, end = cbor(data)
    if item.number != 18 or end != len(data):
        raise ValueError('not a policy')
    return cbor(item.value[2])[0]


def policy_recipients(data):
    """[(role, point)] of a policy file."""
    return [(r[1], r[2]) for r in policy(data)[6]]
