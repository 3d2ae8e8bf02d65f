// What a client and a node, or two browsers, say to each other over `/muniment/query/1`: requests and answers with ids on one
// kept stream, each behind its length as a varint. Field tables as everywhere: canonical, bounded.

import { decodeUtf8, encodeUtf8, equals } from '../bytes.ts'
import { timestamp } from '../comet/block-id.ts'
import { type Evidence, evidence } from '../comet/evidence.ts'
import { type LightBlock, lightBlock } from '../comet/light-block.ts'
import { type CompactBlock, compactBlock, compactBlocks, expandCompact } from '../comet/short-commit.ts'
import { type ValidatorSet, validatorSet } from '../comet/validator-set.ts'
import { check, VerifyError, type VerifyErrorCode } from '../errors.ts'
import { existenceProof } from '../ics23/proof.ts'
import { type QueryAnswer, queryAnswer, storeNames } from '../ics23/state.ts'
import {
  evidenceBytesMax,
  historyProofMax,
  knownSetsMax,
  lightBlocksPerRequestMax,
  lightPathMax,
  noteBytesMax,
  signedCheckpointBytesMax,
  stateKeyBytesMax,
  stateKeysPerQueryMax,
  toldBytesMax,
  toldLengthMax,
  transactionBytesMax,
} from '../limits.ts'
import {
  always,
  bytes,
  type Message,
  message,
  optional,
  repeated,
  repeatedBytes,
  string,
  uint32,
  uint64,
} from '../protobuf.ts'
import type {
  BlockOptions,
  HistoryAnswer,
  LightPath,
  Provider,
  ProviderOptions,
  SubmitAnswer,
  WitnessedHead,
} from '../provider.ts'
import type { Timestamp } from '../time.ts'

export const queryProtocol = '/muniment/query/1'

type Nothing = Readonly<Record<never, never>>
type Share = { readonly numerator: bigint; readonly denominator: bigint }

/** Both 0: the newest. With `compact` the blocks come in few bytes. */
type BlocksRequest = { readonly from: bigint; readonly to: bigint; readonly compact: Compact | undefined }
type Compact = {
  /** Hashes of sets that need not be sent. */
  readonly known: readonly Uint8Array[]
  /** ShortFor; an empty hash asks for whole commits. */
  readonly validatorsHash: Uint8Array
  readonly trustLevel: Share
}
/** Height 0: the newest. */
type StateQuery = { readonly keys: readonly Uint8Array[]; readonly height: bigint }
type HistoryRequest = {
  readonly height: bigint
  readonly leaf: { readonly index: bigint } | undefined
  readonly oldSize: bigint
}
type Heights = { readonly heights: readonly Uint8Array[] }

export type QueryRequest = {
  readonly id: number
  readonly lightBlocks: BlocksRequest | undefined
  readonly state: StateQuery | undefined
  readonly submit: { readonly transaction: Uint8Array } | undefined
  readonly validatorSet: { readonly hash: Uint8Array } | undefined
  readonly lightPath: LightPath | undefined
  readonly history: HistoryRequest | undefined
  readonly witnessedHead: Nothing | undefined
  readonly evidence: Evidence | undefined
  readonly checkpoint: Nothing | undefined
  readonly time: Nothing | undefined
}

export type QueryResponse = {
  readonly id: number
  readonly error: { readonly code: string; readonly message: string } | undefined
  readonly lightBlocks:
    | { readonly blocks: readonly LightBlock[]; readonly compact: readonly CompactBlock[] }
    | undefined
  readonly state: QueryAnswer | undefined
  readonly submit: SubmitAnswer | undefined
  readonly validatorSet: ValidatorSet | undefined
  readonly lightPath: Heights | undefined
  readonly history: HistoryAnswer | undefined
  readonly witnessedHead: WitnessedHead | undefined
  readonly evidence: Nothing | undefined
  /** A SignedCheckpoint. */
  readonly checkpoint: { readonly signed: Uint8Array } | undefined
  readonly time: { readonly now: Timestamp } | undefined
}

const share: Message<Share> = message({ numerator: uint64(1), denominator: uint64(2) })

