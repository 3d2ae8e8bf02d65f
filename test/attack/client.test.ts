// A client among lying, hanging and broken parts: whatever nodes, store, clock and callers do, each check ends, and none ends
// in "valid" that should not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addSeconds,
  type Bundle,
  type Client,
  createBundleProvider,
  createClient,
  createMemoryStore,
  encodeBundle,
  type LightBlock,
  type Provider,
  type Store,
  VerifyError,
} from '@muniment/sdk'
import { crypto, type Fixture, makeFixture } from '../mutation/fixture.ts'
import { servingBlocks } from '../stub-provider.ts'

const fixture: Fixture = await makeFixture()
const { bundle, link, root, now } = fixture
const honest = (): Provider => createBundleProvider(bundle)
const never = <T>(): Promise<T> => new Promise(() => {})
/** A node that is asked and never answers, but for what is given. */
const hanging = (over: Partial<Provider> = {}): Provider => ({
  ...honest(),
  lightBlock: never,
  lightBlocks: never,
  lightPath: never,
  query: never,
  submit: never,
  ...over,
})
/** Answers every question for blocks from one function. */
const blocksBy = (read: Parameters<typeof servingBlocks>[0]): Provider => ({ ...honest(), ...servingBlocks(read) })

type Given = {
  readonly store?: Store
  readonly clock?: number
  readonly close?: () => Promise<void>
}

/** A client whose nodes are these, in the order of asking. */
function clientOf(providers: readonly Provider[], given: Given = {}): Promise<Client> {
  const peers = providers.map((_, index) => `/node/${index}`)
  return createClient({
    root,
    network: { ...fixture.network, peers, rpc: [] },
    crypto,
    ...(given.store ? { store: given.store } : {}),
    now: () => addSeconds(now, given.clock ?? 0),
    peers: async () => ({
      connect: async address => providers[peers.indexOf(address)]!,
      close: given.close ?? (async () => {}),
    }),
  })
}

async function codeOf(
  providers: readonly Provider[],
  given: Given = {},
  input: string | Uint8Array = link,
): Promise<string> {
  const client = await clientOf(providers, given)
  try {
    return (await client.verifyRecord(input)).code
  } finally {
    await client.close()
  }
}

const liar = (change: (bundle: Bundle) => Bundle): Provider => createBundleProvider(change(bundle))
const head = bundle.blocks.at(-1)!
const older = { ...bundle, blocks: bundle.blocks.slice(0, -1) }

test('an honest node is enough, and first of all it is', async () => {
  assert.equal(await codeOf([honest()]), 'current')
})

test('a node that lies, in whichever answer, gives way to the next', async () => {
  const wrongProofs = liar(given => ({
    ...given,
    states: given.states.map(state => ({
      ...state,
      answer: { ...state.answer, proofs: [...state.answer.proofs].reverse() },
    })),
  }))
  const liars: readonly [string, Provider][] = [
    ['swapped proofs', wrongProofs],
    [
      'another height',
      liar(given => ({
        ...given,
        states: given.states.map(state => ({ ...state, answer: { ...state.answer, height: 5n } })),
      })),
    ],
    [
      'no proofs',
      liar(given => ({
        ...given,
        states: given.states.map(state => ({ ...state, answer: { ...state.answer, proofs: [] } })),
      })),
    ],
    ['an older head', createBundleProvider(older)],
    ['no blocks', blocksBy(async () => [])],
    ['always the newest block', blocksBy(async () => [head])],
    ['blocks of no end', blocksBy(async () => Array.from({ length: 10_000 }, () => head))],
    [
      'a newest height beyond all',
      blocksBy(async range => (range === 'latest' ? [raised(head)] : honest().lightBlocks(range.from, range.to))),
    ],
    ['errors of all kinds', blocksBy(() => Promise.reject(new VerifyError('malformed', 'noise')))],
  ]
  for (const [name, provider] of liars) {
    assert.equal(await codeOf([provider, honest()]), 'current', name)
    const alone = await codeOf([provider])
    assert.ok(['no-peers', 'offline', 'older-proof', 'header-too-old', 'current'].includes(alone), `${name}: ${alone}`)
    if (name !== 'an older head') assert.notEqual(alone, 'current', name)
  }
})

function raised(block: LightBlock): LightBlock {
  return { ...block, header: { ...block.header, height: block.header.height + 1_000_000n } }
}

test('once a newer head was seen, an older one never says what holds now', async () => {
  let answers = honest()
  const turning: Provider = {
    ...honest(),
    lightBlock: (height, options) => answers.lightBlock(height, options),
    query: (questions, height, options) => answers.query(questions, height, options),
  }
  const client = await clientOf([turning])
  assert.equal((await client.verifyRecord(link)).code, 'current')
  answers = createBundleProvider(older)
  const again = await client.verifyRecord(link)
  assert.ok(again.code === 'current' && again.asOf!.height === head.header.height)
  const file = await client.verifyRecord(encodeBundle(older))
  assert.ok(file.kind !== 'valid', file.code)
  await client.close()
})

/** Lets fifty times as much time go by as really does, until a promise is kept. */
async function hurried<T>(promise: Promise<T>, timers: { readonly tick: (milliseconds: number) => void }): Promise<T> {
  let isDone = false
  const done = (): void => {
    isDone = true
  }
  promise.then(done, done)
  while (!isDone) {
    await new Promise(resolve => realTimeout(resolve, 2))
    timers.tick(100)
  }
  return promise
}
const realTimeout = setTimeout

