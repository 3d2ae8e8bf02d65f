// Obligations beside a model of them that reckons day by day: thousands of random operations, judged by both. MODEL_STEPS and
// MODEL_SEED as for model.test.ts.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  behindAmount,
  encodeUtf8,
  formatHex,
  loadCrypto,
  nextDueTime,
  type ObligationEntry,
  ObligationStatus,
  openAmount,
  reckonInterest,
} from '@muniment/sdk'
import { randomOf } from '../../../test/mutation/mutate.ts'
import {
  adjust,
  assess,
  bearInterest,
  endPlan,
  enforce,
  getObligation,
  passLate,
  pay,
  plan,
  refund,
  resume,
  stay,
  voidObligation,
  waive,
} from './obligations.ts'
import { Refusal } from './rules.ts'
import { createState } from './state.ts'

const crypto = await loadCrypto()
after(() => crypto.close())
const steps = Number(process.env.MODEL_STEPS ?? 6_000)
const seed = Number(process.env.MODEL_SEED ?? 7_041_776)
const idOf = (name: string): Uint8Array => crypto.sha256(encodeUtf8(name))
const at = (seconds: bigint) => ({ seconds, nanos: 0 })

const day = 86_400n
const year = 365n
const whole = 10_000n
/** Long enough that some are stayed before they fall due, and some after. */
const timeToPay = 3n * day

type Owed = {
  assessed: bigint
  paid: bigint
  waived: bigint
  refunded: bigint
  /** live, stayed, void or refunded; whether a live one is settled follows from its sums. */
  is: 'live' | 'enforced' | 'stayed' | 'void' | 'refunded'
  due: bigint
  left: bigint
  rate: bigint
  /** Of rounds that are over, and of this one in ten thousandths of a 365th. */
  earlier: bigint
  units: bigint
  /** The next day that bears interest begins here; undefined: when it is due. */
  from: bigint | undefined
  /** When each part falls due, and how much of the sum must be settled then. */
  parts: readonly { readonly due: bigint; readonly settled: bigint }[]
}

type Given = { amount: bigint; now: bigint; late: bigint | undefined; isNew: boolean; rate: bigint; every: bigint }

const interest = ({ earlier, units }: Owed): bigint => earlier + units / (whole * year)
const sumOpen = (owed: Owed): bigint => owed.assessed + interest(owed) - owed.paid - owed.waived
const isOver = (owed: Owed | undefined): boolean => !owed || owed.is === 'void' || owed.is === 'refunded'
const open = (owed: Owed): bigint => (isOver(owed) ? 0n : sumOpen(owed))
const isSettled = (owed: Owed): boolean => (owed.is === 'live' || owed.is === 'enforced') && open(owed) === 0n

/** Day by day, each on what is open of the sum itself. */
function grown(owed: Owed, { now, late }: Pick<Given, 'now' | 'late'>): Owed {
  if ((owed.is !== 'live' && owed.is !== 'enforced') || isSettled(owed) || owed.rate === 0n) return owed
  const end = late !== undefined && late < now ? late : now
  let { units, from = owed.due } = owed
  if (from + day > end) return owed
  for (; from + day <= end; from += day) {
    const sum = open(owed) - (interest(owed) - owed.earlier)
    if (sum > 0n) units += sum * owed.rate
  }
  return { ...owed, units, from }
}

/** What ought to come of an operation; undefined: it is refused. */
type Operation = (owed: Owed | undefined, given: Given) => Owed | undefined
const dueAtOnce = (now: bigint) => ({ due: now, from: undefined, parts: [] })
const settle = (owed: Owed): Owed => (isSettled(owed) ? { ...owed, is: 'live', parts: [] } : owed)
const onLive =
  (act: (owed: Owed, given: Given) => Owed | undefined): Operation =>
  (owed, given) => {
    if (!owed || isOver(owed)) return undefined
    const done = act(grown(owed, given), given)
    return done && settle(done)
  }

function behind(owed: Owed, now: bigint): bigint {
  if (owed.is === 'stayed') return 0n
  if (owed.parts.length === 0) return now < owed.due ? 0n : open(owed)
  const due = owed.parts.filter(part => part.due <= now).at(-1)
  const missing = due ? due.settled - owed.paid - owed.waived : 0n
  return missing < 0n ? 0n : missing < open(owed) ? missing : open(owed)
}

