import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'

/** Somebody before a window of their own. */
export class PagePerson {
  readonly page: Page
  /** What went wrong on the page that its viewer never sees. */
  readonly faults: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('pageerror', (error) => this.faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text())
    })
  }

  static async arrive(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<PagePerson> {
    const context = await browser.newContext({ viewport: { width: 1_100, height: 760 }, ...options })
    // Each is a wait for something that comes: a busy machine may take its time.
    context.setDefaultTimeout(20_000)
    const person = new PagePerson(await context.newPage())
    await person.page.goto(url)
    return person
  }

  async signIn(name: string) {
    await this.page.getByLabel('Your name').fill(name)
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await this.conversations.waitFor()
  }

  get conversations(): Locator {
    return this.page.getByRole('navigation', { name: 'Conversations' })
  }

  /** A room's line in the list. */
  line(room: string): Locator {
    return this.conversations.getByRole('link', { name: room })
  }

  field(room: string): Locator {
    return this.page.getByRole('textbox', { name: `Message ${room}` })
  }

  async open(room: string) {
    await this.line(room).click()
    await this.field(room).waitFor()
  }

  async say(room: string, text: string) {
    await this.field(room).fill(text)
    await this.field(room).press('Enter')
  }

  /** The message on the screen that says this. */
  message(text: string): Locator {
    return this.page.getByRole('article').filter({ hasText: text })
  }

  sees(text: string): Promise<void> {
    return this.message(text).waitFor()
  }

  /** Chooses from the menu of a message. */
  async choose(text: string, choice: string) {
    await this.message(text).hover()
    await this.message(text).getByRole('button', { name: 'More actions' }).click()
    await this.page.getByRole('menuitem', { name: choice, exact: true }).click()
  }

  /** What the timeline says, from the top, in the rows that are in the page: those that are visible, and some beyond. */
  texts(): Promise<string[]> {
    return this.page.locator('.timeline .message-text').allTextContents()
  }
}
