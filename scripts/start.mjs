// `npm start`: builds what is needed, then runs the demo portal and its node from source.

import { requireNode, runNode } from './run.mjs'

requireNode()
const code = await runNode(['scripts/build-assembly.mjs'])
if (code !== 0) process.exit(code)
// The demo answers Ctrl-C itself: this process only waits for it.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.exit(await runNode(['--conditions=source', '--no-warnings', 'demo/server/main.ts', ...process.argv.slice(2)]))
