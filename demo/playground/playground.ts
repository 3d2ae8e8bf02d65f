// The playground: three proofs, each byte of them, and a race. It knows one root and no node.

import {
  type Client,
  createClient,
  isObject,
  type JsonObject,
  loadCrypto,
  parseJson,
  parseNetwork,
  parseTrustRoot,
  type Timestamp,
  timeFromMilliseconds,
  timeToMilliseconds,
} from '@muniment/sdk'
import '@muniment/web-components/verify'
import altered from './altered.muniment?url'
import { createBytesView } from './bytes.ts'
import network from './network.json?raw'
import { type RaceTime, type RaceWay, race } from './race.ts'
import revoked from './revoked.muniment?url'
import valid from './valid.muniment?url'

const proofs: Readonly<Record<string, string>> = { valid, revoked, altered }
/** Of the newest block in a proof; a check then is as fresh as it ever was. */
const secondsAfter = 2n

const find = <Kind extends HTMLElement>(selector: string): Kind => document.querySelector<Kind>(selector)!
const verify = find<HTMLElementTagNameMap['muniment-verify']>('muniment-verify')
const plan = parseJson(network) as JsonObject
const madeAt: Timestamp = { seconds: BigInt(String(plan.madeAt)), nanos: 0 }
let shown: Uint8Array<ArrayBufferLike> = new Uint8Array()

function chosen(name: string): string {
  return find<HTMLInputElement>(`[name=${name}]:checked`).value
}

function clock(): Timestamp {
  if (chosen('clock') === 'now') return timeFromMilliseconds(Date.now())
  return { seconds: madeAt.seconds + secondsAfter, nanos: 0 }
}

async function openClient(): Promise<Client> {
  if (!isObject(plan.root ?? null)) throw new Error('the playground has no root')
  const crypto = await loadCrypto()
  const network = parseNetwork(plan.network!)
  return createClient({ root: parseTrustRoot(plan.root!), network, crypto, now: clock, page: location.origin })
}

const view = createBytesView(
  {
    grid: find('#bytes'),
    part: find<HTMLSelectElement>('#part'),
    before: find<HTMLButtonElement>('#before'),
    after: find<HTMLButtonElement>('#after'),
  },
  async (bytes, flipped) => {
    shown = bytes
    const verdict = await verify.verify(bytes)
    if (verdict === undefined || shown !== bytes) return
    const failed = verdict.steps.find(({ state }) => state === 'fail' || state === 'unknown')
    const step = failed ? `, at the step “${failed.code}”` : ''
    const what = flipped ? `Byte ${flipped.place}, in ${flipped.part}: ` : ''
    find('#outcome').textContent = `${what}the verdict is “${verdict.code}”${step}.`
  },
)

async function openProof(): Promise<void> {
  const answer = await fetch(proofs[chosen('proof')]!)
  view.open(new Uint8Array(await answer.arrayBuffer()))
}

function listen(): void {
  for (const input of document.querySelectorAll('[name=proof]')) input.addEventListener('change', openProof)
  for (const input of document.querySelectorAll('[name=clock]')) input.addEventListener('change', openProof)
  find('#mend').addEventListener('click', openProof)
  find('#anywhere').addEventListener('click', () => {
    const [number] = crypto.getRandomValues(new Uint32Array(1))
    view.flip(number! % shown.length)
  })
  find('#race').addEventListener('click', () => startRace().catch(reportError))
}

const wayTexts: Readonly<Record<'making' | RaceWay, string>> = {
  making: 'The headers are made and signed.',
  ours: 'Verified by Muniment.',
  webcrypto: 'Verified by WebCrypto.',
  noble: 'Verified by noble-curves.',
}

async function startRace(): Promise<void> {
  const [start, cancel] = [find<HTMLButtonElement>('#race'), find<HTMLButtonElement>('#cancel')]
  const progress = find<HTMLProgressElement>('#race-progress')
  const status = find('#race-status')
  const stop = new AbortController()
  const abort = (): void => stop.abort()
  // One at a time: two would measure each other.
  start.disabled = true
  cancel.disabled = false
  progress.hidden = false
  find('#times').hidden = true
  cancel.addEventListener('click', abort)
  try {
    const onStep = (step: 'making' | RaceWay, share: number): void => {
      if (status.textContent !== wayTexts[step]) status.textContent = wayTexts[step]
      progress.value = share
    }
    showTimes(await race({ headers: headersWanted(), signal: stop.signal, onStep }))
    status.textContent = 'Done: each way verified every header.'
  } catch (error) {
    if (!stop.signal.aborted) throw error
    status.textContent = 'Cancelled.'
  } finally {
    start.disabled = false
    cancel.disabled = true
    progress.hidden = true
    cancel.removeEventListener('click', abort)
    start.focus()
  }
}

/** `?headers=50`, for a slow device. */
function headersWanted(): number {
  const asked = Number(new URLSearchParams(location.search).get('headers') ?? 1_000)
  return Number.isInteger(asked) ? Math.min(Math.max(asked, 10), 10_000) : 1_000
}

function showTimes(times: readonly RaceTime[]): void {
  const slowest = Math.max(...times.map(({ milliseconds = 0 }) => milliseconds))
  const ours = times.find(({ way }) => way === 'ours')?.milliseconds ?? slowest
  const rows = times.map(({ way, name, milliseconds }) => {
    const row = document.createElement('tr')
    row.dataset.way = way
    const head = document.createElement('th')
    head.scope = 'row'
    head.textContent = name
    const time = document.createElement('td')
    time.className = 'number'
    time.textContent =
      milliseconds === undefined ? 'This browser has none.' : Math.round(milliseconds).toLocaleString('en')
    const ratio = document.createElement('td')
    ratio.textContent = milliseconds === undefined ? '' : `${(milliseconds / ours).toFixed(1)} ×`
    const bar = document.createElement('span')
    bar.className = 'bar'
    bar.style.inlineSize = `${(100 * (milliseconds ?? 0)) / slowest}%`
    if (milliseconds !== undefined) ratio.append(bar)
    row.append(head, time, ratio)
    return row
  })
  find('#times tbody').replaceChildren(...rows)
  find('#times').hidden = false
}

find('#made').textContent = new Date(timeToMilliseconds(madeAt)).toLocaleDateString('en', { dateStyle: 'long' })
find('#headers').textContent = headersWanted().toLocaleString('en')
find<HTMLElementTagNameMap['muniment-network']>('muniment-network').client = await openClient()
listen()
await openProof()
