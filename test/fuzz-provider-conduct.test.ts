// Providers that keep to no contract: they hang, answer what is no answer, never come to an end, or hold their tongue when
// evidence is handed to them. One honest provider is enough all the same, and none can make the client ask or keep without end.

import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import type { LightBlock } from '../sdk/src/comet/light-block.ts'
import { VerifyError, type VerifyErrorCode } from '../sdk/src/errors.ts'
import { type LightAnswer, LightClient, type LightClientOptions } from '../sdk/src/light/client.ts'
import { bisectionStepsMax, lightPathMax } from '../sdk/src/limits.ts'
import type { LightProvider } from '../sdk/src/provider.ts'
import { addSeconds, type Timestamp } from '../sdk/src/time.ts'
import { blockLies } from './hostile-provider/block-lies.ts'
import { honestProvider } from './hostile-provider/provider.ts'
import { blocks, chainId, crypto, hashes, heights, membersAt, now } from './hostile-provider/story.ts'
import { randomOf } from './mutation/mutate.ts'
import { createSignedChain } from './signed-chain.ts'

after(() => crypto.close())

const day = 86_400n * 1_000_000_000n

function clientOf(
  primary: LightProvider,
  witnesses: readonly LightProvider[] = [],
  over: Partial<LightClientOptions> = {},
): LightClient {
  const trustRoot = { height: 1n, hash: hashes[0]! }
  return new LightClient({ chainId, trustRoot, trustingPeriodNs: day, primary, witnesses, now, crypto, ...over })
}

async function codeOf(call: Promise<LightAnswer>): Promise<VerifyErrorCode | 'verified'> {
  try {
    await call
    return 'verified'
  } catch (error) {
    assert.ok(error instanceof VerifyError, error instanceof Error ? error.stack : String(error))
    return error.code
  }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Lets the clock of timers run until the call is settled; answers its code and the seconds that passed. */
async function timed(
  t: TestContext,
  call: () => Promise<LightAnswer>,
): Promise<{ readonly code: VerifyErrorCode | 'verified'; readonly seconds: number }> {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  try {
    let code: VerifyErrorCode | 'verified' | undefined
    const settled = codeOf(call()).then(said => {
      code = said
    })
    settled.catch(() => {})
    let seconds = 0
    for (; code === undefined && seconds < 600; seconds += 0.25) {
      for (let i = 0; i < 8; i++) await turn()
      t.mock.timers.tick(250)
    }
    if (seconds < 600) await settled
    return { code: code!, seconds }
  } finally {
    t.mock.timers.reset()
  }
}

const never = <T>(): Promise<T> => new Promise(() => {})
const junk: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1n,
  2n ** 70n,
  '',
  'text',
  true,
  [],
  [undefined],
  new Array(5),
  {},
  () => 1,
  new Uint8Array(3),
  { header: {}, commit: {}, validatorSet: {} },
  new Proxy({}, { get: () => assert.fail('a trap') }),
]

for (const method of ['lightBlock', 'lightBlocks', 'lightPath'] as const) {
  for (const mode of ['skipping', 'sequential'] as const) {
    test(`a primary whose ${method} hangs is left for a witness, ${mode}`, async t => {
      const liar = { ...honestProvider(), [method]: never }
      const witnessed = clientOf(liar, [honestProvider()], { mode })
      const { code, seconds } = await timed(t, () => witnessed.verifyAtHeight('latest'))
      assert.equal(code, 'verified')
      assert.equal(witnessed.head()!.height, BigInt(heights))
      assert.ok(seconds <= 70, `${seconds} s`)
      const alone = await timed(t, () => clientOf(liar, [], { mode }).verifyAtHeight('latest'))
      assert.ok(alone.code === 'unavailable' || alone.code === 'verified')
      assert.ok(alone.seconds <= 70, `${alone.seconds} s`)
    })
  }
}

