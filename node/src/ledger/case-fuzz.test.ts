// The whole catalogue under noise: each transaction has a result, a refused one changes nothing but its nonces, and what a case, a tag and
// a counter promise holds after every one. Two replicas fed in one order agree. FUZZ_CASES and FUZZ_SEED as for fuzz.test.ts.

import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  accountKey,
  type CaseEntry,
  caseEntry,
  caseKey,
  counterNames,
  countersKey,
  decodeProcedure,
  encodeCanonicalJson,
  formatBase64Url,
  formatHex,
  type JsonObject,
  loadCrypto,
  monthOf,
  type Procedure,
  parseHex,
  ResultCode,
  uniqueEntry,
  uniqueKey,
} from '@muniment/sdk'
import { randomOf } from '../../../test/mutation/mutate.ts'
import { readCatalogue } from '../catalogue.ts'
import { type CaseLedger, caseCountry, createCaseLedger } from './test-cases.ts'
import { hostileFile, makeLook, makeNoise, type Noise, postsOf } from './test-noise.ts'

const crypto = await loadCrypto()
after(() => crypto.close())
const transactionsAsked = Number(process.env.FUZZ_CASES ?? 10_000)
/** More of them begin anew: all that a ledger ever decoded stays in memory here. */
const transactionsPerLedger = 10_000
const seed = Number(process.env.FUZZ_SEED ?? 20_261_123)
const readsMax = 300
const writesMax = 40

const files: readonly JsonObject[] = [
  // Signed anywhere, so that the noise needs no passkeys.
  ...readCatalogue(fileURLToPath(new URL('../../../services', import.meta.url)))
    .filter(each => each.states !== undefined)
    .map(each => JSON.parse(JSON.stringify(each).replaceAll('"sign":"identity"', '"sign":"anywhere"')) as JsonObject),
  {
    ...{ service: 'x.catalogue@1', title: { en: 'Example' }, sector: 'example' },
    basis: [{ eli: '/eli/example/1', from: '2026-01-01' }],
    roles: { clerk: { offices: ['x-desk'], post: 'clerk' } },
    fields: [
      { name: 'file', type: 'hash', show: 'public', label: { en: 'File' } },
      { name: 'service', type: 'id', show: 'public', label: { en: 'Service' } },
    ],
    states: { open: { label: { en: 'Open' } }, done: { final: true, label: { en: 'Done' } } },
    transitions: {
      open: { label: { en: 'Open' }, to: 'open', by: ['clerk'], asks: ['file', 'service'] },
      activate: { label: { en: 'Do' }, from: ['open'], to: 'done', by: ['clerk'], do: ['catalogue.activate'] },
    },
  },
]
const procedures = files.map(file => decodeProcedure(encodeCanonicalJson(file)))
const country = caseCountry(crypto, postsOf(procedures), files)

/** What was sent, and the time that passed: all that a replica needs. */
type Fed = { readonly transaction: Uint8Array } | { readonly seconds: number }

type Recount = { readonly signed: Map<string, number>; readonly others: Map<string, number> }

function add(counts: Map<string, number>, name: string, more: number): void {
  counts.set(name, (counts.get(name) ?? 0) + more)
}

/** What must be so of a case that a block has changed. */
function judge(before: CaseEntry | undefined, now: CaseEntry, procedure: Procedure, recount: Recount): void {
  const told = `${now.service} ${before?.state} → ${now.state}`
  const { states, service } = procedure
  assert.ok(Object.hasOwn(states, now.state), told)
  assert.equal(now.version, BigInt(now.acts.reduce((sum, act) => sum + act.times, 0)), told)
  assert.ok(now.version >= (before?.version ?? 0n), told)
  for (const act of now.acts) {
    const more = act.times - (before?.acts.find(each => each.step === act.step)?.times ?? 0)
    if (more === 0) continue
    assert.equal(more, 1, `${told}: ${act.step} twice in one block`)
    const month = monthOf(act.time)
    // A clock's step counts for the office that was silent.
    const [office] = act.offices
    if (office !== undefined) add(recount.signed, `${service.id}|${office}|${month}|${act.step}`, 1)
    else add(recount.others, `${service.id}|${month}|${act.step}`, 1)
  }
  if (!before || now.version !== before.version + 1n) return
  const from = states[before.state]!
  const to = states[now.state]!
  if (now.state !== before.state && from.pauses && to.clock && before.pausedState === now.state)
    assert.equal(now.dueTime!.seconds - now.stateTime.seconds, before.pausedSeconds, `${told}: what was left`)
  if (now.state !== before.state && to.clock === undefined) assert.equal(now.dueTime, undefined, told)
}

