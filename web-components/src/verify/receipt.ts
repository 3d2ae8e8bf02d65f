// What a form gets of a check: enough to note it, and to ask again. Whoever decides by it checks for himself: a page's
// script can write anything here.

import { formatBase64Url, type Verdict } from '@muniment/sdk'

export type Receipt = {
  readonly verdict: Verdict['kind']
  readonly code: Verdict['code']
  /** The record's key in the ledger, base64url; absent where no record was found. */
  readonly key?: string
  /** The newest block under which it was checked, decimal. */
  readonly height?: string
}

export function receiptOf({ kind, code, record, asOf }: Verdict): Receipt {
  return {
    verdict: kind,
    code,
    ...(record ? { key: formatBase64Url(record.key) } : {}),
    ...(asOf ? { height: String(asOf.height) } : {}),
  }
}