function nextDue(owed: Owed): bigint | undefined {
  if (open(owed) === 0n || owed.is === 'stayed') return undefined
  return owed.parts.find(part => part.settled > owed.paid + owed.waived)?.due ?? owed.due
}

const operations: Readonly<Record<string, Operation>> = {
  assess: (owed, { amount, now }) => {
    if (amount < 0n || (owed && !(owed.is === 'live' && open(owed) === 0n))) return undefined
    const nothing = { assessed: 0n, paid: 0n, waived: 0n, refunded: 0n }
    const { assessed, paid, waived, refunded } = owed ?? nothing
    return {
      ...{ assessed: assessed + amount, paid, waived, refunded, is: 'live', due: now + timeToPay, left: 0n, rate: 0n },
      ...{ earlier: owed ? interest(owed) : 0n, units: 0n, from: undefined, parts: [] },
    }
  },
  adjust: onLive((owed, { amount, now }) => {
    if (amount < 0n || amount + interest(owed) < owed.paid + owed.waived) return undefined
    return { ...owed, assessed: amount, ...(isSettled(owed) && owed.due < now ? { from: now } : {}) }
  }),
  pay: onLive((owed, { amount, isNew }) =>
    amount <= 0n || amount > open(owed) || !isNew ? undefined : { ...owed, paid: owed.paid + amount },
  ),
  waive: onLive((owed, { amount }) =>
    amount < 0n || amount > open(owed) ? undefined : { ...owed, waived: owed.waived + amount },
  ),
  stay: (owed, given) => {
    if (!owed || (owed.is !== 'live' && owed.is !== 'enforced') || open(owed) === 0n) return owed
    const now = grown(owed, given)
    const due = nextDue(now)!
    const left = due > given.now ? due - given.now : 0n
    return { ...now, is: 'stayed', left, from: undefined, parts: [] }
  },
  resume: (owed, { now }) => (owed?.is === 'stayed' ? { ...owed, is: 'live', due: now + owed.left, left: 0n } : owed),
  plan: onLive((owed, { amount, every, now }) => {
    const count = amount
    if (owed.is !== 'live' || isSettled(owed) || owed.parts.length > 0) return undefined
    if (count < 2n || count > 120n || count > open(owed)) return undefined
    const [total, before] = [open(owed), owed.paid + owed.waived]
    const each = total / count
    const parts = Array.from({ length: Number(count) }, (_, place) => {
      const settled = before + total - each * (count - BigInt(place) - 1n)
      return { due: now + every * BigInt(place + 1), settled }
    })
    return { ...owed, due: now + every * count, from: undefined, parts }
  }),
  endPlan: onLive((owed, { now }) => (owed.parts.length > 0 ? { ...owed, ...dueAtOnce(now) } : owed)),
  interest: onLive((owed, { rate, now, late }) => {
    const next = { ...owed, rate, ...(rate === 0n && owed.due < now ? { from: now } : {}) }
    return grown(next, { now, late })
  }),
  enforce: onLive((owed, { now }) => {
    if (owed.is !== 'live' || behind(owed, now) === 0n) return undefined
    return { ...owed, is: 'enforced', ...(owed.parts.length > 0 ? dueAtOnce(now) : {}) }
  }),
  void: owed => (owed && !isOver(owed) ? { ...owed, is: 'void', parts: [] } : owed),
  refund: owed =>
    owed && owed.refunded === 0n && owed.paid > 0n
      ? { ...owed, is: 'refunded', refunded: owed.paid, parts: [] }
      : undefined,
  /** An office was late, and is at work again: every moment of its lateness is left out. */
  passLate: (owed, { now, late }) => {
    if (!owed || (owed.is !== 'live' && owed.is !== 'enforced') || isSettled(owed) || late === undefined) return owed
    if (owed.due >= now) return owed
    const before = grown(owed, { now, late })
    const from = before.from ?? before.due
    return { ...before, from: late > from ? now - late + from : now }
  },
}

