import { current } from 'bulwark/current';
import { renderToReadableStream } from 'react-dom/server';
import { ServerRouter } from 'react-router';

export default async function handleRequest(request, status, headers, context) {
  const { nonce } = current();
  const options = { nonce, onError: () => (status = 500) };
  const page = <ServerRouter context={context} url={request.url} nonce={nonce} />;
  const body = await renderToReadableStream(page, options);
  headers.set('Content-Type', 'text/html');
  return new Response(body, { headers, status });
}
