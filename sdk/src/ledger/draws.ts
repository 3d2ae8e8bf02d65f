// Chance: what the ledger keeps of the values that validators make together by commit and reveal, and of the draws that they decided,
// and how anybody works out again who was drawn. docs/decisions/draws.md says who could have bent which value.

import { encodeUtf8, equals } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { drawPoolMax, drawValidatorsMin, validatorsMax } from '../limits.ts'
import { bytes, type Message, message, repeated, repeatedBytes, uint32, uint64 } from '../protobuf.ts'
import { frame, taggedHash } from '../tags.ts'
import { type Assignment, caseEntry } from './cases.ts'
import { caseKey } from './keys.ts'
import type { ProvenRead } from './looks.ts'

/** Who makes the blocks, as the genesis file names them. */
export type ValidatorsEntry = {
  readonly members: readonly { readonly publicKey: Uint8Array; readonly power: bigint }[]
}

/** The common value, and the queue of draws, which are numbered from 0. */
export type BeaconEntry = {
  /** 32 bytes; empty before the first reveal. */
  readonly mix: Uint8Array
  /** The block that last changed it. */
  readonly mixHeight: bigint
  /** The oldest draw that nobody is drawn in, the oldest without a value, and the number of the next one. */
  readonly first: bigint
  readonly valueless: bigint
  readonly next: bigint
  /** Draws from `first` to before `until` are decided by the value of the block `untilHeight`. */
  readonly until: bigint
  readonly untilHeight: bigint
}

/** What one validator is bound to, and how it has kept its turns. */
export type BeaconMemberEntry = {
  /** H(muniment/beacon-commitment/1; genesis hash; address; secret). */
  readonly commitment: Uint8Array
  /** The block in which it was made. */
  readonly height: bigint
  /** How many secrets it has revealed: the number of the one that it is bound to. */
  readonly turn: bigint
  /** Blocks in which draws waited and it revealed nothing. */
  readonly missed: bigint
}

/** A value as it was made, under the height of its block. */
export type BeaconMixEntry = {
  /** The value before it; empty for the first. */
  readonly before: Uint8Array
  readonly secret: Uint8Array
  /** The validator's address, and when it had committed to the secret. */
  readonly proposer: Uint8Array
  readonly committedHeight: bigint
  /** How many validators there were. */
  readonly validators: number
}

/** A draw of an official for a case, under case and role. */
export type DrawEntry = {
  /** The block that fixed the pool. */
  readonly height: bigint
  /** Mandates, 32 bytes each, ascending, one of each person. */
  readonly pool: readonly Uint8Array[]
}

/** A draw in the queue, under its number. */
export type WaitingDrawEntry = { readonly case: Uint8Array; readonly role: Uint8Array; readonly height: bigint }

/** From the number under which it stands up to `until`, the value of the block `height` decides. */
export type DecidedDrawsEntry = { readonly until: bigint; readonly height: bigint }

export const validatorsEntry: Message<ValidatorsEntry> = message({
  members: repeated(
    1,
    message<ValidatorsEntry['members'][number]>({ publicKey: bytes(1, 32), power: uint64(2) }),
    validatorsMax,
  ),
})

export const beaconEntry: Message<BeaconEntry> = message({
  mix: bytes(1, 32),
  mixHeight: uint64(2),
  first: uint64(3),
  valueless: uint64(4),
  next: uint64(5),
  until: uint64(6),
  untilHeight: uint64(7),
})

export const beaconMemberEntry: Message<BeaconMemberEntry> = message({
  commitment: bytes(1, 32),
  height: uint64(2),
  turn: uint64(3),
  missed: uint64(4),
})

export const beaconMixEntry: Message<BeaconMixEntry> = message({
  before: bytes(1, 32),
  secret: bytes(2, 32),
  proposer: bytes(3, 20),
  committedHeight: uint64(4),
  validators: uint32(5),
})

export const drawEntry: Message<DrawEntry> = message({ height: uint64(1), pool: repeatedBytes(2, drawPoolMax, 32) })

