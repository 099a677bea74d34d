import { hashPassword } from '../../gateway/policies/password-hash.ts'
import { misuse } from '../arguments.ts'
import type { Command } from '../command.ts'

export const gatewayPassword: Command = {
  usage: '',
  purpose: 'Asks for a password and prints its hash, for the policy `basic` of a gateway file. The password is kept nowhere.',
  options: {},
  examples: [{ line: 'banyan gateway password', does: 'ask, and print the hash' }],
  async run(_args, io) {
    const password = await io.ask?.('Password (it is shown as you type): ')
    if (password === undefined || password === '') throw misuse('no password was entered; it is asked for at the terminal')
    io.out.write(`${await hashPassword(password)}\n`)
  },
}
