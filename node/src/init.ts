// A new home: the validator's key and the genesis file of a chain that begins now.

import { existsSync, mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type JsonObject, limits, timeFromMilliseconds } from '@muniment/sdk'
import { homeOf } from './config.ts'
import { formatGenesis, parseGenesis } from './engine/genesis.ts'
import { createValidatorKey, loadValidatorKey } from './engine/validator-key.ts'
import { HomeError, systemError } from './home-error.ts'
import { appVersion } from './ledger/ledger-application.ts'

export type InitPlan = { readonly chainId: string; readonly appState: JsonObject; readonly now: number }

/** Makes what is missing; a home that has a genesis file is left as it is. Throws HomeError. */
export async function initHome(folder: string, plan: InitPlan): Promise<void> {
  const home = homeOf(folder)
  if (existsSync(home.genesis)) return
  const validChainId = /^[A-Za-z0-9._-]+$/.test(plan.chainId) && plan.chainId.length <= limits.chainIdLengthMax
  if (!validChainId) throw new HomeError('file-malformed', `${plan.chainId} is no chain id.`)
  try {
    for (const path of [home.genesis, home.signState]) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const key = existsSync(home.validatorKey)
      ? await loadValidatorKey(home.validatorKey)
      : await createValidatorKey(home.validatorKey)
    const text = formatGenesis({
      chainId: plan.chainId,
      time: timeFromMilliseconds(plan.now),
      appVersion,
      validators: [{ name: 'embedded', publicKey: key.publicKey.bytes, power: 10n }],
      appState: plan.appState,
    })
    parseGenesis(new TextEncoder().encode(text))
    const file = await open(home.genesis, 'wx', 0o644)
    await file.writeFile(text)
    await file.sync()
    await file.close()
  } catch (error) {
    throw systemError(error, folder) ?? error
  }
}
