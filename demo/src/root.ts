// The trust root is compiled into the page (security rule 4): see define in vite.config.ts.

import type { Json } from '@muniment/sdk'
import { configure } from '@muniment/web-components/verify'

declare const __MUNIMENT_TRUST_ROOT__: Json | undefined

if (__MUNIMENT_TRUST_ROOT__ === undefined) throw new Error('these pages were built without MUNIMENT_TRUST_ROOT')
configure({ root: __MUNIMENT_TRUST_ROOT__ })
