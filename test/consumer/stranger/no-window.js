// A server that draws pages imports all of it, and has neither window nor document.

import * as sdk from '@muniment/sdk'
import * as elements from '@muniment/web-components'

console.log(
  JSON.stringify({
    window: typeof globalThis.window,
    sdk: typeof sdk.createClient,
    p2p: typeof (await import('@muniment/sdk/p2p')).createPeers,
    elements: Object.keys(elements).filter(name => name.startsWith('Muniment')),
  }),
)
