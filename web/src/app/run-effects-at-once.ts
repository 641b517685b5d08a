import { options } from 'preact'

/**
 * Preact runs effects after the next frame. React runs those of what a user has just done before the next event, and the page counts on
 * it: a dialog is modal, and the focus in it, before the next key. A microtask comes after the drawing that it was asked for in.
 */
export function runEffectsAtOnce() {
  options.requestAnimationFrame = queueMicrotask
}
