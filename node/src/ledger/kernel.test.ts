import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  accountEntry,
  accountKey,
  encodeUtf8,
  formatBase64Url,
  formatHex,
  formatIssuer,
  limits,
  loadCrypto,
  RecordStatus,
  ResultCode,
  recordEntry,
  recordKey,
} from '@muniment/sdk'
import fc from 'fast-check'
import { readCatalogue } from '../catalogue.ts'
import { createKernel } from './apply.ts'
import { type Act, createTestLedger, mandateJson, passkeyHolder, person, type TestLedger } from './test-ledger.ts'

const crypto = await loadCrypto()
const [founderA, founderB, registrarA, registrarB, licenser, citizen] = ['fa', 'fb', 'ra', 'rb', 'l', 'c'].map(person)
const services = readCatalogue(fileURLToPath(new URL('../../../services', import.meta.url)))
const appState = {
  identityOrigins: ['https://id.example'],
  offices: [
    { office: 'cabinet', names: { en: 'Cabinet' } },
    { office: 'land-registry', names: { en: 'Land Registry' }, parent: 'cabinet', types: ['urn:example:land-title'] },
    {
      office: 'trade-licensing',
      names: { en: 'Trade Licensing' },
      parent: 'cabinet',
      types: ['urn:example:business-licence'],
    },
  ],
  mandates: [
    mandateJson('cabinet', 'founder', founderA!),
    mandateJson('cabinet', 'founder', founderB!),
    mandateJson('land-registry', 'registrar', registrarA!),
    mandateJson('land-registry', 'registrar', registrarB!),
    mandateJson('trade-licensing', 'licensing-officer', licenser!),
  ],
  services: [...services],
}

const commitment = (name: string): Uint8Array => crypto.sha256(encodeUtf8(name))
const landRegistry = formatIssuer({ kind: 'office', chainId: 'test-ledger', office: 'land-registry' })
const titleKey = (name: string): Uint8Array => recordKey(crypto, landRegistry, commitment(name))

function registrar(ledger: TestLedger, who = registrarA!): Act['signers'][number] {
  return { person: who, role: 'registrar', mandate: ledger.mandateOf('land-registry', who) }
}

function enter(ledger: TestLedger, name: string, nonce: number): Act {
  const args = { commitment: formatBase64Url(commitment(name)) }
  return { service: 'land.title@1', transition: 'enter', args, signers: [registrar(ledger)], nonce }
}

function statusOf(ledger: TestLedger, key: Uint8Array): number | undefined {
  const value = ledger.view.get(key)
  return value && recordEntry.decode(value).changes.at(-1)!.status
}

test('an official enters a title, and the record names office, mandate, key and height', async () => {
  const ledger = createTestLedger(appState)
  const result = await ledger.act(enter(ledger, 'title', 1))
  assert.deepEqual(result, { code: 0, log: '', data: titleKey('title') })
  const entry = recordEntry.decode(ledger.view.get(titleKey('title'))!)
  assert.equal(entry.issuer, landRegistry)
  assert.deepEqual(entry.mandate, ledger.mandateOf('land-registry', registrarA!))
  assert.deepEqual(entry.key, registrarA!.key)
  assert.equal(entry.changes[0]!.height, 1n)
})

test('a sale replaces the old record and names its successor, and takes two persons', async () => {
  const ledger = createTestLedger(appState)
  await ledger.act(enter(ledger, 'old', 1))
  const args = { commitment: formatBase64Url(commitment('new')), replaces: formatBase64Url(commitment('old')) }
  const sale = { service: 'land.title@1', transition: 'transfer', args, nonce: 2 }
  assert.equal((await ledger.act({ ...sale, signers: [registrar(ledger)] })).code, ResultCode.notAllowed)
  const two = [registrar(ledger), registrar(ledger, registrarB!)]
  assert.equal((await ledger.act({ ...sale, signers: two, nonce: 3 })).code, ResultCode.ok)
  const old = recordEntry.decode(ledger.view.get(titleKey('old'))!)
  assert.equal(old.changes.at(-1)!.status, RecordStatus.replaced)
  assert.deepEqual(old.successor, titleKey('new'))
  assert.deepEqual(recordEntry.decode(ledger.view.get(titleKey('new'))!).predecessor, titleKey('old'))
  assert.equal((await ledger.act({ ...sale, signers: two, nonce: 4 })).code, ResultCode.wrongState)
})

