import { readMark } from '../peers/marked-text.ts'
import { type Audience, Participant, type ParticipantOptions } from './participant.ts'

/** Says nothing and is sent everything: for the bare loop. */
export class PlainParticipant extends Participant {
  constructor(options: ParticipantOptions, audience: Audience) {
    super(options, audience, '/')
  }

  send(): void {
    throw new Error('Unable to send; the bare loop takes nothing')
  }

  query(): void {
    throw new Error('Unable to query; the bare loop answers nothing')
  }

  protected greet(): void {
    this.becomeReady()
  }

  protected read(bytes: Buffer, start: number, end: number): void {
    const mark = readMark(bytes, start, end)
    if (mark >= 0) this.audience.onDelivered(this, mark)
  }
}
