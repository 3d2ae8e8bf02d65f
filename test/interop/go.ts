// Go programs for the interop tests. Without Go the tests are skipped with the reason; with CI=true they fail instead.

import { execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
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

/** What CometBFT's BLS needs besides: false, or the reason. */
export const cSkip: string | false = goSkip !== false || hasC() ? goSkip : 'no C compiler: install gcc or clang'

function hasC(): boolean {
  try {
    const compiler = execFileSync('go', ['env', 'CC'], { encoding: 'utf8' }).trim()
    execFileSync(compiler, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Builds the program in a folder beside this file, whose go.mod pins all versions; answers the path of the binary. */
export async function buildGoProgram(path: string, tags = ''): Promise<string> {
  const folder = fileURLToPath(new URL(path, import.meta.url))
  const name = basename(folder)
  const binary = join(binaries, process.platform === 'win32' ? `${name}.exe` : name)
  const args = ['build', '-mod=readonly', '-buildvcs=false', '-tags', tags, '-o', binary, '.']
  await run('go', args, { cwd: folder, env: { ...process.env, ...(tags === '' ? {} : { CGO_ENABLED: '1' }) } })
  return binary
}

/** Installs a published program once, at one version; answers the path of the binary. */
export async function installGoProgram(module: string, version: string): Promise<string> {
  const folder = join(binaries, version)
  const binary = join(folder, module.split('/').at(-1)!)
  if (existsSync(binary)) return binary
  mkdirSync(folder, { recursive: true })
  await run('go', ['install', `${module}@${version}`], { env: { ...process.env, GOBIN: folder } })
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
    // A program that fails early reads no further; it says why when it ends.
    child.stdin.on('error', () => {})
    child.on('close', code =>
      code === 0 ? resolve(output) : reject(new Error(`${binary} failed: ${errors}${output}`)),
    )
    child.stdin.end(input)
  })
}
