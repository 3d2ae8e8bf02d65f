// One's own keys: two at sign-up, one ended, one found again; guardians named, and a recovery that was not asked for cancelled.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  Algorithm,
  accountId,
  createRpcProvider,
  formatBase64Url,
  genesisFileHash,
  type Hasher,
  limits,
  loadCrypto,
  type PasskeySigner,
  parseHex,
  parseJson,
} from '@muniment/sdk'
import type { Page } from '@playwright/test'
import { prepareBody, signBody } from '../../sdk/src/tx/prepare.ts'
import { createPasskey } from '../passkey.ts'
import { signerOf } from '../signer.ts'
import { addAuthenticator } from './authenticator.ts'
import { expect, screenshot, test } from './fixtures.ts'

const keys = (page: Page) => page.locator('muniment-keys')
const press = (page: Page, name: string): Promise<void> => keys(page).getByRole('button', { name, exact: true }).click()
const accountOf = async (page: Page): Promise<string> =>
  (await keys(page).locator('[part=account] bdi.code').first().textContent())!
const done = (page: Page) => expect(keys(page)).toContainText('Done, and proved by the ledger.')
const held = (page: Page) => keys(page).locator('ul.signers > li')

async function signWith(page: Page, method: string): Promise<void> {
  await page.goto(new URL('/sign', page.url()).href)
  await page.getByLabel('Subject').fill('Bees')
  await page.getByLabel('What you declare').fill('I keep two hives.')
  await page.locator(`muniment-sign [value=${method}]`).check()
  await page.getByRole('button', { name: 'Review before signing' }).click()
}

const forget = (page: Page): Promise<unknown> =>
  page.evaluate(
    () =>
      new Promise(resolve => {
        indexedDB.deleteDatabase('muniment-keys').addEventListener('success', resolve)
      }),
  )

test('at sign-up a second key is advised; both sign for one account, and one can be ended but not the last', async ({
  page,
  portal,
}) => {
  await addAuthenticator(page)
  await page.goto(`${portal.origin}/identity`)
  await press(page, 'Show my keys')
  await expect(keys(page)).toContainText('This browser knows no key of yours yet.')
  await screenshot(page, 'keys-none')
  await press(page, 'Make a passkey')
  await expect(keys(page)).toContainText('You have only one key.')
  await expect(keys(page).getByRole('button', { name: 'End this key' })).toHaveCount(0)
  await screenshot(page, 'keys-one')
  const account = await accountOf(page)
  await press(page, 'Add a key of this browser')
  await expect(keys(page).getByRole('heading', { name: 'This is what you will sign' })).toBeFocused()
  await expect(keys(page)).toContainText('Add a key to my account')
  await screenshot(page, 'keys-review')
  await press(page, 'Sign and hand in')
  await done(page)
  await expect(held(page)).toHaveCount(2)
  await screenshot(page, 'keys-two')

  // The new key signs for the same account.
  await signWith(page, 'device')
  await page.locator('muniment-sign summary').click()
  await expect(page.locator('muniment-sign .row', { hasText: 'Signed by' })).toContainText(account)
  await page.goBack()
  await press(page, 'Show my keys')

  await held(page).filter({ hasText: 'Key of a browser' }).getByRole('button', { name: 'End this key' }).click()
  await expect(keys(page)).toContainText('End a key of my account')
  await press(page, 'Sign and hand in')
  await done(page)
  await expect(held(page)).toHaveCount(1)
  await signWith(page, 'device')
  await expect(page.locator('muniment-sign')).toContainText('Your account no longer holds this key.')
})

test('a passkey that was added to an account finds it again where the browser has forgotten it', async ({
  page,
  portal,
}) => {
  const { cdp, id } = await addAuthenticator(page)
  await page.goto(`${portal.origin}/identity`)
  await press(page, 'Show my keys')
  await press(page, 'Make a passkey')
  const account = await accountOf(page)
  await press(page, 'Add a key of this browser')
  await expect(keys(page)).toContainText('Signs what matters most')
  await press(page, 'Sign and hand in')
  await done(page)
  // The device has lost its passkey; the browser's key, registered with it, adds another.
  await cdp.send('WebAuthn.clearCredentials', { authenticatorId: id })
  await page.evaluate(
    chain =>
      new Promise(resolve => {
        const open = indexedDB.open('muniment-keys')
        open.addEventListener('success', () => {
          const deleted = open.result.transaction('keys', 'readwrite').objectStore('keys').delete(`passkey ${chain}`)
          deleted.addEventListener('success', () => {
            open.result.close()
            resolve(undefined)
          })
        })
      }),
    'example-1',
  )
  await page.reload()
  await press(page, 'Show my keys')
  await press(page, 'Add a passkey')
  await expect(keys(page)).toContainText('Pages that may ask for it')
  await press(page, 'Sign and hand in')
  await done(page)
  await expect(held(page)).toHaveCount(3)
  await forget(page)
  await page.reload()
  await press(page, 'Show my keys')
  await press(page, 'Use one that I have')
  await expect(held(page)).toHaveCount(3)
  expect(await accountOf(page)).toBe(account)
})

