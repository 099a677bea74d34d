import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { gatewayConfig } from '../../src/gateway/file/read.ts'
import { policyKinds } from '../../src/gateway/policy-kinds.ts'
import { blocksOf, pages } from './pages.ts'

const kinds: ReadonlySet<string> = new Set(policyKinds.map(({ name }) => name))
const env = {
  PARTNER_KEY_HASH: `sha256:${'0'.repeat(64)}`,
  ADMIN_PASSWORD: '$scrypt$ln=14,r=8,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI',
}
const all = pages()
const blocks = all.flatMap(blocksOf).filter(({ language }) => language === 'yaml')
/** Policies that tables of pages show in code, such as `limit: 100/m`. */
const inTables = all.flatMap(({ path, text }) =>
  [...text.matchAll(/^\| .*\|$/gm)]
    .flatMap(([row]) =>
      [
        ...row
          .split(' | ')
          .at(-1)!
          .matchAll(/`([^`]+)`/g),
      ].map(([, code]) => code!),
    )
    .filter((code) => kinds.has(/^([a-z-]+): /.exec(code)?.[1] ?? ''))
    .map((code) => [`${path}: ${code}`, `- ${code}`] as const),
)

describe('gateway files on pages', () => {
  test.each(blocks.map((block) => [`${block.page}:${block.line}`, block.code] as const))('%s has no mistake', (_place, code) => {
    read(Array.isArray(parse(code)) ? routed(code) : code)
  })

  test.each(inTables)('%s has none', (_place, code) => {
    read(routed(code))
  })
})

/** Reads a file as a gateway would; throws with its mistakes. */
function read(text: string): void {
  expect(gatewayConfig(text, { path: 'gateway.yaml', kinds: policyKinds, env }).routes.length).toBeGreaterThan(0)
}

/** A list of policies as that of a route. */
function routed(policies: string): string {
  return `upstreams: { a: 'http://a' }\nroutes:\n  - path: /*\n    to: a\n    policies:\n${policies.replaceAll(/^/gm, '      ')}`
}
