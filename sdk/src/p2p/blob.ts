// One side of a connection in as few bytes as a QR code or a hand can carry: 56, and 7 or 19 for each place to try. Whoever
// reads one is protected from its writer: places on this machine, groups and well-known services are never tried, and places
// of the reader's own network only where a person carried the blob.

import { concat, formatBase64Url, parseBase64Url } from '../bytes.ts'
import { check } from '../errors.ts'
import { blobBytesMax, blobCandidatesMax, candidatePortMin } from '../limits.ts'
import { type Candidate, isIceText, type Side } from './description.ts'
import { ipScope } from './ip.ts'

export type BlobKind = 'offer' | 'answer'

/** Which places to try are written and read; the others are left out. Names of browsers, `UUID.local`, always are. */
export type CandidatePolicy = {
  readonly countMax: number
  readonly scopes: readonly ('public' | 'private' | 'loopback')[]
}

/** A person carries the blob from one device to the other. */
export const pairedPolicy: CandidatePolicy = { countMax: blobCandidatesMax, scopes: ['public', 'private'] }

const kinds: readonly BlobKind[] = ['offer', 'answer']
const sixBits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const ufragLengthMax = 32
const passwordLengthMax = 64
/** What a candidate's first byte says, beside whether it is reflexive. */
const [ipv4Form, uuidForm, ipv6Form, reflexiveBit] = [1, 2, 3, 4]

/**
 * kind (0 offer, 1 answer) | ufrag | password | fingerprint (32) | candidates; a text is its length and its characters, six
 * bits each; a candidate is form (1 IPv4, 2 UUID, 3 IPv6; 4 more where reflexive) | address (4 or 16) | port (2).
 */
export function packBlob(kind: BlobKind, side: Side, policy: CandidatePolicy): Uint8Array {
  const texts = [side.ufrag, side.password].map(packText)
  const candidates = keptCandidates(side.candidates, policy).map(packCandidate)
  return concat(Uint8Array.of(kinds.indexOf(kind)), ...texts, side.fingerprint, ...candidates)
}

/** Throws VerifyError `oversized`, `malformed`, `non-canonical`, `truncated` or `format-unknown`. */
export function unpackBlob(kind: BlobKind, blob: Uint8Array, policy: CandidatePolicy): Side {
  check(blob.length <= blobBytesMax, 'oversized', 'a blob is too long', { expected: blobBytesMax, actual: blob.length })
  let at = 0
  const take = (count: number): Uint8Array => {
    check(at + count <= blob.length, 'truncated', 'a blob ends early')
    at += count
    return blob.subarray(at - count, at)
  }
  const [named = 0] = take(1)
  check(named < kinds.length, 'format-unknown', 'a blob of another kind or version')
  check(kinds[named] === kind, 'malformed', `this is no ${kind}`, { actual: kinds[named] })
  const side = {
    ufrag: unpackText(take, 4, ufragLengthMax),
    password: unpackText(take, 22, passwordLengthMax),
    fingerprint: take(32).slice(),
  }
  const candidates: Candidate[] = []
  while (at < blob.length) {
    check(candidates.length < blobCandidatesMax, 'oversized', 'too many candidates', { expected: blobCandidatesMax })
    candidates.push(unpackCandidate(take))
  }
  check(candidates.length <= policy.countMax, 'oversized', 'too many candidates', { expected: policy.countMax })
  return { ...side, candidates: keptCandidates(candidates, policy) }
}

/** base64url. */
export function formatBlob(blob: Uint8Array): string {
  return formatBase64Url(blob)
}

/** Whitespace around and within, as copying adds it, is overlooked. Throws VerifyError. */
export function parseBlob(text: string): Uint8Array {
  check(text.length <= blobBytesMax * 2, 'oversized', 'a blob is too long')
  return parseBase64Url(text.replaceAll(/\s/g, ''))
}

function keptCandidates(candidates: readonly Candidate[], { countMax, scopes }: CandidatePolicy): readonly Candidate[] {
  const isKept = ({ address, port }: Candidate): boolean => {
    const scope = 'ip' in address ? ipScope(address.ip) : 'public'
    return port >= candidatePortMin && scope !== 'unusable' && scopes.includes(scope)
  }
  return candidates.filter(isKept).slice(0, countMax)
}

function packText(text: string): Uint8Array {
  const packed = new Uint8Array(1 + Math.ceil((text.length * 6) / 8))
  packed[0] = text.length
  for (let index = 0; index < text.length; index++) {
    const value = sixBits.indexOf(text[index]!)
    for (let bit = 0; bit < 6; bit++) {
      const place = index * 6 + bit
      if (value & (32 >> bit)) packed[1 + (place >> 3)]! |= 128 >> (place & 7)
    }
  }
  return packed
}

function unpackText(take: (count: number) => Uint8Array, lengthMin: number, lengthMax: number): string {
  const [length = 0] = take(1)
  check(length >= lengthMin && length <= lengthMax, 'malformed', 'a user name or password of another length')
  const packed = take(Math.ceil((length * 6) / 8))
  let text = ''
  for (let index = 0; index < length; index++) {
    const place = index * 6
    const pair = (packed[place >> 3]! << 8) | (packed[(place >> 3) + 1] ?? 0)
    text += sixBits[(pair >> (10 - (place & 7))) & 63]
  }
  const stray = packed.length * 8 - length * 6
  check((packed.at(-1)! & ((1 << stray) - 1)) === 0, 'non-canonical', 'stray bits behind a text')
  check(isIceText(text, lengthMin, lengthMax), 'malformed', 'a user name or password of other characters')
  return text
}

function packCandidate({ type, address, port }: Candidate): Uint8Array {
  const bytes = 'ip' in address ? address.ip : address.uuid
  const form = 'uuid' in address ? uuidForm : bytes.length === 4 ? ipv4Form : ipv6Form
  return concat(
    Uint8Array.of(form! | (type === 'host' ? 0 : reflexiveBit!)),
    bytes,
    Uint8Array.of(port >> 8, port & 255),
  )
}

function unpackCandidate(take: (count: number) => Uint8Array): Candidate {
  const [head = 0] = take(1)
  const form = head & 3
  check(form !== 0 && head < 8, 'malformed', 'a candidate of another form')
  const bytes = take(form === ipv4Form ? 4 : 16).slice()
  const [high = 0, low = 0] = take(2)
  return {
    type: head & reflexiveBit! ? 'reflexive' : 'host',
    address: form === uuidForm ? { uuid: bytes } : { ip: bytes },
    port: high * 256 + low,
  }
}
