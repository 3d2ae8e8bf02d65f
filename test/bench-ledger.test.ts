// A few seconds of the ledger's bench: that it measures what it says. How fast that is, only a whole run on a quiet machine tells.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measureLedger } from '../bench/ledger.ts'

const proofBytesMax = 4_000

test('mixed transactions of ten services are taken to the last one, in durable blocks; a record’s proof stays below 4 kB', async t => {
  const { rows, isWhole } = await measureLedger([
    { records: 0, seconds: 5 },
    { records: 20_000, seconds: 5 },
  ])
  assert.equal(isWhole, false)
  assert.deepEqual(
    rows.map(({ records }) => records),
    [0, 20_000],
  )
  for (const row of rows) {
    t.diagnostic(JSON.stringify(row))
    assert.ok(Number(row.committed) > 0)
    assert.ok(Number(row['proof, B (p50)']) > 0)
    assert.ok(Number(row.largest) < proofBytesMax)
  }
})