function agree(entry: ObligationEntry | undefined, owed: Owed | undefined, { now, late, told }: Told): void {
  assert.equal(entry === undefined, owed === undefined, told)
  if (!entry || !owed) return
  const status = isSettled(owed) ? 'settled' : owed.is === 'live' ? 'due' : owed.is
  assert.equal(entry.status, ObligationStatus[status], told)
  const sums = [entry.assessed, entry.paid, entry.waived, entry.refunded, entry.interest]
  assert.deepEqual(sums, [owed.assessed, owed.paid, owed.waived, owed.refunded, interest(owed)], told)
  assert.deepEqual([entry.dueTime.seconds, entry.stayedSeconds], [owed.due, owed.left], told)
  const all = entry.assessed + entry.interest
  if (!isOver(owed)) assert.equal(entry.paid + entry.waived + openAmount(entry), all, told)
  for (const sum of [...sums, openAmount(entry)]) assert.ok(sum >= 0n, told)
  // As whoever asks at this moment is told.
  const [reckoned, then] = [reckonInterest(entry, at(now), late === undefined ? undefined : at(late)), owed]
  const model = grown(then, { now, late })
  assert.equal(openAmount(reckoned), open(model), told)
  assert.equal(behindAmount(reckoned, at(now)), behind(model, now), told)
  assert.equal(nextDueTime(reckoned)?.seconds, nextDue(model), told)
}

type Told = { readonly now: bigint; readonly late: bigint | undefined; readonly told: string }

/** Whether it was done; a refusal changes nothing, which the model sees by itself. */
function done(act: () => void): boolean {
  try {
    act()
    return true
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error))
    return false
  }
}

test(`${steps} operations on what is owed: paid, waived and open are what was assessed and its interest, a receipt serves once (seed ${seed})`, () => {
  const random = randomOf(seed)
  const state = createState({ get: () => undefined }, crypto)
  const model = new Map<string, Owed | undefined>()
  const receipts = new Set<string>()
  const seen = new Map<string, number>()
  const lateness = new Map<string, bigint>()
  let now = 1_000n
  for (let step = 0; step < steps; step++) {
    now += BigInt(random(3) === 0 ? random(200_000) : random(2_000))
    const id = `case ${random(Math.ceil(steps / 120))}`
    const of = { id: idOf(id), name: random(2) === 0 ? 'fee' : 'fine' }
    const place = `${formatHex(of.id)}/${of.name}`
    const owed = model.get(place)
    const names = Object.keys(operations)
    const name = names[random(names.length)]!
    const amount =
      random(5) === 0 && owed ? open(owed) : random(3) === 0 ? BigInt(random(9)) : BigInt(random(90_000)) - 5n
    const creditor = random(10) === 0 ? 'mint' : 'treasury'
    const receipt = `R-${random(Math.ceil(steps / 16))}`
    const [rate, every] = [BigInt(random(3) === 0 ? 0 : random(10_001)), BigInt(1 + random(30)) * day]
    // Lateness begins now and then, and ends for all that the case owes.
    if (random(9) === 0 && !lateness.has(id)) lateness.set(id, now - BigInt(random(5_000)))
    const late = lateness.get(id)
    const told = `step ${step}: ${name} ${amount} ${receipt}`
    const when = { now: at(now), late: late === undefined ? undefined : at(late) }
    const given: Given = { amount, now, late, isNew: !receipts.has(receipt) && creditor === 'treasury', rate, every }
    const payment = { ...when, amount, receipt, office: creditor, height: BigInt(step) }
    const acts: Readonly<Record<string, () => void>> = {
      assess: () =>
        assess(state, of, { debtor: idOf('ann'), creditor: 'treasury', amount, dueTime: at(now + timeToPay) }),
      adjust: () => adjust(state, of, { ...when, assessed: amount }),
      pay: () => pay(state, of, payment),
      waive: () => waive(state, of, { ...when, amount }),
      stay: () => stay(state, of, when),
      resume: () => resume(state, of, at(now)),
      plan: () => plan(state, of, { ...when, parts: amount, everySeconds: Number(every) }),
      endPlan: () => endPlan(state, of, when),
      interest: () => bearInterest(state, of, { ...when, rate }),
      enforce: () => enforce(state, of, when),
      void: () => voidObligation(state, of),
      refund: () => refund(state, of),
      passLate: () => {
        if (late !== undefined) passLate(state, of, { late: at(late), now: at(now) })
      },
    }
    const expected = operations[name]!(owed, given)
    const isNothing = owed === undefined && ['stay', 'resume', 'void', 'passLate'].includes(name)
    assert.equal(done(acts[name]!), expected !== undefined || isNothing, told)
    if (expected) model.set(place, expected)
    if (expected && name === 'pay') receipts.add(receipt)
    agree(getObligation(state, of), model.get(place), { now, late, told })
    if (name === 'passLate' && late !== undefined) {
      const other = { id: of.id, name: of.name === 'fee' ? 'fine' : 'fee' }
      const otherPlace = `${formatHex(of.id)}/${other.name}`
      passLate(state, other, { late: at(late), now: at(now) })
      model.set(otherPlace, operations.passLate!(model.get(otherPlace), given))
      agree(getObligation(state, other), model.get(otherPlace), { now, late: undefined, told })
      lateness.delete(id)
    }
    const key = `${name} ${expected === undefined}`
    seen.set(key, (seen.get(key) ?? 0) + 1)
  }
  const interests = [...model.values()].filter(owed => owed && interest(owed) > 0n).length
  assert.ok(interests > 3, `only ${interests} bear interest`)
  for (const name of ['assess', 'adjust', 'pay', 'waive', 'refund', 'plan', 'interest', 'enforce'])
    for (const refused of [true, false]) assert.ok((seen.get(`${name} ${refused}`) ?? 0) > 0, `${name} ${refused}`)
})

