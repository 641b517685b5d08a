/**
 * Keeps the focus in list rows that change places. Preact moves them with `moveBefore`, which keeps the focus. A browser without
 * `moveBefore` drops it, so this gives it back.
 */
export function keepFocusInMoves() {
  if ('moveBefore' in Element.prototype) return
  Object.defineProperty(Element.prototype, 'moveBefore', { value: moveBefore })
}

function moveBefore(this: Element, node: Node, child: Node | null) {
  const focused = document.activeElement
  this.insertBefore(node, child)
  if (focused instanceof HTMLElement && node.contains(focused) && document.activeElement !== focused) {
    focused.focus({ preventScroll: true })
  }
}
