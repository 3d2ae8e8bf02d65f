// The light client among providers that agree, lag, lie and fail, on chains made for it.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { chainStart, commitOf, createSignedChain, type Member, validatorSetOf } from '../../../test/signed-chain.ts'
import { headerHash } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { shortenCommit } from '../comet/short-commit.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError, type VerifyErrorCode } from '../errors.ts'
import { providerSyncTimeoutMs } from '../limits.ts'
import type { BlockOptions, LightPath, LightProvider } from '../provider.ts'
import { createMemoryStore } from '../storage/memory.ts'
import { addSeconds } from '../time.ts'
import { LightClient, type LightClientOptions } from './client.ts'
import { planLightPath } from './path.ts'
import { createEstimate } from './pivots.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const heights = 60
const now = addSeconds(chainStart, (heights + 1) * 30)
const day = 86_400n * 1_000_000_000n

/** Nine validators, of which one is replaced every six heights. */
function membersAt(height: number): readonly Member[] {
  return Array.from({ length: 9 }, (_, i) => ({ name: `member ${i + Math.floor(height / 6)}`, power: 10n }))
}

const { blocks } = createSignedChain({ heights, membersAt }, crypto)
/** The same validators have signed another story from height 31 on. */
const forkAt = 31
const otherStory = createSignedChain(
  { heights, membersAt, appHashAt: height => new Uint8Array(height < forkAt ? 0 : 32).fill(7) },
  crypto,
).blocks
const fork = [...blocks.slice(0, forkAt - 1), ...otherStory.slice(forkAt - 1)]

type Served = LightProvider & {
  readonly asked: (bigint | 'latest')[]
  readonly reported: unknown[]
  latest: number
}

type Serving = {
  readonly latest?: number
  readonly shortens?: boolean
  readonly hints?: readonly bigint[]
  readonly takesEvidence?: boolean
}

/** A class instance, as another developer's provider may be: its methods need their `this`. */
class ChainProvider implements Served {
  readonly label: string
  readonly asked: (bigint | 'latest')[] = []
  readonly reported: unknown[] = []
  latest: number
  readonly #chain: readonly LightBlock[]
  readonly #serving: Serving

  constructor(label: string, chain: readonly LightBlock[] = blocks, serving: Serving = {}) {
    this.label = label
    this.#chain = chain
    this.#serving = serving
    this.latest = serving.latest ?? chain.length
    if (serving.hints) Object.assign(this, { lightPath: async () => serving.hints })
  }

  async lightBlock(height: bigint | 'latest', options?: BlockOptions): Promise<LightBlock> {
    options?.signal?.throwIfAborted()
    this.asked.push(height)
    const at = height === 'latest' ? this.latest : Number(height)
    const block = at <= this.latest ? this.#chain[at - 1] : undefined
    if (block === undefined) throw new VerifyError('wrong-height', 'no such height')
    if (!this.#serving.shortens || options?.shortFor === undefined) return block
    // It has forgotten the trusted set, so it keeps what two thirds of the block's own set need.
    return shortenCommit(block, { trustedSet: undefined, trustLevel: options.shortFor.trustLevel })
  }

  async lightBlocks(from: bigint, to: bigint): Promise<readonly LightBlock[]> {
    if (to > BigInt(this.latest)) throw new VerifyError('wrong-height', 'no such height')
    this.asked.push(from)
    return this.#chain.slice(Number(from) - 1, Number(to))
  }

  async validatorSet(): Promise<never> {
    throw new VerifyError('unavailable', 'not served')
  }

  async query(): Promise<never> {
    throw new VerifyError('unavailable', 'not served')
  }

  async submit(): Promise<never> {
    throw new VerifyError('unavailable', 'not served')
  }

  async reportEvidence(evidence: unknown): Promise<void> {
    if (this.#serving.takesEvidence === false) throw new VerifyError('unavailable', 'not now')
    this.reported.push(evidence)
  }
}

const dead = new ChainProvider('nobody', [])

function clientOf(options: Partial<LightClientOptions> = {}): LightClient {
  return new LightClient({
    chainId: 'test-chain',
    trustRoot: { height: 1n, hash: headerHash(blocks[0]!.header, crypto) },
    trustingPeriodNs: day,
    primary: new ChainProvider('primary'),
    witnesses: [],
    store: createMemoryStore(),
    now,
    crypto,
    ...options,
  })
}

function rootAt(height: number): LightClientOptions['trustRoot'] {
  return { height: BigInt(height), hash: headerHash(blocks[height - 1]!.header, crypto) }
}

async function codeOf(call: Promise<unknown>): Promise<VerifyErrorCode | 'verified'> {
  try {
    await call
    return 'verified'
  } catch (error) {
    assert.ok(error instanceof VerifyError, String(error))
    return error.code
  }
}

const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 20))

