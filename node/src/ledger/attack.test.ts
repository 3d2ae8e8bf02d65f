// Attacks by transactions: whatever is signed, altered, copied, swapped or sent twice. Each is refused with its code, and the
// kernel never throws: what it throws would stop the chain.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  accountId,
  decodeTransaction,
  decodeTransactionBody,
  encodeTransaction,
  encodeTransactionBody,
  encodeUtf8,
  formatBase64Url,
  formatHex,
  type JsonObject,
  loadCrypto,
  officeEntry,
  officeKey,
  ResultCode,
  signBytes,
  type Transaction,
  type TransactionBody,
} from '@muniment/sdk'
import { p256 } from '@noble/curves/nist.js'
import { createKernel } from './apply.ts'
import {
  appState,
  citizen,
  commitment,
  founderA,
  founderB,
  founders,
  registrar,
  registrarA,
  registrarB,
  stranger,
} from './test-country.ts'
import { type Act, createTestLedger, type TestLedger } from './test-ledger.ts'

const crypto = await loadCrypto()
const kernel = createKernel(crypto)
const enter = (ledger: TestLedger, name: string, nonce: number, args: JsonObject = {}): Act => ({
  service: 'land.title@1',
  transition: 'enter',
  args: { commitment: commitment(name), ...args },
  signers: [registrar(ledger)],
  nonce,
})
const parties = (transition: string, args: JsonObject, signers: Act['signers'], nonce: number): Act => ({
  service: 'state.parties@1',
  transition,
  args,
  signers,
  nonce,
})

function rebuilt(encoded: Uint8Array, change: (body: TransactionBody) => TransactionBody): Uint8Array {
  const { transaction, body } = decodeTransaction(encoded)
  return encodeTransaction({ ...transaction, body: encodeTransactionBody(change(body)) })
}

test('a body that is altered in any field after it was signed is no longer signed', async () => {
  const ledger = createTestLedger(appState)
  const signed = ledger.transaction({
    ...enter(ledger, 'title', 1),
    transition: 'revoke',
    signers: [registrar(ledger), registrar(ledger, registrarB)],
  })
  const alterations: Partial<TransactionBody>[] = [
    { service: 'land.title@2' },
    { transition: 'enter' },
    { args: encodeUtf8('{"commitment":"x"}') },
    { nonce: 2n },
    { validUntil: 99n },
    { ifState: new Uint8Array([1]) },
    { sponsor: registrarA.account },
  ]
  const { body } = decodeTransaction(signed)
  const [first, second] = body.signers
  const signers = [
    [second!, first!],
    [{ ...first!, role: 'witness' }, second!],
    [{ ...first!, mandate: second!.mandate }, second!],
    [{ ...first!, account: stranger.account }, second!],
    [first!, { ...second!, account: stranger.account }],
  ]
  for (const change of [...alterations, ...signers.map(list => ({ signers: list }))]) {
    const [refused] = await kernel.verify(
      [rebuilt(signed, before => ({ ...before, ...change }))],
      ledger.block(),
      crypto,
    )
    assert.equal(refused?.code, ResultCode.badSignature, JSON.stringify(Object.keys(change)))
  }
  assert.equal(
    (await ledger.apply(rebuilt(signed, before => ({ ...before, chainId: 'test-other' })))).code,
    ResultCode.wrongChain,
  )
  assert.equal(
    (await ledger.apply(signed)).code,
    ResultCode.notFound,
    'the original is sound, and there is no such record',
  )
})

