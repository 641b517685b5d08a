/** Used as the `ref` of an element: focuses it when it is added to the page. A browser honours `autofocus` once a page. */
export const takeFocus = (element: HTMLElement | null) => element?.focus()
