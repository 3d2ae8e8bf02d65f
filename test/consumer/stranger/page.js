// A page's own script: configures the root, checks a file by the element, and has the network's worker check signatures.

import { configure } from '@muniment/web-components'
import { fixture } from './fixture.js'
import { check } from './page-check.js'
import { verify } from './verify.js'

configure({ root: fixture.root })
const { good, spoiled } = await verify(fixture)
await check(fixture, { good, spoiled })
