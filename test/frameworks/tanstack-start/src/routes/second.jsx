import { createFileRoute } from '@tanstack/react-router';

export const Route = createFileRoute('/second')({ component: () => <h1>Second</h1> });
