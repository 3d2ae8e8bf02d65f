// npm, started by Node itself as everything here is, and the packages that are published.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './run.mjs'

/** Folders of the packages that strangers install, each after those it needs. */
export const published = ['sdk', 'web-components']

/** Runs npm and answers what it printed. Throws with its own words where it fails. */
export function npm(args, { cwd = root } = {}) {
  const script = [
    process.env.npm_execpath ?? '',
    join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js'),
    join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js'),
  ].find(path => path.endsWith('npm-cli.js') && existsSync(path))
  const [program, before] = script === undefined ? ['npm', []] : [process.execPath, [script]]
  return execFileSync(program, [...before, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Packs what `npm run build` made; answers name, path of the tarball, its bytes and its files. */
export function packPublished() {
  const folder = mkdtempSync(join(tmpdir(), 'muniment-packages-'))
  return published.map(name => {
    if (!existsSync(join(root, name, 'dist/index.js'))) throw new Error(`${name} is not built: npm run build`)
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
    const [packed] = JSON.parse(npm(args, { cwd: join(root, name) }))
    return {
      folder: name,
      name: packed.name,
      tarball: join(folder, packed.filename),
      bytes: packed.size,
      files: packed.files.map(({ path }) => path).sort(),
    }
  })
}
