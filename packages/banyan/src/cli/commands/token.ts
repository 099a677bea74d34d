import { join } from 'node:path'
import { ownIssuer } from '../../runtime/authentication.ts'
import type { Command } from '../command.ts'
import { openProject } from '../project.ts'

export const token: Command = {
  usage: '<subject>',
  purpose: 'Prints a token of the development issuer, which `banyan dev` accepts for 12 hours and nobody else ever does.',
  options: {
    role: { type: 'text', value: 'NAMES', help: 'roles of the subject, separated by commas; none unless said' },
    scope: { type: 'text', value: 'NAMES', help: 'scopes of the token, separated by commas; none unless said' },
    tenant: { type: 'text', value: 'NAME', help: "'default' unless said" },
  },
  positionals: [1, 1],
  examples: [
    { line: 'banyan token ada --role customer', does: 'a token for a customer' },
    { line: 'T=$(banyan token ada --role customer); curl -H "Authorization: Bearer $T" localhost:3000/orders', does: 'use it' },
  ],
  async run(args, io) {
    const { app, directory } = await openProject(args, io)
    const issuer = await ownIssuer(app.name, join(directory, '.banyan'))
    const [roles, scopes] = ['role', 'scope'].map((option) => args.words(option) ?? [])
    const tenant = args.text('tenant')
    io.out.write(`${await issuer.issue({ subject: args.positionals[0]!, roles: roles!, scopes: scopes!, ...(tenant === undefined ? {} : { tenant }) })}\n`)
  },
}
