export default defineEventHandler(async (event) => {
  const { name } = await readBody(event);
  return { hello: name };
});
