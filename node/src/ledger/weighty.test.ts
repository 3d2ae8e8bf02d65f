// Weighty acts (security rule 3): a page may ask a citizen for a signature, and gets none that weighs unless it is the identity page.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  accountEntry,
  accountKey,
  encodeUtf8,
  formatBase64Url,
  type JsonObject,
  loadCrypto,
  ResultCode,
  requestEntry,
  requestKey,
  serviceKey,
  VerifyError,
} from '@muniment/sdk'
import type { Told } from '../../../test/passkey.ts'
import { appState, founders } from './test-country.ts'
import { type Act, createTestLedger, type Person, passkeyHolder, person, type TestLedger } from './test-ledger.ts'

const crypto = await loadCrypto()
const { ok, notAllowed, badArguments, exists, malformed } = ResultCode
const commitmentOf = (name: string): string => formatBase64Url(crypto.sha256(encodeUtf8(name)))
const plainKey = ({ key }: Person): JsonObject => ({ algorithm: key.algorithm, key: formatBase64Url(key.bytes) })
const documentKey = plainKey(person('document'))
const elsewhere: Told = { rpId: 'tax.example', origin: 'https://tax.example' }

function by(ledger: TestLedger, who: Person) {
  let nonce = 0
  return (transition: string, args: JsonObject, rest: Partial<Act> = {}): Promise<{ code: number; log: string }> => {
    nonce++
    const signers = [{ person: who, role: 'holder' }]
    return ledger.act({ service: 'state.parties@1', transition, args, signers, nonce, ...rest })
  }
}

/** `args`: beside the commitment. */
function onOath(ledger: TestLedger, who: Person, args: JsonObject = { documentKey }, nonce = 1) {
  const named = { commitment: commitmentOf(`oath ${nonce}`), ...args }
  const signers = [{ person: who, role: 'citizen' }]
  return ledger.act({ service: 'citizen.declaration@1', transition: 'declareOnOath', args: named, signers, nonce })
}

describe('an act that weighs', () => {
  test('is taken from a passkey that was asked on the identity page', async () => {
    const ledger = createTestLedger(appState)
    assert.equal((await onOath(ledger, passkeyHolder('citizen'))).code, ok)
  })

  const refused: readonly (readonly [string, Person, number])[] = [
    ['a passkey that another page asked', passkeyHolder('citizen', elsewhere), notAllowed],
    ['a page beneath the identity page’s name', passkeyHolder('c', { origin: 'https://forms.id.example' }), notAllowed],
    ['another port of the identity page', passkeyHolder('c', { origin: 'https://id.example:8443' }), notAllowed],
    ['a frame of the identity page in another', passkeyHolder('c', { crossOrigin: true }), malformed],
    [
      'a browser that names a page above the identity page',
      passkeyHolder('c', { rest: ',"topOrigin":"https://shop.example"' }),
      malformed,
    ],
  ]
  for (const [what, who, code] of refused)
    test(`is not taken from ${what}`, async () =>
      assert.equal((await onOath(createTestLedger(appState), who)).code, code))

  test('is not taken from a browser’s own key, of which nobody can tell which page holds it', async () => {
    const ledger = createTestLedger(appState)
    const { code } = await onOath(ledger, person('citizen'), { request: commitmentOf('asked'), documentKey })
    assert.equal(code, notAllowed)
  })

  test('is not taken when one of several signed elsewhere', async () => {
    const [inside, outside] = [passkeyHolder('one'), passkeyHolder('two', elsewhere)]
    const label = { en: 'Contract' }
    const service = {
      service: 'contract@1',
      title: label,
      type: 'urn:example:contract',
      roles: { party: { anyone: true } },
      transitions: { agree: { label, by: ['party'], do: 'records.issue', persons: 2, sign: 'identity' } },
    }
    const ledger = createTestLedger({ ...appState, services: [service] })
    const agree = (people: readonly Person[], nonce: number) =>
      ledger.act({
        service: 'contract@1',
        transition: 'agree',
        args: { commitment: commitmentOf('contract'), documentKey },
        signers: people.map(each => ({ person: each, role: 'party' })),
        nonce,
      })
    assert.equal((await agree([inside, outside], 1)).code, notAllowed)
    assert.equal((await agree([outside, inside], 1)).code, notAllowed)
    assert.equal((await agree([inside, passkeyHolder('three')], 2)).code, ok)
  })

  test('cannot be taken by a passkey where the network names no page', async () => {
    const { identityOrigins: _, ...nowhere } = appState
    assert.equal((await onOath(createTestLedger(nowhere), passkeyHolder('citizen'))).code, notAllowed)
  })
})

