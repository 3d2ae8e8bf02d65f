import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { assertCanonical, bytesUpTo } from '../../../test/hostile.ts'
import { createPasskey } from '../../../test/passkey.ts'
import { signerOf } from '../../../test/signer.ts'
import { encodeUtf8 } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { accountId } from '../ledger/keys.ts'
import { nonceWindow, proposalNonceFirst } from '../limits.ts'
import { prepareBody } from './prepare.ts'
import {
  AnswerKind,
  acceptProposal,
  completeProposal,
  declineProposal,
  decodeProposal,
  encodeProposal,
  formatProposal,
  mergeProposals,
  type Proposal,
  parseProposal,
  verifyProposal,
} from './proposal.ts'
import type { AnySigner, PasskeySigner } from './signer.ts'
import { decodeTransaction, decodeTransactionBody, signedMessages } from './transaction.ts'

const crypto = await loadCrypto({ forceFallback: true })
after(() => crypto.close())
const genesisHash = crypto.sha256(encodeUtf8('genesis'))

/** Of Ed25519, so that its answer needs no DER. */
function passkeyOf(name: string): PasskeySigner {
  const { key, assert: answer } = createPasskey(name, { hasher: crypto, algorithm: 1 })
  return { key, assert: async challenge => answer(challenge) }
}
const [alice, bob, carol] = [signerOf('alice'), passkeyOf('bob'), signerOf('carol')]
const people: readonly AnySigner[] = [alice, bob, carol]

const request = {
  service: 'citizen.declaration@1',
  transition: 'declareTogether',
  args: {},
  signers: people.map(({ key }) => ({ account: accountId(crypto, key), role: 'citizen' })),
  validForBlocks: 100,
}
const body = prepareBody(request, { chainId: 'example-1', height: 5n, accounts: [], random: bound => bound - 1 })
const fresh: Proposal = { body, document: 'eyJ.a.b~', answers: [] }
const given = { genesisHash, hasher: crypto }
const accept = (proposal: Proposal, place: number): Promise<Proposal> =>
  acceptProposal(proposal, { ...given, signer: people[place]!, place })
const decline = (proposal: Proposal, place: number, reason: string): Promise<Proposal> =>
  declineProposal(proposal, { ...given, signer: people[place]!, place, reason })
const verify = (proposal: Proposal): Promise<void> => verifyProposal(proposal, { crypto, genesisHash })
const travel = (proposal: Proposal): Proposal =>
  parseProposal(`https://any.example/sign#${formatProposal(proposal)}`).proposal

