// Providers of the story: an honest one, and one that lies in some of its answers, as objects or on the wire.

import { equals } from '../../sdk/src/bytes.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { shortenCommit } from '../../sdk/src/comet/short-commit.ts'
import { VerifyError, type VerifyErrorCode } from '../../sdk/src/errors.ts'
import type { QueryAnswer } from '../../sdk/src/ics23/state.ts'
import { planLightPath } from '../../sdk/src/light/path.ts'
import {
  answerQuery,
  createQueryProvider,
  type Exchange,
  type QueryResponse,
  queryRequest,
  queryResponse,
  throwTold,
} from '../../sdk/src/p2p/messages.ts'
import type { BlockOptions, LightPath, Provider } from '../../sdk/src/provider.ts'
import { changeBytes } from '../hostile.ts'
import { flipBit, type Random } from '../mutation/mutate.ts'
import { changeValue } from '../mutation/values.ts'
import { servingBlocks, stubProvider } from '../stub-provider.ts'
import { blockLies } from './block-lies.ts'
import { blocks, heights, liarsBlocks } from './story.ts'

/** Serves the true chain up to a height, shortened where that is asked for, with paths. */
export function honestProvider(latest = heights): Provider {
  const read = (from: number, to: number, { shortFor }: BlockOptions): readonly LightBlock[] => {
    if (from < 1 || to > latest) throw new VerifyError('wrong-height', 'no such height')
    const served = blocks.slice(from - 1, to)
    if (shortFor === undefined) return served
    const trusted = blocks.find(({ header }) => equals(header.validatorsHash, shortFor.validatorsHash))
    if (trusted === undefined) return served
    const { trustLevel } = shortFor
    return served.map(block => shortenCommit(block, { trustedSet: trusted.validatorSet, trustLevel }))
  }
  return stubProvider({
    label: 'honest',
    ...servingBlocks(async (range, options = {}) =>
      range === 'latest' ? read(latest, latest, options) : read(Number(range.from), Number(range.to), options),
    ),
    lightPath: async path => planLightPath(path, height => blocks[Number(height) - 1]),
    reportEvidence: async () => {},
  })
}

export type LyingPlan = {
  readonly random: Random
  /** Whether it lies in its answer to this question; 0 is the first. */
  readonly liesIn: (question: number) => boolean
  /** What it knows. */
  readonly truth: Provider
  /** What it takes from other true answers: those that it gave before to questions of the same kind. */
  readonly before: Answers
  /** States that somebody made up who knows how proofs are built. */
  readonly forgedState?: (random: Random) => QueryAnswer
}

/** True answers by question; they may be kept from plan to plan. */
export type Answers = Map<string, unknown[]>

export type Liar = {
  readonly provider: Provider
  readonly told: {
    questions: number
    /** The kinds of lies told, in their order. */
    readonly lies: string[]
  }
}

/** What a provider of somebody else's making may throw. */
const thrown: readonly unknown[] = [
  new TypeError('x is not a function'),
  new RangeError('Invalid array length'),
  'a string',
  undefined,
  null,
  42,
  ...(
    [
      'conflicting-headers',
      'expired',
      'from-future',
      'bad-signature',
      'rules-changed',
      'checkpoint-expired',
      'wrong-chain',
      'unavailable',
      'limited',
      'wrong-height',
      'malformed',
    ] as const satisfies readonly VerifyErrorCode[]
  ).map(code => new VerifyError(code, 'says the provider')),
]

type Tell = {
  readonly told: Liar['told']
  /** The true answer, or a lie about it. */
  readonly tell: <T>(truth: () => Promise<T>, lie: (truth: T) => readonly [kind: string, answer: T]) => Promise<T>
}

function createTell({ random, liesIn }: LyingPlan): Tell {
  const told: Liar['told'] = { questions: 0, lies: [] }
  return {
    told,
    async tell(truth, lie) {
      const question = told.questions++
      if (!liesIn(question)) return truth()
      if (random(12) === 0) {
        told.lies.push('it throws')
        throw thrown[random(thrown.length)]
      }
      // What it does not have it can't change.
      const [kind, answer] = lie(await truth())
      told.lies.push(kind)
      return answer
    },
  }
}

/** An answer to such a question that was given before; the answer becomes one. */
function another(before: Answers, question: string, answer: unknown, random: Random): unknown {
  const known = before.get(question) ?? []
  const other = known.length === 0 ? answer : known[random(known.length)]
  before.set(question, [answer, ...known].slice(0, 16))
  return other
}

