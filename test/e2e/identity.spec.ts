// What weighs is signed on the identity page (security rule 3): a page of another origin plays the agency that asks, honest or hostile.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  Algorithm,
  accountId,
  createRpcProvider,
  encodeUtf8,
  formatBase64Url,
  formatSigningRequest,
  genesisFileHash,
  limits,
  loadCrypto,
  type PasskeySigner,
  parseJson,
  parseSigningRequest,
  requestHash,
  type SigningRequest,
} from '@muniment/sdk'
import type { Page } from '@playwright/test'
import { startPortal } from '../../demo/server/portal.ts'
import { prepareBody, signBody } from '../../sdk/src/tx/prepare.ts'
import { createPasskey } from '../passkey.ts'
import { addAuthenticator } from './authenticator.ts'
import { expect, nextVerdict, screenshot, test } from './fixtures.ts'

const home = (): string => process.env.MUNIMENT_DEMO_HOME!
let agency: { readonly origin: string; readonly close: () => Promise<void> }

test.beforeAll(async () => {
  if (!process.env.MUNIMENT_DEMO_HOME) return
  const networkJson = readFileSync(join(home(), 'network.json'), 'utf8')
  const rpc = (JSON.parse(networkJson) as { rpc: string[] }).rpc[0]!
  const server = await startPortal({
    host: '127.0.0.1',
    port: 0,
    folder: join(home(), 'portal'),
    rpc,
    networkJson: () => JSON.stringify({ ...JSON.parse(networkJson), rpc: ['/rpc'], peers: [] }),
    demo: async () => undefined,
  })
  agency = { origin: `http://localhost:${server.port}`, close: server.close }
})
test.afterAll(() => agency?.close())

const sign = (page: Page) => page.locator('muniment-sign')
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const elsewhere = (page: Page) => sign(page).locator('[part=elsewhere]')
const review = (page: Page) => sign(page).locator('[part=review]')
const comparison = (page: Page) => sign(page).locator('[part=comparison] .code')
const done = (page: Page) => expect(page.getByRole('heading', { name: 'Recorded and checked' })).toBeVisible()
const way = (page: Page) => elsewhere(page).getByRole('link')

async function askOnOath(page: Page, statement = 'I keep two hives.'): Promise<void> {
  await page.goto(`${agency.origin}/sign`)
  await page.getByLabel('Subject').fill('Bees')
  await page.getByLabel('What you declare').fill(statement)
  await page.getByLabel('On oath').check()
  await press(page, 'Review before signing')
  await expect(elsewhere(page)).toBeVisible()
}

/** As far as the review, with a passkey made there. */
async function reviewThere(page: Page): Promise<void> {
  await addAuthenticator(page)
  await press(page, 'Review before signing')
  await press(page, 'Make a passkey')
  await expect(review(page)).toBeVisible()
}

/** Not before a person could have read it. */
async function signThere(page: Page): Promise<void> {
  await page.waitForTimeout(800)
  await press(page, 'Sign and hand in')
}

async function openWay(page: Page): Promise<Page> {
  const [opened] = await Promise.all([page.context().waitForEvent('page'), way(page).click()])
  await opened.waitForLoadState()
  return opened
}

const addressOf = async (page: Page): Promise<string> => (await way(page).getAttribute('href'))!

/** A request as an agency of this test makes it. */
function requestOf(change: Partial<SigningRequest> = {}): SigningRequest {
  return {
    chainId: 'example-1',
    service: 'citizen.declaration@1',
    transition: 'declareOnOath',
    fields: { subject: 'Bees', statement: 'I keep two hives.' },
    others: [],
    secret: crypto.getRandomValues(new Uint8Array(32)),
    issuedAt: BigInt(Math.floor(Date.now() / 1000)),
    ...change,
  }
}

