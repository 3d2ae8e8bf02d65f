// Where a node is dialled by our own dial: `/ip4/HOST/udp/PORT/muniment-direct/certhash/HASH/p2p/ID`. It names the node's
// certificate and its key, so nobody can stand in for it.

import { concat, formatBase64Url, parseBase64Url } from '../bytes.ts'
import { assert, check } from '../errors.ts'
import { addressLengthMax } from '../limits.ts'
import { formatIp, parseIp } from './ip.ts'

export type DirectAddress = {
  /** An IP literal in its one spelling: what is dialled is what is written, no name is looked up. */
  readonly host: string
  readonly port: number
  /** SHA-256 of the certificate. */
  readonly fingerprint: Uint8Array
  /** The peer id of an Ed25519 key, `12D3KooW…`. */
  readonly peer: string
}

/** multihash: sha2-256, 32 bytes. */
const multihashHead = Uint8Array.of(0x12, 0x20)
const shape =
  /^\/ip([46])\/([0-9a-f:.]+)\/udp\/([1-9]\d{0,4})\/muniment-direct\/certhash\/u([A-Za-z0-9_-]+)\/p2p\/(\w+)$/
const ed25519Id = /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/

/** Whether a text names the own dial; its other parts may still be wrong. */
export function isDirectAddress(text: string): boolean {
  return text.includes('/muniment-direct/')
}

/** Throws VerifyError `malformed`, `non-canonical` or `oversized`. */
export function parseDirectAddress(text: string): DirectAddress {
  check(text.length <= addressLengthMax, 'oversized', 'an address is too long')
  const found = shape.exec(text)
  check(found, 'malformed', 'not an address of a node')
  const [, family, host, port, certhash, peer] = found as unknown as readonly string[]
  const ip = parseIp(host!)
  check(ip?.length === (family === '4' ? 4 : 16), 'malformed', 'an address without an IP literal')
  check(Number(port) < 65_536, 'malformed', 'a port is less than 65536')
  check(ed25519Id.test(peer!), 'malformed', 'an address without the node’s peer id')
  const multihash = parseBase64Url(certhash!)
  const isSha256 = multihash.length === 34 && multihash[0] === multihashHead[0] && multihash[1] === multihashHead[1]
  check(isSha256, 'malformed', 'a certificate’s hash is one of SHA-256')
  check(formatIp(ip) === host, 'non-canonical', 'an IP address in another spelling')
  return { host: host!, port: Number(port), fingerprint: multihash.subarray(2), peer: peer! }
}

/** `host` may be any spelling of an IP address. */
export function formatDirectAddress({ host, port, fingerprint, peer }: DirectAddress): string {
  const ip = parseIp(host)
  assert(ip, `${host} is no IP address`)
  const certhash = formatBase64Url(concat(multihashHead, fingerprint))
  return `/ip${ip.length === 4 ? 4 : 6}/${formatIp(ip)}/udp/${port}/muniment-direct/certhash/u${certhash}/p2p/${peer}`
}

/** The same place in the words of libp2p, which does not know our dial: for its own books, never dialled. */
export function libp2pAddress({ host, port }: Pick<DirectAddress, 'host' | 'port'>): string {
  return `/ip${host.includes(':') ? 6 : 4}/${host}/udp/${port}/webrtc-direct`
}
