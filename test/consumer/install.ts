// An empty folder in which a stranger has installed the packages, with the scripts of `stranger/` in it.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npm, packPublished } from '../../scripts/npm.mjs'
import { fixtureForStrangers } from './fixture.ts'

export type Installed = {
  /** With both packages, the fixture and the scripts. */
  readonly folder: string
  /** Names of what npm put into node_modules. */
  readonly sdkPackages: readonly string[]
  readonly packages: readonly string[]
  readonly remove: () => void
}

export async function installAsStranger(): Promise<Installed> {
  const temporary = mkdtempSync(join(tmpdir(), 'muniment-consumer-'))
  const packed = packPublished()
  const [sdk, elements] = packed.map(({ tarball }) => tarball) as [string, string]
  const sdkFolder = install(join(temporary, 'sdk'), [sdk])
  const folder = install(join(temporary, 'both'), [sdk, elements])
  cpSync(join(import.meta.dirname, 'stranger'), folder, { recursive: true })
  cpSync(join(folder, 'node_modules/@muniment/web-components/dist/page'), join(folder, 'muniment'), { recursive: true })
  writeFileSync(join(folder, 'fixture.js'), `export const fixture = ${JSON.stringify(await fixtureForStrangers())}\n`)
  return {
    folder,
    sdkPackages: packagesOf(sdkFolder),
    packages: packagesOf(folder),
    remove: () => {
      for (const path of [temporary, join(sdk, '..')]) rmSync(path, { recursive: true, force: true })
    },
  }
}

function install(folder: string, tarballs: readonly string[]): string {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  npm(['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], { cwd: folder })
  return folder
}

/** By npm's own list of what it installed. */
function packagesOf(folder: string): readonly string[] {
  const list = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'))
  return Object.keys(list.packages).map(path => path.replace(/^.*node_modules\//, ''))
}

/** Node of another release, from npm; kept between runs. Undefined where npm has none for this system. */
export function olderNode(version: string): string | undefined {
  const system = { linux: 'linux', darwin: 'darwin', win32: 'win' }[process.platform as string]
  if (system === undefined) return undefined
  const name = `node-${system}-${process.arch}`
  const folder = join(import.meta.dirname, '../output', `node-${version}`)
  const path = join(folder, 'node_modules', name, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node')
  if (existsSync(path)) return path
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  npm(['install', '--ignore-scripts', '--prefer-offline', '--no-save', `${name}@${version}`], { cwd: folder })
  return existsSync(path) ? path : undefined
}
