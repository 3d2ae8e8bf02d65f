// What <muniment-verify> takes, and why it may refuse to begin a check.

import { limits } from '@muniment/sdk'
import type { MunimentEvents } from '../events.ts'
import type { InputProblem } from '../messages/messages.ts'
import { unlessAborted } from '../signals.ts'

export type InputSource = MunimentEvents['muniment-input']['source']

/** What was given can't be checked, or a camera gave nothing. The code is the name of a text in messages.inputProblems. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly code: InputProblem

  constructor(code: InputProblem) {
    super(code)
    this.code = code
  }
}

const ways = ['file', 'pdf', 'qr', 'camera', 'paste', 'link'] as const
/** A way in. `qr` is a picture with a QR code, `link` the page's own address. */
export type Way = (typeof ways)[number]

/** The ways that an `accept` attribute names; all where it names none. */
export function waysOf(accept: string): ReadonlySet<Way> {
  const named = ways.filter(way => accept.split(/\s+/).includes(way))
  return new Set(named.length > 0 ? named : ways)
}

/** What no check is begun with. */
export function problemOf(input: string | Uint8Array): InputProblem | undefined {
  if (typeof input === 'string') {
    if (input.trim() === '') return 'empty'
    return input.length > limits.linkLengthMax ? 'too-long' : undefined
  }
  if (input.length === 0) return 'empty'
  return input.length > limits.bundleBytesMax ? 'file-too-large' : undefined
}

/** What is read first, as a file is. */
export type Reading = (signal: AbortSignal) => Promise<ReadInput>

export type ReadInput = { readonly input: string | Uint8Array; readonly source: InputSource }

export type ReadFileOptions = {
  readonly ways: ReadonlySet<Way>
  /** Whether the page allows Wasm. */
  readonly wasm: boolean
  readonly signal: AbortSignal
}

/** Reads a file of any kind, within its time. Rejects with InputError, or with the signal's reason. */
export async function readInTime(file: File, options: ReadFileOptions): Promise<ReadInput> {
  const stop = new AbortController()
  const abort = (): void => stop.abort(options.signal.reason)
  options.signal.addEventListener('abort', abort, { once: true })
  const late = setTimeout(() => stop.abort(new InputError('took-too-long')), limits.fileTimeoutMs)
  try {
    const { readFile } = await unlessAborted(loaded(import('./file.ts')), stop.signal)
    return await unlessAborted(readFile(file, { ...options, signal: stop.signal }), stop.signal)
  } finally {
    clearTimeout(late)
    options.signal.removeEventListener('abort', abort)
  }
}

/** Whether a QR code's text looks like a link to a record or like a document: whatever else it is, nobody follows it. */
export function isRecordText(text: string): boolean {
  const fragment = text.slice(text.indexOf('#') + 1)
  return /^[0-9]{1,3}\//.test(fragment) || /^[\w-]+\.[\w-]+\.[\w-]+~/.test(text)
}

/** Code that comes when it is needed; a connection that broke is no fault of what was given. */
export async function loaded<T>(chunk: Promise<T>): Promise<T> {
  return chunk.catch(() => {
    throw new InputError('reader-unavailable')
  })
}
