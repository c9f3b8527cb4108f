export default defineEventHandler(async (event) => {
  const { note } = await readBody(event);
  await useStorage().setItem('note', String(note));
  return sendRedirect(event, '/notes', 303);
});
