// A phone whose clock is wrong, among nodes that say the time and nodes that lie about it: the answer is "this device's clock",
// never something against the document, and whatever a node says of the time makes nothing green.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addSeconds,
  type Bundle,
  type Client,
  createBundleProvider,
  createClient,
  createMemoryStore,
  limits,
  type Provider,
  type Timestamp,
  type TrustRoot,
  type Verdict,
  VerifyError,
} from '@muniment/sdk'
import { crypto, makeFixture } from '../mutation/fixture.ts'

const fixture = await makeFixture()
const { bundle, link, now } = fixture
const minute = 60
const day = 86_400
const year = 365 * day

/** A node that says this time, or rejects. */
function nodeSaying(time: () => Promise<Timestamp>, served: Bundle = bundle): Provider & { asked: number } {
  const node = {
    ...createBundleProvider(served),
    asked: 0,
    time() {
      node.asked++
      return time()
    },
  }
  return node
}
const truthful = (): Provider & { asked: number } => nodeSaying(async () => now)
const off = (seconds: number, served?: Bundle): Provider => nodeSaying(async () => addSeconds(now, seconds), served)

type Given = { readonly clock: number; readonly root?: Partial<TrustRoot> }

function clientOf(providers: readonly Provider[], { clock, root = {} }: Given): Promise<Client> {
  const peers = providers.map((_, index) => `/node/${index}`)
  return createClient({
    root: { ...fixture.root, ...root },
    network: { ...fixture.network, peers, rpc: [] },
    crypto,
    store: createMemoryStore(),
    now: () => addSeconds(now, clock),
    peers: async () => ({
      connect: async address => providers[peers.indexOf(address)]!,
      close: async () => {},
    }),
  })
}

async function verdictOf(providers: readonly Provider[], given: Given, input = link): Promise<Verdict> {
  const client = await clientOf(providers, given)
  try {
    return await client.verifyRecord(input)
  } finally {
    await client.close()
  }
}

test('a clock that is a day or a year wrong, either way, gives clock-wrong, and never a word against the document', async () => {
  for (const clock of [-year, -day, -minute, 6 * minute, day, 31 * day, year, 100 * year]) {
    const verdict = await verdictOf([truthful()], { clock })
    assert.deepEqual([verdict.kind, verdict.code], ['unknown', 'clock-wrong'], `${clock} s`)
    assert.ok(verdict.steps.every(({ state }) => state !== 'fail'))
  }
})

test('it says both times, so that a person can hold her calendar against them', async () => {
  const { clocks, evidence, steps } = await verdictOf([truthful()], { clock: year })
  assert.deepEqual(clocks, { device: addSeconds(now, year), network: now })
  assert.match(evidence, /^This device says \d{4}-.*Z, the network says \d{4}-.*Z\.$/)
  assert.equal(steps.find(({ code }) => code === 'header')!.state, 'unknown')
  assert.equal((await verdictOf([truthful()], { clock: -year })).clocks, undefined)
})

test('the same where the root has not run out, but all that is trusted is older than the trusting period', async () => {
  const given = { clock: 55 * minute, root: { trustingPeriodSeconds: 50 * minute } }
  assert.equal((await verdictOf([createBundleProvider(bundle)], given)).code, 'header-too-old')
  assert.equal((await verdictOf([truthful()], given)).code, 'clock-wrong')
})

test('a clock that is right costs no question, nor does an answer that has nothing to do with the time', async () => {
  for (const clock of [0, 3 * minute]) {
    const node = truthful()
    assert.equal((await verdictOf([node], { clock })).code, 'current')
    assert.equal(node.asked, 0)
  }
  const node = truthful()
  for (const clock of [0, year]) {
    assert.equal((await verdictOf([node], { clock, root: { chainId: 'other-1' } })).code, 'wrong-network')
    assert.equal((await verdictOf([node], { clock }, 'no link at all')).code, 'unreadable')
  }
  assert.equal(node.asked, 0)
})

test('a node that says an early time makes nothing green: it only gets "look at your calendar" for what was not green', async () => {
  const head = bundle.blocks.at(-1)!.header.time
  for (const clock of [6 * minute, day, year]) {
    for (const said of [now, head, addSeconds(now, 30)]) {
      const verdict = await verdictOf([nodeSaying(async () => said)], { clock })
      assert.deepEqual([verdict.kind, verdict.code], ['unknown', 'clock-wrong'])
    }
  }
})

test('a time that the head contradicts, or that is no earlier than this device’s by minutes, changes nothing', async () => {
  const clock = day
  const said = [-minute, -day, -100 * year, day, day - limits.clockAheadSecondsMax, day + 10, 2 * day, 100 * year]
  for (const seconds of said) {
    assert.equal((await verdictOf([off(seconds)], { clock })).code, 'checkpoint-expired', `${seconds} s`)
  }
  // By this time the root lives, and the head is old.
  assert.equal((await verdictOf([off(30 * minute)], { clock })).code, 'checkpoint-expired')
  assert.equal((await verdictOf([off(30 * minute)], { clock: 40 * minute })).code, 'older-proof')
})

test('one honest node is enough that no others can put the blame on a clock that is right', async () => {
  const clock = day
  const liars = [off(0), off(0)]
  assert.equal((await verdictOf([...liars, off(day)], { clock })).code, 'checkpoint-expired')
  assert.equal((await verdictOf(liars, { clock })).code, 'clock-wrong')
  // One that is beyond this clock is no witness for it.
  assert.equal((await verdictOf([off(0), off(100 * year)], { clock })).code, 'clock-wrong')
})

test('a node that can not or will not say, or says what is no time, leaves the answer as it was, and soon', async () => {
  const silent = nodeSaying(() => new Promise(() => {}))
  const refusing = nodeSaying(() => Promise.reject(new VerifyError('clock-wrong' as never, 'believe me')))
  const broken = nodeSaying(() => Promise.reject(new TypeError('a mistake')))
  const said = [
    undefined,
    null,
    'now',
    {},
    { seconds: 1, nanos: 0 },
    { seconds: 10n ** 30n, nanos: 0 },
    { seconds: 0n, nanos: 0.5 },
  ]
  const odd = said.map(time => nodeSaying(async () => time as unknown as Timestamp))
  for (const node of [createBundleProvider(bundle), silent, refusing, broken, ...odd]) {
    const began = performance.now()
    assert.equal((await verdictOf([node], { clock: day })).code, 'checkpoint-expired')
    assert.ok(performance.now() - began < limits.clockAnswerTimeoutMs + 1_000)
  }
})

test('a proof in a file asks nobody, for the time neither', async () => {
  const node = truthful()
  const client = await clientOf([node], { clock: 6 * minute })
  const file = await client.bundle(link)
  const { code } = await client.verifyRecord(file)
  await client.close()
  assert.deepEqual([code, node.asked], ['older-proof', 0])
})

test('whoever calls off while the time is being asked for is answered with his reason', async () => {
  const reason = new Error('enough')
  const stop = new AbortController()
  const node = nodeSaying(async () => {
    stop.abort(reason)
    return now
  })
  const client = await clientOf([node], { clock: day })
  await assert.rejects(client.verifyRecord(link, { signal: stop.signal }), error => error === reason)
  await client.close()
})
