import { useEffect, useState } from 'react';

export function Counter() {
  const [alive, setAlive] = useState('not yet');
  const [count, setCount] = useState(0);
  useEffect(() => setAlive('hydrated'), []);
  return (
    <p>
      <button type="button" onClick={() => setCount(count + 1)}>{`Count ${count}`}</button>
      <span id="alive">{alive}</span>
    </p>
  );
}
