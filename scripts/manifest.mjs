// What editors, catalogues and JSX know of the elements, made from their sources and doc comments: custom-elements.json (Custom
// Elements Manifest 1.0), vscode.html-custom-data.json, and types for JSX and React. Fails where a file differs from what the
// sources say; `npm run api` writes them anew.

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { create, ts } from '@custom-elements-manifest/analyzer'
import { litPlugin } from '@custom-elements-manifest/analyzer/src/features/framework-plugins/lit/lit.js'
import { tokens } from '../web-components/src/tokens.ts'
import { root } from './run.mjs'

const folder = join(root, 'web-components')
const read = path => readFileSync(join(folder, path), 'utf8')

const elements = elementsOf()
const files = {
  'custom-elements.json': json({
    schemaVersion: '1.0.0',
    readme: 'README.md',
    modules: elements.map(moduleOf),
  }),
  'vscode.html-custom-data.json': json({ version: 1.1, tags: elements.map(tagOf) }),
  'src/manifest.generated.ts': typesOf(elements),
}
const writes = process.argv.includes('--local')
for (const [path, text] of Object.entries(files)) {
  if (readOrNothing(path) === text) continue
  if (writes) writeFileSync(join(folder, path), text)
  else process.exitCode = 1
  console.log(`web-components/${path} ${writes ? 'was written' : 'differs from what the sources say: npm run api'}`)
}

/** Classes with a tag, by it. */
function elementsOf() {
  const paths = globSync('src/**/*.ts', { cwd: folder, exclude: path => path.endsWith('.test.ts') }).sort()
  const defined = paths.flatMap(path =>
    [...read(path).matchAll(/^defineElement\('([\w-]+)', (\w+)\)/gm)].map(([, tag, name]) => ({ path, tag, name })),
  )
  const modules = defined.map(({ path }) => ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true))
  const manifest = create({ modules, plugins: litPlugin(), context: {} })
  return defined
    .map(({ path, tag, name }) => {
      const { declarations } = manifest.modules.find(module => module.path === path)
      return elementOf({ path, tag, source: read(path), declared: declarations.find(each => each.name === name) })
    })
    .sort((left, right) => (left.tagName < right.tagName ? -1 : 1))
}

/** The analyzer's words for a class, with what our doc comments say in lists put apart, and nothing private. */
function elementOf({ path, tag, source, declared }) {
  const comment = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/(?=\s*export class)/.exec(source)[0].replace(/^\s*\* ?/gm, '')
  const own = ({ privacy, static: isStatic, name }) =>
    (privacy === undefined || privacy === 'public') && !isStatic && !name.startsWith('#') && !/Callback$/.test(name)
  const attributes = (declared.attributes ?? []).map(({ name, type, description, fieldName, default: value }) => ({
    name,
    ...(description ? { description } : {}),
    type: { text: type?.text.replace(' | undefined', '') ?? 'string' },
    ...(value === undefined ? {} : { default: value }),
    ...(fieldName ? { fieldName } : {}),
  }))
  const described = new Set(eventNames())
  const events = (declared.events ?? []).map(({ name, description }) => {
    if (!described.has(name)) throw new Error(`${path}: events.ts knows no ${name}`)
    return { name, description, type: { text: `MunimentEvent<'${name}'>` } }
  })
  for (const [, name] of source.matchAll(/\bemit\(this, '([\w-]+)'/g))
    if (!events.some(event => event.name === name)) throw new Error(`${path} emits ${name}, and does not say so`)
  return {
    path,
    kind: 'class',
    name: declared.name,
    tagName: tag,
    customElement: true,
    superclass: { name: tag === 'muniment-network' ? 'HTMLElement' : 'LitElement' },
    description: declared.description,
    attributes,
    members: declared.members.filter(own).map(({ privacy, ...member }) => member),
    events,
    slots: declared.slots ?? [],
    cssParts: listed(comment, 'csspart').map(name => ({ name })),
    cssProperties: /@cssprop/.test(comment) ? properties(path) : [],
    cssStates: (/:state\(([\w|-]+)\)/.exec(comment)?.[1].split('|') ?? []).map(name => ({ name })),
  }
}

/** Names behind a tag of the comment, with commas between them. */
function listed(comment, tag) {
  const found = new RegExp(`^@${tag} ([^@]*?)(?=^@|^State:|\\*/)`, 'm').exec(comment)
  return found ? found[1].split(/[\s,]+/).filter(Boolean) : []
}

/** Custom properties of the common look, and of the element's own style. */
function properties(path) {
  const styles = globSync(join(path, '..', 'styles.ts'), { cwd: folder }).map(read)
  const found = [tokens.cssText, ...styles].flatMap(text => [...text.matchAll(/var\((--muniment-[\w-]+)/g)])
  return [...new Set(found.map(([, name]) => name))].sort().map(name => ({ name }))
}

function eventNames() {
  return [...read('src/events.ts').matchAll(/^ {2}readonly '(muniment-[\w-]+)'/gm)].map(([, name]) => name)
}

function moduleOf({ path, ...declaration }) {
  const file = path.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js')
  const reference = name => ({ name, module: file })
  return {
    kind: 'javascript-module',
    path: file,
    declarations: [declaration],
    exports: [
      { kind: 'js', name: declaration.name, declaration: reference(declaration.name) },
      { kind: 'custom-element-definition', name: declaration.tagName, declaration: reference(declaration.name) },
    ],
  }
}

function tagOf({ tagName, description, attributes, events }) {
  const told = events.map(event => `- \`${event.name}\`: ${event.description}`)
  return {
    name: tagName,
    description: [description, ...(told.length > 0 ? [`Events:\n${told.join('\n')}`] : [])].join('\n\n'),
    attributes: attributes.map(({ name, description: text, type }) => ({
      name,
      ...(text ? { description: text } : {}),
      ...(type.text === 'boolean' ? { valueSet: 'v' } : {}),
    })),
  }
}

/** Names of properties and events: their types are the classes' own. */
function typesOf(list) {
  const eventsOf = ({ tagName, events }) => {
    const names = events.map(({ name }) => `    ${camel(`on-${name}`)}: '${name}',\n`)
    return `  '${tagName}': {${names.length > 0 ? `\n${names.join('')}  ` : ''}},\n`
  }
  const attributesOf = ({ tagName, attributes }) => {
    const names = attributes
      .filter(({ name, fieldName }) => name !== fieldName)
      .map(({ name, type }) => `    readonly '${name}'?: ${type.text === 'number' ? 'number | string' : type.text}\n`)
    return `  '${tagName}': {${names.length > 0 ? `\n${names.join('')}  ` : ''}}\n`
  }
  const propertiesOf = ({ tagName, members }) => {
    const names = members.filter(({ kind, readonly }) => kind === 'field' && !readonly).map(({ name }) => `'${name}'`)
    return `  '${tagName}': ${names.join(' | ')}\n`
  }
  return `// Made by scripts/manifest.mjs from the elements' sources: npm run api.

/** Events by element, under the names that they have as a component's properties. */
export const elementEvents = {
${list.map(eventsOf).join('')}} as const

/** What a page may set. */
export type PropertyNames = {
${list.map(propertiesOf).join('')}}

/** Attributes that are no properties by the same name. */
export type ElementAttributes = {
${list.map(attributesOf).join('')}}
`
}

function camel(name) {
  return name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())
}

function readOrNothing(path) {
  try {
    return read(path)
  } catch {
    return ''
  }
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`
}
