// Providers of the story: an honest one, and one that lies in some of its answers, as objects or on the wire.

import { equals } from '../../sdk/src/bytes.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { shortenCommit } from '../../sdk/src/comet/short-commit.ts'
import { VerifyError, type VerifyErrorCode } from '../../sdk/src/errors.ts'
import { planLightPath } from '../../sdk/src/light/path.ts'
import {
  answerQuery,
  createQueryProvider,
  type Exchange,
  queryRequest,
  queryResponse,
  throwTold,
} from '../../sdk/src/p2p/messages.ts'
import type { BlockOptions, LightPath, LightProvider, Provider } from '../../sdk/src/provider.ts'
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
  readonly hints: boolean
}

export type Liar = {
  readonly provider: LightProvider
  readonly told: {
    questions: number
    /** The kinds of lies told, in their order. */
    readonly lies: string[]
  }
}

type Tell = <T>(truth: () => Promise<T>, lie: (truth: T) => T, kind?: string) => Promise<T>

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

function createTell({ random, liesIn }: LyingPlan, told: Liar['told']): Tell {
  return async (truth, lie, kind = 'an answer is changed') => {
    const question = told.questions++
    if (!liesIn(question)) return truth()
    if (random(12) === 0) {
      told.lies.push('it throws')
      throw thrown[random(thrown.length)]
    }
    // What it does not have it can't change.
    const answer = await truth()
    told.lies.push(kind)
    return lie(answer)
  }
}

/** Its answers are objects of its own making. */
export function lyingObjects(plan: LyingPlan): Liar {
  const { random } = plan
  const told: Liar['told'] = { questions: 0, lies: [] }
  const tell = createTell(plan, told)
  const honest = honestProvider()
  const lieAbout = (block: LightBlock): LightBlock => {
    const kinds = Object.keys(blockLies)
    const kind = kinds[random(kinds.length)]!
    told.lies[told.lies.length - 1] = kind
    return blockLies[kind]!(block, random)
  }
  const provider: LightProvider = {
    ...honest,
    label: 'liar',
    lightBlock: (height, options) => tell(() => honest.lightBlock(height, options), lieAbout),
    lightBlocks: (from, to, options) =>
      tell(
        () => honest.lightBlocks(from, to, options),
        list => {
          const kind = random(3)
          if (kind === 0) return changeValue(list, blocks, random)
          if (kind === 1) return list.map(({ header }) => liarsBlocks[Number(header.height) - 1]!)
          return list.with(random(list.length), lieAbout(list[random(list.length)]!))
        },
      ),
    lightPath: path =>
      tell(
        () => honest.lightPath!(path),
        () => pathLie(path, random),
        'a path is wrong',
      ),
  }
  return { provider: withHints(provider, plan), told }
}

/** Its answers are bytes: changed as such, or taken apart, changed and put together again. */
export function lyingBytes(plan: LyingPlan): Liar {
  const { random } = plan
  const told: Liar['told'] = { questions: 0, lies: [] }
  const tell = createTell(plan, told)
  const honest = honestProvider()
  const ask = async (question: Parameters<Exchange>[0]): Promise<Uint8Array> => {
    const request = queryRequest.encode({ ...question, id: 1 })
    return answerQuery(request, honest, new AbortController().signal)
  }
  const donor = (): Promise<Uint8Array> => {
    const height = BigInt(1 + random(heights))
    const compact = { known: [], validatorsHash: new Uint8Array(0), trustLevel: { numerator: 0n, denominator: 0n } }
    return ask({ ...nothingAsked, lightBlocks: { from: height, to: height, compact } })
  }
  const exchange: Exchange = async question => {
    const other = queryResponse.decode(await donor())
    const lie = (answer: Uint8Array): Uint8Array => {
      const kinds = [
        'bits are flipped',
        'bytes are changed',
        'the answer to another question',
        'the answer is taken apart',
      ]
      const kind = kinds[random(random(2) === 0 ? 4 : 2)]!
      told.lies[told.lies.length - 1] = kind
      if (kind === 'bits are flipped') return flipBit(random(4) === 0 ? flipBit(answer, random) : answer, random)
      if (kind === 'bytes are changed') return changeBytes(answer, [byteChange(random)])
      if (kind === 'the answer to another question') return queryResponse.encode({ ...other, id: 1 })
      return rewritten(answer, other, random)
    }
    const response = queryResponse.decode(await tell(() => ask(question), lie))
    throwTold(response)
    return response
  }
  const provider = createQueryProvider(exchange, { kind: 'webrtc', label: 'liar', close: async () => {} })
  return { provider: withHints(provider, plan), told }
}

const nothingAsked = {
  lightBlocks: undefined,
  state: undefined,
  submit: undefined,
  validatorSet: undefined,
  lightPath: undefined,
  history: undefined,
  witnessedHead: undefined,
  evidence: undefined,
  checkpoint: undefined,
} as const

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

function withHints({ lightPath, ...provider }: LightProvider, { hints }: LyingPlan): LightProvider {
  return hints && lightPath ? { ...provider, lightPath } : provider
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
