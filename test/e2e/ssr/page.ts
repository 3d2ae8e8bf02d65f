// Brings to life what the server drew. What takes drawings over loads first, as Lit wants it.

import '@lit-labs/ssr-client/lit-element-hydrate-support.js'

await import('@muniment/web-components')
