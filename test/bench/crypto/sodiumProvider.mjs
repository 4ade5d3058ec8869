/**
 * A provider for ts-mls on libsodium alone, for suite MLS_256_XWING_CHACHA20POLY1305_SHA512_Ed25519. The provider
 * that comes with ts-mls is JavaScript throughout, and beating that would say little.
 */
const utf8 = (text) => new TextEncoder().encode(text);
const bytes16 = (n) => new Uint8Array([n >> 8, n & 255]);
const none = new Uint8Array();
const join = (...parts) => new Uint8Array(Buffer.concat(parts));

const kemId = 0x647a;
const kdfId = 3;
const aeadId = 3;
const hashSize = 64;

export function makeProvider(sodium) {
  const hmac = (key, ...parts) => {
    const state = sodium.crypto_auth_hmacsha512_init(key.length > 0 ? key : new Uint8Array(hashSize));
    for (const part of parts) sodium.crypto_auth_hmacsha512_update(state, part);
    return sodium.crypto_auth_hmacsha512_final(state);
  };
  /** HKDF-Expand (RFC 5869). */
  const expand = (prk, info, size) => {
    let block = none;
    const blocks = [];
    for (let i = 1; blocks.length * hashSize < size; i++) {
      block = hmac(prk, block, info, new Uint8Array([i]));
      blocks.push(block);
    }
    return join(...blocks).slice(0, size);
  };
  const seal = (key, nonce, aad, plain) =>
    sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plain, aad ?? none, null, nonce, key);
  const open = (key, nonce, aad, sealed) =>
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, aad ?? none, nonce, key);

  const impl = (suite) => ({
    name: suite.name,
    rng: { randomBytes: (size) => sodium.randombytes_buf(size) },
    hash: {
      digest: async (data) => sodium.crypto_hash_sha512(data),
      mac: async (key, data) => hmac(key, data),
      verifyMac: async (key, mac, data) => sodium.memcmp(hmac(key, data), mac),
    },
    kdf: {
      extract: async (salt, secret) => hmac(salt, secret),
      expand: async (prk, info, size) => expand(prk, info, size),
      size: hashSize,
    },
    signature: {
      sign: async (key, message) => sodium.crypto_sign_detached(message, key),
      verify: async (key, message, signature) => sodium.crypto_sign_verify_detached(signature, message, key),
      keygen: async () => {
        const pair = sodium.crypto_sign_keypair();
        return { publicKey: pair.publicKey, signKey: pair.privateKey };
      },
    },
    hpke: makeHpke(sodium, { hmac, expand, seal, open }),
  });
  return { getCiphersuiteImpl: async (suite) => impl(suite) };
}

/** HPKE in base mode (RFC 9180) with X-Wing, HKDF-SHA512 and ChaCha20-Poly1305. */
function makeHpke(sodium, { hmac, expand, seal, open }) {
  const suite = join(utf8('HPKE'), bytes16(kemId), bytes16(kdfId), bytes16(aeadId));
  const version = utf8('HPKE-v1');
  const extract = (salt, label, secret) => hmac(salt, version, suite, utf8(label), secret);
  const derive = (prk, label, info, size) => expand(prk, join(bytes16(size), version, suite, utf8(label), info), size);
  const schedule = (shared, info) => {
    const context = join(new Uint8Array(1), extract(none, 'psk_id_hash', none), extract(none, 'info_hash', info));
    const secret = extract(shared, 'secret', none);
    return {
      key: derive(secret, 'key', context, 32),
      nonce: derive(secret, 'base_nonce', context, 12),
      exporter: derive(secret, 'exp', context, hashSize),
    };
  };
  const pairOf = (seed) => {
    const pair = sodium.crypto_kem_xwing_seed_keypair(seed);
    return { privateKey: { type: 'private', k: seed }, publicKey: { type: 'public', k: pair.publicKey } };
  };
  const encapsulate = (key) => sodium.crypto_kem_xwing_enc(key.k);
  const decapsulate = (key, ciphertext) => sodium.crypto_kem_xwing_dec(ciphertext, key.k);
  return {
    keyLength: 32,
    nonceLength: 12,
    async seal(key, plain, info, aad) {
      const { ciphertext, sharedSecret } = encapsulate(key);
      const made = schedule(sharedSecret, info);
      return { ct: seal(made.key, made.nonce, aad, plain), enc: ciphertext };
    },
    async open(key, ciphertext, sealed, info, aad) {
      const made = schedule(decapsulate(key, ciphertext), info);
      return open(made.key, made.nonce, aad, sealed);
    },
    async exportSecret(key, context, size, info) {
      const { ciphertext, sharedSecret } = encapsulate(key);
      return { enc: ciphertext, secret: derive(schedule(sharedSecret, info).exporter, 'sec', context, size) };
    },
    importSecret: async (key, context, ciphertext, size, info) =>
      derive(schedule(decapsulate(key, ciphertext), info).exporter, 'sec', context, size),
    importPrivateKey: async (k) => pairOf(k).privateKey,
    importPublicKey: async (k) => ({ type: 'public', k }),
    exportPublicKey: async (key) => key.k,
    exportPrivateKey: async (key) => key.k,
    encryptAead: async (key, nonce, aad, plain) => seal(key, nonce, aad, plain),
    decryptAead: async (key, nonce, aad, sealed) => open(key, nonce, aad, sealed),
    deriveKeyPair: async (secret) => pairOf(sodium.crypto_xof_shake256(32, secret)),
    generateKeyPair: async () => pairOf(sodium.randombytes_buf(32)),
  };
}
