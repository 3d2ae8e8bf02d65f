// Whatever people choose, drop or paste: a clear sentence with a code, no hang, and nothing of it shown as markup.

import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import { formatShortLink, loadCrypto } from '@muniment/sdk'
import { qrOf } from '@muniment/sdk/qr'
import type { Page } from '@playwright/test'
import decodeQr from 'qr/decode.js'
import { handMadePdf } from '../pdf-files.ts'
import { writePng } from '../png.ts'
import { imageOf, type Picture } from '../qr-image.ts'
import { expect, nextVerdict, note, screenshot, test, verdictHeading } from './fixtures.ts'
import { documentOf } from './links.ts'

const pdfChunkBytesMax = 6 * 1024

async function openForm(page: Page, address: string): Promise<void> {
  await page.addInitScript(() => {
    document.addEventListener('muniment-error', event => {
      document.documentElement.dataset.error = (event as CustomEvent).detail.code
    })
  })
  await page.goto(address)
  await expect(page.getByLabel('Link or text of the document')).toBeVisible()
}

async function choose(page: Page, name: string, content: Buffer): Promise<void> {
  const mimeType = 'application/octet-stream'
  await page.locator('muniment-verify input[type=file]').setInputFiles({ name, mimeType, buffer: content })
}

async function expectProblem(page: Page, code: string): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-error', code)
  await expect(page.getByRole('alert')).toBeFocused()
  await expect(page.getByLabel('Link or text of the document')).toBeVisible()
  await page.locator('html').evaluate(element => element.removeAttribute('data-error'))
}

async function shortLink(link: string, origin: string): Promise<string> {
  const hasher = await loadCrypto()
  const short = await formatShortLink(documentOf(link), { page: `${origin}/verify`, hasher })
  hasher.close()
  return short
}

/** As a phone takes it that holds no focus: each pixel is the mean of the 25 around it. */
function outOfFocus({ width, height, data }: Picture): Picture {
  const blurred = new Uint8Array(data.length).fill(255)
  const light = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 255 : data[(y * width + x) * 4]!
  for (let pixel = 0; pixel < width * height; pixel++) {
    let sum = 0
    for (let place = 0; place < 25; place++)
      sum += light((pixel % width) + (place % 5) - 2, Math.floor(pixel / width) + Math.floor(place / 5) - 2)
    blurred.fill(sum / 25, pixel * 4, pixel * 4 + 3)
  }
  return { width, height, data: blurred }
}

type Portal = Parameters<Parameters<typeof test>[2]>[0]['portal']

/** Every record has another code, and few the small reader reads even so: then there is a new one. */
async function hardPicture(portal: Portal): Promise<Picture> {
  let [record] = await portal.records()
  for (let tries = 0; tries < 8; tries++) {
    const picture = outOfFocus(imageOf(qrOf(await shortLink(record!.link, portal.origin))))
    if (!isRead(picture)) return picture
    record = await portal.act({ action: 'grant', fields: { business: `Example Florist ${tries}` } })
  }
  throw new Error('the small reader reads all of them')
}

function isRead(picture: Picture): boolean {
  try {
    return decodeQr(picture) !== ''
  } catch {
    return false
  }
}

test('a link as a QR code has it: opened by a phone, pasted, and in a picture of any kind', async ({
  page,
  portal,
}) => {
  const [record] = await portal.records()
  const link = await shortLink(record!.link, portal.origin)
  await page.goto(link)
  expect((await nextVerdict(page)).code).toBe('current')
  await expect(page.locator('muniment-verify')).toContainText(record!.title)
  await openForm(page, `${portal.origin}/verify`)
  await page.getByLabel('Link or text of the document').fill(link)
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  expect((await nextVerdict(page)).code).toBe('current')
  const png = writePng(imageOf(qrOf(link)))
  let count = 1
  for (const type of ['image/png', 'image/jpeg', 'image/webp']) {
    await page.getByRole('button', { name: 'Check another document' }).click()
    const bytes = type === 'image/png' ? png : await recoded(page, png, type)
    await choose(page, 'photo', bytes)
    expect((await nextVerdict(page, count++)).code, type).toBe('current')
  }
})

/** The browser writes the kinds that tests in Node can't. */
async function recoded(page: Page, png: Buffer, type: string): Promise<Buffer> {
  const bytes = await page.evaluate(
    async ([from, to]) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(from)]))
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
      canvas.getContext('2d')!.drawImage(bitmap, 0, 0)
      return Array.from(new Uint8Array(await (await canvas.convertToBlob({ type: to })).arrayBuffer()))
    },
    [[...png], type] as const,
  )
  return Buffer.from(bytes)
}

