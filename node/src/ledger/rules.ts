// How an operation says no, and what every operation is given.

import {
  type Message,
  ResultCode,
  type Service,
  type TransactionBody,
  type TransactionSignature,
  VerifyError,
} from '@muniment/sdk'
import type { Actor } from './actors.ts'
import type { TransactionResult } from './application.ts'
import { readEntry } from './entries.ts'
import type { BlockContext } from './kernel.ts'
import type { State } from './state.ts'

/** Refuses the transaction with a code of ResultCode; the sentence is for the sender and is in no hash. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export function require(condition: unknown, code: number, message: string): asserts condition {
  if (!condition) throw new Refusal(code, message)
}

/** The result of what was refused; undefined where nothing was. */
export function refusing(act: () => void): TransactionResult | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    return resultOf(error)
  }
}

/** Only refusals and bad bytes become results; anything else is our own mistake and must stop the node. */
export function resultOf(error: unknown): TransactionResult {
  if (error instanceof Refusal) return refused(error.code, error.message)
  if (error instanceof VerifyError) return refused(ResultCode.malformed, error.message)
  throw error
}

export function refused(code: number, log: string): TransactionResult {
  return { code, log, data: new Uint8Array(0) }
}

/** An entry's bytes. What could not be read back is never written: every later block that met it would fail. */
export function readable<T>(message: Message<T>, value: T): Uint8Array {
  const bytes = message.encode(value)
  try {
    readEntry(message, bytes)
  } catch (error) {
    if (error instanceof VerifyError)
      throw new Refusal(ResultCode.quota, `the entry would hold too much: ${error.message}`)
    throw error
  }
  return bytes
}

/** An operation's surroundings, all checked: mandates hold, roles fit, enough persons sign. */
export type Act = {
  readonly state: State
  readonly block: BlockContext
  readonly body: TransactionBody
  readonly transactionId: Uint8Array
  readonly service: Service
  /** The sender's office; undefined when acting for himself. */
  readonly office: string | undefined
  /** For whom the sender acts: himself, or who delegated it to him. For an office, the official's own. 32 bytes. */
  readonly account: Uint8Array
  /** Everyone who signs, the sender first. */
  readonly actors: readonly Actor[]
  readonly signatures: readonly TransactionSignature[]
  /** Whether the sender signed as a weighty act is signed, where this one need not be. */
  readonly isIdentity: boolean
}
