// `npm run release -- --out DIR --root trust-root.json --network network.json --key FILE --key FILE`: makes the embed kit of a network
// twice, from nothing each time, and compares them byte by byte; then enters the hashes of the files that people load by themselves
// on the ledger, as records of services/release.yaml. DIR/kit is what a server serves, DIR/released what was entered: a link and
// a paper for each file. With --kit DIR, a kit that was made before is entered. Options that are not of its own go to `muniment issue`.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { requireNode, root, runNode } from './run.mjs'

requireNode()
/** What a page or a person names; all other files are pinned by these. */
const entered = ['verify.js', 'sign.js', 'sri.json', 'verifier.html']
const { values, tokens } = parseArgs({
  options: {
    out: { type: 'string' },
    root: { type: 'string', default: 'trust-root.json' },
    network: { type: 'string', default: 'network.json' },
    'verify-page': { type: 'string' },
    kit: { type: 'string' },
  },
  strict: false,
  allowPositionals: true,
  tokens: true,
})
if (typeof values.out !== 'string') stop('Where to? npm run release -- --out DIR …')
const out = resolve(values.out)
const own = ['out', 'root', 'network', 'verify-page', 'kit']
const rest = tokens
  .filter(({ kind, name }) => kind === 'positional' || !own.includes(name))
  .flatMap(({ kind, rawName, value }) =>
    kind === 'option' && value === undefined ? [rawName] : kind === 'option' ? [rawName, value] : [value],
  )
const given = ['--root', resolve(values.root), '--network', resolve(values.network)]
const page = values['verify-page'] === undefined ? [] : ['--verify-page', values['verify-page']]

mkdirSync(out, { recursive: true })
const kit = typeof values.kit === 'string' ? hashesOf(resolve(values.kit)) : await kitMadeTwice()

const missing = entered.find(name => !kit.has(name))
if (missing !== undefined) stop(`The kit lacks ${missing}.`)
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const register = join(out, 'release.csv')
const rows = entered.map(file => [file, version, kit.get(file)].join(','))
writeFileSync(register, ['file,version,sha256', ...rows, ''].join('\r\n'))
const released = join(out, 'released')
const resume = existsSync(join(released, 'journal.jsonl')) ? ['--resume'] : []
const service = ['--service', join(root, 'services/release.yaml'), '--transition', 'release']
await mustRun('the ledger’s part', [
  'node/dist/main.js',
  'issue',
  ...['--from', register, '--out', released],
  ...[...service, ...given, ...page, ...resume, ...rest],
])
// As `sha256sum --check` reads it.
writeFileSync(join(out, 'SHA256SUMS'), [...kit].map(([name, hash]) => `${hash}  kit/${name}\n`).join(''))
console.log(`release: ${entered.join(', ')} are on the ledger; links and papers are in ${released}`)

/** Everything that was built goes first, each time. */
async function kitMadeTwice() {
  const made = []
  for (const name of ['again', 'kit']) {
    for (const each of ['sdk/dist', 'web-components/dist', 'node/dist', 'build'])
      rmSync(join(root, each), { recursive: true, force: true })
    await mustRun('the build', ['scripts/build.mjs'])
    await mustRun('the kit', ['node/dist/main.js', 'embed', '--out', join(out, name), ...given, ...page])
    made.push(hashesOf(join(out, name)))
  }
  const [again, kept] = made
  const names = new Set([...again.keys(), ...kept.keys()])
  const different = [...names].filter(name => again.get(name) !== kept.get(name))
  if (different.length > 0) stop(`Made twice from the same sources, these differ: ${different.join(', ')}.`)
  rmSync(join(out, 'again'), { recursive: true })
  console.log(`release: ${kept.size} files, the same both times`)
  return kept
}

/** SHA-256 in hex, by name. */
function hashesOf(folder) {
  const names = readdirSync(folder).sort()
  return new Map(
    names.map(name => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

async function mustRun(what, args) {
  if ((await runNode(args)) !== 0) stop(`release: ${what} failed; nothing more was done.`)
}

function stop(sentence) {
  console.error(sentence)
  process.exit(1)
}
