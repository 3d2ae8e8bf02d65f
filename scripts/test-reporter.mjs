// For node --test: one line of JSON a finished test, so that counts and the reasons of skips can be added up.

export default async function* reporter(source) {
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { name, file, skip, todo, details } = event.data
    if (details?.type === 'suite') continue
    const outcome =
      event.type === 'test:fail' ? 'failed' : skip !== undefined || todo !== undefined ? 'skipped' : 'passed'
    const reason = typeof skip === 'string' ? skip : ''
    yield `${JSON.stringify({ name, file, outcome, reason, error: details?.error?.cause?.message ?? details?.error?.message })}\n`
  }
}
