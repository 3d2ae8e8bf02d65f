// An act of several persons: opened from a file or a link, judged by the ledger's accounts, answered, and taken back. Loaded when
// somebody signs together with others.

import {
  type AccountEntry,
  type Answer,
  AnswerKind,
  acceptProposal,
  accountEntry,
  accountId,
  accountKey,
  type Client,
  completeProposal,
  declineProposal,
  decodeTransactionBody,
  empty,
  encodeArgs,
  encodeTransactionBody,
  equals,
  formatHex,
  formatIssuer,
  type HeldKey,
  isNonceUsed,
  limits,
  mergeProposals,
  type Proposal,
  parseCredential,
  parseProposal,
  type ReadAssertion,
  readSignedAssertion,
  recordKey,
  type TransactionBody,
  VerifyError,
  verifyProposal,
} from '@muniment/sdk'
import { visibleText } from '../text.ts'
import { SignError } from './error.ts'
import type { Prepared } from './flow.ts'
import { expectedTime, heldKeyOf, type Preparing, reached } from './ledger.ts'
import { readReview } from './review.ts'

/** How things stand with one signer. `void`: his nonce is used up, so nobody can hand the act in any more. */
export type SignerStanding = {
  /** Hexadecimal. */
  readonly account: string
  readonly state: 'signed' | 'declined' | 'missing' | 'void'
  readonly reason: string
}

export type Standing = {
  readonly signers: readonly SignerStanding[]
  /** The ledger holds its record. */
  readonly isRecorded: boolean
  /** The deadline has passed, or somebody took his signature back. */
  readonly isOver: boolean
  /** The newest block, beside the deadline. */
  readonly height: bigint
}

const partiesService = 'state.parties@1'
const pollMs = 1_000

/** Reads a proposal that somebody else made, from its text or a link. Rejects with SignError. */
export async function openProposal(client: Client, text: string, given: Preparing): Promise<Prepared> {
  const { key, signal } = given
  const { service } = given.place
  const { proposal, body } = await readProposal(client, text)
  const place = body.signers.findIndex(signer => equals(signer.account, key.account))
  if (place < 0) throw new SignError('signer-not-asked', 'the key’s account is not among the signers')
  const { isAct, openAct } = await import('./acts.ts')
  if (isAct(service, body.transition)) return openAct(client, { proposal, body, place }, given)
  const { crypto: hasher, root } = client
  const signers = body.signers.map(({ account }) => account)
  const review = readReview(proposal.body, {
    hasher,
    chainId: root.chainId,
    service,
    signers,
    document: proposal.document,
    documentKey: 'stated',
    request: undefined,
  })
  const issuer = formatIssuer({ kind: 'account', chainId: root.chainId, account: signers[0]! })
  const { commitment } = parseCredential(proposal.document, hasher)
  return {
    client,
    proposal,
    review,
    key,
    place,
    recordKey: recordKey(hasher, issuer, commitment),
    isProposed: true,
    asked: undefined,
    deadline: await expectedTime(client, review.validUntil, signal),
  }
}

/** What the signers and the ledger say by now. Rejects with SignError `proposal-forged` where an answer is not its signer's. */
export async function judgeProposal(
  { client, proposal, recordKey: key, act }: Prepared,
  signal: AbortSignal,
): Promise<Standing> {
  const { crypto: hasher } = client
  const body = decodeTransactionBody(proposal.body)
  const keys = [key, ...body.signers.map(({ account }) => accountKey(hasher, account))]
  const { values, header } = await reached(client.read(keys, { signal }))
  const isRecorded = values[0] !== undefined && (!act || act.watched.isDone(values[0]))
  const signers = body.signers.map(({ account, nonce }, place): SignerStanding => {
    const entry = values[place + 1] ? accountEntry.decode(values[place + 1]!) : undefined
    const answer = proposal.answers.find(each => each.place === place)
    if (answer) checkAnswer(client, { proposal, answer, account, entry })
    const own = place === 0 ? body.nonce : nonce
    const isVoid = !isRecorded && own > 0n && entry !== undefined && isNonceUsed(entry, own)
    const answered = answer?.kind === AnswerKind.accepted ? 'signed' : answer ? 'declined' : 'missing'
    return {
      account: formatHex(account),
      state: isVoid ? 'void' : answered,
      reason: visibleText(answer?.reason ?? ''),
    }
  })
  const isOver = header.height >= body.validUntil || signers.some(({ state }) => state === 'void')
  return { signers, isRecorded, isOver: isOver && !isRecorded, height: header.height }
}

