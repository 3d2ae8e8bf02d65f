import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { encodeUtf8, equals } from '@muniment/sdk'
import { HomeError, systemError } from '../home-error.ts'
import { type Database, openDatabase, type Write } from './database.ts'
import { memoryDatabase, newDisk } from './memory.ts'

const folders: string[] = []

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muniment-store-'))
  folders.push(folder)
  return folder
}

after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

const name = (text: string): Uint8Array => encodeUtf8(text)
const put = (key: string, value: string): Write => ({ key: name(key), value: name(value) })

const implementations: Record<string, () => Promise<Database>> = {
  'classic-level': async () => openDatabase(await temporaryFolder()),
  memory: async () => memoryDatabase(newDisk()),
}

for (const [kind, open] of Object.entries(implementations)) {
  describe(`database (${kind})`, () => {
    test('gives back what was written, and nothing after it was deleted', async () => {
      const database = await open()
      await database.write([put('a', '1'), put('b', '2')])
      assert.deepEqual(database.get(name('a')), name('1'))
      await database.write([{ key: name('a'), value: undefined }])
      assert.equal(database.get(name('a')), undefined)
      assert.deepEqual(database.get(name('b')), name('2'))
      await database.close()
    })

    test('lists a range in order, both ways, and no more than asked for', async () => {
      const database = await open()
      await database.write(['d', 'b', 'a', 'c'].map(key => put(key, key)))
      const keys = async (order: 'ascending' | 'descending', countMax: number) =>
        (await database.entries({ from: name('a'), to: name('d'), order, countMax })).map(({ key }) =>
          new TextDecoder().decode(key),
        )
      assert.deepEqual(await keys('ascending', 10), ['a', 'b', 'c'])
      assert.deepEqual(await keys('descending', 2), ['c', 'b'])
      await database.close()
    })

    test('gives many values in the order in which they are asked for, with gaps where there are none', async () => {
      const database = await open()
      await database.write([put('a', '1'), put('b', '2')])
      const found = await database.getMany(['b', 'x', 'a', 'b'].map(name))
      assert.deepEqual(found, [name('2'), undefined, name('1'), name('2')])
      assert.deepEqual(await database.getMany([]), [])
      await database.close()
    })

    test('the later of two writes of one key in a batch wins', async () => {
      const database = await open()
      await database.write([put('a', '1'), put('a', '2')])
      assert.deepEqual(database.get(name('a')), name('2'))
      await database.close()
    })
  })
}

test('a batch is still there after the store was closed and opened again', async () => {
  const folder = await temporaryFolder()
  const first = await openDatabase(folder)
  await first.write([put('a', '1')])
  await first.close()
  const second = await openDatabase(folder)
  assert.deepEqual(second.get(name('a')), name('1'))
  await second.close()
})

test('the sync is reported before the write is acknowledged', async () => {
  const events: string[] = []
  const database = await openDatabase(await temporaryFolder(), { onSync: count => events.push(`sync ${count}`) })
  await database.write([put('a', '1')]).then(() => events.push('acknowledged'))
  await database.write([put('b', '2')]).then(() => events.push('acknowledged'))
  assert.deepEqual(events, ['sync 1', 'acknowledged', 'sync 2', 'acknowledged'])
  await database.close()
})

test('a second opening of one store says that another process is using it', async () => {
  const folder = await temporaryFolder()
  const first = await openDatabase(folder)
  await assert.rejects(
    openDatabase(folder),
    (error: unknown) => error instanceof HomeError && error.code === 'home-locked' && error.message.includes(folder),
  )
  await first.close()
})

test('a folder without permission says so', {
  skip: process.getuid?.() === 0 && 'root may write everywhere',
}, async () => {
  const folder = await temporaryFolder()
  await chmod(folder, 0o500)
  await assert.rejects(openDatabase(join(folder, 'store')), (error: HomeError) => error.code === 'permission')
})

test('what the system says of a full disk or a missing permission becomes one sentence', () => {
  const cases = [
    [Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }), 'disk-full'],
    [new Error('outer', { cause: new Error('IO error: /x/000003.log: No space left on device') }), 'disk-full'],
    [Object.assign(new Error('EACCES: permission denied, mkdir'), { code: 'EACCES' }), 'permission'],
    [new Error('IO error: lock /x/LOCK: already held by process'), 'home-locked'],
    [new Error('Corruption: bad block'), 'home-corrupt'],
  ] as const
  for (const [error, code] of cases) {
    const told = systemError(error, '/home/node')
    assert.equal(told?.code, code)
    assert.match(told!.message, /^[^\n]+\.$/)
  }
  assert.equal(systemError(new Error('something else'), '/home/node'), undefined)
})

test('a damaged manifest is said to be damage, and no data is made up', async () => {
  const folder = await temporaryFolder()
  const first = await openDatabase(folder)
  await first.write([put('a', '1')])
  await first.close()
  const manifest = (await readdir(folder)).find(file => file.startsWith('MANIFEST'))!
  await truncate(join(folder, manifest), 3)
  await assert.rejects(openDatabase(folder), (error: HomeError) => error.code === 'home-corrupt')
  await writeFile(join(folder, 'CURRENT'), 'MANIFEST-999999\n')
  await assert.rejects(openDatabase(folder), (error: HomeError) => error.code === 'home-corrupt')
})

test('after a failed write nothing more is written', async () => {
  const disk = newDisk()
  const database = memoryDatabase(disk, { fault: { atWrite: 2, leaves: 'old' } })
  await database.write([put('a', '1')])
  await assert.rejects(database.write([put('a', '2')]), (error: HomeError) => error.code === 'disk-full')
  await assert.rejects(database.write([put('a', '3')]), HomeError)
  assert.deepEqual(memoryDatabase(disk).get(name('a')), name('1'))
})

test('a process killed in the middle of its writes leaves whole batches, and all that it acknowledged', async () => {
  const folder = await temporaryFolder()
  const script = `
    import { openDatabase } from ${JSON.stringify(new URL('./database.ts', import.meta.url).href)}
    const database = await openDatabase(${JSON.stringify(folder)})
    for (let i = 0; ; i++) {
      const value = new Uint8Array(2000).fill(i)
      await database.write([0, 1, 2, 3].map(part => ({ key: Uint8Array.of(i >> 8, i, part), value })))
      process.stdout.write(i + '\\n')
    }`
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let acknowledged = -1
  child.stdout.on('data', (chunk: Buffer) => {
    acknowledged = Number(chunk.toString().trim().split('\n').at(-1))
    if (acknowledged > 40) child.kill('SIGKILL')
  })
  await new Promise(resolve => child.once('close', resolve))
  const database = await openDatabase(folder)
  const batch = (i: number) => [0, 1, 2, 3].map(part => database.get(Uint8Array.of(i >> 8, i, part)))
  for (let i = 0; i <= acknowledged; i++) {
    for (const value of batch(i)) assert.ok(value && equals(value, new Uint8Array(2000).fill(i)))
  }
  for (let i = acknowledged + 1; i < acknowledged + 50; i++) {
    const kept = batch(i).filter(value => value !== undefined).length
    assert.ok(kept === 0 || kept === 4, `batch ${i} has ${kept} of 4 writes`)
  }
  await database.close()
})
