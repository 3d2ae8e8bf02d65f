// What verify.js of an embed kit loads: the elements that check a record.

export { configure } from '../configure.ts'

import '../network/network.ts'
import '../verify/verify.ts'
import { loadWhenSeen } from './when-seen.ts'

loadWhenSeen('muniment-status', () => import('../status/status.ts'))
loadWhenSeen('muniment-record', () => import('../record/record.ts'))
