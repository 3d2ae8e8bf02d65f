// Starting programs the same way on every system: by Node itself, without a shell.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs `node ...args` in the repository; answers the exit code. */
export function runNode(args, options = {}) {
  return run(process.execPath, args, options)
}

/** Answers the exit code; -1 where the program can't be started. */
export function run(program, args, { cwd = root, env = {}, stdio = 'inherit' } = {}) {
  return new Promise(resolve => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio })
    child.on('error', error => {
      console.error(`${program}: ${error.message}`)
      resolve(-1)
    })
    child.on('exit', code => resolve(code ?? -1))
  })
}

/** The script behind a package's command, without the shell that `.bin` needs on some systems. */
export async function commandOf(packageName, command = packageName) {
  const { createRequire } = await import('node:module')
  const { readFileSync } = await import('node:fs')
  const { dirname, join } = await import('node:path')
  const require = createRequire(join(root, 'package.json'))
  const folder = findPackage(require, packageName, { dirname, join, readFileSync })
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin[command])
}

function findPackage(require, name, { dirname, join, readFileSync }) {
  for (const base of require.resolve.paths(name)) {
    const folder = join(base, name)
    try {
      readFileSync(join(folder, 'package.json'))
      return folder
    } catch {
      // Not here: the next folder up.
    }
  }
  throw new Error(`${name} is not installed: run npm ci (looked beside ${dirname(root)})`)
}

/** Stops with a sentence where the runtime is too old: the platform package brings a newer one. */
export function requireNode() {
  if (Number(process.versions.node.split('.')[0]) >= 22) return
  console.error(
    `Node ${process.versions.node} runs this, but 22 or newer is needed and no runtime package fits this system.`,
  )
  process.exit(1)
}
