/** As the `ref` of an element: it has the focus from when it is in the page. A browser heeds `autofocus` once a page. */
export const takeFocus = (element: HTMLElement | null) => element?.focus()
