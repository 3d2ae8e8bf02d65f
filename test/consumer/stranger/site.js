// A page without a bundler: the ready-made folder, and a module of its own.

import { fixture } from './fixture.js'
import { configure } from './muniment/verify.js'
import { check } from './page-check.js'

configure({ root: fixture.root })
await check(fixture, {})
