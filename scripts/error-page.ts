import { writeFileSync } from 'node:fs'
import { codes } from '../packages/banyan/src/kernel/errors.ts'

/** Where the reference page of the error codes is. */
export const pagePath: URL = new URL('../docs/reference/errors.md', import.meta.url)

const head = `# Errors

Every failure that Banyan itself raises is a \`BanyanError\` with a \`code\` of this page. Compare the code, never the message, and recognise it
with \`BanyanError.is(error, code)\`, which also knows errors of another copy of the package. Over HTTP the status is the one given here.

- **Retryable**: the same request may succeed later, unchanged.
- \`executed\` of the error says what is known of the effects: \`'no'\`, it did not happen, so repeat it under any key; \`'maybe'\`, nobody can
  tell, so repeat it only under the same idempotency key.
- Refusals that a contract declares are errors of the contract, with names of their own; callers see them by name and with typed details.

This page is written by \`npm run docs:errors\` from the table in the code, and a test holds the two equal.
`

/** The page for the table of codes as it is. */
export function errorPage(): string {
  const sections = Object.entries(codes).map(
    ([code, { status, retryable, help }]) => `## ${code}\n\nStatus ${status}, ${retryable ? 'retryable' : 'not retryable'}.\n\n${help}\n`,
  )
  return [head, ...sections].join('\n')
}

/** What a page says of each code; a code that has no section is absent. */
export function readPage(text: string): ReadonlyMap<string, string> {
  const sections = text.split(/^## /m).slice(1)
  return new Map(sections.map((section) => [section.slice(0, section.indexOf('\n')).trim(), section.slice(section.indexOf('\n')).trim()]))
}

if (import.meta.main) writeFileSync(pagePath, errorPage())
