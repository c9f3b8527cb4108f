export function loader() {
  throw new Error('the database password is hunter2');
}

export default function Wrong() {
  return <p>never</p>;
}
