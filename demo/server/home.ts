// The demo's home: the example country's keys, and the node's home made from them by the command `muniment init`.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HomeError, initHome, readCatalogue } from '@muniment/node'
import { type Country, chainId, openCountry } from './country.ts'

export type DemoHome = {
  readonly folder: string
  readonly node: string
  readonly country: Country
  readonly isNew: boolean
}

/** Makes what is missing. Throws HomeError, one sentence. */
export async function openDemoHome(folder: string, services: string): Promise<DemoHome> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // Writing now tells of a missing permission or a full disk before anything is started.
    writeFileSync(
      join(folder, 'README.txt'),
      'The home of a Muniment demonstration. Its keys protect nothing; delete the folder to begin anew.\n',
    )
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'ENOSPC')
      throw new HomeError('disk-full', `The disk that holds ${folder} is full; make room and start again.`, error)
    throw new HomeError('permission', `The folder ${folder} can't be written; choose another one with --home.`, error)
  }
  const isNew = !existsSync(join(folder, 'node', 'config', 'genesis.json'))
  const country = openCountry(join(folder, 'example-keys.json'), readCatalogue(services))
  const node = join(folder, 'node')
  await initHome(node, { chainId, appState: country.appState, now: Date.now() })
  return { folder, node, country, isNew }
}
