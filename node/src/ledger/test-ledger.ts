// A ledger in memory for tests: real keys, real signatures, the real kernel; only blocks and storage are left out.

import {
  type AccountKey,
  Algorithm,
  accountId,
  encodeArgs,
  encodeTransaction,
  encodeTransactionBody,
  encodeUtf8,
  formatBase64Url,
  formatHex,
  type JsonObject,
  loadCrypto,
  SignatureScheme,
  signBytes,
  signChallenge,
  type TransactionBody,
  type TransactionSignature,
} from '@muniment/sdk'
import { ed25519 } from '@noble/curves/ed25519.js'
import { createPasskey, type Told } from '../../../test/passkey.ts'
import type { TransactionResult } from './application.ts'
import { createKernel } from './apply.ts'
import { genesisMandateId } from './genesis.ts'
import type { BlockContext, View } from './kernel.ts'

export type Person = {
  readonly key: AccountKey
  readonly account: Uint8Array
  readonly sign: (message: Uint8Array) => Omit<TransactionSignature, 'key'>
}

const crypto = await loadCrypto()
const nothing = new Uint8Array(0)

/** The same name gives the same key. */
export function person(name: string): Person {
  const secret = crypto.sha256(encodeUtf8(`test key of ${name}`))
  const key = { algorithm: Algorithm.ed25519, bytes: ed25519.getPublicKey(secret) }
  return {
    key,
    account: accountId(crypto, key),
    sign: message => ({
      scheme: SignatureScheme.plain,
      signature: ed25519.sign(message, secret),
      authenticatorData: nothing,
      clientData: nothing,
    }),
  }
}

/** One who signs with a passkey. */
export function passkeyHolder(name: string, told: Told = {}, algorithm: number = Algorithm.p256): Person {
  const { key, assert } = createPasskey(name, { hasher: crypto, algorithm })
  return {
    key,
    account: accountId(crypto, key),
    sign: message => ({ scheme: SignatureScheme.webauthn, ...assert(signChallenge(crypto, message), told) }),
  }
}

export type Act = {
  readonly service: string
  readonly transition: string
  readonly args: JsonObject
  /** Who signs, in which role and under which mandate. */
  readonly signers: readonly {
    readonly person: Person
    readonly role: string
    readonly mandate?: Uint8Array
    readonly nonce?: bigint
  }[]
  readonly nonce: number
  readonly body?: Partial<TransactionBody>
}

export type TestLedger = {
  readonly view: View
  readonly block: () => BlockContext
  /** Applies one transaction in a block of its own. */
  readonly apply: (transaction: Uint8Array) => Promise<TransactionResult>
  readonly transaction: (act: Act) => Uint8Array
  readonly act: (act: Act) => Promise<TransactionResult>
  readonly mandateOf: (office: string, holder: Person) => Uint8Array
  readonly skip: (blocks: number) => void
}

export function mandateJson(office: string, post: string, holder: Person): JsonObject {
  return { office, post, algorithm: 1, key: formatBase64Url(holder.key.bytes) }
}

export function createTestLedger(appState: JsonObject, chainId = 'test-ledger'): TestLedger {
  const kernel = createKernel(crypto)
  const genesisHash = crypto.sha256(encodeUtf8(`genesis of ${chainId}`))
  const values = new Map<string, Uint8Array>()
  let height = 1n
  const view: View = { get: key => values.get(formatHex(key)) }
  const block = (): BlockContext => ({
    chainId,
    genesisHash,
    height,
    time: { seconds: 1_700_000_000n + height, nanos: 0 },
  })
  for (const { key, value } of kernel.genesis(encodeArgs(appState), block())) values.set(formatHex(key), value!)

  function transaction(act: Act): Uint8Array {
    const body = encodeTransactionBody({
      chainId,
      service: act.service,
      transition: act.transition,
      args: encodeArgs(act.args),
      nonce: BigInt(act.nonce),
      validUntil: height + 100n,
      ifState: nothing,
      sponsor: nothing,
      signers: act.signers.map(({ person: { account }, role, mandate = nothing, nonce = 0n }) => ({
        account,
        role,
        mandate,
        nonce,
      })),
      ...act.body,
    })
    const signatures = act.signers.map(({ person: { sign, key } }, signer) => ({
      key,
      ...sign(signBytes(crypto, genesisHash, { body, signer })),
    }))
    return encodeTransaction({ body, signatures })
  }

  async function apply(encoded: Uint8Array): Promise<TransactionResult> {
    const [refused] = await kernel.verify([encoded], block(), crypto)
    if (refused) return refused
    const { result, writes } = kernel.apply(view, encoded, block())
    for (const { key, value } of writes) values.set(formatHex(key), value!)
    height += 1n
    return result
  }

  return {
    view,
    block,
    apply,
    transaction,
    act: act => apply(transaction(act)),
    mandateOf: (office, holder) => genesisMandateId(crypto, { office, key: holder.key, genesisHash }),
    skip: blocks => {
      height += BigInt(blocks)
    },
  }
}
