// What a step aside, a case begun anew and one whose opening is destroyed leave in the tree (test/golden/conflicts-1.json, written once).

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type CaseEntry, caseEntry, formatHex, laterCounters, rosterCounters, uniqueEntry } from '@muniment/sdk'

const file = fileURLToPath(new URL('../golden/conflicts-1.json', import.meta.url))
const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const at = { seconds: 1_800_000_000n, nanos: 5 }
const destroyed: CaseEntry = {
  ...{ service: 'transport.fine@1', state: 'paid', version: 3n, openedHeight: 7n, openedTime: at, stateTime: at },
  ...{
    eventTime: undefined,
    dueTime: undefined,
    pausedSeconds: 0n,
    pausedState: '',
    lateTime: undefined,
    unfollowed: [],
  },
  ...{ parties: [], facts: new Uint8Array(0), committed: filled(3), acts: [], visited: [], tags: [] },
  assignments: [{ role: 'reviewer', mandate: filled(8), how: 'again', pool: 3, draw: undefined }],
  ...{ records: [], obligations: [], shreddedTime: { seconds: at.seconds + 60n, nanos: 0 } },
}
const made = {
  destroyed: caseEntry.encode(destroyed),
  unique: uniqueEntry.encode({ case: filled(1), isFree: true, assigned: [{ role: 'reviewer', mandate: filled(8) }] }),
}

test('the format "conflicts" is what it always was', () => {
  const written = Object.fromEntries(Object.entries(made).map(([name, bytes]) => [name, formatHex(bytes)]))
  if (!existsSync(file) && process.env.GOLDEN === 'write')
    writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`, { flag: 'wx' })
  assert.deepEqual(written, JSON.parse(readFileSync(file, 'utf8')))
  assert.deepEqual(caseEntry.decode(made.destroyed), destroyed)
  assert.deepEqual(laterCounters.slice(0, 3), ['looks', 'recusals', 'shredded'])
  assert.deepEqual(rosterCounters.slice(0, 2), ['absences', 'returns'])
})
