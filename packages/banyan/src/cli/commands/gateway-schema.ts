import { gatewaySchema } from '../../gateway/file/schema.ts'
import { policyKinds } from '../../gateway/policy-kinds.ts'
import type { Command } from '../command.ts'

export const gatewaySchemaCommand: Command = {
  usage: '',
  purpose:
    'Prints the JSON Schema of gateway files, with which editors complete and check them as they are written.\nThe first line of a file says where it is: # yaml-language-server: $schema=./gateway.schema.json',
  options: {},
  examples: [{ line: 'banyan gateway schema > gateway.schema.json', does: 'put it beside the file' }],
  async run(_args, io) {
    io.out.write(`${JSON.stringify(gatewaySchema(policyKinds), undefined, 2)}\n`)
  },
}
