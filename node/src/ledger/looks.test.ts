// Who looked: every look of an official is on record, the subject finds all of them, and nobody else learns whose case it was.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  caseEntry,
  caseKey,
  commitFields,
  counterNames,
  countersKey,
  decodeProcedure,
  decodeTransaction,
  decodeTransactionBody,
  encodeCanonicalJson,
  encodeTransaction,
  encodeTransactionBody,
  encodeUtf8,
  equals,
  formatBase64Url,
  formatHex,
  type JsonObject,
  type LookedCase,
  limits,
  listLooks,
  loadCrypto,
  lookArguments,
  lookEntry,
  lookKey,
  looksSecret,
  lookTag,
  monthOf,
  openForLook,
  type ProvenRead,
  ResultCode,
} from '@muniment/sdk'
import { type CaseSigner, caseCountry, createCaseLedger } from './test-cases.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const label = { en: 'Example' }
const id = 'x.files@1'
const service: JsonObject = {
  ...{ service: id, title: label, sector: 'example' },
  roles: {
    clerk: { offices: ['desk'], post: 'clerk' },
    judge: { offices: ['court'], post: 'judge' },
    citizen: { party: 'any' },
  },
  fields: [
    { name: 'person', label, show: 'committed', type: 'text', to: ['judge'], keep: 'always' },
    { name: 'photo', label, show: 'sealed', type: 'hash', to: ['judge'], keep: 'always' },
  ],
  looks: { read: { label, by: 'judge', fields: ['person'], reasons: ['appeal'] } },
  states: { open: { final: true, label } },
  transitions: { open: { label, to: 'open', by: ['clerk'], takes: ['committed'], parties: ['citizen'] } },
}
const clerk: CaseSigner = { name: 'clerk', role: 'clerk', office: 'desk' }
const judge = (name: string): CaseSigner => ({ name, role: 'judge', office: 'court' })
const looks = decodeProcedure(encodeCanonicalJson(service)).service.looks

/** A ledger with two cases, and all that their parties keep. */
function started() {
  const posts = [
    ['desk', 'clerk', ['clerk']],
    ['court', 'judge', ['one', 'two', 'ann']],
  ] as const
  const ledger = createCaseLedger(crypto, caseCountry(crypto, posts, [service]))
  const read: ProvenRead = async keys => keys.map(key => ledger.view.get(key))
  const opened = (name: string) => {
    const secret = crypto.sha256(encodeUtf8(`secret of ${name}`))
    const fields = [
      { name: 'person', value: name },
      { name: 'photo', value: undefined },
    ]
    const { root, openings } = commitFields(crypto, secret, { fields })
    const args = { committed: formatBase64Url(root), parties: { citizen: formatBase64Url(ledger.account(name)) } }
    const { data, log } = ledger.act(id, 'open', { args, by: [clerk] })
    assert.equal(log, '')
    const looked: LookedCase = { secret: looksSecret(crypto, secret), id: data, service: id, looks }
    return { looked, openings, entry: () => caseEntry.decode(ledger.view.get(caseKey(crypto, data))!) }
  }
  const look = (looked: LookedCase, place: number, { by = 'one', reason = 'appeal' } = {}) => {
    const given = { place, look: 'read', mandate: ledger.mandate('court', by), reason }
    return ledger.act(id, 'read', { args: lookArguments(crypto, looked, given), by: [judge(by)] })
  }
  return { ledger, read, look, ann: opened('ann'), bob: opened('bob') }
}

test('the subject lists every look into the case, who it was and why, and knows that none is missing', async () => {
  const { ledger, read, look, ann, bob } = started()
  assert.deepEqual(await listLooks(read, crypto, ann.looked), [])
  for (let place = 0; place < 9; place++)
    assert.equal(look(ann.looked, place, { by: place % 2 ? 'one' : 'two' }).code, 0)
  assert.equal(look(bob.looked, 0).code, ResultCode.ok)
  const found = await listLooks(read, crypto, ann.looked)
  assert.equal(found.length, 9)
  for (const { place, entry, fields, isTrue } of found) {
    assert.deepEqual([entry.office, entry.reason, fields, isTrue], ['court', 'appeal', ['person'], true])
    assert.deepEqual(entry.mandate, ledger.mandate('court', place % 2 ? 'one' : 'two'))
    assert.deepEqual(entry.account, ledger.account(place % 2 ? 'one' : 'two'))
  }
  assert.equal((await listLooks(read, crypto, bob.looked)).length, 1)
})

