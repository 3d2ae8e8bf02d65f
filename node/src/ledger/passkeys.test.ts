// Accounts whose keys are passkeys, on the real kernel.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  accountEntry,
  accountKey,
  encodeUtf8,
  formatBase64Url,
  loadCrypto,
  ResultCode,
  recordEntry,
} from '@muniment/sdk'
import type { Told } from '../../../test/passkey.ts'
import { appState } from './test-country.ts'
import { type Act, createTestLedger, type Person, passkeyHolder, person, type TestLedger } from './test-ledger.ts'

const crypto = await loadCrypto()

function act(ledger: TestLedger, who: Person, args: Act['args'], rest: Partial<Act> = {}) {
  return ledger.act({
    service: 'state.parties@1',
    transition: 'addKey',
    args,
    signers: [{ person: who, role: 'holder' }],
    nonce: 1,
    ...rest,
  })
}

const added = (name: string) => ({ algorithm: 1, key: formatBase64Url(person(name).key.bytes) })
const passkeyArguments = (holder: Person, rest: Act['args'] = {}) => ({
  algorithm: holder.key.algorithm,
  key: formatBase64Url(holder.key.bytes),
  rpId: 'id.example',
  origins: ['https://id.example'],
  ...rest,
})

for (const algorithm of [1, 2]) {
  test(`a passkey opens an account and acts for it, algorithm ${algorithm}`, async () => {
    const ledger = createTestLedger(appState)
    const holder = passkeyHolder('citizen', {}, algorithm)
    assert.equal((await act(ledger, holder, added('phone'))).code, ResultCode.ok)
    const account = accountEntry.decode(ledger.view.get(accountKey(crypto, holder.account))!)
    assert.deepEqual(account.keys[0]?.passkey, {
      rpIdHash: crypto.sha256(encodeUtf8('id.example')),
      origins: ['https://id.example'],
    })
    assert.equal(account.keys[1]?.passkey, undefined)
  })
}

const elsewhere: readonly (readonly [string, Told])[] = [
  ['another page of the same relying party', { origin: 'https://forum.id.example' }],
  ['another relying party', { rpId: 'other.example' }],
  ['another port', { origin: 'https://id.example:8443' }],
]
for (const [what, told] of elsewhere) {
  test(`once an account is there, ${what} gets nothing signed`, async () => {
    const ledger = createTestLedger(appState)
    assert.equal((await act(ledger, passkeyHolder('citizen'), added('one'))).code, ResultCode.ok)
    const there = passkeyHolder('citizen', told)
    assert.equal((await act(ledger, there, added('two'), { nonce: 2 })).code, ResultCode.badSignature)
    // Nothing was used up by it.
    assert.equal((await act(ledger, passkeyHolder('citizen'), added('two'), { nonce: 2 })).code, ResultCode.ok)
  })
}

test('a second passkey signs on the pages that the account named for it', async () => {
  const ledger = createTestLedger(appState)
  const citizen = passkeyHolder('citizen')
  const origins = ['https://id.example', 'https://tax.example']
  const second = passkeyHolder('second')
  assert.equal((await act(ledger, citizen, passkeyArguments(second, { origins }))).code, ResultCode.ok)
  const from = (origin: string): Person => ({ ...passkeyHolder('second', { origin }), account: citizen.account })
  assert.equal((await act(ledger, from('https://tax.example'), added('three'), { nonce: 2 })).code, ResultCode.ok)
  assert.equal((await act(ledger, from('https://id.example'), added('four'), { nonce: 3 })).code, ResultCode.ok)
  assert.equal(
    (await act(ledger, from('https://shop.example'), added('five'), { nonce: 4 })).code,
    ResultCode.badSignature,
  )
})

test('a passkey never signs without its authenticator, nor any other key as if it were one', async () => {
  const ledger = createTestLedger(appState)
  const citizen = person('citizen')
  // A key whose secret is known, said to be a passkey: an authenticator would never give plain signatures.
  const leaked = person('leaked')
  assert.equal(
    (await act(ledger, citizen, passkeyArguments(leaked, { rpId: 'tax.example', origins: ['https://tax.example'] })))
      .code,
    ResultCode.ok,
  )
  const byLeaked: Person = { ...leaked, account: citizen.account }
  assert.equal((await act(ledger, byLeaked, added('two'), { nonce: 2 })).code, ResultCode.badSignature)
  const second = passkeyHolder('second')
  const plain = { algorithm: second.key.algorithm, key: formatBase64Url(second.key.bytes) }
  assert.equal((await act(ledger, citizen, plain, { nonce: 3 })).code, ResultCode.ok)
  const bySecond: Person = { ...second, account: citizen.account }
  assert.equal((await act(ledger, bySecond, added('three'), { nonce: 4 })).code, ResultCode.badSignature)
  const dressed: Person = { ...citizen, sign: message => ({ ...citizen.sign(message), scheme: 2 }) }
  assert.equal((await act(ledger, dressed, added('four'), { nonce: 5 })).code, ResultCode.malformed)
})