test('a photo out of focus, too hard for the small reader, is read by the lazy one under the strict policy', async ({
  page,
  portal,
}) => {
  const picture = await hardPicture(portal)
  await openForm(page, `${portal.origin}/verify`)
  const asked: string[] = []
  page.on('request', request => asked.push(request.url()))
  await choose(page, 'photo.png', writePng(picture))
  expect((await nextVerdict(page)).code).toBe('current')
  const readers = asked.filter(url => url.endsWith('.wasm'))
  expect(readers).toHaveLength(1)
  expect(new URL(readers[0]!).origin).toBe(portal.origin)
})

test('where the lazy reader does not come or is another file, that is said', async ({
  page,
  portal,
  expectedViolations,
}) => {
  expectedViolations.push(/integrity/i)
  await openForm(page, `${portal.origin}/verify`)
  const empty = writePng({ width: 40, height: 40, data: new Uint8Array(6_400).fill(255) })
  await page.route('**/*.wasm', route => route.abort())
  await choose(page, 'empty.png', empty)
  await expectProblem(page, 'reader-unavailable')
  await page.unroute('**/*.wasm')
  await page.route('**/*.wasm', async route => {
    const response = await route.fetch()
    const body = await response.body()
    body[body.length - 1]! ^= 1
    await route.fulfill({ response, body })
  })
  await choose(page, 'empty.png', empty)
  await expectProblem(page, 'reader-unavailable')
  await page.unroute('**/*.wasm')
  await choose(page, 'empty.png', empty)
  await expectProblem(page, 'qr-none')
})

test('where the page refuses Wasm, a photo is read by what is left', async ({ page, portal }) => {
  const [record] = await portal.records()
  await page.route('**/verify', async route => {
    const response = await route.fetch()
    const policy = response.headers()['content-security-policy']!.replace(" 'wasm-unsafe-eval'", '')
    const body = (await response.text()).replace('<muniment-network ', '<muniment-network no-wasm ')
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy }, body })
  })
  await openForm(page, `${portal.origin}/verify`)
  await choose(page, 'empty.png', writePng({ width: 40, height: 40, data: new Uint8Array(6_400).fill(255) }))
  await expectProblem(page, 'qr-none')
  await choose(page, 'code.png', writePng(imageOf(qrOf(await shortLink(record!.link, portal.origin)))))
  expect((await nextVerdict(page)).code).toBe('current')
})

test('codes of other systems are not opened, and nothing of them is shown', async ({ page, portal }) => {
  await openForm(page, `${portal.origin}/verify`)
  const address = page.url()
  for (const text of [
    'WIFI:S:example;T:WPA;P:<img src=x onerror=alert(1)>;;',
    'BEGIN:VCARD\nVERSION:3.0\nFN:Example Person\nEND:VCARD',
    'https://evil.example/<script>alert(1)</script>',
    'javascript:alert(1)//',
  ]) {
    await choose(page, 'code.png', writePng(imageOf(qrOf(text))))
    await expectProblem(page, 'qr-foreign')
    await expect(page.locator('muniment-verify')).not.toContainText(/evil|Example Person|alert|WIFI/)
  }
  await screenshot(page, 'input-foreign-code')
  expect(page.url()).toBe(address)
})

