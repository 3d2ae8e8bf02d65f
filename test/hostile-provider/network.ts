// One of our own networks with a small history: witnesses that cosign every fourth head, a log, a state with some entries and
// checkpoints; and what is true of it.

import { formatHex } from '../../sdk/src/bytes.ts'
import { headerHash } from '../../sdk/src/comet/header.ts'
import { VerifyError } from '../../sdk/src/errors.ts'
import type { CommitmentProof, ExistenceProof } from '../../sdk/src/ics23/proof.ts'
import type { QueryAnswer } from '../../sdk/src/ics23/state.ts'
import { type SignedCheckpoint, signedCheckpoint } from '../../sdk/src/light/checkpoint.ts'
import type { TrustRoot } from '../../sdk/src/light/trust-root.ts'
import type { HistoryQuery, Provider } from '../../sdk/src/provider.ts'
import { addSeconds, type Timestamp } from '../../sdk/src/time.ts'
import { createHistoryChain } from '../history-chain.ts'
import type { Random } from '../mutation/mutate.ts'
import { chainStart, type Member, publicKeyOf } from '../signed-chain.ts'
import { checkpointOf, signCheckpointAs } from '../signed-checkpoint.ts'
import { createSmallTree } from '../small-tree.ts'
import { stubProvider } from '../stub-provider.ts'
import { crypto } from './story.ts'

export const heights = 24
export const now: Timestamp = addSeconds(chainStart, (heights + 1) * 30)
const chainId = 'test-chain'
const tree = createSmallTree(crypto)

const membersAt = (height: number): readonly Member[] =>
  Array.from({ length: 4 }, (_, i) => ({ name: `office ${i + Math.floor(height / 9)}`, power: 10n }))

/** At each height the entry has another value. */
const entriesAt = (height: number) =>
  Array.from({ length: 6 }, (_, i) => tree.entry(`entry ${i}`, `${i} at ${Math.floor(height / 2)}`))

const rootAt = (height: number): Uint8Array => tree.rootOf(entriesAt(height))
const story = createHistoryChain({ chainId, heights, membersAt, stateRootAt: rootAt }, crypto)
export const { blocks } = story
export const hashes: readonly Uint8Array[] = blocks.map(({ header }) => headerHash(header, crypto))

export const keys: readonly Uint8Array[] = ['entry 2', 'no such entry', 'entry 5'].map(key => tree.entry(key, '').key)
/** Under the header of a height. */
export function valuesAt(height: number): readonly (Uint8Array | undefined)[] {
  const entries = entriesAt(height)
  return keys.map(key => entries.find(entry => String(entry.key) === String(key))?.value)
}

export const root: TrustRoot = {
  chainId,
  genesisHash: story.genesisHash,
  checkpointKeys: { k: 2, keys: ['body one', 'body two', 'body three'].map(name => publicKeyOf(name, crypto)) },
  witnesses: {
    k: 2,
    keys: ['court', 'university', 'archive'].map(name => ({ name, key: publicKeyOf(name, crypto) })),
  },
  trustLevel: { numerator: 2n, denominator: 3n },
  trustingPeriodSeconds: 86_400,
}

/** Who cosigned the head of a height. */
export function witnessesOf(height: number): readonly string[] {
  return height % 4 === 0 ? ['court', 'university'] : ['court']
}

export function checkpointAt(
  height: number,
  life: { readonly from: Timestamp; readonly seconds: number },
): SignedCheckpoint {
  const told = { issuedAt: life.from, expiresAt: addSeconds(life.from, life.seconds), sequence: BigInt(height) }
  const value = checkpointOf(blocks[height - 1]!.header, root, { hasher: crypto, ...told })
  return signCheckpointAs(['body one', 'body two'], value, crypto)
}

const newestCheckpoint = signedCheckpoint.encode(checkpointAt(16, { from: addSeconds(now, -60), seconds: 3_600 }))

function stateAt(height: number, asked: readonly Uint8Array[]): QueryAnswer {
  const entries = entriesAt(height)
  const history = story.history({ height: BigInt(height) }).store.value
  return {
    height: BigInt(height - 1),
    stores: [tree.stores({ history, state: tree.rootOf(entries) }).state],
    proofs: asked.map(key => tree.answer(entries, key)),
    related: [{ key: keys[0]!, proof: tree.answer(entries, keys[0]!) }],
  }
}

/** Under a true root: what is there is shown as absent, between neighbours that are none, or as another entry; or is old. */
export function forgedState(random: Random): QueryAnswer {
  const height = random(2) === 0 ? heights - (heights % 4) : 2 + random(heights - 1)
  const answer = stateAt(height, keys)
  const entries = entriesAt(height)
  const some = (): ExistenceProof | undefined =>
    random(5) === 0 ? undefined : tree.prove(entries, entries[random(6)]!)
  const at = random(keys.length)
  const forged: CommitmentProof =
    random(4) === 0
      ? { exist: some(), nonexist: undefined }
      : { exist: undefined, nonexist: { key: keys[at]!, left: some(), right: some() } }
  return { ...answer, height: BigInt(heights - 1), proofs: answer.proofs.with(at, forged) }
}

/** Answers are made once: thousands of readings ask for the same. */
const made = new Map<string, unknown>()

function once<T>(name: string, make: () => T): T {
  if (!made.has(name)) made.set(name, make())
  return made.get(name) as T
}

/** Knows all of it up to a height. */
export function honestNode(latest = heights): Provider {
  const inBounds = (height: bigint): number => {
    if (height < 1n || height > BigInt(latest)) throw new VerifyError('wrong-height', 'no such height')
    return Number(height)
  }
  return stubProvider({
    ...story.serves(latest, []),
    label: 'honest',
    async lightBlock(height) {
      return blocks[(height === 'latest' ? latest : inBounds(height)) - 1]!
    },
    async query(questions, height) {
      const asked = questions.map(({ key }) => key)
      const at = inBounds((height ?? BigInt(latest - 1)) + 1n)
      return once(`state ${at} ${asked.map(formatHex)}`, () => stateAt(at, asked))
    },
    async history(query: HistoryQuery) {
      inBounds(query.height)
      return once(`history ${query.height} ${query.leaf} ${query.oldSize}`, () => story.history(query))
    },
    async witnessedHead() {
      const height = latest - (latest % 4)
      return once(`head ${height}`, () => story.witnessedHead(height, witnessesOf(height)))
    },
    checkpoint: async () => newestCheckpoint,
    reportEvidence: async () => {},
  })
}