test('an assertion for one act, one signer or one ledger serves for no other', async () => {
  const ledger = createTestLedger(appState)
  const holder = passkeyHolder('citizen')
  let kept: ReturnType<Person['sign']> | undefined
  const keeping: Person = {
    ...holder,
    sign(message) {
      kept = holder.sign(message)
      return kept
    },
  }
  assert.equal((await act(ledger, keeping, added('one'))).code, ResultCode.ok)
  const replaying: Person = { ...holder, sign: () => kept! }
  assert.equal((await act(ledger, replaying, added('two'), { nonce: 2 })).code, ResultCode.malformed)
  const other = createTestLedger(appState, 'other-ledger')
  assert.equal((await act(other, replaying, added('one'))).code, ResultCode.malformed)
})

test('a changed assertion is a bad signature', async () => {
  const ledger = createTestLedger(appState)
  const holder = passkeyHolder('citizen')
  for (const part of ['signature', 'authenticatorData'] as const) {
    const changing: Person = {
      ...holder,
      sign(message) {
        const signed = holder.sign(message)
        const bytes = signed[part].slice()
        bytes[bytes.length - 1]! ^= 1
        return { ...signed, [part]: bytes }
      },
    }
    assert.equal((await act(ledger, changing, added('one'))).code, ResultCode.badSignature, part)
  }
})

test('a passkey whose pages are no pages is not added', async () => {
  const ledger = createTestLedger(appState)
  const holder = passkeyHolder('second')
  const bad: Act['args'][] = [
    { origins: [] },
    { origins: ['https://id.example', 'https://id.example'] },
    { origins: ['http://id.example'] },
    { origins: ['https://id.example/'] },
    { origins: 'https://id.example' },
    { origins: [5] },
    { origins: Array.from({ length: 9 }, (_, i) => `https://page${i}.example`) },
    { rpId: 'ID.EXAMPLE' },
    { rpId: '' },
  ]
  for (const [index, rest] of bad.entries()) {
    const result = await act(ledger, person('citizen'), passkeyArguments(holder, rest), { nonce: index + 1 })
    assert.equal(result.code, ResultCode.badArguments, JSON.stringify(rest))
  }
})

const declaration = (args: Act['args']): Partial<Act> & { readonly args: Act['args'] } => ({
  service: 'citizen.declaration@1',
  transition: 'declare',
  args,
})
const commitment = formatBase64Url(crypto.sha256(encodeUtf8('a document')))
const documentKey = (name: string): Act['args'] => ({ algorithm: 1, key: formatBase64Url(person(name).key.bytes) })

function declare(ledger: TestLedger, who: Person, args: Act['args'], nonce = 1) {
  return act(ledger, who, args, { ...declaration(args), signers: [{ person: who, role: 'citizen' }], nonce })
}

test('a record that a passkey issues is checked with the key that signed its document', async () => {
  const ledger = createTestLedger(appState)
  const answer = await declare(ledger, passkeyHolder('citizen'), { commitment, documentKey: documentKey('document') })
  assert.equal(answer.code, ResultCode.ok, answer.log)
  assert.deepEqual(recordEntry.decode(ledger.view.get(answer.data)!).key, person('document').key)
})

test('a passkey issues no record whose document nobody could check', async () => {
  const ledger = createTestLedger(appState)
  const holder = passkeyHolder('citizen')
  const bad: Act['args'][] = [
    {},
    { documentKey: 'key' },
    { documentKey: [] },
    { documentKey: {} },
    { documentKey: { ...documentKey('document'), algorithm: 2 } },
    { documentKey: { ...documentKey('document'), algorithm: 3 } },
    { documentKey: { ...documentKey('document'), note: 'x' } },
  ]
  for (const [index, rest] of bad.entries()) {
    const { code } = await declare(ledger, holder, { commitment, ...rest }, index + 1)
    assert.equal(code, ResultCode.badArguments, JSON.stringify(rest))
  }
})

test('a key that signs its documents itself names no other for them', async () => {
  const ledger = createTestLedger(appState)
  const { code } = await declare(ledger, person('citizen'), { commitment, documentKey: documentKey('document') })
  assert.equal(code, ResultCode.badArguments)
})
