// What cases leave in the state tree: values and keys are what they always were (test/golden/cases-1.json, written once).

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type CaseEntry,
  caseEntry,
  caseId,
  caseKey,
  caseVersion,
  closedServiceKey,
  countersKey,
  encodeCanonicalJson,
  encodeUtf8,
  formatHex,
  listenersEntry,
  listenersKey,
  loadCrypto,
  type ObligationEntry,
  obligationEntry,
  obligationKey,
  receiptEntry,
  receiptKey,
  recordEntry,
  rosterEntry,
  rosterKey,
  timerChunkKey,
  timerCountKey,
  timerDayKey,
  timersEntry,
  timersKey,
  uniqueEntry,
  uniqueKey,
} from '@muniment/sdk'

const crypto = await loadCrypto({ forceFallback: true })
const file = fileURLToPath(new URL('../golden/cases-1.json', import.meta.url))
const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const at = { seconds: 1_800_000_000n, nanos: 5 }
const id = caseId(crypto, filled(1))
const empty = new Uint8Array(0)

const entry: CaseEntry = {
  service: 'transport.fine@1',
  state: 'review',
  version: 3n,
  openedHeight: 7n,
  openedTime: at,
  eventTime: { seconds: at.seconds - 60n, nanos: 0 },
  stateTime: at,
  dueTime: { seconds: at.seconds + 60n, nanos: 0 },
  pausedSeconds: 9n,
  pausedState: 'issued',
  parties: [{ role: 'citizen', account: filled(2) }],
  facts: encodeCanonicalJson({ offence: 'parking' }),
  committed: filled(3),
  acts: [
    {
      step: 'issue',
      times: 1,
      height: 7n,
      time: at,
      offices: ['traffic-police'],
      accounts: [filled(4)],
      mandates: [filled(5)],
      reason: 'no-grounds',
      text: filled(6),
    },
  ],
  visited: ['issued', 'review'],
  tags: [{ name: 'offenceOfPlate', tag: filled(7), fact: '' }],
  assignments: [{ role: 'reviewer', mandate: filled(8), how: 'rota', pool: 3, draw: undefined }],
  records: [filled(9)],
  obligations: ['fine'],
  shreddedTime: undefined,
  lateTime: undefined,
  unfollowed: [],
}

const change = { status: 1, height: 7n, time: at, mandate: filled(5), reason: '', appealUntil: undefined }
const key = { algorithm: 1, bytes: filled(10) }
const made = {
  case: caseEntry.encode(entry),
  caseVersion: caseVersion(id, 3n),
  obligation: obligationEntry.encode({
    ...{
      case: id,
      name: 'fine',
      debtor: filled(2),
      creditor: 'treasury',
      assessed: 4_000n,
      paid: 1_500n,
      waived: 500n,
    },
    ...{ refunded: 0n, dueTime: at, status: 1, stayedSeconds: 60n },
    ...{
      interest: 0n,
      interestRest: 0,
      interestRate: 0,
      interestTime: undefined,
      earlierInterest: 0n,
      plan: undefined,
    },
  }),
  receipt: receiptEntry.encode({ case: id, name: 'fine', amount: 1_500n, height: 8n }),
  unique: uniqueEntry.encode({ case: id, isFree: true, assigned: [] }),
  listeners: listenersEntry.encode({ cases: [id] }),
  roster: rosterEntry.encode({ mandates: [filled(5), filled(8)], absent: [filled(5)], last: filled(8) }),
  timers: timersEntry.encode({ bucket: 3_000_000n, done: 2n, set: 5n, seen: 3n }),
  record: recordEntry.encode({
    ...{ issuer: 'urn:muniment:golden-1:office:trade', type: filled(11), service: 'trade.licensing@1' },
    ...{ mandate: filled(5), account: filled(4), key, changes: [change], validFrom: undefined, validUntil: undefined },
    ...{ successor: empty, predecessor: empty, case: id, holder: filled(2) },
  }),
  caseKey: caseKey(crypto, id),
  obligationKey: obligationKey(crypto, id, 'fine'),
  receiptKey: receiptKey(crypto, 'treasury', 'R-1'),
  uniqueKey: uniqueKey(crypto, 'transport.fine', { name: 'offenceOfPlate', tag: filled(7) }),
  listenersKey: listenersKey(crypto, 'civil.death/register', filled(7)),
  rosterKey: rosterKey(crypto, 'fines-review', 'reviewer'),
  timersKey: timersKey(crypto),
  timerChunkKey: timerChunkKey(crypto, 3_000_000n, 1n),
  timerCountKey: timerCountKey(crypto, 3_000_000n),
  timerDayKey: timerDayKey(crypto, 20_833n),
  countersKey: countersKey(crypto, {
    service: 'transport.fine@1',
    office: '-',
    month: '2026-11',
    apart: 'offence=parking',
  }),
  closedServiceKey: closedServiceKey(crypto, 'transport.fine@1'),
  facts: encodeUtf8('{"offence":"parking"}'),
}

/** What joined the formats later, in a file of its own: the older bytes are as they were. */
const owedFile = fileURLToPath(new URL('../golden/obligations-1.json', import.meta.url))
const owed: ObligationEntry = {
  ...{ case: id, name: 'fine', debtor: filled(2), creditor: 'treasury', assessed: 12_000n, paid: 3_000n, waived: 0n },
  ...{ refunded: 0n, dueTime: at, status: 1, stayedSeconds: 0n, interest: 73n, interestRest: 3_560_000 },
  ...{ interestRate: 500, interestTime: { seconds: at.seconds + 86_400n, nanos: 5 }, earlierInterest: 4n },
  plan: { parts: 4, everySeconds: 2_592_000n, fromTime: at, total: 12_000n, settledBefore: 3_000n },
}
const later = {
  obligation: obligationEntry.encode(owed),
  enforced: obligationEntry.encode({ ...owed, status: 6, plan: undefined }),
  case: caseEntry.encode({ ...entry, lateTime: at }),
}

test('the format "obligations" is what it always was', () => {
  const written = Object.fromEntries(Object.entries(later).map(([name, bytes]) => [name, formatHex(bytes)]))
  if (!existsSync(owedFile) && process.env.GOLDEN === 'write')
    writeFileSync(owedFile, `${JSON.stringify(written, null, 2)}\n`, { flag: 'wx' })
  assert.deepEqual(written, JSON.parse(readFileSync(owedFile, 'utf8')))
  assert.deepEqual(obligationEntry.decode(later.obligation), owed)
  assert.deepEqual(caseEntry.decode(later.case), { ...entry, lateTime: at })
})

test('the format "cases" is what it always was', () => {
  const written = Object.fromEntries(Object.entries(made).map(([name, bytes]) => [name, formatHex(bytes)]))
  if (!existsSync(file) && process.env.GOLDEN === 'write')
    writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`, { flag: 'wx' })
  assert.deepEqual(written, JSON.parse(readFileSync(file, 'utf8')))
  assert.deepEqual(caseEntry.decode(made.case), entry)
})
