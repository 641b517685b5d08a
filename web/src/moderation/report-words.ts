import type { ReportAction, ReportReason } from '../../../shared/index.ts'

/** The reasons that a user can choose; `filter` is the word filter's own. */
export const REASONS = [
  ['spam', 'Spam'],
  ['harassment', 'Harassment'],
  ['hate', 'Hate speech'],
  ['violence', 'Violence'],
  ['sexual', 'Sexual content'],
  ['illegal', 'Illegal content'],
  ['other', 'Something else'],
] as const satisfies readonly (readonly [ReportReason, string])[]

export type ChosenReason = (typeof REASONS)[number][0]

export const reasonWords = (reason: ReportReason): string =>
  REASONS.find(([each]) => each === reason)?.[1] ?? 'Flagged by the word filter'

/** The actions on a report, and their outcomes. */
export const ACTION_WORDS: Record<ReportAction, { todo: string; done: string }> = {
  dismiss: { todo: 'Dismiss', done: 'Dismissed' },
  deleteMessage: { todo: 'Delete message', done: 'Message deleted' },
  removeMember: { todo: 'Remove sender', done: 'Sender removed' },
  banMember: { todo: 'Ban sender', done: 'Sender banned' },
}

const isAction = (text: string): text is ReportAction => Object.hasOwn(ACTION_WORDS, text)

export const REPORT_CHOICES: readonly ReportAction[] = Object.keys(ACTION_WORDS).filter(isAction)
