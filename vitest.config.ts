import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/postgres-for-tests.ts', 'tests/support/page-for-tests.ts'],
    // Every file has a database of its own on one Postgres, which has 120 connections.
    maxWorkers: 2,
    testTimeout: 45_000,
    hookTimeout: 60_000,
    // A wait for a condition is no measurement: a busy machine may take its time.
    expect: { poll: { timeout: 10_000 } },
  },
})
