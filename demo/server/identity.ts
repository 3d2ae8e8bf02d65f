// Where the example's people sign what weighs: the portal itself. Its port is known only now, so the founders name it by an act of
// theirs, as a real network would when its identity page moves.

import { accountId, type Client, identityEntry, identityKey, mandateId, ResultCode, VerifyError } from '@muniment/sdk'
import type { Country } from './country.ts'

const waitMs = 30_000
const pollMs = 300

const named = 'The founders have named the portal as the page on which people sign what matters most.'
const tooOld =
  'This home is of an older version: what matters most can’t be signed with it. Begin a new one with --home.'

/** Resolves when the ledger proves that the origin is named, with a sentence that says so, or that the home is too old for it. */
export async function nameIdentityPage(country: Country, client: Client, origin: string): Promise<string> {
  if (await isNamed(client, origin)) return named
  const { crypto, root } = client
  const founders = (['founder-1', 'founder-2'] as const).map(country.official)
  const signers = founders.map(({ signer, office }) => {
    const account = accountId(crypto, signer.key)
    return { account, role: 'founder', mandate: mandateId(crypto, office, account, root.genesisHash) }
  })
  const act = { service: 'state.parties@1', transition: 'setIdentityOrigins', args: { origins: [origin] }, signers }
  const transaction = await client.sign(
    await client.prepare(act),
    founders.map(({ signer }) => signer),
  )
  const { code, log } = await client.submit(transaction)
  if (code === ResultCode.unknownTransition) return tooOld
  if (code !== 0) throw new VerifyError('refused', `the ledger refused the identity page: ${log}`)
  const until = Date.now() + waitMs
  while (!(await isNamed(client, origin))) {
    if (Date.now() > until) throw new VerifyError('unavailable', 'the identity page was not proven in time')
    await new Promise(resolve => setTimeout(resolve, pollMs))
  }
  return named
}

async function isNamed(client: Client, origin: string): Promise<boolean> {
  const { values } = await client.read([identityKey(client.crypto)])
  return values[0] !== undefined && identityEntry.decode(values[0]).origins[0] === origin
}
