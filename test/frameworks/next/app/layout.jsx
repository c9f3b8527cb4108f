import { connection } from 'next/server';

export const metadata = { title: 'Notes' };

export default async function Layout({ children }) {
  // Rendered for each request: a page that is made by the build has no nonce.
  await connection();
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
