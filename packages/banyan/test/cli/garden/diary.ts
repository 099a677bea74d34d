import { anyone, implement } from 'banyan'
import { beds, diary } from './contracts.ts'

const { on, service } = implement(diary, { uses: { beds } })

const note = on(beds.Sown, ({ bed, plant }, { transact }) => {
  if (plant === 'nettle') throw new Error('nobody writes about nettles')
  return transact((tx) => tx.emit(diary.Noted({ text: `${plant} in ${bed}` }), { key: bed }))
})

export default service({
  // how an entry is written
  handlers: { entries: ({ bed }) => [`nothing about ${bed}`], burn: () => undefined },
  policies: { entries: { access: anyone() } },
  reactions: [note],
})
