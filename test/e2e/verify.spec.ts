import { readFileSync } from 'node:fs'
import {
  blockRpc,
  changeNetwork,
  expect,
  nextVerdict,
  note,
  openLink,
  passedCodes,
  screenshot,
  test,
  verdictHeading,
} from './fixtures.ts'
import { documentOf, withFlippedCharacter, withOnly, withPayload, withValue } from './links.ts'
import { readCode } from './read-code.ts'

test('a citizen opens a licence’s link, sees every step pass, and who has witnessed the head', async ({
  page,
  portal,
}) => {
  const licence = await portal.act({ action: 'grant', fields: { business: 'Example Florist' } })
  const verdict = await openLink(page, portal.linkOf(licence))
  expect(verdict).toMatchObject({ kind: 'valid', code: 'current' })
  const done = verdict.steps.filter(({ code }) => code !== 'holder')
  expect(done.map(({ state }) => state)).toEqual(done.map(() => 'pass'))
  await expect(verdictHeading(page)).toHaveText('In force')
  await expect(verdictHeading(page)).toBeFocused()
  const element = page.locator('muniment-verify')
  await expect(element).toContainText('Example Trade Licensing Office')
  await expect(element).toContainText('Example Florist')
  await expect(element).toContainText('1 organisation with 10 of 10 votes')
  await expect(element).toContainText('Example University (demo witness)')
  await expect(element).toContainText('Example Bar Association (demo witness)')
  await expect(element.locator('.verdict')).toHaveClass(/good|valid/)
  await screenshot(page, 'verify-valid')
})

test('a node whose HTTP says nothing for seconds is asked by WebRTC', async ({ page, portal }) => {
  await page.route(/\/rpc(\/|$|\?)/, () => new Promise(() => undefined))
  const [record] = await portal.records()
  const verdict = await openLink(page, portal.linkOf(record!))
  expect(verdict.code).toBe('current')
  expect(verdict.sources[0]).toContain('/muniment-direct/')
  note('silent RPC, then WebRTC', { milliseconds: Math.round(verdict.milliseconds) })
})

test('the check needs no HTTP: with the node’s RPC blocked the verdict comes over WebRTC', async ({ page, portal }) => {
  const blocked = await blockRpc(page)
  const [record] = await portal.records()
  const verdict = await openLink(page, portal.linkOf(record!))
  expect(verdict.code).toBe('current')
  expect(verdict.sources).toHaveLength(1)
  expect(verdict.sources[0]).toMatch(/^\/ip4\/127\.0\.0\.1\/udp\/\d+\/muniment-direct\/certhash\/[^/]+\/p2p\/12D3/)
  note('webrtc only', { milliseconds: Math.round(verdict.milliseconds), rpcBlocked: blocked() })
  await page.locator('muniment-verify summary').click()
  await expect(page.locator('muniment-verify')).toContainText('/muniment-direct/')
  await screenshot(page, 'verify-webrtc-only')
})

test('where the node answers by HTTP, no byte of WebRTC’s part is loaded, though the network names peers', async ({
  page,
  portal,
}) => {
  const loaded: string[] = []
  page.on('request', request => loaded.push(new URL(request.url()).pathname))
  const [record] = await portal.records()
  const verdict = await openLink(page, portal.linkOf(record!))
  expect(verdict.code).toBe('current')
  expect(verdict.sources).toEqual([`${portal.origin}/rpc`])
  await page.waitForTimeout(1_000)
  expect(loaded.filter(path => path.includes('p2p'))).toEqual([])
  expect(loaded.filter(path => path.includes('connect'))).not.toEqual([])
})

test('an altered field is refused, whatever it says', async ({ page, portal }) => {
  const [title] = await portal.records()
  const address = portal.linkOf({ ...title!, link: withValue(title!.link, 'owner', 'Example thief') })
  const verdict = await openLink(page, address)
  expect(verdict).toMatchObject({ kind: 'invalid', code: 'disclosure-bad' })
  await expect(verdictHeading(page)).toHaveText('A field was altered')
  await expect(page.locator('muniment-verify')).not.toContainText('Example thief')
  await screenshot(page, 'verify-disclosure-bad')
})

test('no altered document passes: characters flipped all along what the issuer signed', async ({ page, portal }) => {
  const [title] = await portal.records()
  const codes = new Set<string>()
  for (let share = 0; share < 1; share += 0.09) {
    const link = withFlippedCharacter(title!.link, share)
    expect(link).not.toBe(title!.link)
    const { code } = await openLink(page, portal.linkOf({ ...title!, link }))
    expect(passedCodes).not.toContain(code)
    codes.add(code)
  }
  const dated = await openLink(page, portal.linkOf({ ...title!, link: withPayload(title!.link, { iat: 1 }) }))
  expect(dated).toMatchObject({ kind: 'invalid', code: 'changed' })
  await screenshot(page, 'verify-changed')
  note('codes of altered documents', [...codes].sort())
})