test('an answer says its height, how much power signed, where trust began and who agreed', async () => {
  const witnesses = [new ChainProvider('one'), new ChainProvider('two'), dead]
  const answer = await clientOf({ witnesses }).verifyAtHeight(50n)
  assert.equal(answer.height, 50n)
  assert.deepEqual(answer.block, blocks[49])
  assert.deepEqual(answer.signedPower, { signed: 70n, total: 90n })
  assert.deepEqual(answer.trustRoot, { height: 1n, ageSeconds: 60 * 30 })
  assert.deepEqual(answer.agreed, ['primary', 'one', 'two'])
  assert.deepEqual([answer.silent, answer.refuted], [['nobody'], []])
})

test('a witness that lags, or gives no answer, holds nothing up and counts for nothing', async () => {
  const hanging: LightProvider = Object.assign(new ChainProvider('hangs'), {
    lightBlock: () => new Promise<LightBlock>(() => {}),
  })
  const lagging = new ChainProvider('lags', blocks, { latest: 20 })
  const answer = await clientOf({ witnesses: [lagging, hanging] }).verifyAtHeight('latest')
  assert.equal(answer.height, 60n)
  assert.deepEqual(answer.agreed, ['primary'])
  assert.deepEqual([answer.silent.toSorted(), answer.refuted], [['hangs', 'lags'], []])
})

test('a primary that never answers is overtaken, for the root’s block too, and is asked last from then on', async () => {
  const hangs = new ChainProvider('hangs')
  let asked = 0
  const hanging: LightProvider = Object.assign(hangs, {
    lightBlock: () => {
      asked++
      return new Promise<LightBlock>(() => {})
    },
  })
  const client = clientOf({ primary: hanging, witnesses: [new ChainProvider('one'), new ChainProvider('two')] })
  const begun = performance.now()
  const answer = await client.verifyAtHeight(1n)
  // Else it would have been waited for until it had used up its whole time.
  assert.ok(performance.now() - begun < providerSyncTimeoutMs / 2)
  assert.deepEqual([answer.agreed, asked], [['one'], 1])
  const later = await client.verifyAtHeight('latest')
  assert.deepEqual([later.agreed, later.silent], [['one', 'two'], ['hangs']])
})

test('a witness that cannot prove what it says is refuted, and the block stands', async () => {
  const invented = new ChainProvider(
    'liar',
    blocks.map(block => ({ ...block, header: { ...block.header, appHash: new Uint8Array(32).fill(1) } })),
  )
  const answer = await clientOf({ witnesses: [invented, new ChainProvider('honest')] }).verifyAtHeight(50n)
  assert.deepEqual(answer.agreed, ['primary', 'honest'])
  assert.deepEqual([answer.silent, answer.refuted], [[], ['liar']])
  const another = await clientOf({ primary: invented, witnesses: [new ChainProvider('honest')] }).verifyAtHeight(
    'latest',
  )
  assert.deepEqual([another.agreed, another.refuted], [['honest'], ['liar']])
})

for (const [lies, primaryStory, witnessStory] of [
  ['primary', fork, blocks],
  ['witness', blocks, fork],
] as const) {
  test(`two stories, both signed: nothing is believed, and there is evidence against both (the ${lies} lies)`, async () => {
    const primary = new ChainProvider('primary', primaryStory)
    const witness = new ChainProvider('witness', witnessStory, { takesEvidence: false })
    const store = createMemoryStore()
    const client = clientOf({ primary, witnesses: [witness], store })
    assert.equal(await codeOf(client.verifyAtHeight('latest')), 'conflicting-headers')
    // Below the fork all is well, and nothing above it was kept.
    assert.equal((await client.verifyAtHeight(30n)).height, 30n)
    assert.ok((await store.newest('test-chain'))!.header.height < forkAt)
    const [againstPrimary, againstWitness, ...more] = await client.evidence()
    assert.ok(againstPrimary && againstWitness && more.length === 0)
    for (const { evidence } of [againstPrimary, againstWitness]) {
      assert.ok(evidence.type === 'light-client-attack')
      assert.ok(evidence.commonHeight < forkAt && evidence.conflictingBlock.header.height >= forkAt)
      assert.ok(evidence.byzantineValidators.length >= 3)
    }
    await settled()
    assert.equal(primary.reported.length, 2)
    assert.deepEqual((await client.evidence())[0]!.takenBy, ['primary'])
  })
}