export const waitingDrawEntry: Message<WaitingDrawEntry> = message({
  case: bytes(1, 32),
  role: bytes(2, 64),
  height: uint64(3),
})

export const decidedDrawsEntry: Message<DecidedDrawsEntry> = message({ until: uint64(1), height: uint64(2) })

export function validatorsKey(hasher: Hasher): Uint8Array {
  return taggedHash(hasher, 'muniment/key/validators/1')
}

export function beaconKey(hasher: Hasher): Uint8Array {
  return taggedHash(hasher, 'muniment/key/beacon/1')
}

/** `address` has 20 bytes. */
export function beaconMemberKey(hasher: Hasher, address: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/key/beacon-member/1', address)
}

export function beaconMixKey(hasher: Hasher, height: bigint): Uint8Array {
  return taggedHash(hasher, 'muniment/key/beacon-mix/1', uint64Bytes(height))
}

export function drawKey(hasher: Hasher, id: Uint8Array, role: string): Uint8Array {
  return taggedHash(hasher, 'muniment/key/draw/1', id, encodeUtf8(role))
}

export function waitingDrawKey(hasher: Hasher, number: bigint): Uint8Array {
  return taggedHash(hasher, 'muniment/key/waiting-draw/1', uint64Bytes(number))
}

export function decidedDrawsKey(hasher: Hasher, number: bigint): Uint8Array {
  return taggedHash(hasher, 'muniment/key/decided-draws/1', uint64Bytes(number))
}

/** Names its owner, so that nobody commits to what another will reveal. */
export function beaconCommitment(
  hasher: Hasher,
  of: { readonly genesisHash: Uint8Array; readonly address: Uint8Array; readonly secret: Uint8Array },
): Uint8Array {
  return taggedHash(hasher, 'muniment/beacon-commitment/1', of.genesisHash, of.address, of.secret)
}

/** The value that a reveal makes of the one before. */
export function beaconMix(
  hasher: Hasher,
  made: { readonly height: bigint; readonly before: Uint8Array; readonly secret: Uint8Array },
): Uint8Array {
  return taggedHash(hasher, 'muniment/beacon-mix/1', uint64Bytes(made.height), made.before, made.secret)
}

/**
 * What a proposer puts first into its block: frame(tag, secret or nothing, next commitment). It begins with a zero byte, which no
 * transaction of an account does.
 */
export function encodeBeaconTransaction(secret: Uint8Array, commitment: Uint8Array): Uint8Array {
  return frame('muniment/beacon/1', secret, commitment)
}

/** Undefined for any other bytes. */
export function decodeBeaconTransaction(
  transaction: Uint8Array,
): { readonly secret: Uint8Array; readonly commitment: Uint8Array } | undefined {
  for (const secretLength of [0, 32]) {
    const secret = transaction.slice(beaconHead, beaconHead + secretLength)
    const commitment = transaction.slice(-32)
    if (equals(transaction, encodeBeaconTransaction(secret, commitment))) return { secret, commitment }
  }
  return undefined
}

/** Tag and its length, and the length of the secret. */
const beaconHead: number = 4 + 'muniment/beacon/1'.length + 4

export function poolHash(
  hasher: Hasher,
  of: { id: Uint8Array; role: string; pool: readonly Uint8Array[] },
): Uint8Array {
  return taggedHash(hasher, 'muniment/draw-pool/1', of.id, encodeUtf8(of.role), ...of.pool)
}

/**
 * Whose place in a pool of `count` a value draws: the first 64 bits of H(tag; value; case; role; attempt) below the largest multiple of
 * `count`, modulo `count`, so that each place is as likely as any other.
 */
export function drawPlace(
  hasher: Hasher,
  of: { readonly mix: Uint8Array; readonly id: Uint8Array; readonly role: string; readonly count: number },
): number {
  const count = BigInt(of.count)
  const bound = (1n << 64n) - ((1n << 64n) % count)
  for (let attempt = 0n; ; attempt++) {
    const hash = taggedHash(hasher, 'muniment/draw/1', of.mix, of.id, encodeUtf8(of.role), uint64Bytes(attempt))
    const value = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0)
    if (value < bound) return Number(value % count)
  }
}

