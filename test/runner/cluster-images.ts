/** The images of the chart as an archive: ours, built by the engine of compose, and those of others or their stand-ins. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { images } from '@microshop/deploy/images';
import { messageOf } from '@microshop/program-kit/errors';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { services } from '@microshop/topology';
import { execa } from 'execa';
import { projectEnvironment } from './compose-under-test.ts';
import { ended } from './ended.ts';
import { findEngine, obtainImages, standinsVariable } from './engine.ts';

/** Tag of our images in the cluster. */
export const tag = 'under-test';

const ours = [...services.map(({ name }) => name), 'lab'];
const others = [
  images.envoy,
  images.postgres,
  images.rabbitmq,
  images.redis,
  images.jaeger,
  images.prometheus,
];

/** The archive; `remove` deletes it. */
export interface Archive {
  readonly file: string;
  remove(): Promise<void>;
}

/** Builds what is missing and saves it all, or says why that cannot be. Throws when the engine does not start, or a build fails. */
export async function saveImages(): Promise<Archive | string> {
  const engine = await findEngine().catch((error: unknown) => {
    throw new Error(`${standinsVariable} is set, but the engine did not start: ${messageOf(error)}`);
  });
  if (engine === undefined) {
    return `no container engine answers, and ${standinsVariable} names no stand-ins: there are no images`;
  }
  try {
    const project = projectEnvironment(false);
    const from = await obtainImages(engine, project, project);
    if (typeof from === 'object') return from.none;
    const env = { ...engine.env, ...project };
    const docker = (...args: readonly string[]) =>
      execa('docker', args, {
        cwd: repositoryRoot,
        env,
        extendEnv: false,
        stdin: 'ignore',
        cancelSignal: ended,
      });
    await docker('compose', 'build', '--quiet');
    const own = ours.map((name) => `microshop/${name}:${tag}`);
    for (const [index, name] of ours.entries()) {
      await docker('tag', `${env.COMPOSE_PROJECT_NAME}/${name}`, own[index] ?? '');
    }
    const directory = await mkdtemp(path.join(tmpdir(), 'microshop-images-'));
    const remove = () => rm(directory, { recursive: true, force: true });
    const file = path.join(directory, 'images.tar');
    try {
      await docker('save', '--output', file, ...own, ...others.map(({ image }) => image));
    } catch (error) {
      await remove();
      throw error;
    }
    return { file, remove };
  } finally {
    await engine.release();
  }
}
