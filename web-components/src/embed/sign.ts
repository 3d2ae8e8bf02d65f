// What sign.js of an embed kit loads: the elements that sign.

export { configure } from '../configure.ts'

import '../network/network.ts'
import '../sign/sign.ts'
import { loadWhenSeen } from './when-seen.ts'

loadWhenSeen('muniment-keys', () => import('../sign/keys.ts'))
loadWhenSeen('muniment-status', () => import('../status/status.ts'))
