// What docs/guides say to type is typed here, against the demo that already runs: a kit, and a register whose links it checks.

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serveKit } from './embed-site.ts'
import { expect, nextVerdict, test } from './fixtures.ts'

const repository = join(import.meta.dirname, '..', '..')

/** The commands of a guide, but for those that build and start what a test has built and started. */
function commandsOf(guide: string): string {
  const text = readFileSync(join(repository, 'docs', 'guides', guide), 'utf8')
  const blocks = [...text.matchAll(/^```\n(.*?)^```$/gms)].map(([, block]) => block!)
  const typed = blocks.filter(block => /^(?:cat|npm run|muniment) /m.test(block) && !block.includes('muniment node'))
  return typed.join('').replaceAll(/^npm run build$/gm, '')
}

test('what the guides say to type makes a kit and records, and the kit’s page checks them', async ({ page }) => {
  test.skip(process.platform === 'win32', 'the guides are typed into a shell of Unix')
  const folder = mkdtempSync(join(tmpdir(), 'muniment-guides-'))
  const home = process.env.MUNIMENT_DEMO_HOME!
  const script = `set -e\n${commandsOf('embed.md')}\n${commandsOf('issue.md')}`
    .replaceAll('.muniment/demo', home)
    .replaceAll(/(?<=[ >])(kit|titles|register\.csv)\b/g, name => join(folder, name))
  const [beforeUndo, undo] = [
    script.slice(0, script.indexOf('muniment issue --undo')),
    script.slice(script.indexOf('muniment issue --undo')),
  ]
  const run = (typed: string): Promise<{ readonly stdout: string }> =>
    promisify(execFile)('bash', ['-c', typed], { cwd: repository })
  try {
    const { stdout } = await run(beforeUndo)
    expect(stdout).toContain('2 rows can be issued by land-registry as land.title@1')
    expect(stdout).toContain('2 records are issued and proven')
    const headers = readFileSync(join(folder, 'kit', 'headers.txt'), 'utf8')
    const site = await serveKit({ folders: { '/': join(folder, 'kit') }, headers })
    const link = readFileSync(join(folder, 'titles', 'links', '000002.txt'), 'utf8').trim()
    const open = async (): Promise<string> => {
      await page.goto('about:blank')
      await page.goto(`${site.origin}/example.html${link.slice(link.indexOf('#'))}`)
      return (await nextVerdict(page)).code
    }
    expect(await open()).toBe('current')
    await expect(page.locator('muniment-verify')).toContainText('Example owner A, of Example Street')
    await page.getByRole('button', { name: 'Check another document' }).click()
    await page
      .locator('muniment-verify input[type=file]')
      .first()
      .setInputFiles(join(folder, 'titles', 'papers', '000003.pdf'))
    const paper = await nextVerdict(page, 1)
    expect([paper.kind, paper.code]).toEqual(['valid', 'current'])
    await expect(page.locator('muniment-verify')).toContainText('Example owner B')
    const definitions = beforeUndo.split('\n').filter(line => /^(?:muniment\(\)|FROM=)/.test(line))
    const undone = await run(['set -e', ...definitions, undo].join('\n'))
    expect(undone.stdout).toContain('2 records are revoked, and proven to be')
    expect(await open()).toBe('revoked')
    site.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
