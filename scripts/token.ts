import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { developmentSecret, developmentToken, developmentUserId } from '../server/auth/development-secret.ts'
import { isDevelopment, loadConfig } from '../server/config.ts'

const USAGE = `Prints a token for development.

  npm run token -- alice
  npm run token -- alice --tenant acme
  npm run token -- backend --role service
`

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { role: { type: 'string' }, tenant: { type: 'string' } },
})
const [name, ...others] = positionals
const { role, tenant } = values
if (!name || others.length > 0 || (role !== undefined && role !== 'user' && role !== 'service')) fail(USAGE)
if (developmentUserId(name) === '') fail('Unable to make a token; the name needs a letter or a digit')

try {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const config = loadConfig()
  if (config.isProduction || (!isDevelopment(config) && !config.authSecret)) {
    fail('Unable to make a token; tokens are signed elsewhere (NODE_ENV=production or AUTH_JWKS_URL is set)')
  }
  const secret = config.authSecret ?? (await developmentSecret(config.dataDir))
  const { authIssuer: issuer, authAudience: audience } = config
  process.stdout.write(`${await developmentToken(secret, { name, role, tenant, issuer, audience })}\n`)
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}
