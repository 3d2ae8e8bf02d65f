// One op of a proof: its hash, and whether it is one that the spec's tree makes (cosmos/ics23 go/ops.go).

import { concat, equals } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { delimited, Reader } from '../protobuf.ts'
import { HashOp, type InnerOp, type LeafOp, LengthOp } from './proof.ts'
import type { InnerSpec, ProofSpec } from './spec.ts'

/** SHA-256, or nothing at all; throws `format-unknown` for the other hashes of ICS-23. */
export function applyHash(op: number, bytes: Uint8Array, hasher: Hasher): Uint8Array {
  if (op === HashOp.noHash) return bytes
  check(op === HashOp.sha256, 'format-unknown', 'hash of a proof op is not supported', { actual: op })
  return hasher.sha256(bytes)
}

/** Neither key nor value may be empty: an empty value could not be told from none. */
export function leafHash(
  op: LeafOp,
  { key, value }: { readonly key: Uint8Array; readonly value: Uint8Array },
  hasher: Hasher,
): Uint8Array {
  check(key.length > 0, 'invalid-proof', 'a leaf without a key')
  check(value.length > 0, 'invalid-proof', 'a leaf without a value')
  const hashedKey = applyLength(op.length, applyHash(op.prehashKey, key, hasher))
  const hashedValue = applyLength(op.length, applyHash(op.prehashValue, value, hasher))
  return applyHash(op.hash, concat(op.prefix, hashedKey, hashedValue), hasher)
}

export function innerHash(op: InnerOp, child: Uint8Array, hasher: Hasher): Uint8Array {
  check(child.length > 0, 'invalid-proof', 'an inner op without a child')
  return applyHash(op.hash, concat(op.prefix, child, op.suffix), hasher)
}

function applyLength(op: number, bytes: Uint8Array): Uint8Array {
  if (op === LengthOp.noPrefix) return bytes
  check(op === LengthOp.varProto, 'format-unknown', 'length of a proof op is not supported', { actual: op })
  return delimited(bytes)
}

export function checkLeafOp(op: LeafOp, spec: ProofSpec): void {
  const { leaf } = spec
  checkSame(op.hash, leaf.hash, 'leaf: unexpected hash')
  checkSame(op.prehashKey, leaf.prehashKey, 'leaf: unexpected prehash of the key')
  checkSame(op.prehashValue, leaf.prehashValue, 'leaf: unexpected prehash of the value')
  checkSame(op.length, leaf.length, 'leaf: unexpected length op')
  check(startsWith(op.prefix, leaf.prefix), 'invalid-proof', 'leaf: unexpected prefix')
  if (spec.ops === 'exact')
    check(op.prefix.length === leaf.prefix.length, 'invalid-proof', 'leaf: the prefix is too long')
  else checkIavlPrefix(op.prefix, 0)
}

/** `layer` counts from 1 at the leaf's parent. */
export function checkInnerOp(op: InnerOp, spec: ProofSpec, layer: number): void {
  const { inner, leaf } = spec
  checkSame(op.hash, inner.hash, 'inner: unexpected hash')
  check(!startsWith(op.prefix, leaf.prefix), 'invalid-proof', 'inner: the prefix is that of a leaf')
  check(op.prefix.length >= inner.minPrefixLength, 'invalid-proof', 'inner: the prefix is too short')
  check(op.prefix.length <= inner.maxPrefixLength + inner.childSize, 'invalid-proof', 'inner: the prefix is too long')
  check(op.suffix.length % inner.childSize === 0, 'invalid-proof', 'inner: the suffix is no whole child')
  if (spec.ops === 'exact') {
    check(sideOf(op, inner) !== undefined, 'invalid-proof', 'inner: not one child beside another')
    check(op.prefix[0] === 1, 'invalid-proof', 'inner: unexpected prefix')
  } else checkIavlPrefix(op.prefix, layer)
}

export type Side = 'left' | 'right'

/** On which side the proven child of an op stands; undefined where it stands on neither. */
export function sideOf(op: InnerOp, { childSize, minPrefixLength, maxPrefixLength }: InnerSpec): Side | undefined {
  const length = op.prefix.length
  if (length >= minPrefixLength && length <= maxPrefixLength && op.suffix.length === childSize) return 'left'
  const before = length - childSize
  if (before >= minPrefixLength && before <= maxPrefixLength && op.suffix.length === 0) return 'right'
  return undefined
}

/** Whether the child on the other side of a proven one is the tree's mark for nothing. */
export function siblingIsEmpty(op: InnerOp, inner: InnerSpec): boolean {
  if (inner.emptyChild.length === 0) return false
  const side = sideOf(op, inner)
  if (side === undefined) return false
  const sibling = side === 'left' ? op.suffix : op.prefix.subarray(op.prefix.length - inner.childSize)
  return equals(sibling, inner.emptyChild)
}

// Height, size and version as zigzag varints; behind them nothing (a leaf), the length of the child that follows, or a
// whole left child with its length and the length of the one that follows.
function checkIavlPrefix(prefix: Uint8Array, layer: number): void {
  const reader = new Reader(prefix)
  const [height, size, version] = [zigzag(reader), zigzag(reader), zigzag(reader)]
  check(height >= BigInt(layer), 'invalid-proof', 'IAVL: the height is below the layer', { actual: height })
  check(size >= 0n && version >= 0n, 'invalid-proof', 'IAVL: negative size or version')
  const rest = prefix.length - reader.position
  if (layer === 0) check(rest === 0 && height === 0n, 'invalid-proof', 'IAVL: not the prefix of a leaf')
  else check(rest === 1 || rest === 34, 'invalid-proof', 'IAVL: not the prefix of an inner node')
}

function zigzag(reader: Reader): bigint {
  const value = reader.uvarint()
  return (value >> 1n) ^ -(value & 1n)
}

function checkSame(actual: number, expected: number, text: string): void {
  check(actual === expected, 'invalid-proof', text, { expected, actual })
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return equals(bytes.subarray(0, prefix.length), prefix)
}
