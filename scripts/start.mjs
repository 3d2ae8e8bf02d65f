// `npm start`: builds what is needed, then runs the demo portal and its node from source.

import { spawn } from 'node:child_process'
import { requireNode, root, runNode } from './run.mjs'

requireNode()
const code = await runNode(['scripts/build-assembly.mjs'])
if (code !== 0) process.exit(code)
const args = ['--conditions=source', '--no-warnings', 'demo/server/main.ts', ...process.argv.slice(2)]
const demo = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
// A terminal's Ctrl-C reaches the demo itself; what is sent to this process alone is passed on.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => demo.kill('SIGTERM'))
demo.on('exit', ended => process.exit(ended ?? 1))