test('any file at all gives a sentence and a code, and the form stands ready again', async ({ page, portal }) => {
  await openForm(page, `${portal.origin}/verify`)
  const huge = Buffer.from('89504e470d0a1a0a0000000d494844527fffffff7fffffff0806000000', 'hex')
  const photo = writePng({ width: 300, height: 200, data: new Uint8Array(randomBytes(240_000)) })
  for (const [name, content, code] of [
    ['empty.txt', Buffer.alloc(0), 'empty'],
    ['huge.png', huge, 'picture-too-large'],
    ['half.png', photo.subarray(0, 30), 'picture-unreadable'],
    ['noise.png', photo, 'qr-none'],
    ['phone.heic', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1'), 'picture-unreadable'],
    ['much.bin', Buffer.alloc(9 << 20, 'a'), 'file-too-large'],
  ] as const) {
    await choose(page, name, content)
    await expectProblem(page, code)
  }
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await screenshot(page, 'input-too-large')
  let count = 0
  for (const [name, content] of [
    ['noise.bin', randomBytes(100_000)],
    ['text.txt', Buffer.from('<img src=x onerror=alert(1)>')],
    ['archive.zip', Buffer.concat([Buffer.from('PK\x03\x04'), randomBytes(500)])],
    ['long.txt', Buffer.alloc(1 << 20, 'a~')],
  ] as const) {
    await choose(page, name, content)
    expect(await nextVerdict(page, count++), name).toMatchObject({ kind: 'unknown', code: 'unreadable' })
    await expect(verdictHeading(page)).toBeFocused()
    await page.getByRole('button', { name: 'Check another document' }).click()
  }
})

test('the record attached to a PDF is checked, whatever else is in it', async ({ page, portal }) => {
  const [record] = await portal.records()
  const sizes = new Map<string, number>()
  page.on('response', async response => {
    const { pathname } = new URL(response.url())
    const body = await response.body().catch(() => undefined)
    if (body && /\/pdf-/.test(pathname)) sizes.set(pathname, gzipSync(body, { level: 9 }).length)
  })
  await openForm(page, `${portal.origin}/verify`)
  let count = 0
  for (const [name, pdf] of [
    ['text', handMadePdf({ attached: documentOf(record!.link), tables: 'stream' })],
    ['link', handMadePdf({ attached: portal.linkOf(record!), by: 'catalogue' })],
    ['damaged', Buffer.concat([handMadePdf({ attached: record!.link }), Buffer.from('startxref\n9\n%%EOF')])],
  ] as const) {
    await choose(page, `${name}.pdf`, pdf)
    expect((await nextVerdict(page, count++)).code, name).toBe('current')
    await page.getByRole('button', { name: 'Check another document' }).click()
  }
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  note('pdf', { bytes, files: [...sizes.keys()] })
  expect(sizes.size).toBe(1)
  expect(bytes).toBeLessThanOrEqual(pdfChunkBytesMax)
  const nasty = handMadePdf({ attached: '1/<img src=x onerror=alert(1)>' })
  for (const [name, pdf, code] of [
    ['none.pdf', nasty, 'pdf-none'],
    ['locked.pdf', handMadePdf({ attached: record!.link, trailer: '/Encrypt 6 0 R' }), 'pdf-encrypted'],
    ['half.pdf', nasty.subarray(0, 100), 'pdf-unreadable'],
  ] as const) {
    await choose(page, name, pdf)
    await expectProblem(page, code)
  }
  await screenshot(page, 'input-pdf-unreadable')
})

test('a PDF of 200 MB is refused without being read, and a slow one can be cancelled', async ({ page, portal }) => {
  await openForm(page, `${portal.origin}/verify`)
  const drop = (megabytes: number): Promise<void> =>
    page.evaluate(size => {
      const dataTransfer = new DataTransfer()
      const filling = new Uint8Array(1 << 20).fill(32)
      const parts = Array.from({ length: size }, () => filling)
      dataTransfer.items.add(new File(['%PDF-1.7\n', ...parts], 'large.pdf', { type: 'application/pdf' }))
      const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true })
      document.querySelector('muniment-verify')!.dispatchEvent(event)
    }, megabytes)
  const began = Date.now()
  await drop(200)
  await expectProblem(page, 'file-too-large')
  note('milliseconds until 200 MB are refused', Date.now() - began)
  await drop(60)
  await expectProblem(page, 'pdf-unreadable')
  // The code for PDFs does not come: what takes its time can be cancelled.
  await page.reload()
  await page.route(/\/pdf-[^/]*\.js/, () => undefined)
  await choose(page, 'small.pdf', handMadePdf({ attached: 'x' }))
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.locator('muniment-verify').getByRole('status')).toHaveText('The check was cancelled.')
  await expect(page.getByLabel('Link or text of the document')).toBeFocused()
})

test('a page takes only what it names', async ({ page, portal }) => {
  const [record] = await portal.records()
  await openForm(page, `${portal.origin}/verify`)
  const element = page.locator('muniment-verify')
  await element.evaluate(each => each.setAttribute('accept', 'paste'))
  await expect(element.locator('input[type=file]')).toHaveCount(0)
  await expect(element.locator('#scan')).toHaveCount(0)
  await element.evaluate(each => each.setAttribute('accept', 'pdf camera'))
  await expect(element.locator('#scan')).toBeVisible()
  // What the camera does not read can be typed.
  await expect(page.getByLabel('Link or text of the document')).toBeVisible()
  await choose(page, 'link.txt', Buffer.from(record!.link))
  await expectProblem(page, 'not-accepted')
  await page.evaluate(link => {
    location.hash = link
  }, record!.link)
  await page.waitForTimeout(300)
  expect(await page.evaluate(() => window.munimentSeen.length)).toBe(0)
})
