import { bytesOf, verifyMany } from './verify-many.js'

/** Leaves in the page's own attribute what the elements say. */
export async function check(fixture, more) {
  const element = document.querySelector('muniment-verify')
  const verdict = await element.verify(bytesOf(fixture.bundle))
  const { crypto } = document.querySelector('muniment-network').client
  const bad = await verifyMany(fixture, crypto)
  document.documentElement.dataset.result = JSON.stringify({ ...more, element: verdict.kind, crypto: crypto.name, bad })
}
