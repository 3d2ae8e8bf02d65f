import { VerifyError } from '../errors.ts'
import { joinSignals } from '../signals.ts'

/** Aborts with the caller's reason, or after `timeoutMs` with VerifyError `unavailable` and the given sentence. */
export function withDeadline(timeoutMs: number, sentence: string, signal?: AbortSignal): AbortSignal {
  const late = new AbortController()
  AbortSignal.timeout(timeoutMs).addEventListener('abort', () => late.abort(new VerifyError('unavailable', sentence)))
  return joinSignals(signal, late.signal)
}