test('a look tells nobody whose case it was: it names none, touches none, and two into one case look as two into two', () => {
  const { ledger, look, ann, bob } = started()
  const known = [ann, bob].flatMap(({ looked, entry }) => [
    looked.id,
    caseKey(crypto, looked.id),
    entry().committed,
    looked.secret,
  ])
  const made = [look(ann.looked, 0), look(ann.looked, 1), look(bob.looked, 0)]
  const entries = made.map(({ written, data }, at) => {
    assert.equal(data.length, 0)
    for (const key of written) for (const part of known) assert.notEqual(key, formatHex(part))
    const place = at === 1 ? 1 : 0
    const key = lookKey(crypto, lookTag(crypto, (at < 2 ? ann : bob).looked.secret, place))
    assert.ok(written.includes(formatHex(key)))
    const value = ledger.view.get(key)!
    for (const part of known) assert.ok(!formatHex(value).includes(formatHex(part)))
    // The official's account, the look, and the counter of his office.
    assert.equal(written.length, 3)
    return lookEntry.decode(value)
  })
  const said = entries.map(({ commitment, height, time, ...rest }) => [rest, commitment.length])
  assert.deepEqual(said[0], said[1])
  assert.deepEqual(said[0], said[2])
  assert.equal(new Set(entries.map(({ commitment }) => formatHex(commitment))).size, 3)
})

test('two look at once: the ledger takes one, tells the other that the number is taken, and he takes the next', async () => {
  const { read, look, ann } = started()
  assert.equal(look(ann.looked, 0, { by: 'one' }).code, ResultCode.ok)
  const late = look(ann.looked, 0, { by: 'two' })
  assert.equal(late.code, ResultCode.exists)
  const place = (await listLooks(read, crypto, ann.looked)).length
  assert.equal(look(ann.looked, place, { by: 'two' }).code, ResultCode.ok)
  assert.equal((await listLooks(read, crypto, ann.looked)).length, 2)
})

test('who may not look, or says no reason, does not; and no look names a case by what it expects of it', () => {
  const { ledger, look, ann, bob } = started()
  const reasonless = look(ann.looked, 0, { reason: 'curiosity' })
  assert.equal(reasonless.code, ResultCode.guardClosed)
  assert.match(reasonless.log, /^read\/reason: a look takes a reason: appeal/)
  const given = { place: 0, look: 'read', mandate: ledger.mandate('court', 'one'), reason: 'appeal' }
  const args = lookArguments(crypto, ann.looked, given)
  const act = (by: readonly CaseSigner[], more: JsonObject = {}) =>
    ledger.act(id, 'read', { args: { ...args, ...more }, by }).code
  assert.equal(act([clerk]), ResultCode.notAllowed)
  assert.equal(act([{ name: 'one', role: 'judge' }]), ResultCode.notAllowed)
  assert.equal(act([judge('one'), judge('two')]), ResultCode.notAllowed)
  assert.equal(act([judge('one')], { case: formatBase64Url(ann.looked.id) }), ResultCode.badArguments)
  assert.equal(act([judge('one')], { look: 'AAAA' }), ResultCode.badArguments)
  assert.equal(act([judge('one')], { commitment: '' }), ResultCode.badArguments)
  const { body, signatures } = decodeTransaction(
    ledger.transaction(id, 'read', { args, by: [judge('one')] }),
  ).transaction
  const naming = { ...decodeTransactionBody(body), ifState: new Uint8Array(40) }
  const named = ledger.apply(encodeTransaction({ body: encodeTransactionBody(naming), signatures }))
  assert.equal(named.code, ResultCode.badArguments)
  assert.equal(ledger.view.get(lookKey(crypto, lookTag(crypto, ann.looked.secret, 0))), undefined)
  assert.equal(ledger.act(id, 'open', { args: {}, by: [judge('one')] }).code, ResultCode.notAllowed)
  assert.ok(bob)
})

