// The transaction envelope. One format for every service, so that it never changes: what a service adds stands in `args`.

import { encodeUtf8, formatHex } from '../bytes.ts'
import type { Hasher, SignedMessage } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { decodeCanonicalJson, encodeCanonicalJson, type JsonObject } from '../json.ts'
import { type AccountKey, Algorithm, accountKeyMessage } from '../ledger/entries.ts'
import {
  chainIdLengthMax,
  roleNameLengthMax,
  serviceNameLengthMax,
  signersMax,
  transactionArgsBytesMax,
  transactionBytesMax,
  transitionNameLengthMax,
} from '../limits.ts'
import { always, bytes, type Message, message, repeated, string, uint32, uint64 } from '../protobuf.ts'
import { frame, taggedHash } from '../tags.ts'
import { type ReadAssertion, readAssertion } from './webauthn.ts'

/** One who signs, in which role, and under which mandate when acting for an office. */
export type TransactionSigner = {
  readonly account: Uint8Array
  readonly role: string
  /** Mandate id, 32 bytes; empty when acting for oneself. */
  readonly mandate: Uint8Array
  /**
   * Of his own account, for those behind the first: the act uses it up too, so that whoever uses it up before takes his signature
   * back. 0: none. The first signer's stands in the body.
   */
  readonly nonce: bigint
}

export type TransactionBody = {
  readonly chainId: string
  /** Service and version, `land.title@1`. */
  readonly service: string
  readonly transition: string
  /** Canonical JSON (RFC 8785), an object. */
  readonly args: Uint8Array
  /** Of the first signer's account. */
  readonly nonce: bigint
  /** The last height at which it may be included. */
  readonly validUntil: bigint
  /** The state it was made for (a case and its version); empty when it doesn't matter. */
  readonly ifState: Uint8Array
  /** The account that pays, which must be among the signers; empty: nobody pays. */
  readonly sponsor: Uint8Array
  /** The first is the sender. */
  readonly signers: readonly TransactionSigner[]
}

/** How a signature was made. */
export const SignatureScheme = { plain: 1, webauthn: 2 } as const

export type TransactionSignature = {
  readonly scheme: number
  readonly key: AccountKey
  /** 64 bytes: R | S, or r | s with low s. */
  readonly signature: Uint8Array
  /** WebAuthn only. */
  readonly authenticatorData: Uint8Array
  readonly clientData: Uint8Array
}

export type Transaction = {
  /** Encoded body: these very bytes are what everyone signs and what is shown before signing. */
  readonly body: Uint8Array
  /** One a signer, in the signers' order. */
  readonly signatures: readonly TransactionSignature[]
}

const transactionSigner: Message<TransactionSigner> = message({
  account: bytes(1, 32),
  role: string(2, roleNameLengthMax),
  mandate: bytes(3, 32),
  nonce: uint64(4),
})

const transactionBody: Message<TransactionBody> = message({
  chainId: string(1, chainIdLengthMax),
  service: string(2, serviceNameLengthMax),
  transition: string(3, transitionNameLengthMax),
  args: bytes(4, transactionArgsBytesMax),
  nonce: uint64(5),
  validUntil: uint64(6),
  ifState: bytes(7, 64),
  sponsor: bytes(8, 32),
  signers: repeated(9, transactionSigner, signersMax),
})

export const transactionSignature: Message<TransactionSignature> = message({
  scheme: uint32(1),
  key: always(2, accountKeyMessage),
  signature: bytes(3, 64),
  authenticatorData: bytes(4, 1024),
  clientData: bytes(5, 2048),
})

const transaction: Message<Transaction> = message({
  body: bytes(1, transactionBytesMax),
  signatures: repeated(2, transactionSignature, signersMax),
})

const signerList: Message<{ readonly signers: readonly TransactionSigner[] }> = message({
  signers: repeated(1, transactionSigner, signersMax),
})

export function encodeTransactionBody(body: TransactionBody): Uint8Array {
  return transactionBody.encode(body)
}

/** Throws VerifyError for anything but the canonical bytes of a well-formed body. */
export function decodeTransactionBody(encoded: Uint8Array): TransactionBody {
  const body = transactionBody.decode(encoded)
  check(body.signers.length > 0, 'malformed', 'a transaction without a signer')
  for (const signer of body.signers) {
    check(signer.account.length === 32, 'malformed', 'an account id has 32 bytes')
    check(signer.mandate.length === 0 || signer.mandate.length === 32, 'malformed', 'a mandate id has 32 bytes')
  }
  check(body.signers[0]!.nonce === 0n, 'malformed', 'the first signer’s nonce stands in the body')
  const accounts = new Set(body.signers.map(signer => formatHex(signer.account)))
  check(accounts.size === body.signers.length, 'malformed', 'an account signs twice')
  check(body.sponsor.length === 0 || accounts.has(formatHex(body.sponsor)), 'malformed', 'the sponsor does not sign')
  return body
}