export const queryRequest: Message<QueryRequest> = message({
  id: uint32(1),
  lightBlocks: optional(
    3,
    message<BlocksRequest>({
      from: uint64(1),
      to: uint64(2),
      compact: optional(
        3,
        message<Compact>({
          known: repeatedBytes(1, knownSetsMax, 32),
          validatorsHash: bytes(2, 32),
          trustLevel: always(3, share),
        }),
      ),
    }),
  ),
  state: optional(
    4,
    message<StateQuery>({ keys: repeatedBytes(1, stateKeysPerQueryMax, stateKeyBytesMax), height: uint64(2) }),
  ),
  submit: optional(5, message<{ transaction: Uint8Array }>({ transaction: bytes(1, transactionBytesMax) })),
  validatorSet: optional(6, message<{ hash: Uint8Array }>({ hash: bytes(1, 32) })),
  lightPath: optional(7, message<LightPath>({ from: uint64(1), to: uint64(2), trustLevel: always(3, share) })),
  history: optional(
    8,
    message<HistoryRequest>({
      height: uint64(1),
      leaf: optional(2, message<{ index: bigint }>({ index: uint64(1) })),
      oldSize: uint64(3),
    }),
  ),
  witnessedHead: optional(9, message<Nothing>({})),
  evidence: optional(10, evidence, evidenceBytesMax),
  checkpoint: optional(11, message<Nothing>({})),
  time: optional(12, message<Nothing>({})),
})

export const queryResponse: Message<QueryResponse> = message({
  id: uint32(1),
  error: optional(
    2,
    message<{ code: string; message: string }>({ code: string(1, 40), message: string(2, toldBytesMax) }),
  ),
  lightBlocks: optional(
    4,
    message<NonNullable<QueryResponse['lightBlocks']>>({
      blocks: repeated(1, lightBlock, lightBlocksPerRequestMax),
      compact: repeated(2, compactBlock, lightBlocksPerRequestMax),
    }),
  ),
  state: optional(5, queryAnswer),
  submit: optional(6, message<SubmitAnswer>({ code: uint32(1), log: string(2, toldBytesMax) })),
  validatorSet: optional(7, validatorSet),
  lightPath: optional(8, message<Heights>({ heights: repeatedBytes(1, lightPathMax, 20) })),
  history: optional(
    9,
    message<HistoryAnswer>({
      store: always(1, existenceProof),
      inclusion: repeatedBytes(2, historyProofMax, 32),
      consistency: repeatedBytes(3, historyProofMax, 32),
    }),
  ),
  witnessedHead: optional(
    10,
    message<WitnessedHead>({
      note: string(1, noteBytesMax),
      block: always(2, lightBlock),
      inclusion: repeatedBytes(3, historyProofMax, 32),
    }),
  ),
  evidence: optional(11, message<Nothing>({})),
  checkpoint: optional(12, message<{ signed: Uint8Array }>({ signed: bytes(1, signedCheckpointBytesMax) })),
  time: optional(13, message<{ now: Timestamp }>({ now: always(1, timestamp) })),
})

const nothing = {
  lightBlocks: undefined,
  state: undefined,
  submit: undefined,
  validatorSet: undefined,
  lightPath: undefined,
  history: undefined,
  witnessedHead: undefined,
  evidence: undefined,
  checkpoint: undefined,
  time: undefined,
}
const noResponse = { error: undefined, ...nothing }

/** Errors of a node that a client may be told; anything else becomes `unavailable`. */
const toldCodes: readonly VerifyErrorCode[] = [
  'unavailable',
  'limited',
  'refused',
  'wrong-height',
  'oversized',
  'malformed',
]

/** Answers one request from a provider. Never throws: a node tells what went wrong, in a word and a sentence. */
export async function answerQuery(encoded: Uint8Array, provider: Provider, signal: AbortSignal): Promise<Uint8Array> {
  let id = 0
  try {
    const request = queryRequest.decode(encoded)
    id = request.id
    return queryResponse.encode({ ...noResponse, id, ...(await ask(request, provider, { signal })) })
  } catch (error) {
    const known = error instanceof VerifyError && toldCodes.includes(error.code)
    const told = known
      ? { code: error.code, message: error.message.slice(0, toldLengthMax) }
      : { code: 'unavailable', message: 'the node could not answer' }
    return queryResponse.encode({ ...noResponse, id, error: told })
  }
}

