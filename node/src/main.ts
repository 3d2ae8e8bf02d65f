#!/usr/bin/env node
// The command `muniment`. What an operator must put right is one sentence, never a stack.

import { readFileSync } from 'node:fs'
import { decodeUtf8, isObject, type JsonObject, limits, parseDuration, parseJson, VerifyError } from '@muniment/sdk'
import { addresses, needed, options, origins, port, tlsFiles, UsageError } from './commands/arguments.ts'
import { audit, auditUsage } from './commands/audit.ts'
import { checkpointCommand, checkpointUsage } from './commands/checkpoint.ts'
import { embed, embedUsage } from './commands/embed.ts'
import { issue, issueUsage, keyCommand } from './commands/issue.ts'
import { light, lightUsage } from './commands/light.ts'
import { service, serviceUsage } from './commands/service.ts'
import { verify, verifyUsage } from './commands/verify.ts'
import { witness, witnessUsage } from './commands/witness.ts'
import { directPortOf } from './config.ts'
import { HomeError, systemError } from './home-error.ts'
import { initHome } from './init.ts'
import { startNode } from './node.ts'

const usage = `muniment COMMAND [options]

  init   --home DIR --chain-id ID --app-state FILE
         makes a home: the validator's key, and a genesis file with the app_state of FILE (JSON)
  node   --home DIR [--host 127.0.0.1] [--rpc-port 26657] [--p2p-port 4001] [--direct-port 4002]
         [--witness URL]... [--checkpoint FILE] [--allow-origin ORIGIN]... [--tls-cert FILE --tls-key FILE] [--clock manual]
         runs a full node with the embedded engine until it is stopped (Ctrl-C)
         --allow-origin: pages of that origin may ask it, * for all; --tls-…: it answers by HTTPS, with PEM files that may be renewed
         --clock manual: block time is told (muniment clock), on a test chain whose app_state says manual_clock: true
  clock  --advance P30D [--node http://127.0.0.1:26657]
         tells a node whose clock is manual that so much time has passed
${witnessUsage}${auditUsage}${lightUsage}${verifyUsage}${checkpointUsage}${embedUsage}${issueUsage}${serviceUsage}`

async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args
  if (command === 'init') return init(rest)
  if (command === 'node') return node(rest)
  if (command === 'clock') return advanceClock(rest)
  if (command === 'witness') return witness(rest, fail)
  if (command === 'audit') process.exit(await audit(rest))
  if (command === 'light') process.exit(await light(rest))
  if (command === 'verify') process.exit(await verify(rest))
  if (command === 'checkpoint') process.exit(await checkpointCommand(rest))
  if (command === 'issue') process.exit(await issue(rest))
  if (command === 'key') process.exit(await keyCommand(rest))
  if (command === 'service') process.exit(await service(rest))
  if (command === 'embed') process.exit(await embed(rest))
  throw new UsageError(command === undefined || command === '--help' ? '' : `There is no command ${command}.`)
}

async function init(args: readonly string[]): Promise<void> {
  const values = options(args, {
    home: { type: 'string' },
    'chain-id': { type: 'string' },
    'app-state': { type: 'string' },
  })
  const appState = readAppState(needed(values, 'app-state'))
  await initHome(needed(values, 'home'), { chainId: needed(values, 'chain-id'), appState, now: Date.now() })
}

/** Throws HomeError, which names the file. */
function readAppState(path: string): JsonObject {
  try {
    const json = parseJson(decodeUtf8(readFileSync(path)), limits.genesisMembersMax)
    if (isObject(json)) return json
  } catch (error) {
    const known = systemError(error, path)
    if (known) throw known
    const why = error instanceof VerifyError ? error.message : 'it can’t be read'
    throw new HomeError('file-malformed', `The app state can’t be taken from ${path}: ${why}.`, error)
  }
  throw new HomeError('file-malformed', `The app state in ${path} is no JSON object.`)
}

async function node(args: readonly string[]): Promise<void> {
  const values = options(args, {
    home: { type: 'string' },
    host: { type: 'string' },
    'rpc-port': { type: 'string' },
    'p2p-port': { type: 'string' },
    'direct-port': { type: 'string' },
    'allow-origin': { type: 'string', multiple: true },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    witness: { type: 'string', multiple: true },
    checkpoint: { type: 'string' },
    clock: { type: 'string', default: 'system' },
  })
  const clock = values.clock === 'manual' ? 'manual' : 'system'
  if (clock !== values.clock) throw new UsageError('--clock is system or manual.')
  const p2pPort = port(values['p2p-port'] ?? '4001')
  const running = await startNode(
    {
      home: needed(values, 'home'),
      host: String(values.host ?? '127.0.0.1'),
      rpcPort: port(values['rpc-port'] ?? '26657'),
      p2pPort,
      directPort: port(values['direct-port'] ?? directPortOf({ p2pPort })),
      corsOrigins: origins(values['allow-origin']),
      tls: tlsFiles(values),
      witnesses: addresses(values.witness),
      ...(values.checkpoint === undefined ? {} : { checkpoint: String(values.checkpoint) }),
      clock,
    },
    error => fail(error),
    sentence => console.error(sentence),
  )
  // Before anything is printed: who reads a line may stop it at once.
  const stop = (): void => {
    running.stop().then(
      () => process.exit(0),
      error => fail(error),
    )
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  console.log(`RPC: ${running.rpc}`)
  for (const address of running.addresses) console.log(`WebRTC: ${address}`)
  console.log('The engine is embedded: one signer, no Byzantine agreement.')
}

async function advanceClock(args: readonly string[]): Promise<void> {
  const values = options(args, {
    advance: { type: 'string' },
    node: { type: 'string', default: 'http://127.0.0.1:26657' },
  })
  const seconds = parseDuration(needed(values, 'advance'))
  const answer = await fetch(`${String(values.node)}/advance_clock?seconds=${seconds}`).catch(() => undefined)
  const json = answer && parseJson(await answer.text())
  const result = isObject(json) && isObject(json.result) ? json.result : undefined
  if (result) return console.log(`It is ${String(result.time)} there now.`)
  const why =
    isObject(json) && isObject(json.error) ? String(json.error.data ?? json.error.message) : 'it does not answer'
  throw new HomeError('file-malformed', `The node's clock was not moved: ${why}.`)
}

function fail(error: unknown): never {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${usage}`.trimStart())
  else if (error instanceof HomeError) console.error(error.message)
  else if (error instanceof VerifyError) console.error(`A file can't be used: ${error.message}.`)
  else console.error('The node has failed; this is a mistake in it:', error)
  process.exit(1)
}

main(process.argv.slice(2)).catch(fail)
