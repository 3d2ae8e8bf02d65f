// A check over the network that an element asks.

import type { Client, Verdict } from '@muniment/sdk'
import { type MunimentNetwork, networkErrorCode } from '../network/network.ts'
import { unlessAborted } from '../signals.ts'
import { unansweredVerdict } from './unanswered.ts'

export type CheckOptions = NonNullable<Parameters<Client['verifyRecord']>[1]> & { readonly signal: AbortSignal }

/** Whatever happens to the network is a verdict; only a fault of our own, or the signal's reason, rejects. */
export async function askNetwork(
  network: MunimentNetwork | undefined,
  input: string | Uint8Array,
  options: CheckOptions,
): Promise<Verdict> {
  const { origin } = location
  const { signal } = options
  if (!network) return unansweredVerdict('no-peers', { evidence: 'The page names no network.', origin })
  const client = await unlessAborted(network.connect(), signal).catch(error => {
    signal.throwIfAborted()
    const evidence = error instanceof Error ? error.message : ''
    return unansweredVerdict(networkErrorCode(error), { evidence, origin })
  })
  return 'kind' in client ? client : client.verifyRecord(input, options)
}
