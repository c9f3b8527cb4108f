import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellCommand, WrongCommand } from './server-words.ts';

const PLACE = { path: '/private/app.sock', port: 4321 };

/** What becomes of a command line, as words with a blank between. */
function told(line: string): string {
  const { words, isOnSocket } = tellCommand(line.split(' '), PLACE);
  return `${isOnSocket ? 'socket' : 'port'}: ${words.join(' ')}`;
}

test('each server is told by its own words, in front of those of the user', () => {
  for (const [line, expected] of [
    ['gunicorn --workers 4 app:app', 'socket: gunicorn --bind unix:/private/app.sock --workers 4 app:app'],
    ['uvicorn app:app --workers 2', 'socket: uvicorn --uds /private/app.sock app:app --workers 2'],
    ['hypercorn app:app', 'socket: hypercorn --bind unix:/private/app.sock app:app'],
    ['granian --interface wsgi app:app', 'socket: granian --uds /private/app.sock --interface wsgi app:app'],
    [
      '/opt/venv/bin/gunicorn app:app',
      'socket: /opt/venv/bin/gunicorn --bind unix:/private/app.sock app:app',
    ],
    [
      'uwsgi --module app:app',
      'socket: uwsgi --http-socket /private/app.sock --die-on-term --buffer-size 65535 --module app:app',
    ],
    ['flask --app notes run --debug', 'port: flask --app notes run --debug --host 127.0.0.1 --port 4321'],
    ['fastapi run main.py', 'port: fastapi run main.py --host 127.0.0.1 --port 4321'],
  ] as const)
    assert.equal(told(line), expected);
  assert.match(told('waitress-serve app:app'), /^socket: waitress-serve --unix-socket=\/private\/app\.sock /);
});

test('a server is found behind what runs it', () => {
  for (const [line, expected] of [
    ['python -m gunicorn app:app', 'socket: python -m gunicorn --bind unix:/private/app.sock app:app'],
    ['python3.13 -m uvicorn app:app', 'socket: python3.13 -m uvicorn --uds /private/app.sock app:app'],
    ['poetry run gunicorn app:app', 'socket: poetry run gunicorn --bind unix:/private/app.sock app:app'],
    ['uv run --frozen uvicorn app:app', 'socket: uv run --frozen uvicorn --uds /private/app.sock app:app'],
    ['python manage.py runserver --noreload', 'port: python manage.py runserver --noreload 127.0.0.1:4321'],
    ['./manage.py runserver', 'port: ./manage.py runserver 127.0.0.1:4321'],
    ['python -m django runserver', 'port: python -m django runserver 127.0.0.1:4321'],
    ['uv run python -m flask run', 'port: uv run python -m flask run --host 127.0.0.1 --port 4321'],
  ] as const)
    assert.equal(told(line), expected);
});

test('a command line that says where its address goes has it there, and nothing else', () => {
  assert.equal(told('my-server --on {socket}'), 'socket: my-server --on /private/app.sock');
  assert.equal(told('gunicorn -b 127.0.0.1:{port} app:app'), 'port: gunicorn -b 127.0.0.1:4321 app:app');
  assert.throws(() => told('my-server {port} {socket}'), WrongCommand);
});

test('a server that nobody knows is told by its environment alone', () => {
  for (const line of ['node server.js', 'npm start', 'python app.py', 'python manage.py migrate'])
    assert.equal(told(line), `port: ${line}`);
});

test('an address of its own, past the gateway, is refused by its name', () => {
  for (const [line, word] of [
    ['gunicorn -b 0.0.0.0:8000 app:app', '-b'],
    ['gunicorn --bind=0.0.0.0:8000 app:app', '--bind'],
    ['uvicorn app:app --port 8000', '--port'],
    ['hypercorn --insecure-bind 0.0.0.0:80 app:app', '--insecure-bind'],
    ['granian --host 0.0.0.0 app:app', '--host'],
    ['waitress-serve --listen=*:8080 app:app', '--listen'],
    ['uwsgi --http :8000 --module app:app', '--http'],
    ['uwsgi --http-socket=:8000 --module app:app', '--http-socket'],
    ['flask run --host=0.0.0.0', '--host'],
    ['python manage.py runserver 0.0.0.0:8000', '0.0.0.0:8000'],
    ['python manage.py runserver 8000', '8000'],
  ] as const)
    assert.throws(
      () => told(line),
      (error) => error instanceof WrongCommand && error.message.startsWith(`Leave ${word} away`),
      line,
    );
  assert.match(told('uwsgi --http-timeout 5 --module app:app'), /--http-timeout 5/);
});