test('an agency’s page leads to the identity page, which shows the act; the agency believes only the ledger', async ({
  page,
  portal,
}) => {
  await askOnOath(page)
  await expect(elsewhere(page)).toContainText('Make a declaration on oath')
  await expect(elsewhere(page)).toContainText(portal.origin)
  await screenshot(page, 'identity-elsewhere')
  const there = await openWay(page)
  expect(there.url().startsWith(`${portal.origin}/identity#r1/`)).toBe(true)
  expect(await there.evaluate(() => window.opener)).toBe(null)
  await reviewThere(there)
  await expect(review(there)).toContainText('I keep two hives.')
  await expect(review(there)).toContainText('Another page asks you to sign this.')
  expect(await comparison(there).textContent()).toBe(await comparison(page).textContent())
  await screenshot(there, 'identity-review')
  await signThere(there)
  await done(there)
  await expect(sign(there)).toContainText('You can close this window.')
  await screenshot(there, 'identity-done')
  await done(page)
  await screenshot(page, 'identity-agency-done')
  await page.getByRole('link', { name: 'Link to the declaration' }).click()
  expect((await nextVerdict(page)).code).toBe('current')
  await expect(page.locator('muniment-verify')).toContainText('I keep two hives.')
})

test('on another device the same request is signed, and the page that asked sees it by itself', async ({
  page,
  browser,
}) => {
  await askOnOath(page)
  await page.getByText('Or sign on another device').click()
  await expect(elsewhere(page).getByRole('img')).toBeVisible()
  await screenshot(page, 'identity-qr')
  const phone = await (await browser.newContext({ locale: 'en-GB', viewport: { width: 320, height: 640 } })).newPage()
  await phone.goto(await page.getByLabel('Link to sign there').inputValue())
  await reviewThere(phone)
  expect(await comparison(phone).textContent()).toBe(await comparison(page).textContent())
  await screenshot(phone, 'identity-phone')
  await signThere(phone)
  await done(phone)
  await done(page)
  await phone.context().close()
})

test('whoever closes the window or declines has signed nothing; the way there stays open, and so does the form', async ({
  page,
}) => {
  await askOnOath(page)
  await (await openWay(page)).close()
  await expect(elsewhere(page).getByRole('progressbar')).toBeVisible()
  const there = await openWay(page)
  await reviewThere(there)
  await press(there, 'Do not sign')
  await expect(sign(there)).toContainText('Nothing was signed.')
  await expect(elsewhere(page)).toBeVisible()
  await press(page, 'Stop waiting')
  await expect(elsewhere(page)).toHaveCount(0)
  await expect(page.getByLabel('What you declare')).toHaveValue('I keep two hives.')
})

test('a request is signed once: a second window is refused, and the link opens nothing more', async ({
  page,
  browser,
}) => {
  await askOnOath(page)
  const one = await openWay(page)
  const two = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  await two.goto(await addressOf(page))
  await reviewThere(one)
  await reviewThere(two)
  await signThere(one)
  await done(one)
  await signThere(two)
  await expect(sign(two).getByRole('alert')).toContainText('This request was answered already.')
  await done(page)
  await two.reload()
  await press(two, 'Review before signing')
  await expect(sign(two).getByRole('alert')).toContainText('This request was answered already.')
  await two.context().close()
})

test('a request that is changed under the reader’s eyes takes the review back', async ({ page, portal }) => {
  await page.goto(`${portal.origin}/identity#${formatSigningRequest(requestOf())}`)
  await reviewThere(page)
  const other = formatSigningRequest(requestOf({ fields: { subject: 'Bees', statement: 'I owe you everything.' } }))
  await page.evaluate(text => {
    location.hash = text
  }, other)
  await expect(review(page)).toHaveCount(0)
  await press(page, 'Review before signing')
  await expect(review(page)).toContainText('I owe you everything.')
})

test('a click that was meant for another page signs nothing', async ({ page, portal }) => {
  await page.goto(`${portal.origin}/identity#${formatSigningRequest(requestOf())}`)
  await reviewThere(page)
  await press(page, 'Do not sign')
  // As soon as the button stands there, in the page's own turn.
  await page.evaluate(() => {
    const root = document.querySelector('muniment-sign')!.shadowRoot!
    const seen = new MutationObserver(() => {
      const button = root.querySelector<HTMLElement>('[part=review] .primary')
      if (!button) return
      seen.disconnect()
      button.click()
      document.documentElement.dataset.clicked = 'yes'
    })
    seen.observe(root, { subtree: true, childList: true })
  })
  await press(page, 'Review before signing')
  await expect(page.locator('html[data-clicked]')).toHaveCount(1)
  await expect(review(page)).toBeVisible()
})

