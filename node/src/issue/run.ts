// A register becomes records, and records are taken back: in groups, each journalled first, then handed in, then proven.

import { randomBytes } from 'node:crypto'
import {
  formatBase64Url,
  issueCredential,
  type JsonObject,
  limits,
  parseCredential,
  RecordStatus,
  recordEntry,
  recordKey,
} from '@muniment/sdk'
import { type Deed, deedsAtOnce, doDeeds } from './deeds.ts'
import type { Journal } from './journal.ts'
import type { Office } from './office.ts'
import type { RegisterRow } from './register.ts'

export type OnProgress = (done: number, total: number) => void

/** Issues what the journal does not show as proven. Throws VerifyError and HomeError; whatever was proven stays so. */
export async function issueRows(
  office: Office,
  rows: readonly RegisterRow[],
  { journal, onProgress }: { readonly journal: Journal; readonly onProgress: OnProgress },
): Promise<void> {
  const open = rows.filter(({ row }) => !journal.heights.has(row))
  for (let at = 0; at < open.length; at += deedsAtOnce) {
    const some = open.slice(at, at + deedsAtOnce)
    const fresh = some.filter(({ row }) => !journal.documents.has(row))
    // On the disk before anybody else sees them: what was perhaps handed in is handed in again, and never made anew.
    journal.add(await Promise.all(fresh.map(row => makeDocument(office, row))))
    const deeds = some.map(row => issueDeed(office, row, journal.documents.get(row.row)!.document))
    await doDeeds(office, deeds, (proven, height) => {
      journal.add(proven.map(({ row }) => ({ row, height: String(height) })))
      onProgress(journal.heights.size, rows.length)
    })
  }
}

async function makeDocument(
  { client, issuer, type, signers }: Office,
  { row, fields, holder }: RegisterRow,
): Promise<{ readonly row: number; readonly document: string; readonly seed: string }> {
  const seed = new Uint8Array(randomBytes(16))
  const content = { issuer, type, issuedAt: Number(client.now().seconds), fields, ...(holder && { holder }) }
  const document = await issueCredential(content, { signer: signers[0]!, seed, hasher: client.crypto })
  return { row, document, seed: formatBase64Url(seed) }
}

function issueDeed(office: Office, { row, validFrom, validUntil }: RegisterRow, document: string): Deed {
  const { commitment, key } = placeOf(office, document)
  const args: JsonObject = {
    commitment,
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validUntil === undefined ? {} : { validUntil }),
  }
  return { row, key, args, isDone: value => value !== undefined }
}

/** Takes back every record of the journal: its newest status then says revoked, and why. */
export async function undoRows(
  office: Office,
  reason: string,
  { journal, onProgress }: { readonly journal: Journal; readonly onProgress: OnProgress },
): Promise<void> {
  // What was handed in and not proven may yet be in the ledger: all that were proven, and they alone, can be revoked.
  const rows = [...journal.heights.keys()]
  const open = rows.filter(row => !journal.undone.has(row))
  for (let at = 0; at < open.length; at += deedsAtOnce) {
    const deeds = open.slice(at, at + deedsAtOnce).map((row): Deed => {
      const { commitment, key } = placeOf(office, journal.documents.get(row)!.document)
      return { row, key, args: { commitment, reason }, isDone: isRevoked }
    })
    await doDeeds(office, deeds, (proven, height) => {
      journal.add(proven.map(({ row }) => ({ row, undone: String(height) })))
      onProgress(journal.undone.size, rows.length)
    })
  }
}

function isRevoked(value: Uint8Array | undefined): boolean {
  return value !== undefined && recordEntry.decode(value).changes.at(-1)!.status === RecordStatus.revoked
}

/** Where a document's record stands. */
export function placeOf(
  { client, issuer }: Pick<Office, 'client' | 'issuer'>,
  document: string,
): { readonly commitment: string; readonly key: Uint8Array } {
  const { commitment } = parseCredential(document, client.crypto)
  return { commitment: formatBase64Url(commitment), key: recordKey(client.crypto, issuer, commitment) }
}

/** Documents that were handed in and not proven: those that the ledger has are noted, the rows of the others answered. */
export async function findHandedIn(office: Office, journal: Journal): Promise<readonly number[]> {
  const { client } = office
  const open = [...journal.documents.keys()].filter(row => !journal.heights.has(row))
  const missing: number[] = []
  for (let at = 0; at < open.length; at += limits.stateKeysPerQueryMax) {
    const rows = open.slice(at, at + limits.stateKeysPerQueryMax)
    const keys = rows.map(row => placeOf(office, journal.documents.get(row)!.document).key)
    const { values, header } = await client.read(keys)
    const found = rows.filter((_, index) => values[index] !== undefined)
    journal.add(found.map(row => ({ row, height: String(header.height) })))
    missing.push(...rows.filter(row => !found.includes(row)))
  }
  return missing
}
