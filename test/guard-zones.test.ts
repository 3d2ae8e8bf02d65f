import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const child = fileURLToPath(new URL('guard-child.ts', import.meta.url))
const run = promisify(execFile)

test('guards answer alike in every time zone and locale, also in the hours that clocks skip or repeat', async () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia']
  const locales = ['C', 'tr_TR.UTF-8', 'ar_EG.UTF-8']
  const answers: string[] = []
  for (const [i, zone] of zones.entries()) {
    const env = { ...process.env, TZ: zone, LC_ALL: locales[i % locales.length] }
    const { stdout } = await run(process.execPath, ['--conditions=source', '--no-warnings', child], { env })
    answers.push(stdout.trim())
  }
  const [digests, hours] = [0, 1].map(part => answers.map(answer => answer.split(' ')[part]))
  assert.ok(new Set(hours).size >= 5, `the zones were not taken on: ${hours}`)
  assert.equal(new Set(digests).size, 1)
})
