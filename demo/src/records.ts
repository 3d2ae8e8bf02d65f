// What the portal's server says of the example's records. It is a list of links, and nothing in it is believed: each is
// checked when it is opened.

import type { JsonObject } from '@muniment/sdk'

export type ListedRecord = {
  readonly id: string
  readonly service: string
  readonly title: string
  /** The fragment of the record's link. */
  readonly link: string
  readonly fields: JsonObject
}

/** Rejects with a sentence for people. */
export async function fetchRecords(): Promise<readonly ListedRecord[]> {
  const { records } = await ask<{ readonly records: readonly ListedRecord[] }>('/demo/records')
  return records
}

export type OfficeAct = {
  readonly action: 'grant' | 'enter' | 'sell' | 'revoke'
  readonly id?: string
  readonly fields?: JsonObject
}

export async function actAtOffice(act: OfficeAct): Promise<ListedRecord> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(act) }
  const { record } = await ask<{ readonly record: ListedRecord }>('/demo/office', init)
  return record
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(path, { ...init, cache: 'no-store' })
  const answer = (await response.json()) as T & { readonly error?: string }
  if (!response.ok || answer.error) throw new Error(answer.error ?? `HTTP ${response.status}`)
  return answer
}

export function isTitle({ service }: ListedRecord): boolean {
  return service.startsWith('land.title@')
}

export function linkOf({ link }: ListedRecord): string {
  return `/verify#${link}`
}
