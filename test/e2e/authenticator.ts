// Chromium's virtual authenticator: a device that has a passkey made, and says yes to whatever it is asked.

import type { CDPSession, Page } from '@playwright/test'

type Ability = { readonly hasPrf?: boolean; readonly transport?: 'internal' | 'usb' }

export async function addAuthenticator(
  page: Page,
  { hasPrf = false, transport = 'internal' }: Ability = {},
): Promise<{ readonly cdp: CDPSession; readonly id: string }> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const kind = { protocol: 'ctap2', transport, hasResidentKey: true, hasUserVerification: true } as const
  const { authenticatorId: id } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...kind, hasPrf, isUserVerified: true, automaticPresenceSimulation: true },
  })
  return { cdp, id }
}
