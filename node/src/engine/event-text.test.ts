import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LedgerEvent } from '../ledger/application.ts'
import { formatEvents, parseEvents } from './event-text.ts'

const events: readonly LedgerEvent[] = [
  {
    type: 'case',
    attributes: [
      { key: 'id', value: 'AAAA', index: true },
      { key: 'state', value: '', index: false },
      { key: 'party', value: 'é٣*', index: true },
    ],
  },
  { type: 'nothing', attributes: [] },
]

test('events are read as they were written, none of them too', () => {
  assert.deepEqual(parseEvents(formatEvents(events)), events)
  assert.deepEqual(parseEvents(formatEvents([])), [])
})

test('what would be read as something else is not written', () => {
  for (const value of ['a\tb', 'a\nb'])
    assert.throws(() => formatEvents([{ type: 'case', attributes: [{ key: 'id', value, index: true }] }]))
})
