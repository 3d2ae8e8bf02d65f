// What opens a case's private fields is what it always was (test/golden/private-1.json, written once).

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checkOpening, commitFields, fieldOpening, formatHex, loadCrypto, privateFieldNames } from '@muniment/sdk'

const crypto = await loadCrypto({ forceFallback: true })
const file = fileURLToPath(new URL('../golden/private-1.json', import.meta.url))
const secret = new Uint8Array(32).fill(1)
const fields = [
  { name: 'plate', value: 'EX 123' },
  { name: 'photo', value: undefined },
  { name: 'amount', value: 4_000 },
]
const first = commitFields(crypto, secret, { fields })
const second = commitFields(crypto, secret, { fields, round: 1 })
const made = {
  root: first.root,
  secondRoot: second.root,
  opening: fieldOpening.encode(first.openings[0]!),
  openingOfNothing: fieldOpening.encode(first.openings[1]!),
  openingOfNumber: fieldOpening.encode(first.openings[2]!),
}

test('the format "private" is what it always was', () => {
  const written = Object.fromEntries(Object.entries(made).map(([name, bytes]) => [name, formatHex(bytes)]))
  if (!existsSync(file) && process.env.GOLDEN === 'write')
    writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`, { flag: 'wx' })
  assert.deepEqual(written, JSON.parse(readFileSync(file, 'utf8')))
  const names = privateFieldNames(fields.map(({ name }) => ({ name, show: 'committed' as const })))
  const read = first.openings.map(each => checkOpening(crypto, each, { root: first.root, names }))
  assert.deepEqual(read, ['EX 123', undefined, 4_000])
})
