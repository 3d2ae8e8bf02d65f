// Whether another page has a hand on this window. Loaded where something weighs.

import { SignError } from './error.ts'

/** A window that another page has a hand on could be shown, moved or covered by it. Throws SignError `framed`. */
export function checkWindow(): void {
  if (window.top !== window) throw new SignError('framed', 'the page stands in a frame')
  if (window.opener && originOf(window.opener) !== location.origin)
    throw new SignError('framed', 'a page of another origin opened this window and can still reach it')
}

function originOf(other: Window): string | undefined {
  try {
    return other.location.origin
  } catch {
    return undefined
  }
}