const unreadable: readonly (readonly [string, string, string])[] = [
  ['a megabyte', `r1/${'A'.repeat(1024 * 1024)}`, 'not a request to sign that can be read'],
  ['noise', 'r1/////', 'not a request to sign that can be read'],
  ['a text with a member too many', `r1/${formatBase64Url(encodeUtf8('{"text":"Sign!"}'))}`, 'not a request to sign'],
]
for (const [what, text, said] of unreadable) {
  test(`a link that holds ${what} is told from a request`, async ({ page, portal }) => {
    await page.goto(`${portal.origin}/identity`)
    await page.evaluate(hash => {
      location.hash = hash
    }, text)
    await press(page, 'Review before signing')
    await expect(sign(page).getByRole('alert')).toContainText(said)
  })
}

const refused: readonly (readonly [string, Partial<SigningRequest>, string])[] = [
  ['too old', { issuedAt: BigInt(Math.floor(Date.now() / 1000) - 3_700) }, 'This request is too old'],
  ['of tomorrow', { issuedAt: BigInt(Math.floor(Date.now() / 1000) + 86_400) }, 'or a clock is wrong'],
  ['for another network', { chainId: 'example-2' }, 'for another network'],
  ['of a service that nobody knows', { service: 'state.secrets@1' }, 'no such service'],
  ['for a step that nobody knows', { transition: 'giveEverything' }, 'no such service'],
  ['to change one’s keys', { service: 'state.parties@1', transition: 'setGuardians' }, 'no such service'],
  ['with fields that the service does not have', { fields: { subject: 'Bees', note: 'x' } }, 'not what you asked for'],
  [
    'with a field that hides what it says',
    { fields: { subject: 'Bees\u202e', statement: 'x' } },
    'not what you asked for',
  ],
  ['with a field of a kind that is not shown', { fields: { subject: { a: 1 } } }, 'not what you asked for'],
]
for (const [what, change, said] of refused) {
  test(`a request ${what} is not signed`, async ({ page, portal }) => {
    await addAuthenticator(page)
    await page.goto(`${portal.origin}/identity#${formatSigningRequest(requestOf(change))}`)
    await press(page, 'Review before signing')
    const passkey = page.getByRole('button', { name: 'Make a passkey' }).first()
    await expect(sign(page).getByRole('alert').or(passkey)).toBeVisible()
    if (await sign(page).getByRole('button', { name: 'Make a passkey' }).isVisible()) await passkey.click()
    await expect(sign(page).getByRole('alert')).toContainText(said)
    await expect(review(page)).toHaveCount(0)
  })
}

test('a key of the browser signs nothing that weighs, until a passkey has registered it', async ({ page, portal }) => {
  await addAuthenticator(page)
  const address = `${portal.origin}/identity#${formatSigningRequest(requestOf())}`
  await page.goto(address)
  await page.getByLabel('With a key of this browser').check()
  await press(page, 'Review before signing')
  await expect(sign(page).getByRole('alert')).toContainText('a key of a browser is not enough for it')
  await screenshot(page, 'identity-light')
})

test('a browser’s key that a passkey registered signs what another page asks for', async ({ page, portal }) => {
  await addAuthenticator(page)
  await page.goto(`${portal.origin}/identity`)
  await press(page, 'Show my keys')
  await page.locator('muniment-keys').getByRole('button', { name: 'Make a passkey' }).click()
  await press(page, 'Add a key of this browser')
  await press(page, 'Sign and hand in')
  await expect(page.locator('muniment-keys')).toContainText('Done, and proved by the ledger.')
  await page.goto('about:blank')
  await page.goto(`${portal.origin}/identity#${formatSigningRequest(requestOf())}`)
  await page.getByLabel('With a key of this browser').check()
  await press(page, 'Review before signing')
  await expect(review(page)).toBeVisible()
  await signThere(page)
  await done(page)
})