test('suspended, resumed, revoked: each only from where the law lets it, and never back from revoked', async () => {
  const ledger = createTestLedger(appState)
  await ledger.act(enter(ledger, 'title', 1))
  const step = (transition: string, nonce: number) => {
    const args = { commitment: formatBase64Url(commitment('title')), reason: 'court-order' }
    const signers = [registrar(ledger), registrar(ledger, registrarB!)]
    return ledger.act({ service: 'land.title@1', transition, args, signers, nonce })
  }
  assert.equal((await step('resume', 2)).code, ResultCode.wrongState)
  assert.equal((await step('suspend', 3)).code, ResultCode.ok)
  assert.equal((await step('suspend', 4)).code, ResultCode.wrongState)
  assert.equal((await step('resume', 5)).code, ResultCode.ok)
  assert.equal((await step('revoke', 6)).code, ResultCode.ok)
  for (const [index, again] of ['resume', 'suspend', 'revoke'].entries()) {
    assert.equal((await step(again, 7 + index)).code, ResultCode.wrongState)
  }
  assert.equal(statusOf(ledger, titleKey('title')), RecordStatus.revoked)
})

test('a record that was suspended many times can still be revoked, and keeps its issuing', async () => {
  const ledger = createTestLedger(appState)
  await ledger.act(enter(ledger, 'title', 1))
  const args = { commitment: formatBase64Url(commitment('title')), reason: 'inspection' }
  const signers = [registrar(ledger), registrar(ledger, registrarB!)]
  let nonce = 2
  for (let i = 0; i < 40; i++) {
    const transition = i % 2 === 0 ? 'suspend' : 'resume'
    assert.equal((await ledger.act({ service: 'land.title@1', transition, args, signers, nonce: nonce++ })).code, 0)
  }
  assert.equal((await ledger.act({ service: 'land.title@1', transition: 'revoke', args, signers, nonce })).code, 0)
  const entry = recordEntry.decode(ledger.view.get(titleKey('title'))!)
  assert.equal(entry.changes[0]!.height, 1n)
  assert.equal(entry.changes.at(-1)!.status, RecordStatus.revoked)
})

test('squat: whoever copies a commitment registers it in his own name only (rule 15)', async () => {
  const ledger = createTestLedger(appState)
  const args = { commitment: formatBase64Url(commitment('title')) }
  const squat = { service: 'citizen.declaration@1', transition: 'declare', args, nonce: 1 }
  const answer = await ledger.act({ ...squat, signers: [{ person: citizen!, role: 'citizen' }] })
  assert.equal(answer.code, ResultCode.ok)
  assert.notDeepEqual(answer.data, titleKey('title'))
  assert.equal((await ledger.act(enter(ledger, 'title', 1))).code, ResultCode.ok)
})

test('foreign revocation: no other office and no citizen reaches a record (rule 15)', async () => {
  const ledger = createTestLedger(appState)
  await ledger.act(enter(ledger, 'title', 1))
  const args = { commitment: formatBase64Url(commitment('title')), reason: 'error' }
  const officer = { person: licenser!, role: 'licensing', mandate: ledger.mandateOf('trade-licensing', licenser!) }
  const attempts: Act[] = [
    { service: 'trade.licence@1', transition: 'suspend', args, signers: [officer], nonce: 1 },
    { service: 'land.title@1', transition: 'suspend', args, signers: [{ ...officer, role: 'registrar' }], nonce: 2 },
    {
      service: 'citizen.declaration@1',
      transition: 'withdraw',
      args,
      signers: [{ person: citizen!, role: 'citizen' }],
      nonce: 1,
    },
    {
      service: 'land.title@1',
      transition: 'suspend',
      args,
      signers: [{ ...registrar(ledger), person: citizen! }],
      nonce: 2,
    },
    {
      service: 'land.title@1',
      transition: 'suspend',
      args,
      signers: [{ person: registrarA!, role: 'registrar' }],
      nonce: 2,
    },
  ]
  for (const attempt of attempts) assert.notEqual((await ledger.act(attempt)).code, ResultCode.ok)
  assert.equal(statusOf(ledger, titleKey('title')), RecordStatus.current)
})

test('an office issues only the types that it is entitled to', async () => {
  const entitledToNothing = appState.offices.map(office => ({ ...office, types: [] }))
  const ledger = createTestLedger({ ...appState, offices: entitledToNothing })
  assert.equal((await ledger.act(enter(ledger, 'title', 1))).code, ResultCode.notAllowed)
  const args = { office: 'land-registry', type: 'urn:example:land-title' }
  const founders = [founderA!, founderB!].map(each => ({
    person: each,
    role: 'founder',
    mandate: ledger.mandateOf('cabinet', each),
  }))
  assert.equal(
    (await ledger.act({ service: 'state.parties@1', transition: 'entitle', args, signers: founders, nonce: 1 })).code,
    0,
  )
  assert.equal((await ledger.act(enter(ledger, 'title', 2))).code, ResultCode.ok)
})

