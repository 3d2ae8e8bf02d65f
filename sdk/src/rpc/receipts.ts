// Handing in a transaction for a promise: a method of our own nodes beside CometBFT's broadcast_tx_sync.

import { formatBase64 } from '../bytes.ts'
import { base64Of, integerOf, member, stringOf } from '../comet/json.ts'
import { receiptBytesMax, rpcLogLengthMax } from '../limits.ts'
import type { SubmitAnswer } from '../provider.ts'
import type { RpcProviderOptions } from './provider.ts'
import { callRpc } from './transport.ts'

/** `receipt` is not verified (verifyReceipt); undefined where the node took the transaction without a promise, and `log` says why. */
export type ReceiptAnswer = SubmitAnswer & { readonly receipt: Uint8Array | undefined }

/** `url` is the root of a node's RPC. Throws VerifyError `unavailable`, `limited`, `malformed`; or the signal's reason. */
export async function submitForReceipt(
  url: string,
  transaction: Uint8Array,
  options: Pick<RpcProviderOptions, 'fetch'> & { readonly signal?: AbortSignal | undefined } = {},
): Promise<ReceiptAnswer> {
  const absolute = new URL(url, globalThis.location?.href).href
  const transport = {
    base: absolute.endsWith('/') ? absolute : `${absolute}/`,
    fetch: options.fetch ?? ((address, init) => fetch(address, init)),
    method: 'POST',
  } as const
  const params = { tx: formatBase64(transaction) }
  const answer = await callRpc(transport, { name: 'muniment_receipt', params, signal: options.signal })
  const receipt = base64Of(member(answer, 'receipt'), 'receipt', receiptBytesMax)
  return {
    code: integerOf(member(answer, 'code'), 'code', { min: 0, max: 2 ** 32 - 1 }),
    log: stringOf(member(answer, 'log'), 'log').slice(0, rpcLogLengthMax),
    receipt: receipt.length === 0 ? undefined : receipt,
  }
}
