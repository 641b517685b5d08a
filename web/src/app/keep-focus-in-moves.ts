/**
 * Rows of a list that change places keep the focus: Preact moves them by `moveBefore`, which does that. A browser that does not have it
 * yet takes the focus away from what moves, so it is given back.
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
