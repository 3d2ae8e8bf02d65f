// One question by HTTP to another machine: cut off at a size and at a time, and never led elsewhere.

import { decodeUtf8, isObject, VerifyError } from '@muniment/sdk'

export type Question = {
  /** Sent by POST; without it the question is a GET. */
  readonly body?: string
  readonly bytesMax: number
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export type Reply = { readonly status: number; readonly type: string; readonly text: string }

/** Throws VerifyError `unavailable`, `oversized`, or `malformed` for what is not UTF-8; the caller's signal with its reason. */
export async function ask(url: string, { body, bytesMax, timeoutMs, signal }: Question): Promise<Reply> {
  signal?.throwIfAborted()
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body }),
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of response.body ?? []) {
      length += chunk.length
      if (length > bytesMax) throw new VerifyError('oversized', 'the answer is too long')
      chunks.push(chunk)
    }
    const type = (response.headers.get('content-type') ?? '').split(';')[0]!.trim()
    return { status: response.status, type, text: decodeUtf8(Buffer.concat(chunks)) }
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof VerifyError) throw error
    throw new VerifyError('unavailable', 'there was no answer', { actual: error })
  }
}

/** `result` of a method of CometBFT's RPC, by GET; `url` is the root of the RPC. Throws VerifyError; `limited` by HTTP 429. */
export async function askRpc(
  url: string,
  call: string,
  question: Question,
): Promise<Readonly<Record<string, unknown>>> {
  const { status, text } = await ask(`${url.replace(/\/$/, '')}/${call}`, question)
  if (status === 429) throw new VerifyError('limited', 'the server asks us to slow down')
  let answer: { readonly result?: unknown; readonly error?: unknown } | null
  try {
    answer = JSON.parse(text)
  } catch {
    throw new VerifyError('malformed', 'the answer is not JSON', { actual: text.slice(0, 80) })
  }
  const result = answer?.result as never
  if (isObject(result)) return result
  throw new VerifyError('unavailable', 'the server has no answer', { actual: JSON.stringify(answer).slice(0, 200) })
}
