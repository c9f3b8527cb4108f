import { useEffect, useState } from 'react';
import { createFileRoute, Link } from '@tanstack/react-router';

export const Route = createFileRoute('/')({ component: First });

function First() {
  const [alive, setAlive] = useState('not yet');
  const [count, setCount] = useState(0);
  useEffect(() => setAlive('hydrated'), []);
  return (
    <main>
      <h1>First</h1>
      <button type="button" onClick={() => setCount(count + 1)}>{`Count ${count}`}</button>
      <span id="alive">{alive}</span>
      <Link to="/second">Second</Link>
      <Link to="/wrong">Wrong</Link>
      <Link to="/account">Account</Link>
      <Link to="/operators">Operators</Link>
    </main>
  );
}
