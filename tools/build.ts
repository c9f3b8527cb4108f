/** `npm run build`: dist/ from src/, one file in, one file out; scripts for browsers as they are. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
for (const file of globSync('**/*.browser.js', { cwd: 'src' })) copyFileSync(`src/${file}`, `dist/${file}`);
