// What WebRTC calls a session description, reduced to what differs between two of ours: a user name and password of ICE, the
// fingerprint of a certificate, and where to try. Everything else in it is written by us, and nothing else of it is read.

import { formatHex } from '../bytes.ts'
import { check } from '../errors.ts'
import { channelMessageBytesMax } from '../limits.ts'
import { formatIp, parseIp } from './ip.ts'

/** An IP address of 4 or 16 bytes, or the UUID of 16 bytes that a browser shows for one (`UUID.local`). */
export type Candidate = {
  /** `reflexive`: as a STUN server saw it. */
  readonly type: 'host' | 'reflexive'
  readonly address: { readonly ip: Uint8Array } | { readonly uuid: Uint8Array }
  readonly port: number
}

/** One side of a connection. */
export type Side = {
  readonly ufrag: string
  readonly password: string
  /** SHA-256 of its certificate, 32 bytes. */
  readonly fingerprint: Uint8Array
  readonly candidates: readonly Candidate[]
}

/** RFC 8839, 5.4: ice-char. */
const iceText = /^[A-Za-z0-9+/]+$/
const uuidText = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\.local$/

/** RFC 8839, 5.4: what may stand for a user name or a password, without the upper end of 256 that nobody comes near. */
export function isIceText(text: string, lengthMin: number, lengthMax: number): boolean {
  return text.length >= lengthMin && text.length <= lengthMax && iceText.test(text)
}

/** Reads what this side's own WebRTC wrote. Throws VerifyError `unavailable` for what our connections can't be made with. */
export function readDescription(sdp: string): Side {
  const line = (name: string): string => new RegExp(`^a=${name}(\\S+)\\s*$`, 'mi').exec(sdp)?.[1] ?? ''
  const hex = line('fingerprint:sha-256 ').replaceAll(':', '')
  const side = { ufrag: line('ice-ufrag:'), password: line('ice-pwd:') }
  const known = /^[0-9a-f]{64}$/i.test(hex) && iceText.test(side.ufrag) && iceText.test(side.password)
  check(known, 'unavailable', 'this WebRTC describes itself in a way that is not known')
  return {
    ...side,
    fingerprint: Uint8Array.from(hex.match(/../g)!, byte => Number.parseInt(byte, 16)),
    candidates: [...sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ (host|srflx)\b/gim)].flatMap(
      readCandidate,
    ),
  }
}

function readCandidate([, text = '', port, type]: RegExpExecArray): readonly Candidate[] {
  const ip = parseIp(text)
  const uuid = uuidText.exec(text.toLowerCase())?.slice(1).join('')
  const address = ip
    ? { ip }
    : uuid
      ? { uuid: Uint8Array.from(uuid.match(/../g)!, byte => Number.parseInt(byte, 16)) }
      : undefined
  return address ? [{ type: type?.toLowerCase() === 'host' ? 'host' : 'reflexive', address, port: Number(port) }] : []
}

/**
 * `offer` and `answer` between equals: whoever answers begins DTLS (RFC 8842, 5.3). Of a dial the caller is `dialled` for the
 * node, and the node is `listening` for the caller: it answers on one address only and takes part in ICE as far as it must.
 */
export type DescriptionRole = 'offer' | 'answer' | 'dialled' | 'listening'

const setups = { offer: 'actpass', answer: 'active', dialled: 'active', listening: 'passive' } as const

/** The session description of the other side, as this side's WebRTC wants to read it (RFC 8866, RFC 8841). */
export function writeDescription(side: Side, role: DescriptionRole): string {
  const lines = [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    ...(role === 'listening' ? ['a=ice-lite'] : []),
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    `a=ice-ufrag:${side.ufrag}`,
    `a=ice-pwd:${side.password}`,
    `a=fingerprint:sha-256 ${formatHex(side.fingerprint).toUpperCase().match(/../g)!.join(':')}`,
    `a=setup:${setups[role]}`,
    'a=sctp-port:5000',
    `a=max-message-size:${channelMessageBytesMax}`,
    ...side.candidates.map(candidateLine),
    'a=end-of-candidates',
  ]
  return `${lines.join('\r\n')}\r\n`
}

/** RFC 8445, 5.1.2.1: the recommended preferences of each type, in the order given. */
function candidateLine({ type, address, port }: Candidate, index: number): string {
  const text = 'ip' in address ? formatIp(address.ip) : `${formatUuid(address.uuid)}.local`
  const [preference, ending] = type === 'host' ? [126, 'host'] : [100, 'srflx raddr 0.0.0.0 rport 9']
  const priority = preference * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255
  return `a=candidate:${index + 1} 1 udp ${priority} ${text} ${port} typ ${ending}`
}

function formatUuid(bytes: Uint8Array): string {
  return formatHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
