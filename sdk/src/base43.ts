// Bytes in the 43 characters that a QR code packs best (ISO/IEC 18004, 7.4.4: 11 bits for two) and that a URL's fragment may hold
// as they are (RFC 3986, 3.5): the alphanumeric set without space and percent. Two bytes are three characters, least significant
// first, as base45 does it (RFC 9285, 4); a last byte alone is two.

import { check } from './errors.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*+-./:'
const base = 43

export function formatBase43(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 2) {
    const isPair = i + 1 < bytes.length
    let value = isPair ? bytes[i]! * 256 + bytes[i + 1]! : bytes[i]!
    for (let digits = isPair ? 3 : 2; digits > 0; digits--) {
      text += alphabet[value % base]
      value = Math.floor(value / base)
    }
  }
  return text
}

/** Throws VerifyError `malformed`; one sequence of bytes has one text. */
export function parseBase43(text: string): Uint8Array {
  check(text.length % 3 !== 1, 'malformed', 'not base43: a character is left over')
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 === 2 ? 1 : 0))
  for (let i = 0, at = 0; i < text.length; i += 3) {
    const group = text.slice(i, i + 3)
    let value = 0
    for (const character of [...group].reverse()) {
      const digit = alphabet.indexOf(character)
      check(digit >= 0, 'malformed', 'not base43')
      value = value * base + digit
    }
    check(value < (group.length === 3 ? 65_536 : 256), 'malformed', 'not base43: a group is too large')
    if (group.length === 3) bytes[at++] = value >> 8
    bytes[at++] = value & 255
  }
  return bytes
}
