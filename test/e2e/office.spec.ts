import { changeNetwork, expect, nextVerdict, openLink, screenshot, test, verdictHeading } from './fixtures.ts'

test('the land is sold: the old title says “replaced”, the new one is in force', async ({ page, portal }) => {
  const title = await portal.act({ action: 'enter', fields: { parcel: '77/1', owner: 'Example owner A' } })
  expect((await openLink(page, portal.linkOf(title))).code).toBe('current')

  await page.goto(`${portal.origin}/office`)
  const card = page.locator('#records li').filter({ hasText: '77/1' })
  await card.getByLabel('New owner').fill('Example owner Z')
  await card.getByRole('button', { name: 'Sell the land' }).click()
  await expect(page.locator('#notice')).toHaveText('Done: checked on the ledger.')
  await screenshot(page, 'office-sold')

  const old = await openLink(page, portal.linkOf(title))
  expect(old).toMatchObject({ kind: 'invalid', code: 'replaced' })
  await expect(verdictHeading(page)).toHaveText('Replaced')
  await expect(page.locator('muniment-verify .verdict')).toHaveClass(/ended/)
  await screenshot(page, 'verify-replaced')

  const records = await portal.records()
  const sold = records.at(-1)!
  expect((await openLink(page, portal.linkOf(sold))).code).toBe('current')
  await expect(page.locator('muniment-verify')).toContainText('Example owner Z')
})

test('the licence is revoked: whoever holds the paper sees it, with day and reason', async ({ page, portal }) => {
  const licence = await portal.act({ action: 'grant', fields: { business: 'Example Tailor' } })
  await page.goto(`${portal.origin}/office`)
  await page
    .locator('#records li')
    .filter({ hasText: 'Example Tailor' })
    .getByRole('button', { name: 'Revoke' })
    .click()
  await expect(page.locator('#notice')).toHaveText('Done: checked on the ledger.')

  const verdict = await openLink(page, portal.linkOf(licence))
  expect(verdict).toMatchObject({ kind: 'invalid', code: 'revoked' })
  expect(verdict.steps.find(({ code }) => code === 'not-revoked')?.state).toBe('fail')
  await expect(page.locator('muniment-verify')).toContainText('conditions-not-kept')
  await expect(page.locator('muniment-verify .verdict')).toHaveClass(/bad/)
  await screenshot(page, 'verify-revoked')
})

test('a licence is granted at the desk, and its card leads to its check', async ({ page, portal }) => {
  await page.goto(`${portal.origin}/office`)
  await page.getByLabel('Business', { exact: true }).fill('Example Library')
  await page.getByRole('button', { name: 'Grant the licence' }).click()
  await expect(page.locator('#notice')).toHaveText('Done: checked on the ledger.')
  await page.getByRole('link', { name: 'Check this document Example Library' }).click()
  expect((await nextVerdict(page)).code).toBe('current')
  await expect(page.locator('muniment-verify')).toContainText('Example Library')
})

test('a desk that only says that it revoked is not believed', async ({ page, portal }) => {
  const licence = await portal.act({ action: 'grant', fields: { business: 'Example Cinema' } })
  await page.route('**/demo/office', route => route.fulfill({ json: { record: licence } }))
  await page.goto(`${portal.origin}/office`)
  await page
    .locator('#records li')
    .filter({ hasText: 'Example Cinema' })
    .getByRole('button', { name: 'Revoke' })
    .click()
  await expect(page.locator('#notice')).toHaveText('Not done: the check of the result says “current”.')
})

test('the desk’s refusal is said in a sentence, and nothing is called done without a network', async ({
  page,
  portal,
}) => {
  await page.goto(`${portal.origin}/office`)
  await page.getByLabel('Parcel').fill('x'.repeat(30))
  await page.route('**/demo/office', route => route.fulfill({ status: 400, json: { error: 'The desk is closed.' } }))
  await page.getByRole('button', { name: 'Enter the title' }).click()
  await expect(page.locator('#notice')).toHaveText('Not done: The desk is closed.')
  await page.unroute('**/demo/office')

  await changeNetwork(page, network => ({ ...network, chainId: 'example-2' }))
  await page.reload()
  await page.getByRole('button', { name: 'Enter the title' }).click()
  await expect(page.locator('#notice')).toContainText('Not done')
})
