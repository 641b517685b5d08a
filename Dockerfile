# syntax=docker/dockerfile:1
# Confab without the embedded Postgres: set DATABASE_URL, and AUTH_SECRET or AUTH_JWKS_URL.

ARG NODE_IMAGE=node:26-bookworm-slim

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json ./

# What runs, and nothing of what builds or tests.
FROM manifests AS dependencies
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM manifests AS page
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY shared shared
COPY web web
RUN npm run build

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=page /app/web/dist web/dist
COPY package.json ./
COPY shared shared
COPY server server
COPY migrations migrations
# Files belong to root, and the server writes none where DATABASE_URL is set.
USER node
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No shell and no npm in between: Node is process 1 and takes SIGTERM itself; it tells clients to come back, and ends within seconds.
STOPSIGNAL SIGTERM
CMD ["node", "server/launch.js"]
