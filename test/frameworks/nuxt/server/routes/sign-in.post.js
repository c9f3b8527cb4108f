import { current } from 'bulwark/current';

export default defineEventHandler(async (event) => {
  // An application asks for a password here.
  const { account } = await readBody(event);
  await current().session.signIn({ account: String(account), roles: [] });
  return sendRedirect(event, '/account', 303);
});
