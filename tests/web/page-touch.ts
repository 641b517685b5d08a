import type { CDPSession, Locator, Page } from 'playwright-core'

interface Point {
  x: number
  y: number
}

/** One finger on the screen, as the browser gets it from the device. */
export class Finger {
  readonly #cdp: CDPSession

  private constructor(cdp: CDPSession) {
    this.#cdp = cdp
  }

  static async on(page: Page): Promise<Finger> {
    return new Finger(await page.context().newCDPSession(page))
  }

  async press(on: Locator) {
    await this.#touch('touchStart', [await middleOf(on)])
  }

  async lift() {
    await this.#touch('touchEnd', [])
  }

  /** Moves in steps, as a finger does. */
  async drag(on: Locator, down: number) {
    const { x, y } = await middleOf(on)
    await this.#touch('touchStart', [{ x, y }])
    for (let step = 1; step <= 8; step++) await this.#touch('touchMove', [{ x, y: y + (down * step) / 8 }])
    await this.lift()
  }

  async #touch(type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Point[]) {
    await this.#cdp.send('Input.dispatchTouchEvent', { type, touchPoints })
  }
}

async function middleOf(on: Locator): Promise<Point> {
  const box = await on.boundingBox()
  if (!box) throw new Error('Unable to touch it; it is not on the screen')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}
