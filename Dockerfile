# Placet for production: the built program with the packages that it runs, and nothing else. docs/production.md says how to
# run it. A test takes these steps one by one and starts what comes out, for reading only, as another user.

# Pin the digest too where you build for good: --build-arg NODE_IMAGE=node:24.11.1-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24.11.1-bookworm-slim

# Everything, to build with. No script of a package runs: none is needed.
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY sdk/package.json sdk/
COPY playground/package.json playground/
COPY dev/package.json dev/
RUN npm ci --include=dev --ignore-scripts
COPY . .
RUN npm run build

# What runs: the server's packages and those of the SDK, without the workspaces of a clone.
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY sdk/package.json sdk/
RUN npm ci --omit=dev --ignore-scripts --workspace=@placet/sdk --include-workspace-root

FROM ${NODE_IMAGE}
WORKDIR /app
# In a container the network is the container's own; PLACET_PUBLIC_URL then has to say who we are.
ENV NODE_ENV=production PLACET_HOST=0.0.0.0
COPY LICENSE package.json ./
COPY migrations migrations
# Each export of the audit log has its verifier with it.
COPY scripts/verify-archive.mjs scripts/verify-tables.mjs scripts/
COPY --from=packages /app/node_modules node_modules
COPY --from=packages /app/sdk sdk
COPY --from=build /app/sdk/dist sdk/dist
COPY --from=build /app/dist/src dist/src
COPY --from=build /app/dist/activities dist/activities
COPY --from=build /app/dist/workflow-bundle.js dist/
# A number, so that an orchestrator can tell that it is not root. Nothing here belongs to it.
USER 10001:10001
EXPOSE 8420
ENTRYPOINT ["node", "dist/src/main.js"]
CMD ["serve", "--role", "all"]
