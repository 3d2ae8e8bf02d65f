// A proposal: an act of several persons on its way from one to the next, as a file or a link. It carries the body that all sign, the
// document under its seal, and what each has answered so far. The ledger sees it only when it is whole, as one transaction; who
// has signed takes that back by using up his nonce (docs/decisions/proposals.md).

import { encodeUtf8, formatBase64Url, parseBase64Url } from '../bytes.ts'
import type { Crypto, Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import {
  credentialLengthMax,
  declineReasonBytesMax,
  proposalBytesMax,
  signersMax,
  transactionBytesMax,
} from '../limits.ts'
import { always, bytes, type Message, message, repeated, string, uint32 } from '../protobuf.ts'
import { frame } from '../tags.ts'
import { type SignGiven, signMessage, signPlace } from './prepare.ts'
import type { AnySigner } from './signer.ts'
import {
  decodeTransactionBody,
  encodeTransaction,
  SignatureScheme,
  signBytes,
  signChallenge,
  signedMessage,
  type TransactionBody,
  type TransactionSignature,
  transactionId,
  transactionSignature,
} from './transaction.ts'
import { type ReadAssertion, readAssertion } from './webauthn.ts'

/** What one of the signers answered: he signed the act, or a statement that he does not. */
export type Answer = {
  /** In the body's list of signers, from 0. */
  readonly place: number
  readonly kind: number
  /** For declining only; may be empty. */
  readonly reason: string
  readonly signature: TransactionSignature
}

export const AnswerKind = { accepted: 1, declined: 2 } as const

export type Proposal = {
  /** Of the transaction, encoded. */
  readonly body: Uint8Array
  /** The document whose commitment the act holds; empty where there is none. */
  readonly document: string
  /** In ascending order of their places, one a place. */
  readonly answers: readonly Answer[]
}

const answer: Message<Answer> = message({
  place: uint32(1),
  kind: uint32(2),
  reason: string(3, declineReasonBytesMax),
  signature: always(4, transactionSignature),
})

const proposal: Message<Proposal> = message({
  body: bytes(1, transactionBytesMax),
  document: string(2, credentialLengthMax),
  answers: repeated(3, answer, signersMax),
})

export function encodeProposal(value: Proposal): Uint8Array {
  return proposal.encode(value)
}

/** Throws VerifyError; the signatures are not checked yet. */
export function decodeProposal(encoded: Uint8Array): { readonly proposal: Proposal; readonly body: TransactionBody } {
  check(encoded.length <= proposalBytesMax, 'oversized', 'a proposal is too long')
  const value = proposal.decode(encoded)
  const body = decodeTransactionBody(value.body)
  let before = -1
  for (const { place, kind, reason } of value.answers) {
    check(place > before && place < body.signers.length, 'malformed', 'an answer of nobody, or a second one')
    const known = kind === AnswerKind.accepted || kind === AnswerKind.declined
    check(known && (kind === AnswerKind.declined || reason === ''), 'malformed', 'an answer that says nothing')
    before = place
  }
  return { proposal: value, body }
}

const textPrefix = 'p1/'

/** As it stands in a file, and behind the # of a link, which no server is sent. */
export function formatProposal(value: Proposal): string {
  return textPrefix + formatBase64Url(encodeProposal(value))
}

/** The text, or a link that ends in it. Throws VerifyError. */
export function parseProposal(text: string): ReturnType<typeof decodeProposal> {
  check(text.length <= proposalBytesMax * 2, 'oversized', 'a proposal is too long')
  const trimmed = text.trim()
  const start = trimmed.indexOf('#') + 1
  check(trimmed.startsWith(textPrefix, start), 'format-unknown', 'not a proposal')
  return decodeProposal(parseBase64Url(trimmed.slice(start + textPrefix.length)))
}

/** Signs the act at one's place. Throws VerifyError `malformed` where a passkey's answer is not what the ledger takes. */
export async function acceptProposal(
  value: Proposal,
  given: SignGiven & { readonly signer: AnySigner; readonly place: number },
): Promise<Proposal> {
  const signature = await signPlace(value.body, given)
  return withAnswer(value, { place: given.place, kind: AnswerKind.accepted, reason: '', signature })
}

/** Signs that one does not sign the act, and why: nobody can say it in another's name, nor use it for anything else. */
export async function declineProposal(
  value: Proposal,
  given: SignGiven & { readonly signer: AnySigner; readonly place: number; readonly reason: string },
): Promise<Proposal> {
  const { place, reason, hasher } = given
  check(encodeUtf8(reason).length <= declineReasonBytesMax, 'oversized', 'a reason is too long')
  const signature = await signMessage(
    declineBytes(hasher, given.genesisHash, { body: value.body, place, reason }),
    given,
  )
  return withAnswer(value, { place, kind: AnswerKind.declined, reason, signature })
}

/**
 * Both proposals' answers, of one act that was sent to several persons at once; where both know an answer of one person the other's
 * counts. Throws VerifyError `wrong-hash` for two different acts.
 */
export function mergeProposals(value: Proposal, other: Proposal): Proposal {
  const isSame = formatBase64Url(value.body) === formatBase64Url(other.body) && value.document === other.document
  check(isSame, 'wrong-hash', 'this is another proposal')
  return other.answers.reduce(withAnswer, value)
}

/**
 * Checks every answer's signature. Throws VerifyError `bad-signature`. Whether a key is the account's own is for the ledger's state to
 * say.
 */
export async function verifyProposal(
  value: Proposal,
  given: { readonly crypto: Crypto; readonly genesisHash: Uint8Array },
): Promise<void> {
  const { crypto, genesisHash } = given
  const { body } = value
  const messages = value.answers.map(given =>
    signedMessage(crypto, given.signature, bytesOf(crypto, genesisHash, { body, given })),
  )
  const bad = [
    ...(await crypto.verifyEd25519(messages.filter(({ algorithm }) => algorithm === 1))),
    ...(await crypto.verifyP256(messages.filter(({ algorithm }) => algorithm === 2))),
  ]
  check(bad.length === 0, 'bad-signature', 'an answer was not signed with its key')
}

/** What a passkey's answer says beside the act; undefined where the key itself signed. Throws VerifyError `malformed`. */
export function readSignedAssertion(
  hasher: Hasher,
  genesisHash: Uint8Array,
  { body, answer: given }: { readonly body: Uint8Array; readonly answer: Answer },
): ReadAssertion | undefined {
  if (given.signature.scheme !== SignatureScheme.webauthn) return undefined
  return readAssertion(given.signature, signChallenge(hasher, bytesOf(hasher, genesisHash, { body, given })), hasher)
}

/** The transaction, once everyone has signed; undefined before. */
export function completeProposal({ body, answers }: Proposal): Uint8Array | undefined {
  const { signers } = decodeTransactionBody(body)
  const accepted = answers.filter(({ kind }) => kind === AnswerKind.accepted)
  if (accepted.length < signers.length) return undefined
  return encodeTransaction({ body, signatures: accepted.map(({ signature }) => signature) })
}

function withAnswer(value: Proposal, given: Answer): Proposal {
  const others = value.answers.filter(({ place }) => place !== given.place)
  const answers = [...others, given].sort((left, right) => left.place - right.place)
  return { ...value, answers }
}

function bytesOf(
  hasher: Hasher,
  genesisHash: Uint8Array,
  { body, given }: { readonly body: Uint8Array; readonly given: Answer },
): Uint8Array {
  const { place, reason, kind } = given
  if (kind === AnswerKind.accepted) return signBytes(hasher, genesisHash, { body, signer: place })
  return declineBytes(hasher, genesisHash, { body, place, reason })
}

/** What whoever declines signs: as with an act, but under another tag, and with the reason. */
function declineBytes(
  hasher: Hasher,
  genesisHash: Uint8Array,
  { body, place, reason }: { readonly body: Uint8Array; readonly place: number; readonly reason: string },
): Uint8Array {
  const { chainId, signers } = decodeTransactionBody(body)
  const signer = signers[place]
  check(signer, 'malformed', 'no such signer')
  const parts = [encodeUtf8(chainId), genesisHash, transactionId(hasher, body), signer.account, encodeUtf8(signer.role)]
  return frame('muniment/decline/1', ...parts, encodeUtf8(reason))
}
