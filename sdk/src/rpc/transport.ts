// One question to a CometBFT RPC server, by JSON over HTTP. What comes back is cut off at a size and at a time, and no
// redirect leads elsewhere.

import { decodeUtf8 } from '../bytes.ts'
import { type JsonObject, member, objectOf } from '../comet/json.ts'
import { assert, check, VerifyError } from '../errors.ts'
import { requestTimeoutMs, rpcAnswerBytesMax } from '../limits.ts'
import { joinSignals } from '../signals.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export type Transport = {
  /** Ends with a slash. */
  readonly base: string
  readonly fetch: Fetch
  readonly method: 'GET' | 'POST'
}

/** Parameters as JSON-RPC has them: numbers as strings, bytes as hex (abci_query) or base64 (transactions). */
export type Params = { readonly [name: string]: string | boolean | JsonObject }

/**
 * `result` of the answer. Throws VerifyError `unavailable` (no answer, or an error in it), `limited` (HTTP 429),
 * `oversized` or `malformed`; the caller's own signal rejects with its reason.
 */
export async function callRpc(
  transport: Transport,
  call: { readonly name: string; readonly params: Params; readonly signal?: AbortSignal | undefined },
): Promise<JsonObject> {
  const { signal } = call
  signal?.throwIfAborted()
  const either = joinSignals(signal, AbortSignal.timeout(requestTimeoutMs))
  try {
    const response = await transport.fetch(...requestOf(transport, call, either))
    check(response.status !== 429, 'limited', 'the server asks us to slow down')
    return resultOf(parse(await readLimited(response)))
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof VerifyError) throw error
    throw new VerifyError('unavailable', 'the server did not answer', { actual: error })
  }
}

function requestOf(
  { base, method }: Transport,
  { name, params }: { readonly name: string; readonly params: Params },
  signal: AbortSignal,
): [string, RequestInit] {
  const init: RequestInit = {
    method,
    signal,
    redirect: 'error',
    credentials: 'omit',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
  }
  if (method === 'GET') return [`${base}${name}?${queryOf(params)}`, init]
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: name, params })
  return [base, { ...init, headers: { 'content-type': 'application/json' }, body }]
}

/** In an address strings stand in quotation marks, and hexadecimal bytes and numbers do not. */
function queryOf(params: Params): string {
  const entries = Object.entries(params).map(([name, value]): [string, string] => {
    if (typeof value === 'boolean') return [name, String(value)]
    assert(typeof value === 'string', 'objects go by POST')
    if (name === 'data') return [name, `0x${value}`]
    return [name, /^[0-9]+$/.test(value) ? value : `"${value}"`]
  })
  return new URLSearchParams(entries).toString()
}

/** The body, cut off beyond `bytesMax`. Throws `oversized`. */
export async function readLimited(response: Response, bytesMax: number = rpcAnswerBytesMax): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = response.body?.getReader()
  if (reader === undefined) return new Uint8Array(0)
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > bytesMax) {
      await reader.cancel().catch(() => undefined)
      throw new VerifyError('oversized', 'the answer is too long', { expected: `<= ${bytesMax}` })
    }
    chunks.push(value)
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

function parse(bytes: Uint8Array): JsonObject {
  const text = decodeUtf8(bytes)
  try {
    return objectOf(JSON.parse(text), 'answer')
  } catch (error) {
    if (error instanceof VerifyError) throw error
    throw new VerifyError('malformed', 'the answer is not JSON', { actual: text.slice(0, 80) })
  }
}

function resultOf(answer: JsonObject): JsonObject {
  const error = member(answer, 'error')
  if (error !== undefined && error !== null) {
    throw new VerifyError('unavailable', 'the server has no answer', { actual: JSON.stringify(error).slice(0, 200) })
  }
  return objectOf(member(answer, 'result'), 'result')
}
