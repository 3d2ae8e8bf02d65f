// The guard against signing two things at one height. It is part of the batch that makes a block durable, so that no
// signature is known outside before it is on the disk; and it stands beside the store once more, in the shape of
// CometBFT's priv_validator_state.json, so that a store that lost its newest blocks or was put back from a backup is noticed.

import { readFile, rename, writeFile } from 'node:fs/promises'
import {
  assert,
  type BlockId,
  blockId,
  formatBase64,
  formatHex,
  isObject,
  limits,
  type Message,
  parseJson,
  protobuf,
  sameBlockId,
  type Timestamp,
  voteSignBytes,
} from '@muniment/sdk'
import { HomeError, systemError } from '../home-error.ts'
import type { Database, Write } from '../storage/database.ts'
import { key, keySpace } from '../storage/keys.ts'
import type { ValidatorKey } from './validator-key.ts'

export type SignState = {
  readonly height: bigint
  readonly round: number
  /** 3: precommit (privval/file.go). The embedded engine signs nothing else. */
  readonly step: number
  readonly blockId: BlockId
  readonly signBytes: Uint8Array
  readonly signature: Uint8Array
}

export type Precommit = {
  readonly chainId: string
  readonly height: bigint
  readonly blockId: BlockId
  readonly timestamp: Timestamp
}

const signStateMessage: Message<SignState> = protobuf.message({
  height: protobuf.uint64(1),
  round: protobuf.uint32(2),
  step: protobuf.uint32(3),
  blockId: protobuf.always(4, blockId),
  signBytes: protobuf.bytes(5, 512),
  signature: protobuf.bytes(6, limits.signatureBytesMax),
})

const precommitStep = 3

/**
 * Signs a precommit of round 0 unless that contradicts `before`: a later height, or the same block again with another
 * time, is allowed. The signature must not leave the process before the answered state is durable.
 */
export function signPrecommit(validator: ValidatorKey, before: SignState | undefined, vote: Precommit): SignState {
  const signBytes = voteSignBytes({ ...vote, round: 0 })
  assert(!before || vote.height >= before.height, 'a signer never goes back to an earlier height')
  if (before?.height === vote.height) {
    assert(sameBlockId(before.blockId, vote.blockId), 'a signer never signs two blocks of one height')
  }
  const { height, blockId } = vote
  return { height, round: 0, step: precommitStep, blockId, signBytes, signature: validator.sign(signBytes) }
}

export function signStateWrite(validator: ValidatorKey, state: SignState): Write {
  return { key: key(keySpace.signState, validator.address), value: signStateMessage.encode(state) }
}

export function readSignState(database: Database, validator: ValidatorKey): SignState | undefined {
  const stored = database.get(key(keySpace.signState, validator.address))
  return stored && signStateMessage.decode(stored)
}

/** Writes the file beside the store, after the batch; a crash in between leaves the older one, which is no harm. */
export async function saveSignStateFile(path: string, state: SignState): Promise<void> {
  const json = {
    height: String(state.height),
    round: state.round,
    step: state.step,
    signature: formatBase64(state.signature),
    signbytes: formatHex(state.signBytes).toUpperCase(),
  }
  try {
    await writeFile(`${path}.new`, `${JSON.stringify(json, null, 2)}\n`, { mode: 0o600 })
    await rename(`${path}.new`, path)
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}

/** Height of the last signature that the file tells of; 0 when there is no file. Throws HomeError file-malformed. */
export async function loadSignedHeight(path: string): Promise<bigint> {
  try {
    const json = parseJson(await readFile(path, 'utf8'))
    if (isObject(json) && typeof json.height === 'string' && /^\d{1,18}$/.test(json.height)) return BigInt(json.height)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return 0n
    throw systemError(error, path) ?? malformed(path, error)
  }
  throw malformed(path)
}

function malformed(path: string, cause?: unknown): HomeError {
  return new HomeError(
    'file-malformed',
    `The sign state in ${path} can't be read; without it a restart is not safe.`,
    cause,
  )
}
