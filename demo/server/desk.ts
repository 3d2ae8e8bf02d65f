// The office's desk: officials act by signed transactions over the network, like anybody. An act is done when its record
// is proven, never when the node says so.

import { randomBytes } from 'node:crypto'
import {
  accountId,
  type Client,
  formatBase64Url,
  formatIssuer,
  formatRecordLink,
  issueCredential,
  type JsonObject,
  mandateId,
  parseCredential,
  recordKey,
  VerifyError,
} from '@muniment/sdk'
import { type Country, chainId, type OfficialName } from './country.ts'

/** A record that the desk issued, as the portal lists it. */
export type DeskRecord = {
  readonly id: string
  readonly service: 'land.title@1' | 'trade.licence@1'
  readonly title: string
  /** The fragment of the record's link. */
  readonly link: string
  readonly commitment: string
  readonly fields: JsonObject
}

export type Desk = {
  readonly issue: (kind: DeskKind, fields: JsonObject, replaces?: DeskRecord) => Promise<DeskRecord>
  readonly revoke: (record: DeskRecord, reason: string) => Promise<void>
  /** Names a new key for a person who came to the office; `request` is what the person's own device shows. */
  readonly recover: (request: JsonObject) => Promise<void>
}

const kinds = {
  title: {
    service: 'land.title@1',
    type: 'urn:example:land-title',
    officials: ['registrar-1', 'registrar-2'],
    role: 'registrar',
    steps: { issue: 'enter', replace: 'transfer' },
  },
  licence: {
    service: 'trade.licence@1',
    type: 'urn:example:business-licence',
    officials: ['licensing-1', 'licensing-2'],
    role: 'licensing',
    steps: { issue: 'grant', replace: 'renew' },
  },
} as const satisfies Record<string, { officials: readonly OfficialName[] } & Record<string, unknown>>

export type DeskKind = keyof typeof kinds

export function createDesk(country: Country, client: Client): Desk {
  const { crypto, root } = client

  /** Both officials sign every act: whoever needs only one loses nothing by a second. */
  function act(kind: DeskKind, transition: string, args: JsonObject): Promise<void> {
    return actAs({ ...kinds[kind], transition, args })
  }

  async function actAs(asked: {
    readonly officials: readonly OfficialName[]
    readonly role: string
    readonly service: string
    readonly transition: string
    readonly args: JsonObject
  }): Promise<void> {
    const { role, service, transition, args } = asked
    const officials = asked.officials.map(country.official)
    const signers = officials.map(({ signer, office }) => {
      const account = accountId(crypto, signer.key)
      return { account, role, mandate: mandateId(crypto, office, account, root.genesisHash) }
    })
    const body = await client.prepare({ service, transition, args, signers })
    const transaction = await client.sign(
      body,
      officials.map(({ signer }) => signer),
    )
    const { code, log } = await client.submit(transaction)
    if (code !== 0) throw new VerifyError('refused', `the ledger refused ${transition}: ${log}`)
  }

  return {
    async issue(kind, fields, replaces) {
      const { service, type, officials, steps } = kinds[kind]
      const { signer, office } = country.official(officials[0])
      const issuer = formatIssuer({ kind: 'office', chainId, office })
      const issuedAt = Number(client.now().seconds)
      const text = await issueCredential(
        { issuer, type, issuedAt, fields },
        { signer, seed: randomBytes(16), hasher: crypto },
      )
      const commitment = formatBase64Url(parseCredential(text, crypto).commitment)
      if (replaces) await act(kind, steps.replace, { commitment, replaces: replaces.commitment })
      else await act(kind, steps.issue, { commitment })
      const key = recordKey(crypto, issuer, parseCredential(text, crypto).commitment)
      const { header } = await client.waitFor(key)
      const link = formatRecordLink({ chainId, key, height: header.height, document: text })
      return { id: formatBase64Url(key).slice(0, 12), service, title: titleOf(fields), link, commitment, fields }
    },
    recover: args =>
      actAs({
        officials: ['identity-1', 'identity-2'],
        role: 'identityOfficer',
        service: 'state.parties@1',
        transition: 'recoverInPerson',
        args,
      }),
    async revoke(record, reason) {
      const kind = record.service === 'land.title@1' ? 'title' : 'licence'
      await act(kind, 'revoke', { commitment: record.commitment, reason })
      await revoked(record, client)
    },
  }
}

/** Waits until the revocation itself is proven. */
async function revoked(record: DeskRecord, client: Client): Promise<void> {
  const until = Date.now() + 30_000
  while ((await client.verifyRecord(record.link)).code !== 'revoked') {
    if (Date.now() > until) throw new VerifyError('unavailable', 'the revocation was not proven in time')
    await new Promise(resolve => setTimeout(resolve, 300))
  }
}

function titleOf(fields: JsonObject): string {
  return String(fields.parcel ?? fields.business ?? '')
}