/** Its answers are objects of its own making. */
function lyingObjects(plan: LyingPlan): Liar {
  const { random, truth, before } = plan
  const { told, tell } = createTell(plan)
  const aboutBlock = (block: LightBlock): readonly [string, LightBlock] => {
    const kinds = Object.keys(blockLies)
    const kind = kinds[random(kinds.length)]!
    return [kind, blockLies[kind]!(block, random)]
  }
  const aboutBlocks = (list: readonly LightBlock[]): readonly [string, readonly LightBlock[]] => {
    const kind = random(3)
    if (kind === 0) return ['the list of blocks is changed', changeValue(list, blocks, random)]
    if (kind === 1) return ['a linked story of its own', list.map(each => liarsBlocks[Number(each.header.height) - 1]!)]
    const [what, block] = aboutBlock(list[random(list.length)]!)
    return [what, list.with(random(list.length), block)]
  }
  const changed =
    (question: string) =>
    <T>(answer: T): readonly [string, T] => {
      const other = another(before, question, answer, random)
      return [`${question} is changed`, random(6) === 0 ? (other as T) : changeValue(answer, other, random)]
    }
  const provider: Provider = {
    ...truth,
    label: 'liar',
    lightBlock: (height, options) => tell(() => truth.lightBlock(height, options), aboutBlock),
    lightBlocks: (from, to, options) => tell(() => truth.lightBlocks(from, to, options), aboutBlocks),
    query: (questions, height) =>
      tell(
        () => truth.query(questions, height),
        answer =>
          plan.forgedState !== undefined && random(2) === 0
            ? ['a state is forged', plan.forgedState(random)]
            : changed('a state')(answer),
      ),
    history: query => tell(() => truth.history(query), changed('a history')),
    checkpoint: () => tell(() => truth.checkpoint(), changed('a checkpoint')),
    witnessedHead: () =>
      tell(
        () => truth.witnessedHead(),
        head => {
          if (random(3) > 0) return changed('a witnessed head')(head)
          const [kind, block] = aboutBlock(head.block)
          return [kind, { ...head, block }]
        },
      ),
    lightPath: path =>
      tell(
        () => truth.lightPath!(path),
        () => ['a path is wrong', pathLie(path, random)],
      ),
  }
  return { provider, told }
}

/** Its answers are bytes: changed as such, or taken apart, changed and put together again. */
function lyingBytes(plan: LyingPlan): Liar {
  const { random, truth, before } = plan
  const { told, tell } = createTell(plan)
  const exchange: Exchange = async question => {
    const asked = Object.entries(question).find(([, part]) => part !== undefined)![0]
    const answer = await tell(
      () => answerQuery(queryRequest.encode({ ...question, id: 1 }), truth, new AbortController().signal),
      bytes =>
        lieOnTheWire(bytes, another(before, asked, queryResponse.decode(bytes), random) as QueryResponse, random),
    )
    const response = queryResponse.decode(answer)
    throwTold(response)
    return response
  }
  return { provider: createQueryProvider(exchange, { kind: 'webrtc', label: 'liar', close: async () => {} }), told }
}

function lieOnTheWire(answer: Uint8Array, other: QueryResponse, random: Random): readonly [string, Uint8Array] {
  switch (random(6)) {
    case 0:
      return ['bits are flipped', flipBit(random(4) === 0 ? flipBit(answer, random) : answer, random)]
    case 1:
      return ['bytes are changed', changeBytes(answer, [byteChange(random)])]
    case 2:
      return ['the answer to another question', queryResponse.encode({ ...other, id: 1 })]
    default:
      return ['the answer is taken apart', rewritten(answer, other, random)]
  }
}

/** A place of the answer is changed; what has no encoding is tried again. */
function rewritten(answer: Uint8Array, other: unknown, random: Random): Uint8Array {
  const decoded = queryResponse.decode(answer)
  for (let tries = 0; tries < 20; tries++) {
    try {
      return queryResponse.encode({ ...changeValue(decoded, other, random), id: 1 })
    } catch {
      // Assertions of the encoder: numbers without an encoding.
    }
  }
  return flipBit(answer, random)
}

function byteChange(random: Random): Parameters<typeof changeBytes>[1][number] {
  const more = Uint8Array.from({ length: 1 + random(12) }, () => random(256))
  return { kind: random(6), at: random(1 << 20), by: 1 + random(255), more }
}

function pathLie({ from, to }: LightPath, random: Random): readonly bigint[] {
  const all = Array.from({ length: Number(to - from) - 1 }, (_, i) => from + BigInt(i) + 1n)
  const lies: readonly (readonly bigint[])[] = [
    [],
    all,
    all.toReversed(),
    all.flatMap(height => [height, height]),
    [from],
    [to],
    [0n, -1n, -(2n ** 63n)],
    [2n ** 63n],
    all.filter(() => random(2) === 0),
    Array.from({ length: 3_000 }, (_, i) => from + BigInt(i)),
  ]
  return lies[random(lies.length)]!
}

/** It lies in one answer, in some, or in all; as objects, or on the wire. */
export function someLiar(plan: Omit<LyingPlan, 'liesIn'>, questions: number): Liar {
  const { random } = plan
  const only = random(questions)
  const share = [0, 2, 1][random(3)]!
  const liesIn = (question: number): boolean => (share === 0 ? question === only : random(share) === 0)
  return random(2) === 0 ? lyingObjects({ ...plan, liesIn }) : lyingBytes({ ...plan, liesIn })
}

export function withoutHints({ lightPath: _, ...provider }: Provider): Provider {
  return provider
}

/** How often what came, the most often first. */
export function tableOf(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort((left, right) => right[1] - left[1])
  return sorted.map(([name, count]) => `  ${String(count).padStart(7)} ${name}`).join('\n')
}

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
