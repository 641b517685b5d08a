/** What stands beside the timeline; undefined where nothing does. */
export type SidePanel = 'members' | 'search' | 'pinned' | { threadId: string; replyId?: string } | undefined
