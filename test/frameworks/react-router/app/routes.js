import { index, route } from '@react-router/dev/routes';

export default [
  index('routes/first.jsx'),
  route('second', 'routes/second.jsx'),
  route('notes', 'routes/notes.jsx'),
  route('late', 'routes/late.jsx'),
  route('wrong', 'routes/wrong.jsx'),
  route('sign-in', 'routes/sign-in.jsx'),
  route('account', 'routes/account.jsx'),
  route('api/hello', 'routes/hello.js'),
];
