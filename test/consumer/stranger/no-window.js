// A server that draws pages imports all of it, and has neither window nor document.

import * as sdk from '@muniment/sdk'
import * as elements from '@muniment/web-components'

const { createPeers } = await import('@muniment/sdk/p2p')
const peers = await createPeers()
const error = await peers.connect('no address').catch(reason => reason)
await peers.close()

console.log(
  JSON.stringify({
    window: typeof globalThis.window,
    sdk: typeof sdk.createClient,
    // The network part throws the class that the rest of the SDK catches.
    p2p: error instanceof sdk.VerifyError ? error.code : String(error),
    elements: Object.keys(elements).filter(name => name.startsWith('Muniment')),
  }),
)
// libp2p as pages have it keeps a port open, which here nobody closes.
process.exit()
