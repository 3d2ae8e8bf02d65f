// Example data, entered by real signed transactions; kept in a file, so that a restart lists what the ledger holds.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { decodeArgs, encodeUtf8, VerifyError } from '@muniment/sdk'
import type { Desk, DeskKind, DeskRecord } from './desk.ts'

export type Register = {
  readonly records: () => readonly DeskRecord[]
  readonly find: (id: string) => DeskRecord
  readonly add: (record: DeskRecord) => void
}

export function openRegister(file: string): Register {
  const records: DeskRecord[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
  return {
    records: () => records,
    find(id) {
      const found = records.find(record => record.id === id)
      if (!found) throw new VerifyError('malformed', 'the desk has no such record')
      return found
    },
    add(record) {
      records.push(record)
      writeFileSync(file, `${JSON.stringify(records, null, 2)}\n`)
    },
  }
}

const examples: readonly { readonly kind: DeskKind; readonly fields: DeskRecord['fields'] }[] = [
  {
    kind: 'title',
    fields: { parcel: '12/345', area: 800, district: 'Example District', owner: 'Example owner A', share: '1/1' },
  },
  {
    kind: 'licence',
    fields: {
      business: 'Example Bakery',
      activity: 'Bakery with a shop',
      place: '1 Example Street',
      licensee: 'Example licensee B',
      conditions: 'Open from 5 to 20 h',
    },
  },
]

/** Enters the examples that a new register lacks; says each. */
export async function loadExamples(desk: Desk, register: Register, say: (step: string) => void): Promise<void> {
  for (const { kind, fields } of examples.slice(register.records().length)) {
    const record = await desk.issue(kind, fields)
    register.add(record)
    say(`Entered by a signed transaction, and proven: ${kind} “${record.title}”.`)
  }
}

export type OfficeRequest = { readonly action: string; readonly id?: string; readonly fields?: DeskRecord['fields'] }

/** Two officials name a new key for somebody. Throws VerifyError for what is no such text. */
export async function recoverAtDesk(request: { readonly text?: unknown }, desk: Desk): Promise<object> {
  if (typeof request.text !== 'string' || request.text.length > 4_000)
    throw new VerifyError('malformed', 'this is not the text that the person’s device shows')
  await desk.recover(decodeArgs(encodeUtf8(request.text.trim())))
  return {}
}

/** What the office's page asks the desk to do. Throws VerifyError with a sentence for what can't be done. */
export async function actAtDesk(
  request: OfficeRequest,
  desk: Desk,
  register: Register,
): Promise<{ readonly record: DeskRecord }> {
  const { action, id = '', fields = {} } = request
  for (const [name, value] of Object.entries(fields)) {
    const plain = typeof value === 'string' || typeof value === 'number'
    if (!plain || String(value).length > 200) throw new VerifyError('malformed', `the field ${name} is no short text`)
  }
  if (action === 'revoke') {
    const record = register.find(id)
    await desk.revoke(record, 'conditions-not-kept')
    return { record }
  }
  const record = await issueAt(desk, { action, fields, register, id })
  register.add(record)
  return { record }
}

async function issueAt(
  desk: Desk,
  { action, fields, register, id }: Required<OfficeRequest> & { readonly register: Register },
): Promise<DeskRecord> {
  if (action === 'grant') return desk.issue('licence', { ...examples[1]!.fields, ...fields })
  if (action === 'enter') return desk.issue('title', { ...examples[0]!.fields, ...fields })
  if (action !== 'sell') throw new VerifyError('malformed', 'the desk knows grant, enter, sell and revoke')
  const old = register.find(id)
  return desk.issue('title', { ...old.fields, ...fields }, old)
}