test('evidence is sent again until every peer has taken it', async () => {
  let takes = false
  const witness = Object.assign(new ChainProvider('witness', fork), {
    reported: [] as unknown[],
    async reportEvidence(evidence: unknown) {
      if (!takes) throw new VerifyError('unavailable', 'not now')
      witness.reported.push(evidence)
    },
  })
  const client = clientOf({ witnesses: [witness] })
  assert.equal(await codeOf(client.verifyAtHeight(50n)), 'conflicting-headers')
  await settled()
  assert.equal(witness.reported.length, 0)
  takes = true
  await client.verifyAtHeight(20n)
  await settled()
  assert.equal(witness.reported.length, 2)
  await client.verifyAtHeight(21n)
  await settled()
  assert.equal(witness.reported.length, 2)
  for (const { takenBy } of await client.evidence()) assert.deepEqual([...takenBy].sort(), ['primary', 'witness'])
})

test('evidence about the newest block names those whose votes a peer has by the time it is sent', async () => {
  const four = ['a', 'b', 'c', 'd'].map(name => ({ name, power: 10n }))
  const [, tip] = createSignedChain({ heights: 2, membersAt: () => four }, crypto).blocks as [LightBlock, LightBlock]
  const [first] = createSignedChain({ heights: 1, membersAt: () => four }, crypto).blocks as [LightBlock]
  const signedBy = (block: LightBlock, names: readonly string[]): LightBlock => ({
    ...block,
    commit: commitOf(block.header, block.validatorSet, names, crypto),
  })
  const everyone = ['a', 'b', 'c', 'd']
  const twin = signedBy({ ...tip, header: { ...tip.header, dataHash: new Uint8Array(32).fill(1) } }, everyone)
  // It refuses what is about its newest block, of which it has three votes so far.
  const stories = [first, signedBy(tip, ['b', 'c', 'd'])]
  const honest = Object.assign(new ChainProvider('honest', stories), {
    async reportEvidence(evidence: { readonly byzantineValidators: readonly unknown[] }) {
      if (evidence.byzantineValidators.length !== 4)
        throw new VerifyError('unavailable', 'expected 4 byzantine validators')
      honest.reported.push(evidence)
    },
  })
  const liar = new ChainProvider('liar', [first, twin], { takesEvidence: false })
  const trustRoot = { height: 1n, hash: headerHash(first.header, crypto) }
  const client = clientOf({ trustRoot, primary: honest, witnesses: [liar], now: addSeconds(chainStart, 90) })
  assert.equal(await codeOf(client.verifyAtHeight(2n)), 'conflicting-headers')
  await client.reportEvidence()
  assert.equal(honest.reported.length, 0)
  stories[1] = signedBy(tip, everyone)
  await client.reportEvidence()
  assert.equal(honest.reported.length, 1)
  assert.deepEqual(
    (await client.evidence()).flatMap(({ takenBy }) => takenBy),
    ['honest'],
  )
})

test('a primary that runs ahead of the world is caught by a witness that has come to its time (forward lunatic)', async () => {
  // Made up by the members of height 30: thirty heights in the time of one.
  const startsAt = addSeconds(chainStart, 29 * 30)
  const plan = { heights, membersAt: () => membersAt(30), startsAt, secondsPerBlock: 1 }
  const hurried = createSignedChain(plan, crypto).blocks
  const ahead = [...blocks.slice(0, 30), ...hurried.slice(30)]
  const root = { height: 30n, hash: headerHash(blocks[29]!.header, crypto) }
  const last = ahead.at(-1)!.header.time
  const witness = new ChainProvider('witness', blocks, { latest: 32 })
  const primary = new ChainProvider('primary', ahead)
  assert.ok(blocks[31]!.header.time.seconds >= last.seconds)
  const client = clientOf({ primary, witnesses: [witness], trustRoot: root })
  assert.equal(await codeOf(client.verifyAtHeight(60n)), 'conflicting-headers')
})