test('the store opens only for a look that is proven: his own, into this case, a day old at most, with none left out before it', async () => {
  const { ledger, read, look, ann, bob } = started()
  const [one, two] = ['one', 'two'].map(name => ledger.mandate('court', name)) as [Uint8Array, Uint8Array]
  const asked = (more: Partial<Parameters<typeof openForLook>[2]> = {}) =>
    openForLook(read, crypto, {
      ...{ looked: ann.looked, place: 0, mandate: one, entry: ann.entry(), openings: ann.openings },
      ...{ now: ledger.block().time, ...more },
    })
  const refused = { name: 'VerifyError', code: 'refused' }
  await assert.rejects(asked(), refused, 'nobody has looked yet')
  assert.equal(look(ann.looked, 1).code, ResultCode.ok)
  await assert.rejects(asked({ place: 1 }), refused, 'whoever skips a number hides from the subject')
  assert.equal(look(ann.looked, 0).code, ResultCode.ok)
  const given = await asked()
  assert.deepEqual(
    given.map(({ name }) => name),
    ['person'],
    'what the look named, and nothing else',
  )
  await assert.rejects(asked({ mandate: two }), refused)
  await assert.rejects(asked({ looked: bob.looked, entry: bob.entry(), openings: bob.openings }), refused)
  await assert.rejects(asked({ place: 2 }), refused)
  await assert.rejects(asked({ openings: bob.openings }), { code: 'disclosure-bad' })
  const now = ledger.block().time
  const later = { ...now, seconds: now.seconds + BigInt(limits.lookSecondsMax) }
  await assert.rejects(asked({ now: later }), refused)
  await assert.rejects(asked({ entry: { ...ann.entry(), shreddedTime: now } }), refused)
  // Ann, a judge herself, looks into her own case: it is on record, and nothing is opened.
  assert.equal(look(ann.looked, 2, { by: 'ann' }).code, ResultCode.ok)
  await assert.rejects(asked({ place: 2, mandate: ledger.mandate('court', 'ann') }), refused)
})

test('a look that is not what it says is found, with the name of who made it; it opens nothing and hides nothing behind it', async () => {
  const { ledger, read, look, ann } = started()
  const mandate = ledger.mandate('court', 'two')
  const tag = formatBase64Url(lookTag(crypto, ann.looked.secret, 0))
  const args = { look: tag, commitment: formatBase64Url(new Uint8Array(32).fill(7)), reason: 'appeal' }
  assert.equal(ledger.act(id, 'read', { args, by: [judge('two')] }).code, ResultCode.ok)
  assert.equal(look(ann.looked, 1).code, ResultCode.ok)
  const found = await listLooks(read, crypto, ann.looked)
  assert.deepEqual(
    found.map(({ isTrue }) => isTrue),
    [false, true],
  )
  assert.ok(equals(found[0]!.entry.mandate, mandate))
  const asked = { looked: ann.looked, place: 0, mandate, entry: ann.entry(), openings: ann.openings }
  await assert.rejects(openForLook(read, crypto, { ...asked, now: ledger.block().time }), { code: 'refused' })
})

test('looks are counted by office and month, behind every figure that was there before', () => {
  const { ledger, look, ann } = started()
  for (let place = 0; place < 3; place++) look(ann.looked, place)
  look(ann.looked, 2)
  const procedure = decodeProcedure(encodeCanonicalJson(service))
  const names = counterNames(procedure)
  assert.deepEqual(names.slice(names.indexOf('looks')).slice(0, 3), ['looks', 'recusals', 'shredded'])
  const month = monthOf(ledger.block().time)
  const value = ledger.view.get(countersKey(crypto, { service: id, office: 'court', month, apart: '' }))!
  const view = new DataView(value.buffer, value.byteOffset)
  assert.equal(view.getBigUint64(names.indexOf('looks') * 8), 3n)
  assert.equal(view.getBigUint64(names.indexOf('opened') * 8), 0n)
})
