// Elements that only some pages have: they load where the page has one, so that no other page pays for them.

/** Looks once now and once when the page has been read, as the script may run before that. */
export function loadWhenSeen(name: string, load: () => Promise<unknown>): void {
  const look = (): boolean => {
    if (document.querySelector(name) === null) return false
    load().catch(reportError)
    return true
  }
  if (!look() && document.readyState === 'loading') document.addEventListener('DOMContentLoaded', look, { once: true })
}
