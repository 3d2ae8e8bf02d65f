// Heads that named witnesses have cosigned, and the history log: what a chain with them believes, and what it does not.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createHistoryChain, flipped, type HistoryChain } from '../../../test/history-chain.ts'
import { chainStart, publicKeyOf } from '../../../test/signed-chain.ts'
import { checkpointOf, signCheckpointAs } from '../../../test/signed-checkpoint.ts'
import { stubProvider } from '../../../test/stub-provider.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError, type VerifyErrorCode } from '../errors.ts'
import type { Provider, WitnessedHead } from '../provider.ts'
import { createMemoryStore } from '../storage/memory.ts'
import { addSeconds } from '../time.ts'
import { type Chain, type ChainOptions, createChain } from './chain.ts'
import type { SignedCheckpoint } from './checkpoint.ts'
import { verifyHistory, verifyOldBlock } from './history.ts'
import type { TrustRoot } from './trust-root.ts'
import { verifyWitnessedHead } from './witnessed.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const membersAt = (): { name: string; power: bigint }[] => [{ name: 'operator', power: 1n }]
const heights = 40
const honest = createHistoryChain({ heights, membersAt }, crypto)
/** The operator's other story: the same up to height 20. */
const rewritten = createHistoryChain(
  { heights, membersAt, stateRootAt: height => crypto.sha256(new Uint8Array([height, height > 20 ? 1 : 0])) },
  crypto,
)
const now = addSeconds(chainStart, (heights + 1) * 30)

const root: TrustRoot = {
  chainId: 'test-chain',
  genesisHash: honest.genesisHash,
  checkpointKeys: { k: 1, keys: [publicKeyOf('court', crypto)] },
  witnesses: {
    k: 2,
    keys: ['court', 'university', 'archive'].map(name => ({ name, key: publicKeyOf(name, crypto) })),
  },
  trustLevel: { numerator: 2n, denominator: 3n },
  trustingPeriodSeconds: 86_400,
}

function checkpointAt({ blocks }: HistoryChain, height = 10): SignedCheckpoint {
  const { header } = blocks[height - 1]!
  const value = checkpointOf(header, root, { hasher: crypto, expiresAt: addSeconds(now, 3_600) })
  return signCheckpointAs(['court'], value, crypto)
}

function chainOf(providers: readonly Provider[], over: Partial<ChainOptions> = {}): Chain {
  return createChain({
    root,
    checkpoint: checkpointAt(honest),
    providers,
    store: createMemoryStore(),
    crypto,
    now: () => now,
    ...over,
  })
}

const node = (over: Partial<Provider> = {}, latest = heights, witnesses = ['court', 'archive']): Provider =>
  stubProvider({ ...honest.serves(latest, witnesses), ...over })

async function codeOf(call: Promise<unknown>): Promise<VerifyErrorCode | 'verified'> {
  try {
    await call
    return 'verified'
  } catch (error) {
    assert.ok(error instanceof VerifyError, String(error))
    return error.code
  }
}

async function namesIn(answer: WitnessedHead): Promise<readonly string[] | VerifyErrorCode> {
  const verified = await verifyWitnessedHead({ answer, root }, crypto)
  return verified.kind === 'verified' ? verified.names : verified.code
}

test('a head counts as witnessed by those named bodies that cosigned this very block', async () => {
  assert.deepEqual(await namesIn(honest.witnessedHead(40, ['court', 'archive'])), ['court', 'archive'])
  assert.deepEqual(await namesIn(honest.witnessedHead(40, ['archive', 'archive', 'neighbour'])), ['archive'])
  assert.deepEqual(await namesIn(honest.witnessedHead(40, [])), [])
  const head = honest.witnessedHead(40, ['court', 'archive'])
  const older = honest.witnessedHead(39, ['court', 'archive'])
  for (const [forged, code] of [
    [{ ...head, block: older.block }, 'wrong-height'],
    [{ ...head, note: older.note }, 'wrong-height'],
    [
      { ...head, block: { ...head.block, header: { ...head.block.header, appHash: new Uint8Array(32) } } },
      'wrong-root',
    ],
    [{ ...head, block: rewritten.blocks[39]! }, 'wrong-root'],
    [{ ...head, inclusion: head.inclusion.slice(1) }, 'invalid-proof'],
    [{ ...head, inclusion: head.inclusion.map(flipped) }, 'wrong-root'],
  ] as const) {
    assert.equal(await namesIn(forged), code)
  }
  // A changed body is what nobody signed.
  assert.deepEqual(await namesIn({ ...rewritten.witnessedHead(40, ['court']), note: head.note }), 'wrong-root')
  const other = { ...root, genesisHash: new Uint8Array(32) }
  const elsewhere = await verifyWitnessedHead({ answer: head, root: other }, crypto)
  assert.equal(elsewhere.kind === 'invalid' && elsewhere.code, 'wrong-chain')
})

test('a witness whose clock is more than a minute from the header has not confirmed its date', async () => {
  for (const [skew, counts] of [
    [60, true],
    [-60, true],
    [61, false],
    [-61, false],
    [4 * 86_400, false],
  ] as const) {
    assert.deepEqual(await namesIn(honest.witnessedHead(40, ['court'], skew)), counts ? ['court'] : [])
  }
})

test('the newest head that enough witnesses cosigned is taken, and says who they are', async () => {
  const head = await chainOf([node()]).newest()
  assert.equal(head.height, 40n)
  assert.deepEqual(head.witnesses, ['court', 'archive'])
})

