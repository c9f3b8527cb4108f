export const GET = () => Response.json({ hello: 'world' });

export const POST = async ({ request }) => {
  const { name } = await request.json();
  return Response.json({ hello: name });
};
