// In the single file stands this in place of network/connect.ts: a client that knows the compiled-in checkpoint and asks nobody.
// It keeps nothing either, for a file has no storage of its own (security rule 6).

import { type Client, createClient, loadCrypto, parseNetwork, parseTrustRoot } from '@muniment/sdk'
import { plan } from './single-plan.ts'

export async function connect(): Promise<Client> {
  const crypto = await loadCrypto()
  return createClient({ root: parseTrustRoot(plan.root), network: parseNetwork(plan.network), crypto })
}
