import { queryContentType } from '@muniment/sdk'
import type { Page } from '@playwright/test'
import { queryRequest, queryResponse } from '../../sdk/src/p2p/messages.ts'
import { blockRpc, changeNetwork, expect, nextVerdict, screenshot, test } from './fixtures.ts'

async function fillIn(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/sign`)
  await page.getByLabel('Subject').fill('Bees')
  await page.getByLabel('What you declare').fill('I keep two hives.\nBoth are mine.')
  await page.getByLabel('With a key of this browser').check()
}

const review = (page: Page): Promise<void> => page.getByRole('button', { name: 'Review before signing' }).click()
const confirm = (page: Page): Promise<void> => page.getByRole('button', { name: 'Sign and hand in' }).click()

test('a citizen sees what is signed, signs, and the ledger’s record of it is checked before it is called done', async ({
  page,
  portal,
}) => {
  await fillIn(page, portal.origin)
  await screenshot(page, 'sign-form')
  await review(page)
  const panel = page.locator('muniment-sign [part=review]')
  await expect(panel.getByRole('heading', { name: 'This is what you will sign' })).toBeFocused()
  await expect(panel).toContainText('Declaration (citizen.declaration@1)')
  await expect(panel).toContainText('Make a declaration (declare)')
  await expect(panel).toContainText('I keep two hives.')
  await expect(panel).toContainText('A key was made in this browser.')
  await panel.locator('summary').click()
  await expect(panel).toContainText('example-1')
  await screenshot(page, 'sign-review')
  await confirm(page)
  await expect(page.getByRole('heading', { name: 'Recorded and checked' })).toBeFocused()
  await expect(page.getByLabel('What you declare')).toHaveValue(/two hives/)
  await screenshot(page, 'sign-done')

  await page.getByRole('link', { name: 'Link to the declaration' }).click()
  expect((await nextVerdict(page)).code).toBe('current')
  await expect(page.locator('muniment-verify')).toContainText('I keep two hives.')
  await expect(page.locator('muniment-verify')).toContainText('the account')
  await screenshot(page, 'verify-declaration')
})

test('the key stays in the browser: it is the same next time, and no script can read it out', async ({
  page,
  portal,
}) => {
  await fillIn(page, portal.origin)
  await review(page)
  await confirm(page)
  await expect(page.getByRole('heading', { name: 'Recorded and checked' })).toBeVisible()
  await fillIn(page, portal.origin)
  await review(page)
  await expect(page.locator('muniment-sign')).toContainText('Signed with the key that this browser keeps.')
  const kept = await page.evaluate(async () => {
    const open = indexedDB.open('muniment-keys')
    await new Promise(resolve => open.addEventListener('success', resolve))
    const get = open.result.transaction('keys').objectStore('keys').get('example-1')
    await new Promise(resolve => get.addEventListener('success', resolve))
    open.result.close()
    const { privateKey } = get.result as { privateKey: CryptoKey }
    const exported = await crypto.subtle.exportKey('pkcs8', privateKey).then(
      () => true,
      () => false,
    )
    return { extractable: privateKey.extractable, exported, algorithm: privateKey.algorithm.name }
  })
  expect(kept).toEqual({ extractable: false, exported: false, algorithm: 'Ed25519' })
  // The second declaration of one account: its nonce is the next.
  await confirm(page)
  await expect(page.getByRole('heading', { name: 'Recorded and checked' })).toBeVisible()
})

test('a browser without Ed25519 signs with P-256, and the ledger takes it', async ({ page, portal }) => {
  await page.addInitScript(() => {
    const { generateKey } = SubtleCrypto.prototype
    SubtleCrypto.prototype.generateKey = function (this: SubtleCrypto, algorithm: { name?: string }, ...rest: never[]) {
      if (algorithm.name === 'Ed25519') return Promise.reject(new DOMException('unknown', 'NotSupportedError'))
      return Reflect.apply(generateKey, this, [algorithm, ...rest])
    } as SubtleCrypto['generateKey']
  })
  await fillIn(page, portal.origin)
  await review(page)
  await confirm(page)
  await expect(page.getByRole('heading', { name: 'Recorded and checked' })).toBeVisible()
})

test('nothing is signed when the citizen, or the page, says no', async ({ page, portal }) => {
  const submitted = await countSubmits(page)
  await fillIn(page, portal.origin)
  await review(page)
  await page.getByRole('button', { name: 'Do not sign' }).click()
  await expect(page.locator('muniment-sign')).toContainText('Nothing was signed.')
  await screenshot(page, 'sign-declined')
  await page.evaluate(() => {
    document.addEventListener('muniment-before-sign', event => event.preventDefault())
  })
  await review(page)
  await confirm(page)
  await expect(page.locator('muniment-sign')).toContainText('Nothing was signed.')
  expect(submitted()).toBe(0)
  await expect(page.getByLabel('Subject')).toHaveValue('Bees')
})

test('a change of the form takes the review back', async ({ page, portal }) => {
  await fillIn(page, portal.origin)
  await review(page)
  await expect(page.locator('muniment-sign [part=review]')).toBeVisible()
  await page.getByLabel('Subject').fill('Wasps')
  await expect(page.locator('muniment-sign [part=review]')).toHaveCount(0)
  await review(page)
  await expect(page.locator('muniment-sign [part=review]')).toContainText('Wasps')
})

test('what cannot be seen is not signed: hidden characters are gone from the document', async ({ page, portal }) => {
  await fillIn(page, portal.origin)
  await page.getByLabel('Subject').fill('Bees\u202e\u200b\u2066!')
  await review(page)
  const fields = page.locator('muniment-sign [part=review] bdi.declared')
  expect(await fields.first().textContent()).toBe('Bees!')
})

test('an empty form is not signed', async ({ page, portal }) => {
  await page.goto(`${portal.origin}/sign`)
  await review(page)
  await expect(page.locator('muniment-sign')).toContainText('Something is missing')
  await screenshot(page, 'sign-incomplete')
})

test('without a network nothing is handed in, and what was written is still there', async ({ page, portal }) => {
  await blockRpc(page)
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  await fillIn(page, portal.origin)
  await review(page)
  await expect(page.locator('muniment-sign')).toContainText('The network could not be reached.')
  await expect(page.locator('muniment-sign')).toContainText('What you have written is still there.')
  await expect(page.getByLabel('What you declare')).toHaveValue(/two hives/)
  await screenshot(page, 'sign-unreachable')
})

test('a node that says it took a declaration, and did not, is not believed', async ({ page, portal }) => {
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  await page.route(/\/rpc(\/|$|\?)/, async route => {
    const request = queryRequest.decode(new Uint8Array(route.request().postDataBuffer()!))
    if (request.submit === undefined) return route.continue()
    const response = queryResponse.decode(new Uint8Array([8, request.id]))
    const body = Buffer.from(queryResponse.encode({ ...response, submit: { code: 0, log: '' } }))
    return route.fulfill({ contentType: queryContentType, body })
  })
  await fillIn(page, portal.origin)
  await review(page)
  await confirm(page)
  await expect(page.locator('muniment-sign')).toContainText('Waiting until the ledger proves that it holds it.')
  await page.waitForTimeout(4_000)
  await expect(page.getByRole('heading', { name: 'Recorded and checked' })).toHaveCount(0)
  await screenshot(page, 'sign-waiting')
  await page.getByRole('button', { name: 'Stop waiting' }).click()
  await expect(page.locator('muniment-sign')).toContainText('You stopped waiting.')
  await screenshot(page, 'sign-stopped')
})

async function countSubmits(page: Page): Promise<() => number> {
  let count = 0
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  page.on('request', request => {
    if (!request.url().endsWith('/rpc/query')) return
    if (queryRequest.decode(new Uint8Array(request.postDataBuffer()!)).submit !== undefined) count++
  })
  return () => count
}
