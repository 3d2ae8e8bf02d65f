import { check } from './errors.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const empty: Uint8Array = new Uint8Array(0)

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const result = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    result.set(part, offset)
    offset += part.length
  }
  return result
}

/** Not constant time: nothing secret is ever compared here. */
export function equals(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false
  return true
}

export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && equals(bytes.subarray(0, prefix.length), prefix)
}

/** Lexicographic order, as Go's bytes.Compare. */
export function compare(left: Uint8Array, right: Uint8Array): number {
  const shorter = Math.min(left.length, right.length)
  for (let i = 0; i < shorter; i++) {
    const difference = left[i]! - right[i]!
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

export function encodeUtf8(text: string): Uint8Array {
  // Names and codes are short and plain, and the encoder takes longer to be called than to work.
  if (text.length > 32) return encoder.encode(text)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return encoder.encode(text)
    bytes[i] = code
  }
  return bytes
}

/** Strict: throws `malformed` for bytes that are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    check(false, 'malformed', 'text is not valid UTF-8')
  }
}

const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function formatHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexOfByte[byte]
  return text
}

/** Accepts both cases, as CometBFT's JSON is upper case. */
export function parseHex(text: string): Uint8Array {
  check(text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text), 'malformed', 'not a hexadecimal string')
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

export function formatBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(text)
}

/** RFC 4648, section 4, with padding; refuses any second spelling of the same bytes. */
export function parseBase64(text: string): Uint8Array {
  check(text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text), 'malformed', 'not a base64 string')
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  check(formatBase64(bytes) === text, 'non-canonical', 'base64 with stray bits')
  return bytes
}

/** RFC 4648, section 5, without padding, as JOSE writes it (RFC 7515, section 2). */
export function formatBase64Url(bytes: Uint8Array): string {
  return formatBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Refuses padding, foreign characters and stray bits, so that one value has one spelling. */
export function parseBase64Url(text: string): Uint8Array {
  check(/^[A-Za-z0-9_-]*$/.test(text) && text.length % 4 !== 1, 'malformed', 'not a base64url string')
  const padded = text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat((4 - (text.length % 4)) % 4)
  return parseBase64(padded)
}