/** Who could have chosen the drawn: one alone, or nobody; then validators could only leave out their own turns, which are counted. */
export type DrawnBy = 'operator' | 'validators'

/** `height` is the block that fixed the pool. */
export function drawnBy(
  height: bigint,
  { validators, committedHeight }: Pick<BeaconMixEntry, 'validators' | 'committedHeight'>,
): DrawnBy {
  return validators >= drawValidatorsMin && committedHeight < height ? 'validators' : 'operator'
}

/**
 * Works a draw out again, from entries that were proven under one header: of the case its assignment, of the draw its pool, and the value
 * of the block that the assignment names. Throws VerifyError `refused` where another than the drawn one was assigned, or the value was known
 * before the pool.
 */
export function checkDraw(
  hasher: Hasher,
  of: { readonly id: Uint8Array; readonly assignment: Assignment },
  proven: { readonly draw: DrawEntry; readonly mix: BeaconMixEntry },
): DrawnBy {
  const { id, assignment } = of
  const { role, mandate, how, pool: count, draw } = assignment
  const { pool, height } = proven.draw
  check(draw !== undefined && draw.mixHeight > 0n, 'refused', 'nobody was drawn in this case yet')
  check(pool.length === count && draw.height === height, 'refused', 'the draw is another one')
  check(
    equals(poolHash(hasher, { id, role, pool }), draw.poolHash),
    'refused',
    'the pool is not the one that was fixed',
  )
  check(draw.mixHeight > height, 'refused', 'the value was known when the pool was fixed', {
    expected: height,
    actual: draw.mixHeight,
  })
  const { before, secret } = proven.mix
  const by = drawnBy(height, proven.mix)
  check(how === `draw/${by}`, 'refused', 'the draw says that others made it', { expected: by, actual: how })
  const mix = beaconMix(hasher, { height: draw.mixHeight, before, secret })
  const place = drawPlace(hasher, { mix, id, role, count })
  check(equals(pool[place]!, mandate), 'refused', 'another was drawn than the one who has the case')
  return by
}

/** What `checkDraw` says of the draw of a case's role, with who was drawn and from whom. Throws as it does, and what `read` throws. */
export async function findDraw(
  read: ProvenRead,
  hasher: Hasher,
  { id, role }: { readonly id: Uint8Array; readonly role: string },
): Promise<{ readonly drawnBy: DrawnBy; readonly assignment: Assignment; readonly pool: readonly Uint8Array[] }> {
  const [held] = await read([caseKey(hasher, id)])
  const assignment = held && caseEntry.decode(held).assignments.find(each => each.role === role)
  const mixHeight = assignment?.draw?.mixHeight ?? 0n
  check(assignment && mixHeight > 0n, 'refused', 'nobody was drawn in this role yet', { actual: role })
  const [fixed, value] = await read([drawKey(hasher, id, role), beaconMixKey(hasher, mixHeight)])
  check(fixed && value, 'refused', 'the ledger keeps no such draw')
  const proven = { draw: drawEntry.decode(fixed), mix: beaconMixEntry.decode(value) }
  return { drawnBy: checkDraw(hasher, { id, assignment }, proven), assignment, pool: proven.draw.pool }
}

/**
 * How far the counts of what each of `counts.length` officials was drawn for are from equal: Pearson's statistic, in thousandths. Under a
 * fair draw it is about `counts.length - 1` thousands, and seldom twice that.
 */
export function drawUnevenness(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return 0
  const squares = counts.reduce((sum, count) => sum + (count * counts.length - total) ** 2, 0)
  return Math.floor((squares * 1_000) / (counts.length * total))
}

function uint64Bytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value)
  return bytes
}

/** What a validator's secrets are derived from, beside its key: nothing else need be kept. */
export function beaconSecretLabel(genesisHash: Uint8Array, turn: bigint): Uint8Array {
  return frame('muniment/beacon-secret/1', genesisHash, uint64Bytes(turn))
}
