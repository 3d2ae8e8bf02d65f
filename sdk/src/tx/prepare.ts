// Making a transaction: the body first, which is what everyone is shown, then the signatures over it.

import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { type AccountEntry, Algorithm } from '../ledger/entries.ts'
import { validForBlocks } from '../limits.ts'
import type { AnySigner } from './signer.ts'
import {
  encodeArgs,
  encodeTransaction,
  encodeTransactionBody,
  SignatureScheme,
  signBytes,
  signChallenge,
  type TransactionSignature,
} from './transaction.ts'
import { readAssertion, readEcdsaSignature } from './webauthn.ts'

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

export type SignGiven = { readonly genesisHash: Uint8Array; readonly hasher: Hasher }

/** The whole transaction: one signer a place in the body's list, each over bytes that name him and his place. */
export async function signBody(
  body: Uint8Array,
  given: SignGiven & { readonly signers: readonly AnySigner[] },
): Promise<Uint8Array> {
  const signatures: TransactionSignature[] = []
  // One after the other: no authenticator answers two questions at once.
  for (const [place, signer] of given.signers.entries())
    signatures.push(await signPlace(body, { ...given, signer, place }))
  return encodeTransaction({ body, signatures })
}

/**
 * One signature, of the signer at `place` (from 0). Throws VerifyError `malformed` where a passkey's answer is not what the
 * ledger takes, so that nothing is handed in only to be refused.
 */
async function signPlace(
  body: Uint8Array,
  given: SignGiven & { readonly signer: AnySigner; readonly place: number },
): Promise<TransactionSignature> {
  const { signer, hasher } = given
  const { key } = signer
  const message = signBytes(hasher, given.genesisHash, { body, signer: given.place })
  if ('sign' in signer) {
    const signature = await signer.sign(message)
    const nothing = new Uint8Array(0)
    return { scheme: SignatureScheme.plain, key, signature, authenticatorData: nothing, clientData: nothing }
  }
  const challenge = signChallenge(hasher, message)
  const { authenticatorData, clientData, signature: answered } = await signer.assert(challenge)
  readAssertion({ authenticatorData, clientData }, challenge, hasher)
  const signature = key.algorithm === Algorithm.p256 ? readEcdsaSignature(answered) : answered
  check(signature.length === 64, 'malformed', 'a signature has 64 bytes', { actual: signature.length })
  return { scheme: SignatureScheme.webauthn, key, signature, authenticatorData, clientData }
}

function nextNonce({ nonceFloor, nonceBits }: AccountEntry): bigint {
  let nonce = nonceFloor + 1n
  for (let bits = nonceBits; (bits & 1n) === 1n; bits >>= 1n) nonce += 1n
  return nonce
}