test('a signature is no other’s, in no other place, of no other chain, and one of two is not enough', async () => {
  const ledger = createTestLedger(appState)
  const act = {
    ...enter(ledger, 'title', 1),
    transition: 'revoke',
    signers: [registrar(ledger), registrar(ledger, registrarB)],
  }
  const { transaction } = decodeTransaction(ledger.transaction(act))
  const [first, second] = transaction.signatures as [Transaction['signatures'][0], Transaction['signatures'][0]]
  const elsewhere = decodeTransaction(createTestLedger(appState, 'test-ledger-2').transaction(act)).transaction
    .signatures[0]!
  const empty = new Uint8Array(0)
  const lists: readonly [string, number, readonly Transaction['signatures'][0][]][] = [
    ['swapped', ResultCode.badSignature, [second, first]],
    ['the first in both places', ResultCode.badSignature, [first, first]],
    ['of another chain', ResultCode.badSignature, [elsewhere, second]],
    ['the second missing', ResultCode.malformed, [first]],
    ['one too many', ResultCode.malformed, [first, second, second]],
    ['nobody', ResultCode.malformed, []],
    ['empty', ResultCode.badSignature, [first, { ...second, signature: empty }]],
    ['short', ResultCode.badSignature, [first, { ...second, signature: second.signature.slice(0, 63) }]],
    ['zeros', ResultCode.badSignature, [first, { ...second, signature: new Uint8Array(64) }]],
    ['scheme 0', ResultCode.malformed, [first, { ...second, scheme: 0 }]],
    ['WebAuthn, which is not known yet', ResultCode.malformed, [first, { ...second, scheme: 2 }]],
    ['stray fields', ResultCode.malformed, [first, { ...second, clientData: new Uint8Array([1]) }]],
    ['an unknown algorithm', ResultCode.malformed, [first, { ...second, key: { ...second.key, algorithm: 3 } }]],
    ['no algorithm', ResultCode.malformed, [first, { ...second, key: { algorithm: 0, bytes: empty } }]],
    ['an Ed25519 key as P-256', ResultCode.malformed, [first, { ...second, key: { ...second.key, algorithm: 2 } }]],
    [
      'a key of small order',
      ResultCode.badSignature,
      [first, { ...second, key: { algorithm: 1, bytes: new Uint8Array(32) } }],
    ],
  ]
  for (const [name, code, signatures] of lists) {
    assert.equal((await ledger.apply(encodeTransaction({ ...transaction, signatures }))).code, code, name)
  }
  const alone = { ...act, signers: [registrar(ledger)] }
  assert.equal((await ledger.act(alone)).code, ResultCode.notAllowed)
  const double = { ...act, nonce: 2, signers: [registrar(ledger), registrar(ledger)] }
  assert.throws(() => ledger.transaction(double), { name: 'VerifyError' }, 'an account signs twice')
})

test('P-256: only the low one of two signatures, under a key that is a point', async () => {
  const ledger = createTestLedger(appState)
  const secret = crypto.sha256(encodeUtf8('p256 citizen'))
  const key = { algorithm: 2, bytes: p256.getPublicKey(secret, true) }
  const account = accountId(crypto, key)
  const act = {
    service: 'citizen.declaration@1',
    transition: 'declare',
    args: { commitment: commitment('d') },
    nonce: 1,
  }
  const unsigned = ledger.transaction({ ...act, signers: [{ person: { ...citizen, account }, role: 'citizen' }] })
  const { transaction } = decodeTransaction(unsigned)
  const message = signBytes(crypto, ledger.block().genesisHash, { body: transaction.body, signer: 0 })
  const low = p256.sign(message, secret, { lowS: true })
  const high = low.slice()
  const s = p256.Point.Fn.ORDER - BigInt(`0x${formatHex(low.subarray(32))}`)
  high.set(Buffer.from(s.toString(16).padStart(64, '0'), 'hex'), 32)
  const withSignature = (signature: Uint8Array, given = key): Uint8Array =>
    encodeTransaction({ ...transaction, signatures: [{ ...transaction.signatures[0]!, key: given, signature }] })
  const offCurve = { algorithm: 2, bytes: new Uint8Array(33).fill(255) }
  const wrongForm = { algorithm: 2, bytes: Uint8Array.from([4, ...key.bytes.slice(1)]) }
  const beyond = Uint8Array.from([...low.subarray(0, 32), ...Buffer.from(p256.Point.Fn.ORDER.toString(16), 'hex')])
  for (const bad of [
    withSignature(high),
    withSignature(beyond),
    withSignature(new Uint8Array(64)),
    withSignature(low, offCurve),
    withSignature(low, wrongForm),
  ])
    assert.equal((await ledger.apply(bad)).code, ResultCode.badSignature)
  assert.equal((await ledger.apply(withSignature(low))).code, ResultCode.ok)
})

