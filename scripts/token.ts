import { parseArgs } from 'node:util'
import { developmentSecret, developmentToken, developmentUserId } from '../server/auth/development-secret.ts'
import { isDevelopment } from '../server/config.ts'
import { runScript, scriptConfig, UsageError } from './run-script.ts'

const USAGE = `Prints a token for development.

  npm run token -- alice
  npm run token -- alice --tenant acme
  npm run token -- backend --role service
`

await runScript(USAGE, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { role: { type: 'string' }, tenant: { type: 'string' } },
  })
  const [name, ...others] = positionals
  const { role, tenant } = values
  if (!name || others.length > 0) throw new UsageError('Unable to make a token; name one user')
  if (role !== undefined && role !== 'user' && role !== 'service') {
    throw new UsageError('Unable to make a token; the role is user or service')
  }
  if (developmentUserId(name) === '') throw new Error('Unable to make a token; the name needs a letter or a digit')
  const config = scriptConfig()
  if (config.isProduction || (!isDevelopment(config) && !config.authSecret)) {
    throw new Error('Unable to make a token; tokens are signed elsewhere (NODE_ENV=production or AUTH_JWKS_URL is set)')
  }
  const secret = config.authSecret ?? (await developmentSecret(config.dataDir))
  const { authIssuer: issuer, authAudience: audience } = config
  process.stdout.write(`${await developmentToken(secret, { name, role, tenant, issuer, audience })}\n`)
})