export function encodeTransaction(value: Transaction): Uint8Array {
  return transaction.encode(value)
}

/** Throws VerifyError; the body is decoded too, so that what is returned is well-formed as a whole. */
export function decodeTransaction(encoded: Uint8Array): {
  readonly transaction: Transaction
  readonly body: TransactionBody
} {
  check(encoded.length <= transactionBytesMax, 'oversized', 'a transaction is too long', {
    expected: `<= ${transactionBytesMax}`,
    actual: encoded.length,
  })
  const value = transaction.decode(encoded)
  const body = decodeTransactionBody(value.body)
  check(value.signatures.length === body.signers.length, 'malformed', 'signatures and signers differ in number', {
    expected: body.signers.length,
    actual: value.signatures.length,
  })
  return { transaction: value, body }
}

export function encodeArgs(args: JsonObject): Uint8Array {
  return encodeCanonicalJson(args)
}

export function decodeArgs(args: Uint8Array): JsonObject {
  return decodeCanonicalJson(args)
}

/** The id of a transaction: whoever signs it, and however often, it stays the same. 32 bytes. */
export function transactionId(hasher: Hasher, body: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/transaction/1', body)
}

/**
 * What one signer signs (security rule 24): the chain's genesis, the transaction, who he is, in which role, and the whole
 * list of signers; so a signature serves on no other chain, in no other role and in no other company.
 */
export function signBytes(
  hasher: Hasher,
  genesisHash: Uint8Array,
  request: { readonly body: Uint8Array; readonly signer: number },
): Uint8Array {
  const body = decodeTransactionBody(request.body)
  const signer = body.signers[request.signer]
  check(signer, 'malformed', 'no such signer')
  return frame(
    'muniment/sign/1',
    encodeUtf8(body.chainId),
    genesisHash,
    transactionId(hasher, request.body),
    signer.account,
    encodeUtf8(signer.role),
    signerList.encode({ signers: body.signers }),
  )
}

/** What a passkey is asked to sign, 32 bytes: an authenticator takes a challenge, not a message. */
export function signChallenge(hasher: Hasher, bytesToSign: Uint8Array): Uint8Array {
  return hasher.sha256(bytesToSign)
}

/** A signature to verify, and the kind of its key. */
export type MessageToVerify = SignedMessage & { readonly algorithm: number }

/** What must hold for the signatures, one entry a signer; state is not asked. Throws VerifyError for an unknown scheme. */
export function signedMessages(
  hasher: Hasher,
  genesisHash: Uint8Array,
  value: Transaction,
): readonly MessageToVerify[] {
  return value.signatures.map((signature, signer) =>
    signedMessage(hasher, signature, signBytes(hasher, genesisHash, { body: value.body, signer })),
  )
}

/** What must hold for a signature over a message, which a passkey signs by its hash. Throws VerifyError `malformed`. */
export function signedMessage(hasher: Hasher, signature: TransactionSignature, message: Uint8Array): MessageToVerify {
  const { scheme, key, authenticatorData, clientData } = signature
  const known = scheme === SignatureScheme.plain || scheme === SignatureScheme.webauthn
  check(known, 'malformed', 'unknown signature scheme', { actual: scheme })
  const isPlain = scheme === SignatureScheme.plain
  check(!isPlain || authenticatorData.length + clientData.length === 0, 'malformed', 'stray WebAuthn fields')
  checkKey(key)
  return {
    algorithm: key.algorithm,
    publicKey: key.bytes,
    message: isPlain ? message : readAssertion(signature, signChallenge(hasher, message), hasher).message,
    signature: signature.signature,
  }
}

/** What a passkey's signature says beside the transaction; undefined where the key itself signed. Throws VerifyError `malformed`. */
export function assertionOf(
  hasher: Hasher,
  genesisHash: Uint8Array,
  { transaction, signer }: { readonly transaction: Transaction; readonly signer: number },
): ReadAssertion | undefined {
  const signature = transaction.signatures[signer]
  if (signature?.scheme !== SignatureScheme.webauthn) return undefined
  const bytesToSign = signBytes(hasher, genesisHash, { body: transaction.body, signer })
  return readAssertion(signature, signChallenge(hasher, bytesToSign), hasher)
}

/** Length and kind of an account's key. */
export function checkKey(key: AccountKey): void {
  const expected = key.algorithm === Algorithm.ed25519 ? 32 : key.algorithm === Algorithm.p256 ? 33 : 0
  check(expected > 0, 'malformed', 'unknown key algorithm', { actual: key.algorithm })
  check(key.bytes.length === expected, 'malformed', 'wrong key length', { expected, actual: key.bytes.length })
}
