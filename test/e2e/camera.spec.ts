// The camera, from the button to the verdict, with a file in place of what stands before it. Whatever happens, it is off again.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import { formatShortLink, loadCrypto } from '@muniment/sdk'
import { qrOf } from '@muniment/sdk/qr'
import type { BrowserContext, Page } from '@playwright/test'
import { imageOf } from '../qr-image.ts'
import { browserFlags } from './browser.ts'
import { writeCameraFile } from './camera-file.ts'
import { expect, nextVerdict, note, screenshot, test } from './fixtures.ts'
import { documentOf } from './links.ts'

const chunkBytesMax = 18 * 1024
const cameraWaitMs = 10_000
const folder = join(import.meta.dirname, '..', 'output')
const file = join(folder, 'camera.y4m')
const executablePath = process.env.MUNIMENT_CHROMIUM

test.use({
  launchOptions: {
    ...(executablePath ? { executablePath } : {}),
    args: [...browserFlags, '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${file}`],
  },
})
test.beforeAll(() => mkdirSync(folder, { recursive: true }))

/** Not every build of Chromium has one: that from npm never answers. */
test.beforeEach(async ({ page, context, portal }) => {
  writeCameraFile(file)
  await allow(context)
  await page.goto(portal.origin)
  const hasCamera = await page.evaluate(
    waitMs =>
      Promise.race([
        navigator.mediaDevices.getUserMedia({ video: true }).then(
          stream => {
            for (const track of stream.getTracks()) track.stop()
            return true
          },
          () => false,
        ),
        new Promise<boolean>(resolve => setTimeout(() => resolve(false), waitMs)),
      ]),
    cameraWaitMs,
  )
  await context.clearPermissions()
  test.skip(!hasCamera, 'this build of Chromium has no camera')
})

declare global {
  interface Window {
    /** Of every camera that the page was given. */
    munimentTracks: MediaStreamTrack[]
    munimentErrors: string[]
  }
}

/** Runs in the page first: remembers what is opened and which codes are told. */
function watchCamera(): void {
  window.munimentTracks = []
  window.munimentErrors = []
  const { mediaDevices } = navigator
  const ask = mediaDevices.getUserMedia.bind(mediaDevices)
  mediaDevices.getUserMedia = async constraints => {
    const stream = await ask(constraints)
    window.munimentTracks.push(...stream.getTracks())
    return stream
  }
  document.addEventListener('muniment-error', event => window.munimentErrors.push((event as CustomEvent).detail.code))
}

async function openForm(page: Page, address: string): Promise<void> {
  await page.addInitScript(watchCamera)
  await page.goto(address)
  await expect(page.getByRole('button', { name: 'Scan a QR code' })).toBeVisible()
}

const allow = (context: BrowserContext): Promise<void> => context.grantPermissions(['camera'])
const scan = (page: Page): Promise<void> => page.getByRole('button', { name: 'Scan a QR code' }).click()
const errors = (page: Page): Promise<readonly string[]> => page.evaluate(() => window.munimentErrors)

async function expectCameraOff(page: Page, opened = 1): Promise<void> {
  const states = (): Promise<readonly string[]> =>
    page.evaluate(() => window.munimentTracks.map(({ readyState }) => readyState))
  await expect.poll(states).toEqual(Array.from({ length: opened }, () => 'ended'))
  await expect(page.locator('muniment-verify video')).toHaveCount(0)
}

async function expectProblem(page: Page, code: string, words: string): Promise<void> {
  await expect(page.getByRole('alert')).toContainText(words)
  await expect(page.getByRole('alert')).toBeFocused()
  expect(await errors(page)).toEqual([code])
  // What the camera did not read can be typed.
  await expect(page.getByLabel('Link or text of the document')).toBeVisible()
}

test('a citizen holds a document’s QR code before the camera and reads the verdict', async ({
  page,
  portal,
  context,
}) => {
  const [record] = await portal.records()
  const hasher = await loadCrypto()
  const link = await formatShortLink(documentOf(record!.link), { page: `${portal.origin}/verify`, hasher })
  hasher.close()
  const qr = qrOf(link)
  writeCameraFile(file, imageOf(qr))
  await allow(context)
  const sizes = new Map<string, number>()
  await openForm(page, `${portal.origin}/verify`)
  await page.waitForLoadState('networkidle')
  page.on('response', async response => {
    const { pathname } = new URL(response.url())
    const body = await response.body().catch(() => undefined)
    if (body && /\/(?:camera|read-qr)-/.test(pathname)) sizes.set(pathname, gzipSync(body, { level: 9 }).length)
  })
  const began = Date.now()
  await scan(page)
  const verdict = await nextVerdict(page)
  expect(verdict.code).toBe('current')
  await expectCameraOff(page)
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  note('camera', { qrVersion: qr.version, milliseconds: Date.now() - began, bytes, files: [...sizes.keys()] })
  expect(sizes.size).toBe(2)
  expect(bytes).toBeLessThanOrEqual(chunkBytesMax)
})

test('a browser with a detector of its own is let read', async ({ page, portal, context }) => {
  const [record] = await portal.records()
  writeCameraFile(file)
  await allow(context)
  await page.addInitScript(link => {
    const detected = [{ rawValue: link }]
    const Detector = class {
      static getSupportedFormats = async (): Promise<string[]> => ['qr_code']
      detect = async (image: unknown): Promise<unknown> => (image instanceof ImageData ? detected : [])
    }
    Object.assign(globalThis, { BarcodeDetector: Detector })
  }, record!.link)
  await openForm(page, `${portal.origin}/verify`)
  await scan(page)
  expect((await nextVerdict(page)).code).toBe('current')
  await expectCameraOff(page)
})

test('a code of something else is told, not followed, and the scan goes on until it is stopped', async ({
  page,
  portal,
  context,
}) => {
  writeCameraFile(file, imageOf(qrOf('WIFI:S:example;T:WPA;P:<b>secret</b>;;')))
  await allow(context)
  await page.setViewportSize({ width: 320, height: 640 })
  await openForm(page, `${portal.origin}/verify`)
  const before = page.url()
  await page.getByLabel('Link or text of the document').fill('half a link')
  await scan(page)
  await expect(page.getByRole('button', { name: 'Stop the camera' })).toBeFocused()
  await expect(page.locator('muniment-verify').getByRole('status')).toContainText('This QR code is of something else')
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  await screenshot(page, 'camera-foreign')
  await page.keyboard.press('Enter')
  await expect(page.locator('muniment-verify').getByRole('status')).toHaveText('The camera was stopped.')
  await expect(page.getByRole('button', { name: 'Scan a QR code' })).toBeFocused()
  await expect(page.getByLabel('Link or text of the document')).toHaveValue('half a link')
  await expectCameraOff(page)
  expect(await errors(page)).toEqual(['camera-cancelled'])
  expect(page.url()).toBe(before)
})

test('in Arabic too, with the camera on', async ({ page, portal, context }) => {
  writeCameraFile(file)
  await allow(context)
  await page.addInitScript(watchCamera)
  await page.goto(`${portal.origin}/verify?lang=ar`)
  await page.locator('muniment-verify #scan').click()
  await expect(page.locator('muniment-verify').getByRole('status')).toContainText('الكاميرا تعمل')
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await screenshot(page, 'camera-open-ar')
})

test('who refuses the camera is told how to go on', async ({ page, portal }) => {
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('refused', 'NotAllowedError'))
  })
  await openForm(page, `${portal.origin}/verify`)
  await scan(page)
  await expectProblem(page, 'camera-denied', 'The camera may not be used here')
  await screenshot(page, 'camera-denied')
  await expectCameraOff(page, 0)
})