test.describe('a hostile page', () => {
  test.use({ expectedViolations: [/frame-ancestors|X-Frame|refused to frame|chrome-error|Framing/i] })

  test('cannot frame the identity page, and a page that is framed all the same signs nothing', async ({
    page,
    portal,
  }) => {
    const address = `${portal.origin}/identity#${formatSigningRequest(requestOf())}`
    const headers = (await page.request.get(`${portal.origin}/identity`)).headers()
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    // A server that forgot its header.
    await page.route(`${portal.origin}/identity`, async route => {
      const response = await route.fetch()
      const kept: Record<string, string> = { ...response.headers(), 'cross-origin-opener-policy': 'unsafe-none' }
      const policy = kept['content-security-policy']!.replace("frame-ancestors 'none'; ", '')
      await route.fulfill({ response, headers: { ...kept, 'content-security-policy': policy } })
    })
    await page.route(`${agency.origin}/frame`, route =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${address}" width="600" height="600"></iframe>` }),
    )
    await page.goto(`${agency.origin}/frame`)
    const framed = page.frameLocator('iframe')
    await framed.getByRole('button', { name: 'Review before signing' }).click()
    await expect(framed.getByRole('alert')).toContainText('This page stands inside another one')
  })

  test('that keeps a hand on the window it opened gets nothing signed there', async ({ page, portal }) => {
    const address = `${portal.origin}/identity#${formatSigningRequest(requestOf())}`
    await page.goto(`${agency.origin}/sign`)
    const open = async (): Promise<Page> => {
      const [opened] = await Promise.all([
        page.context().waitForEvent('page'),
        page.evaluate(url => void window.open(url, 'theirs'), address),
      ])
      await opened.waitForLoadState()
      return opened
    }
    // The identity page's own header cuts the tie.
    const cut = await open()
    expect(await cut.evaluate(() => window.opener)).toBe(null)
    await cut.close()
    for (const origin of [portal.origin, agency.origin])
      await page.context().route(`${origin}/**`, async route => {
        if (route.request().resourceType() !== 'document') return route.continue()
        const response = await route.fetch()
        await route.fulfill({
          response,
          headers: { ...response.headers(), 'cross-origin-opener-policy': 'unsafe-none' },
        })
      })
    await page.goto(`${agency.origin}/sign`)
    const tied = await open()
    await press(tied, 'Review before signing')
    await expect(sign(tied).getByRole('alert')).toContainText('another page holds its window')
  })
})

test('the page that asked believes no other answer than what it asked for', async ({ page, portal }) => {
  await askOnOath(page, 'I keep two hives.')
  const request = parseSigningRequest(await addressOf(page))
  const hasher = await loadCrypto()
  // Somebody with an account of his own, on the identity page, answers with another document.
  const passkey = createPasskey(`stranger ${Date.now()}`, { hasher, algorithm: Algorithm.ed25519 })
  const signer: PasskeySigner = {
    key: passkey.key,
    assert: async challenge => passkey.assert(challenge, { rpId: 'localhost', origin: portal.origin }),
  }
  const file = join(home(), 'node', 'config', 'genesis.json')
  const genesisHash = genesisFileHash(parseJson(readFileSync(file, 'utf8'), limits.genesisMembersMax), hasher)
  const provider = createRpcProvider(`${portal.origin}/rpc`)
  const { chainId, height } = (await provider.lightBlock('latest')).header
  const act = {
    service: request.service,
    transition: request.transition,
    args: {
      commitment: formatBase64Url(hasher.sha256(encodeUtf8(`another document ${Date.now()}`))),
      documentKey: { algorithm: passkey.key.algorithm, key: formatBase64Url(passkey.key.bytes) },
      request: formatBase64Url(requestHash(hasher, request)),
    },
    signers: [{ account: accountId(hasher, passkey.key), role: 'citizen' }],
  }
  const body = prepareBody(act, { chainId, height, accounts: [], random: () => 0 })
  const { code } = await provider.submit(await signBody(body, { signers: [signer], genesisHash, hasher }))
  expect(code).toBe(0)
  await expect(sign(page).getByRole('alert')).toContainText('is not what this page asked for')
})

test('a node that is silent keeps nobody from an answer that comes later', async ({ page }) => {
  await askOnOath(page)
  const there = await openWay(page)
  await reviewThere(there)
  let silent = true
  await page.route(/\/rpc(\/|$|\?)/, route => (silent ? route.abort() : route.continue()))
  await signThere(there)
  await done(there)
  await expect(elsewhere(page)).toBeVisible()
  silent = false
  await done(page)
})
