// + - * / % of values whose types go together.

import { concat } from '../../bytes.ts'
import type { Arithmetic } from './syntax.ts'
import {
  type GuardDuration,
  type GuardTimestamp,
  type GuardValue,
  isDurationSeconds,
  isInt,
  isTimestampSeconds,
  lengthCost,
  textLength,
} from './value.ts'

/** What an operation costs beside its node: for what it makes, as long as it is. */
export function reckonCost(left: GuardValue, right: GuardValue): number {
  if (typeof left === 'string') return lengthCost(textLength(left)! + textLength(right as string)!)
  if (left instanceof Uint8Array) return lengthCost(left.length + (right as Uint8Array).length)
  return Array.isArray(left) ? 1 + left.length + (right as readonly GuardValue[]).length : 0
}

/** Undefined where there is no value: a division by zero, or what is beyond an integer's, timestamp's or duration's bounds. */
export function reckon(operator: Arithmetic, left: GuardValue, right: GuardValue): GuardValue | undefined {
  if (typeof left === 'bigint') return reckonInts(operator, left, right as bigint)
  if (typeof left === 'string') return left + (right as string)
  if (left instanceof Uint8Array) return concat(left, right as Uint8Array)
  if (Array.isArray(left)) return [...left, ...(right as readonly GuardValue[])]
  return reckonTimes(operator === '-', left as GuardTimestamp, right as GuardTimestamp)
}

/** Quotients are cut towards zero, and remainders have the sign of what is divided, as in Go. */
function reckonInts(operator: Arithmetic, left: bigint, right: bigint): bigint | undefined {
  if (operator === '+' || operator === '-' || operator === '*') {
    const value = operator === '+' ? left + right : operator === '-' ? left - right : left * right
    return isInt(value) ? value : undefined
  }
  if (right === 0n) return undefined
  // The least integer divided by -1 is beyond the greatest; cel-go has no remainder of it either.
  const quotient = left / right
  if (!isInt(quotient)) return undefined
  return operator === '/' ? quotient : left % right
}

type Time = GuardTimestamp | GuardDuration

/** The difference of two timestamps is a duration, and a timestamp with a duration a timestamp. */
function reckonTimes(minus: boolean, left: Time, right: Time): Time | undefined {
  const seconds = minus ? left.seconds - right.seconds : left.seconds + right.seconds
  if (left.kind === right.kind) return isDurationSeconds(seconds) ? { kind: 'duration', seconds } : undefined
  return isTimestampSeconds(seconds) ? { kind: 'timestamp', seconds } : undefined
}
