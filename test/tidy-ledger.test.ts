// What every machine must work out alike may use nothing that differs between machines. A test of the text: crude, and it fails at once.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
/** The state machine, and what it reads of transactions, service files and the state. */
const folders = ['node/src/ledger', 'sdk/src/ledger', 'sdk/src/catalogue', 'sdk/src/catalogue/guard', 'sdk/src/tx']
const alone = ['sdk/src/json.ts', 'sdk/src/time.ts', 'sdk/src/protobuf.ts', 'sdk/src/bytes.ts']

/** Each with what it is, and where it may stand all the same, and why. */
const forbidden: readonly (readonly [RegExp, string, Readonly<Record<string, string>>])[] = [
  [
    /\bDate\b/,
    'the clock or the calendar of the host',
    {
      'node/src/ledger/ledger-application.ts':
        'a proposal is compared with this machine’s clock; that is no part of the state',
      'sdk/src/time.ts': 'toISOString of whole milliseconds is in UTC everywhere',
    },
  ],
  [
    /Math\.random|getRandomValues|randomUUID|randomBytes/,
    'randomness',
    { 'sdk/src/ledger/private-fields.ts': 'the parties of a case make its secret; the ledger never sees it' },
  ],
  [/\bprocess\.|\bperformance\b|\bnavigator\b|\bsetTimeout\b/, 'the host', {}],
  [/\bIntl\b|toLocale|localeCompare|\.normalize\(/, 'a locale, or tables that change with the engine', {}],
  [
    /parseFloat|Math\.(?:sqrt|pow|exp|log|sin|cos|cbrt|hypot|fround|round)|\bEPSILON\b|toFixed|toPrecision/,
    'floating point',
    {},
  ],
  [/(?<![\w.'])\d[\d_]*\.\d/, 'a number that is not whole', {}],
  [/\bfor \((?:const|let) \w+ in /, 'members in the order of the engine', {}],
]

/** Divisions without Math.trunc or Math.floor: how many a file has that were looked at, all of bigints or of even lengths. */
const divisions: Readonly<Record<string, number>> = {
  // A sentence for the sender, which is in no hash.
  'node/src/ledger/case-guards.ts': 1,
  'node/src/ledger/timers.ts': 5,
  'sdk/src/catalogue/counters.ts': 3,
  'sdk/src/ledger/obligations.ts': 4,
  'sdk/src/catalogue/guard/arithmetic.ts': 1,
  'sdk/src/time.ts': 2,
  'sdk/src/bytes.ts': 1,
}
const isDivision = (line: string): boolean =>
  /[\w)\]] \/=? [\w(]/.test(line) && !/Math\.(?:trunc|floor)\(| \/ \d[\d_]*n\b/.test(line)

/** Lines without comments and texts. */
function codeOf(text: string): readonly string[] {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, block => block.replace(/[^\n]/g, ''))
    .split('\n')
    .map(line =>
      line
        .replace(/(?<![:'"`\\])\/\/.*$/, '')
        .replace(/'(?:[^'\\]|\\.)*'/g, "''")
        .replace(/`[^`$]*`/g, '``'),
    )
}

const sources: readonly string[] = [
  ...folders.flatMap(folder =>
    readdirSync(join(root, folder))
      .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts') && !/^test-/.test(name))
      .map(name => `${folder}/${name}`),
  ),
  ...alone,
]

/** What a file uses of the list. */
function found(path: string, text: string): readonly string[] {
  const lines = codeOf(text)
  const used = lines.flatMap((line, index) =>
    forbidden.flatMap(([pattern, what, allowed]) =>
      pattern.test(line) && !Object.hasOwn(allowed, path) ? [`${path}:${index + 1}: ${what}: ${line.trim()}`] : [],
    ),
  )
  const divided = lines.filter(isDivision)
  const isKnown = divided.length <= (divisions[path] ?? 0)
  return isKnown ? used : [...used, `${path}: divisions: ${divided.map(line => line.trim()).join('; ')}`]
}

test('the state machine uses no clock, randomness, locale, host or fraction', () => {
  assert.ok(sources.length > 60, `${sources.length} files`)
  assert.deepEqual(
    sources.flatMap(path => found(path, readFileSync(join(root, path), 'utf8'))),
    [],
  )
})

test('each of these would be seen', () => {
  for (const line of [
    'const now = Date.now()',
    'const year = new Date(0).getFullYear()',
    'const pick = list[Math.floor(Math.random() * 3)]',
    'crypto.getRandomValues(bytes)',
    'if (process.env.TZ) return',
    'names.sort((a, b) => a.localeCompare(b))',
    'new Intl.NumberFormat()',
    'text.toLocaleLowerCase()',
    'const rate = 0.05',
    'const share = amount / count',
    'amount /= count',
    'Number.parseFloat(text)',
    'for (const name in object) add(name)',
  ])
    assert.equal(found('node/src/ledger/example.ts', `// Date.now()\n${line}\n`).length > 0, true, line)
  assert.deepEqual(found('node/src/ledger/example.ts', "// Date.now() / 2.5\nconst word = 'Date 0.5'\n"), [])
})
