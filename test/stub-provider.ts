// Providers for tests that want only a part of one.

import type { LightBlock } from '../sdk/src/comet/light-block.ts'
import { VerifyError } from '../sdk/src/errors.ts'
import type { BlockOptions, Provider } from '../sdk/src/provider.ts'

/** A provider that serves nothing but what is given. */
export function stubProvider(over: Partial<Provider> = {}): Provider {
  const never = async (): Promise<never> => {
    throw new VerifyError('unavailable', 'not served here')
  }
  return {
    kind: 'local',
    label: 'test',
    lightBlock: never,
    lightBlocks: never,
    validatorSet: never,
    query: never,
    submit: never,
    reportEvidence: never,
    history: never,
    witnessedHead: never,
    checkpoint: never,
    close: async () => undefined,
    ...over,
  }
}

type Range = { readonly from: bigint; readonly to: bigint } | 'latest'

/** Both questions for blocks from one function, which may answer anything. */
export function servingBlocks(
  read: (range: Range, options?: BlockOptions) => Promise<readonly LightBlock[]>,
): Pick<Provider, 'lightBlock' | 'lightBlocks'> {
  return {
    lightBlock: async (height, options) =>
      (await read(height === 'latest' ? 'latest' : { from: height, to: height }, options))[0]!,
    lightBlocks: (from, to, options) => read({ from, to }, options),
  }
}
