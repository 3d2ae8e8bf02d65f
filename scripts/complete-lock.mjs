// A registry mirror may lack builds of a package for other systems than its own; npm then leaves them out of the lockfile, and
// `npm ci` refuses the lockfile on every system. This enters what is missing, by the names and versions that the packages
// themselves list, so that one lockfile serves all systems. Run after `npm install`; test/tidy checks that nothing is missing.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

const systems = {
  win: 'win32',
  windows: 'win32',
  win32: 'win32',
  darwin: 'darwin',
  linux: 'linux',
  android: 'android',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  sunos: 'sunos',
  aix: 'aix',
  openharmony: 'openharmony',
  linuxmusl: 'linux',
}
const processors = {
  x64: 'x64',
  arm64: 'arm64',
  ia32: 'ia32',
  arm: 'arm',
  riscv64: 'riscv64',
  s390x: 's390x',
  ppc64: 'ppc64',
  ppc64le: 'ppc64',
  loong64: 'loong64',
  mips64el: 'mips64el',
  wasm32: 'wasm32',
  wasm: 'wasm32',
}

/** Missing optional packages of a lockfile: `[place, entry]`. */
export function missingOptional(lock) {
  const missing = []
  for (const [place, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (isThere(lock, place, name)) continue
      missing.push([
        `node_modules/${name}`,
        { version, ...systemOf(name), ...(dev ? { dev: true } : {}), optional: true },
      ])
    }
  }
  return missing
}

function isThere(lock, place, name) {
  for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true
    if (folder === '' || !folder.includes('/node_modules/')) return lock.packages[`node_modules/${name}`] !== undefined
  }
}

function systemOf(name) {
  const words = name.split('/').at(-1).split(/[-.]/)
  const os = words.map(word => systems[word]).find(Boolean)
  const cpu = words.map(word => processors[word]).find(Boolean)
  if (!os && !cpu) throw new Error(`${name} names no system: install it, or enter it by hand`)
  return { ...(cpu ? { cpu: [cpu] } : {}), ...(os ? { os: [os] } : {}) }
}

if (process.argv[1] === import.meta.filename) {
  const path = join(root, 'package-lock.json')
  const lock = JSON.parse(readFileSync(path, 'utf8'))
  const missing = missingOptional(lock)
  const entries = [...Object.entries(lock.packages), ...missing]
  const [own, ...others] = entries
  lock.packages = Object.fromEntries([own, ...others.sort(([left], [right]) => (left < right ? -1 : 1))])
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${missing.length} packages of other systems entered`)
}
