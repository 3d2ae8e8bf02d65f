import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { chainStart, commitOf, createSignedChain, publicKeyOf, validatorSetOf } from '../../../test/signed-chain.ts'
import { checkpointOf, signCheckpointAs } from '../../../test/signed-checkpoint.ts'
import { servingBlocks, stubProvider } from '../../../test/stub-provider.ts'
import { type Header, headerHash } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { validatorsHash } from '../comet/validator-set.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError, type VerifyErrorCode } from '../errors.ts'
import type { Provider } from '../provider.ts'
import { createMemoryStore } from '../storage/memory.ts'
import type { Store } from '../store.ts'
import { addSeconds } from '../time.ts'
import { type ChainOptions, createChain } from './chain.ts'
import { type Checkpoint, type SignedCheckpoint, signedCheckpoint } from './checkpoint.ts'
import type { TrustRoot } from './trust-root.ts'
import { type WatchedChain, watchedChain } from './watched.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

/** Ten validators; one is replaced every ten heights, so that far skips need steps between. */
const membersAt = (height: number) =>
  Array.from({ length: 10 }, (_, i) => ({ name: `validator ${i + Math.floor(height / 10)}`, power: 10n }))
const { blocks } = createSignedChain({ heights: 120, membersAt }, crypto)
const at = (height: number): LightBlock => blocks[height - 1]!
const now = addSeconds(chainStart, 121 * 30)

const root: TrustRoot = {
  chainId: 'test-chain',
  genesisHash: new Uint8Array(32).fill(7),
  checkpointKeys: { k: 1, keys: [publicKeyOf('court', crypto)] },
  witnesses: { k: 0, keys: [] },
  trustLevel: { numerator: 2n, denominator: 3n },
  trustingPeriodSeconds: 86_400,
}

function checkpointAt(height: number, change: Partial<Checkpoint> = {}): SignedCheckpoint {
  return signedOf(at(height), change)
}

function signedOf({ header }: LightBlock, change: Partial<Checkpoint> = {}): SignedCheckpoint {
  const value = checkpointOf(header, root, { hasher: crypto, expiresAt: addSeconds(now, 3_600), ...change })
  return signCheckpointAs(['court'], value, crypto)
}

type Served = Provider & { readonly asked: bigint[]; latest: number }

/** Serves a chain up to a height; `change` lets it lie. */
function providerOf(latest = 120, change: (block: LightBlock) => LightBlock = block => block, chain = blocks): Served {
  const asked: bigint[] = []
  const provider: Served = {
    ...stubProvider(
      servingBlocks(async (range, options) => {
        options?.signal?.throwIfAborted()
        const { from, to } = range === 'latest' ? { from: BigInt(provider.latest), to: BigInt(provider.latest) } : range
        if (to > BigInt(provider.latest)) throw new VerifyError('unavailable', 'no such height')
        const served: LightBlock[] = []
        for (let height = from; height <= to; height++) {
          asked.push(height)
          served.push(change(chain[Number(height) - 1]!))
        }
        return served
      }),
    ),
    asked,
    latest,
  }
  return provider
}

const dead: Provider = stubProvider()

