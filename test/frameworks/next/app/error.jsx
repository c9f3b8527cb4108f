'use client';

export default function Failed({ error }) {
  return (
    <main>
      <h1>This page failed</h1>
      <p id="digest">{error.digest}</p>
      <p>{error.message}</p>
    </main>
  );
}
