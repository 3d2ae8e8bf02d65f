// network.json: where a network can be reached, and the checkpoint that its named bodies signed. Nothing in it is believed
// for standing there: addresses are only asked, and the checkpoint counts by the trust root's keys (security rule 4).

import { formatBase64Url, parseBase64Url } from './bytes.ts'
import { check } from './errors.ts'
import { checkMembers, isObject, type Json, type JsonObject, textMember } from './json.ts'
import { type SignedCheckpoint, signedCheckpoint } from './light/checkpoint.ts'
import { addressesMax, addressLengthMax, chainIdLengthMax } from './limits.ts'

export type Network = {
  readonly chainId: string
  readonly checkpoint: SignedCheckpoint
  /** WebRTC multiaddresses. */
  readonly peers: readonly string[]
  /** Base URLs of RPC servers; relative ones are taken from the page. */
  readonly rpc: readonly string[]
}

/** Throws VerifyError for anything but the known members within bounds. */
export function parseNetwork(json: Json): Network {
  check(isObject(json), 'malformed', 'network.json holds an object')
  checkMembers(json, ['chainId', 'checkpoint', 'peers', 'rpc', 'witnesses'])
  const chainId = textMember(json, 'chainId')
  check(chainId.length <= chainIdLengthMax, 'oversized', 'a chain id is too long')
  return {
    chainId,
    checkpoint: signedCheckpoint.decode(parseBase64Url(textMember(json, 'checkpoint'))),
    peers: addresses(json.peers, isPeerAddress),
    rpc: addresses(json.rpc, isRpcAddress),
  }
}

export function formatNetwork(network: Network): JsonObject {
  return {
    chainId: network.chainId,
    checkpoint: formatBase64Url(signedCheckpoint.encode(network.checkpoint)),
    peers: network.peers,
    rpc: network.rpc,
  }
}

function addresses(json: Json | undefined, isAddress: (text: string) => boolean): readonly string[] {
  const list = json ?? []
  check(Array.isArray(list) && list.length <= addressesMax, 'oversized', 'too many addresses')
  return list.map(address => {
    const good = typeof address === 'string' && address.length <= addressLengthMax && isAddress(address)
    check(good, 'malformed', 'not an address', { actual: String(address).slice(0, 80) })
    return address
  })
}

function isPeerAddress(text: string): boolean {
  return /^\/[\x21-\x7e]+$/.test(text)
}

/** A path on the page's own origin, or a server's URL: nothing else is fetched. */
function isRpcAddress(text: string): boolean {
  return /^(?:\/(?![/\\])|https?:\/\/)[\x21-\x7e]*$/.test(text) && isUrl(text)
}

/** URL.canParse, which browsers of early 2023 do not have. */
function isUrl(text: string): boolean {
  try {
    return new URL(text, 'https://page.invalid').href !== ''
  } catch {
    return false
  }
}
