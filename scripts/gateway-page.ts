import { writeFileSync } from 'node:fs'
import { gatewaySchema } from '../packages/banyan/src/gateway/file/schema.ts'
import { policyKinds } from '../packages/banyan/src/gateway/policy-kinds.ts'
import { SchemaWords, type Schema, type Setting } from './schema-words.ts'

/** Where the reference page of gateway files is. */
export const gatewayPagePath: URL = new URL('../docs/reference/gateway-file.md', import.meta.url)

/** A part of the page: a heading and the settings below it. */
export interface Section {
  readonly title: string
  readonly says: string
  /** What may stand there in the place of settings, or `settings` alone. */
  readonly form: string
  /** Whether a policy may be named without settings. */
  readonly byName: boolean
  readonly settings: readonly Setting[]
}

const head = `# Gateway file

What may stand in a file of \`banyan gateway start\`, or of \`gateway\` in an app: YAML 1.2, of at most a megabyte. How it is used is said in
[Put a gateway in front](../how-to/put-a-gateway-in-front.md). \`banyan gateway schema\` prints the same for editors, as JSON Schema (2020-12), and
\`banyan gateway check\` tells every mistake with its line.

- In every text \`\${NAME}\` stands for an environment variable, which must be set; \`\${NAME:-fallback}\` has a fallback for one that is unset or
  empty; \`$\${\` is \`\${\` itself. Within \`{ }\` and \`[ ]\` such a text is quoted.
- \`keys[].name\` is \`name\` of each element of the list \`keys\`; \`versions.NAME.sunset\` is \`sunset\` of each entry of the map \`versions\`.
- Settings in **bold** have to be said. What is not on this page is refused.

This page is written by \`npm run docs:gateway\` from the schema that files are checked by, and a test holds the two equal.
`

const schema: Schema = gatewaySchema(policyKinds)
const words = new SchemaWords(schema, {
  '#/$defs/upstream': '[upstream](#upstream)',
  '#/$defs/target': '[target](#target)',
  '#/$defs/route': '[route](#route)',
  '#/$defs/policies': '[policies](#policies)',
})

/** What the page describes, in its order. */
export function gatewaySections(): { readonly parts: readonly Section[]; readonly policies: readonly Section[] } {
  const definitions = schema.$defs ?? {}
  const part = (title: string, name: string) => sectionOf(title, definitions[name] ?? {})
  const { description: says = '' } = schema
  return {
    parts: [
      { title: 'File', says, form: 'settings', byName: false, settings: words.settings(schema) },
      part('Upstream', 'upstream'),
      part('Target', 'target'),
      part('Route', 'route'),
    ],
    policies: policyKinds.map(({ name, schema: settings }) => sectionOf(name, settings)),
  }
}

function sectionOf(title: string, described: Schema): Section {
  return { title, says: described.description ?? '', form: words.form(described), byName: words.mayBeEmpty(described), settings: words.settings(described) }
}

/** The page for the schema as it is. */
export function gatewayPage(): string {
  const { parts, policies } = gatewaySections()
  const policy = schema.$defs?.['policy']?.description ?? ''
  const order = schema.$defs?.['policies']?.description ?? ''
  const intro = `## Policies\n\nA list. ${order} Each is written as \`- limit: 100/m\` or \`- limit: { rate: 100/m }\`. ${policy}\n`
  return [
    head,
    ...parts.map((section) => text(section, '##', '')),
    intro,
    ...policies.map((section) => text(section, '###', section.byName ? ' May be named without settings.' : '')),
  ].join('\n')
}

function text({ title, says, form, settings }: Section, mark: string, more: string): string {
  const forms = form === 'settings' ? '' : `\n\nWritten as: ${form}.`
  return `${mark} ${title}\n\n${says}${more}${forms}\n\n| setting | says | written as |\n|---|---|---|\n${settings.map(row).join('\n')}\n`
}

function row({ name, needed, form, says }: Setting): string {
  return `| ${needed ? `**\`${name}\`**` : `\`${name}\``} | ${cell(says)} | ${cell(form)} |`
}

/** A bar ends a cell, also within code. */
function cell(said: string): string {
  return said.replaceAll('|', String.raw`\|`)
}

if (import.meta.main) writeFileSync(gatewayPagePath, gatewayPage())
