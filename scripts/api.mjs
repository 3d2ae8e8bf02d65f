// The public names and types of each entry, as a file to be read in reviews. Fails where one differs from what was built;
// `npm run api` writes it anew. Needs `npm run build`.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor'
import { root } from './run.mjs'

const reports = [
  { folder: 'sdk', entry: 'dist/index.d.ts', name: 'sdk' },
  { folder: 'sdk', entry: 'dist/p2p/index.d.ts', name: 'p2p' },
  { folder: 'sdk', entry: 'dist/crypto/worker.d.ts', name: 'worker' },
  { folder: 'sdk', entry: 'dist/qr/index.d.ts', name: 'qr' },
  { folder: 'sdk', entry: 'dist/pdf/index.d.ts', name: 'pdf' },
  { folder: 'web-components', entry: 'dist/index.d.ts', name: 'web-components' },
  { folder: 'web-components', entry: 'dist/verify/index.d.ts', name: 'verify' },
  { folder: 'web-components', entry: 'dist/sign/index.d.ts', name: 'sign' },
  { folder: 'web-components', entry: 'dist/keys/index.d.ts', name: 'keys' },
  { folder: 'web-components', entry: 'dist/status/index.d.ts', name: 'status' },
  { folder: 'web-components', entry: 'dist/jsx.d.ts', name: 'jsx' },
  { folder: 'web-components', entry: 'dist/react/index.d.ts', name: 'react' },
]
const compilerOptions = {
  target: 'es2022',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: [],
  skipLibCheck: true,
}
const localBuild = process.argv.includes('--local')
const temporary = mkdtempSync(join(tmpdir(), 'muniment-api-'))
const silent = { default: { logLevel: 'none' } }
let failed = 0
for (const report of reports) if (!extract(report)) failed++
rmSync(temporary, { recursive: true })
process.exitCode = failed === 0 ? 0 : 1

function extract({ folder, entry, name }) {
  const projectFolder = join(root, folder)
  const path = join(projectFolder, entry)
  if (!existsSync(path)) {
    console.error(`${folder} is not built: npm run build`)
    return false
  }
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder,
      mainEntryPointFilePath: path,
      compiler: { overrideTsconfig: { compilerOptions, include: ['dist'] } },
      apiReport: {
        enabled: true,
        reportFolder: join(projectFolder, 'api'),
        reportTempFolder: temporary,
        reportFileName: `${name}.api.md`,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: silent,
        extractorMessageReporting: {
          ...silent,
          // A name that a signature needs and that no importer can say.
          'ae-forgotten-export': { logLevel: 'warning', addToApiReportFile: true },
        },
        tsdocMessageReporting: silent,
      },
    },
    configObjectFullPath: join(projectFolder, 'api-extractor.json'),
    packageJsonFullPath: join(projectFolder, 'package.json'),
  })
  const result = Extractor.invoke(config, {
    localBuild,
    messageCallback: message => {
      message.handled = true
      if (message.logLevel === 'error') console.error(message.text)
    },
  })
  if (result.apiReportChanged) {
    console.log(
      `${folder}/api/${name}.api.md ${localBuild ? 'was written' : 'differs from what was built: npm run api'}`,
    )
  }
  return result.errorCount === 0 && (localBuild || !result.apiReportChanged)
}