describe('a key that signs what weighs', () => {
  const other = passkeyHolder('attacker')
  const onIdentity = { ...plainKey(other), rpId: 'id.example', origins: ['https://id.example'] }
  const mixed = { ...onIdentity, origins: ['https://tax.example', 'https://id.example'] }
  const registered = { ...plainKey(person('laptop')), identity: true }
  const light = { ...plainKey(person('laptop')) }

  for (const [what, who] of [
    ['a browser’s key', person('citizen')],
    ['a passkey of another page', passkeyHolder('citizen', elsewhere)],
  ] as const)
    test(`is not added by ${what}, which adds keys of its own kind only`, async () => {
      const act = by(createTestLedger(appState), who)
      for (const key of [onIdentity, mixed, registered]) assert.equal((await act('addKey', key)).code, notAllowed)
      assert.equal((await act('addKey', light)).code, ok)
      for (const [transition, args] of [
        ['endKey', light],
        ['setGuardians', { guardians: [formatBase64Url(other.account)], threshold: 1 }],
        ['delegate', { to: formatBase64Url(other.account), scope: ['land.title@1'], until: '2100-01-01T00:00:00Z' }],
        ['recover', { account: formatBase64Url(other.account), ...light }],
      ] as const)
        assert.equal((await act(transition, args)).code, notAllowed, transition)
    })

  test('may be a browser’s key that a passkey registers, for whoever has a device without passkeys', async () => {
    const ledger = createTestLedger(appState)
    const holder = passkeyHolder('citizen')
    assert.equal((await by(ledger, holder)('addKey', registered)).code, ok)
    const laptop = { ...person('laptop'), account: holder.account }
    const entry = accountEntry.decode(ledger.view.get(accountKey(crypto, holder.account))!)
    assert.deepEqual(
      entry.keys.map(({ isIdentity }) => isIdentity),
      [false, true],
    )
    assert.equal((await onOath(ledger, laptop, { request: commitmentOf('asked'), documentKey }, 2)).code, ok)
    assert.equal((await onOath(ledger, laptop, {}, 3)).code, ok)
  })

  test('is a registered browser’s key or a passkey, and never said to be both', async () => {
    const act = by(createTestLedger(appState), passkeyHolder('citizen'))
    for (const identity of [false, 'true', 1, null])
      assert.equal((await act('addKey', { ...light, identity })).code, badArguments, String(identity))
    assert.equal((await act('addKey', { ...onIdentity, identity: true })).code, badArguments)
  })
})

describe('the identity pages', () => {
  const name = (ledger: TestLedger, args: JsonObject, signers: Act['signers'], nonce: number) =>
    ledger.act({ service: 'state.parties@1', transition: 'setIdentityOrigins', args, signers, nonce })

  test('are named by two founders, and what was signed on the old one counts no more from then on', async () => {
    const ledger = createTestLedger(appState)
    const moved = { origins: ['https://new-id.example'] }
    assert.equal((await name(ledger, moved, founders(ledger).slice(0, 1), 1)).code, notAllowed)
    assert.equal((await name(ledger, moved, [{ person: passkeyHolder('c'), role: 'founder' }], 1)).code, notAllowed)
    assert.equal((await name(ledger, moved, founders(ledger), 2)).code, ok)
    assert.equal((await onOath(ledger, passkeyHolder('citizen'))).code, notAllowed)
    const there = passkeyHolder('other', { rpId: 'new-id.example', origin: 'https://new-id.example' })
    assert.equal((await onOath(ledger, there)).code, ok)
  })

  test('are pages that browsers know, a few of them', async () => {
    const ledger = createTestLedger(appState)
    const nine = Array.from({ length: 9 }, (_, i) => `https://id${i}.example`)
    const bad = [[], ['http://id.example'], ['https://id.example/sign'], ['https://a.b', 'https://a.b'], nine, 'x', [1]]
    for (const [index, origins] of bad.entries())
      assert.equal((await name(ledger, { origins }, founders(ledger), index + 1)).code, badArguments)
    for (const identityOrigins of [[], ['id.example'], 'https://id.example', nine])
      assert.throws(() => createTestLedger({ ...appState, identityOrigins }), VerifyError)
  })
})

describe('a request of another page', () => {
  const asked = crypto.sha256(encodeUtf8('a request'))
  const request = formatBase64Url(asked)

  test('is answered once, and the ledger says by which record, in which step and by whom', async () => {
    const ledger = createTestLedger(appState)
    const citizen = passkeyHolder('citizen')
    assert.equal((await onOath(ledger, citizen, { request, documentKey }, 1)).code, ok)
    const answer = requestEntry.decode(ledger.view.get(requestKey(crypto, asked))!)
    assert.deepEqual([answer.transition, answer.signers], ['declareOnOath', [citizen.account]])
    assert.ok(ledger.view.get(answer.record))
    assert.equal((await onOath(ledger, citizen, { request, documentKey }, 2)).code, exists)
    assert.equal((await onOath(ledger, passkeyHolder('another'), { request, documentKey }, 1)).code, exists)
  })

  test('that was refused can be answered still', async () => {
    const ledger = createTestLedger(appState)
    assert.equal((await onOath(ledger, passkeyHolder('c', elsewhere), { request, documentKey })).code, notAllowed)
    assert.equal((await onOath(ledger, passkeyHolder('citizen'), { request, documentKey })).code, ok)
  })

  test('is 32 bytes, and its document has a key of its own whoever signs', async () => {
    const ledger = createTestLedger(appState)
    const citizen = person('citizen')
    const declare = (args: JsonObject, nonce: number) =>
      ledger.act({
        service: 'citizen.declaration@1',
        transition: 'declare',
        args: { commitment: commitmentOf('one'), ...args },
        signers: [{ person: citizen, role: 'citizen' }],
        nonce,
      })
    assert.equal((await declare({ request }, 1)).code, badArguments)
    assert.equal((await declare({ request: 'AA', documentKey }, 2)).code, badArguments)
    assert.equal((await declare({ request: 5, documentKey }, 3)).code, badArguments)
    assert.equal((await declare({ documentKey }, 4)).code, badArguments)
    assert.equal((await declare({ request, documentKey }, 5)).code, ok)
  })
})

test('the catalogue’s weighty steps are on the ledger as such', () => {
  const ledger = createTestLedger(appState)
  const text = new TextDecoder().decode(ledger.view.get(serviceKey(crypto, 'state.parties@1'))!)
  const { transitions } = JSON.parse(text) as { transitions: Record<string, { sign?: string }> }
  const open = Object.keys(transitions).filter(step => transitions[step]!.sign !== 'identity')
  assert.deepEqual(open.sort(), ['addKey', 'cancel', 'cancelRecovery', 'endDelegation', 'finishRecovery'])
})
