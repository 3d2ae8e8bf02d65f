// Signs precommits as CometBFT's validators do, in a thread of Node.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { voteSignBytes } from '../../sdk/src/comet/commit.ts'
import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import { packItems } from './wire.ts'

/** The signatures from `start` to before `end`, of those that all validators make for one header after the other. */
export type SignRequest = {
  /** A validator's secret key (RFC 8032, 5.1.5) each. */
  readonly seeds: readonly Uint8Array[]
  readonly firstHeight: number
  readonly start: number
  readonly end: number
}

/** Of such a length that a vote's sign bytes have 122, as on the networks that there are. */
const chainId = 'muniment-benchmark-1'
const chainStart = 1_800_000_000

/** What stands before the seed in RFC 8410's form of a key, and the length of a public key at the end of its form. */
const privateKeyHead = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicKeyBytes = 32

type Validator = { readonly privateKey: KeyObject; readonly publicKey: Uint8Array }

/** Packed by packItems. */
export function signCommits({ seeds, firstHeight, start, end }: SignRequest): ArrayBuffer {
  const validators = new Map<number, Validator>()
  const items: SignedMessage[] = []
  for (let i = start; i < end; i++) {
    const index = i % seeds.length
    const validator = validators.get(index) ?? validatorOf(seeds[index]!)
    validators.set(index, validator)
    const message = precommit(firstHeight + Math.floor(i / seeds.length), index)
    items.push({ publicKey: validator.publicKey, message, signature: sign(null, message, validator.privateKey) })
  }
  return packItems(items)
}

function validatorOf(seed: Uint8Array): Validator {
  const privateKey = createPrivateKey({ key: Buffer.concat([privateKeyHead, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-publicKeyBytes)
  return { privateKey, publicKey }
}

/** Each validator votes at a time of its own, so no two messages are the same. */
function precommit(height: number, validator: number): Uint8Array {
  const hash = createHash('sha256').update(`block ${height}`).digest()
  const timestamp = { seconds: BigInt(chainStart + 5 * height), nanos: 500_000_000 + 1_000 * validator }
  const blockId = { hash, partSetHeader: { total: 1, hash } }
  return voteSignBytes({ chainId, height: BigInt(height), round: 0, blockId, timestamp })
}

parentPort?.on('message', (request: SignRequest) => {
  const packed = signCommits(request)
  parentPort!.postMessage(packed, [packed])
})
