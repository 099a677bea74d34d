import type { Balance } from './balance.ts'
import { paint } from './paint.ts'

/** The ledgers side by side, each pair with ✓ or with ✗ and what is wrong. */
export function table(balances: readonly Balance[]): string {
  const width = (cell: (balance: Balance) => string) => Math.max(...balances.map((balance) => cell(balance).length))
  const [what, one] = [width((balance) => balance.what), width((balance) => balance.one)]
  return balances
    .flatMap((balance) => {
      const good = balance.faults.length === 0
      const sign = good ? paint('green', '✓') : paint('red', '✗')
      return [`  ${sign} ${balance.what.padEnd(what)}   ${balance.one.padStart(one)} ${good ? '=' : '≠'} ${balance.other}`, ...faultsOf(balance)]
    })
    .join('\n')
}

function faultsOf({ faults }: Balance): string[] {
  const shown = faults.slice(0, 5).map((fault) => `      ${fault}`)
  return faults.length > 5 ? [...shown, `      and ${faults.length - 5} more`] : shown
}