function clientOf(options: Partial<ChainOptions> = {}): WatchedChain {
  return watchedChain(
    createChain({
      root,
      checkpoint: checkpointAt(10),
      providers: [providerOf()],
      store: createMemoryStore(),
      crypto,
      now: () => now,
      ...options,
    }),
  )
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

/** Counts signatures that were checked. */
function counting(): Crypto & { readonly messages: string[] } {
  const messages: string[] = []
  return {
    ...crypto,
    messages,
    verifyEd25519(items, options) {
      messages.push(...items.map(({ message, publicKey }) => `${message} ${publicKey}`))
      return crypto.verifyEd25519(items, options)
    },
  }
}

test('the newest block is reached by few steps, none verified twice, each kept', async () => {
  const [provider, store, counted] = [providerOf(), createMemoryStore(), counting()]
  const progress: string[] = []
  const client = clientOf({ providers: [provider], store, crypto: counted })
  assert.equal(client.head(), undefined)
  const head = await client.newest({
    onProgress: ({ steps, trustedHeight }) => progress.push(`${steps}: ${trustedHeight}`),
  })
  assert.equal(head.block.header.height, 120n)
  assert.equal(client.head()!.block, head.block)
  assert.deepEqual(head.signedPower, { signed: 70n, total: 100n })
  assert.equal(new Set(provider.asked).size, provider.asked.length)
  assert.equal(new Set(counted.messages).size, counted.messages.length)
  assert.ok(provider.asked.length < 12, String(provider.asked))
  assert.equal(progress.at(-1)!.split(': ')[1], '120')
  for (const height of new Set(provider.asked)) assert.ok(await store.get('test-chain', height))
})

test('sequential mode looks at every height', async () => {
  const provider = providerOf(80)
  const head = await clientOf({ providers: [provider], mode: 'sequential' }).newest()
  assert.equal(head.block.header.height, 80n)
  for (let height = 10n; height <= 80n; height++) assert.ok(provider.asked.includes(height))
})

test('any height is trusted: between, above, and below the checkpoint by hash links', async () => {
  const client = clientOf()
  for (const height of [10n, 60n, 61n, 119n, 30n, 9n, 1n]) {
    const { block } = await client.trustedAt(height)
    assert.deepEqual(block.header, at(Number(height)).header)
  }
  assert.equal(await codeOf(client.trustedAt(0n)), 'wrong-height')
  assert.equal(await codeOf(client.trustedAt(121n)), 'unavailable')
})

test('the newest trusted head only rises, whatever a provider says later', async () => {
  const provider = providerOf(100)
  const client = clientOf({ providers: [provider] })
  assert.equal((await client.newest()).block.header.height, 100n)
  provider.latest = 50
  assert.equal((await client.newest()).block.header.height, 100n)
  assert.equal((await client.trustedAt(40n)).block.header.height, 40n)
  assert.equal(client.head()!.block.header.height, 100n)
  provider.latest = 101
  assert.equal((await client.newest()).block.header.height, 101n)
})

test('what was answered last is known without asking anybody', async () => {
  const provider = providerOf(40)
  const client = clientOf({ providers: [provider] })
  assert.equal(client.lastNewest(), undefined)
  await client.newest()
  const asked = provider.asked.length
  assert.deepEqual([client.lastNewest()?.height, client.lastNewest()?.witnesses], [40n, []])
  assert.equal(provider.asked.length, asked)
  // A block of another height is no newest one.
  await client.trustedAt(20n)
  assert.equal(client.lastNewest()?.height, 40n)
})

test('a second run starts from what the first one verified', async () => {
  const store = createMemoryStore()
  await clientOf({ store }).newest()
  const provider = providerOf()
  const head = await clientOf({ store, providers: [provider] }).newest()
  assert.equal(head.block.header.height, 120n)
  assert.deepEqual(provider.asked, [120n])
  const lagging = await clientOf({ store, providers: [providerOf(20)] }).newest()
  assert.equal(lagging.block.header.height, 120n)
})

/** A block that an attacker made up and signed with keys of its own. */
function forged(height: number): LightBlock {
  const validatorSet = validatorSetOf(
    membersAt(height).map(({ name, power }) => ({ name: `evil ${name}`, power })),
    crypto,
  )
  const header: Header = { ...at(height).header, validatorsHash: validatorsHash(validatorSet, crypto) }
  const names = membersAt(height).map(({ name }) => `evil ${name}`)
  return { header, validatorSet, commit: commitOf(header, validatorSet, names, crypto) }
}

test('a planted store is not believed', async () => {
  const planted: readonly (readonly LightBlock[])[] = [
    [forged(120)],
    [forged(10), forged(11), forged(120)],
    [at(10), forged(15), forged(120)],
    [{ ...at(120), header: { ...at(120).header, appHash: new Uint8Array(32) } }],
    [{ ...at(10), commit: { ...at(10).commit, signatures: [] } }],
  ]
  for (const lies of planted) {
    const store = createMemoryStore()
    for (const block of lies) await store.put('test-chain', block)
    const client = clientOf({ store, providers: [providerOf(100)] })
    const head = await client.newest()
    assert.deepEqual(head.block.header, at(100).header)
    assert.deepEqual((await client.trustedAt(15n)).block.header, at(15).header)
    // What was planted is gone.
    assert.deepEqual((await store.newest('test-chain'))!.header, at(100).header)
  }
})

test('a store that fails changes no verdict', async () => {
  const broken: Store = new Proxy(createMemoryStore(), {
    get: () => async () => {
      throw new Error('quota exceeded')
    },
  })
  assert.equal((await clientOf({ store: broken }).newest()).block.header.height, 120n)
})

test('when a provider is silent, the next is asked', async () => {
  assert.equal((await clientOf({ providers: [dead, providerOf()] }).newest()).block.header.height, 120n)
  assert.equal((await clientOf({ providers: [dead, providerOf()] }).trustedAt(50n)).block.header.height, 50n)
  assert.equal(await codeOf(clientOf({ providers: [dead, dead] }).newest()), 'unavailable')
})

test('a provider that holds back its newest block is outvoted by one that does not', async () => {
  const head = await clientOf({ providers: [providerOf(40), providerOf(110), providerOf(90)] }).newest()
  assert.equal(head.block.header.height, 110n)
})

test('a lying provider is passed over, and its lie is told only where nobody knows better', async () => {
  const liar = providerOf(120, block => (block.header.height > 10n ? forged(Number(block.header.height)) : block))
  assert.deepEqual((await clientOf({ providers: [liar, providerOf(100)] }).newest()).block.header, at(100).header)
  assert.deepEqual((await clientOf({ providers: [liar, providerOf()] }).trustedAt(70n)).block.header, at(70).header)
  assert.equal(await codeOf(clientOf({ providers: [liar] }).newest()), 'wrong-hash')
  const client = clientOf({ providers: [liar, dead] })
  assert.equal(await codeOf(client.newest()), 'wrong-hash')
  assert.equal(client.head()!.block.header.height, 10n)
})

test('a provider that answers with other heights is refused', async () => {
  const shifted: Provider = stubProvider(servingBlocks(async () => [at(50)]))
  assert.equal(await codeOf(clientOf({ providers: [shifted] }).newest()), 'wrong-height')
  const empty: Provider = stubProvider(servingBlocks(async () => []))
  assert.equal(await codeOf(clientOf({ providers: [empty] }).newest()), 'wrong-height')
})

test('a claim of a far height costs a bounded number of questions', async () => {
  const asked: bigint[] = []
  const far: Provider = stubProvider(
    servingBlocks(async range => {
      const height = range === 'latest' ? 2n ** 62n : range.from
      asked.push(height)
      if (height <= 10n) return [at(10)]
      const { validatorSet } = forged(20)
      const header = { ...at(20).header, height, validatorsHash: validatorsHash(validatorSet, crypto) }
      const names = membersAt(20).map(({ name }) => `evil ${name}`)
      return [{ header, validatorSet, commit: commitOf(header, validatorSet, names, crypto) }]
    }),
  )
  assert.notEqual(await codeOf(clientOf({ providers: [far] }).newest()), 'verified')
  assert.ok(asked.length < 260)
})

test('trust that is too old says so', async () => {
  const later = addSeconds(at(10).header.time, root.trustingPeriodSeconds)
  const live = checkpointAt(10, { expiresAt: addSeconds(later, 60) })
  assert.equal(await codeOf(clientOf({ checkpoint: live, now: () => later }).newest()), 'expired')
  assert.equal(await codeOf(clientOf({ now: () => addSeconds(now, 3_600) }).newest()), 'checkpoint-expired')
})

test('a checkpoint runs out also while the client runs', async () => {
  let clock = now
  const client = clientOf({ now: () => clock })
  await client.newest()
  clock = addSeconds(now, 3_600)
  assert.equal(await codeOf(client.newest()), 'checkpoint-expired')
  assert.equal(await codeOf(client.trustedAt(120n)), 'checkpoint-expired')
})

test('before a checkpoint runs out a newer one is taken from a node, and kept for the next run', async () => {
  const store = createMemoryStore()
  let clock = now
  const fresh = checkpointAt(100, { sequence: 2n, expiresAt: addSeconds(now, 30 * 86_400) })
  const serving: Provider = { ...providerOf(), checkpoint: async () => signedCheckpoint.encode(fresh) }
  const client = clientOf({ store, providers: [serving], now: () => clock })
  await client.newest()
  assert.equal(await store.checkpoint('test-chain'), undefined)
  // Past two thirds of its life.
  clock = addSeconds(now, 3_000)
  await client.newest()
  await new Promise(resolve => setTimeout(resolve, 20))
  assert.deepEqual(await store.checkpoint('test-chain'), signedCheckpoint.encode(fresh))
  clock = addSeconds(now, 3_700)
  assert.equal((await client.newest()).height, 120n)
  assert.equal((await clientOf({ store, now: () => clock }).newest()).height, 120n)
})

test('a checkpoint that has run out is replaced by what a node hands on, if enough bodies signed it', async () => {
  const later = addSeconds(now, 3_700)
  const fresh = checkpointAt(100, { sequence: 2n, expiresAt: addSeconds(now, 30 * 86_400) })
  const handing = (signed: SignedCheckpoint): Provider => ({
    ...providerOf(),
    checkpoint: async () => signedCheckpoint.encode(signed),
  })
  const at = (signed: SignedCheckpoint): Promise<unknown> =>
    clientOf({ providers: [handing(signed)], now: () => later }).newest()
  assert.equal(await codeOf(at(fresh)), 'verified')
  assert.equal(await codeOf(at({ ...fresh, signatures: [] })), 'checkpoint-expired')
  assert.equal(await codeOf(at(checkpointAt(100))), 'checkpoint-expired')
  const noise: Provider = { ...providerOf(), checkpoint: async () => new Uint8Array([1, 2, 3]) }
  assert.equal(await codeOf(clientOf({ providers: [noise], now: () => later }).newest()), 'checkpoint-expired')
})

test('a checkpoint of another chain, or one that nobody signed, trusts nothing', async () => {
  const strange = checkpointAt(10, { genesisHash: new Uint8Array(32) })
  assert.equal(await codeOf(clientOf({ checkpoint: strange }).newest()), 'wrong-chain')
  const unsigned = { ...checkpointAt(10), signatures: [] }
  assert.equal(await codeOf(clientOf({ checkpoint: unsigned }).newest()), 'checkpoint-invalid')
})

test('the checkpoint’s block must be the one it names, with the validators it names', async () => {
  const other = checkpointAt(10, { headerHash: new Uint8Array(32).fill(1) })
  assert.equal(await codeOf(clientOf({ checkpoint: other }).newest()), 'wrong-hash')
  const odd = checkpointAt(10, { nextValidatorsHash: new Uint8Array(32) })
  assert.equal(await codeOf(clientOf({ checkpoint: odd }).newest()), 'checkpoint-invalid')
})

test('keys that the checkpoint names as compromised carry nobody further', async () => {
  const stolen = membersAt(120)
    .slice(0, 5)
    .map(({ name }) => publicKeyOf(name, crypto))
  const client = clientOf({ checkpoint: checkpointAt(110, { compromisedKeys: stolen }) })
  assert.equal(await codeOf(client.newest()), 'insufficient-power')
})

describe('a takeover: four bodies go on at height 61 where one signer was alone', () => {
  const alone = [{ name: 'old operator', power: 10n }]
  const bodies = ['treasury', 'court', 'archive', 'university'].map(name => ({ name, power: 10n }))
  const honest = createSignedChain({ heights: 120, membersAt: height => (height > 60 ? bodies : alone) }, crypto).blocks
  // The old key is stolen, and goes on from height 50 with a history of its own.
  const mark = new Uint8Array(32).fill(6)
  const appHashAt = (height: number): Uint8Array => (height > 50 ? mark : new Uint8Array())
  const forged = createSignedChain({ heights: 120, membersAt: () => alone, appHashAt }, crypto).blocks
  const serve = (chain: readonly LightBlock[]): Provider => providerOf(chain.length, undefined, chain)
  const before = signedOf(honest[9]!)
  const takeover = signedOf(honest[60]!, { sequence: 2n })

  test('until it is known, whoever has the old key tells any story, and another provider shows that there are two', async () => {
    const deceived = clientOf({ checkpoint: before, providers: [serve(forged)] })
    assert.equal((await deceived.newest()).height, 120n)
    const told = clientOf({ checkpoint: before, providers: [serve(forged), serve(honest)] })
    assert.equal(told.isContradicted(), false)
    assert.equal(await codeOf(told.newest()), 'conflicting-headers')
    assert.equal(told.isContradicted(), true)
    assert.equal(deceived.isContradicted(), false)
  })

  test('its checkpoint ends that, in a release or in the store of a client that has seen it', async () => {
    const released = clientOf({ checkpoint: takeover, providers: [serve(forged)] })
    assert.notEqual(await codeOf(released.newest()), 'verified')
    const store = createMemoryStore()
    await store.putCheckpoint('test-chain', signedCheckpoint.encode(takeover))
    const warned = clientOf({ checkpoint: before, store, providers: [serve(forged)] })
    assert.notEqual(await codeOf(warned.newest()), 'verified')
    const both = clientOf({ checkpoint: before, store, providers: [serve(forged), serve(honest)] })
    assert.deepEqual(headerHash((await both.newest()).block.header, crypto), headerHash(honest[119]!.header, crypto))
  })

  test('below it only that story counts from which the hashes above lead down', async () => {
    const client = clientOf({ checkpoint: takeover, providers: [serve(forged), serve(honest)] })
    const below = await client.trustedAt(55n)
    assert.deepEqual(headerHash(below.block.header, crypto), headerHash(honest[54]!.header, crypto))
    assert.notEqual(
      await codeOf(clientOf({ checkpoint: takeover, providers: [serve(forged)] }).trustedAt(55n)),
      'verified',
    )
  })
})

test('two calls at once verify nothing twice', async () => {
  const [provider, counted] = [providerOf(), counting()]
  const client = clientOf({ providers: [provider], crypto: counted })
  const [head, also, between] = await Promise.all([client.newest(), client.newest(), client.trustedAt(120n)])
  assert.equal(head.block, also.block)
  assert.equal(head.block, between.block)
  assert.equal(new Set(counted.messages).size, counted.messages.length)
})

test('a call that is called off rejects with its reason, and the next one goes on', async () => {
  const client = clientOf()
  const controller = new AbortController()
  const reason = new Error('enough')
  const call = client.newest({ signal: controller.signal, onProgress: () => controller.abort(reason) })
  await assert.rejects(call, error => error === reason)
  const reached = client.head()!.block.header.height
  assert.ok(reached >= 10n)
  assert.equal((await client.newest()).block.header.height, 120n)
})