test('a node that hangs takes a while from a check, never the check', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const half = hanging({ lightBlock: honest().lightBlock })
  for (const provider of [hanging(), half])
    assert.equal(await hurried(codeOf([provider, honest()]), t.mock.timers), 'current')
  const alone = await hurried(codeOf([hanging()]), t.mock.timers)
  assert.equal(alone, 'offline')
})

test('whoever calls off is answered at once with his reason, and others go on', async () => {
  const client = await clientOf([hanging()])
  const stop = new AbortController()
  const called = [
    client.verifyRecord(link, { signal: stop.signal }),
    client.read([new Uint8Array(32)], { signal: stop.signal }),
    client.bundle(link, { signal: stop.signal }),
    client.submit(new Uint8Array(1), { signal: stop.signal }),
  ]
  const began = performance.now()
  setTimeout(() => stop.abort(new Error('enough')), 50)
  for (const call of called) await assert.rejects(call, { message: 'enough' })
  assert.ok(performance.now() - began < 1_000)
  await assert.rejects(client.verifyRecord(link, { signal: AbortSignal.abort(new Error('before')) }), {
    message: 'before',
  })

  const good = await clientOf([honest()])
  const one = new AbortController()
  const aborted = good.verifyRecord(link, { signal: one.signal, onSteps: () => one.abort(new Error('in the midst')) })
  const others = [good.verifyRecord(link), good.verifyRecord(link)]
  await assert.rejects(aborted, { message: 'in the midst' })
  assert.deepEqual(
    (await Promise.all(others)).map(({ code }) => code),
    ['current', 'current'],
  )
  await good.close()
})

test('ten checks at once come to the same as one', async () => {
  const client = await clientOf([honest()])
  const inputs = [link, fixture.documents.good, 'hello', encodeBundle(bundle), `${link}x`]
  const alone = []
  for (const input of inputs) alone.push((await client.verifyRecord(input)).code)
  const together = await Promise.all([...inputs, ...inputs].map(input => client.verifyRecord(input)))
  assert.deepEqual(
    together.map(({ code }) => code),
    [...alone, ...alone],
  )
  assert.deepEqual(alone.slice(0, 4), ['current', 'current', 'unreadable', 'current'])
  await client.close()
})

const storeOf = (use: () => Promise<never>): Store => ({
  put: use,
  newest: use,
  get: use,
  putEvidence: use,
  evidence: use,
  putCheckpoint: use,
  checkpoint: use,
  clear: use,
  close: use,
})

test('a store that throws, hangs, or gives back what somebody planted costs time at most', {
  timeout: 60_000,
}, async () => {
  const fail = async (): Promise<never> => {
    throw new Error('QuotaExceededError')
  }
  const throwing: Store = storeOf(fail)
  assert.equal(await codeOf([honest()], { store: throwing }), 'current')
  const silent: Store = storeOf(never)
  assert.equal(await codeOf([honest()], { store: silent }), 'current')
  const planted = createMemoryStore()
  const nextYear = { ...head, header: { ...head.header, height: 1_000_000n } }
  for (const block of [nextYear, { ...head, header: { ...head.header, appHash: new Uint8Array(32) } }])
    await planted.put(root.chainId, block)
  assert.equal(await codeOf([honest()], { store: planted }), 'current')
})

test('a clock that is wrong gives an unknown or stale answer, never an invalid one, and never a valid one without ground', async () => {
  const expected: readonly [number, readonly string[]][] = [
    [-400 * 86_400, ['clock-wrong']],
    [-86_400, ['clock-wrong']],
    [-60, ['clock-wrong']],
    [0, ['current']],
    [200, ['current']],
    [400, ['older-proof']],
    [3_500, ['older-proof']],
    [3_700, ['checkpoint-expired']],
    [400 * 86_400, ['checkpoint-expired']],
  ]
  for (const [clock, codes] of expected) {
    const client = await clientOf([honest()], { clock })
    const { kind, code } = await client.verifyRecord(link)
    assert.ok(codes.includes(code), `${clock} s: ${code}`)
    assert.notEqual(kind, 'invalid')
    const missing = await client.verifyRecord(fixture.documents.unknown)
    if (clock > 300 || clock < 0) assert.notEqual(missing.kind, 'invalid', `${clock} s: ${missing.code}`)
    await client.close()
  }
})

test('hostile inputs of every size end in a verdict, quickly', async () => {
  const client = await clientOf([honest()])
  const inputs: readonly (string | Uint8Array)[] = [
    '',
    '~',
    '#',
    '1/',
    `${link}##${link}`,
    link.replace('1/', '1/../'),
    `javascript:alert(1)#${link}x y`,
    'a'.repeat(2_000_000),
    `${'a.b.c'.repeat(100_000)}~`,
    '~'.repeat(2_000_000),
    '\u202e'.repeat(1_000),
    '\ud800',
    new Uint8Array(0),
    new Uint8Array(5_000_000),
    new Uint8Array(1_000).fill(255),
    encodeBundle(bundle).slice(0, -1),
    Uint8Array.from([...encodeBundle(bundle).subarray(0, 60), ...new Uint8Array(9_000_000)]),
  ]
  for (const [index, input] of inputs.entries()) {
    const began = performance.now()
    const { kind } = await client.verifyRecord(input)
    assert.ok(kind === 'unknown' || kind === 'invalid', `input ${index}: ${kind}`)
    assert.ok(performance.now() - began < 2_000, `input ${index}`)
  }
  await client.close()
})

test('closing never fails, whatever a node or its host does', async () => {
  const client = await clientOf([{ ...honest(), close: () => Promise.reject(new Error('closed already')) }], {
    close: () => Promise.reject(new Error('and this')),
  })
  await client.verifyRecord(link)
  await client.close()
})