/** With an answer that came back. Rejects with SignError. */
export async function addAnswers(prepared: Prepared, text: string): Promise<Prepared> {
  const { proposal } = await readProposal(prepared.client, text)
  try {
    return { ...prepared, proposal: mergeProposals(prepared.proposal, proposal) }
  } catch (error) {
    if (error instanceof VerifyError) throw new SignError('proposal-other', error.message)
    throw error
  }
}

/** With one's own signature. Throws VerifyError where a passkey's answer is not what the ledger takes. */
export async function acceptPrepared(prepared: Prepared): Promise<Prepared> {
  const { client, proposal, key, place } = prepared
  const given = { signer: key.signer, place, genesisHash: client.root.genesisHash, hasher: client.crypto }
  return { ...prepared, proposal: await acceptProposal(proposal, given) }
}

/** When all have signed. */
export function transactionOf({ proposal }: Prepared): Uint8Array | undefined {
  return completeProposal(proposal)
}

/** A signed statement that one does not sign; it goes back to whoever asked. */
export async function declinePrepared(prepared: Prepared, reason: string): Promise<Prepared> {
  const { client, proposal, key, place } = prepared
  const given = { signer: key.signer, place, genesisHash: client.root.genesisHash, hasher: client.crypto }
  try {
    return { ...prepared, proposal: await declineProposal(proposal, { ...given, reason: visibleText(reason) }) }
  } catch (error) {
    if (error instanceof VerifyError) throw new SignError('passkey-unverified', error.message)
    throw error
  }
}

/** Uses up the nonce that one's signature stands on, and waits until the ledger proves it. */
export async function takeBack({ client, proposal, key, place }: Prepared, signal: AbortSignal): Promise<void> {
  const { nonce, signers, validUntil, chainId } = decodeTransactionBody(proposal.body)
  const used = place === 0 ? nonce : signers[place]!.nonce
  if (used === 0n) throw new SignError('refused', 'the proposal gives this signer no nonce')
  const body = encodeTransactionBody({
    chainId,
    service: partiesService,
    transition: 'cancel',
    args: encodeArgs({}),
    nonce: used,
    validUntil,
    ifState: empty,
    sponsor: empty,
    signers: [{ account: key.account, role: 'holder', mandate: empty, nonce: 0n }],
  })
  const transaction = await client.sign(body, [key.signer])
  signal.throwIfAborted()
  const { code, log } = await reached(client.submit(transaction, { signal }))
  if (code !== 0) throw new SignError('refused', `code ${code}: ${log.slice(0, 200)}`)
  const until = Date.now() + limits.inclusionTimeoutMs
  for (;;) {
    const { values } = await reached(client.read([accountKey(client.crypto, key.account)], { signal }))
    if (values[0] && isNonceUsed(accountEntry.decode(values[0]), used)) return
    if (Date.now() > until) throw new SignError('not-included', 'the ledger did not prove it in time')
    await new Promise(resolve => setTimeout(resolve, pollMs))
    signal.throwIfAborted()
  }
}

async function readProposal(
  client: Client,
  text: string,
): Promise<{ readonly proposal: Proposal; readonly body: TransactionBody }> {
  const { crypto, root } = client
  let read: ReturnType<typeof parseProposal>
  try {
    read = parseProposal(text)
  } catch (error) {
    throw new SignError('proposal-unreadable', error instanceof Error ? error.message : String(error))
  }
  if (read.body.chainId !== root.chainId)
    throw new SignError('proposal-elsewhere', `the proposal is for ${read.body.chainId}`)
  try {
    await verifyProposal(read.proposal, { crypto, genesisHash: root.genesisHash })
  } catch (error) {
    if (error instanceof VerifyError) throw new SignError('proposal-forged', error.message)
    throw error
  }
  return read
}

/** Whether the ledger would take the answer's key for the signer, on the page where a passkey was asked. */
function checkAnswer(
  client: Client,
  given: {
    readonly proposal: Proposal
    readonly answer: Answer
    readonly account: Uint8Array
    readonly entry: AccountEntry | undefined
  },
): void {
  const { proposal, answer, account, entry } = given
  const { key } = answer.signature
  const held = entry && heldKeyOf(entry, key)
  const isFirst = !entry && equals(accountId(client.crypto, key), account)
  if (!held && !isFirst) throw new SignError('proposal-forged', 'an answer’s key is not its signer’s')
  const assertion = readSignedAssertion(client.crypto, client.root.genesisHash, { body: proposal.body, answer })
  if (held && !maySign(held, assertion))
    throw new SignError('proposal-forged', 'an answer was not signed as the account says that this key signs')
}

function maySign({ passkey }: HeldKey, assertion: ReadAssertion | undefined): boolean {
  if (!passkey || !assertion) return passkey === undefined && assertion === undefined
  return equals(passkey.rpIdHash, assertion.rpIdHash) && passkey.origins.includes(assertion.origin)
}
