// The verdict where there is no client to ask: whatever hinders a check is "unknown", never "invalid".

import { kindOf, stepCodes, type Verdict, type VerdictCode } from '@muniment/sdk'

export function unansweredVerdict(
  code: VerdictCode,
  { evidence, origin }: { readonly evidence: string; readonly origin: string },
): Verdict {
  return {
    kind: kindOf(code),
    code,
    asOf: undefined,
    sources: [],
    signedPower: undefined,
    trusted: [{ role: 'page', origin }],
    steps: stepCodes.map(step => ({ code: step, state: step === 'header' ? 'unknown' : 'skipped' })),
    record: undefined,
    evidence,
  }
}
