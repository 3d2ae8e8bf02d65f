// The embed kit as a ministry uses it: the folder that `muniment embed` wrote, on a server of another origin than the node's,
// under the policy that the kit itself names.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import { formatNetwork, formatTrustRoot } from '@muniment/sdk'
import type { Page } from '@playwright/test'
import { startTestNetwork } from '../network.ts'
import { type EmbedSite, embed, serveKit } from './embed-site.ts'
import { expect, nextVerdict, note, screenshot, test } from './fixtures.ts'

const repository = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
let folder = ''
let site: EmbedSite
const kit = (): string => join(folder, 'kit')

test.beforeAll(async () => {
  if (!process.env.MUNIMENT_BROWSER) return
  folder = mkdtempSync(join(tmpdir(), 'muniment-embed-'))
  await embed(kit())
  const headers = readFileSync(join(kit(), 'headers.txt'), 'utf8')
  site = await serveKit({ folders: { '/muniment/': kit(), '/older/': join(folder, 'older') }, headers })
})
test.afterAll(() => {
  site?.close()
  if (folder) rmSync(folder, { recursive: true })
})
test.afterEach(() => {
  if (!site) return
  site.change = (_, body) => body
  site.changeHeaders = headers => headers
  site.asked.length = 0
})

/** In a process of its own: what makes it can't be loaded as Playwright loads modules. */
async function makeCertificate(): Promise<{ readonly certificate: string; readonly key: string }> {
  const script = `import { makeCertificate } from './node/src/rpc/test-certificate.ts'
    console.log(JSON.stringify(await makeCertificate('localhost')))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: repository })
  return JSON.parse(stdout)
}

/** Another version: other bytes in every file, and hashes to fit. */
function makeOlder(older: string): void {
  const pins = readdirSync(older).find(name => name.startsWith('pins-'))!
  const scripts = ['verify.js', 'sign.js', pins]
  const texts = new Map(scripts.map(name => [name, readFileSync(join(older, name), 'utf8')]))
  const hash = (text: string): string => createHash('sha384').update(text).digest('base64')
  for (const name of readdirSync(older).filter(each => each.endsWith('.js') && !scripts.includes(each))) {
    const before = readFileSync(join(older, name), 'utf8')
    const after = `${before}\n// older`
    writeFileSync(join(older, name), after)
    for (const [script, text] of texts) texts.set(script, text.replace(hash(before), hash(after)))
  }
  const before = hash(readFileSync(join(older, pins), 'utf8'))
  const after = hash(texts.get(pins)!)
  for (const [script, text] of texts) {
    writeFileSync(join(older, script), text.replace(before, after).replace('"version":"', '"version":"0.0.'))
  }
}

async function open(page: Page, link: string, name = 'example.html'): Promise<void> {
  await page.goto('about:blank')
  await page.goto(`${site.origin}/muniment/${name}#${link}`)
}

test('the example page gives a verdict on a foreign server, under the strict policy that the kit names', async ({
  page,
  portal,
}) => {
  const [record] = await portal.records()
  const asked: string[] = []
  page.on('request', request => asked.push(new URL(request.url()).origin))
  await open(page, record!.link)
  const verdict = await nextVerdict(page)
  expect([verdict.kind, verdict.code]).toEqual(['valid', 'current'])
  note('milliseconds to a verdict from an embed kit', verdict.milliseconds)
  const network = JSON.parse(readFileSync(join(kit(), 'network.json'), 'utf8')) as { readonly rpc: readonly string[] }
  expect([...new Set(asked)].sort()).toEqual([site.origin, new URL(network.rpc[0]!).origin].sort())
  await screenshot(page, 'embed-example')
  await page.setViewportSize({ width: 320, height: 640 })
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(overflow, 'a narrow screen scrolls in one direction only').toBeLessThanOrEqual(0)
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
})

test('until somebody checks, a visitor loads at most 35 kB of script', async ({ page }) => {
  site.change = (path, body) => (path.endsWith('network.json') ? 'no network' : body)
  await open(page, '')
  await expect(page.locator('muniment-verify [part=heading], muniment-verify h1').first()).toBeVisible()
  const sri = JSON.parse(readFileSync(join(kit(), 'sri.json'), 'utf8')) as { readonly files: object }
  const pins = readdirSync(kit()).find(name => name.startsWith('pins-'))!
  const source = ['verify.js', pins].map(name => readFileSync(join(kit(), name), 'utf8')).join('')
  // What a check needs comes last, as soon as the elements are there, and shows nothing.
  const isForCheck = (path: string): boolean => /\/(?:check|ed25519)-/.test(path)
  await expect.poll(() => site.asked.some(isForCheck)).toBe(true)
  const all = site.asked.filter(path => path.endsWith('.js'))
  const first = all.slice(0, all.findIndex(isForCheck))
  // With it comes the file with its hashes.
  const shown = [...new Set(first)].filter(path => !/\/pins-/.test(path))
  const bytes = shown.map(path => gzipSync(readFileSync(join(kit(), path.slice(10))), { level: 9 }).length)
  const total = bytes.reduce((sum, each) => sum + each, 0)
  note('bytes of script of an embed kit before a check, gzip', total)
  expect(total).toBeLessThanOrEqual(35 * 1024)
  // What is not asked for here is pinned all the same.
  for (const name of Object.keys(sri.files).filter(each => /-[0-9a-f]{8}\.js$/.test(each)))
    expect(source).toContain(name)
})

