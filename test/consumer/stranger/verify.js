// What a stranger writes: the same lines for Node, workers, bundles and pages.

import { createClient, parseNetwork, parseTrustRoot } from '@muniment/sdk'
import { bytesOf } from './verify-many.js'

/** The verdicts on a true answer and on one with a byte changed, and by which crypto. */
export async function verify(fixture, crypto) {
  const client = await createClient({
    root: parseTrustRoot(fixture.root),
    network: parseNetwork(fixture.network),
    now: () => ({ seconds: BigInt(fixture.now), nanos: 0 }),
    ...(crypto === undefined ? {} : { crypto }),
  })
  try {
    const good = await client.verifyRecord(bytesOf(fixture.bundle))
    const spoiled = await client.verifyRecord(bytesOf(fixture.spoiled))
    return { good: good.kind, spoiled: spoiled.kind, crypto: client.crypto.name }
  } finally {
    await client.close()
  }
}