/** At most one open case has a tag, over all versions of a service, and the state says so. */
function judgeTags({ cases, procedures: known, ledger }: Noise): void {
  const holders = new Map<string, string>()
  const places = new Map<string, Uint8Array>()
  for (const [id, { service, state, tags }] of cases)
    for (const { name, tag, fact } of tags) {
      if (fact !== '') continue
      const family = service.split('@')[0]!
      const place = `${family}/${name}/${formatHex(tag)}`
      places.set(place, uniqueKey(crypto, family, { name, tag }))
      if (known.get(service)!.states[state]!.frees) continue
      assert.ok((holders.get(place) ?? id) === id, `two cases hold ${place}`)
      holders.set(place, id)
    }
  for (const [place, key] of places) {
    const { isFree, case: holder } = uniqueEntry.decode(ledger.values.get(formatHex(key))!)
    assert.equal(isFree, !holders.has(place), place)
    if (!isFree) assert.equal(formatHex(holder), holders.get(place), place)
  }
}

function judgeCounters({ ledger, procedures: known }: Noise, { signed, others }: Recount): void {
  const read = (service: string, office: string, month: string, step: string): number => {
    const value = ledger.values.get(
      formatHex(countersKey(crypto, { service, office: office || '-', month, apart: '' })),
    )
    const place = counterNames(known.get(service)!).indexOf(step)
    return value ? Number(new DataView(value.buffer, value.byteOffset).getBigUint64(place * 8)) : 0
  }
  for (const [name, count] of signed) {
    const [service, office, month, step] = name.split('|') as [string, string, string, string]
    assert.equal(read(service, office, month, step), count, name)
  }
  // Hostile files name offices that there are not, and that have no name.
  const offices = [...new Set(['', ...postsOf([...known.values()]).map(([office]) => office)])]
  for (const [name, count] of others) {
    const [service, month, step] = name.split('|') as [string, string, string]
    const sum = offices.reduce((all, office) => all + read(service, office, month, step), 0)
    assert.equal(sum, count, name)
  }
}

/** Cases whose leaves differ from what is known of them. */
function changedCases(
  { cases, ledger }: Noise,
  opened: Uint8Array | undefined,
): readonly (readonly [string, CaseEntry])[] {
  const ids = [...cases.keys(), ...(opened ? [formatHex(opened)] : [])]
  return ids.flatMap(id => {
    const key = keys.get(id) ?? formatHex(caseKey(crypto, parseHex(id)))
    keys.set(id, key)
    const value = ledger.values.get(key)
    if (!value || raw.get(id) === value) return []
    raw.set(id, value)
    return [[id, caseEntry.decode(value)] as const]
  })
}
const keys = new Map<string, string>()
const raw = new Map<string, Uint8Array>()

function note(noise: Noise, opened: Uint8Array | undefined, recount: Recount): void {
  for (const [id, now] of changedCases(noise, opened)) {
    judge(noise.cases.get(id), now, noise.procedures.get(now.service)!, recount)
    if (!noise.cases.has(id)) noise.newest.push(id)
    noise.cases.set(id, now)
    const record = now.records.at(-1)
    if (record && !noise.records.includes(formatHex(record))) noise.records.push(formatHex(record))
  }
}

const clerk = [{ name: 'clerk 0 of x-desk', role: 'clerk', office: 'x-desk' }]

/** Lays a file open, most of them hostile, and asks for its activation in the transaction after that. */
function layOpen({ ledger }: Noise, file: JsonObject): Uint8Array {
  const hash = formatBase64Url(crypto.sha256(encodeCanonicalJson(file)))
  return ledger.transaction('x.catalogue@1', 'open', {
    args: { fields: { file: hash, service: file.service! } },
    by: clerk,
  })
}

