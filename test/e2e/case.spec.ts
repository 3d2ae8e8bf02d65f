// A case on the portal's own ledger: opened by a signed transaction, looked into by an official, and read by a page that trusts no server.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import {
  accountId,
  type Client,
  caseId,
  caseKey,
  commitFields,
  createClient,
  decodeService,
  formatBase64Url,
  loadCrypto,
  lookArguments,
  lookKey,
  looksSecret,
  lookTag,
  mandateId,
  newCaseSecret,
  parseJson,
  parseNetwork,
  parseTrustRoot,
  serviceKey,
  transactionId,
} from '@muniment/sdk'
import type { Page } from '@playwright/test'
import { openCountry } from '../../demo/server/country.ts'
import { signerOf } from '../signer.ts'
import { blockRpc, changeNetwork, expect, screenshot, test } from './fixtures.ts'

const service = 'trade.licensing@1'
const element = (page: Page) => page.locator('muniment-status#case')
const told = (page: Page, name: string) => element(page).locator(`[data-name=${name}]`)

async function clientOf(rpc: string): Promise<Client> {
  const read = (name: string) => parseJson(readFileSync(join(process.env.MUNIMENT_DEMO_HOME!, name), 'utf8'))
  const network = { ...parseNetwork(read('network.json')), rpc: [rpc], peers: [] }
  return createClient({ root: parseTrustRoot(read('trust-root.json')), network, crypto: await loadCrypto() })
}

/** An application, with what is private in it behind one hash. */
async function openCase(
  client: Client,
  name: string,
): Promise<{ readonly id: Uint8Array; readonly secret: Uint8Array }> {
  const { crypto } = client
  const signer = signerOf(name)
  const secret = newCaseSecret()
  const fields = ['business', 'plans'].map(field => ({ name: field, value: `example ${field}` }))
  const args = {
    fields: { activity: 'office', place: 'F-1' },
    committed: formatBase64Url(commitFields(crypto, secret, { fields }).root),
    tags: { premises: formatBase64Url(crypto.sha256(secret)) },
  }
  const signers = [{ account: accountId(crypto, signer.key), role: 'applicant' }]
  const body = await client.prepare({ service, transition: 'file', args, signers })
  const id = caseId(crypto, transactionId(crypto, body))
  const { code, log } = await client.submit(await client.sign(body, [signer]))
  if (code !== 0) throw new Error(log)
  await client.waitFor(caseKey(crypto, id))
  return { id, secret }
}

async function look(client: Client, of: { readonly id: Uint8Array; readonly secret: Uint8Array }): Promise<void> {
  const { crypto, root } = client
  const country = openCountry(join(process.env.MUNIMENT_DEMO_HOME!, 'example-keys.json'), [])
  const { signer, office } = country.official('licensing-1')
  const account = accountId(crypto, signer.key)
  const mandate = mandateId(crypto, office, account, root.genesisHash)
  const [file] = (await client.read([serviceKey(crypto, service)])).values
  const secret = looksSecret(crypto, of.secret)
  const looked = { secret, id: of.id, service, looks: decodeService(file!).looks }
  const args = lookArguments(crypto, looked, { place: 0, look: 'readFile', mandate, reason: 'application' })
  const signers = [{ account, role: 'officer', mandate }]
  const body = await client.prepare({ service, transition: 'readFile', args, signers })
  const { code, log } = await client.submit(await client.sign(body, [signer]))
  if (code !== 0) throw new Error(log)
  await client.waitFor(lookKey(crypto, lookTag(crypto, secret, 0)))
}

for (const language of ['en', 'ar']) {
  test(`a citizen follows a case: where it stands, what runs out, and with its secret who looked: ${language}`, async ({
    page,
    portal,
  }) => {
    test.setTimeout(90_000)
    const client = await clientOf(`${portal.origin}/rpc`)
    const opened = await openCase(client, `applicant ${language} ${Date.now()}`)
    await page.setViewportSize({ width: 320, height: 640 })
    await page.emulateMedia({ reducedMotion: 'reduce' })
    const asked: string[] = []
    page.on('request', request => asked.push(`${request.url()} ${request.postData() ?? ''}`))
    // What stands behind the # is sent to nobody.
    await page.goto(`${portal.origin}/case?lang=${language}#${formatBase64Url(opened.id)}`)
    const show = element(page).locator('form [part=button]')
    await show.first().click()
    await expect(told(page, 'state')).toContainText(language === 'ar' ? 'مقدَّم' : 'Filed, since')
    await expect(told(page, 'clock').getByRole('listitem')).toHaveCount(2)
    await expect(told(page, 'officials').getByRole('listitem')).toHaveCount(1)
    await expect(told(page, 'content').getByRole('listitem')).toHaveCount(1)
    await expect(told(page, 'looks').getByRole('listitem')).toHaveCount(0)

    const secret = element(page).locator('#secret')
    await secret.fill(formatBase64Url(opened.secret))
    await secret.press('Enter')
    await expect(told(page, 'looks').getByRole('listitem')).toHaveCount(1)
    if (language === 'en') await expect(told(page, 'looks')).toContainText('Nobody looked, as of')
    await screenshot(page, `case-nobody-looked-${language}`)

    await look(client, opened)
    await element(page).locator('.actions button').click()
    await expect(told(page, 'looks')).toContainText('licensing-officer')
    if (language === 'en') {
      await expect(told(page, 'looks')).toContainText('Example Trade Licensing Office · licensing-officer')
      await expect(told(page, 'looks')).toContainText('Reason: application')
    }
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
    await screenshot(page, `case-looked-${language}`)
    // Neither the secret nor what it derives for itself has left the page.
    expect(asked.filter(each => each.includes(formatBase64Url(opened.secret)))).toEqual([])
    await client.close()
  })
}

test('a number of no case is proved to be of none, and where nobody answers nothing is said of it', async ({
  page,
  portal,
}) => {
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  await page.goto(`${portal.origin}/case`)
  const number = page.getByLabel('Number of the case')
  await number.fill('too short')
  await number.press('Enter')
  await expect(element(page).getByRole('alert')).toHaveText('This can’t be read. Copy all of it.')
  await number.fill(formatBase64Url(new Uint8Array(32).fill(5)))
  await number.press('Enter')
  await expect(element(page)).toContainText('The ledger proves that there is no such case.')
  await blockRpc(page)
  await number.fill(formatBase64Url(new Uint8Array(32).fill(6)))
  await number.press('Enter')
  await expect(element(page).getByRole('status')).toContainText('The network can’t be reached.')
  await expect(element(page)).not.toContainText('no such case')
})
