// In place of the one that comes with Next.js, which has inline styles.
export default function NotFound() {
  return <h1>There is nothing here</h1>;
}
