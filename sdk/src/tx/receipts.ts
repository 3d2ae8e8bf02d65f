// Inclusion receipts: a validator that is given a transaction signs that it will stand in a block soon. Whoever is censored then holds the
// proof, signed by the censor. docs/protocol/receipts.md; what a broken promise is, is judged from the state alone (security rule 26).

import { equals, parseBase64Url } from '../bytes.ts'
import { type Header, headerHash } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import type { Crypto, Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { caseEntry } from '../ledger/cases.ts'
import { type AccountEntry, type AccountKey, accountEntry, mandateEntry } from '../ledger/entries.ts'
import { accountKey, caseKey, mandateKey } from '../ledger/keys.ts'
import { receiptBlocks, receiptSeconds, unmetReceiptsKeptMax } from '../limits.ts'
import { bytes, int64, type Message, message, repeated, uint64 } from '../protobuf.ts'
import { frame, taggedHash } from '../tags.ts'
import type { Trusted } from '../trusted.ts'
import { isNonceUsed } from './prepare.ts'
import { decodeArgs, decodeTransaction, type TransactionBody, transactionId } from './transaction.ts'

export type InclusionReceipt = {
  /** The validator's Ed25519 key, 32 bytes. */
  readonly validator: Uint8Array
  readonly transactionId: Uint8Array
  /** SHA-256 of its bytes with their signatures. */
  readonly transactionHash: Uint8Array
  /** The newest block when it was given, under whose state the transaction was good by itself. */
  readonly height: bigint
  readonly headHash: Uint8Array
  /** It will stand in this block or an earlier one … */
  readonly byHeight: bigint
  /** … or, where blocks are slow, in one of this time or before: seconds since 1970. The promise is broken when both have passed. */
  readonly byTime: bigint
  /** How many steps its case had taken; 0 where it opens one, or has none. */
  readonly caseVersion: bigint
  readonly signature: Uint8Array
}

const inclusionReceipt: Message<InclusionReceipt> = message({
  validator: bytes(1, 32),
  transactionId: bytes(2, 32),
  transactionHash: bytes(3, 32),
  height: uint64(4),
  headHash: bytes(5, 32),
  byHeight: uint64(6),
  byTime: int64(7),
  caseVersion: uint64(8),
  signature: bytes(9, 64),
})

export function encodeReceipt(receipt: InclusionReceipt): Uint8Array {
  return inclusionReceipt.encode(receipt)
}

/** Throws VerifyError for anything but the canonical bytes of a whole receipt. */
export function decodeReceipt(encoded: Uint8Array): InclusionReceipt {
  const receipt = inclusionReceipt.decode(encoded)
  const { validator, transactionId: id, transactionHash, headHash, signature } = receipt
  const areWhole = [validator, id, transactionHash, headHash].every(each => each.length === 32)
  check(areWhole && signature.length === 64, 'malformed', 'a receipt has all its parts')
  check(receipt.byHeight === receipt.height + BigInt(receiptBlocks), 'malformed', 'a receipt promises so many blocks', {
    expected: receiptBlocks,
    actual: receipt.byHeight - receipt.height,
  })
  return receipt
}

/**
 * What a validator signs. It begins with a zero byte, the length of a tag; what it signs as a vote begins with the vote's own length as a
 * varint, which is never zero (CometBFT, types/vote.go, VoteSignBytes). So neither can be taken for the other.
 */
export function receiptSignBytes(genesisHash: Uint8Array, receipt: Omit<InclusionReceipt, 'signature'>): Uint8Array {
  const signed = { ...receipt, signature: new Uint8Array(0) }
  return frame('muniment/inclusion/1', genesisHash, inclusionReceipt.encode(signed))
}

type Given = { readonly transaction: Uint8Array; readonly genesisHash: Uint8Array }

/**
 * A receipt that promises what receipts promise, for this very transaction, by a member of the set that made the head that it names. Throws
 * VerifyError: `malformed`, `wrong-chain` where the transaction is another one's, `bad-signature`, `wrong-height` for another head, `refused`.
 */
export async function verifyReceipt(
  encoded: Uint8Array,
  given: Given & { readonly head: Trusted<LightBlock> },
  crypto: Crypto,
): Promise<InclusionReceipt> {
  const receipt = decodeReceipt(encoded)
  const { header, validatorSet } = given.head
  check(receipt.height === header.height, 'wrong-height', 'the receipt names another height', {
    expected: header.height,
    actual: receipt.height,
  })
  check(equals(receipt.headHash, headerHash(header, crypto)), 'wrong-height', 'the receipt names another block')
  const isMember = validatorSet.validators.some(({ publicKey }) => equals(publicKey.bytes, receipt.validator))
  check(isMember, 'refused', 'whoever signed the receipt makes no blocks')
  const byTime = header.time.seconds + BigInt(receiptSeconds)
  check(receipt.byTime === byTime, 'refused', 'the receipt promises another time', {
    expected: byTime,
    actual: receipt.byTime,
  })
  const [message] = receiptMessages(receipt, given, crypto)
  const bad = await crypto.verifyEd25519([message!])
  check(bad.length === 0, 'bad-signature', 'the receipt’s signature does not verify')
  return receipt
}

/** What must verify for a receipt, one entry. Throws VerifyError `refused` for one of another transaction. */
export function receiptMessages(
  receipt: InclusionReceipt,
  { transaction, genesisHash }: Given,
  hasher: Hasher,
): readonly [{ readonly message: Uint8Array; readonly publicKey: Uint8Array; readonly signature: Uint8Array }] {
  const { transaction: decoded } = decodeTransaction(transaction)
  const isOf =
    equals(receipt.transactionId, transactionId(hasher, decoded.body)) &&
    equals(receipt.transactionHash, hasher.sha256(transaction))
  check(isOf, 'refused', 'the receipt is of another transaction')
  const { validator: publicKey, signature, ...promise } = receipt
  const message = receiptSignBytes(genesisHash, { validator: publicKey, ...promise })
  return [{ message, publicKey, signature }]
}

/** What became of a promise, as far as the state shows it. */
export type ReceiptStanding =
  /** Its nonce is used: by the transaction, or by another of the same sender. */
  | { readonly kind: 'kept' }
  /** Its time is not over. */
  | { readonly kind: 'open' }
  /** It could have been kept at every moment, as far as the state shows, and was not: whoever likes reports it on the ledger. */
  | { readonly kind: 'broken' }
  /** Something changed meanwhile, or the transaction's own time ran out: nobody can say whose fault it was. */
  | { readonly kind: 'undecided'; readonly why: 'expired' | 'key' | 'mandate' | 'case' }

/** Reads proven values of the state, as `client.read` does. */
export type ReadState = (keys: readonly Uint8Array[]) => Promise<{
  readonly header: Trusted<Header>
  readonly values: readonly (Uint8Array | undefined)[]
}>

/** Judges a receipt by proofs under one verified header. A verified receipt is expected. Throws what `read` throws. */
export async function judgeReceipt(
  receipt: InclusionReceipt,
  transaction: Uint8Array,
  given: { readonly read: ReadState; readonly hasher: Hasher },
): Promise<ReceiptStanding> {
  const { transaction: decoded, body } = decodeTransaction(transaction)
  const { hasher, read } = given
  const id = caseNamed(body)
  const signers = body.signers.slice(0, signersReadMax)
  const keys = [
    ...signers.map(({ account }) => accountKey(hasher, account)),
    ...signers.map(({ mandate }) => mandateKey(hasher, mandate)),
    ...(id ? [caseKey(hasher, id)] : []),
  ]
  const { header, values } = await read(keys)
  const account = values[0] && accountEntry.decode(values[0])
  if (account && isNonceUsed(account, body.nonce)) return { kind: 'kept' }
  // The header proves the state after the block before it.
  const height = header.height - 1n
  if (height <= receipt.byHeight || header.time.seconds <= receipt.byTime) return { kind: 'open' }
  if (body.validUntil <= height) return { kind: 'undecided', why: 'expired' }
  for (const [place, { mandate }] of signers.entries()) {
    const value = values[place]
    const { key } = decoded.signatures[place]!
    const holds = !value || holdsKey(accountEntry.decode(value), key, receipt.height)
    if (!holds) return { kind: 'undecided', why: 'key' }
    const fits = mandate.length === 0 || isInForce(values[signers.length + place], receipt.height, height)
    if (!fits) return { kind: 'undecided', why: 'mandate' }
  }
  const entry = id && values.at(-1)
  const version = entry ? caseEntry.decode(entry).version : 0n
  return version === receipt.caseVersion ? { kind: 'broken' } : { kind: 'undecided', why: 'case' }
}

/** One question asks for sixteen keys at most: two a signer, and the case's. */
const signersReadMax = 7

/** From one height to another. Who acts by a delegation is not looked at further. */
function isInForce(value: Uint8Array | undefined, from: bigint, to: bigint): boolean {
  if (!value) return false
  const { fromHeight, untilHeight } = mandateEntry.decode(value)
  return fromHeight <= from && (untilHeight === 0n || to < untilHeight)
}

/** Whether the key held at a height already and holds still. */
export function holdsKey({ keys }: AccountEntry, key: AccountKey, height: bigint): boolean {
  return keys.some(
    held =>
      held.key.algorithm === key.algorithm &&
      equals(held.key.bytes, key.bytes) &&
      held.endedHeight === 0n &&
      held.fromHeight <= height,
  )
}

/** The case that a step of one names, 32 bytes; undefined where it names none. */
export function caseNamed({ args }: Pick<TransactionBody, 'args'>): Uint8Array | undefined {
  const { case: named } = decodeArgs(args)
  return typeof named === 'string' && /^[A-Za-z0-9_-]{43}$/.test(named) ? parseBase64Url(named) : undefined
}

/** What stands under a validator that broke promises. */
export type UnmetReceiptsEntry = {
  readonly count: bigint
  /** The newest of them. */
  readonly newest: readonly {
    readonly transactionId: Uint8Array
    readonly byHeight: bigint
    readonly reportedHeight: bigint
  }[]
}

export const unmetReceiptsEntry: Message<UnmetReceiptsEntry> = message({
  count: uint64(1),
  newest: repeated(
    2,
    message<UnmetReceiptsEntry['newest'][number]>({
      transactionId: bytes(1, 32),
      byHeight: uint64(2),
      reportedHeight: uint64(3),
    }),
    unmetReceiptsKeptMax,
  ),
})

/** `validator` is its public key. */
export function unmetReceiptsKey(hasher: Hasher, validator: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/key/unmet-receipts/1', validator)
}

/** That a broken promise was counted; the value is the height, 8 bytes. */
export function reportedReceiptKey(hasher: Hasher, validator: Uint8Array, id: Uint8Array): Uint8Array {
  return taggedHash(hasher, 'muniment/key/reported-receipt/1', validator, id)
}