function stateOf({ values }: CaseLedger): string {
  const lines = [...values].map(([key, value]) => `${key}=${formatHex(value)}`).sort()
  return formatHex(crypto.sha256(new TextEncoder().encode(lines.join('\n'))))
}

for (let from = 0; from < transactionsAsked; from += transactionsPerLedger) {
  const transactions = Math.min(transactionsPerLedger, transactionsAsked - from)
  const own = seed + from / transactionsPerLedger
  test(`${transactions} transactions of all services: none stops the ledger, what is promised holds, two replicas agree (seed ${own})`, t =>
    makeNoiseAndJudge(t, transactions, own))
}

function makeNoiseAndJudge(t: TestContext, transactions: number, own: number): void {
  const ledger = createCaseLedger(crypto, country)
  const noise: Noise = {
    ...{ hasher: crypto, random: randomOf(own), ledger, cases: new Map(), newest: [], records: [], files: new Map() },
    procedures: new Map(procedures.map(each => [each.service.id, each])),
  }
  const recount: Recount = { signed: new Map(), others: new Map() }
  const fed: Fed[] = []
  const codes = new Map<number, number>()
  let waiting: ReturnType<typeof makeNoise> | undefined
  let most = { read: 0, written: 0 }
  for (let n = 0; n < transactions; n++) {
    if (noise.random(40) === 0) {
      const seconds = noise.random(noise.random(20) === 0 ? 40_000_000 : 1_500_000)
      fed.push({ seconds })
      ledger.advance(seconds)
      note(noise, undefined, recount)
    }
    const look = noise.random(15) === 0 ? makeLook(noise) : undefined
    const made = waiting ?? look ?? (noise.random(30) === 0 ? undefined : makeNoise(noise))
    const month = monthOf(ledger.block().time)
    waiting = undefined
    const laid = made ? undefined : hostileFile(noise, files[noise.random(files.length)]!, n)
    const transaction = made ? ledger.transaction(made.service, made.step, made) : layOpen(noise, laid!)
    fed.push({ transaction })
    const { code, log, data, written, read } = ledger.apply(transaction)
    const told = `${n}: ${made?.service} ${made?.step} ${code} ${log}`
    assert.ok(Object.values(ResultCode).includes(code as never), told)
    codes.set(code, (codes.get(code) ?? 0) + 1)
    assert.ok(read <= readsMax && written.length <= writesMax, `${told}: ${read} read, ${written.length} written`)
    most = { read: Math.max(most.read, read), written: Math.max(most.written, written.length) }
    const isOk = code === ResultCode.ok
    const accounts = (made?.by ?? []).map(({ name }) => formatHex(accountKey(crypto, ledger.account(name))))
    if (made && !isOk)
      assert.ok(
        written.every(key => accounts.includes(key)),
        `${told}: it changed something`,
      )
    if (isOk && made && made === look) add(recount.signed, `${made.service}|${made.by[0]!.office}|${month}|looks`, 1)
    if (isOk && laid) {
      noise.files.set(formatHex(data), laid)
      const args = { case: formatBase64Url(data), file: laid }
      waiting = { service: 'x.catalogue@1', step: 'activate', args, by: clerk }
    }
    if (isOk && made?.step === 'activate' && made.args.file) {
      const added = decodeProcedure(encodeCanonicalJson(made.args.file as JsonObject))
      noise.procedures.set(added.service.id, added)
    }
    note(noise, isOk && data.length === 32 ? data : undefined, recount)
    if (n % 1_000 === 999) judgeTags(noise)
  }
  judgeTags(noise)
  judgeCounters(noise, recount)
  assert.ok([...recount.signed.keys()].filter(name => name.endsWith('|looks')).length > 5, 'officials looked')
  const ok = codes.get(ResultCode.ok) ?? 0
  t.diagnostic(
    `codes ${JSON.stringify([...codes])}, ${noise.cases.size} cases, ${noise.procedures.size} services, at most ${most.read} read, ${most.written} written`,
  )
  assert.ok(ok > transactions / 20 && noise.procedures.size > procedures.length, `${ok} were taken`)
  const replica = createCaseLedger(crypto, country)
  for (const each of fed) {
    if ('seconds' in each) replica.advance(each.seconds)
    else replica.apply(each.transaction)
  }
  assert.equal(stateOf(replica), stateOf(ledger))
}
