// Making a transaction: the body first, which is what everyone is shown, then the signatures over it.

import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { type AccountEntry, Algorithm } from '../ledger/entries.ts'
import { nonceWindow, proposalNonceFirst, validForBlocks } from '../limits.ts'
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
  /** For how many blocks it may wait to be handed in; a day and more where this is left out. */
  readonly validForBlocks?: number
  /** A nonce of the sender that is left alone with all before it: of what was signed and is not in a block yet. */
  readonly afterNonce?: bigint
}

export type PrepareGiven = {
  readonly chainId: string
  /** Of the newest block. */
  readonly height: bigint
  /** The signers' entries; undefined before a first act. */
  readonly accounts: readonly (AccountEntry | undefined)[]
  /** A random whole number below the bound. */
  readonly random: (bound: number) => number
}

/**
 * The encoded body: with the sender's lowest free nonce, and for each other signer one of his that his own acts will not need for a
 * while.
 */
export function prepareBody(request: PrepareRequest, given: PrepareGiven): Uint8Array {
  const nothing = new Uint8Array(0)
  const { accounts, random } = given
  return encodeTransactionBody({
    chainId: given.chainId,
    service: request.service,
    transition: request.transition,
    args: encodeArgs(request.args),
    nonce: freeNonces(accounts[0]).find(nonce => nonce > (request.afterNonce ?? 0n))!,
    validUntil: given.height + BigInt(request.validForBlocks ?? validForBlocks),
    ifState: nothing,
    sponsor: nothing,
    signers: request.signers.map(({ account, role, mandate = nothing }, place) => {
      if (place === 0) return { account, role, mandate, nonce: 0n }
      const free = freeNonces(accounts[place])
      const later = free.length > proposalNonceFirst ? free.slice(proposalNonceFirst) : free
      return { account, role, mandate, nonce: later[random(later.length)]! }
    }),
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
export async function signPlace(
  body: Uint8Array,
  given: SignGiven & { readonly signer: AnySigner; readonly place: number },
): Promise<TransactionSignature> {
  const { signer, hasher } = given
  return signMessage(signBytes(hasher, given.genesisHash, { body, signer: given.place }), { signer, hasher })
}

/** A key's plain signature over a message, or a passkey's over the message's hash. Throws VerifyError `malformed`. */
export async function signMessage(
  message: Uint8Array,
  { signer, hasher }: { readonly signer: AnySigner; readonly hasher: Hasher },
): Promise<TransactionSignature> {
  const { key } = signer
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

/** Whether an act of the account has used it up. */
export function isNonceUsed({ nonceFloor, nonceBits }: AccountEntry, nonce: bigint): boolean {
  return nonce <= nonceFloor || ((nonceBits >> (nonce - nonceFloor - 1n)) & 1n) === 1n
}

/** Those of the window, ascending; never none. */
function freeNonces(account: AccountEntry | undefined): readonly bigint[] {
  const { nonceFloor } = account ?? { nonceFloor: 0n }
  const window = Array.from({ length: nonceWindow }, (_, offset) => nonceFloor + 1n + BigInt(offset))
  return account ? window.filter(nonce => !isNonceUsed(account, nonce)) : window
}