test('a primary that fails, or lies alone, gives its place to a witness', async () => {
  assert.equal((await clientOf({ primary: dead, witnesses: [new ChainProvider('w')] }).verifyAtHeight(50n)).height, 50n)
  const primary = new ChainProvider('liar', blocks.with(49, { ...blocks[49]!, header: blocks[48]!.header }))
  const answer = await clientOf({ primary, witnesses: [new ChainProvider('w')] }).verifyAtHeight(50n)
  assert.deepEqual(answer.agreed, ['w'])
})

test('a root of another hash trusts nothing, whoever confirms it', async () => {
  const trustRoot = { height: 1n, hash: new Uint8Array(32).fill(3) }
  assert.equal(await codeOf(clientOf({ trustRoot }).verifyAtHeight(2n)), 'wrong-hash')
  const elsewhere = { height: 2n, hash: headerHash(blocks[0]!.header, crypto) }
  assert.equal(await codeOf(clientOf({ trustRoot: elsewhere }).verifyAtHeight(3n)), 'wrong-hash')
})

test('a head older than the trusting period is no answer, whether nobody has a newer one or somebody claims to', async () => {
  let at = now
  const client = clientOf({ now: () => at, trustingPeriodNs: 3_600n * 1_000_000_000n, trustRoot: rootAt(50) })
  assert.equal((await client.verifyAtHeight('latest')).height, 60n)
  at = addSeconds(now, 7_200)
  assert.equal(await codeOf(client.verifyAtHeight('latest')), 'expired')
  const behind = new ChainProvider('behind', blocks, { latest: 50 })
  const late = clientOf({
    now: at,
    trustingPeriodNs: 3_600n * 1_000_000_000n,
    trustRoot: rootAt(50),
    witnesses: [behind],
  })
  assert.equal(await codeOf(late.verifyAtHeight('latest')), 'expired')
})

test('time ends trust, and a clock that is behind says so', async () => {
  const later = addSeconds(blocks[0]!.header.time, 86_400)
  assert.equal(await codeOf(clientOf({ now: later }).verifyAtHeight(50n)), 'expired')
  assert.equal(await codeOf(clientOf({ now: addSeconds(chainStart, 600) }).verifyAtHeight(50n)), 'from-future')
  let clock = now
  const client = clientOf({ now: () => clock })
  await client.verifyAtHeight(10n)
  clock = addSeconds(blocks[9]!.header.time, 86_400)
  assert.equal(await codeOf(client.verifyAtHeight(50n)), 'expired')
})

test('a commit that was shortened too far is asked for whole, once', async () => {
  const primary = new ChainProvider('primary', blocks, { shortens: true })
  const store = createMemoryStore()
  const answer = await clientOf({ primary, store, mode: 'skipping' }).verifyAtHeight(60n)
  assert.deepEqual(answer.block.header, blocks[59]!.header)
  const counts = new Map<bigint | 'latest', number>()
  for (const height of primary.asked) counts.set(height, (counts.get(height) ?? 0) + 1)
  assert.ok([...counts.values()].every(count => count <= 2))
  // What was kept is believed again by a second run, which asks for nothing but the newest block.
  const second = new ChainProvider('second', blocks, { shortens: true })
  assert.equal((await clientOf({ primary: second, store }).verifyAtHeight('latest')).height, 60n)
  assert.ok(second.asked.length <= 2, String(second.asked))
})

test('a path that a provider hints at is followed as far as it is true, and a false one costs little', async () => {
  const unhinted = new ChainProvider('primary')
  await clientOf({ primary: unhinted }).verifyAtHeight(60n)
  const hinted = new ChainProvider('primary', blocks, { hints: [35n] })
  await clientOf({ primary: hinted }).verifyAtHeight(60n)
  assert.deepEqual(hinted.asked, [1n, 60n, 35n])
  assert.ok(unhinted.asked.length >= hinted.asked.length)
  for (const hints of [[60n], [0n, 5n], [30n, 20n], [-4n], Array.from({ length: 10_000 }, (_, i) => BigInt(i + 2))]) {
    const misled = new ChainProvider('primary', blocks, { hints })
    assert.equal((await clientOf({ primary: misled }).verifyAtHeight(60n)).height, 60n)
    assert.ok(misled.asked.length < 70)
  }
})

