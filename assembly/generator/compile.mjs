// Compiles a module of assembly/ in this process. What is generated for it goes straight to the compiler.

import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { writeField } from './field.mjs'
import { fused, plain } from './representation.mjs'
import { writeSha256Rounds } from './sha256.mjs'
import { writeSha512Block } from './sha512.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The targets of asconfig.json, where each begins, and how it holds field elements. */
const targets = {
  'ed25519-fma': { entry: 'assembly/ed25519/index.ts', representation: fused },
  'ed25519-simd': { entry: 'assembly/ed25519/index.ts', representation: plain },
  probe: { entry: 'assembly/probe.ts' },
  hash: { entry: 'assembly/hash/index.ts' },
}

/**
 * Answers the binary. `checked` makes a build that traps where a field operation is given more than it takes; `entry` makes
 * one of another file, for tests. Throws with the compiler's messages.
 */
export async function compile(target, { checked = false, entry = targets[target].entry } = {}) {
  const { representation } = targets[target]
  const generated = {
    'assembly/hash/rounds.ts': writeSha256Rounds(),
    ...(representation && {
      'assembly/ed25519/field.ts': writeField(representation, { checked }),
      'assembly/ed25519/sha512-block.ts': writeSha512Block(),
    }),
  }
  let binary
  // asc reads paths relative to its base directory, and takes them with forward slashes on every system.
  const { error, stderr } = await asc.main([entry, '--baseDir', root, '--target', target], {
    readFile: (name, base) => generated[name.replaceAll('\\', '/')] ?? read(name, base),
    writeFile: (_, contents) => {
      binary = contents
    },
  })
  const messages = stderr.toString().replace('Last converge was suboptimal.\n', '')
  if (error !== null) throw new Error(messages, { cause: error })
  if (messages.trim() !== '') process.stderr.write(messages)
  return binary
}

function read(name, base) {
  try {
    return readFileSync(`${base}/${name}`, 'utf8')
  } catch {
    return null
  }
}
