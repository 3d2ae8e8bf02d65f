// Debian's Firefox, driven by WebDriver BiDi (W3C): the little of it that a test needs to do what a person does.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const places = ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox']
const startTimeoutMs = 40_000
const pollMs = 100

export type Tab = {
  readonly open: (url: string) => Promise<void>
  /** The value of an expression in the page, as JSON. */
  readonly value: <T>(expression: string) => Promise<T>
  /** The same, asked again until it is no longer null, false or empty. Rejects when that takes too long. */
  readonly soon: <T>(expression: string, timeoutMs?: number) => Promise<T>
  /** A press of the mouse in the middle of the element that the expression gives. */
  readonly click: (expression: string) => Promise<void>
  readonly type: (text: string) => Promise<void>
}

export type Firefox = {
  readonly version: string
  readonly tab: () => Promise<Tab>
  /** Answers requests for this path with the text, in all tabs. */
  readonly serve: (url: string, body: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Undefined where there is none. */
export function findFirefox(): string | undefined {
  return process.env.MUNIMENT_FIREFOX ?? places.find(path => existsSync(path))
}

export async function startFirefox(path: string): Promise<Firefox> {
  const profile = mkdtempSync(join(tmpdir(), 'muniment-firefox-'))
  const flags = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0']
  const child = spawn(path, flags, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const session = await openSession(`${await addressOf(child)}/session`)
  const { capabilities } = await session.call<{ capabilities: { browserVersion: string } }>('session.new', {
    capabilities: {},
  })
  return {
    version: capabilities.browserVersion,
    tab: () => openTab(session),
    serve: (url, body) => serve(session, url, body),
    async close() {
      session.close()
      child.kill()
      await ended
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const late = setTimeout(() => reject(new Error(`Firefox did not listen: ${said}`)), startTimeoutMs)
    const listen = (text: string): void => {
      said += text
      const address = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1]
      if (address === undefined) return
      clearTimeout(late)
      resolve(address)
    }
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', listen)
  })
}

type Session = {
  readonly call: <T>(method: string, params: object) => Promise<T>
  readonly listen: (method: string, listener: (params: Record<string, never>) => void) => void
  readonly close: () => void
}

async function openSession(address: string): Promise<Session> {
  const socket = new WebSocket(address)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  let last = 0
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  const listeners = new Map<string, (params: Record<string, never>) => void>()
  socket.addEventListener('message', ({ data }) => {
    const { id, type, method, params, result, error, message } = JSON.parse(String(data))
    if (type === 'event') listeners.get(method)?.(params)
    else if (type === 'success') waiting.get(id)?.resolve(result as never)
    else waiting.get(id)?.reject(new Error(`${error}: ${message}`))
    waiting.delete(id)
  })
  return {
    call: (method, params) =>
      new Promise((resolve, reject) => {
        waiting.set(++last, { resolve, reject })
        socket.send(JSON.stringify({ id: last, method, params }))
      }),
    listen: (method, listener) => void listeners.set(method, listener),
    close: () => socket.close(),
  }
}

async function serve({ call, listen }: Session, url: string, body: string): Promise<void> {
  await call('session.subscribe', { events: ['network.beforeRequestSent'] })
  await call('network.addIntercept', { phases: ['beforeRequestSent'], urlPatterns: [{ type: 'string', pattern: url }] })
  listen(
    'network.beforeRequestSent',
    ({ isBlocked, request }: { isBlocked?: boolean; request?: { request: string } }) => {
      if (!isBlocked || !request) return
      const headers = [{ name: 'content-type', value: { type: 'string', value: 'application/json' } }]
      const answer = { request: request.request, statusCode: 200, headers, body: { type: 'string', value: body } }
      call('network.provideResponse', answer).catch(() => undefined)
    },
  )
}

type Evaluated =
  | { readonly type: 'success'; readonly result: { readonly value?: string; readonly sharedId?: string } }
  | { readonly type: 'exception'; readonly exceptionDetails: { readonly text: string } }

/** Runs in the page. What still moves, as when a part of the page has just come, would be missed. */
async function settled(element: Element, pollMs: number): Promise<Element> {
  element.scrollIntoView({ block: 'center' })
  for (let before = ''; ; ) {
    const { x, y, width } = element.getBoundingClientRect()
    const place = [x, y, width].join()
    if (place === before) return element
    before = place
    await new Promise(resolve => setTimeout(resolve, pollMs))
  }
}

async function openTab({ call }: Session): Promise<Tab> {
  const { context } = await call<{ context: string }>('browsingContext.create', { type: 'tab' })
  const evaluate = async (expression: string): Promise<{ readonly value?: string; readonly sharedId?: string }> => {
    const given = { expression, target: { context }, awaitPromise: true }
    const evaluated = await call<Evaluated>('script.evaluate', given)
    if (evaluated.type === 'exception') throw new Error(`${expression}: ${evaluated.exceptionDetails.text}`)
    return evaluated.result
  }
  const value = async <T>(expression: string): Promise<T> => {
    const { value: json = 'null' } = await evaluate(`(async () => JSON.stringify((await (${expression})) ?? null))()`)
    return JSON.parse(json)
  }
  const act = (id: string, type: string, actions: readonly object[]): Promise<unknown> =>
    call('input.performActions', { context, actions: [{ type, id, actions }] })
  return {
    value,
    open: async url => void (await call('browsingContext.navigate', { context, url, wait: 'complete' })),
    async soon<T>(expression: string, timeoutMs = 30_000) {
      for (const until = Date.now() + timeoutMs; ; ) {
        const found = await value<T>(expression)
        if (found) return found
        if (Date.now() > until) throw new Error(`it never came to be: ${expression}`)
        await new Promise(resolve => setTimeout(resolve, pollMs))
      }
    },
    async click(expression) {
      const { sharedId } = await evaluate(`(${settled})(${expression}, ${pollMs})`)
      const origin = { type: 'element', element: { sharedId } }
      const press = [
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ]
      await act('mouse', 'pointer', [{ type: 'pointerMove', x: 0, y: 0, origin }, ...press])
    },
    type: async text => {
      const keys = [...text].flatMap(key => ['keyDown', 'keyUp'].map(type => ({ type, value: key })))
      await act('keyboard', 'key', keys)
    },
  }
}
