// The portal's pages: built into MUNIMENT_PORTAL_OUT with the trust root of MUNIMENT_TRUST_ROOT compiled in. There is no
// inline script or style in what comes out, so that it runs under the portal's strict policy.

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin, transformWithOxc, type UserConfig } from 'vite'
import { compactStyles } from '../web-components/compact-styles.ts'
import { renameLitPolicy } from '../web-components/rename-lit-policy.ts'

const page = (name: string): string => fileURLToPath(new URL(`${name}.html`, import.meta.url))

/** Packages of this repository come from their sources, and every package as a browser loads it. */
export const sourceConditions: readonly string[] = ['source', 'browser', 'module', 'import', 'default']

/** Puts src/header.html and src/footer.html into each page. */
function sharedParts(): Plugin {
  const part = (name: string): string => readFileSync(new URL(`src/${name}.html`, import.meta.url), 'utf8').trimEnd()
  return {
    name: 'muniment:shared-parts',
    transformIndexHtml: {
      order: 'pre',
      handler: html => html.replace(/<!-- (header|footer) -->/g, (_, name: string) => part(name)),
    },
  }
}

/** offline.js: the elements' service worker, which keeps every script and style of the build by its hash. */
function offlinePages(): Plugin {
  const source = new URL('../web-components/src/embed/offline-worker.ts', import.meta.url)
  const hash = (content: string | Uint8Array): string =>
    `sha384-${createHash('sha384').update(content).digest('base64')}`
  return {
    name: 'muniment:offline-pages',
    // Of what was written at last: other plugins change files until then.
    async writeBundle({ dir = '' }, bundle) {
      const files = Object.keys(bundle)
        .filter(name => /\.(?:js|css|svg)$/.test(name))
        .sort()
        .map(name => [name, hash(readFileSync(join(dir, name)))] as const)
      const plan = { id: hash(JSON.stringify(files)), files: Object.fromEntries(files) }
      const { code } = await transformWithOxc(readFileSync(source, 'utf8'), 'offline-worker.ts')
      writeFileSync(
        join(dir, 'offline.js'),
        code.replace(/\b__MUNIMENT_PLAN__\b/, () => JSON.stringify(plan)),
      )
    },
  }
}

/** What all builds of pages here have in common. */
export const pageBuild: UserConfig = {
  resolve: { conditions: [...sourceConditions] },
  plugins: [renameLitPolicy(), compactStyles()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    // A data: address is refused by the policy, and not smaller.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
}

/** What shows the signing element, and what everyone needs who signs: a file each. Many small ones take longer to come, and pack worse. */
const signing = [
  {
    name: 'sign-element',
    test: partsOf(
      'course|element|error|error-text|methods|outcome|phase|render|render-phase|sign|sign-errors|store|styles',
    ),
  },
  {
    name: 'signing',
    test: /(?:web-components\/src\/sign\/(?:flow|key|ledger|own-keys|review)|sdk\/src\/(?:credential\/issue|ledger\/codes|catalogue\/service-acts|tx\/identity|crypto\/hkdf))\.ts$/,
  },
]

function partsOf(names: string): RegExp {
  return new RegExp(`web-components/src/(?:sign|messages)/(?:${names})\\.ts$`)
}

export default defineConfig({
  ...pageBuild,
  plugins: [...(pageBuild.plugins ?? []), sharedParts(), offlinePages()],
  root: import.meta.dirname,
  appType: 'mpa',
  define: { __MUNIMENT_TRUST_ROOT__: process.env.MUNIMENT_TRUST_ROOT ?? 'undefined' },
  build: {
    ...pageBuild.build,
    outDir: process.env.MUNIMENT_PORTAL_OUT ?? 'dist',
    rolldownOptions: {
      input: ['index', 'verify', 'show', 'case', 'office', 'sign', 'identity'].map(page),
      output: { codeSplitting: { groups: signing, includeDependenciesRecursively: false } },
    },
  },
})