test('an account that began with a key of the browser signs everyday acts only, and says where more is to be had', async ({
  page,
  portal,
}) => {
  await addAuthenticator(page)
  await page.goto(`${portal.origin}/identity`)
  await press(page, 'Show my keys')
  await press(page, 'Make a key of this browser')
  await expect(keys(page)).toContainText('This account signs everyday acts only.')
  await expect(keys(page).getByRole('button', { name: 'Add a passkey' })).toHaveCount(0)
  await expect(keys(page)).not.toContainText('Name guardians')
  await screenshot(page, 'keys-light')
  const account = await accountOf(page)
  await press(page, 'Begin an account with a passkey')
  await expect(keys(page)).toContainText('Name guardians')
  expect(await accountOf(page)).not.toBe(account)
})

test('who cancels a change has changed nothing', async ({ page, portal }) => {
  await addAuthenticator(page)
  await page.goto(`${portal.origin}/identity`)
  await press(page, 'Show my keys')
  await press(page, 'Make a passkey')
  await press(page, 'Add a key of this browser')
  await press(page, 'Back')
  await expect(held(page)).toHaveCount(1)
  await expect(keys(page)).toContainText('You have only one key.')
})

test('guardians are named; a recovery that the owner did not ask for is shown at once, and cancelled with one key', async ({
  page,
  portal,
}) => {
  const crypto = await loadCrypto()
  const guardians = ['guardian 1', 'guardian 2'].map(name => guardianOf(`${name} ${Date.now()}`, portal.origin, crypto))
  await addAuthenticator(page)
  const accounts = guardians.map(({ key }) => accountId(crypto, key))
  const text = accounts.map(account => Buffer.from(account).toString('hex')).join('\n')
  await page.goto(`${portal.origin}/identity`)
  await press(page, 'Show my keys')
  await press(page, 'Make a passkey')
  const account = await accountOf(page)
  await keys(page).locator('summary').filter({ hasText: 'lose your keys' }).click()
  await page.getByLabel('Accounts of your guardians').fill(account)
  await press(page, 'Name these guardians')
  await expect(keys(page).getByRole('heading', { name: 'This is what you will sign' })).toHaveCount(0)
  await page.getByLabel('Accounts of your guardians').fill(text)
  await press(page, 'Name these guardians')
  // Nobody has heard of them: as likely mistyped as not.
  await expect(keys(page)).toContainText('The ledger does not know these accounts yet')
  for (const name of accounts) await expect(keys(page)).toContainText(Buffer.from(name).toString('hex').slice(0, 12))
  await screenshot(page, 'keys-guardians-unknown')
  await press(page, 'Sign and hand in')
  await done(page)
  await expect(keys(page)).toContainText('2 of 2 guardians can give you a new one')

  await recover({ origin: portal.origin, account, guardians })
  await page.reload()
  await press(page, 'Show my keys')
  await expect(keys(page).getByRole('alert')).toContainText('Somebody is replacing your keys')
  await screenshot(page, 'keys-recovery')
  await press(page, 'Cancel it')
  await expect(keys(page)).toContainText('Cancel a recovery of my account')
  await press(page, 'Sign and hand in')
  await done(page)
  await expect(keys(page).getByRole('alert')).toHaveCount(0)

  // They have signed something since.
  await keys(page).locator('summary').filter({ hasText: 'guardians' }).click()
  await page.getByLabel('Accounts of your guardians').fill(text)
  await press(page, 'Name these guardians')
  await expect(keys(page).getByRole('heading', { name: 'This is what you will sign' })).toHaveCount(1)
  await expect(keys(page)).not.toContainText('does not know these accounts')
})

/** Somebody with a passkey of his own on the identity page, elsewhere. */
function guardianOf(name: string, origin: string, hasher: Hasher): PasskeySigner {
  const { key, assert } = createPasskey(name, { hasher, algorithm: Algorithm.ed25519 })
  return { key, assert: async challenge => assert(challenge, { rpId: 'localhost', origin }) }
}

/** What two guardians hand in from elsewhere. */
async function recover(given: {
  readonly origin: string
  readonly account: string
  readonly guardians: readonly PasskeySigner[]
}): Promise<void> {
  const crypto = await loadCrypto()
  const { origin, account, guardians } = given
  const file = join(process.env.MUNIMENT_DEMO_HOME!, 'node', 'config', 'genesis.json')
  const genesisHash = genesisFileHash(parseJson(readFileSync(file, 'utf8'), limits.genesisMembersMax), crypto)
  const provider = createRpcProvider(`${origin}/rpc`)
  const { chainId, height } = (await provider.lightBlock('latest')).header
  const { key } = signerOf('the new phone')
  const args = {
    account: formatBase64Url(parseHex(account)),
    algorithm: key.algorithm,
    key: formatBase64Url(key.bytes),
  }
  const signers = guardians.map(signer => ({ account: accountId(crypto, signer.key), role: 'holder' }))
  const request = { service: 'state.parties@1', transition: 'recover', args, signers }
  const body = prepareBody(request, { chainId, height, accounts: [], random: () => 0 })
  const transaction = await signBody(body, { signers: guardians, genesisHash, hasher: crypto })
  const { code, log } = await provider.submit(transaction)
  if (code !== 0) throw new Error(log)
  while ((await provider.lightBlock('latest')).header.height < height + 2n)
    await new Promise(resolve => setTimeout(resolve, 200))
}
