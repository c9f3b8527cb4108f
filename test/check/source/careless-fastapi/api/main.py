import subprocess

import httpx
import uvicorn
from fastapi import Cookie, Depends, FastAPI, HTTPException, Request, UploadFile, WebSocket
from fastapi.responses import HTMLResponse, RedirectResponse
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from .database import find, session_of
from .names import clean

app = FastAPI()
app.add_middleware(ProxyHeadersMiddleware, trusted_hosts='*')


@app.get('/notes')
async def notes(word: str, limit: int = 10):
    return find(f"SELECT text FROM notes WHERE text LIKE '%{word}%' LIMIT {limit}")


@app.get('/hello/{name}')
async def hello(name: str):
    return HTMLResponse(f'<p>Hello {name}</p>')


@app.get('/go')
async def go(to: str):
    return RedirectResponse(to)


@app.get('/fetch')
async def fetch(address: str):
    async with httpx.AsyncClient(verify=False) as client:
        answer = await client.get(address)
    return answer.text


@app.post('/convert/{kind}')
async def convert(kind: str, request: Request):
    body = await request.json()
    subprocess.run('convert ' + body['name'], shell=True)
    return {'kind': clean(kind)}


@app.get('/file')
async def file(name: str):
    with open('/srv/files/' + name) as handle:
        return {'text': handle.read()}


@app.get('/count')
async def count(times: int):
    return {'count': eval(f'{times} + 1')}


@app.post('/sum')
async def total(formula: str):
    return {'sum': eval(formula)}


@app.post('/picture')
async def picture(picture: UploadFile):
    if picture.content_type not in ('image/png', 'image/jpeg'):
        raise HTTPException(415)
    return {'size': len(await picture.read())}


@app.get('/who')
async def who(request: Request):
    header = request.headers.get('x-forwarded-for')
    return {'address': header.split(',')[0] if header else request.client.host}


@app.websocket('/live')
async def live(socket: WebSocket, session: str = Cookie()):
    await socket.accept()
    await socket.send_json(session_of(session))


@app.websocket('/clock')
async def clock(socket: WebSocket, now: str = Depends(clean)):
    await socket.accept()
    await socket.send_text(now)


if __name__ == '__main__':
    uvicorn.run(app, host='0.0.0.0', proxy_headers=True, forwarded_allow_ips='*')
