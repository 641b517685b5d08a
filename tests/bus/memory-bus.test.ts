import { pino } from 'pino'
import { MemoryBus } from '../../server/bus/memory-bus.ts'
import { testBusContract } from '../contracts/bus-contract.ts'

testBusContract('in memory', async () => {
  const bus = new MemoryBus(pino({ level: 'silent' }))
  return { nodes: [bus], close: () => bus.close() }
})
