// Go programs for the interop tests. Without Go the tests are skipped with the reason; with CI=true they fail instead.

import { execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const binaries = join(repository, 'build', 'go', 'bin')
const run = promisify(execFile)

/** For node:test's `skip` option: false, or the reason. */
export const goSkip: string | false = process.env.CI === 'true' || hasGo() ? false : 'no Go: install Go 1.25 or newer'

function hasGo(): boolean {
  try {
    const version = /go1\.(\d+)/.exec(execFileSync('go', ['version'], { encoding: 'utf8' }))
    return Number(version?.[1] ?? 0) >= 25
  } catch {
    return false
  }
}

/** Builds the program in test/interop/`name`, whose go.mod pins all versions; answers the path of the binary. */
export async function buildGoProgram(name: string): Promise<string> {
  const binary = join(binaries, process.platform === 'win32' ? `${name}.exe` : name)
  const folder = fileURLToPath(new URL(name, import.meta.url))
  await run('go', ['build', '-mod=readonly', '-buildvcs=false', '-o', binary, '.'], { cwd: folder })
  return binary
}

/** Installs a published program once, at one version and with these build tags; answers the path of the binary. */
export async function installGoProgram(module: string, version: string, tags = ''): Promise<string> {
  const folder = join(binaries, tags === '' ? version : `${version}-${tags}`)
  const binary = join(folder, module.split('/').at(-1)!)
  if (existsSync(binary)) return binary
  mkdirSync(folder, { recursive: true })
  await run('go', ['install', '-tags', tags, `${module}@${version}`], { env: { ...process.env, GOBIN: folder } })
  return binary
}

/** Runs a program to its end with `input` on its standard input; rejects with what it said when it fails. */
export function runProgram(binary: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { stdio: 'pipe' })
    let output = ''
    let errors = ''
    child.stdout.on('data', chunk => {
      output += chunk
    })
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    child.on('error', reject)
    child.on('close', code =>
      code === 0 ? resolve(output) : reject(new Error(`${binary} failed: ${errors}${output}`)),
    )
    child.stdin.end(input)
  })
}
