/** The panel beside the timeline; undefined if none is open. */
export type SidePanel = 'members' | 'search' | 'pinned' | { threadId: string; replyId?: string } | undefined
