// Keeps the page for a day without servers: registers the service worker that `offline` names, once the page has nothing better to
// do, and tells it what the page itself is made of.

import { trustedScript } from './policy.ts'

/** A page that checks nothing is kept after this long. */
const idleMs = 10_000
/** The name is fixed, so that an attribute can't make a service worker of just any script of the site. */
const fileName = 'offline.js'

/** Answers when the page is kept. Throws TypeError for another file's name, and what the browser says where it refuses. */
export async function keepPage(script: string): Promise<void> {
  const { serviceWorker } = navigator
  if (serviceWorker === undefined) return
  const address = new URL(script, document.baseURI)
  if (address.origin !== location.origin || address.pathname.split('/').at(-1) !== fileName) {
    throw new TypeError(`offline names a file ${fileName} of the page's own server`)
  }
  await quiet()
  await serviceWorker.register(trustedScript(address), { scope: new URL('.', document.baseURI).pathname })
  const { active } = await serviceWorker.ready
  active?.postMessage({ muniment: 'keep', addresses: [location.href.replace(/#.*/, ''), ...resources()] })
}

/** Resolves after the first verdict, or when nobody has asked for one for a while: what is fetched for later must not delay it. */
function quiet(): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, idleMs)
    document.addEventListener('muniment-verdict', () => resolve(), { once: true })
  })
}

/** Questions to nodes are none. */
function resources(): readonly string[] {
  const loaded = performance.getEntriesByType('resource') as unknown as readonly PerformanceResourceTiming[]
  return loaded.filter(({ initiatorType }) => initiatorType !== 'xmlhttprequest').map(({ name }) => name)
}
