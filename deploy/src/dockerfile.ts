/** `deploy/Dockerfile`: which workspaces are in an image follows from what they depend on, the directories from the topology. */
import { breakerServices, clientTrust, identities, services } from '@microshop/topology';
import { consumers } from './consumers.ts';
import { compiledDirectory, controlDirectories, experimentsDirectory } from './container-paths.ts';
import { images } from './images.ts';
import { consolePage, controlMemory, programs } from './programs.ts';
import { text } from './text.ts';
import { dependencyVersion, neededWorkspaces } from './workspaces.ts';

/** What begins in the image of the lab. */
const labPrograms = ['control', 'cli', 'lab'];

/** The file's text. */
export function dockerfile(): string {
  const apps = services.map(({ name }) => `services/${name}`);
  const ofServices = neededWorkspaces(apps);
  const ofLab = neededWorkspaces(labPrograms);
  const ofConsole = neededWorkspaces(['console']);
  const { secrets, certificates, envoy, apps: watched, state } = controlDirectories;
  const breakers = breakerServices.map((name) => `${watched}/${name}`);
  return `${text`
    # One Dockerfile for everything of ours:
    #   docker build -f deploy/Dockerfile --target service --build-arg SERVICE=orders .
    #   docker build -f deploy/Dockerfile --target lab .
    # Sources run as TypeScript, so there is nothing to compile: a build is the locked production dependencies and a copy.
    ARG NODE_IMAGE=node:${dependencyVersion('node')}-trixie-slim
    ARG K6_IMAGE=${images.k6.image}

    # --- production dependencies of the services; one layer, shared by all their images
    FROM \${NODE_IMAGE} AS service-dependencies
    WORKDIR /app
    COPY package.json package-lock.json .npmrc ./
    ${manifests(ofServices)}
    RUN npm ci --omit=dev --omit=optional --no-audit --no-fund \
          ${apps.map((folder) => `--workspace ${folder}`).join(' ')} \
     && npm cache clean --force

    # --- production dependencies of the lab (control service, command and laboratory)
    FROM service-dependencies AS lab-dependencies
    ${manifests(ofLab.filter((folder) => !ofServices.includes(folder)))}
    # The charts are drawn by the modules of echarts: its bundles, 51 MB, are loaded by nothing.
    RUN npm ci --omit=dev --omit=optional --no-audit --no-fund ${labPrograms.map((folder) => `--workspace ${folder}`).join(' ')} \
     && npm cache clean --force && rm -r node_modules/echarts/dist

    # --- the load of experiments: one program, linked to nothing
    FROM \${K6_IMAGE} AS k6

    # --- the page of the console: it is built here, and only what it was built to goes into an image
    FROM \${NODE_IMAGE} AS console
    WORKDIR /app
    COPY package.json package-lock.json .npmrc ./
    ${manifests(ofConsole)}
    RUN npm ci --no-audit --no-fund --workspace console && npm cache clean --force
    ${sources(ofConsole)}
    # what the settings of the page's compiler go on from
    COPY tsconfig.json ./
    RUN node ${programs.buildConsole}

    # --- one service
    FROM \${NODE_IMAGE} AS service
    ARG SERVICE
    ENV NODE_ENV=production SERVICE=\${SERVICE}
    WORKDIR /app
    COPY --from=service-dependencies /app ./
    ${sources(ofServices.filter((folder) => !apps.includes(folder)))}
    COPY services/\${SERVICE} services/\${SERVICE}
    LABEL org.opencontainers.image.title="microshop-\${SERVICE}" \
          org.opencontainers.image.description="The \${SERVICE} service of Microshop Mesh" \
          org.opencontainers.image.licenses="MIT"
    # Its modules as V8 has compiled them.
    ENV NODE_COMPILE_CACHE=${compiledDirectory}
    RUN install -d -o node -g node ${compiledDirectory}
    USER node
    ${compiled('services/$SERVICE/src/app.ts')}
    # exec: Node is process 1 and gets SIGTERM itself
    CMD ["sh", "-c", "exec node --import ./${programs.telemetry} ${programs.service('$SERVICE')}"]

    # --- the lab: control service by default, \`mesh\` as a command, and with it the laboratory
    FROM \${NODE_IMAGE} AS lab
    ENV NODE_ENV=production
    WORKDIR /app
    COPY --from=lab-dependencies /app ./
    ${sources(ofLab)}
    COPY load-tests load-tests
    COPY --from=console /app/${consolePage} ${consolePage}
    COPY --from=k6 /usr/bin/k6 /usr/local/bin/k6
    # The volumes of secrets and certificates take owner and mode from here the first time they are mounted.
    RUN for consumer in ${consumers.map(({ name }) => name).join(' ')}; do \
          install -d -o node -g node -m 0755 "${secrets}/$consumer"; \
        done \
     && install -d -o node -g node -m 0700 ${certificates}/authority \
     && for identity in ${identities.join(' ')}; do \
          install -d -o node -g node -m 0750 "${certificates}/$identity"; \
        done \
     && install -d -o node -g node -m 0755 ${certificates}/${clientTrust.directory}
    # So do the volumes of the control service: what the Envoys watch, what the apps watch that have breakers, and what it
    # keeps for itself.
    RUN install -d -o node -g node -m 0755 ${[envoy, ...breakers].join(' ')} && install -d -o node -g node -m 0700 ${state}
    # And that of the reports of experiments, which the command writes.
    RUN install -d -o node -g node ${experimentsDirectory}
    LABEL org.opencontainers.image.title="microshop-lab" \
          org.opencontainers.image.description="Control service and command of Microshop Mesh" \
          org.opencontainers.image.licenses="MIT"
    # The command's modules as V8 has compiled them, for the user that runs it: loading them costs 0.4 s of CPU in place of 0.7.
    ENV NODE_COMPILE_CACHE=${compiledDirectory}
    RUN install -d -o node -g node ${compiledDirectory}
    USER node
    RUN node ${programs.command} --help >/dev/null && node ${programs.command} experiment list >/dev/null
    ${compiled('control/src/app.ts', controlMemory)}
    CMD ["node", ${controlMemory.map((argument) => `"${argument}", `).join('')}"--import", "./${programs.telemetry}", "${programs.control}"]
  `}\n`;
}

/** Loads a module and what it imports, with the arguments of its program: V8 takes nothing that was compiled with others. */
function compiled(module: string, memory: readonly string[] = []): string {
  const node = ['node', ...memory, '--import', `./${programs.telemetry}`, '--input-type=module', '--eval'];
  const work = `await import('./${module}'); (await import('node:module')).flushCompileCache(); process.exit()`;
  return `RUN ${node.join(' ')} "${work}"`;
}

/** Copies what `npm ci` reads of workspaces. */
function manifests(folders: readonly string[]): readonly string[] {
  return folders.map((folder) => `COPY ${folder}/package.json ${folder}/`);
}

/** Copies workspaces whole: those of one folder by that folder. */
function sources(folders: readonly string[]): readonly string[] {
  const tops = new Set(folders.map((folder) => folder.split('/')[0] ?? folder));
  return [...tops].map((folder) => `COPY ${folder} ${folder}`);
}
