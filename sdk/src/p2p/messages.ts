// What a client and a node say to each other over `/muniment/query/1`: requests and answers with ids on one kept stream,
// each behind its length as a varint. Field tables as everywhere: canonical, bounded.

import { type LightBlock, lightBlock } from '../comet/light-block.ts'
import { check, VerifyError, type VerifyErrorCode } from '../errors.ts'
import { type StateAnswer, stateAnswer } from '../ics23/state.ts'
import {
  chainIdLengthMax,
  lightBlocksPerRequestMax,
  stateKeyBytesMax,
  stateKeysPerQueryMax,
  toldBytesMax,
  toldLengthMax,
  transactionBytesMax,
} from '../limits.ts'
import { bytes, type Message, message, optional, repeated, repeatedBytes, string, uint32, uint64 } from '../protobuf.ts'
import type { Provider, ProviderStatus, SubmitAnswer } from '../provider.ts'

export const queryProtocol = '/muniment/query/1'

type Nothing = Readonly<Record<never, never>>
/** Both 0: the newest. */
type Range = { readonly from: bigint; readonly to: bigint }
/** Height 0: the newest. */
type StateQuery = { readonly keys: readonly Uint8Array[]; readonly height: bigint }

export type QueryRequest = {
  readonly id: number
  readonly status: Nothing | undefined
  readonly lightBlocks: Range | undefined
  readonly state: StateQuery | undefined
  readonly submit: { readonly transaction: Uint8Array } | undefined
}

export type QueryResponse = {
  readonly id: number
  readonly error: { readonly code: string; readonly message: string } | undefined
  readonly status: ProviderStatus | undefined
  readonly lightBlocks: { readonly blocks: readonly LightBlock[] } | undefined
  readonly state: StateAnswer | undefined
  readonly submit: SubmitAnswer | undefined
}

export const queryRequest: Message<QueryRequest> = message({
  id: uint32(1),
  status: optional(2, message<Nothing>({})),
  lightBlocks: optional(3, message<Range>({ from: uint64(1), to: uint64(2) })),
  state: optional(
    4,
    message<StateQuery>({ keys: repeatedBytes(1, stateKeysPerQueryMax, stateKeyBytesMax), height: uint64(2) }),
  ),
  submit: optional(5, message<{ transaction: Uint8Array }>({ transaction: bytes(1, transactionBytesMax) })),
})

export const queryResponse: Message<QueryResponse> = message({
  id: uint32(1),
  error: optional(
    2,
    message<{ code: string; message: string }>({ code: string(1, 40), message: string(2, toldBytesMax) }),
  ),
  status: optional(
    3,
    message<ProviderStatus>({
      chainId: string(1, chainIdLengthMax),
      latestHeight: uint64(2),
      earliestHeight: uint64(3),
    }),
  ),
  lightBlocks: optional(
    4,
    message<{ blocks: readonly LightBlock[] }>({ blocks: repeated(1, lightBlock, lightBlocksPerRequestMax) }),
  ),
  state: optional(5, stateAnswer),
  submit: optional(6, message<SubmitAnswer>({ code: uint32(1), log: string(2, toldBytesMax) })),
})

const noRequest = { status: undefined, lightBlocks: undefined, state: undefined, submit: undefined }
const noResponse = { error: undefined, ...noRequest }

/** Errors of a node that a client may be told; anything else becomes `unavailable`. */
const toldCodes: readonly VerifyErrorCode[] = ['unavailable', 'limited', 'wrong-height', 'oversized', 'malformed']

/** Answers one request from a provider. Never throws: a node tells what went wrong, in a word and a sentence. */
export async function answerQuery(encoded: Uint8Array, provider: Provider, signal: AbortSignal): Promise<Uint8Array> {
  let id = 0
  try {
    const request = queryRequest.decode(encoded)
    id = request.id
    return queryResponse.encode({ ...noResponse, id, ...(await ask(request, provider, signal)) })
  } catch (error) {
    const known = error instanceof VerifyError && toldCodes.includes(error.code)
    const told = known
      ? { code: error.code, message: error.message.slice(0, toldLengthMax) }
      : { code: 'unavailable', message: 'the node could not answer' }
    return queryResponse.encode({ ...noResponse, id, error: told })
  }
}

async function ask(request: QueryRequest, provider: Provider, signal: AbortSignal): Promise<Partial<QueryResponse>> {
  const { status, lightBlocks, state, submit } = request
  const asked = [status, lightBlocks, state, submit].filter(part => part !== undefined)
  if (asked.length !== 1) throw new VerifyError('malformed', 'a request asks for one thing')
  const options = { signal }
  if (lightBlocks) {
    const range = lightBlocks.from === 0n && lightBlocks.to === 0n ? 'latest' : lightBlocks
    return { lightBlocks: { blocks: await provider.lightBlocks(range, options) } }
  }
  if (state) {
    const query = state.height === 0n ? { keys: state.keys } : { keys: state.keys, height: state.height }
    return { state: await provider.state(query, options) }
  }
  if (submit) {
    const { code, log } = await provider.submit(submit.transaction, options)
    return { submit: { code, log: log.slice(0, toldLengthMax) } }
  }
  return { status: await provider.status(options) }
}

/** Sends one request without its id and gives back the answer; may reject with VerifyError or the signal's reason. */
export type Exchange = (
  request: Omit<QueryRequest, 'id'>,
  options: { readonly signal?: AbortSignal } | undefined,
) => Promise<QueryResponse>

/** A Provider that asks over an exchange: the part that every transport of this protocol shares. */
export function createQueryProvider(exchange: Exchange, given: Pick<Provider, 'kind' | 'label' | 'close'>): Provider {
  return {
    ...given,
    status: async options => present((await exchange({ ...noRequest, status: {} }, options)).status),
    async lightBlocks(range, options) {
      if (range !== 'latest') {
        const upwards = range.from > 0n && range.from <= range.to
        check(upwards, 'malformed', 'a range of heights goes upwards from 1')
        check(range.to - range.from < BigInt(lightBlocksPerRequestMax), 'limited', 'too many blocks at once')
      }
      const asked = range === 'latest' ? { from: 0n, to: 0n } : range
      const { blocks } = present((await exchange({ ...noRequest, lightBlocks: asked }, options)).lightBlocks)
      const count = range === 'latest' ? 1 : Number(range.to - range.from) + 1
      if (blocks.length !== count) throw new VerifyError('unavailable', 'the node sent another number of blocks')
      if (range !== 'latest') {
        blocks.forEach((block, index) => {
          if (block.header.height !== range.from + BigInt(index))
            throw new VerifyError('wrong-height', 'the node sent another height')
        })
      }
      return blocks
    },
    async state({ keys, height = 0n }, options) {
      check(keys.length > 0 && keys.length <= stateKeysPerQueryMax, 'limited', 'one to a few keys at once')
      return present((await exchange({ ...noRequest, state: { keys, height } }, options)).state)
    },
    submit: async (transaction, options) =>
      present((await exchange({ ...noRequest, submit: { transaction } }, options)).submit),
  }
}

function present<T>(part: T | undefined): T {
  if (part === undefined) throw new VerifyError('malformed', 'the node answered another question')
  return part
}

/** The error that a response tells of, else nothing. */
export function throwTold(response: QueryResponse): void {
  if (!response.error) return
  const code = toldCodes.find(known => known === response.error!.code) ?? 'unavailable'
  throw new VerifyError(code, `the node says: ${response.error.message}`)
}
