import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const services = fileURLToPath(new URL('../../../services', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'muniment-service-'))
after(() => rmSync(folder, { recursive: true, force: true }))

type Run = { readonly code: number; readonly out: string; readonly error: string }

function run(...args: readonly string[]): Promise<Run> {
  const all = ['--conditions=source', '--no-warnings', main, 'service', ...args]
  return new Promise(resolve => {
    execFile(process.execPath, all, { cwd: folder, timeout: 60_000 }, (failure, out, error) => {
      resolve({ code: failure ? Number(failure.code) : 0, out, error })
    })
  })
}

test('a new service is whole: it lints clean, its stories pass, and it is not written over', async () => {
  assert.equal((await run('new', 'culture.museum-card')).code, 0)
  const linted = await run('lint', 'museum-card.yaml')
  assert.match(linted.out, /1 files, 0 errors, 0 warnings/)
  assert.equal(linted.code, 0)
  const tested = await run('test', 'museum-card.yaml')
  assert.match(tested.out, /3 scenarios, 0 failed; every step and every condition was seen/)
  assert.equal(tested.code, 0)
  const again = await run('new', 'culture.museum-card')
  assert.match(again.error, /museum-card.yaml is there already/)
  assert.equal(again.code, 1)
  assert.match((await run('new', '../card')).error, /is no name of a service/)
})

test('what is wrong with a file is said with its place and how to mend it, and exits with 1', async () => {
  await run('new', 'culture.broken-card')
  const path = join(folder, 'broken-card.yaml')
  const file = readFileSync(path, 'utf8')
  writeFileSync(path, file.replace('clock: P7D, then: escalate, ', ''))
  const found = await run('lint', 'broken-card.yaml')
  assert.match(
    found.out,
    /broken-card.yaml: states.applied: error office-clock: applied waits for clerk without end: give it a clock/,
  )
  assert.equal(found.code, 1)
  const json = JSON.parse((await run('lint', '--json', 'broken-card.yaml')).out)
  assert.ok(
    json.some(
      (each: { code: string; file: string }) => each.code === 'office-clock' && each.file === 'broken-card.yaml',
    ),
  )
  writeFileSync(path, 'a: [')
  assert.match((await run('lint', 'broken-card.yaml')).out, /error form: broken-card.yaml: /)
  assert.match((await run('lint', 'nowhere.yaml')).out, /error form: .*nowhere.yaml/)
  rmSync(path)
})

test('a story that comes out otherwise, or a step that none takes, fails the test', async () => {
  await run('new', 'culture.other-card')
  const path = join(folder, 'other-card.yaml')
  const file = readFileSync(path, 'utf8')
  writeFileSync(path, file.replace('amount: 500, receipt', 'amount: 400, receipt'))
  const failed = await run('test', 'other-card.yaml')
  assert.match(failed.out, /FAILED at step 5: /)
  assert.equal(failed.code, 1)
  writeFileSync(
    path,
    file.replace(
      '      - { take: giveBack, by: applicant=ann }\n      - { expect: { state: ended, record: revoked } }\n',
      '',
    ),
  )
  const missing = await run('test', 'other-card.yaml')
  assert.match(missing.out, /no scenario takes the step culture.other-card\/giveBack/)
  assert.equal(missing.code, 1)
  rmSync(path)
})

test('the catalogue as a whole, a file alone that uses its neighbours, and an example of its own are whole too', async () => {
  const all = readdirSync(services).filter(name => name.endsWith('.yaml'))
  for (const names of [all, ['catalogue.yaml', 'death.yaml'], ['examples/library-card.yaml']]) {
    const { code, out } = await run('test', ...names.map(name => join(services, name)))
    assert.match(out, / 0 failed; every step and every condition was seen/)
    assert.equal(code, 0)
  }
})

test('the picture names every state and every step, in either direction of writing', async () => {
  const english = (await run('draw', join(services, 'traffic-fine.yaml'))).out
  for (const word of ['Traffic fine', 'Under review', 'Waive a fine · reviewer × 2', 'waits for reviewer · 20 days'])
    assert.ok(english.includes(word), word)
  assert.match(english, /^<svg [^>]*role="img" aria-labelledby="title" lang="en"/)
  assert.equal(english.match(/<title>/g)?.length, 10)
  const out = join(folder, 'fine.svg')
  assert.equal((await run('draw', join(services, 'traffic-fine.yaml'), '--language', 'ar', '--out', out)).code, 0)
  assert.match(readFileSync(out, 'utf8'), /direction="rtl"/)
  assert.match((await run('draw', join(services, 'land-title.yaml'))).error, /no states to draw/)
})

test('a mistake on the command line is one sentence', async () => {
  for (const args of [['paint'], ['lint'], ['lint', '--fast', 'a.yaml'], []]) {
    const { code, error } = await run(...args)
    assert.equal(code, 1)
    assert.doesNotMatch(error, /at .*\.ts:/)
  }
})