test('a first visit on a poor line and a slow phone comes to a verdict', async ({ page, portal }) => {
  const [record] = await portal.records()
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  const bytesPerSecond = 400_000 / 8
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 400,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  })
  await session.send('Emulation.setCPUThrottlingRate', { rate: 6 })
  await open(page, record!.link)
  const verdict = await nextVerdict(page)
  expect(verdict.code).toBe('current')
  note(
    'milliseconds to a verdict from an embed kit, 400 kbit a second, 400 ms, CPU six times slower',
    verdict.milliseconds,
  )
  // Shared machines take longer; the figure is what counts.
  expect(verdict.milliseconds).toBeLessThan(20_000)
})

test('what every check asks a node first is on its way before the code that reads the answers, and is asked once', async ({
  page,
  portal,
}) => {
  const network = JSON.parse(readFileSync(join(kit(), 'network.json'), 'utf8')) as { readonly rpc: readonly string[] }
  const asked: string[] = []
  page.on('request', request => {
    if (request.url().startsWith(network.rpc[0]!)) asked.push(request.postDataBuffer()!.toString('hex'))
  })
  let early = 0
  await page.route('**/check-*.js', async route => {
    await expect.poll(() => asked.length).toBe(2)
    early = asked.length
    await route.continue()
  })
  const [record] = await portal.records()
  await open(page, record!.link)
  expect((await nextVerdict(page)).code).toBe('current')
  expect(early).toBe(2)
  expect(asked.length).toBeGreaterThan(2)
  expect(new Set(asked).size, 'a question was asked twice').toBe(asked.length)
  // Who only opens the page asks nobody.
  asked.length = 0
  await page.unroute('**/check-*.js')
  await open(page, '')
  await page.waitForLoadState('networkidle')
  expect(asked).toEqual([])
})

test('a line that breaks while the page loads, in whichever file, delays the verdict and does not prevent it', async ({
  page,
  portal,
  expectedViolations,
}) => {
  test.setTimeout(120_000)
  expectedViolations.push(/net::ERR_/)
  const [record] = await portal.records()
  await open(page, record!.link)
  await nextVerdict(page)
  const asked = [...new Set(site.asked.filter(path => path.endsWith('.js') && !path.endsWith('/verify.js')))]
  // The first, in which all others are named, and some of the rest.
  const files = asked.filter((_, place) => place % Math.ceil(asked.length / 6) === 0)
  const waited: Record<string, number> = {}
  for (const file of files) {
    let broken = 0
    await page.route(`**${file}`, route => (broken++ < 3 ? route.abort('connectionreset') : route.continue()))
    await page.goto('about:blank')
    await open(page, record!.link)
    const { code, milliseconds } = await nextVerdict(page)
    expect([file, code]).toEqual([file, 'current'])
    expect(broken).toBeGreaterThan(3)
    waited[file] = Math.round(milliseconds)
    await page.unroute(`**${file}`)
  }
  note('milliseconds to a verdict where a file broke off', waited)
})

test('where the page refuses Wasm the kit’s verdict is the same', async ({ page, portal }) => {
  site.changeHeaders = headers => ({
    ...headers,
    'Content-Security-Policy': headers['Content-Security-Policy']!.replace(" 'wasm-unsafe-eval'", ''),
  })
  site.change = (path, body) =>
    path.endsWith('.html') ? body.replace('<muniment-network ', '<muniment-network no-wasm ') : body
  const [record] = await portal.records()
  await open(page, record!.link)
  expect((await nextVerdict(page)).code).toBe('current')
})

test('a changed script does not run: the page says what it says without scripts', async ({
  page,
  portal,
  expectedViolations,
}) => {
  expectedViolations.push(/^error: /)
  const [record] = await portal.records()
  site.change = (path, body) => (path.endsWith('/verify.js') ? `document.title='altered';${body}` : body)
  await open(page, record!.link)
  await expect(page.getByText('this one could not load what it needs')).toBeVisible()
  expect(await page.title()).toBe('Example page')
})

