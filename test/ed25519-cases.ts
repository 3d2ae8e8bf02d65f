// Signatures made to be awkward: keys and commitments with a torsion part, of small order and in other spellings, scalars beyond
// L, bits flipped, parts exchanged. They come in kinds, from a small store of keys, so that some keys come often.

import { concat, equals } from '../sdk/src/bytes.ts'
import type { SignedMessage } from '../sdk/src/crypto/crypto.ts'
import {
  createRandom,
  largeOrderSpellings,
  littleEndian,
  numberOf,
  order,
  type Random,
  type Secret,
  secretsFrom,
  signWith,
  smallOrderEncodings,
  spoilt,
  torsion,
  withScalar,
} from './ed25519-signing.ts'

/** How to make a case, and whether ZIP-215 accepts all of the kind, none, or some. */
type Kind = { readonly make: () => SignedMessage; readonly accepts: 'all' | 'none' | 'some' }

export type Cases = {
  readonly random: Random
  readonly kinds: Readonly<Record<string, Kind>>
}

/** Keys in the store; each comes with every part of small order. */
const keyCount = 48
const commitmentCount = 128

/** All cases that follow from a seed. */
export function createCases(seed: string): Cases {
  const random = createRandom(seed)
  const store = (count: number): readonly Secret[][] => {
    const first = random.scalar()
    return torsion.map(part => secretsFrom(first, count, [part]))
  }
  const [keys, commitments] = [store(keyCount), store(commitmentCount)]
  const message = (): Uint8Array => random.bytes(random.below(300))
  const pure = (): SignedMessage => signWith(random.pick(keys[0]!), random.pick(commitments[0]!), message())
  const torsioned = (): SignedMessage =>
    signWith(random.pick(random.pick(keys)), random.pick(random.pick(commitments)), message())
  const small = (): Secret => ({ factor: 0n, encoded: random.pick(smallOrderEncodings) })

  function flipped(item: SignedMessage): SignedMessage {
    const field = random.pick(['publicKey', 'signature', 'signature', 'message'] as const)
    const bytes = Uint8Array.from(item[field].length === 0 ? [0] : item[field])
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
    return { ...item, [field]: bytes }
  }

  /** S plus a multiple of L, as far as it fits 32 bytes. */
  function withLargeScalar(item: SignedMessage): SignedMessage {
    const s = numberOf(item.signature.subarray(32)) + order * BigInt(1 + random.below(14))
    return { ...item, signature: concat(item.signature.subarray(0, 32), littleEndian(s)) }
  }

  /** Key or commitment replaced. */
  function withPoint(item: SignedMessage, encoded: Uint8Array): SignedMessage {
    const signature = concat(encoded, item.signature.subarray(32))
    return random.below(2) === 0 ? { ...item, publicKey: encoded } : { ...item, signature }
  }

  /** A part of another signature in the place of its own. */
  function exchanged(item: SignedMessage, other: SignedMessage): SignedMessage {
    const half = (of: SignedMessage, start: number): Uint8Array => of.signature.subarray(start, start + 32)
    // The store of commitments is small: where both have one, exchanging them would change nothing.
    if (equals(half(item, 0), half(other, 0))) return withScalar(item, s => -s)
    return random.pick([
      { ...item, message: concat(other.message, Uint8Array.of(1)) },
      { ...item, signature: concat(half(other, 0), half(item, 32)) },
      { ...item, signature: concat(half(item, 0), half(other, 32)) },
      { ...item, publicKey: littleEndian(numberOf(item.publicKey) ^ (1n << 255n)) },
      { ...item, signature: littleEndian64(numberOf(item.signature) ^ (1n << 255n)) },
      withScalar(item, s => -s),
      withScalar(item, () => random.pick([0n, 1n, order - 1n])),
    ])
  }

  const kinds: Cases['kinds'] = {
    ordinary: { make: pure, accepts: 'all' },
    'torsion in the key or the commitment': { make: torsioned, accepts: 'all' },
    'small order in both': {
      make: () => withScalar(signWith(small(), small(), message()), () => random.pick([0n, 0n, 0n, order - 1n, 1n])),
      accepts: 'some',
    },
    'a small commitment': { make: () => signWith(random.pick(random.pick(keys)), small(), message()), accepts: 'all' },
    'a small key': { make: () => signWith(small(), random.pick(random.pick(commitments)), message()), accepts: 'all' },
    'a new key': {
      make: () => signWith(secretsFrom(random.scalar(), 1)[0]!, random.pick(commitments[0]!), message()),
      accepts: 'all',
    },
    'off by a base point': { make: () => spoilt(torsioned()), accepts: 'none' },
    'a bit flipped': { make: () => flipped(torsioned()), accepts: 'none' },
    'parts exchanged': { make: () => exchanged(torsioned(), pure()), accepts: 'none' },
    'S beyond L': { make: () => withLargeScalar(random.pick([pure, torsioned])()), accepts: 'none' },
    'random points': { make: () => withPoint(pure(), random.bytes(32)), accepts: 'none' },
    'large order, y of p and more': {
      make: () => withPoint(pure(), random.pick(largeOrderSpellings)),
      accepts: 'none',
    },
  }
  return { random, kinds }
}

function littleEndian64(number: bigint): Uint8Array {
  return concat(littleEndian(number & (2n ** 256n - 1n)), littleEndian(number >> 256n))
}

/** `count` cases of each kind in a random order, and the kind of each. */
export function shuffledCases(
  { kinds, random }: Cases,
  count: number,
): { readonly kind: string; readonly item: SignedMessage }[] {
  const made = Object.entries(kinds).flatMap(([kind, { make }]) =>
    Array.from({ length: count }, () => ({ kind, item: make() })),
  )
  for (let i = made.length - 1; i > 0; i--) {
    const other = random.below(i + 1)
    ;[made[i], made[other]] = [made[other]!, made[i]!]
  }
  return made
}

/**
 * Cuts a list into batches of sizes that lead to each of the engine's ways: a few one by one, batches of each width of
 * digits, and beyond what an instance holds at once.
 */
export function* batchesOf<T>(list: readonly T[], random: Random): Generator<readonly T[]> {
  const sizes = [1, 7, 8, 23, 24, 48, 49, 120, 399, 400, 2999, 3000, 9000]
  for (let start = 0; start < list.length; ) {
    const size = 1 + random.below(random.pick(sizes))
    yield list.slice(start, start + size)
    start += size
  }
}
