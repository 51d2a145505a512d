/*
 * An opener for laneseal records that shares nothing with the firmware: written from docs/RECORD.md, on
 * @hpke/core, cbor2 and the Web Crypto of node. Opens the fixtures of both crypto ports and of both profiles of
 * the chain entry.
 *
 *     node open.mjs FIXTURE...
 *
 * Last line: "N passed, N failed[, N skipped]".
 */
import { readFileSync } from 'node:fs';
import { createHash, createHmac, webcrypto } from 'node:crypto';

const fixtures = process.argv.slice(2);

async function libraries() {
	try {
		return { ...(await import('@hpke/core')), ...(await import('cbor2')) };
	} catch (err) {
		if (err.code !== 'ERR_MODULE_NOT_FOUND')
			throw err;
		console.log('skipped: the npm packages are not there; run "npm ci" in tests/interop');
		console.log(`0 passed, 0 failed, ${fixtures.length} skipped`);
		process.exit(0);
	}
}
const { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256, decode, decodeSequence, encode, Tag } = await libraries();

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex')); // cbor2 wants a Uint8Array, not a Buffer
const same = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;
const sha256 = (data) => createHash('sha256').update(data).digest();
const cbor = (value) => Uint8Array.from(encode(value, { cde: true }));
const integers = { preferMap: true };
const entryKeys = { 1: [1, 2, 4, 5, 6, 7, 8, 9, 10, 11], 2: [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 17, 18, 19] };

function must(condition, what) {
	if (!condition)
		throw new Error(what);
}

function fields(path) {
	const out = {};
	for (const line of readFileSync(path, 'utf8').split('\n'))
		if (line && !line.startsWith('#'))
			out[line.split(' ')[0]] = bytes(line.split(' ')[1]);
	return out;
}

const jwk = (point, extra) => ({
	kty: 'EC', crv: 'P-256',
	x: Buffer.from(point.slice(1, 33)).toString('base64url'),
	y: Buffer.from(point.slice(33)).toString('base64url'), ...extra,
});

async function verifySign1([protectedHeader, , payload, signature], point) {
	const key = await webcrypto.subtle.importKey('jwk', jwk(point), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
	const signed = cbor(['Signature1', protectedHeader, new Uint8Array(0), payload]);
	must(await webcrypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, signed), 'signature');
}

/* The content key, for the holder of this scalar. */
async function unwrap(suite, recipients, scalar) {
	const recipientKey = await suite.kem.deserializePrivateKey(scalar);
	const { x, y } = await publicPoint(scalar);
	const id = sha256(Buffer.concat([Buffer.of(4), x, y])).subarray(0, 16);
	const mine = recipients.filter(([protectedHeader]) => same(decode(protectedHeader, integers).get(4), id));
	must(mine.length === 1, 'recipient');
	const [protectedHeader, unprotected, wrapped] = mine[0];
	must(decode(protectedHeader, integers).get(1) === 53, 'algorithm of the recipient');
	const info = cbor(['HPKE Recipient', 3, protectedHeader, new Uint8Array(0)]);
	const context = await suite.createRecipientContext({ recipientKey, enc: unprotected.get(-4), info });
	return new Uint8Array(await context.open(wrapped));
}

async function publicPoint(scalar) {
	const { createECDH } = await import('node:crypto');
	const ecdh = createECDH('prime256v1');
	ecdh.setPrivateKey(Buffer.from(scalar));
	const point = ecdh.getPublicKey();
	return { x: point.subarray(1, 33), y: point.subarray(33) };
}

/* The plaintext is a CBOR sequence: one map, then zeros. */
function takeMap(plain) {
	const [map, ...rest] = [...decodeSequence(plain, integers)];
	must(rest.every((item) => item === 0), 'padding');
	return map;
}

async function openBody(suite, item, headerBytes, scalar) {
	const [protectedHeader, unprotected, text, recipients] = item.contents;
	const header = decode(headerBytes, integers);
	const contentKey = await unwrap(suite, recipients, scalar);
	const commitment = createHmac('sha256', contentKey).update('laneseal content key commitment v1\x01').digest();
	must(same(commitment, header.get(8)), 'commitment');
	const key = await webcrypto.subtle.importKey('raw', contentKey, 'AES-GCM', false, ['decrypt']);
	const additionalData = cbor(['Encrypt', protectedHeader, headerBytes]);
	const plain = await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv: unprotected.get(5), additionalData }, key, text);
	const passage = takeMap(new Uint8Array(plain));
	must(passage.get(1) === header.get(7) && passage.get(2) === header.get(6), 'header and body');
	return { passage, contentKey };
}

async function openFixture(path) {
	const f = fields(path);
	const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
	const [sign1, encrypt] = [...decodeSequence(f.record, integers)];
	must(sign1 instanceof Tag && sign1.tag === 18 && encrypt.tag === 96, 'tags');
	await verifySign1(sign1.contents, f.unit_point);
	const entry = decode(sign1.contents[2], integers);
	must(same([...entry.keys()], entryKeys[entry.get(1)]), 'fields of the chain entry');
	const body = f.record.slice(f.record.length - entry.get(10));
	must(same(sha256(body), entry.get(11)), 'hash of the body');
	const header = decode(entry.get(9), integers);
	must(same(header.get(3), sha256(f.policy)), 'hash of the policy');
	await verifySign1(decode(f.policy, integers).contents, f.policy_point);
	for (const scalar of [f.agency_scalar, f.escrow_scalar]) {
		const { passage, contentKey } = await openBody(suite, encrypt, entry.get(9), scalar);
		must(same(contentKey, f.content_key), 'content key');
		must(same(passage.get(10)[0].get(9), f.picture), 'picture');
	}
}

let passed = 0, failed = 0;
for (const path of fixtures) {
	try {
		await openFixture(path);
		console.log(`opened: ${path}`);
		passed++;
	} catch (err) {
		console.log(`failed: ${path}: ${err.stack}`);
		failed++;
	}
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
