export const load = () => {
  throw new Error('the database password is hunter2');
};