test('appointing takes two persons, nobody appoints himself, and a dismissed official can act no more', async () => {
  const ledger = createTestLedger(appState)
  await ledger.act({
    service: 'citizen.declaration@1',
    transition: 'declare',
    args: { commitment: formatBase64Url(commitment('x')) },
    signers: [{ person: citizen!, role: 'citizen' }],
    nonce: 1,
  })
  const founders = [founderA!, founderB!].map(each => ({
    person: each,
    role: 'founder',
    mandate: ledger.mandateOf('cabinet', each),
  }))
  const appoint = (account: Uint8Array, signers: Act['signers'], nonce: number) =>
    ledger.act({
      service: 'state.parties@1',
      transition: 'appoint',
      args: { office: 'land-registry', account: formatBase64Url(account), post: 'registrar' },
      signers,
      nonce,
    })
  assert.equal((await appoint(citizen!.account, founders.slice(0, 1), 1)).code, ResultCode.notAllowed)
  assert.equal((await appoint(founderA!.account, founders, 2)).code, ResultCode.notAllowed)
  const appointed = await appoint(citizen!.account, founders, 3)
  assert.equal(appointed.code, ResultCode.ok)
  const acting = {
    ...enter(ledger, 'by the new one', 2),
    signers: [{ person: citizen!, role: 'registrar', mandate: appointed.data }],
  }
  assert.equal((await ledger.act(acting)).code, ResultCode.ok)
  const dismissal = {
    service: 'state.parties@1',
    transition: 'dismiss',
    args: { mandate: formatBase64Url(appointed.data) },
    signers: founders,
    nonce: 4,
  }
  assert.equal((await ledger.act(dismissal)).code, ResultCode.ok)
  const late = { ...enter(ledger, 'too late', 3), signers: acting.signers }
  assert.equal((await ledger.act(late)).code, ResultCode.notAllowed)
  assert.equal(
    statusOf(ledger, titleKey('by the new one')),
    RecordStatus.current,
    'what was done under the mandate stays good',
  )
})

test('a signature serves on no other chain, in no other role, in no other company (rule 24)', async () => {
  const ledger = createTestLedger(appState)
  const other = createTestLedger(appState, 'test-other')
  assert.equal((await other.apply(ledger.transaction(enter(ledger, 'title', 1)))).code, ResultCode.wrongChain)
  // A chain of the same id with another genesis: same body, foreign signature.
  const kernel = createKernel(crypto)
  const [answer] = await kernel.verify(
    [ledger.transaction(enter(ledger, 'title', 1))],
    { chainId: 'test-ledger', genesisHash: commitment('another genesis') },
    crypto,
  )
  assert.equal(answer?.code, ResultCode.badSignature)
})

test('a nonce serves once, in any order within its window, and a refused act uses it up', async () => {
  const ledger = createTestLedger(appState)
  for (const nonce of [3, 1, 64])
    assert.equal((await ledger.act(enter(ledger, `t${nonce}`, nonce))).code, ResultCode.ok)
  for (const nonce of [3, 1, 64, 66, 0]) {
    assert.equal((await ledger.act(enter(ledger, `again${nonce}`, nonce))).code, ResultCode.nonceUsed, String(nonce))
  }
  const bad = { ...enter(ledger, 'bad', 2), args: { commitment: 'AAAA' } }
  assert.equal((await ledger.act(bad)).code, ResultCode.badArguments)
  assert.equal((await ledger.act(enter(ledger, 'bad', 2))).code, ResultCode.nonceUsed)
  const account = accountEntry.decode(ledger.view.get(accountKey(crypto, registrarA!.account))!)
  assert.equal(account.nonceFloor, 3n)
})

test('a transaction out of its time is refused and uses nothing up', async () => {
  const ledger = createTestLedger(appState)
  const signed = ledger.transaction(enter(ledger, 'title', 1))
  ledger.skip(101)
  assert.equal((await ledger.apply(signed)).code, ResultCode.expired)
  const endless = { ...enter(ledger, 'title', 1), body: { validUntil: 1_000_000n } }
  assert.equal((await ledger.act(endless)).code, ResultCode.expired)
  assert.equal((await ledger.act(enter(ledger, 'title', 1))).code, ResultCode.ok)
})

test('keys: a second one signs for the same account, an ended one no more, the last one stays', async () => {
  const ledger = createTestLedger(appState)
  const holder = passkeyHolder('citizen', {}, 1)
  const phone = person('citizen phone')
  const own = { person: holder, role: 'holder' }
  const key = { algorithm: 1, key: formatBase64Url(phone.key.bytes), identity: true }
  const parties = (transition: string, args: Act['args'], nonce: number, signers: Act['signers'] = [own]) =>
    ledger.act({ service: 'state.parties@1', transition, args, signers, nonce })
  const first = { algorithm: 1, key: formatBase64Url(holder.key.bytes) }
  assert.equal((await parties('endKey', first, 1)).code, ResultCode.notAllowed)
  assert.equal((await parties('addKey', key, 2)).code, ResultCode.ok)
  const byPhone = [{ person: { ...phone, account: holder.account }, role: 'holder' }]
  assert.equal((await parties('endKey', first, 3, byPhone)).code, ResultCode.ok)
  assert.equal((await parties('addKey', key, 4)).code, ResultCode.unknownKey)
  const stranger = [{ person: { ...person('stranger'), account: holder.account }, role: 'holder' }]
  assert.equal((await parties('addKey', key, 5, stranger)).code, ResultCode.unknownKey)
})

