// The node itself as a Provider: what it serves to WebRTC peers, straight from its stores.

import {
  check,
  equals,
  formatHex,
  type LightBlock,
  limits,
  type Provider,
  planLightPath,
  type QueryAnswer,
  recordEntry,
  type ShortFor,
  type StateQuestion,
  serviceKey,
  shortenCommit,
  storeNames,
  timeFromMilliseconds,
  type ValidatorSet,
  VerifyError,
  type WitnessedHead,
} from '@muniment/sdk'
import type { Engine } from './engine/engine.ts'
import { nodeHasher } from './hasher.ts'
import type { LedgerApplication } from './ledger/ledger-application.ts'

export type LocalProviderOptions = {
  readonly engine: Engine
  readonly application: LedgerApplication
  /** The newest head with its cosignatures. */
  readonly witnessedHead: () => WitnessedHead | undefined
  /** The newest checkpoint that its operator was given. */
  readonly checkpoint?: () => Uint8Array | undefined
}

export function createLocalProvider(options: LocalProviderOptions): Provider {
  const { engine, application, witnessedHead } = options
  const { blockAt, setOf } = createBlockReader(engine)
  return {
    kind: 'local',
    label: 'this node',
    async lightBlock(height, asked) {
      asked?.signal?.throwIfAborted()
      return blockAt(height === 'latest' ? engine.newest().height : height, asked?.shortFor)
    },
    async lightBlocks(from, to, asked) {
      asked?.signal?.throwIfAborted()
      const count = to - from + 1n
      check(from > 0n && count > 0n, 'malformed', 'a range of heights goes upwards from 1')
      check(count <= BigInt(limits.lightBlocksPerRequestMax), 'limited', 'too many blocks at once')
      return Array.from({ length: Number(count) }, (_, index) => blockAt(from + BigInt(index), asked?.shortFor))
    },
    async lightPath(path, asked) {
      asked?.signal?.throwIfAborted()
      const newest = engine.newest().height
      const known = path.to > newest ? { ...path, to: newest } : path
      return planLightPath(known, height => engine.chain.lightBlock(height))
    },
    async validatorSet(hash, asked) {
      asked?.signal?.throwIfAborted()
      return setOf(hash)
    },
    async query(questions, height, asked) {
      asked?.signal?.throwIfAborted()
      return answerTo(questions, height, application)
    },
    async submit(transaction, asked) {
      asked?.signal?.throwIfAborted()
      const { code, log } = await engine.submit(transaction)
      return { code, log }
    },
    async reportEvidence(evidence, asked) {
      asked?.signal?.throwIfAborted()
      await engine.report(evidence)
    },
    async history(query, asked) {
      asked?.signal?.throwIfAborted()
      const answer = application.history(query)
      check(answer, 'wrong-height', 'this node has no such history', { actual: query.height })
      return answer
    },
    async witnessedHead(asked) {
      asked?.signal?.throwIfAborted()
      const head = witnessedHead()
      check(head, 'unavailable', 'no witness has cosigned a head yet')
      return head
    },
    async checkpoint() {
      const signed = options.checkpoint?.()
      check(signed, 'unavailable', 'this node was given no checkpoint')
      return signed
    },
    async time() {
      return timeFromMilliseconds(Date.now())
    },
    close: async () => {},
  }
}

type BlockReader = {
  /** Short where it is asked for and the set that it is for is known. */
  readonly blockAt: (height: bigint, shortFor: ShortFor | undefined) => LightBlock
  readonly setOf: (hash: Uint8Array) => ValidatorSet
}

function createBlockReader(engine: Engine): BlockReader {
  /** Sets that were served, by hash, newest last: sets change seldom. */
  const sets = new Map<string, ValidatorSet>()

  function keep({ header, validatorSet }: LightBlock): void {
    const hash = formatHex(header.validatorsHash)
    sets.delete(hash)
    sets.set(hash, validatorSet)
    if (sets.size > limits.knownSetsMax) sets.delete(sets.keys().next().value!)
  }

  function blockAt(height: bigint, shortFor: ShortFor | undefined): LightBlock {
    const block = engine.chain.lightBlock(height)
    check(block, 'wrong-height', 'this node has no such height', { actual: height })
    keep(block)
    if (shortFor === undefined) return block
    const trustedSet = sets.get(formatHex(shortFor.validatorsHash))
    // Of a set that is not known here nobody can say whose signatures it needs.
    if (trustedSet === undefined) return block
    const isOwn = equals(shortFor.validatorsHash, block.header.validatorsHash)
    return shortenCommit(block, { trustedSet: isOwn ? undefined : trustedSet, trustLevel: shortFor.trustLevel })
  }

  return {
    blockAt,
    setOf(hash) {
      blockAt(engine.newest().height, undefined)
      const set = sets.get(formatHex(hash))
      check(set, 'unavailable', 'this node has not served that set lately')
      return set
    },
  }
}

function answerTo(
  questions: readonly StateQuestion[],
  height: bigint | undefined,
  application: LedgerApplication,
): QueryAnswer {
  check(questions.length > 0 && questions.length <= limits.stateKeysPerQueryMax, 'limited', 'too many keys at once')
  const ours = questions.every(({ store }) => store === storeNames.state)
  check(ours, 'unavailable', 'the ledger has one store')
  const keys = questions.map(({ key }) => key)
  const answer = application.state(keys, height ?? 0n)
  check(answer, 'wrong-height', 'this node keeps no state of that height', { actual: height })
  const services = servicesIn(answer)
  const related = services.length === 0 ? undefined : application.state(services, answer.height)
  return related ? { ...answer, related: services.map((key, i) => ({ key, proof: related.proofs[i]! })) } : answer
}

/** The keys of the service files of the records in an answer: whoever checks a record asks for these next. */
function servicesIn({ proofs }: QueryAnswer): readonly Uint8Array[] {
  const services = new Set(proofs.flatMap(({ exist }) => (exist ? (serviceOf(exist.value) ?? []) : [])))
  return [...services].map(service => serviceKey(nodeHasher, service))
}

function serviceOf(value: Uint8Array): string | undefined {
  try {
    return recordEntry.decode(value).service
  } catch (error) {
    // Not a record.
    if (error instanceof VerifyError) return undefined
    throw error
  }
}
