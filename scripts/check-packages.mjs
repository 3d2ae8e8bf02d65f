// What is published, looked at as it is packed: its files, its exports (publint) and its types as each resolver finds them
// (attw). Needs `npm run build`.

import { readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { packPublished } from './npm.mjs'
import { commandOf, root, runNode } from './run.mjs'

const failures = []
const packed = packPublished()
const attw = await commandOf('@arethetypeswrong/cli', 'attw')
for (const { folder, name, tarball, bytes, files } of packed) {
  console.log(`${name}: ${files.length} files, ${(bytes / 1000).toFixed(0)} kB packed`)
  checkFiles(folder, files)
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const { messages } = await publint({ strict: true, pack: { tarball: arrayBuffer(readFileSync(tarball)) } })
  for (const message of messages) failures.push(`${name}: publint: ${formatMessage(message, manifest)}`)
  const code = await runNode([attw, '--profile', 'esm-only', '--format', 'ascii', '--quiet', tarball])
  if (code !== 0) failures.push(`${name}: attw found wrong types`)
}
rmSync(dirname(packed[0].tarball), { recursive: true })
for (const failure of failures) console.error(failure)
process.exitCode = failures.length === 0 ? 0 : 1

/** Nothing but what runs, its types and its papers; and nothing in it that points to what is not there. */
function checkFiles(folder, files) {
  const wanted =
    /^(?:custom-elements\.json|vscode\.html-custom-data\.json|themes\/\w+\.css|dist\/.+\.(?:js|wasm|d\.ts|licenses\.md)|dist\/page\/licenses\.md|package\.json|README\.md|LICENSE)$/
  for (const path of files)
    if (!wanted.test(path) || /\.test\./.test(path)) failures.push(`${folder}: ${path} is packed`)
  for (const path of ['README.md', 'LICENSE'])
    if (!files.includes(path)) failures.push(`${folder}: ${path} is not packed`)
  for (const path of files.filter(each => each.endsWith('.js')))
    if (/^\/\/# sourceMappingURL=/m.test(readFileSync(join(root, folder, path), 'utf8')))
      failures.push(`${folder}: ${path} names a source map`)
}

function arrayBuffer(bytes) {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}
