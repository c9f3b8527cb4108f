export function loader() {
  return Response.json({ hello: 'world' });
}

export async function action({ request }) {
  const { name } = await request.json();
  return Response.json({ hello: name });
}