async function ask(
  { id: _, ...request }: QueryRequest,
  provider: Provider,
  options: ProviderOptions,
): Promise<Partial<QueryResponse>> {
  const asked = Object.values(request).filter(part => part !== undefined)
  check(asked.length === 1, 'malformed', 'a request asks for one thing')
  const { lightBlocks, state, submit, history } = request
  if (lightBlocks) return { lightBlocks: await askBlocks(lightBlocks, provider, options) }
  if (state) {
    const questions = state.keys.map(key => ({ store: storeNames.state, key }))
    return { state: await provider.query(questions, state.height === 0n ? undefined : state.height, options) }
  }
  if (submit) {
    const { code, log } = await provider.submit(submit.transaction, options)
    return { submit: { code, log: log.slice(0, toldLengthMax) } }
  }
  if (request.validatorSet) return { validatorSet: await provider.validatorSet(request.validatorSet.hash, options) }
  if (request.lightPath) {
    check(provider.lightPath !== undefined, 'unavailable', 'this node knows no path')
    const heights = await provider.lightPath(request.lightPath, options)
    return { lightPath: { heights: heights.map(height => encodeUtf8(String(height))) } }
  }
  if (history) {
    const { height, leaf, oldSize } = history
    const query = { height, leaf: leaf?.index, oldSize: oldSize === 0n ? undefined : oldSize }
    return { history: await provider.history(query, options) }
  }
  if (request.witnessedHead) return { witnessedHead: await provider.witnessedHead(options) }
  if (request.checkpoint) return { checkpoint: { signed: await provider.checkpoint(options) } }
  if (request.time) {
    check(provider.time !== undefined, 'unavailable', 'whoever answers here knows the time no better')
    return { time: { now: await provider.time(options) } }
  }
  await provider.reportEvidence(request.evidence!, options)
  return { evidence: {} }
}

async function askBlocks(
  { from, to, compact }: BlocksRequest,
  provider: Provider,
  { signal }: ProviderOptions,
): Promise<NonNullable<QueryResponse['lightBlocks']>> {
  const isShort = compact !== undefined && compact.validatorsHash.length > 0
  const options: BlockOptions = isShort ? { signal, shortFor: compact } : { signal }
  const isLatest = from === 0n && to === 0n
  const blocks = isLatest
    ? [await provider.lightBlock('latest', options)]
    : await provider.lightBlocks(from, to, options)
  return compact === undefined ? { blocks, compact: [] } : { blocks: [], compact: compactBlocks(blocks, compact.known) }
}

/** Sends one request without its id and gives back the answer; may reject with VerifyError or the signal's reason. */
export type Exchange = (
  request: Omit<QueryRequest, 'id'>,
  options: ProviderOptions | undefined,
) => Promise<QueryResponse>

type Given = Pick<Provider, 'kind' | 'label' | 'close'>

