import type { LiveInstance } from './live-units.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'

/** What gateways show over TLS, and what is wrong with the files of it: a line for each, however many instances show it. Empty where there is none. */
export function certificateTable(units: ReadonlyMap<string, readonly LiveInstance[]>, { bold, dim, red }: Style): string {
  const shown = [...units.values()].flat().flatMap(({ status }) => status?.gateway?.certificates ?? [])
  const lines = new Map(shown.map((one) => [JSON.stringify(one), one]))
  if (lines.size === 0) return ''
  const rows = [...lines.values()].map(({ certificate, names, expires, fault }) => [
    certificate,
    names.join(', '),
    expires.slice(0, 10),
    fault === undefined ? '' : red(`no longer what its files hold: ${fault}`),
  ])
  return `${bold('certificates')}  ${dim('of the gateway file')}\n${table(rows, { head: ['CERTIFICATE', 'NAMES', 'EXPIRES', ''].map(dim), indent: '  ' })}`
}
