// Lies about any decoded value: one place in it is changed, or taken from another true value of the same shape.

import { flipBit, type Random } from './mutate.ts'

/** A copy with one place changed. `donor` is another value of its kind, from which places may be taken. */
export function changeValue<T>(value: T, donor: unknown, random: Random): T {
  return change(value, donor, random) as T
}

function change(value: unknown, donor: unknown, random: Random): unknown {
  if (sameKind(value, donor) && random(8) === 0) return donor
  if (value instanceof Uint8Array) return changeBytes(value, random)
  if (typeof value === 'bigint') return changeNumber(value, random)
  if (typeof value === 'number') return Number(BigInt.asIntN(32, changeNumber(BigInt(value), random)))
  if (typeof value === 'boolean') return !value
  if (typeof value === 'string') return changeText(value, random)
  if (Array.isArray(value)) return changeList(value, donor, random)
  if (typeof value === 'object' && value !== null) return changeField(value, donor, random)
  // What is not there comes from the other, or stays away.
  return donor
}

function changeField(value: object, donor: unknown, random: Random): unknown {
  const fields = Object.keys(value)
  const field = fields[random(fields.length)]!
  const own = (value as Record<string, unknown>)[field]
  const other = typeof donor === 'object' && donor !== null ? (donor as Record<string, unknown>)[field] : undefined
  return { ...value, [field]: change(own, other, random) }
}

function changeList(list: readonly unknown[], donor: unknown, random: Random): unknown[] {
  const others: readonly unknown[] = Array.isArray(donor) ? donor : []
  const changed = [...list]
  const at = list.length === 0 ? 0 : random(list.length)
  const other = others.length === 0 ? list[at] : others[random(others.length)]
  switch (random(list.length === 0 ? 1 : 9)) {
    case 0:
      if (other !== undefined) changed.splice(at, 0, other)
      return changed
    case 1:
      changed.splice(at, 1)
      return changed
    case 2:
      return changed.slice(0, at)
    case 3:
      return changed.reverse()
    case 4:
      ;[changed[at], changed[0]] = [changed[0], changed[at]]
      return changed
    default:
      changed[at] = change(list[at], others[at] ?? other, random)
      return changed
  }
}

function changeBytes(bytes: Uint8Array, random: Random): Uint8Array {
  switch (random(bytes.length === 0 ? 2 : 8)) {
    case 0:
      return Uint8Array.of(...bytes, random(256))
    case 1:
      return new Uint8Array(bytes.length === 0 ? 32 : bytes.length)
    case 2:
      return bytes.slice(0, random(bytes.length))
    case 3:
      return bytes.slice(1)
    default:
      return flipBit(bytes, random)
  }
}

const numbers: readonly bigint[] = [0n, 1n, -1n, 2n ** 31n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n]

function changeNumber(value: bigint, random: Random): bigint {
  switch (random(4)) {
    case 0:
      return value + 1n
    case 1:
      return value - 1n
    case 2:
      return value ^ (1n << BigInt(random(63)))
    default:
      return numbers[random(numbers.length)]!
  }
}

function changeText(text: string, random: Random): string {
  const at = random(text.length + 1)
  switch (random(4)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return `${text.slice(0, at)}\u0000${text.slice(at)}`
    case 2:
      return text + text.slice(at)
    default:
      return `${text.slice(0, at)}${String.fromCodePoint(33 + random(90))}${text.slice(at + 1)}`
  }
}

function sameKind(value: unknown, donor: unknown): boolean {
  return donor !== undefined && donor !== value && typeof value === typeof donor
}
