// Style as a test: what no tool of ours checks by itself.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = listFiles()
const sources = files.filter(path => /\.(ts|mjs|go)$/.test(path))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** What git tracks or would track. */
function listFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  return listed.split('\n').filter(path => path !== '' && existsSync(join(root, path)))
}

test('no source file is over 500 lines, but a language’s list of words, which is as long as it has words', () => {
  const code = sources.filter(path => !path.startsWith('web-components/src/messages/languages/'))
  const long = code.filter(path => read(path).split('\n').length > 501)
  assert.deepEqual(long, [])
})

test('no test is left out or run alone, and nothing is left to be done', () => {
  const bad = /\b(?:test|it|describe)\.(?:only|todo)\b|\{ *(?:only|todo): *true|\b(?:TODO|FIXME|XXX|HACK)\b/
  const found = sources.filter(path => path !== 'test/tidy.test.ts' && bad.test(read(path)))
  assert.deepEqual(found, [])
})

test('nothing names a machine, its folders or where packages come from', () => {
  const texts = files.filter(
    path => /\.(ts|mjs|go|md|json|yaml|html|css|toml)$/.test(path) && path !== 'test/tidy.test.ts',
  )
  const bad = /\/(?:work|root|farm)\/|\/home\/[a-z]+\/|"resolved": "http/
  assert.deepEqual(
    texts.filter(path => bad.test(read(path))),
    [],
  )
})

/** The few that live: byte readers, the light client (and a provider as others may write it), a connection of libp2p’s kind, a Lit controller, a worker behind a policy. */
const living = [
  'Reader',
  'Writer',
  'LightClient',
  'ChainProvider',
  'ChannelConnection',
  'LanguageController',
  'PolicyWorker',
]

test('the only classes are errors, elements and the few things that live', () => {
  const declarations = sources.flatMap(path =>
    [...read(path).matchAll(/^(?:export )?class (\w+)(?: extends (\w+))?/gm)].map(match => ({
      path,
      name: match[1]!,
      base: match[2] ?? '',
    })),
  )
  const others = declarations.filter(
    ({ name, base }) => !/(?:Error|Element|Event|Base)$/.test(base) && !living.includes(name),
  )
  assert.deepEqual(others, [])
})

test('the brand of trusted values is made only where something was verified', () => {
  const makers = files.filter(
    path =>
      path.startsWith('sdk/src/') &&
      path.endsWith('.ts') &&
      !path.endsWith('.test.ts') &&
      /\bas Trusted</.test(read(path)),
  )
  const allowed = ['sdk/src/ics23/verify.ts', 'sdk/src/light/checkpoint.ts', 'sdk/src/light/verify.ts']
  assert.deepEqual(
    makers.filter(path => !allowed.includes(path)),
    [],
  )
})

/** The order inside the sdk: a folder imports from those before it, and from its own. */
const sdkOrder = [
  'errors',
  'bytes',
  'limits',
  'deflate',
  'pdf',
  'protobuf',
  'time',
  'base43',
  'qr',
  'json',
  'merkle',
  'crypto',
  'tags',
  'trusted',
  'comet',
  'ics23',
  'provider',
  'store',
  'storage',
  'signals',
  'ledger',
  'tx',
  'credential',
  'catalogue',
  'light',
  'p2p',
  'rpc',
  'network',
  'record',
  'wallet',
  'sources',
  'client',
  'index',
]
/** Types of a seam may be named by what stands before it. */
const typesOnly = new Set(['merkle → crypto', 'ledger → tx'])

test('inside the sdk, imports go one way', () => {
  const wrong: string[] = []
  for (const path of files.filter(each => /^sdk\/src\/.*\.ts$/.test(each) && !each.endsWith('.test.ts'))) {
    const from = partOf(path)
    for (const [, typeOnly, target] of read(path).matchAll(/^(?:import|export) (type )?[^'"]*from '(\.[^']+)'/gm)) {
      const to = partOf(join(path, '..', target!))
      const named = `${from} → ${to}`
      if (!sdkOrder.includes(to)) wrong.push(`${named}: no place in the order (${path})`)
      else if (sdkOrder.indexOf(to) > sdkOrder.indexOf(from) && !(typeOnly && typesOnly.has(named)))
        wrong.push(`${named} (${path})`)
    }
  }
  assert.deepEqual([...new Set(wrong)], [])
})

function partOf(path: string): string {
  return path
    .replace(/^sdk\/src\//, '')
    .split('/')[0]!
    .replace(/\.generated\.ts$|\.ts$/, '')
}

test('packages import one way: assembly, sdk, then node and web-components, then demo', () => {
  const wrong: string[] = []
  const forbidden: Readonly<Record<string, RegExp>> = {
    'sdk/src': /@muniment\//,
    'web-components/src': /@muniment\/(?!sdk)/,
    'node/src': /@muniment\/(?!sdk)/,
  }
  for (const [folder, pattern] of Object.entries(forbidden)) {
    for (const path of files.filter(
      each => each.startsWith(folder) && each.endsWith('.ts') && !each.endsWith('.test.ts'),
    )) {
      if ([...read(path).matchAll(/from '([^']+)'/g)].some(([, target]) => pattern.test(target!))) wrong.push(path)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the lockfile serves every system, also those whose packages a mirror lacks', async () => {
  // @ts-expect-error: a script without types.
  const { missingOptional } = await import('../scripts/complete-lock.mjs')
  const missing: readonly [string, unknown][] = missingOptional(JSON.parse(read('package-lock.json')))
  assert.deepEqual(
    missing.map(([place]) => place),
    [],
    'run: node scripts/complete-lock.mjs',
  )
})
