import { Component, type ReactNode } from 'react'

/** Shown when the page itself fails: an explanation and a way out. */
export class FaultBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError() {
    return { hasFailed: true }
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children
    return (
      <main className="connecting" role="alert">
        <p>Something went wrong on this page. Your messages are safe on the server.</p>
        <button type="button" className="button button-primary" onClick={() => location.reload()}>
          Reload page
        </button>
      </main>
    )
  }
}
