import type { JsonSchema } from '../kernel/schema.ts'

/** What stands where something was kept back. */
export type Remains = 'nothing' | 'null'

/** `lines[].price` as the names on the way; `[]` stands for every element. */
export function redactionPath(path: string): readonly string[] {
  return path.split('.').flatMap((part) => {
    const name = part.replace(/(\[\])+$/, '')
    return [...(name === '' ? [] : [name]), ...Array.from({ length: (part.length - name.length) / 2 }, () => '[]')]
  })
}

/** Finds the field of a JSON Schema that a path leads to, and what the schema lets remain of it; or says, as the end of a sentence, what is wrong. */
export function fieldAt(root: JsonSchema, path: readonly string[]): { readonly remains: Remains } | { readonly wrong: string } {
  if (path.length === 0) return { wrong: 'names no field' }
  let nodes = forms(root, root)
  for (const [at, name] of path.entries()) {
    const last = at === path.length - 1
    if (name === '[]') {
      if (last) return { wrong: `ends with the elements of a list; name the list, or a field of its elements` }
      nodes = nodes.flatMap(({ items }) => forms(root, items))
      if (nodes.length === 0) return { wrong: `takes the elements of what is no list` }
      continue
    }
    const holders = nodes.filter(({ properties }) => Object.hasOwn((properties ?? {}) as object, name))
    if (holders.length === 0) return { wrong: `names '${name}', and there is ${fieldNames(nodes)}` }
    const inner = holders.flatMap(({ properties }) => forms(root, (properties as Record<string, unknown>)[name]))
    if (last) return remainsOf(name, holders, inner)
    nodes = inner
  }
  return { wrong: 'names no field' }
}

function remainsOf(name: string, holders: readonly JsonSchema[], inner: readonly JsonSchema[]): { readonly remains: Remains } | { readonly wrong: string } {
  if (holders.every(({ required }) => !((required ?? []) as readonly string[]).includes(name))) return { remains: 'nothing' }
  if (inner.some(({ type }) => type === 'null' || (Array.isArray(type) && type.includes('null')))) return { remains: 'null' }
  return { wrong: `keeps back '${name}', which the contract promises to everybody; make it optional or nullable there` }
}

/** The schemas of which a value has to meet one or all, with references followed. */
function forms(root: JsonSchema, given: unknown, depth = 0): readonly JsonSchema[] {
  if (typeof given !== 'object' || given === null || depth > 50) return []
  const node = given as JsonSchema
  const ref = node['$ref']
  if (typeof ref === 'string') return forms(root, pointed(root, ref), depth + 1)
  const several = ['anyOf', 'oneOf', 'allOf'].flatMap((word) => (node[word] ?? []) as readonly unknown[])
  return several.length === 0 ? [node] : [node, ...several.flatMap((one) => forms(root, one, depth + 1))]
}

function pointed(root: JsonSchema, ref: string): unknown {
  const names = ref.replace(/^#\/?/, '').split('/')
  return ref === '#' ? root : names.reduce<unknown>((node, name) => (node as JsonSchema | undefined)?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], root)
}

function fieldNames(nodes: readonly JsonSchema[]): string {
  const names = [...new Set(nodes.flatMap(({ properties }) => Object.keys((properties ?? {}) as object)))]
  return names.length === 0 ? 'no field there' : `only ${names.join(', ')}`
}
