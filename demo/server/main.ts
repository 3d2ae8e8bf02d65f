// `npm start`: one full node, the portal, and example data by real signed transactions. Each step says what it does; what a
// person must put right is one sentence.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { HomeError } from '@muniment/node'
import { createClient, formatNetwork, formatTrustRoot, loadCrypto, type TrustRoot, VerifyError } from '@muniment/sdk'
import { openCheckpoint, trustRootOf } from './checkpoint.ts'
import { chainId } from './country.ts'
import { createDesk } from './desk.ts'
import { actAtDesk, loadExamples, type OfficeRequest, openRegister, recoverAtDesk } from './examples.ts'
import { openDemoHome } from './home.ts'
import { nameIdentityPage } from './identity.ts'
import { startNodeProcess } from './node-process.ts'
import { buildPages } from './pages.ts'
import { startPortal } from './portal.ts'
import { settledPort, startWitnesses, witnessThreshold } from './witnesses.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** A sentence for the person who started this. */
class StartError extends Error {}

type Options = {
  readonly home: string
  readonly port: number
  readonly rpcPort: number
  readonly p2pPort: number
  readonly noWasm: boolean
  readonly allowOrigins: readonly string[]
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        home: { type: 'string', default: join(repository, '.muniment', 'demo') },
        port: { type: 'string', default: '8080' },
        'rpc-port': { type: 'string', default: '26657' },
        'p2p-port': { type: 'string', default: '4001' },
        'no-wasm': { type: 'boolean', default: false },
        'allow-origin': { type: 'string', multiple: true, default: [] },
      },
    })
    const { home, 'no-wasm': noWasm, 'allow-origin': allowOrigins } = values
    return {
      home,
      port: portOf(values.port),
      rpcPort: portOf(values['rpc-port']),
      p2pPort: portOf(values['p2p-port']),
      noWasm,
      allowOrigins,
    }
  } catch (error) {
    throw new StartError(
      `${(error as Error).message}\nOptions: --home DIR --port N --rpc-port N --p2p-port N --allow-origin ORIGIN`,
    )
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new StartError(`${text} is no port.`)
  return port
}

async function main(): Promise<void> {
  const options = readOptions()
  const began = performance.now()
  const say = (step: string): void =>
    console.log(`[${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s] ${step}`)

  const crypto = await loadCrypto()
  const home = await openDemoHome(options.home, join(repository, 'services'))
  say(`${home.isNew ? 'A new home' : 'The home'}: ${options.home}`)
  const rpcPort = await settledPort(options.rpcPort)
  const ground = trustRootOf(home, crypto)
  const rootFile = join(options.home, 'trust-root.json')
  const writeRoot = (root: TrustRoot): void =>
    writeFileSync(rootFile, `${JSON.stringify(formatTrustRoot(root), null, 2)}\n`)
  writeRoot(ground)
  const witnesses = await startWitnesses({
    repository,
    folder: options.home,
    node: `http://127.0.0.1:${rpcPort}`,
    root: rootFile,
    // A demonstration goes on without one of them: its verdicts then say so.
    onEnd: name => console.log(`${name} has stopped.`),
  })
  say(`Two witnesses run, with keys of their own (demo): ${witnesses.map(({ url }) => url).join(', ')}`)
  const root = { ...ground, witnesses: { k: witnessThreshold, keys: witnesses.map(({ witness }) => witness) } }
  writeRoot(root)
  const node = await startNodeProcess({
    ...options,
    rpcPort,
    repository,
    home: home.node,
    checkpoint: join(options.home, 'checkpoint.txt'),
    witnesses: witnesses.map(({ url }) => url),
    onEnd: sentence => fail(new StartError(sentence)),
  })
  say('The node runs (embedded engine: one signer).')
  const signed = await openCheckpoint(home, node.rpc, crypto)
  const network = { chainId, checkpoint: signed, peers: node.addresses, rpc: [node.rpc] }
  const networkFile = join(options.home, 'network.json')
  writeFileSync(networkFile, `${JSON.stringify(formatNetwork(network), null, 2)}\n`)
  const client = await createClient({ root, network, crypto })
  const desk = createDesk(home.country, client)
  const register = openRegister(join(options.home, 'records.json'))
  const pages = buildPages(repository, options.home, root)
  // It is awaited further down: a failure before then must not count as nobody's.
  pages.catch(() => undefined)
  await loadExamples(desk, register, say)
  say(
    (await pages).built
      ? 'The portal’s pages are built, their trust root compiled in.'
      : 'The portal’s pages are up to date.',
  )
  const portal = await startPortal({
    host: '127.0.0.1',
    port: options.port,
    folder: (await pages).folder,
    rpc: node.rpc,
    networkJson: () => JSON.stringify(formatNetwork({ ...network, rpc: ['/rpc'] })),
    async demo(path, body) {
      if (path === '/demo/records') return { records: register.records() }
      if (path === '/demo/recover') return recoverAtDesk(body as { text?: unknown }, desk)
      return path === '/demo/office' ? actAtDesk(body as OfficeRequest, desk, register) : undefined
    },
    noWasm: options.noWasm,
  }).catch(error => fail(portalError(error, options.port)))
  say(await nameIdentityPage(home.country, client, `http://localhost:${portal.port}`))
  console.log(`RPC: ${node.rpc}`)
  for (const address of node.addresses) console.log(`WebRTC: ${address}`)
  console.log(`Ready: http://localhost:${portal.port}`)
  console.log('Stop with Ctrl-C.')
  stopWith(async () => {
    await portal.close()
    await client.close()
    await node.stop()
    await Promise.all(witnesses.map(witness => witness.stop()))
  })
}

function portalError(error: unknown, port: number): unknown {
  const { code } = error as { code?: string }
  if (code === 'EADDRINUSE') return new StartError(`Port ${port} is in use; choose another one with --port N.`)
  if (code === 'EACCES')
    return new StartError(`There is no permission to listen on port ${port}; choose another one with --port N.`)
  return error
}

function stopWith(stop: () => Promise<void>): void {
  let stopping = false
  const once = (): void => {
    if (stopping) return
    stopping = true
    console.log('Stopping.')
    stop().then(
      () => process.exit(0),
      error => fail(error),
    )
  }
  process.on('SIGINT', once)
  process.on('SIGTERM', once)
}

function fail(error: unknown): never {
  const told = error instanceof StartError || error instanceof HomeError || error instanceof VerifyError
  console.error(error instanceof Error ? error.message : String(error))
  if (!told && process.env.MUNIMENT_DEBUG) console.error(error)
  process.exit(1)
}

main().catch(fail)