for (const [name, code, words] of [
  ['NotFoundError', 'camera-none', 'This device has no camera'],
  ['OverconstrainedError', 'camera-none', 'This device has no camera'],
  ['NotReadableError', 'camera-busy', 'another program may be using it'],
] as const) {
  test(`where a camera fails with ${name}, the sentence says so`, async ({ page, portal }) => {
    await page.addInitScript(error => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', error))
    }, name)
    await openForm(page, `${portal.origin}/verify`)
    await scan(page)
    await expectProblem(page, code, words)
    // The next try begins anew.
    await scan(page)
    await expect(page.getByRole('alert')).toContainText(words)
  })
}

test('a page that is hidden has no camera on', async ({ page, portal, context }) => {
  writeCameraFile(file)
  await allow(context)
  await openForm(page, `${portal.origin}/verify`)
  await scan(page)
  await expect(page.locator('muniment-verify').getByRole('status')).toContainText('The camera is on')
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await expectProblem(page, 'camera-hidden', 'The camera was stopped because the page was hidden')
  await expectCameraOff(page)
})

test('a camera that is unplugged, an element that is taken away, a link that comes meanwhile: it is off each time', async ({
  page,
  portal,
  context,
}) => {
  const [record] = await portal.records()
  writeCameraFile(file)
  await allow(context)
  await openForm(page, `${portal.origin}/verify`)
  await scan(page)
  await expect(page.locator('muniment-verify').getByRole('status')).toContainText('The camera is on')
  await page.evaluate(() => window.munimentTracks[0]!.dispatchEvent(new Event('ended')))
  await expectProblem(page, 'camera-ended', 'The camera was switched off')
  await expectCameraOff(page)
  await scan(page)
  await expect(page.locator('muniment-verify').getByRole('status')).toContainText('The camera is on')
  await page.evaluate(link => {
    location.hash = link
  }, record!.link)
  expect((await nextVerdict(page)).code).toBe('current')
  await expectCameraOff(page, 2)
  await page.getByRole('button', { name: 'Check another document' }).click()
  await scan(page)
  await expect(page.locator('muniment-verify').getByRole('status')).toContainText('The camera is on')
  await page.evaluate(() => document.querySelector('muniment-verify')!.remove())
  await expectCameraOff(page, 3)
})

test('a camera that is allowed after it was given up is closed at once', async ({ page, portal, context }) => {
  writeCameraFile(file)
  await allow(context)
  await page.addInitScript(() => {
    const { mediaDevices } = navigator
    const ask = mediaDevices.getUserMedia.bind(mediaDevices)
    mediaDevices.getUserMedia = async constraints => {
      document.documentElement.dataset.asked = 'yes'
      await new Promise(resolve => document.addEventListener('allowed', resolve, { once: true }))
      return ask(constraints)
    }
  })
  await openForm(page, `${portal.origin}/verify`)
  await scan(page)
  // The words stand there while the reader is still loaded; only then is the browser asked.
  await page.waitForFunction(() => document.documentElement.dataset.asked === 'yes')
  await expect(page.locator('muniment-verify').getByRole('status')).toContainText('Asking for the camera')
  await page.getByRole('button', { name: 'Stop the camera' }).click()
  await expect(page.locator('muniment-verify').getByRole('status')).toHaveText('The camera was stopped.')
  await page.evaluate(() => document.dispatchEvent(new Event('allowed')))
  await expectCameraOff(page)
})

test('where the reader can not be loaded, that is said, and the link can be pasted', async ({
  page,
  portal,
  context,
}) => {
  await allow(context)
  await page.route(/\/camera-[^/]*\.js/, route => route.abort())
  await openForm(page, `${portal.origin}/verify`)
  await scan(page)
  await expectProblem(page, 'reader-unavailable', 'A part of this page could not be loaded')
})