test('a document with fields kept back still proves itself, and says how many are hidden', async ({ page, portal }) => {
  const [title] = await portal.records()
  const verdict = await openLink(page, portal.linkOf({ ...title!, link: withOnly(title!.link, ['parcel']) }))
  expect(verdict.code).toBe('current')
  const element = page.locator('muniment-verify')
  await expect(element).toContainText('4 more fields were not shown to you.')
  await expect(element).not.toContainText('Example owner A')
  await screenshot(page, 'verify-hidden-fields')
})

test('when the line is back, a check that found none goes on by itself', async ({ page, portal }) => {
  await blockRpc(page)
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  const [record] = await portal.records()
  expect((await openLink(page, portal.linkOf(record!))).code).toBe('offline')
  await page.unroute(/\/rpc(\/|$|\?)/)
  expect((await nextVerdict(page, 1)).code).toBe('current')
  await expect(verdictHeading(page)).toHaveText('In force')
})

test('nobody can check while the node is down, and the document is not blamed for it', async ({ page, portal }) => {
  await blockRpc(page)
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  const [record] = await portal.records()
  const verdict = await openLink(page, portal.linkOf(record!))
  expect(verdict).toMatchObject({ kind: 'unknown', code: 'offline' })
  await expect(page.locator('muniment-verify .verdict')).toHaveClass(/unknown/)
  await expect(page.locator('muniment-verify')).toContainText('This says nothing about the document.')
  await screenshot(page, 'verify-offline')
  await page.unroute(/\/rpc(\/|$|\?)/)
  await page.getByRole('button', { name: 'Check again' }).click()
  expect((await nextVerdict(page, 1)).code).toBe('current')
})

test('a portal that is gone gives the same answer: not checked', async ({ page, portal }) => {
  await page.route('**/network.json', route => route.abort())
  const [record] = await portal.records()
  expect(await openLink(page, portal.linkOf(record!))).toMatchObject({ kind: 'unknown', code: 'offline' })
})

test('a network.json of another chain is told, and so is one whose checkpoint others signed', async ({
  page,
  portal,
}) => {
  const [record] = await portal.records()
  await changeNetwork(page, network => ({ ...network, chainId: 'example-2' }))
  expect(await openLink(page, portal.linkOf(record!))).toMatchObject({ kind: 'unknown', code: 'wrong-network' })
  await screenshot(page, 'verify-wrong-network')
  await page.unroute('**/network.json')
  await changeNetwork(page, network => {
    const checkpoint = Buffer.from(String(network.checkpoint), 'base64url')
    checkpoint[checkpoint.length - 1]! ^= 1
    return { ...network, checkpoint: checkpoint.toString('base64url') }
  })
  expect(await openLink(page, portal.linkOf(record!))).toMatchObject({ kind: 'unknown', code: 'wrong-network' })
})

test('a network.json that is nonsense leads to no verdict on the document', async ({ page, portal }) => {
  const [record] = await portal.records()
  for (const body of ['', '[]', '{"chainId":1}', 'x'.repeat(70_000)]) {
    await page.route('**/network.json', route => route.fulfill({ body, contentType: 'application/json' }))
    expect(await openLink(page, portal.linkOf(record!))).toMatchObject({ kind: 'unknown', code: 'no-peers' })
    await page.unroute('**/network.json')
  }
})

test('what is no document is said to be unreadable, and nothing at all leads back to the field', async ({
  page,
  portal,
}) => {
  await page.goto(`${portal.origin}/verify`)
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('There is a problem')
  await expect(page.getByRole('alert')).toBeFocused()
  await screenshot(page, 'verify-problem')
  await page.getByRole('button', { name: 'Paste a link or a document’s text' }).click()
  const field = page.getByLabel('Link or text of the document')
  await expect(field).toBeFocused()
  await field.fill('<img src=x onerror=alert(1)>')
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  expect(await nextVerdict(page)).toMatchObject({ kind: 'unknown', code: 'unreadable' })
  await screenshot(page, 'verify-unreadable')
})

