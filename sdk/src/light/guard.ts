// What a provider may throw. Some words of VerifyError say what became of a whole check ("two peers disagree", "your clock is
// wrong"), and a check that hears one of them asks nobody else: those are ours to say, never a provider's.

import { VerifyError, type VerifyErrorCode } from '../errors.ts'
import type { ProviderOptions } from '../provider.ts'

/** What somebody can know who was asked and has verified nothing. */
const tellable: readonly VerifyErrorCode[] = [
  'truncated',
  'oversized',
  'malformed',
  'non-canonical',
  'format-unknown',
  'invalid-header',
  'invalid-commit',
  'invalid-validator-set',
  'wrong-height',
  'wrong-hash',
  'unavailable',
  'limited',
  'refused',
]

/** One guard a provider, so that they can be told from each other as the providers can. */
const guards = new WeakMap<object, object>()

/** The same provider, which rejects with VerifyErrors of those codes, or with the signal's reason, whatever it throws itself. */
export function guarded<P extends object>(provider: P): P {
  const known = guards.get(provider)
  if (known !== undefined) return known as P
  const guard = new Proxy(provider, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      // Methods of instances need their own `this`.
      return (...args: readonly unknown[]) => answerOf(() => member.apply(target, args), args.at(-1))
    },
  })
  guards.set(provider, guard)
  guards.set(guard, guard)
  return guard
}

async function answerOf(ask: () => unknown, options: unknown): Promise<unknown> {
  try {
    return await ask()
  } catch (error) {
    if (isAborted(options)) throw error
    if (error instanceof VerifyError && tellable.includes(error.code)) throw error
    throw new VerifyError('unavailable', `the provider failed: ${wordsOf(error)}`)
  }
}

function isAborted(options: unknown): boolean {
  return typeof options === 'object' && options !== null && (options as ProviderOptions).signal?.aborted === true
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error
}
