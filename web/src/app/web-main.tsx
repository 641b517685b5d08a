import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { SessionStore } from '../session/session-store.ts'
import { ThemeChoice } from '../ui/theme.ts'
import { ChatApp } from './chat-app.tsx'
import { keepFocusInMoves } from './keep-focus-in-moves.ts'
import { runEffectsAtOnce } from './run-effects-at-once.ts'

const page = document.getElementById('page')
if (!page) throw new Error('Unable to show the page; index.html has no #page')

const themes = new ThemeChoice()
const sessions = new SessionStore()
sessions.resume()

runEffectsAtOnce()
keepFocusInMoves()
createRoot(page).render(
  <StrictMode>
    <ChatApp sessions={sessions} themes={themes} />
  </StrictMode>,
)