test('where nobody hints, half of the way is tried, or as far as the sets have changed so far', () => {
  const estimate = createEstimate({ numerator: 1n, denominator: 3n })
  const guess = (low: number, high: number): bigint =>
    estimate({
      low: BigInt(low),
      high: BigInt(high),
      validatorSet: validatorSetOf(membersAt(low), crypto),
      validatorsHash: new Uint8Array(0),
    })
  assert.deepEqual([guess(0, 48), guess(0, 24)], [24n, 12n])
  // Two of nine went in twelve heights: six in thirty-six, of which a little is kept in hand.
  assert.equal(guess(12, 400), 12n + 34n)
  // That was too far, so it was no measure.
  assert.equal(guess(12, 46), 12n + 17n)
  assert.equal(guess(29, 31), 30n)
  // Half is never gone beyond.
  assert.equal(guess(30, 40), 35n)
  // Nothing has changed in a step, or everything: then nothing follows from it.
  assert.equal(guess(31, 1_031), 531n)
  assert.equal(guess(200, 1_200), 700n)
})

test('a path that is too long for one answer is asked for again from its end', async () => {
  const asked: (readonly [bigint, bigint])[] = []
  const primary = Object.assign(new ChainProvider('primary'), {
    async lightPath({ from, to }: LightPath) {
      asked.push([from, to])
      return planLightPath(
        { from, to, trustLevel: { numerator: 2n, denominator: 3n } },
        height => blocks[Number(height) - 1],
      ).slice(0, 1)
    },
  })
  assert.equal((await clientOf({ primary }).verifyAtHeight(60n)).height, 60n)
  assert.deepEqual(asked[0], [1n, 60n])
  for (const [i, [from]] of asked.entries()) assert.ok(i === 0 || from > asked[i - 1]![0])
  assert.equal(primary.asked.length, 2 + asked.length, 'a block for each answer, none in vain')
  // One that tells what it told before is asked no more.
  const parrot = new ChainProvider('primary', blocks, { hints: [3n] })
  assert.equal((await clientOf({ primary: parrot }).verifyAtHeight(60n)).height, 60n)
})

test('what a step cannot start from stays whole, so that nothing is asked for twice', () => {
  const [trusted, near, far] = [blocks[0]!, blocks[12]!, blocks[59]!]
  const shortFor = { trustedSet: trusted.validatorSet, trustLevel: { numerator: 1n, denominator: 3n } }
  assert.equal(shortenCommit(near, shortFor).shortened, true)
  assert.equal(shortenCommit(far, shortFor), far)
})

test('one by one, every height is verified and what is kept stays bounded', async () => {
  const primary = new ChainProvider('primary')
  const steps: bigint[] = []
  const client = clientOf({ primary, mode: 'sequential' })
  await client.verifyAtHeight(60n, { onProgress: ({ trustedHeight }) => steps.push(trustedHeight) })
  assert.deepEqual(
    steps,
    Array.from({ length: 59 }, (_, i) => BigInt(i + 2)),
  )
})

test('heights below the root are linked back by hashes, and a forged one is refused', async () => {
  const trustRoot = { height: 40n, hash: headerHash(blocks[39]!.header, crypto) }
  const client = clientOf({ trustRoot })
  assert.equal((await client.verifyAtHeight(12n)).height, 12n)
  const forged = clientOf({ trustRoot, primary: new ChainProvider('p', blocks.with(19, otherStory[40]!)) })
  assert.equal(await codeOf(forged.verifyAtHeight(12n)), 'wrong-height')
  assert.equal(await codeOf(client.verifyAtHeight(0n)), 'wrong-height')
})

test('many that share a store sync once: the others find what the first one verified', async () => {
  let last: Promise<unknown> = Promise.resolve()
  const exclusive = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(run)
    last = turn.catch(() => undefined)
    return turn
  }
  const [store, primary] = [createMemoryStore(), new ChainProvider('primary')]
  const tabs = Array.from({ length: 10 }, () => clientOf({ store, primary, exclusive }))
  const answers = await Promise.all(tabs.map(tab => tab.verifyAtHeight('latest')))
  assert.deepEqual(
    answers.map(({ height }) => height),
    Array.from({ length: 10 }, () => 60n),
  )
  // The root's block and the blocks on the way are asked for once; each asks for the newest, which it must.
  const way = primary.asked.filter(height => height !== 'latest')
  assert.equal(new Set(way).size, way.length)
  assert.equal(primary.asked.length - way.length, 10)
})