test('where witnesses lag, an older head that they cosigned is better than a newer one that nobody did', async () => {
  const lagging = node({ witnessedHead: async () => honest.witnessedHead(38, ['court', 'university']) })
  const head = await chainOf([lagging]).newest()
  assert.deepEqual([head.height, head.witnesses], [38n, ['court', 'university']])
})

test('with too few witnesses the newest head is taken, and names none', async () => {
  for (const witnesses of [[], ['court'], ['court', 'neighbour']]) {
    const head = await chainOf([node({}, 40, witnesses)]).newest()
    assert.deepEqual([head.height, head.witnesses], [40n, []])
  }
  const silent = node({ witnessedHead: async () => Promise.reject(new VerifyError('unavailable', 'none')) })
  assert.deepEqual((await chainOf([silent]).newest()).witnesses, [])
})

test('a witnessed head never goes back, whatever a node says later', async () => {
  let latest = 40
  const turning = node({ witnessedHead: async () => honest.witnessedHead(latest, ['court', 'archive']) })
  const chain = chainOf([turning])
  assert.equal((await chain.newest()).height, 40n)
  latest = 35
  assert.equal((await chain.newest()).height, 40n)
})

test('witnesses do not stand in for validators: a cosigned block that the set did not sign is refused', async () => {
  const strangers = createHistoryChain({ heights, membersAt: () => [{ name: 'stranger', power: 1n }] }, crypto)
  const forged = strangers.witnessedHead(40, ['court', 'archive', 'university'])
  const lying = node({ witnessedHead: async () => forged })
  const head = await chainOf([lying, node()]).newest()
  assert.deepEqual(head.block.header, honest.blocks[39]!.header)
})

test('the history under a head must continue the one under the head before', async () => {
  let story: HistoryChain = honest
  let latest = 18
  const turning = stubProvider({
    lightBlock: async height => story.blocks[(height === 'latest' ? latest : Number(height)) - 1]!,
    history: async query => story.history(query),
    witnessedHead: async () => story.witnessedHead(latest, ['court', 'archive']),
  })
  const chain = chainOf([turning])
  await chain.confirmHistory(await chain.newest())
  latest = 19
  await chain.confirmHistory(await chain.newest())
  latest = 30
  await chain.confirmHistory(await chain.newest())
  // The operator's other story, whose old blocks are others: signed by the same key, even cosigned.
  story = rewritten
  latest = 31
  assert.equal(await codeOf(chain.newest().then(head => chain.confirmHistory(head))), 'conflicting-headers')
})

test('a history that is forged, of another size, or of another header is refused', () => {
  const { header } = honest.blocks[39]!
  const trusted = header as unknown as Parameters<typeof verifyHistory>[0]['header']
  const first = verifyHistory(
    { header: honest.blocks[9]!.header as never, answer: honest.history({ height: 10n }) },
    crypto,
  )
  assert.ok(first.kind === 'verified' && first.head.size === 10n)
  const old = first.head
  const answer = honest.history({ height: 40n, oldSize: 10n })
  assert.equal(verifyHistory({ header: trusted, answer, old }, crypto).kind, 'verified')
  for (const forged of [
    { ...answer, consistency: answer.consistency.map(flipped) },
    { ...answer, consistency: [] },
    honest.history({ height: 40n, oldSize: 11n }),
    honest.history({ height: 39n, oldSize: 10n }),
    rewritten.history({ height: 40n, oldSize: 10n }),
    { ...answer, store: { ...answer.store, value: flipped(answer.store.value) } },
  ]) {
    assert.equal(verifyHistory({ header: trusted, answer: forged, old }, crypto).kind, 'invalid')
  }
})

test('a block of any age is proved in one question, by the log and by its own commit', async () => {
  const asked: string[] = []
  const recording = node({
    history: async query => {
      asked.push(`history ${query.leaf ?? ''}`)
      return honest.history(query)
    },
  })
  const chain = chainOf([recording])
  await chain.newest()
  const { block } = await chain.trustedAt(3n)
  assert.deepEqual(block.header, honest.blocks[2]!.header)
  assert.deepEqual(asked, ['history 3'])
})

test('an old block counts only where the log has it at its height and its own set signed it', async () => {
  const header = honest.blocks[39]!.header as unknown as Parameters<typeof verifyOldBlock>[0]['header']
  const chainId = 'test-chain'
  const at = (height: number): (typeof honest.blocks)[number] => honest.blocks[height - 1]!
  const answer = honest.history({ height: 40n, leaf: 3n })
  const given = { header, answer, chainId, untrusted: at(3), height: 3n }
  assert.equal((await verifyOldBlock(given, crypto)).kind, 'verified')
  const unsigned = { ...at(3), commit: { ...at(3).commit, signatures: at(4).commit.signatures } }
  for (const [forged, code] of [
    [{ ...given, untrusted: at(4) }, 'wrong-height'],
    [{ ...given, untrusted: rewritten.blocks[2]! }, 'wrong-root'],
    [{ ...given, untrusted: at(4), height: 4n }, 'wrong-root'],
    [{ ...given, untrusted: unsigned }, 'bad-signature'],
    [{ ...given, answer: honest.history({ height: 39n, leaf: 3n }) }, 'wrong-root'],
    [{ ...given, chainId: 'other-chain' }, 'wrong-chain'],
  ] as const) {
    const refused = await verifyOldBlock(forged, crypto)
    assert.equal(refused.kind === 'verified' ? 'verified' : refused.code, code)
  }
})
