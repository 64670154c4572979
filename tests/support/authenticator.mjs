// A security key made of software (Web Authentication Level 3 §6), and a browser around it that may lie: every member
// of what it answers can be replaced.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

// CBOR (RFC 8949) of what attestation objects are made of.
function head(major, value) {
  if (value < 24) return Buffer.from([major << 5 | value]);
  if (value < 256) return Buffer.from([major << 5 | 24, value]);
  return Buffer.from([major << 5 | 25, value >> 8, value & 255]);
}
function cbor(value) {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.length), ...value.flatMap(([key, item]) => [cbor(key), cbor(item)])]);
}

const kinds = {
  ES256: {
    make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    cose: ({ x, y }) => [[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, 'base64url')], [-3, Buffer.from(y, 'base64url')]],
    hash: 'sha256',
  },
  EdDSA: {
    make: () => generateKeyPairSync('ed25519'),
    cose: ({ x }) => [[1, 1], [3, -8], [-1, 6], [-2, Buffer.from(x, 'base64url')]],
    hash: null,
  },
  RS256: {
    make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    cose: ({ n, e }) => [[1, 3], [3, -257], [-1, Buffer.from(n, 'base64url')], [-2, Buffer.from(e, 'base64url')]],
    hash: 'sha256',
  },
};
export const algorithms = Object.keys(kinds);

const [present, verified, eligible, backedUp, attested] = [1, 4, 8, 16, 64];
export const flags = { present, verified, eligible, backedUp, attested };

export class Authenticator {
  constructor(origin, algorithm = 'ES256') {
    this.origin = origin;
    this.kind = kinds[algorithm];
    this.keys = this.kind.make();
    this.id = randomBytes(32);
    this.count = 0;
    this.flags = present | verified;
  }

  // What PublicKeyCredential.toJSON() gives after create(). `lie`: {type, origin, challenge, rpId, flags, crossOrigin}.
  create(options, lie = {}) {
    const key = cbor(this.kind.cose(this.keys.publicKey.export({ format: 'jwk' })));
    const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, this.id.length]), this.id, key]);
    const data = Buffer.concat([this.#data(lie.rpId ?? options.rp.id, attested | (lie.flags ?? this.flags)), credential]);
    return this.#answer({
      clientDataJSON: b64(this.#clientData('webauthn.create', options.challenge, lie)),
      attestationObject: b64(cbor([['fmt', 'none'], ['attStmt', []], ['authData', lie.authData ?? data]])),
      transports: ['internal'],
    });
  }

  // …and after get(). `lie` also: {count, signature}.
  get(options, lie = {}) {
    const clientData = this.#clientData('webauthn.get', options.challenge, lie);
    this.count += 1;
    const data = this.#data(lie.rpId ?? options.rpId, lie.flags ?? this.flags, lie.count);
    const signature = sign(this.kind.hash, Buffer.concat([data, sha256(clientData)]), lie.privateKey ?? this.keys.privateKey);
    return this.#answer({ clientDataJSON: b64(clientData), authenticatorData: b64(data), signature: b64(signature), userHandle: null });
  }

  #clientData(type, challenge, lie) {
    return Buffer.from(JSON.stringify({
      type: lie.type ?? type, challenge: lie.challenge ?? challenge, origin: lie.origin ?? this.origin, crossOrigin: lie.crossOrigin ?? false,
    }));
  }

  #data(rpId, bits, count = this.count) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(count);
    return Buffer.concat([sha256(rpId), Buffer.from([bits]), counter]);
  }

  #answer(response) {
    const id = b64(this.id);
    return { id, rawId: id, type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: {}, response };
  }
}
