// What an engine that checks signatures is given to judge, and which of it is bad, so that each of its ways is gone: combs, the
// exact equation, batches of every width of digits, narrow and wide tables, splitting until the bad ones are found.

import type { SignedMessage } from '../sdk/src/crypto/crypto.ts'
import {
  createRandom,
  nobleAccepts,
  type Secret,
  secretsFrom,
  signWith,
  smallOrderEncodings,
  spoilt,
  torsion,
  withScalar,
} from './ed25519-signing.ts'

/** Items and the indices of the bad ones. */
type Batch = { readonly items: readonly SignedMessage[]; readonly bad: readonly number[] }

export type Workload = {
  /** What is promised. */
  readonly name: string
  /** `most` is what the engine holds at once. */
  readonly batches: (most: number) => Generator<Batch>
}

const random = createRandom('what an engine is given')
const message = (i: number): Uint8Array => random.bytes(i % 200)

/** `count` signatures of `keys` keys in turn, good ones all. */
function goodOnes(count: number, keys: number): SignedMessage[] {
  const secrets = secretsFrom(random.scalar(), keys)
  const commitments = secretsFrom(random.scalar(), count)
  return commitments.map((commitment, i) => signWith(secrets[i % keys]!, commitment, message(i)))
}

function withBad(items: readonly SignedMessage[], bad: readonly number[]): Batch {
  const spoiled = [...items]
  for (const index of bad) spoiled[index] = spoilt(items[index]!)
  return { items: spoiled, bad }
}

const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Few, and one batch more than few. Of few keys, which get combs; of many; and of one. */
function* oneBadAtEveryPlace(): Generator<Batch> {
  for (const keys of [40, 5, 1]) {
    const items = goodOnes(40, keys)
    for (let count = 1; count <= items.length; count++) {
      const some = items.slice(0, count)
      yield withBad(some, [])
      for (const place of count < 10 ? all(count) : [0, 7, 8, count - 1]) yield withBad(some, [place])
    }
  }
}

/** Signatures of 8 by 8 parts of small order, and of small order altogether, which are good with S = 0 alone. */
function* smallOrder(): Generator<Batch> {
  const [key, commitment] = [random.scalar(), random.scalar()]
  const mixed = torsion.flatMap((part, i) =>
    torsion.map((other, j) =>
      signWith(secretsFrom(key, 1, [part])[0]!, secretsFrom(commitment, 1, [other])[0]!, message(8 * i + j)),
    ),
  )
  const small: readonly Secret[] = smallOrderEncodings.map(encoded => ({ factor: 0n, encoded }))
  const zeros = small.flatMap((a, i) => small.map((r, j) => signWith(a, r, message(20 * i + j))))
  const ones = zeros.map(item => withScalar(item, () => 1n))
  const halves = [...mixed, ...zeros, ...mixed.map(spoilt), ...ones]
  const bad = halves.flatMap((item, i) => (nobleAccepts(item) ? [] : [i]))
  if (bad.length !== halves.length / 2 || bad[0] !== bad.length) throw new Error('noble judges small order otherwise')
  yield { items: [...mixed, ...zeros], bad: [] }
  yield { items: halves, bad }
  yield { items: halves.toReversed(), bad: all(bad.length) }
  // A few at a time, often enough for combs, and for wide tables in batches.
  for (const size of [1, 5, 20, 60]) {
    for (let times = 0; times < 4; times++) {
      for (let start = 0; start < halves.length; start += size * 3) {
        const items = halves.slice(start, start + size)
        yield { items, bad: all(items.length).filter(i => start + i >= bad.length) }
      }
    }
  }
}

/** Errors that add up to nothing: by one key and by several, side by side and far apart. */
function* cancelling(most: number): Generator<Batch> {
  for (const keys of [1, 100]) {
    for (const count of [8, 23, 60, 450]) {
      const items = goodOnes(count, keys)
      for (const error of [1n, 2n ** 251n, random.scalar()]) {
        for (const [first, second] of [
          [0, 1],
          [0, count - 1],
          [5, 6],
        ] as const) {
          const changed = [...items]
          changed[first] = withScalar(items[first]!, s => s + error)
          changed[second] = withScalar(items[second]!, s => s - error)
          yield { items: changed, bad: [first, second] }
        }
        const three = [...items]
        three[1] = withScalar(items[1]!, s => s + error)
        three[3] = withScalar(items[3]!, s => s + error)
        three[6] = withScalar(items[6]!, s => s - 2n * error)
        yield { items: three, bad: [1, 3, 6] }
      }
    }
  }
  const items = goodOnes(most, 10)
  const last = [...items]
  last[most - 2] = withScalar(items[most - 2]!, s => s + 1n)
  last[most - 1] = withScalar(items[most - 1]!, s => s - 1n)
  yield { items: last, bad: [most - 2, most - 1] }
}

