// A chain of any height for the light-client bench, whose blocks are signed when they are asked for: the same plan always
// gives the same block at a height. Headers do not link to each other by their hashes, which verification forwards never
// looks at; all else is as CometBFT writes it.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { BlockIdFlag, type CommitSignature, createVoteSignBytes } from '../../sdk/src/comet/commit.ts'
import { blockProtocol, type Header, headerHash } from '../../sdk/src/comet/header.ts'
import { type LightBlock, lightBlock } from '../../sdk/src/comet/light-block.ts'
import {
  sortedValidatorSet,
  type ValidatorSet,
  validatorAddress,
  validatorsHash,
} from '../../sdk/src/comet/validator-set.ts'
import type { Hasher } from '../../sdk/src/crypto/crypto.ts'
import { addNanos, addSeconds, parseTime, type Timestamp } from '../../sdk/src/time.ts'

export type ChainPlan = {
  /** All of the same power. */
  readonly validators: number
  /** After so many heights one validator leaves, the one that is there the longest, and a new one comes; 0: never. */
  readonly rotateEvery: number
  /** Plans of other salts have other blocks at each height, signed with the same keys. */
  readonly salt: string
  readonly chainId?: string
  /** The time of height 0. */
  readonly startsAt?: Timestamp
  readonly secondsPerBlock?: number
  readonly appHashAt?: (height: number) => Uint8Array
}

export type LazyChain = {
  readonly chainId: string
  /** A protobuf LightBlock; nothing of it is kept. */
  readonly encodedBlock: (height: number) => Uint8Array
  /** The same, decoded: an object that nobody has seen. */
  readonly lightBlock: (height: number) => LightBlock
  readonly timeOf: (height: number) => Timestamp
}

const benchStart = parseTime('2026-01-01T00:00:00Z')
const power = 10n
/** Sets and keys that are kept: those of the newest rotations. */
const rotationsKept = 512

const hasher: Hasher = { sha256 }

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

type Key = { readonly privateKey: KeyObject; readonly publicKey: Uint8Array }
type Members = { readonly set: ValidatorSet; readonly hash: Uint8Array; readonly keys: readonly KeyObject[] }

export function createLazyChain(plan: ChainPlan): LazyChain {
  const { validators, rotateEvery, salt, chainId = 'bench-chain', startsAt = benchStart, secondsPerBlock = 6 } = plan
  const keyOf = kept((number: number) => validatorKey(number))
  const membersOf = kept((rotation: number) =>
    membersFrom(Array.from({ length: validators }, (_, i) => keyOf(rotation + i))),
  )
  const membersAt = (height: number): Members => membersOf(rotateEvery === 0 ? 0 : Math.floor(height / rotateEvery))
  const timeOf = (height: number): Timestamp => addSeconds(startsAt, height * secondsPerBlock)
  const named = (what: string, height: number): Uint8Array => sha256(Buffer.from(`${salt} ${what} ${height}`))

  function block(height: number): LightBlock {
    const members = membersAt(height)
    const partSetHeader = { total: 1, hash: named('parts', height) }
    const header: Header = {
      version: { block: blockProtocol, app: 1n },
      chainId,
      height: BigInt(height),
      time: timeOf(height),
      lastBlockId: { hash: named('block', height - 1), partSetHeader: { total: 1, hash: named('parts', height - 1) } },
      lastCommitHash: named('commit', height - 1),
      dataHash: named('data', height),
      validatorsHash: members.hash,
      nextValidatorsHash: membersAt(height + 1).hash,
      consensusHash: named('parameters', 0),
      appHash: plan.appHashAt?.(height) ?? named('state', height - 1),
      lastResultsHash: named('results', height - 1),
      evidenceHash: sha256(),
      proposerAddress: members.set.proposer,
    }
    const blockId = { hash: headerHash(header, hasher), partSetHeader }
    const signBytes = createVoteSignBytes({ chainId, height: header.height, round: 0, blockId })
    const signatures = members.set.validators.map(({ address }, i): CommitSignature => {
      // No two validators see the block at the same time.
      const timestamp = addNanos(header.time, BigInt(i) * 1_000_003n)
      const signature = new Uint8Array(sign(null, signBytes(timestamp), members.keys[i]!))
      return { blockIdFlag: BlockIdFlag.commit, validatorAddress: address, timestamp, signature }
    })
    const commit = { height: header.height, round: 0, blockId, signatures }
    return { header, commit, validatorSet: members.set }
  }

  const encodedBlock = (height: number): Uint8Array => lightBlock.encode(block(height))
  return { chainId, encodedBlock, lightBlock: height => lightBlock.decode(encodedBlock(height)), timeOf }
}

function validatorKey(number: number): Key {
  const seed = sha256(Buffer.from(`bench validator ${number}`))
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { privateKey, publicKey: new Uint8Array(spki.subarray(12)) }
}

function membersFrom(keys: readonly Key[]): Members {
  const byKey = new Map(keys.map(({ publicKey, privateKey }) => [String(publicKey), privateKey]))
  const unsorted = keys.map(({ publicKey }) => {
    const key = { type: 'ed25519', bytes: publicKey } as const
    return { address: validatorAddress(key, hasher), publicKey: key, votingPower: power, proposerPriority: 0n }
  })
  const { validators } = sortedValidatorSet(unsorted)
  const set = { validators, proposer: validators[0]!.address }
  return {
    set,
    hash: validatorsHash(set, hasher),
    keys: validators.map(({ publicKey }) => byKey.get(String(publicKey.bytes))!),
  }
}

/** The function with its newest answers kept. */
function kept<T>(make: (index: number) => T): (index: number) => T {
  const made = new Map<number, T>()
  return index => {
    const known = made.get(index)
    if (known !== undefined) return known
    const value = make(index)
    made.set(index, value)
    const [oldest] = made.keys()
    if (made.size > rotationsKept) made.delete(oldest!)
    return value
  }
}
