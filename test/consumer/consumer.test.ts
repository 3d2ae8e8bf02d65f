// The SDK and the elements as a stranger installs them: from tarballs, in an empty folder, by npm, without install scripts.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from '@playwright/test'
import { type Browser, browserFlags, findBrowser } from '../e2e/browser.ts'
import { bundlers, copyWorker } from './bundlers.ts'
import { badSignature } from './fixture.ts'
import { type Installed, installAsStranger, olderNode } from './install.ts'
import { documentedPolicy, documentedTrustedTypes, serveSite } from './site.ts'

const node22 = '22.23.3'
const run = promisify(execFile)
let installed: Installed
before(async () => {
  installed = await installAsStranger()
})
after(() => installed.remove())

/** What a script printed as JSON. */
async function runIn(program: string, script: string): Promise<unknown> {
  const { stdout } = await run(program, [script], { cwd: installed.folder, timeout: 30_000 }).catch(error =>
    // Not with the line of a bundle.
    assert.fail(`${script}: ${String(error.stderr).slice(-1_000)}`),
  )
  return JSON.parse(stdout)
}

// Three of the elements' are types that the reader of hard QR codes names.
test('the SDK brings at most 6 packages and the elements at most 18', context => {
  const { sdkPackages, packages } = installed
  context.diagnostic(`sdk: ${sdkPackages.length} packages: ${sdkPackages.join(', ')}`)
  context.diagnostic(`elements: ${packages.length} packages: ${packages.join(', ')}`)
  assert.ok(sdkPackages.includes('@muniment/sdk') && sdkPackages.length <= 6)
  assert.ok(packages.includes('@muniment/web-components') && packages.length <= 18)
})

test('the declarations of both packages pass a strict compiler that leaves none out', async () => {
  const tsc = join(fileURLToPath(import.meta.resolve('typescript/package.json')), '../bin/tsc')
  const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false', '--types', '']
  for (const resolution of [
    ['--module', 'nodenext'],
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
  ]) {
    const args = [tsc, ...strict, '--target', 'es2022', '--lib', 'es2023,dom,dom.iterable', ...resolution, 'types.ts']
    const failed = await run(process.execPath, args, { cwd: installed.folder }).catch(error => error)
    assert.equal(failed.code, undefined, failed.stdout)
  }
})

test('JSX knows the elements, their properties and events, as tags and as components of React', async () => {
  const tsc = join(fileURLToPath(import.meta.resolve('typescript/package.json')), '../bin/tsc')
  // As a page with React has them; the elements themselves bring neither.
  for (const name of ['@types/react', 'csstype', '@lit/react']) {
    const from = join(import.meta.dirname, '../../node_modules', name)
    cpSync(from, join(installed.folder, 'node_modules', name), { recursive: true })
  }
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', '--types', '']
  const args = [tsc, ...options, '--target', 'es2022', '--module', 'nodenext', '--jsx', 'react-jsx', 'jsx.tsx']
  const failed = await run(process.execPath, args, { cwd: installed.folder }).catch(error => error)
  assert.equal(failed.code, undefined, failed.stdout)
})

const runtimes = [
  { name: 'this Node', find: () => process.execPath },
  { name: `Node ${node22}`, find: () => olderNode(node22) },
]
for (const { name, find } of runtimes) {
  describe(name, () => {
    let program: string
    before(() => {
      const found = find()
      assert.ok(found, `npm has no ${name} for this system`)
      program = found
    })

    test('a record is verified, and a changed one is not valid', async () => {
      const { good, spoiled, crypto } = (await runIn(program, 'main.js')) as Record<string, string>
      assert.deepEqual([good, spoiled === 'valid', crypto], ['valid', false, 'wasm'])
    })

    test('signatures are checked by a thread of node:worker_threads', async () => {
      const result = (await runIn(program, 'worker-main.js')) as Record<string, unknown>
      assert.equal(result.good, 'valid')
      assert.equal(result.crypto, 'wasm-worker')
      assert.deepEqual(result.bad, [badSignature])
      assert.ok((result.answers as number) > 0, 'the thread itself answered')
    })

    test('both packages are imported where there is no window, and share one class of errors', async () => {
      assert.deepEqual(await runIn(program, 'no-window.js'), {
        window: 'undefined',
        sdk: 'function',
        p2p: 'unavailable',
        elements: [
          'MunimentKeys',
          'MunimentNetwork',
          'MunimentRecord',
          'MunimentSign',
          'MunimentStatus',
          'MunimentVerify',
        ],
      })
    })
  })
}

