export default function Page() {
  throw new Error('the database password is hunter2');
}
