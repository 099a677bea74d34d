import type { Command } from '../command.ts'
import { databaseOptions, openProjectDatabase } from '../project.ts'

export const dbPlan: Command = {
  usage: '',
  purpose:
    'Prints the SQL that makes the schemas and roles of the services: for a DBA to read and run where the user of\nDATABASE_URL may not create roles. It holds no passwords in the clear, and may be run again at any time.\nAfterwards `banyan migrate` does the rest. Nothing but SQL goes to standard output.',
  options: databaseOptions,
  examples: [
    { line: 'banyan db plan > roles.sql', does: 'to hand it over' },
    { line: 'banyan db plan | psql "$ADMIN_URL"', does: 'to run it as another user' },
  ],
  async run(args, io) {
    await using database = await openProjectDatabase(args, io)
    io.out.write(database.server.plan(database.services))
  },
}
