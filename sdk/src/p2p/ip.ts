// IP addresses as bytes: four of IPv4, sixteen of IPv6. One spelling each way, and what kind of place an address is.

import { check } from '../errors.ts'

/** `private`: of a home, an office or a link. `unusable`: no host's address, such as a group's. */
export type IpScope = 'public' | 'private' | 'loopback' | 'unusable'

/** 4 or 16 bytes; undefined for what is no IP literal. A zone or an embedded IPv4 address is none. */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): Uint8Array | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(text)) return undefined
  const numbers = text.split('.').map(Number)
  return numbers.every(number => number < 256) ? Uint8Array.from(numbers) : undefined
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(half => (half === '' ? [] : half.split(':')))
  const groups = [...head!, ...(tail ?? [])]
  if (!groups.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  // `::` stands for at least one group.
  if (tail ? groups.length > 7 : groups.length !== 8) return undefined
  const all = [...head!, ...Array.from({ length: 8 - groups.length }, () => '0'), ...(tail ?? [])]
  return Uint8Array.from(all.flatMap(group => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]))
}

/** The one spelling of 4 or 16 bytes (RFC 5952, 4). */
export function formatIp(bytes: Uint8Array): string {
  check(bytes.length === 4 || bytes.length === 16, 'malformed', 'an IP address has 4 or 16 bytes')
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[2 * index]! << 8) | bytes[2 * index + 1]!)
  const { start, length } = longestZeros(groups)
  const text = (from: number, to?: number): string =>
    groups
      .slice(from, to)
      .map(group => group.toString(16))
      .join(':')
  return length < 2 ? text(0) : `${text(0, start)}::${text(start + length)}`
}

/** The first of the longest runs of zero groups. */
function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}

/** By the registries of special addresses (RFC 6890). */
export function ipScope(bytes: Uint8Array): IpScope {
  return bytes.length === 4 ? scopeOfIpv4(bytes) : scopeOfIpv6(bytes)
}

function scopeOfIpv4([first = 0, second = 0]: Uint8Array): IpScope {
  if (first === 127) return 'loopback'
  if (first === 0 || first >= 224) return 'unusable'
  const isPrivate =
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254) ||
    // Between a provider and its customers (RFC 6598).
    (first === 100 && second >= 64 && second < 128)
  return isPrivate ? 'private' : 'public'
}

function scopeOfIpv6(bytes: Uint8Array): IpScope {
  const [first = 0, second = 0] = bytes
  if (bytes.subarray(0, 15).every(byte => byte === 0)) return bytes[15] === 1 ? 'loopback' : 'unusable'
  // 2000::/3 is what is given out to the world; unique local and link-local addresses are the others that hosts have. Those
  // that carry an IPv4 address, which could be any of its kinds, are not taken.
  if ((first & 0xe0) === 0x20) return (first << 8) + second === 0x2002 ? 'unusable' : 'public'
  return (first & 0xfe) === 0xfc || (first === 0xfe && (second & 0xc0) === 0x80) ? 'private' : 'unusable'
}
