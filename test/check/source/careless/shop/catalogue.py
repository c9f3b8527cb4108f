from flask import Blueprint, Response, make_response, redirect, render_template, render_template_string, request
from markupsafe import Markup

from .database import by_id, by_name

catalogue = Blueprint('catalogue', __name__)
GREETING = '<b>Hello</b>'


@catalogue.before_request
def to_https():
    if request.headers.get('X-Forwarded-Proto', 'http') == 'http':
        return redirect(request.url.replace('http://', 'https://', 1), code=301)


@catalogue.get('/')
def home():
    return render_template('home.html', greeting=Markup(GREETING), search=request.args.get('q', ''), link=request.args.get('from', '/'))


@catalogue.get('/things/<name>')
def thing(name):
    rows = by_name('things', name)
    return render_template_string('<h1>' + name + '</h1>{{ rows }}', rows=rows)


@catalogue.get('/numbers/<int:number>')
def numbered(number):
    return {'rows': by_id('things', number)}


@catalogue.get('/hello')
def hello():
    who = request.cookies.get('who', '')
    note = Markup('<i>%s</i>' % who)
    return make_response('<p>' + who + '</p>' + note)


@catalogue.get('/plain')
def plain():
    return Response(request.args.get('text', ''), mimetype='text/plain')