for (const method of ['lightBlock', 'lightBlocks', 'lightPath'] as const) {
  test(`whatever ${method} answers instead, a witness is enough`, async () => {
    for (const [i, answer] of junk.entries()) {
      for (const mode of ['skipping', 'sequential'] as const) {
        for (const target of ['latest', 23n, 3n] as const) {
          const liar = { ...honestProvider(), [method]: async () => answer }
          const trustRoot = { height: 12n, hash: hashes[11]! }
          const client = clientOf(liar, [honestProvider()], { mode, trustRoot })
          assert.equal(await codeOf(client.verifyAtHeight(target)), 'verified', `${i}, ${mode}, ${target}`)
          await codeOf(clientOf(liar, [], { mode, trustRoot }).verifyAtHeight(target))
        }
      }
    }
  })
}

/** Every place of a value, as the way to it. */
function placesOf(value: unknown, way: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [way]
  const inside = Object.entries(value)
    // The first of a list stands for all.
    .filter(([name]) => !Array.isArray(value) || name === '0')
    .flatMap(([name, part]) => placesOf(part, [...way, name]))
  return [way, ...inside]
}

function withPlace(value: unknown, way: readonly string[], put: unknown): unknown {
  const [name, ...rest] = way
  if (name === undefined) return put
  const part = (value as Record<string, unknown>)[name]
  const changed = withPlace(part, rest, put)
  return Array.isArray(value) ? value.with(Number(name), changed) : { ...(value as object), [name]: changed }
}

test('a block with anything at any of its places is refused, or is the true one; a witness is enough', async () => {
  const target = 10
  const places = placesOf(blocks[target - 1])
  assert.ok(places.length > 40)
  for (const place of places) {
    for (const put of junk) {
      const changed = withPlace(blocks[target - 1], place, put) as LightBlock
      const liar = { ...honestProvider(), lightBlock: async () => changed, lightBlocks: async () => [changed] }
      const trustRoot = { height: BigInt(target - 1), hash: hashes[target - 2]! }
      const client = clientOf(liar, [honestProvider()], { trustRoot })
      assert.equal(await codeOf(client.verifyAtHeight(BigInt(target))), 'verified', place.join('.'))
      await codeOf(
        clientOf(liar, [], { trustRoot: { height: BigInt(target), hash: hashes[target - 1]! } }).verifyAtHeight(
          'latest',
        ),
      )
    }
  }
})

test('a chain without end, forged at every height, is given up after few questions', async () => {
  const lie = blockLies['a story of the liar’s own']!
  for (const hints of ['none', 'many', 'one'] as const) {
    let asked = 0
    let paths = 0
    const forge = (height: bigint): LightBlock => {
      asked += 1
      return height === 1n
        ? blocks[0]!
        : lie({ ...blocks[0]!, header: { ...blocks[0]!.header, height, time: addSeconds(now, -1) } }, randomOf(1))
    }
    const liar: LightProvider = {
      ...honestProvider(),
      lightBlock: async height => forge(height === 'latest' ? 2n ** 62n : height),
      lightPath: async ({ from, to }) => {
        paths += 1
        if (hints === 'none') return []
        const count = hints === 'many' ? BigInt(lightPathMax) : 1n
        return Array.from({ length: Number(count) }, (_, i) => from + ((to - from) * (BigInt(i) + 1n)) / (count + 1n))
      },
    }
    assert.notEqual(await codeOf(clientOf(liar).verifyAtHeight('latest')), 'verified')
    assert.ok(asked <= bisectionStepsMax + 8 && paths <= 2, `${asked} blocks and ${paths} paths`)
  }
})

test('a provider that says of itself what only a check can say is not believed', async () => {
  const codes: readonly VerifyErrorCode[] = [
    'conflicting-headers',
    'expired',
    'from-future',
    'rules-changed',
    'checkpoint-expired',
    'wrong-chain',
  ]
  for (const code of codes) {
    const says = async (): Promise<never> => {
      throw new VerifyError(code, 'believe me')
    }
    const liar = { ...honestProvider(), lightBlock: says, lightBlocks: says, lightPath: says }
    assert.equal(await codeOf(clientOf(liar, [honestProvider()]).verifyAtHeight('latest')), 'verified')
    assert.equal(await codeOf(clientOf(liar).verifyAtHeight('latest')), 'unavailable')
  }
})

