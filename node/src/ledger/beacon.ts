// The seam to chance: what gives a value that nobody knew before a block, and who could have bent it. Here validators commit and reveal in
// turn: whoever proposes a block shows the secret that it was bound to, which is mixed into the common value, and binds itself to the next.
// Values of another source (drand, shares of a threshold signature) would come in here, and nothing behind the seam would change.

import {
  type BeaconEntry,
  type BeaconMemberEntry,
  type BeaconMixEntry,
  beaconCommitment,
  beaconEntry,
  beaconKey,
  beaconMemberEntry,
  beaconMemberKey,
  beaconMix,
  beaconMixEntry,
  beaconMixKey,
  type DrawnBy,
  decodeBeaconTransaction,
  drawnBy,
  empty,
  encodeBeaconTransaction,
  equals,
  type Hasher,
  limits,
  ResultCode,
  validatorsEntry,
  validatorsKey,
} from '@muniment/sdk'
import { readEntry } from './entries.ts'
import type { BlockContext } from './kernel.ts'
import { require } from './rules.ts'
import type { State } from './state.ts'

/** The secrets of one validator by their numbers: 32 bytes, the same whenever they are asked for. */
export type BeaconSecrets = (turn: bigint) => Uint8Array

export type BeaconValue = {
  /** 32 bytes. */
  readonly mix: Uint8Array
  /** The block in which it was first known. */
  readonly height: bigint
  /** Who could have bent it for what the block `height` left to chance. */
  readonly drawnBy: (height: bigint) => DrawnBy
}

const nothing: BeaconEntry = {
  mix: empty,
  mixHeight: 0n,
  first: 0n,
  valueless: 0n,
  next: 0n,
  until: 0n,
  untilHeight: 0n,
}

export function getBeacon(state: State): BeaconEntry {
  const value = state.get(beaconKey(state.hasher))
  return value ? readEntry(beaconEntry, value) : nothing
}

export function putBeacon(state: State, entry: BeaconEntry): void {
  state.put(beaconKey(state.hasher), beaconEntry.encode(entry))
}

const unbound: BeaconMemberEntry = { commitment: empty, height: 0n, turn: 0n, missed: 0n }

function getMember(state: State, address: Uint8Array): BeaconMemberEntry {
  const value = state.get(beaconMemberKey(state.hasher, address))
  return value ? readEntry(beaconMemberEntry, value) : unbound
}

function isBound({ commitment }: BeaconMemberEntry): boolean {
  return commitment.length > 0
}

function putMember(state: State, address: Uint8Array, entry: BeaconMemberEntry): void {
  state.put(beaconMemberKey(state.hasher, address), beaconMemberEntry.encode(entry))
}

function validatorCount(state: State): number {
  const value = state.get(validatorsKey(state.hasher))
  return value ? readEntry(validatorsEntry, value).members.length : 0
}

/** Whether there are so many validators that none knows all secrets. */
export function isShared(state: State): boolean {
  return validatorCount(state) >= limits.drawValidatorsMin
}

/** Draws wait for a value. */
function isValueAwaited({ valueless, next }: BeaconEntry): boolean {
  return valueless < next
}

/** What a block's proposer puts first into it; undefined where nothing is asked of it. */
export function proposeReveal(state: State, block: BlockContext, secrets: BeaconSecrets): Uint8Array | undefined {
  const { proposer, genesisHash } = block
  if (proposer === undefined) return undefined
  const member = getMember(state, proposer)
  if (isBound(member) && !isValueAwaited(getBeacon(state))) return undefined
  const { turn } = member
  const commitment = (number: bigint): Uint8Array =>
    beaconCommitment(state.hasher, { genesisHash, address: proposer, secret: secrets(number) })
  if (!isBound(member)) return encodeBeaconTransaction(empty, commitment(0n))
  return encodeBeaconTransaction(secrets(turn), commitment(turn + 1n))
}

/**
 * Takes the proposer's reveal, or its first commitment; refuses whatever it was not bound to. Answers the value that became known, undefined
 * where none did.
 */
export function takeReveal(state: State, block: BlockContext, transaction: Uint8Array): BeaconValue | undefined {
  const { hasher } = state
  const { proposer, genesisHash, height } = block
  const given = decodeBeaconTransaction(transaction)
  require(given && proposer, ResultCode.malformed, 'not a reveal of this block’s proposer')
  const { secret, commitment } = given
  const member = getMember(state, proposer)
  if (!isBound(member)) {
    require(secret.length === 0, ResultCode.notAllowed, 'the proposer was bound to nothing yet')
    putMember(state, proposer, { ...member, commitment, height })
    return undefined
  }
  const beacon = getBeacon(state)
  require(isValueAwaited(beacon), ResultCode.wrongState, 'nothing waits for a value')
  const shown = beaconCommitment(hasher, { genesisHash, address: proposer, secret })
  require(equals(shown, member.commitment), ResultCode.notAllowed, 'the proposer was bound to another secret')
  const validators = validatorCount(state)
  const made: BeaconMixEntry = { before: beacon.mix, secret, proposer, committedHeight: member.height, validators }
  const value = valueMade(hasher, height, made)
  state.put(beaconMixKey(hasher, height), beaconMixEntry.encode(made))
  putBeacon(state, { ...beacon, mix: value.mix, mixHeight: height })
  putMember(state, proposer, { ...member, commitment, height, turn: member.turn + 1n })
  return value
}

/** Draws waited for the proposer, and it gave nothing. That changes the state too, so the next block comes at once. */
export function countMissedTurn(state: State, { proposer }: BlockContext): void {
  if (!proposer || !isValueAwaited(getBeacon(state))) return
  const member = getMember(state, proposer)
  putMember(state, proposer, { ...member, missed: member.missed + 1n })
}

/** The value that became known in a block; undefined where none did. */
export function valueAt({ get, hasher }: State, height: bigint): BeaconValue | undefined {
  const made = get(beaconMixKey(hasher, height))
  return made && valueMade(hasher, height, readEntry(beaconMixEntry, made))
}

function valueMade(hasher: Hasher, height: bigint, made: BeaconMixEntry): BeaconValue {
  const { before, secret } = made
  return { mix: beaconMix(hasher, { height, before, secret }), height, drawnBy: of => drawnBy(of, made) }
}
