// Reading an operation's arguments from the transaction's canonical JSON. Members outside the list are refused, so nothing
// is signed that the ledger does not understand.

import {
  type AccountKey,
  Algorithm,
  type JsonObject,
  parseBase64Url,
  parseTime,
  ResultCode,
  type Timestamp,
  VerifyError,
} from '@muniment/sdk'
import { Refusal, require } from './rules.ts'

export function checkNames(args: JsonObject, names: readonly string[]): void {
  for (const name of Object.keys(args))
    require(names.includes(name), ResultCode.badArguments, `unknown argument ${name.slice(0, 40)}`)
}

export function textArgument(args: JsonObject, name: string, pattern: RegExp): string {
  const value = args[name]
  require(typeof value === 'string' &&
    pattern.test(value), ResultCode.badArguments, `argument ${name} is missing or malformed`)
  return value
}

/** base64url, exactly `length` bytes. */
export function bytesArgument(args: JsonObject, name: string, length: number): Uint8Array {
  const value = args[name]
  require(typeof value === 'string', ResultCode.badArguments, `argument ${name} is missing`)
  const bytes = refuseBad(name, () => parseBase64Url(value))
  require(bytes.length === length, ResultCode.badArguments, `argument ${name} must have ${length} bytes`)
  return bytes
}

export function timeArgument(args: JsonObject, name: string): Timestamp | undefined {
  const value = args[name]
  if (value === undefined) return undefined
  require(typeof value === 'string', ResultCode.badArguments, `argument ${name} must be a time`)
  return refuseBad(name, () => parseTime(value))
}

export function integerArgument(args: JsonObject, name: string): bigint {
  const value = Object.hasOwn(args, name) ? args[name] : 0
  require(typeof value === 'number' && value >= 0, ResultCode.badArguments, `argument ${name} must be a whole number`)
  return BigInt(value)
}

/** `algorithm` and `key`, which has its length. */
export function keyArgument(args: JsonObject): AccountKey {
  const algorithm = Number(integerArgument(args, 'algorithm'))
  const isKnown = algorithm === Algorithm.ed25519 || algorithm === Algorithm.p256
  require(isKnown, ResultCode.badArguments, 'unknown key algorithm')
  return { algorithm, bytes: bytesArgument(args, 'key', algorithm === Algorithm.ed25519 ? 32 : 33) }
}

export function refuseBad<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof VerifyError) throw new Refusal(ResultCode.badArguments, `argument ${name}: ${error.message}`)
    throw error
  }
}
