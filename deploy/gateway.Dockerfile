# The gateway as an image: Node.js and the command, in front of an application in a container of its own. From the root of the
# repository, which .dockerignore cuts down to what is named there:
#
#   docker build --file deploy/gateway.Dockerfile --tag bulwark .
#   docker run --init --publish 8080:8080 --env BULWARK_SECRET_FILE=/run/secrets/bulwark \
#     --volume ./secret:/run/secrets/bulwark:ro --volume bulwark-data:/data bulwark gateway --listen 0.0.0.0:8080 \
#     --upstream http://app:8000 --origin https://notes.example.com --trust-proxy 10.0.0.0/8
#
# deploy/Dockerfile says how to pin the base to its content.

FROM node:24.21.0-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY examples/strongroom/package.json examples/strongroom/
# No script of a package runs: that is how most malicious ones do their work.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY tools/build.ts tools/build.ts
COPY src src
RUN node tools/build.ts
RUN mkdir /data

FROM node:24.21.0-trixie-slim AS runtime
# Nothing is installed from here on, least of all by whoever gets in.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*
WORKDIR /app
# Everything here belongs to root, and the gateway is not root: it cannot change its own code.
COPY package.json ./
COPY --from=build /app/dist dist
# The one package that the command needs, which needs none itself.
COPY --from=build /app/node_modules/commander node_modules/commander
# The one place to write to, unless the policy keeps its state elsewhere. Mount a volume there, or lose it with the container.
COPY --from=build --chown=10001:10001 /data /data
# Where the defaults look for data/.
WORKDIR /
ENV NODE_ENV=production
# By number, so that a cluster can see that it is not root. Nobody on the host should have this one.
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
# No shell in between: signals reach Node.js.
ENTRYPOINT ["node", "/app/dist/cli/bulwark.js"]
CMD ["--help"]