for (const { name, bundle } of bundlers) {
  test(`a bundle of the SDK made by ${name} without configuration verifies a record`, async context => {
    const output = `bundled-${name}`
    await bundle(installed.folder, 'main.js', output)
    const path = join(output, 'main.js')
    const size = readFileSync(join(installed.folder, path)).length
    context.diagnostic(`${name}: first file ${(size / 1000).toFixed(0)} kB`)
    const { good, spoiled } = (await runIn(process.execPath, path)) as Record<string, string>
    assert.deepEqual([good, spoiled === 'valid'], ['valid', false])
  })
}

const browser: Browser | undefined = await findBrowser()

/** What the page left in its own attribute, the workers that are at work then, and what the browser complained of. */
async function open(folder: string, policy: string): Promise<Record<string, unknown>> {
  const fixture = JSON.parse(readFileSync(join(installed.folder, 'fixture.js'), 'utf8').replace(/^[^{]*/, ''))
  // The client is made at once and asks nobody before it must: the file brings its own proof.
  const network = JSON.stringify({ ...fixture.network, rpc: ['/rpc'] })
  const site = await serveSite({ folder, policy, made: { '/network.json': network } })
  const chrome = await chromium.launch({ executablePath: browser!.path, args: [...browserFlags] })
  try {
    const page = await chrome.newPage()
    const complaints: string[] = []
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(String(error)))
    await page.clock.setFixedTime(fixture.now * 1_000)
    await page.goto(site.address)
    await page
      .waitForSelector('html[data-result]', { state: 'attached', timeout: 15_000 })
      .catch(error => assert.fail(`${complaints.join('\n')}\n${error}`))
    const result = JSON.parse((await page.getAttribute('html', 'data-result'))!)
    return { ...result, workers: page.workers().length, complaints }
  } finally {
    await chrome.close()
    site.close()
  }
}

describe('in Chromium', { skip: browser === undefined ? 'no browser' : false }, () => {
  const expected = { element: 'valid', crypto: 'wasm-worker', bad: [badSignature], workers: 1, complaints: [] }

  for (const { name, bundle } of bundlers) {
    test(`a page bundled by ${name} shows a valid record, and its worker checks signatures`, async () => {
      const output = `page-${name}`
      await bundle(installed.folder, name === 'Vite' ? 'index.html' : 'page.js', output)
      const folder = join(installed.folder, output)
      if (name !== 'Vite') writePage(folder, 'main.js')
      if (name === 'esbuild') copyWorker(installed.folder, output)
      // webpack's own loader of chunks makes scripts without a policy of trusted types unless it is configured to.
      const policy = name === 'webpack' ? documentedPolicy : `${documentedPolicy}; ${documentedTrustedTypes}`
      const { spoiled, ...result } = await open(folder, policy)
      assert.deepEqual(result, { good: 'valid', ...expected })
      assert.notEqual(spoiled, 'valid')
    })
  }

  test('a page without a bundler uses the ready-made folder', async () => {
    const folder = join(installed.folder, 'ready')
    for (const name of ['fixture.js', 'page-check.js', 'verify-many.js', 'site.js', 'muniment'])
      cpSync(join(installed.folder, name), join(folder, name), { recursive: true })
    writePage(folder, 'site.js')
    assert.deepEqual(await open(folder, `${documentedPolicy}; ${documentedTrustedTypes}`), expected)
  })

  function writePage(folder: string, script: string): void {
    const html = readFileSync(join(installed.folder, 'index.html'), 'utf8')
    writeFileSync(join(folder, 'index.html'), html.replace('./page.js', `./${script}`))
  }
})