test('arguments that the ledger does not understand are refused, not ignored', async () => {
  const ledger = createTestLedger(appState)
  const act = enter(ledger, 'title', 1)
  const bad = [
    { ...act.args, note: 'x' },
    {},
    { commitment: 5 },
    { ...act.args, validFrom: '2026-13-01T00:00:00Z' },
    { ...act.args, validFrom: '2027-01-01T00:00:00Z', validUntil: '2026-01-01T00:00:00Z' },
  ]
  for (const [index, args] of bad.entries()) {
    assert.equal(
      (await ledger.act({ ...act, args, nonce: index + 1 })).code,
      ResultCode.badArguments,
      JSON.stringify(args),
    )
  }
})

test('random bytes and flipped bits of a transaction are refused with a result, never with an exception', async () => {
  const ledger = createTestLedger(appState)
  const valid = ledger.transaction(enter(ledger, 'title', 1))
  const kernel = createKernel(crypto)
  const context = ledger.block()
  await fc.assert(
    fc.asyncProperty(fc.nat(valid.length * 8 - 1), fc.uint8Array({ maxLength: 300 }), async (bit, noise) => {
      const flipped = valid.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      for (const [refused] of [
        await kernel.verify([flipped], context, crypto),
        await kernel.verify([noise], context, crypto),
      ]) {
        assert.ok(refused !== undefined && refused.code !== ResultCode.ok)
      }
      assert.notEqual(kernel.apply(ledger.view, noise, context).result.code, ResultCode.ok)
    }),
    { numRuns: 300 },
  )
})

test('the same block gives the same writes in the same order', async () => {
  const runs = [1, 2].map(() => {
    const ledger = createTestLedger(appState)
    const { writes } = createKernel(crypto).apply(
      ledger.view,
      ledger.transaction(enter(ledger, 'title', 1)),
      ledger.block(),
    )
    return writes.map(({ key, value }) => `${formatHex(key)} ${formatHex(value!)}`)
  })
  assert.deepEqual(runs[0], runs[1])
})

test('a person acts so often a day and no more, what is refused counts too, and the next day begins anew; an official may more often', async () => {
  const ledger = createTestLedger(appState)
  const declare = (nonce: number, name: string): Promise<{ code: number; log: string }> => {
    const args = { commitment: formatBase64Url(commitment(name)) }
    const signers = [{ person: citizen!, role: 'citizen' }]
    return ledger.act({ service: 'citizen.declaration@1', transition: 'declare', args, signers, nonce })
  }
  for (let nonce = 1; nonce <= limits.actsPerDayMax; nonce++) {
    const name = nonce % 100 === 0 ? 'again' : String(nonce)
    assert.equal(
      (await declare(nonce, name)).code,
      nonce % 100 === 0 && nonce > 100 ? ResultCode.exists : ResultCode.ok,
    )
  }
  const before = ledger.view.get(accountKey(crypto, citizen!.account))
  const refused = await declare(limits.actsPerDayMax + 1, 'one more')
  assert.deepEqual(
    [refused.code, refused.log],
    [ResultCode.quota, 'this account has acted 500 times today; it may again tomorrow'],
  )
  assert.deepEqual(ledger.view.get(accountKey(crypto, citizen!.account)), before, 'nothing is used up')
  for (let nonce = 1; nonce <= limits.actsPerDayMax + 1; nonce++)
    assert.equal((await ledger.act(enter(ledger, `title ${nonce}`, nonce))).code, ResultCode.ok)
  // The mandate is another's: whoever names it acts no more often than before.
  const args = { commitment: formatBase64Url(commitment('x')) }
  const borrowed = { person: citizen!, role: 'registrar', mandate: ledger.mandateOf('land-registry', registrarA!) }
  const act = {
    service: 'land.title@1',
    transition: 'enter',
    args,
    signers: [borrowed],
    nonce: limits.actsPerDayMax + 1,
  }
  assert.equal((await ledger.act(act)).code, ResultCode.quota)
  ledger.skip(86_400)
  assert.equal((await declare(limits.actsPerDayMax + 1, 'the next day')).code, ResultCode.ok)
})
