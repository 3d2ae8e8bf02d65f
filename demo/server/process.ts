// Another process of the demonstration: the node and the witnesses, reached only over the network like any others.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export type RunningProcess = {
  /** What it said before it was ready, a line each. */
  readonly lines: readonly string[]
  readonly stop: () => Promise<void>
}

export type ProcessOptions = {
  readonly repository: string
  /** Of the command `muniment`. */
  readonly args: readonly string[]
  readonly isReady: (line: string) => boolean
  /** Told when it ends without being asked to, with the last sentence that it said. */
  readonly onEnd: (sentence: string) => void
}

/** Rejects with the process's own sentence where it can't start. */
export function startProcess({ repository, args, isReady, onEnd }: ProcessOptions): Promise<RunningProcess> {
  const all = ['--conditions=source', '--no-warnings', 'node/src/main.ts', ...args]
  const child = spawn(process.execPath, all, { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  let sentence = ''
  let ready = false
  let stopping = false
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', text => {
    sentence = `${sentence}${text}`.slice(-4_000)
    if (ready) process.stderr.write(text)
  })
  // A terminal's Ctrl-C reaches it too; where only this process is ended, it must not be left behind.
  process.once('exit', () => child.kill('SIGKILL'))
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => {
      if (!ready) reject(new Error(sentence.trim() || `${args[0]} ended at once.`))
      else if (!stopping) onEnd(sentence.trim())
    })
    createInterface({ input: child.stdout }).on('line', line => {
      if (ready) return
      lines.push(line)
      if (!isReady(line)) return
      ready = true
      resolve({
        lines,
        async stop() {
          stopping = true
          child.kill('SIGTERM')
          const late = setTimeout(() => child.kill('SIGKILL'), 8_000)
          await ended
          clearTimeout(late)
        },
      })
    })
  })
}

/** What follows the name in lines `NAME: VALUE`. */
export function valuesOf(lines: readonly string[], name: string): readonly string[] {
  return lines.filter(line => line.startsWith(`${name}: `)).map(line => line.slice(name.length + 2))
}
