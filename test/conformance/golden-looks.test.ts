// What a look into a case leaves on the ledger is what it always was (test/golden/looks-1.json, written once).

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  encodeArgs,
  formatHex,
  type LookEntry,
  laterCounters,
  loadCrypto,
  lookArguments,
  lookEntry,
  lookKey,
  looksSecret,
  lookTag,
} from '@muniment/sdk'

const crypto = await loadCrypto({ forceFallback: true })
const file = fileURLToPath(new URL('../golden/looks-1.json', import.meta.url))
const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const secret = looksSecret(crypto, filled(1))
const looks = { review: { fields: ['plate', 'photo'] } }
const looked = { secret, id: filled(2), service: 'transport.fine@1', looks }
const entry: LookEntry = {
  ...{ service: 'transport.fine@1', look: 'review', office: 'fines-review', mandate: filled(3), account: filled(4) },
  ...{ reason: 'contested', height: 7n, time: { seconds: 1_800_000_000n, nanos: 5 }, commitment: filled(5) },
}
const made = {
  looksSecret: secret,
  tag: lookTag(crypto, secret, 0),
  eleventhTag: lookTag(crypto, secret, 10),
  arguments: encodeArgs(
    lookArguments(crypto, looked, { place: 10, look: 'review', mandate: filled(3), reason: 'contested' }),
  ),
  key: lookKey(crypto, filled(6)),
  entry: lookEntry.encode(entry),
}

test('the format "looks" is what it always was', () => {
  const written = Object.fromEntries(Object.entries(made).map(([name, bytes]) => [name, formatHex(bytes)]))
  if (!existsSync(file) && process.env.GOLDEN === 'write')
    writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`, { flag: 'wx' })
  assert.deepEqual(written, JSON.parse(readFileSync(file, 'utf8')))
  assert.deepEqual(lookEntry.decode(made.entry), entry)
  assert.deepEqual(laterCounters.slice(0, 1), ['looks'])
})