test('arguments in a second spelling, too deep, or that name nothing are refused', async () => {
  const ledger = createTestLedger(appState)
  const good = `{"commitment":"${commitment('x')}"}`
  const spellings = [
    ` ${good}`,
    `${good}\n`,
    good.replace('"commitment"', '"\\u0063ommitment"'),
    `{"commitment":"${commitment('x')}","commitment":"${commitment('x')}"}`,
    `{"__proto__":{},${good.slice(1)}`,
    `{"constructor":{},${good.slice(1)}`,
    good.replace('"}', '="}'),
    '[]',
    'null',
    '',
    '\ufeff{}',
    `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    '{"commitment":1e999}',
    '{"commitment":"\\ud800"}',
  ]
  for (const [index, text] of spellings.entries()) {
    const act = { ...enter(ledger, 'x', index + 1), body: { args: encodeUtf8(text) } }
    assert.equal((await ledger.act(act)).code, ResultCode.badArguments, text.slice(0, 40))
  }
  const times = [
    '9999-12-31T23:59:59-23:59',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '2026-01-01',
    '+12026-01-01T00:00:00Z',
    null,
    5,
  ]
  for (const [index, validFrom] of times.entries()) {
    const act = enter(ledger, `t${index}`, spellings.length + index + 1, { validFrom })
    assert.equal((await ledger.act(act)).code, ResultCode.badArguments, String(validFrom))
  }
})

test('one nonce serves one of two transactions, also within a block', async () => {
  const ledger = createTestLedger(appState)
  const race = ['x', 'y'].map(name => ledger.transaction(enter(ledger, name, 1)))
  const block = ledger.block()
  const written = new Map<string, Uint8Array>()
  const view = { get: (key: Uint8Array) => written.get(formatHex(key)) ?? ledger.view.get(key) }
  const codes = race.map(encoded => {
    const { result, writes } = kernel.apply(view, encoded, block)
    for (const { key, value } of writes) written.set(formatHex(key), value!)
    return result.code
  })
  assert.deepEqual(codes, [ResultCode.ok, ResultCode.nonceUsed])
  for (const nonce of [0n, 66n, (1n << 64n) - 1n])
    assert.equal((await ledger.act({ ...enter(ledger, 'z', 1), body: { nonce } })).code, ResultCode.nonceUsed)
})

test('valid until this height counts, until the one before does not, and so at the far end', async () => {
  const ledger = createTestLedger(appState)
  ledger.skip(100)
  const until = (offset: bigint, name: string, nonce: number) =>
    ledger.act({ ...enter(ledger, name, nonce), body: { validUntil: ledger.block().height + offset } })
  assert.equal((await until(-1n, 'a', 1)).code, ResultCode.expired)
  assert.equal((await until(0n, 'a', 1)).code, ResultCode.ok)
  assert.equal((await until(20_001n, 'b', 2)).code, ResultCode.expired)
  assert.equal((await until(20_000n, 'b', 2)).code, ResultCode.ok)
  assert.equal((await ledger.act({ ...enter(ledger, 'c', 3), body: { validUntil: 0n } })).code, ResultCode.expired)
})

test('a mandate that ends at this height no longer holds, and one of another office or post never did', async () => {
  const ledger = createTestLedger(appState)
  const self = await ledger.act({
    service: 'citizen.declaration@1',
    transition: 'declare',
    args: { commitment: commitment('s') },
    signers: [{ person: citizen, role: 'citizen' }],
    nonce: 1,
  })
  assert.equal(self.code, ResultCode.ok)
  const untilHeight = Number(ledger.block().height) + 2
  const account = formatBase64Url(citizen.account)
  const appointed = await ledger.act(
    parties('appoint', { office: 'land-registry', account, post: 'registrar', untilHeight }, founders(ledger), 1),
  )
  assert.equal(appointed.code, ResultCode.ok)
  const held = { person: citizen, role: 'registrar', mandate: appointed.data }
  assert.equal(ledger.block().height, BigInt(untilHeight) - 1n)
  assert.equal((await ledger.act({ ...enter(ledger, 'last', 2), signers: [held] })).code, ResultCode.ok)
  assert.equal(ledger.block().height, BigInt(untilHeight))
  assert.equal((await ledger.act({ ...enter(ledger, 'late', 3), signers: [held] })).code, ResultCode.notAllowed)
  const wrong: readonly Act['signers'][0][] = [
    { person: stranger, role: 'registrar', mandate: ledger.mandateOf('land-registry', registrarA) },
    { person: registrarA, role: 'registrar', mandate: ledger.mandateOf('land-registry', registrarB) },
    { person: founderA, role: 'registrar', mandate: ledger.mandateOf('cabinet', founderA) },
    { person: registrarA, role: 'registrar' },
    { person: registrarA, role: 'registrar', mandate: new Uint8Array(32) },
    { person: registrarA, role: 'constructor' },
    { person: registrarA, role: '__proto__' },
  ]
  for (const [index, signer] of wrong.entries())
    assert.equal(
      (await ledger.act({ ...enter(ledger, 'w', 40 + index), signers: [signer] })).code,
      ResultCode.notAllowed,
    )
})

test('nobody founds, entitles, appoints or dismisses where his office does not stand above', async () => {
  const ledger = createTestLedger(appState)
  let nonce = 0
  const account = formatBase64Url(registrarA.account)
  const foreign = formatBase64Url(ledger.mandateOf('land-registry', registrarB))
  const acts: readonly [string, JsonObject, number][] = [
    ['appoint', { office: 'foreign', account, post: 'registrar' }, ResultCode.notAllowed],
    ['entitle', { office: 'foreign', type: 'urn:x' }, ResultCode.notAllowed],
    ['found', { office: 'foreign', names: { en: 'X' } }, ResultCode.exists],
    ['found', { office: '__proto__', names: { en: 'X' } }, ResultCode.badArguments],
    ['found', { office: 'Land', names: { en: 'X' } }, ResultCode.badArguments],
    ['found', { office: 'a/b', names: { en: 'X' } }, ResultCode.badArguments],
    ['found', { office: 'n', names: { constructor: 'X' } }, ResultCode.badArguments],
    ['found', { office: 'n', names: { en: 'X\u202e' } }, ResultCode.badArguments],
    ['found', { office: 'n', names: { en: '' } }, ResultCode.badArguments],
    ['found', { office: 'n', names: [] }, ResultCode.badArguments],
    ['appoint', { office: 'land-registry', account, post: 'registrar', untilHeight: null }, ResultCode.badArguments],
    ['appoint', { office: 'land-registry', account, post: 'registrar', untilHeight: -1 }, ResultCode.badArguments],
    ['appoint', { office: 'land-registry', account, post: 'registrar', untilHeight: 1 }, ResultCode.badArguments],
    [
      'appoint',
      { office: 'land-registry', account: formatBase64Url(founderB.account), post: 'registrar' },
      ResultCode.notAllowed,
    ],
    [
      'appoint',
      { office: 'land-registry', account: formatBase64Url(stranger.account), post: 'registrar' },
      ResultCode.notFound,
    ],
    ['appoint', { office: 'constructor', account, post: 'registrar' }, ResultCode.notFound],
    ['dismiss', { mandate: formatBase64Url(new Uint8Array(32)) }, ResultCode.notFound],
    ['dismiss', { mandate: foreign }, ResultCode.ok],
    ['dismiss', { mandate: foreign }, ResultCode.wrongState],
  ]
  for (const [transition, args, code] of acts)
    assert.equal(
      (await ledger.act(parties(transition, args, founders(ledger), ++nonce))).code,
      code,
      `${transition} ${JSON.stringify(args)}`,
    )
  const byRegistrar = [
    { person: registrarA, role: 'founder', mandate: ledger.mandateOf('land-registry', registrarA) },
    founders(ledger)[0]!,
  ]
  assert.equal(
    (await ledger.act(parties('found', { office: 'n', names: { en: 'X' } }, byRegistrar, 1))).code,
    ResultCode.notAllowed,
  )
  const holder = [
    { person: founderA, role: 'holder' },
    { person: founderB, role: 'holder' },
  ]
  assert.equal(
    (await ledger.act(parties('found', { office: 'n', names: { en: 'X' } }, holder, ++nonce))).code,
    ResultCode.notAllowed,
  )
})

test('an office whose name fills its bounds in any script can be read again', async () => {
  const ledger = createTestLedger(appState)
  const names = { ar: 'س'.repeat(200), zh: '文'.repeat(200) }
  assert.equal((await ledger.act(parties('found', { office: 'long', names }, founders(ledger), 1))).code, ResultCode.ok)
  assert.equal(officeEntry.decode(ledger.view.get(officeKey(crypto, 'long'))!).names.length, 2)
  assert.equal(
    (await ledger.act(parties('entitle', { office: 'long', type: 'urn:x' }, founders(ledger), 2))).code,
    ResultCode.ok,
  )
})

test('a body that decodes is the one spelling of itself, so that one act has one id', () => {
  const ledger = createTestLedger(appState)
  const { transaction } = decodeTransaction(ledger.transaction(enter(ledger, 'x', 1)))
  assert.deepEqual(encodeTransactionBody(decodeTransactionBody(transaction.body)), transaction.body)
})
