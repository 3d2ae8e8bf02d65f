// Making a transaction: the body first, which is what everyone is shown, then the signatures over it.

import type { Hasher } from '../crypto/crypto.ts'
import type { JsonObject } from '../json.ts'
import type { AccountEntry } from '../ledger/entries.ts'
import { validForBlocks } from '../limits.ts'
import type { Signer } from './signer.ts'
import { encodeArgs, encodeTransaction, encodeTransactionBody, SignatureScheme, signBytes } from './transaction.ts'

export type PrepareRequest = {
  readonly service: string
  readonly transition: string
  readonly args: JsonObject
  /** The first is the sender. */
  readonly signers: readonly {
    /** 32 bytes; accountId of the first key. */
    readonly account: Uint8Array
    readonly role: string
    readonly mandate?: Uint8Array
  }[]
}

/** The encoded body with the sender's lowest free nonce. `account`: the sender's entry, undefined before his first act. */
export function prepareBody(
  request: PrepareRequest,
  given: { readonly chainId: string; readonly height: bigint; readonly account: AccountEntry | undefined },
): Uint8Array {
  const nothing = new Uint8Array(0)
  return encodeTransactionBody({
    chainId: given.chainId,
    service: request.service,
    transition: request.transition,
    args: encodeArgs(request.args),
    nonce: given.account ? nextNonce(given.account) : 1n,
    validUntil: given.height + BigInt(validForBlocks),
    ifState: nothing,
    sponsor: nothing,
    signers: request.signers.map(({ account, role, mandate = nothing }) => ({ account, role, mandate })),
  })
}

/** The whole transaction: one signer a place in the body's list, each over bytes that name him and his place. */
export async function signBody(
  body: Uint8Array,
  given: { readonly signers: readonly Signer[]; readonly genesisHash: Uint8Array; readonly hasher: Hasher },
): Promise<Uint8Array> {
  const nothing = new Uint8Array(0)
  const signatures = await Promise.all(
    given.signers.map(async (signer, place) => ({
      scheme: SignatureScheme.plain,
      key: signer.key,
      signature: await signer.sign(signBytes(given.hasher, given.genesisHash, { body, signer: place })),
      authenticatorData: nothing,
      clientData: nothing,
    })),
  )
  return encodeTransaction({ body, signatures })
}

function nextNonce({ nonceFloor, nonceBits }: AccountEntry): bigint {
  let nonce = nonceFloor + 1n
  for (let bits = nonceBits; (bits & 1n) === 1n; bits >>= 1n) nonce += 1n
  return nonce
}
