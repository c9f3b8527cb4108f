import Link from 'next/link';
import { Counter } from './counter.jsx';

export default function Page() {
  return (
    <main>
      <h1>First</h1>
      <Counter />
      <Link href="/second">Second</Link>
      <Link href="/wrong">Wrong</Link>
    </main>
  );
}