describe('a proposal', () => {
  it('goes from one signer to the next as a link, and is a transaction when the last has signed', async () => {
    let proposal = fresh
    for (const place of [0, 1, 2]) {
      assert.equal(completeProposal(proposal), undefined)
      proposal = travel(await accept(proposal, place))
      await verify(proposal)
    }
    const { transaction, body: decoded } = decodeTransaction(completeProposal(proposal)!)
    assert.deepEqual(transaction.body, body)
    const messages = signedMessages(crypto, genesisHash, transaction)
    assert.deepEqual(await crypto.verifyEd25519(messages), [])
    assert.equal(decoded.validUntil, 105n)
  })

  it('may be signed by several at once: their answers are put together', async () => {
    const [one, two, three] = [await accept(fresh, 0), await accept(fresh, 1), await accept(fresh, 2)]
    const whole = mergeProposals(mergeProposals(three, one), two)
    await verify(whole)
    assert.ok(completeProposal(whole))
    const other = {
      ...one,
      body: prepareBody(request, { chainId: 'example-2', height: 5n, accounts: [], random: () => 0 }),
    }
    assert.throws(() => mergeProposals(one, other), { code: 'wrong-hash' })
    assert.throws(() => mergeProposals(one, { ...one, document: 'another' }), { code: 'wrong-hash' })
  })

  it('that one declines is never whole, and says who and why in words that he signed', async () => {
    const declined = travel(await decline(await accept(await accept(fresh, 0), 2), 1, 'The price is wrong.'))
    await verify(declined)
    assert.equal(completeProposal(declined), undefined)
    assert.deepEqual(
      declined.answers.map(({ kind, reason }) => [kind, reason]),
      [
        [AnswerKind.accepted, ''],
        [AnswerKind.declined, 'The price is wrong.'],
        [AnswerKind.accepted, ''],
      ],
    )
    const [first, second, third] = declined.answers
    const reworded = { ...declined, answers: [first!, { ...second!, reason: 'I agree.' }, third!] }
    await assert.rejects(verify(reworded), { code: 'malformed' })
    const moved = { ...declined, answers: [{ ...third!, place: 0 }, second!] }
    await assert.rejects(verify(moved), { code: 'bad-signature' })
  })

  it('never takes a statement that one declines for a signature', async () => {
    const declined = await decline(fresh, 2, '')
    const turned = { ...declined, answers: declined.answers.map(each => ({ ...each, kind: AnswerKind.accepted })) }
    await assert.rejects(verify(turned), { code: 'bad-signature' })
    const accepted = await accept(fresh, 2)
    const back = { ...accepted, answers: accepted.answers.map(each => ({ ...each, kind: AnswerKind.declined })) }
    await assert.rejects(verify(back), { code: 'bad-signature' })
  })

  it('shows a changed mind: the newer answer of a person counts', async () => {
    const minded = await accept(await decline(fresh, 1, 'not yet'), 1)
    assert.deepEqual(
      minded.answers.map(({ kind }) => kind),
      [AnswerKind.accepted],
    )
  })

  it('leaves the nonces that a person’s own next acts will use alone', () => {
    const { nonce, signers } = decodeTransactionBody(body)
    assert.equal(nonce, 1n)
    assert.deepEqual(
      signers.map(each => each.nonce),
      [0n, BigInt(nonceWindow), BigInt(nonceWindow)],
    )
    const lowest = prepareBody(request, { chainId: 'example-1', height: 5n, accounts: [], random: () => 0 })
    assert.equal(decodeTransactionBody(lowest).signers[1]!.nonce, BigInt(proposalNonceFirst + 1))
    // Only one nonce is free.
    const rest = { guardians: undefined, recovery: undefined, delegationsEndedHeight: 0n, actsDay: 0n, actsCount: 0n }
    const full = { keys: [], nonceFloor: 7n, nonceBits: (1n << 64n) - 1n - 4n, createdHeight: 1n, ...rest }
    const last = prepareBody(request, { chainId: 'x', height: 5n, accounts: [full, full, full], random: () => 0 })
    assert.equal(decodeTransactionBody(last).nonce, 10n)
    assert.equal(decodeTransactionBody(last).signers[1]!.nonce, 10n)
  })

  it('that is anything else than a proposal is refused', async () => {
    const one = await accept(fresh, 1)
    const [answer] = one.answers
    for (const answers of [
      [{ ...answer!, place: 3 }],
      [answer!, answer!],
      [{ ...answer!, kind: 0 }],
      [{ ...answer!, kind: 3 }],
      [{ ...answer!, reason: 'a signature gives no reason' }],
    ])
      assert.throws(() => decodeProposal(encodeProposal({ ...one, answers })), { code: 'malformed' })
    for (const text of [
      '',
      'p1/',
      'p2/AAAA',
      '#',
      'https://any.example/sign#1/example-1/x',
      `p1/${'A'.repeat(400_000)}`,
    ])
      assert.throws(() => parseProposal(text), { name: 'VerifyError' }, text.slice(0, 40))
    await assert.rejects(decline(fresh, 1, 'x'.repeat(2_001)), { code: 'oversized' })
  })

  it('has one spelling, and noise is refused', () => {
    const documents = fc.record({
      body: fc.constant(body),
      document: fc.string({ maxLength: 40 }),
      answers: fc.constant([]),
    })
    assertCanonical({ encode: encodeProposal, decode: encoded => decodeProposal(encoded).proposal }, documents, 300)
    fc.assert(
      fc.property(bytesUpTo(200), noise => {
        try {
          decodeProposal(noise)
        } catch (error) {
          assert.equal((error as Error).name, 'VerifyError')
        }
      }),
    )
  })
})
