import { queryOptions, useQuery } from '@tanstack/react-query'

/** About 25 KB of names and keywords, loaded at the first search. A browser that is offline may have them cached. */
export const emojiCatalog = queryOptions({
  queryKey: ['emoji catalog'],
  queryFn: () => import('./emoji-catalog.ts'),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  networkMode: 'always',
  retry: false,
})

/** The names and keywords of all emoji, once they are wanted and loaded. */
export const useEmojiCatalog = (isWanted = true) => useQuery({ ...emojiCatalog, enabled: isWanted })