/** The same validators have signed another story from height 13 on. */
const fork = createSignedChain(
  { chainId, heights, membersAt, appHashAt: height => new Uint8Array(height < 13 ? 0 : 32).fill(9) },
  crypto,
).blocks

function forking(over: Partial<LightProvider> = {}): LightProvider {
  return {
    ...honestProvider(),
    label: 'fork',
    lightBlock: async height => fork[(height === 'latest' ? heights : Number(height)) - 1]!,
    ...over,
  }
}

test('a provider that hangs when evidence is handed to it keeps it from nobody, and is asked once at a time', async t => {
  const taken: unknown[] = []
  let open = 0
  const deaf = forking({
    reportEvidence: () => {
      open += 1
      return never()
    },
  })
  const honest = {
    ...honestProvider(),
    reportEvidence: async (evidence: unknown) => {
      taken.push(evidence)
    },
  }
  const trustRoot = { height: 1n, hash: hashes[0]! }
  const whole = createSignedChain({ chainId, heights, membersAt }, crypto).blocks
  const story = {
    ...honest,
    lightBlock: async (height: bigint | 'latest') => whole[(height === 'latest' ? heights : Number(height)) - 1]!,
  }
  const client = clientOf(deaf, [story], { trustRoot })
  assert.equal((await timed(t, () => client.verifyAtHeight('latest'))).code, 'conflicting-headers')
  for (let i = 0; i < 10; i++) await turn()
  assert.equal((await client.evidence()).length, 2)
  assert.equal(taken.length, 2, 'the honest one has all of it')
  for (let i = 0; i < 40; i++) {
    await client.verifyAtHeight(BigInt(2 + (i % 9)))
    await turn()
  }
  assert.ok(open <= 2, `${open} reports are under way at a provider that never answers`)
})

const clocks: readonly (readonly [number, VerifyErrorCode])[] = [
  [-86_400, 'from-future'],
  [-31_536_000, 'from-future'],
  [86_400, 'expired'],
  [31_536_000, 'expired'],
]

for (const [seconds, code] of clocks) {
  test(`a clock that is wrong by ${seconds} s makes no block true or false: ${code}, whoever answers`, async () => {
    const wrong: Timestamp = addSeconds(now, seconds)
    for (const target of ['latest', 20n] as const) {
      const client = clientOf(honestProvider(), [honestProvider()], { now: wrong })
      assert.equal(await codeOf(client.verifyAtHeight(target)), code)
      assert.deepEqual(await client.evidence(), [])
    }
  })
}

test('a block that differs from the one that was verified at its height is a conflict, never taken for it', async () => {
  const whole = createSignedChain({ chainId, heights, membersAt }, crypto).blocks
  for (const [first, second] of [
    [whole, fork],
    [fork, whole],
  ] as const) {
    const story = (chain: readonly LightBlock[]): LightProvider => ({
      ...honestProvider(),
      label: 'two-faced',
      lightBlock: async height => chain[(height === 'latest' ? heights : Number(height)) - 1]!,
    })
    let told = first
    const twoFaced: LightProvider = { ...story(first), lightBlock: height => story(told).lightBlock(height) }
    const client = clientOf(twoFaced)
    for (const height of [12n, 18n, 20n]) assert.equal(await codeOf(client.verifyAtHeight(height)), 'verified')
    told = second
    // Where the stories are one there is nothing to say.
    assert.equal((await client.verifyBlock(second[11]!, twoFaced)).height, 12n)
    assert.equal(await codeOf(client.verifyBlock(second[19]!, twoFaced)), 'conflicting-headers')
    assert.deepEqual((await client.verifyAtHeight(20n)).block, first[19], 'what was trusted is not replaced')
    const [found] = await client.evidence()
    assert.ok(found?.evidence.type === 'light-client-attack' && found.evidence.byzantineValidators.length >= 3)
    // What can't be proven speaks against nothing.
    const forged = { ...first[19]!, header: second[19]!.header }
    assert.notEqual(await codeOf(client.verifyBlock(forged, twoFaced)), 'conflicting-headers')
    assert.deepEqual(await client.verifyBlock(first[19]!, twoFaced), await client.verifyAtHeight(20n))
  }
})
