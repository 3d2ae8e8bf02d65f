// Ed25519 signatures made by hand from their equation, 8 (S B - R - k A) = 0, so that keys and commitments may be any points
// and a thousand signatures cost no more than a thousand hashes.

import { createHash } from 'node:crypto'
import { normalizeZ } from '@noble/curves/abstract/curve.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { concat, formatHex, parseHex } from '../sdk/src/bytes.ts'
import type { SignedMessage } from '../sdk/src/crypto/crypto.ts'

const { Point } = ed25519
export type CurvePoint = typeof Point.BASE
export const order: bigint = Point.Fn.ORDER
const prime = Point.Fp.ORDER

export type Random = {
  readonly bytes: (length: number) => Uint8Array
  /** From 0 to bound - 1. */
  readonly below: (bound: number) => number
  readonly pick: <T>(list: readonly T[]) => T
  readonly scalar: () => bigint
}

/** What follows from the seed alone. */
export function createRandom(seed: string): Random {
  let counter = 0
  const bytes = (length: number): Uint8Array => {
    const blocks: Uint8Array[] = []
    for (let made = 0; made < length; made += 64) {
      blocks.push(new Uint8Array(createHash('sha512').update(`${seed} ${counter++}`).digest()))
    }
    return concat(...blocks).subarray(0, length)
  }
  const below = (bound: number): number => new DataView(bytes(4).buffer).getUint32(0) % bound
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
  return { bytes, below, pick, scalar: () => numberOf(bytes(64)) % order }
}

export const littleEndian = (value: bigint): Uint8Array => parseHex(value.toString(16).padStart(64, '0')).reverse()
export const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${formatHex(Uint8Array.from(bytes).reverse())}`)

/** ZIP-215 by noble. */
export function nobleAccepts({ signature, message, publicKey }: SignedMessage): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false
  return ed25519.verify(signature, message, publicKey, { zip215: true })
}

/** The eight points whose order divides the cofactor. */
export const torsion: readonly CurvePoint[] = smallOrderPoints()

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

/** All 32 bytes that ZIP-215 decodes to a point of small order, the canonical and the others. */
export const smallOrderEncodings: readonly Uint8Array[] = torsion.flatMap(point => spellings(point.toBytes()))

/** All 32 bytes with y of p and more that decode to another point: their order is large, and who knows their secrets? */
export const largeOrderSpellings: readonly Uint8Array[] = Array.from({ length: 19 }, (_, y) => BigInt(y))
  .map(littleEndian)
  .filter(bytes => isPoint(bytes) && !smallOrderEncodings.some(small => formatHex(small) === formatHex(bytes)))
  .flatMap(bytes => spellings(bytes).slice(1))
  .flatMap(bytes => [bytes, bytes.map((byte, i) => (i === 31 ? byte ^ 0x80 : byte))])

function isPoint(bytes: Uint8Array): boolean {
  try {
    Point.fromBytes(bytes, true)
    return true
  } catch {
    return false
  }
}

/** A point as it is written, and the factor of the base point in it. What is beside that is of small order. */
export type Secret = { readonly factor: bigint; readonly encoded: Uint8Array }

/** `count` points one base point apart from each other, each with another point of small order added where `parts` says so. */
export function secretsFrom(first: bigint, count: number, parts: readonly CurvePoint[] = [Point.ZERO]): Secret[] {
  const points: CurvePoint[] = []
  let point = Point.BASE.multiplyUnsafe(first)
  for (let i = 0; i < count; i++) {
    points.push(point.add(parts[i % parts.length]!))
    point = point.add(Point.BASE)
  }
  return normalizeZ(Point, points).map((each, i) => ({
    factor: (first + BigInt(i)) % order,
    encoded: each.toBytes(),
  }))
}

/** A signature that ZIP-215 accepts. */
export function signWith(key: Secret, commitment: Secret, message: Uint8Array): SignedMessage {
  const hash = createHash('sha512').update(commitment.encoded).update(key.encoded).update(message).digest()
  const s = (commitment.factor + (numberOf(new Uint8Array(hash)) % order) * key.factor) % order
  return { publicKey: key.encoded, message, signature: concat(commitment.encoded, littleEndian(s)) }
}

/** The same signature with another S, as a number modulo L. */
export function withScalar(item: SignedMessage, change: (s: bigint) => bigint): SignedMessage {
  const s = change(numberOf(item.signature.subarray(32)))
  const scalar = littleEndian(((s % order) + order) % order)
  return { ...item, signature: concat(item.signature.subarray(0, 32), scalar) }
}

/** A signature that no rule accepts: it is off by one base point. */
export function spoilt(item: SignedMessage): SignedMessage {
  return withScalar(item, s => s + 1n)
}