/** A Provider that asks over an exchange: the part that every transport of this protocol shares. */
export function createQueryProvider(exchange: Exchange, given: Given): Provider {
  const sets = createSets()

  async function readBlocks(from: bigint, to: bigint, options: BlockOptions = {}): Promise<readonly LightBlock[]> {
    const { shortFor } = options
    const validatorsHash = shortFor?.validatorsHash ?? new Uint8Array(0)
    const trustLevel = shortFor?.trustLevel ?? { numerator: 0n, denominator: 0n }
    const compact = { known: sets.known(), validatorsHash, trustLevel }
    const answer = await exchange({ ...nothing, lightBlocks: { from, to, compact } }, options)
    const { blocks, compact: answered } = present(answer.lightBlocks)
    return blocks.length > 0 ? blocks : answered.map(sets.expand)
  }

  return {
    ...given,
    async lightBlock(height, options) {
      const asked = height === 'latest' ? 0n : height
      check(height === 'latest' || height > 0n, 'wrong-height', 'heights begin at 1', { actual: height })
      const [block, ...others] = await readBlocks(asked, asked, options)
      check(block !== undefined && others.length === 0, 'unavailable', 'the node sent another number of blocks')
      checkHeight(block, height === 'latest' ? block.header.height : height)
      return block
    },
    async lightBlocks(from, to, options) {
      check(from > 0n && from <= to, 'malformed', 'a range of heights goes upwards from 1')
      check(to - from < BigInt(lightBlocksPerRequestMax), 'limited', 'too many blocks at once')
      const blocks = await readBlocks(from, to, options)
      check(BigInt(blocks.length) === to - from + 1n, 'unavailable', 'the node sent another number of blocks')
      for (const [index, block] of blocks.entries()) checkHeight(block, from + BigInt(index))
      return blocks
    },
    validatorSet: async (hash, options) =>
      present((await exchange({ ...nothing, validatorSet: { hash } }, options)).validatorSet),
    async query(questions, height = 0n, options) {
      const count = questions.length
      check(count > 0 && count <= stateKeysPerQueryMax, 'limited', 'one to a few keys at once')
      const ours = questions.every(({ store }) => store === storeNames.state)
      check(ours, 'unavailable', 'nodes of this protocol have one store')
      const keys = questions.map(({ key }) => key)
      return present((await exchange({ ...nothing, state: { keys, height } }, options)).state)
    },
    submit: async (transaction, options) =>
      present((await exchange({ ...nothing, submit: { transaction } }, options)).submit),
    async reportEvidence(reported, options) {
      present((await exchange({ ...nothing, evidence: reported }, options)).evidence)
    },
    async lightPath(path, options) {
      const { heights } = present((await exchange({ ...nothing, lightPath: path }, options)).lightPath)
      return heights.map(parseHeight)
    },
    async history({ height, leaf, oldSize = 0n }, options) {
      const asked = { height, leaf: leaf === undefined ? undefined : { index: leaf }, oldSize }
      return present((await exchange({ ...nothing, history: asked }, options)).history)
    },
    witnessedHead: async options => present((await exchange({ ...nothing, witnessedHead: {} }, options)).witnessedHead),
    checkpoint: async options => present((await exchange({ ...nothing, checkpoint: {} }, options)).checkpoint).signed,
    // A neighbour is another citizen's device: nothing makes its clock better than this one's, so it is not asked.
    ...(given.kind === 'neighbour'
      ? {}
      : {
          time: async (options?: ProviderOptions) =>
            present((await exchange({ ...nothing, time: {} }, options)).time).now,
        }),
  }
}

/**
 * The sets that one peer has sent, by the hash that its headers name. A peer that lies about one gets blocks of its own
 * refused, and nobody else's.
 */
function createSets(): {
  readonly known: () => readonly Uint8Array[]
  readonly expand: (compact: CompactBlock) => LightBlock
} {
  let kept: readonly { readonly hash: Uint8Array; readonly set: ValidatorSet }[] = []
  return {
    known: () => kept.map(({ hash }) => hash),
    expand(compact) {
      const { validatorsHash: hash } = compact.header
      const set = compact.validatorSet ?? kept.find(each => equals(each.hash, hash))?.set
      check(set !== undefined, 'malformed', 'a validator set that was never sent')
      if (hash.length === 32)
        kept = [{ hash, set }, ...kept.filter(each => !equals(each.hash, hash))].slice(0, knownSetsMax)
      return expandCompact(compact, set)
    },
  }
}

function checkHeight({ header }: LightBlock, height: bigint): void {
  check(header.height === height, 'wrong-height', 'the node sent another height', {
    expected: height,
    actual: header.height,
  })
}

function parseHeight(encoded: Uint8Array): bigint {
  const text = decodeUtf8(encoded)
  check(/^[1-9][0-9]{0,18}$/.test(text), 'malformed', 'not a height')
  return BigInt(text)
}

function present<T>(part: T | undefined): T {
  if (part === undefined) throw new VerifyError('malformed', 'the node answered another question')
  return part
}

/** The error that a response tells of, else nothing. */
export function throwTold(response: QueryResponse): void {
  if (!response.error) return
  const code = toldCodes.find(known => known === response.error!.code) ?? 'unavailable'
  throw new VerifyError(code, `the node says: ${response.error.message}`, { told: true })
}
