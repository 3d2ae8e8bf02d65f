// What everyone needs who begins to sign, in one file to load.

export { handIn, linkOf, prepareDeclaration, signPrepared, verifyRecorded, waitForAct, waitForRecord } from './flow.ts'
export { checkKey, readPlace } from './ledger.ts'
export { firstKey, heldKey } from './own-keys.ts'
