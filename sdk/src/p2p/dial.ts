// Our own dial of a node: no description is sent anywhere. The node learns user name and password from the first packet,
// since the page uses its own password, behind a fixed word, as the node's user name and password (the way of WebRTC-direct's
// second version). No description of this side is rewritten, which browsers are about to forbid.

import type { Connection } from '@libp2p/interface'
import { libp2pAddress, parseDirectAddress } from './address.ts'
import { readDescription, writeDescription } from './description.ts'
import { type Host, upgradeLink } from './host.ts'
import { parseIp } from './ip.ts'
import { createLink, tellDescription } from './link.ts'

/** Before the caller's password in the node's user name: what tells our first packet from any other. */
export const directUfragPrefix = 'muniment/direct/1/'

/** Rejects with VerifyError (an address that is none, a node that is not there or is another), or the signal's reason. */
export async function dialDirect(host: Host, text: string, signal: AbortSignal): Promise<Connection> {
  const address = parseDirectAddress(text)
  const link = await createLink([])
  try {
    await link.peer.setLocalDescription(await link.peer.createOffer())
    const local = readDescription(link.peer.localDescription?.sdp ?? '')
    const secret = directUfragPrefix + local.password
    const node = {
      ufrag: secret,
      password: secret,
      fingerprint: address.fingerprint,
      candidates: [{ type: 'host', address: { ip: parseIp(address.host)! }, port: address.port }],
    } as const
    await tellDescription(link.peer, 'answer', writeDescription(node, 'listening'))
    return await upgradeLink(host, link, {
      role: 'offerer',
      fingerprints: { offerer: local.fingerprint, answerer: address.fingerprint },
      address: libp2pAddress(address),
      peer: address.peer,
      signal,
    })
  } catch (error) {
    link.close()
    throw error
  }
}
