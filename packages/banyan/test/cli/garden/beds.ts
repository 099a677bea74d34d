import { anyone, implement, role } from 'banyan'
import { beds } from './contracts.ts'

export default implement(beds).service({
  handlers: {
    sow: ({ bed, plant }, { transact }) => transact((tx) => tx.emit(beds.Sown({ bed, plant }), { key: bed })),
    // for as long as the caller waits: what a shutdown has to wait for
    wait: (_nothing, { log, signal }) => {
      log.info('somebody waits')
      return new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  },
  policies: { sow: { access: role('gardener') }, wait: { access: anyone() } },
})
