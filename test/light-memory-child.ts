// Follows a chain by our light client in a process of its own, and says after so many headers how much memory it has. Its
// provider is the parent, which is asked by the protocol of peers.

// Before any module is compiled: the memories of all of them, whoever makes them.
const memories: WebAssembly.Memory[] = []
const { Instance } = WebAssembly
WebAssembly.Instance = new Proxy(Instance, {
  construct(target, args: ConstructorParameters<typeof WebAssembly.Instance>) {
    return kept(new target(...args))
  },
})
const { instantiate } = WebAssembly
WebAssembly.instantiate = (async (...args: Parameters<typeof instantiate>) => {
  const made = (await instantiate(...args)) as WebAssembly.Instance | { readonly instance: WebAssembly.Instance }
  kept('instance' in made ? made.instance : made)
  return made
}) as typeof instantiate

function kept(instance: WebAssembly.Instance): WebAssembly.Instance {
  const { memory } = instance.exports
  if (memory instanceof WebAssembly.Memory) memories.push(memory)
  return instance
}

const { LightClient } = await import('../sdk/src/light/client.ts')
const { createQueryProvider, queryRequest, queryResponse, throwTold } = await import('../sdk/src/p2p/messages.ts')
const { addSeconds } = await import('../sdk/src/time.ts')

/** What Node has for itself, the compiler of TypeScript among it. */
const outsideBefore = process.memoryUsage().external

/** What the parent tells first. */
export type Following = {
  readonly chainId: string
  /** Of the header at height 1. */
  readonly hash: Uint8Array
  /** When block 1 was made; another follows every six seconds. */
  readonly seconds: bigint
  readonly headers: number
  readonly sayEvery: number
}

export type Said = {
  readonly height: number
  /** Bytes, after a collection of garbage: JavaScript's heap, the buffers beside it that are not Node's own, and Wasm. */
  readonly heap: number
  readonly outside: number
  readonly wasm: number
}

const { gc } = globalThis as { readonly gc?: () => void }
if (!gc || !process.send) throw new Error('to be forked with --expose-gc')

let answered: ((bytes: Uint8Array) => void) | undefined
const following = await new Promise<Following>(resolve =>
  process.once('message', resolve as (message: unknown) => void),
)
process.on('message', (bytes: Uint8Array) => answered!(bytes))

const provider = createQueryProvider(
  async question => {
    const answer = new Promise<Uint8Array>(resolve => {
      answered = resolve
    })
    process.send!(queryRequest.encode({ ...question, id: 1 }))
    const response = queryResponse.decode(Uint8Array.from(await answer))
    throwTold(response)
    return response
  },
  { kind: 'webrtc', label: 'the parent', close: async () => {} },
)
let height = 1
const client = new LightClient({
  chainId: following.chainId,
  trustRoot: { height: 1n, hash: following.hash },
  // Shorter than the chain: what is trusted is renewed on the way.
  trustingPeriodNs: 12n * 3_600n * 1_000_000_000n,
  primary: provider,
  now: () => addSeconds({ seconds: following.seconds, nanos: 0 }, 6 * height),
})
// As `muniment light --follow` has it: one signal for all of it.
const { signal } = new AbortController()
for (; height <= following.headers; height++) {
  const { block } = await client.verifyAtHeight(height === 1 ? 1n : 'latest', { signal })
  if (Number(block.header.height) !== height) throw new Error(`${block.header.height} is not ${height}`)
  if (height % following.sayEvery === 0 || height === following.headers) process.send(measured())
}
process.disconnect()

function measured(): Said {
  // The second finds what the first has let go.
  gc!()
  gc!()
  const { heapUsed, external } = process.memoryUsage()
  const wasm = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
  // Node counts Wasm among what is outside.
  return { height, heap: heapUsed, outside: external - wasm - outsideBefore, wasm }
}
