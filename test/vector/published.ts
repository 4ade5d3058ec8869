/** The vectors of others, as they lie in data/. Each file says in `source` where it is from. */
import { readFileSync } from 'node:fs';

type Texts<K extends string> = Readonly<Record<K, string>>;
interface Set<V> {
  readonly source: string;
  readonly vectors: readonly V[];
}
type Signed = Texts<'seed' | 'public' | 'message' | 'signature'>;
type Sealed = Texts<'key' | 'nonce' | 'aad' | 'plain' | 'sealed'>;
type Stretched = Texts<'passphrase' | 'salt' | 'key'> & Readonly<Record<'passes' | 'memoryBytes', number>>;

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./data/${name}.json`, import.meta.url), 'utf8'));

export const small = read('published') as {
  readonly blake2b: Set<Texts<'message' | 'hash'>>;
  readonly xchacha20poly1305: Set<Sealed>;
  readonly smallOrder: { readonly source: string; readonly keys: readonly string[] };
};
export const xwing = read('published/xwing') as Set<Texts<'seed' | 'eseed' | 'pk' | 'ct' | 'ss'>>;
export const ed25519 = read('published/ed25519') as Readonly<Record<'rfc8032' | 'reference', Set<Signed>>>;
export const ed25519Wycheproof = read('published/ed25519Wycheproof') as {
  readonly source: string;
  readonly groups: readonly {
    readonly public: string;
    readonly tests: readonly (Texts<'result' | 'message' | 'signature'> & { readonly id: number })[];
  }[];
};
export const speccheck = read('published/ed25519Speccheck') as Set<
  Texts<'about' | 'public' | 'message' | 'signature'> & { readonly id: number; readonly taken: boolean }
>;
export const x25519 = read('published/x25519') as Set<Texts<'scalar' | 'u' | 'out'>> & {
  readonly iterations: readonly { readonly count: number; readonly out: string }[];
};
export const x25519Wycheproof = read('published/x25519Wycheproof') as Set<
  Texts<'result' | 'public' | 'private' | 'shared'> & { readonly id: number }
>;
export const xchachaWycheproof = read('published/xchacha20poly1305Wycheproof') as Set<Sealed & { readonly id: number }>;
export const blake2b = read('published/blake2b') as Readonly<Record<'keyed' | 'unkeyed', readonly string[]>>;
export const argon2id = read('published/argon2id') as Readonly<Record<'libsodium' | 'others', Set<Stretched>>>;
