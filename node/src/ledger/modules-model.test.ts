// Clocks and rosters, each beside a model of it that fits on a page: thousands of random operations, judged by both.
// MODEL_STEPS and MODEL_SEED as for model.test.ts.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { encodeUtf8, formatHex, limits, loadCrypto } from '@muniment/sdk'
import { randomOf } from '../../../test/mutation/mutate.ts'
import { candidates, joinRoster, setAbsent, takeTurn } from './roster.ts'
import { Refusal } from './rules.ts'
import { createState, putMandate, type State } from './state.ts'
import { setTimer, takeDue } from './timers.ts'

const crypto = await loadCrypto()
after(() => crypto.close())
const steps = Number(process.env.MODEL_STEPS ?? 4_000)
const seed = Number(process.env.MODEL_SEED ?? 7_041_776)
const idOf = (name: string): Uint8Array => crypto.sha256(encodeUtf8(name))
const at = (seconds: bigint) => ({ seconds, nanos: 0 })

function emptyState(): State & { readonly reads: () => number } {
  let reads = 0
  const state = createState({ get: () => undefined }, crypto)
  return {
    ...state,
    get: key => {
      reads += 1
      return state.get(key)
    },
    reads: () => reads,
  }
}

/** Whether it was done; a refusal changes nothing, which the models see by themselves. */
function done(act: () => void): boolean {
  try {
    act()
    return true
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error))
    return false
  }
}

const readsPerBlockMax = 3 * limits.timerBucketsPerBlockMax + 2 * limits.timersPerBlockMax + 10

test(`${steps} clocks over centuries: each is looked at once, not before its time, and within twenty minutes of it`, () => {
  const random = randomOf(seed)
  const state = emptyState()
  const waiting = new Map<string, bigint>()
  let now = 1_767_225_600n
  let set = 0
  const block = (): number => {
    const before = state.reads()
    const due = takeDue(state, at(now))
    assert.ok(due.length <= limits.timersPerBlockMax && state.reads() - before <= readsPerBlockMax)
    for (const id of due) {
      const time = waiting.get(formatHex(id))
      assert.ok(time !== undefined, 'no clock is looked at twice')
      assert.ok(time <= now, `not before its time: ${time} ${now}`)
      waiting.delete(formatHex(id))
    }
    return due.length
  }
  const late = (): number => [...waiting.values()].filter(time => time + 1_200n <= now).length
  while (set < steps) {
    // Most of the time little passes; now and then the chain stands still for a year, once in a while for a century.
    const kind = random(40)
    now += BigInt(kind === 0 ? random(31_536_000) : kind === 1 && random(20) === 0 ? 3_155_760_000 : random(4_000))
    let blocks = 0
    do {
      block()
      blocks += 1
      // Clocks are set while the chain catches up, too.
      for (let count = random(6); count > 0 && blocks === 1; count--) {
        const id = idOf(`clock ${set++}`)
        const seconds = random(10) === 0 ? random(3_600) + 1 : 3_600 + random(random(2) === 0 ? 90_000 : 40_000_000)
        waiting.set(formatHex(id), now + BigInt(seconds))
        setTimer(state, id, { due: at(now + BigInt(seconds)), now: at(now) })
      }
    } while (late() > 0 && blocks < 20)
    assert.equal(late(), 0, `${late()} are late after ${blocks} blocks`)
  }
  now += 40_000_000n
  for (let blocks = 0; blocks < 20; blocks++) block()
  assert.equal(waiting.size, 0, 'none is forgotten')
})

test('ten thousand clocks that run out in one minute are spread over blocks, a bounded number in each', () => {
  const state = emptyState()
  const now = 1_767_225_600n
  for (let n = 0; n < 10_000; n++) setTimer(state, idOf(`clock ${n}`), { due: at(now + 3_600n), now: at(now) })
  const counts = Array.from({ length: 6 }, (_, place) => takeDue(state, at(now + 7_200n + BigInt(place))).length)
  assert.deepEqual(counts, [2_000, 2_000, 2_000, 2_000, 2_000, 0])
})

const desk = { office: 'desk', post: 'reviewer' }
/** The first office's roster remembers whose turn it was. */
const post = { offices: ['desk', 'branch'], post: 'reviewer' }

test('turns are fair: over k rounds everyone who is present has k of them, whoever is absent or dismissed none', () => {
  const random = randomOf(seed)
  for (let round = 0; round < 30; round++) {
    // Two machines on which the same people joined in another order.
    const machines = [emptyState(), emptyState()]
    const people = Array.from({ length: 1 + random(12) }, (_, n) => ({
      mandate: idOf(`mandate ${round} ${n}`),
      account: idOf(`account ${round} ${n}`),
      until: random(4) === 0 ? 50n : 0n,
      isAbsent: random(4) === 0,
      office: random(2) === 0 ? 'desk' : 'branch',
    }))
    machines.forEach((state, machine) => {
      for (const { mandate, account, office } of machine === 0 ? people : people.toReversed()) {
        putMandate(state, mandate, { office, role: 'reviewer', account, fromHeight: 1n, untilHeight: 0n })
        joinRoster(state, { office, post: 'reviewer' }, { mandate, height: 10n })
      }
      for (const { mandate, account, until, isAbsent, office } of people) {
        putMandate(state, mandate, { office, role: 'reviewer', account, fromHeight: 1n, untilHeight: until })
        if (isAbsent) setAbsent(state, { office, post: 'reviewer' }, { mandate, isAbsent: true })
      }
    })
    const present = people.filter(({ until, isAbsent }) => until === 0n && !isAbsent)
    const rounds = 3
    const [left, right] = machines.map(state => {
      const pool = candidates(state, post, 60n)
      const turns = Array.from({ length: rounds * present.length }, () => takeTurn(state, desk, pool).mandate)
      return turns.map(formatHex)
    })
    assert.deepEqual(left, right, 'the same order on every machine')
    const counts = present.map(({ mandate }) => left!.filter(each => each === formatHex(mandate)).length)
    assert.deepEqual(
      counts,
      present.map(() => rounds),
    )
  }
})

test('a post has as many holders as the roster has places, and those who have gone make room', () => {
  const state = emptyState()
  const join = (n: number, height: bigint): boolean => {
    const mandate = idOf(`mandate ${n}`)
    putMandate(state, mandate, {
      ...desk,
      role: desk.post,
      account: idOf(`${n}`),
      fromHeight: 1n,
      untilHeight: n < 3 ? 50n : 0n,
    })
    return done(() => joinRoster(state, desk, { mandate, height }))
  }
  for (let n = 0; n < limits.rosterMax; n++) assert.ok(join(n, 10n))
  assert.equal(join(1_000, 10n), false)
  for (let n = 2_000; n < 2_003; n++) assert.ok(join(n, 60n))
  assert.equal(join(3_000, 60n), false)
})