test('a link, a document and a proof bundle can be given as files', async ({ page, portal }) => {
  const [record] = await portal.records()
  await page.goto(`${portal.origin}/verify`)
  const files = [
    ['link.txt', Buffer.from(portal.linkOf(record!))],
    ['document.sd-jwt', Buffer.from(documentOf(record!.link))],
  ] as const
  let count = 0
  for (const [name, buffer] of files) {
    await page.locator('muniment-verify input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer })
    expect((await nextVerdict(page, count++)).code).toBe('current')
    await page.getByRole('button', { name: 'Check another document' }).click()
  }
  const bundle = await page.evaluate(async link => {
    const client = await document.querySelector('muniment-network')!.connect()
    return Array.from(await client.bundle(link))
  }, record!.link)
  await blockRpc(page)
  await page.locator('muniment-verify input[type=file]').setInputFiles({
    name: 'proof.muniment',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(bundle),
  })
  const verdict = await nextVerdict(page, count++)
  expect(verdict.code).toBe('current')
  expect(verdict.sources).toEqual(['the document’s own proof'])
})

test('the proof of a document is saved as a file, which is then checked with the node out of reach', async ({
  page,
  portal,
}) => {
  const [record] = await portal.records()
  await openLink(page, portal.linkOf(record!))
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the proof' }).click()
  const saved = await saving
  expect(saved.suggestedFilename()).toBe('proof-example-1.muniment')
  await expect(page.locator('muniment-verify [part=actions]')).toContainText('The proof is in a file')
  await expect(page.locator('muniment-verify [role=status]')).toContainText('The proof is in a file')
  await screenshot(page, 'verify-proof-saved')
  await blockRpc(page)
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  await page.goto(`${portal.origin}/verify`)
  await page.locator('muniment-verify input[type=file]').setInputFiles(await saved.path())
  expect((await nextVerdict(page)).code).toBe('current')
  // A proof is a proof, and is given out again as it is.
  const again = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the proof' }).click()
  expect(readFileSync(await (await again).path())).toEqual(readFileSync(await saved.path()))
})

test('a proof that can’t be collected is told, and the verdict stays', async ({ page, portal }) => {
  const [record] = await portal.records()
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  await openLink(page, portal.linkOf(record!))
  await blockRpc(page)
  await page.getByRole('button', { name: 'Save the proof' }).click()
  await expect(page.locator('muniment-verify [part=actions]')).toContainText('The proof could not be collected')
  await expect(verdictHeading(page)).toHaveText('In force')
})

test('the whole check can be made with the keyboard', async ({ page, portal }) => {
  const [record] = await portal.records()
  await page.goto(`${portal.origin}/verify`)
  const field = page.getByLabel('Link or text of the document')
  for (let i = 0; i < 15 && !(await field.evaluate(element => element.matches(':focus'))); i++)
    await page.keyboard.press('Tab')
  await expect(field).toBeFocused()
  await page.keyboard.insertText(portal.linkOf(record!))
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Check', exact: true })).toBeFocused()
  await page.keyboard.press('Enter')
  expect((await nextVerdict(page)).code).toBe('current')
  await expect(verdictHeading(page)).toBeFocused()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.locator('muniment-verify [part=evidence]')).toHaveAttribute('open', '')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(field).toBeFocused()
})

test('a second visit begins where the first one ended', async ({ page, portal }) => {
  const [record] = await portal.records()
  const cold = await openLink(page, portal.linkOf(record!))
  const kept = await page.evaluate(async () => {
    const open = indexedDB.open('muniment')
    await new Promise(resolve => open.addEventListener('success', resolve))
    const count = open.result.transaction('lightBlocks').objectStore('lightBlocks').count()
    await new Promise(resolve => count.addEventListener('success', resolve))
    open.result.close()
    return count.result
  })
  expect(kept).toBeGreaterThan(0)
  const warm = await openLink(page, portal.linkOf(record!))
  expect(warm.code).toBe('current')
  note('page load to verdict', { cold: Math.round(cold.milliseconds), warm: Math.round(warm.milliseconds) })
})

test('a form gets a receipt', async ({ page, portal }) => {
  const [record] = await portal.records()
  await page.goto(`${portal.origin}/verify`)
  await page.evaluate(() => {
    const form = document.createElement('form')
    const element = document.querySelector('muniment-verify')!
    element.name = 'receipt'
    element.replaceWith(form)
    form.append(element)
  })
  await page.evaluate(link => document.querySelector('muniment-verify')!.verify(link), record!.link)
  const receipt = await page.evaluate(() => String(new FormData(document.querySelector('form')!).get('receipt')))
  expect(JSON.parse(receipt)).toMatchObject({
    verdict: 'valid',
    code: 'current',
    key: record!.link.split('/')[2],
  })
})