test('of the files that a check loads, none runs changed by a byte, and none is fetched twice', async ({
  page,
  portal,
  expectedViolations,
}) => {
  test.setTimeout(180_000)
  expectedViolations.push(/^error: .*is not the file that this bundle was made with/)
  const [record] = await portal.records()
  await open(page, record!.link)
  await nextVerdict(page)
  const files = site.asked.filter(path => path.endsWith('.js') && !path.endsWith('/verify.js'))
  expect(files.length).toBeGreaterThan(4)
  expect(new Set(files).size, 'a file that is fetched twice could differ the second time').toBe(files.length)
  for (const file of files) {
    // Something to see, and all else as it was.
    site.change = (path, body) => (path === file ? `globalThis.munimentAltered=true;${body}` : body)
    site.asked.length = 0
    await open(page, record!.link)
    await expect.poll(() => site.asked.includes(file)).toBe(true)
    await page.waitForLoadState('networkidle')
    await page.waitForTimeout(300)
    const seen = await page.evaluate(() => ({
      altered: 'munimentAltered' in globalThis,
      codes: window.munimentSeen.map(({ kind, code }) => ({ kind, code })),
    }))
    expect(seen.altered, file).toBe(false)
    // A part that only makes it faster may be missing; what was checked without it is checked.
    for (const { kind, code } of seen.codes)
      expect(kind === 'unknown' || code === 'current', `${file}: ${code}`).toBe(true)
  }
  note('files of an embed kit that were changed by a byte and did not run', files.length)
})

test('a browser that knows no modulepreload loads the same, and nothing that is wrong whenever it is asked for', async ({
  page,
  portal,
  expectedViolations,
}) => {
  expectedViolations.push(/^error: .*is not the file that this bundle was made with/)
  await page.addInitScript(() => {
    DOMTokenList.prototype.supports = () => false
  })
  const [record] = await portal.records()
  await open(page, record!.link)
  expect((await nextVerdict(page)).code).toBe('current')
  site.change = (path, body) => (path.includes('/shared-') ? `globalThis.munimentAltered=true;${body}` : body)
  await open(page, record!.link)
  await expect(page.getByText('this one could not load what it needs')).toBeVisible()
  await page.waitForLoadState('networkidle')
  expect(await page.evaluate(() => 'munimentAltered' in globalThis)).toBe(false)
})

test('no part of the kit, asked for or not, runs changed', async ({ page }) => {
  site.change = (path, body) => (path.endsWith('network.json') ? 'no network' : body)
  await open(page, '')
  await page.waitForLoadState('networkidle')
  site.change = (_, body) => `globalThis.munimentAltered=true;${body}`
  const seen = site.asked.map(path => path.slice('/muniment/'.length))
  const names = readdirSync(kit()).filter(name => /-[0-9a-f]{8}\.js$/.test(name))
  const others = names.filter(name => !seen.includes(name))
  expect(others.length).toBeGreaterThan(10)
  const outcomes = await page.evaluate(async files => {
    type Bundle = { readonly load: (file: string) => Promise<unknown> }
    const bundle = (globalThis as unknown as Record<symbol, Bundle>)[Symbol.for('muniment.bundle')]!
    const loads = await Promise.allSettled([...files, '../example.js', 'https://example.com/x.js'].map(bundle.load))
    return { statuses: loads.map(({ status }) => status), altered: 'munimentAltered' in globalThis }
  }, others)
  expect(outcomes.altered).toBe(false)
  expect([...new Set(outcomes.statuses)]).toEqual(['rejected'])
})

test('a document is signed on a page of the kit, under the same policy', async ({ page }) => {
  site.change = (path, body) =>
    path.endsWith('example.html')
      ? body
          .replace(/<script.*<\/script>/, '<script type="module" src="./sign.js"></script>')
          .replace(
            /<muniment-verify.*<\/muniment-verify>/s,
            '<muniment-sign verify-page="./example.html"></muniment-sign>',
          )
      : body
  await open(page, '')
  await page.waitForFunction(() => customElements.get('muniment-sign'))
  await page.evaluate(() => {
    const sign = document.querySelector('muniment-sign') as HTMLElement & { request: object }
    const fields = { subject: 'Example', statement: 'Bees live in my garden.' }
    sign.request = { service: 'citizen.declaration@1', transition: 'declare', fields }
  })
  await page.getByRole('button', { name: 'Review before signing' }).click()
  await page.getByRole('button', { name: 'Sign and hand in' }).click()
  await expect(page.getByRole('heading', { name: 'Recorded and checked' })).toBeVisible()
  await screenshot(page, 'embed-sign')
})

