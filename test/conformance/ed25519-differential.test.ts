// The same verdict as noble's, on inputs made to be awkward: keys and commitments with a torsion part, of small order and in
// other spellings, scalars beyond L, bits flipped. MUNIMENT_SEED repeats a run, MUNIMENT_CASES_PER_KIND makes it longer.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import { concat, formatHex, parseHex } from '../../sdk/src/bytes.ts'
import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import { implementations } from '../crypto-implementations.ts'

const { Point } = ed25519
type CurvePoint = typeof Point.BASE
const order = Point.Fn.ORDER
const prime = Point.Fp.ORDER

const casesPerKind = Number(process.env.MUNIMENT_CASES_PER_KIND ?? 250)
const seed = process.env.MUNIMENT_SEED ?? randomBytes(8).toString('hex')

/** Bytes that follow from the seed alone. */
function createRandom(): (length: number) => Uint8Array {
  let counter = 0
  return length => {
    const blocks: Uint8Array[] = []
    for (let made = 0; made < length; made += 64) {
      blocks.push(new Uint8Array(createHash('sha512').update(`${seed} ${counter++}`).digest()))
    }
    return concat(...blocks).subarray(0, length)
  }
}

const random = createRandom()
const below = (bound: number): number => new DataView(random(4).buffer).getUint32(0) % bound
const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
const littleEndian = (value: bigint): Uint8Array => parseHex(value.toString(16).padStart(64, '0')).reverse()
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${formatHex(Uint8Array.from(bytes).reverse())}`)
const randomScalar = (): bigint => numberOf(random(64)) % order
const randomMessage = (): Uint8Array => random(below(300))

/** The eight points whose order divides the cofactor. */
const torsion: readonly CurvePoint[] = smallOrderPoints()

function smallOrderPoints(): CurvePoint[] {
  // L times any point loses its part of order L; some point has one of order 8 left.
  for (let y = 2n; ; y++) {
    const encoded = littleEndian(y)
    let point: CurvePoint
    try {
      point = Point.fromBytes(encoded)
    } catch {
      continue
    }
    const generator = point.multiplyUnsafe(order - 1n).add(point)
    if (generator.multiplyUnsafe(4n).equals(Point.ZERO)) continue
    return Array.from({ length: 8 }, (_, i) => generator.multiplyUnsafe(BigInt(i)))
  }
}

/** All 32 bytes that ZIP-215 decodes to a point of small order, the canonical and the others. */
const smallOrderEncodings: readonly Uint8Array[] = torsion.flatMap(point => spellings(point.toBytes()))

/** The same point with y + p where that fits 255 bits, and with the sign bit where x is 0. */
function spellings(encoded: Uint8Array): Uint8Array[] {
  const sign = encoded[31]! & 0x80
  const y = numberOf(encoded) & (2n ** 255n - 1n)
  const ys = y + prime < 2n ** 255n ? [y, y + prime] : [y]
  const signs = y === 1n || y === prime - 1n ? [0, 0x80] : [sign]
  return ys.flatMap(value =>
    signs.map(bit => {
      const bytes = littleEndian(value)
      bytes[31]! |= bit
      return bytes
    }),
  )
}

/** A signature whose key and commitment have these parts of small order; ZIP-215 accepts it, whatever they are. */
function torsioned(keyPart: CurvePoint, commitmentPart: CurvePoint): SignedMessage {
  const [a, r, message] = [randomScalar(), randomScalar(), randomMessage()]
  const publicKey = Point.BASE.multiplyUnsafe(a).add(keyPart).toBytes()
  const commitment = Point.BASE.multiplyUnsafe(r).add(commitmentPart).toBytes()
  return { publicKey, message, signature: signatureOf({ a, r }, { publicKey, commitment, message }) }
}

function signatureOf(
  secret: { readonly a: bigint; readonly r: bigint },
  said: { readonly publicKey: Uint8Array; readonly commitment: Uint8Array; readonly message: Uint8Array },
): Uint8Array {
  const hash = createHash('sha512').update(said.commitment).update(said.publicKey).update(said.message).digest()
  const s = (secret.r + (numberOf(new Uint8Array(hash)) % order) * secret.a) % order
  return concat(said.commitment, littleEndian(s))
}

/** Key and commitment of small order, in any spelling: S = 0 satisfies the equation for every message. */
function smallOrder(): SignedMessage {
  const s = pick([0n, 0n, 0n, order - 1n, 1n])
  const signature = concat(pick(smallOrderEncodings), littleEndian(s))
  return { publicKey: pick(smallOrderEncodings), message: randomMessage(), signature }
}

/** A commitment of small order in any spelling under an ordinary key. */
function smallCommitment(): SignedMessage {
  const [a, message, commitment] = [randomScalar(), randomMessage(), pick(smallOrderEncodings)]
  const publicKey = pick(spellings(Point.BASE.multiplyUnsafe(a).add(pick(torsion)).toBytes()))
  return { publicKey, message, signature: signatureOf({ a, r: 0n }, { publicKey, commitment, message }) }
}

function ordinary(): SignedMessage {
  return torsioned(Point.ZERO, Point.ZERO)
}

function withFlippedBit(item: SignedMessage): SignedMessage {
  const field = pick(['publicKey', 'signature', 'signature', 'message'] as const)
  const bytes = Uint8Array.from(item[field].length === 0 ? [0] : item[field])
  bytes[below(bytes.length)]! ^= 1 << below(8)
  return { ...item, [field]: bytes }
}

/** S plus a multiple of L, as far as it fits 32 bytes. */
function withLargeScalar(item: SignedMessage): SignedMessage {
  const s = numberOf(item.signature.subarray(32)) + order * BigInt(1 + below(14))
  return { ...item, signature: concat(item.signature.subarray(0, 32), littleEndian(s)) }
}

function withRandomPoints(item: SignedMessage): SignedMessage {
  const signature = concat(random(32), item.signature.subarray(32))
  return below(2) === 0 ? { ...item, publicKey: random(32) } : { ...item, signature }
}

/** For each kind how to make a case, and whether ZIP-215 accepts all of them, none, or some. */
const kinds: Readonly<
  Record<string, { readonly make: () => SignedMessage; readonly accepts: 'all' | 'none' | 'some' }>
> = {
  ordinary: { make: ordinary, accepts: 'all' },
  'torsion in the key': { make: () => torsioned(pick(torsion), Point.ZERO), accepts: 'all' },
  'torsion in both': { make: () => torsioned(pick(torsion), pick(torsion)), accepts: 'all' },
  'small order': { make: smallOrder, accepts: 'some' },
  'small commitment': { make: smallCommitment, accepts: 'all' },
  'a bit flipped': { make: () => withFlippedBit(torsioned(pick(torsion), pick(torsion))), accepts: 'none' },
  'S beyond L': { make: () => withLargeScalar(pick([ordinary, smallOrder])()), accepts: 'none' },
  'random points': { make: () => withRandomPoints(ordinary()), accepts: 'none' },
}

test(`${8 * casesPerKind} awkward signatures get noble's verdict from every implementation (seed ${seed})`, async context => {
  assert.equal(smallOrderEncodings.length, 14)
  const made = Object.entries(kinds).flatMap(([kind, { make }]) =>
    Array.from({ length: casesPerKind }, () => ({ kind, item: make() })),
  )
  assert.equal(made.length, 8 * casesPerKind)
  const verdicts = made.map(({ item }) =>
    ed25519.verify(item.signature, item.message, item.publicKey, { zip215: true }),
  )
  for (const [kind, { accepts }] of Object.entries(kinds)) {
    const accepted = made.filter((one, i) => one.kind === kind && verdicts[i] === true).length
    context.diagnostic(`${kind}: ${accepted} of ${casesPerKind} accepted`)
    if (accepts === 'some') assert.ok(accepted > 0 && accepted < casesPerKind, kind)
    else assert.equal(accepted, accepts === 'all' ? casesPerKind : 0, kind)
  }
  for (const { name, open } of implementations) {
    const crypto = await open()
    const bad = new Set(await crypto.verifyEd25519(made.map(({ item }) => item)))
    crypto.close()
    const differing = made.flatMap(({ kind, item }, i) =>
      bad.has(i) === verdicts[i] ? [`${kind}: ${formatHex(concat(item.publicKey, item.signature, item.message))}`] : [],
    )
    assert.deepEqual(differing, [], name)
  }
})
