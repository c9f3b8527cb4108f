import { useEffect, useState } from 'preact/hooks';

export function Counter() {
  const [count, setCount] = useState(0);
  const [alive, setAlive] = useState('');
  useEffect(() => setAlive('hydrated'), []);
  return (
    <div>
      <button onClick={() => setCount(count + 1)}>Count {count}</button>
      <p id="alive">{alive}</p>
    </div>
  );
}