test('the kit may stand on another host than the page', async ({ page, portal }) => {
  const html = readFileSync(join(kit(), 'example.html'), 'utf8')
  mkdirSync(join(folder, 'page'), { recursive: true })
  writeFileSync(join(folder, 'page', 'check.html'), html.replaceAll('"./', `"${site.origin}/muniment/`))
  site.changeHeaders = headers => ({ ...headers, 'Access-Control-Allow-Origin': '*' })
  const policy = readFileSync(join(kit(), 'headers.txt'), 'utf8')
    .replace("script-src 'self'", `script-src ${site.origin}`)
    .replace("connect-src 'self'", `connect-src ${site.origin}`)
  const pages = await serveKit({ folders: { '/': join(folder, 'page') }, headers: policy })
  const [record] = await portal.records()
  await page.goto(`${pages.origin}/check.html#${record!.link}`)
  expect((await nextVerdict(page)).code).toBe('current')
  pages.close()
})

test('two bundles of different versions work in one page, also one for checking and one for signing', async ({
  page,
  portal,
}) => {
  const older = join(folder, 'older')
  cpSync(kit(), older, { recursive: true })
  const html = readFileSync(join(kit(), 'example.html'), 'utf8')
  const tag = /<script type="module".*<\/script>/.exec(html)![0]
  const otherTag = (name: string): string => `<script type="module" src="/older/${name}"></script>`
  makeOlder(older)
  const [record] = await portal.records()
  for (const tags of [
    [tag, otherTag('verify.js')],
    [otherTag('verify.js'), tag],
    [otherTag('sign.js'), tag],
  ]) {
    site.change = (path, body) =>
      path.endsWith('example.html')
        ? body.replace(tag, tags.join('\n')).replace('</main>', '<muniment-sign></muniment-sign></main>')
        : body
    await open(page, record!.link)
    expect((await nextVerdict(page)).code).toBe('current')
    const signs = tags.some(each => each.includes('sign.js'))
    const isDefined = await page.evaluate(() => customElements.get('muniment-sign') !== undefined)
    expect(isDefined).toBe(signs)
  }
})

test('a page by HTTPS asks a node of another origin by HTTPS, which allows that origin', async ({ browser }) => {
  const tls = await makeCertificate()
  const files = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  writeFileSync(files.certificate, tls.certificate)
  writeFileSync(files.key, tls.key)
  const served = { '/muniment/': join(folder, 'kit-tls') }
  const pages = await serveKit({
    folders: served,
    headers: 'X-Content-Type-Options: nosniff',
    tls: { cert: tls.certificate, key: tls.key },
  })
  // The test's own client, in this process, and the pages of this context take the certificate that nobody signed.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  const network = await startTestNetwork({ tls: files, corsOrigins: [pages.origin] })
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  try {
    const addresses = { ...network.network, peers: [] }
    writeFileSync(join(folder, 'trust-root.json'), JSON.stringify(formatTrustRoot(network.root)))
    writeFileSync(join(folder, 'network.json'), JSON.stringify(formatNetwork(addresses)))
    await embed(served['/muniment/'], folder)
    const [policy] = readFileSync(join(folder, 'kit-tls', 'headers.txt'), 'utf8').split('\n')
    pages.changeHeaders = () => ({ 'Content-Security-Policy': policy!.slice(policy!.indexOf(':') + 2) })
    const { link } = await network.issueTitle({ parcel: 'example 1/2' })
    const page = await context.newPage()
    await page.goto(`${pages.origin}/muniment/example.html#${link}`)
    await expect(page.locator('muniment-verify [part=verdict-heading]')).toBeVisible()
    const code = await page.evaluate(() => document.querySelector('muniment-verify')!.verdict!.code)
    expect(code).toBe('single-operator')
  } finally {
    await context.close()
    pages.close()
    await network.close()
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
  }
})

test('a network’s file of another chain gives "wrong network", whatever it says of itself', async ({
  page,
  portal,
}) => {
  const [record] = await portal.records()
  site.change = (path, body) => (path.endsWith('network.json') ? body.replaceAll('example-1', 'example-2') : body)
  await open(page, record!.link)
  expect((await nextVerdict(page)).code).toBe('wrong-network')
})

test('the same inputs give the same bytes, and sri.json names each', async () => {
  test.skip(!folder, 'no Chromium is installed')
  const again = join(folder, 'again')
  await embed(again)
  await embed(again)
  const names = readdirSync(kit()).sort()
  expect(readdirSync(again).sort()).toEqual(names)
  for (const name of names) expect(readFileSync(join(again, name)).equals(readFileSync(join(kit(), name)))).toBe(true)
  const { files } = JSON.parse(readFileSync(join(kit(), 'sri.json'), 'utf8')) as { readonly files: object }
  expect(Object.keys(files).sort()).toEqual(names.filter(name => name !== 'sri.json'))
  expect(existsSync(join(kit(), 'licenses.md'))).toBe(true)
})