test('a page may ask for one kind of document only', async ({ page, portal }) => {
  const [title] = await portal.records()
  await page.goto(`${portal.origin}/verify`)
  await page.evaluate(() => document.querySelector('muniment-verify')!.setAttribute('types', 'urn:example:declaration'))
  await page.evaluate(link => void document.querySelector('muniment-verify')!.verify(link), title!.link)
  expect(await nextVerdict(page)).toMatchObject({ kind: 'unknown', code: 'format-unknown' })
  await screenshot(page, 'verify-format-unknown')
})

test('another link in the same page is checked at once', async ({ page, portal }) => {
  const [first, second] = await portal.records()
  expect((await openLink(page, portal.linkOf(first!))).code).toBe('current')
  await page.evaluate(link => {
    location.hash = link
  }, second!.link)
  expect((await nextVerdict(page, 1)).code).toBe('current')
  await expect(page.locator('muniment-verify')).toContainText(second!.title)
})

test('a dropped file is checked', async ({ page, portal }) => {
  const [record] = await portal.records()
  await page.goto(`${portal.origin}/verify`)
  await page.evaluate(link => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([link], 'link.txt', { type: 'text/plain' }))
    const element = document.querySelector('muniment-verify')!
    element.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }))
    if (!element.matches(':state(dragging)')) throw new Error('the element does not say that a file is over it')
    element.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  }, record!.link)
  expect((await nextVerdict(page)).code).toBe('current')
  expect(await page.evaluate(() => document.querySelector('muniment-verify')!.matches(':state(valid)'))).toBe(true)
})

test('a check that the page itself hinders ends in a verdict that does not blame the document', async ({
  page,
  portal,
  expectedViolations,
}) => {
  expectedViolations.push(/^error: the page is broken/)
  const [record] = await portal.records()
  await page.goto(`${portal.origin}/verify`)
  await page.evaluate(async link => {
    const client = await document.querySelector('muniment-network')!.connect()
    const broken = { ...client, verifyRecord: () => Promise.reject(new Error('the page is broken')) }
    document.querySelector('muniment-network')!.client = broken
    document.querySelector('muniment-verify')!.verify(link)
  }, record!.link)
  expect(await nextVerdict(page)).toMatchObject({ kind: 'unknown', code: 'blocked-by-policy' })
})

test('whoever has more reason to trust another device checks the same document there, by a QR code', async ({
  page,
  portal,
}) => {
  const [title] = await portal.records()
  // Only what was shown here is in the code.
  await openLink(page, portal.linkOf({ ...title!, link: withOnly(title!.link, ['parcel']) }))
  await page.getByRole('button', { name: 'Check on another device' }).click()
  await expect(page.getByRole('heading', { name: 'Check on another device' })).toBeFocused()
  await screenshot(page, 'verify-elsewhere')
  const text = await readCode(page.getByRole('img', { name: 'QR code that opens this document for a check' }))
  expect(text.toLowerCase()).toContain(`${portal.origin}/verify`)
  const verdict = await openLink(page, `${portal.origin}/verify${text.slice(text.indexOf('#'))}`)
  expect(verdict.code).toBe('current')
  await expect(page.locator('muniment-verify')).toContainText('12/345')
  await expect(page.locator('muniment-verify')).not.toContainText('Example owner')
  await page.getByRole('button', { name: 'Check another document' }).click()
  await expect(page.getByRole('img', { name: /QR code/ })).toHaveCount(0)
})

test('a print has the verdict, whom it trusts and the code, and nothing of the page around it', async ({
  page,
  portal,
}) => {
  const [record] = await portal.records()
  await openLink(page, portal.linkOf(record!))
  await page.emulateMedia({ media: 'print' })
  await page.evaluate(() => {
    // What the dialog would show is looked at while it would be open.
    window.print = () => {
      const isSeen = (element: Element | null | undefined): boolean =>
        !!element && element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
      const { shadowRoot } = document.querySelector('muniment-verify')!
      const inside = ['.verdict', '[part=fields]', '[part=trusted]', '[part=qr]', '.only-print', '[part=actions]']
      document.title = JSON.stringify([
        ...inside.map(selector => isSeen(shadowRoot!.querySelector(selector))),
        isSeen(document.querySelector('header')),
      ])
    }
  })
  await page
    .locator('muniment-verify')
    .evaluate(element => (element as HTMLElement & { print: () => Promise<void> }).print())
  expect(JSON.parse(await page.title())).toEqual([true, true, true, true, true, false, false])
  expect(await page.evaluate(() => document.adoptedStyleSheets.length)).toBe(0)
})