function* manyBad(most: number): Generator<Batch> {
  for (const count of [100, 399, 400, 2999, 3000, most]) {
    const items = goodOnes(count, 150)
    for (const bad of [[], [0], [count >> 1], [count - 1], [0, count - 1]]) yield withBad(items, bad)
  }
  const items = goodOnes(most / 2 + 1, 150)
  yield withBad(items.slice(1), all(most / 2))
  yield withBad(
    items,
    all(items.length).filter(i => i % 8 === 7),
  )
}

function* beyondWhatIsHeld(most: number): Generator<Batch> {
  const items = goodOnes(2 * most + 5, 100)
  for (const count of [most + 1, 2 * most, items.length]) {
    const some = items.slice(0, count)
    yield withBad(some, [])
    yield withBad(
      some,
      [most - 1, most, count - 1].filter((place, i, places) => places.indexOf(place) === i),
    )
  }
}

function* repeated(most: number): Generator<Batch> {
  const [item] = goodOnes(1, 1)
  for (const count of [2, 7, 8, 48, 49, 500, most]) {
    const items = Array.from({ length: count }, () => item!)
    yield { items, bad: [] }
    yield withBad(items, [count - 1])
    if (count < 1000) yield withBad(items, all(count))
  }
}

/** Keys that come in many batches get wide tables, and those in many small ones combs. */
function* oftenSeen(): Generator<Batch> {
  const items = goodOnes(300, 75)
  for (let times = 0; times < 8; times++) {
    yield withBad(items, times % 2 === 0 ? [] : [times, 299])
    for (let start = 0; start < 300; start += 30)
      yield withBad(items.slice(start, start + 30), times % 3 === 0 ? [start / 10] : [])
  }
}

/** Different keys each time, as many as are held, until the engine has to forget; then the first ones again. */
function* freshKeys(most: number): Generator<Batch> {
  const rounds = Array.from({ length: 3 }, () => goodOnes(most, most))
  for (const items of [...rounds, rounds[0]!, rounds[2]!]) {
    yield withBad(items, [most >> 2])
    yield withBad(items.slice(0, 40), [3])
    for (let start = 0; start < 12; start += 4) yield withBad(items.slice(start, start + 4), [1])
  }
}

function* wrongLengths(): Generator<Batch> {
  const items = goodOnes(100, 10)
  const [good] = items
  const malformed: readonly SignedMessage[] = [
    { ...good!, publicKey: good!.publicKey.subarray(1) },
    { ...good!, publicKey: new Uint8Array(33) },
    { ...good!, publicKey: new Uint8Array(0) },
    { ...good!, signature: good!.signature.subarray(1) },
    { ...good!, signature: new Uint8Array(65) },
    { ...good!, signature: new Uint8Array(0) },
    { publicKey: new Uint8Array(0), message: new Uint8Array(0), signature: new Uint8Array(0) },
  ]
  yield { items: malformed, bad: all(7) }
  for (const item of malformed) yield { items: [item], bad: [0] }
  for (const count of [9, 47, 100]) {
    const some = [...items.slice(0, count)]
    for (const [i, item] of malformed.entries()) some.splice(i * 2, 0, item)
    yield { items: some, bad: malformed.map((_, i) => 2 * i) }
  }
}

/** `input` holds 262,144 bytes, of which 100 stand before a message. */
function* longMessages(): Generator<Batch> {
  const [key] = secretsFrom(random.scalar(), 1)
  const window = 262_144
  const lengths = [window - 101, window - 100, window - 99, window - 1, window, window + 1, 3 * window, 2 * window + 77]
  const items = lengths.flatMap(length => {
    const [commitment] = secretsFrom(random.scalar(), 1)
    const long = signWith(
      key!,
      commitment!,
      new Uint8Array(length).map((_, i) => i * 7),
    )
    return [long, signWith(key!, commitment!, message(length))]
  })
  yield { items, bad: [] }
  for (const index of [0, 1, 8, 14]) {
    const changed = Uint8Array.from(items[index]!.message)
    changed[changed.length - 1]! ^= 1
    yield { items: items.map((item, i) => (i === index ? { ...item, message: changed } : item)), bad: [index] }
  }
  // Lengths around SHA-512's blocks, R and the key being 64 bytes before.
  const short = all(260).map(length => signWith(key!, secretsFrom(random.scalar(), 1)[0]!, random.bytes(length)))
  yield withBad(short, [47, 48, 111, 112])
}

export const workloads: readonly Workload[] = [
  { name: 'names the bad one among a few, wherever it stands', batches: oneBadAtEveryPlace },
  { name: 'judges keys and commitments with parts of small order as ZIP-215 says', batches: smallOrder },
  { name: 'names signatures whose errors cancel out', batches: cancelling },
  { name: 'names all the bad ones in large batches, and no other', batches: manyBad },
  { name: 'judges more than it holds at once', batches: beyondWhatIsHeld },
  { name: 'judges a signature each time it is given', batches: repeated },
  { name: 'judges keys that come often', batches: oftenSeen },
  { name: 'goes on rightly after it had to forget keys', batches: freshKeys },
  { name: 'refuses keys and signatures of a wrong length, and judges those beside them', batches: wrongLengths },
  { name: 'hashes a message whole, however long it is', batches: longMessages },
]
