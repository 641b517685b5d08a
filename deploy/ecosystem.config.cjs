// PM2: `pm2 start deploy/ecosystem.config.cjs`, from the project's folder. Settings come from the file .env there.
const { join } = require('node:path')

module.exports = {
  apps: [
    {
      name: 'confab',
      cwd: join(__dirname, '..'),
      script: 'server/launch.js',
      // One process of PM2's: its cluster mode would run servers that do not know of each other.
      exec_mode: 'fork',
      instances: 1,
      env: { NODE_ENV: 'production' },
      // Longer than a stop takes.
      kill_timeout: 15_000,
      exp_backoff_restart_delay: 100,
      // Lines are JSON with a time of their own.
      time: false,
      merge_logs: true,
    },
  ],
}
