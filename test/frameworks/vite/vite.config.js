import react from '@vitejs/plugin-react';
import { viteNonce } from 'bulwark/vite';

export default { plugins: [react(), viteNonce()] };
