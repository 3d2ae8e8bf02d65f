import type { Plugin } from 'vite'

/** The text of each css`` template without comments and without the spaces that only people read. What is put in by `${…}` stays as it is. */
export function compactStyles(): Plugin {
  return {
    name: 'muniment:compact-styles',
    apply: 'build',
    transform: {
      filter: { id: /web-components[\\/](?:src|dist)[\\/].*\.[jt]s$/, code: 'css`' },
      handler: code => ({ code: code.replace(/\bcss`(?:[^`\\]|\\.)*`/g, compact), map: null }),
    },
  }
}

/** Spaces inside a text and around an operator have a meaning; those around braces, colons before a value, commas and semicolons have none. */
function compact(template: string): string {
  return template
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .replace(/([a-z-]): (?=[^{}]*[;}])/g, '$1:')
    .replace(/;\}/g, '}')
}
