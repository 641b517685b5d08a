import { options } from 'preact'

/**
 * Preact runs effects after the next frame. React runs the effects of a user's action before the next event, and the page relies
 * on that: a dialog is modal, and has the focus, before the next key. A microtask runs after the drawing that requested it.
 */
export function runEffectsAtOnce() {
  options.requestAnimationFrame = queueMicrotask
}
