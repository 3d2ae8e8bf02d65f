// The portal's pages, built once for a trust root: it is compiled into their script (security rule 4).

import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { HomeError } from '@muniment/node'
import { formatTrustRoot, type TrustRoot } from '@muniment/sdk'
import { fingerprint } from './country.ts'

export type Pages = { readonly folder: string; readonly built: boolean }

const sources = [
  'demo/*.html',
  'demo/vite.config.ts',
  'demo/src/**/*',
  'demo/playground/**/*',
  'demo/public/**/*',
  'web-components/src/**/*',
  'sdk/src/**/*.ts',
  'package-lock.json',
]

export async function buildPages(repository: string, home: string, root: TrustRoot): Promise<Pages> {
  const trustRoot = JSON.stringify(formatTrustRoot(root))
  const files = globSync(sources, { cwd: repository })
    .filter(path => /\.[a-z]+$/.test(path) && !path.endsWith('.test.ts'))
    .sort()
  const print = fingerprint(trustRoot, ...files.map(path => readFileSync(join(repository, path), 'utf8')))
  const folder = join(home, 'portal')
  const mark = join(home, 'portal-fingerprint.txt')
  if (existsSync(join(folder, 'index.html')) && existsSync(mark) && readFileSync(mark, 'utf8') === print)
    return { folder, built: false }
  mkdirSync(folder, { recursive: true })
  const env = { MUNIMENT_TRUST_ROOT: trustRoot, MUNIMENT_PORTAL_OUT: folder }
  for (const config of ['demo/vite.config.ts', 'demo/playground/vite.config.ts'])
    await runVite(config, { repository, folder, env })
  writeFileSync(mark, print)
  return { folder, built: true }
}

/** Says what Vite said only where nobody could put it in a sentence. */
function runVite(
  config: string,
  {
    repository,
    folder,
    env,
  }: { readonly repository: string; readonly folder: string; readonly env: NodeJS.ProcessEnv },
): Promise<void> {
  const vite = join(
    dirname(createRequire(join(repository, 'package.json')).resolve('vite/package.json')),
    'bin',
    'vite.js',
  )
  const child = spawn(process.execPath, [vite, 'build', '--config', config, '--logLevel', 'warn'], {
    cwd: repository,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      said = `${said}${text}`.slice(-20_000)
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => {
      if (code === 0) return resolve()
      if (/ENOSPC|no space left|os error 28/i.test(said)) {
        return reject(new HomeError('disk-full', `The disk that holds ${folder} is full; make room and start again.`))
      }
      process.stderr.write(said)
      reject(new HomeError('file-malformed', 'The portal’s pages could not be built; the lines above say why.'))
    })
  })
}
