// A person who came to the office: two officials name a new key for an account. "Done" is said when the ledger shows the key.

import { accountEntry, accountKey, decodeArgs, encodeUtf8, equals, parseBase64Url } from '@muniment/sdk'
import type { MunimentNetwork } from '@muniment/web-components'

const waitMs = 30_000
const pollMs = 500

/** Rejects with the reason where it was not done. */
export async function recoverAtOffice(network: MunimentNetwork, text: string): Promise<void> {
  const { account, key } = decodeArgs(encodeUtf8(text.trim()))
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text }) }
  const { error } = (await (await fetch('/demo/recover', init)).json()) as { readonly error?: string }
  if (error) throw new Error(error)
  const client = await network.connect()
  const place = accountKey(client.crypto, parseBase64Url(String(account)))
  const until = Date.now() + waitMs
  for (;;) {
    const { values } = await client.read([place])
    const recovery = values[0] && accountEntry.decode(values[0]).recovery
    if (recovery && equals(recovery.key.bytes, parseBase64Url(String(key)))) return
    if (Date.now() > until) throw new Error('the ledger did not prove it in time')
    await new Promise(resolve => setTimeout(resolve, pollMs))
  }
}
