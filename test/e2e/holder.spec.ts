// A document shown by its holder: somebody asks, the holder answers with the key to which it is bound, and only that asker is convinced.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  accountId,
  createClient,
  formatBase64Url,
  formatIssuer,
  issueCredential,
  type JsonObject,
  loadCrypto,
  mandateId,
  parseBase64Url,
  parseCredential,
  parseJson,
  parseNetwork,
  parseTrustRoot,
  recordKey,
  sdJwt,
} from '@muniment/sdk'
import type { Page } from '@playwright/test'
import { openCountry } from '../../demo/server/country.ts'
import { expect, nextVerdict, screenshot, test } from './fixtures.ts'

const nonce = 'n0nce-of-the-bank-1'
const record = (page: Page) => page.locator('muniment-record')
const verify = (page: Page) => page.locator('muniment-verify')
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()

/** This browser's key of the network, made by reviewing a declaration that is not signed. */
async function holderKeyOf(page: Page, origin: string): Promise<Uint8Array> {
  await page.goto(`${origin}/sign`)
  await page.getByLabel('Subject').fill('Bees')
  await page.getByLabel('What you declare').fill('I keep two hives.')
  await page.getByLabel('With a key of this browser').check()
  await press(page, 'Review before signing')
  await expect(page.locator('muniment-sign [part=review]')).toBeVisible()
  const text = await page.evaluate(async () => {
    const open = indexedDB.open('muniment-keys')
    await new Promise(resolve => open.addEventListener('success', resolve))
    const get = open.result.transaction('keys').objectStore('keys').get('example-1')
    await new Promise(resolve => get.addEventListener('success', resolve))
    open.result.close()
    return btoa(String.fromCharCode(...(get.result as { publicKey: Uint8Array }).publicKey))
  })
  return new Uint8Array(Buffer.from(text, 'base64'))
}

/** A land title that the registrars bind to a key, and record. */
async function issueTo(holder: JsonObject | undefined, rpc: string): Promise<string> {
  const home = process.env.MUNIMENT_DEMO_HOME!
  const read = (name: string) => parseJson(readFileSync(join(home, name), 'utf8'))
  const crypto = await loadCrypto()
  const root = parseTrustRoot(read('trust-root.json'))
  const network = { ...parseNetwork(read('network.json')), rpc: [rpc], peers: [] }
  const client = await createClient({ root, network, crypto })
  const country = openCountry(join(home, 'example-keys.json'), [])
  const officials = (['registrar-1', 'registrar-2'] as const).map(country.official)
  const signers = officials.map(({ signer, office }) => {
    const account = accountId(crypto, signer.key)
    return { account, role: 'registrar', mandate: mandateId(crypto, office, account, root.genesisHash) }
  })
  const issuer = formatIssuer({ kind: 'office', chainId: root.chainId, office: 'land-registry' })
  const fields = { parcel: '7/77', area: 100, district: 'Example District', owner: 'Example owner', share: '1/1' }
  const content = { issuer, type: 'urn:example:land-title', issuedAt: Number(client.now().seconds), fields }
  const text = await issueCredential(holder ? { ...content, holder } : content, {
    signer: officials[0]!.signer,
    seed: globalThis.crypto.getRandomValues(new Uint8Array(16)),
    hasher: crypto,
  })
  const { commitment } = parseCredential(text, crypto)
  const args = { commitment: formatBase64Url(commitment) }
  const body = await client.prepare({ service: 'land.title@1', transition: 'enter', args, signers })
  const transaction = await client.sign(
    body,
    officials.map(({ signer }) => signer),
  )
  const { code, log } = await client.submit(transaction)
  if (code !== 0) throw new Error(log)
  await client.waitFor(recordKey(crypto, issuer, commitment))
  await client.close()
  return text
}

async function askAt(page: Page, origin: string, given = nonce): Promise<void> {
  await page.goto(`${origin}/verify`)
  await verify(page).evaluate((element, text) => element.setAttribute('holder-nonce', text), given)
  await expect(verify(page)).toContainText('Ask the holder to show it')
}

async function judge(
  page: Page,
  text: string,
): Promise<{ readonly code: string; readonly holder: string | undefined }> {
  const before = await page.evaluate(() => window.munimentSeen.length)
  await page.getByLabel('Link or text of the document').fill(text)
  await press(page, 'Check')
  const { code, steps } = await nextVerdict(page, before)
  return { code, holder: steps.find(step => step.code === 'holder')?.state }
}

test('whoever asks is convinced by the holder’s answer, and by nobody else’s', async ({ page, portal, browser }) => {
  test.setTimeout(90_000)
  const { origin } = portal
  const key = await holderKeyOf(page, origin)
  const jwk = sdJwt.formatJwk({ algorithm: 1, bytes: key })
  const text = await issueTo(jwk, `${origin}/rpc`)

  const bank = await page.context().newPage()
  await askAt(bank, origin)
  await verify(bank).getByText('Ask the holder to show it').click()
  await screenshot(bank, 'holder-ask')
  const link = await bank.getByLabel('Link of the request').inputValue()
  expect(link.startsWith(`${origin}/show#q1/`)).toBe(true)

  await page.goto(link)
  await expect(record(page)).toContainText(`${new URL(origin).host} asks to see a document`)
  await page.getByLabel('The document’s link or text').fill(text)
  await press(page, 'Open')
  await page.getByRole('checkbox', { name: 'Parcel' }).check()
  await screenshot(page, 'holder-choose')
  await press(page, `Make the answer for ${new URL(origin).host}`)
  await expect(record(page)).toContainText('only within ten minutes')
  await screenshot(page, 'holder-answer')
  const answer = await page.getByLabel('Link', { exact: true }).inputValue()

  expect(await judge(bank, answer)).toEqual({ code: 'current', holder: 'pass' })
  await expect(verify(bank)).toContainText('7/77')
  await expect(verify(bank)).not.toContainText('Example owner')
  // The same answer to another question, or the bare document: nobody showed the key.
  await askAt(bank, origin, 'n0nce-of-the-bank-2')
  expect((await judge(bank, answer)).code).toBe('holder-mismatch')
  await askAt(bank, origin)
  expect((await judge(bank, text)).code).toBe('holder-mismatch')
  await screenshot(bank, 'holder-mismatch')

  // A thief who has the document, in a browser of his own.
  const thief = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  await holderKeyOf(thief, origin)
  await thief.goto(link)
  await thief.getByLabel('The document’s link or text').fill(text)
  await press(thief, 'Open')
  await press(thief, `Make the answer for ${new URL(origin).host}`)
  await expect(record(thief).getByRole('alert')).toContainText('bound to a key that this browser does not have')
  await thief.context().close()
})

test('a document that is bound to no key is not shown as if it were, and a broken request is said to be one', async ({
  page,
  portal,
}) => {
  const { origin } = portal
  const text = await issueTo(undefined, `${origin}/rpc`)
  await askAt(page, origin)
  const link = await page.locator('#ask-link').inputValue()
  await page.goto(link)
  await page.getByLabel('The document’s link or text').fill(text)
  await press(page, 'Open')
  await press(page, `Make the answer for ${new URL(origin).host}`)
  await expect(record(page).getByRole('alert')).toContainText('bound to no key')
  await page.goto('about:blank')
  await page.goto(`${origin}/show#q1/${formatBase64Url(parseBase64Url('AAAA'))}`)
  await expect(record(page).getByRole('alert')).toContainText('not a request for a document')
})