const owing = (more: Partial<ObligationEntry>): ObligationEntry => ({
  ...{ case: idOf('case'), name: 'fine', debtor: idOf('ann'), creditor: 'treasury', assessed: 100_00n, paid: 0n },
  ...{ waived: 0n, refunded: 0n, dueTime: at(0n), status: ObligationStatus.due, stayedSeconds: 0n, interest: 0n },
  ...{ interestRest: 0, interestRate: 500, interestTime: undefined, earlierInterest: 0n, plan: undefined },
  ...more,
})

test('five per cent of a hundred are five a year and ten in two: interest bears no interest, and a leap year is no longer', () => {
  assert.equal(reckonInterest(owing({}), at(365n * day)).interest, 5_00n)
  const one = reckonInterest(owing({}), at(365n * day))
  assert.equal(reckonInterest(one, at(730n * day)).interest, 10_00n)
})

test('asked every day or once, the interest is the same: what does not make a unit is kept', () => {
  let entry = owing({ assessed: 4_000n, interestRate: 400 })
  for (let now = 0n; now <= 300n * day; now += 50_000n) entry = reckonInterest(entry, at(now))
  const once = reckonInterest(owing({ assessed: 4_000n, interestRate: 400 }), at(300n * day))
  assert.equal(reckonInterest(entry, at(300n * day)).interest, once.interest)
  assert.equal(once.interest, (4_000n * 400n * 300n) / 3_650_000n)
})

test('a hundred in three parts: 34, 33, 33; who has paid the first is not behind until the second', () => {
  const plan = { parts: 3, everySeconds: 30n * day, fromTime: at(0n), total: 100n, settledBefore: 0n }
  const entry = owing({ assessed: 100n, interestRate: 0, plan, dueTime: at(90n * day) })
  const when = [29n, 30n, 60n, 90n].map(days => behindAmount(entry, at(days * day)))
  assert.deepEqual(when, [0n, 34n, 67n, 100n])
  const paid = { ...entry, paid: 34n }
  assert.deepEqual([behindAmount(paid, at(59n * day)), behindAmount(paid, at(60n * day))], [0n, 33n])
  assert.equal(nextDueTime(paid)?.seconds, 60n * day)
})

test('an office that is late for a month costs nobody a day of interest', () => {
  const late = at(10n * day)
  const entry = reckonInterest(owing({}), at(40n * day), late)
  assert.equal(entry.interest, reckonInterest(owing({}), late).interest)
  const state = createState({ get: () => undefined }, crypto)
  const of = { id: idOf('case'), name: 'fine' }
  assess(state, of, { debtor: idOf('ann'), creditor: 'treasury', amount: 100_00n, dueTime: at(0n) })
  bearInterest(state, of, { now: at(0n), late: undefined, rate: 500n })
  passLate(state, of, { late, now: at(40n * day) })
  const after = reckonInterest(getObligation(state, of)!, at(50n * day))
  assert.equal(after.interest, reckonInterest(owing({}), at(20n * day)).interest)
})
