// Events as this node keeps them beside its blocks: a line for each, its parts between tabs. A block under load has thousands, and one
// text is written eight times as fast as as many small messages.

import { assert } from '@muniment/sdk'
import type { LedgerEvent } from '../ledger/application.ts'

/** Behind the key of an attribute that may be searched for. */
const indexed = '*'

/** Neither keys nor values hold tabs or ends of lines: they are names, ids and accounts. */
export function formatEvents(events: readonly LedgerEvent[]): string {
  const lines = events.map(({ type, attributes }) => {
    let line = type
    for (const { key, value, index } of attributes) line += `\t${key}${index ? indexed : ''}\t${value}`
    return line
  })
  const text = lines.join('\n')
  const count = events.reduce((sum, { attributes }) => sum + attributes.length * 2, 0)
  assert(text.split(/[\t\n]/).length === count + events.length || text === '', 'a text of an event is one line')
  return text
}

export function parseEvents(text: string): readonly LedgerEvent[] {
  if (text === '') return []
  return text.split('\n').map(line => {
    const [type = '', ...parts] = line.split('\t')
    const attributes = Array.from({ length: Math.floor(parts.length / 2) }, (_, place) => {
      const [name = '', value = ''] = parts.slice(place * 2, place * 2 + 2)
      const index = name.endsWith(indexed)
      return { key: index ? name.slice(0, -indexed.length) : name, value, index }
    })
    return { type, attributes }
  })
}
